"""Reports made from a grammar of the shapes come back as they were made."""

from __future__ import annotations

from dataclasses import dataclass, field

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from rectify.intake.parser import outline
from rectify.intake.parser.lines import text

from . import build_docx

ENCODINGS = ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "gb18030"]
CN = "一二三四五六七八九十"
# Words for titles; each title is made of three, so that titles differ and say nothing of the form.
SUBJECTS = [
    "河湖管护",
    "公厕改造",
    "林果产业",
    "社保经办",
    "路灯维护",
    "校车安全",
    "疫苗接种",
    "古树保护",
    "供热服务",
    "数字档案",
]
OBJECTS = ["责任压得", "进度抓得", "标准定得", "群众工作做得", "日常巡查开展得", "资金拨付"]
FAILINGS = ["不够实", "不够快", "不够细", "不够严", "不及时", "不到位"]
CAUSES = ["宗旨意识淡化", "担当精神欠缺", "党性锻炼放松", "能力本领不足", "制度执行偏软"]
DIRECTIONS = ["筑牢思想根基", "锤炼过硬作风", "提升履职能力", "健全长效机制", "压实主体责任"]
FIELDS = ["政治建设", "思想建设", "作风建设", "纪律建设", "担当作为"]
BODIES = ["班子研究部署不够经常", "去年以来只检查了两次", "有的同志满足于一般号召", "与先进地区相比差距明显"]
ITEM = {
    "shi": lambda n: f"{_cn(n)}是",
    "num": lambda n: f"{n}.",
    "num、": lambda n: f"{n}、",
    "num．": lambda n: f"{n}．",
    "nump": lambda n: f"（{n}）",
    "circ": lambda n: "①②③④⑤⑥⑦⑧⑨⑩⑪⑫⑬⑭⑮⑯⑰⑱⑲⑳"[n - 1],
    "prob": lambda n: f"问题{n}：",
}
ASPECT = {
    "cnp": lambda n, name: f"（{CN[n - 1]}）在{name}方面",
    "half": lambda n, name: f"({CN[n - 1]})关于{name}方面",
    "plain": lambda n, name: f"（{CN[n - 1]}）{name}方面",
    "bare": lambda n, name: f"关于{name}方面",
}
HEADINGS = {
    "problems": ["存在的主要问题", "查摆问题", "突出问题", "检视问题", "存在的不足", "差距和短板"],
    "causes": ["原因分析", "原因剖析", "根源剖析", "产生问题的原因"],
    "directions": ["努力方向", "整改措施", "改进措施", "下一步打算", "整改方向"],
}


def _cn(number: int) -> str:
    tens, ones = divmod(number, 10)
    return ("" if tens == 0 else "十" if tens == 1 else CN[tens - 1] + "十") + (CN[ones - 1] if ones else "")


@dataclass
class Made:
    """A report and what it says."""

    lines: list[str] = field(default_factory=list)
    aspects: list[str] = field(default_factory=list)
    problems: list[tuple[int | None, str, list[str]]] = field(default_factory=list)
    causes: list[str] = field(default_factory=list)
    directions: list[str] = field(default_factory=list)


@st.composite
def reports(draw: st.DrawFn) -> Made:
    made = Made()
    form = draw(st.sampled_from(sorted(ITEM)))
    aspect_form = draw(st.sampled_from([*sorted(ASPECT), ""]))
    runs_on = draw(st.booleans())
    body_below = draw(st.booleans()) and form != "shi"
    one_line = not body_below and form in ("shi", "circ") and draw(st.booleans())
    space = draw(st.sampled_from(["", "　　", "  ", "\u00a0"]))
    numbered = draw(st.booleans())
    titles = draw(
        st.lists(
            st.tuples(st.sampled_from(SUBJECTS), st.sampled_from(OBJECTS), st.sampled_from(FAILINGS)),
            min_size=2, max_size=12, unique=True,
        )
    )  # fmt: skip
    title_of = ["".join(words) for words in titles]
    groups = draw(st.integers(1, min(5, len(title_of)))) if aspect_form else 1
    if draw(st.booleans()):
        made.lines.append("某局领导班子对照检查材料")
    if draw(st.booleans()):
        made.lines.append("按照通知要求，班子认真学习、广泛征求意见，现将情况报告如下。")
    _head(draw, made, "problems", 1, numbered)
    count = 0
    size = -(-len(title_of) // groups)
    for group in range(groups):
        chunk = title_of[group * size : (group + 1) * size]
        if not chunk:
            break
        number: int | None = None
        if aspect_form:
            name = FIELDS[group]
            heading = ASPECT[aspect_form](group + 1, name)
            made.lines.append(heading + draw(st.sampled_from(["", "。"])))
            made.aspects.append(heading.split("）")[-1].split(")")[-1])
            number = len(made.aspects)
            if draw(st.booleans()):
                made.lines.append("班子能够自觉对标对表，但仍有以下差距：")
        if not runs_on:
            count = 0
        line = ""
        for title in chunk:
            count += 1
            shown = draw(
                st.lists(st.sampled_from(["巡查少", "台账乱", "反馈慢", "督办松"]), max_size=3, unique=True)
            )
            body = draw(st.sampled_from(BODIES)) + "。"
            if shown:
                body += (
                    draw(st.sampled_from(["比如，", "例如：", "具体表现为：", "主要表现在："]))
                    + "；".join(shown)
                    + "。"
                )
            opening = ITEM[form](count)
            if body_below:
                made.lines += [opening + title, body]
            elif one_line:
                line += f"{opening}{title}。{body}"
            else:
                made.lines.append(f"{opening}{title}。{body}")
            made.problems.append((number, title, shown))
        if line:
            made.lines.append(line)
    lower = draw(st.sampled_from(["（{}）", "{}是"]))
    for kind, pool, into in (("causes", CAUSES, made.causes), ("directions", DIRECTIONS, made.directions)):
        _head(draw, made, kind, 2 if kind == "causes" else 3, numbered)
        if draw(st.booleans()):
            made.lines.append("经过深入思考，主要有以下几点：")
        for index in range(draw(st.integers(1, 5))):
            into.append(pool[index])
            sub = (
                "一是认识不高；二是用力不足。"
                if lower.startswith("（") and draw(st.booleans())
                else "还要持续用力。"
            )
            made.lines.append(f"{lower.format(CN[index])}{pool[index]}。{sub}")
    made.lines = [space + line for line in made.lines]
    return made


def _head(draw: st.DrawFn, made: Made, kind: str, number: int, numbered: bool) -> None:
    words = draw(st.sampled_from(HEADINGS[kind]))
    made.lines.append(f"{CN[number - 1]}、{words}" if numbered else words)


def _same(made: Made, name: str, data: bytes) -> None:
    (source,) = text.read(name, data)
    found = outline.as_json(outline.parse(source))
    assert [one["title"] for one in found["aspects"]] == made.aspects
    assert [
        (one["aspect"], one["title"], one["manifestations"]) for one in found["problems"]
    ] == made.problems
    assert [one["title"] for one in found["causes"]] == made.causes
    assert [one["title"] for one in found["directions"]] == made.directions


# The same examples in every ordinary run; new ones in the long run.
SETTINGS = settings(
    max_examples=150, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow]
)
LONG_SETTINGS = settings(SETTINGS, max_examples=600, derandomize=False)


@pytest.mark.ci
@SETTINGS
@given(reports(), st.sampled_from(ENCODINGS), st.sampled_from(["\n", "\r\n"]))
def test_text_comes_back(made, encoding, ending):
    _same(made, "报告.txt", ending.join(made.lines).encode(encoding))


@pytest.mark.ci
@settings(SETTINGS, max_examples=60)
@given(reports())
def test_word_comes_back(made):
    _same(made, "报告.docx", build_docx.docx(*[build_docx.p(line) for line in made.lines]))


LONG = (
    "一年来，班子先后召开专题会议研究推进，多次深入基层了解情况，做了不少工作，但是对照上级要求和群众期盼，"
    "抓得还不够经常，用的力气还不够大，成效还不够明显，一些老问题还没有从根本上解决，群众反映仍然比较集中。"
)


@pytest.mark.ci
@settings(SETTINGS, max_examples=80)
@given(
    reports(), st.integers(26, 44), st.sampled_from(["", "　　", "    "]), st.integers(8, 30), st.booleans()
)
def test_copy_from_pdf_comes_back(made, width, indent, page, spaced):
    _same(made, "报告.txt", _cut(made, width, indent, page, spaced))


def _cut(made: Made, width: int, indent: str, page: int, spaced: bool) -> bytes:
    """Lines cut at a width in the middle of words, page numbers between them, perhaps empty lines."""
    out: list[str] = []
    for line in made.lines:
        line = indent + line.strip()
        line += LONG if line.endswith("。") and len(line) > 20 else ""
        while line:
            out.append(line[:width])
            line = line[width:]
            if len(out) % page == 0:
                out.append(f"- {len(out) // page} -")
    return ("\n\n" if spaced else "\n").join(out).encode()


STEPS = ["建立台账", "定期通报", "开展培训", "修订制度"]
ROWS = st.lists(
    st.tuples(
        st.sampled_from(SUBJECTS), st.sampled_from(FAILINGS), st.sampled_from(FIELDS),
        st.sampled_from(CAUSES), st.lists(st.sampled_from(STEPS), min_size=1, max_size=3, unique=True),
    ),
    min_size=1, max_size=12, unique_by=lambda row: row[:2],
)  # fmt: skip


@pytest.mark.ci
@settings(SETTINGS, max_examples=60)
@given(ROWS, st.booleans(), st.sampled_from(["；", "numbers", "paragraphs"]), st.permutations(range(4)))
def test_table_comes_back(rows, merged, between, order):
    _same_table(rows, merged, between, order)


def _same_table(rows, merged, between, order):
    """A list of problems as a table, columns in any order, the field merged downwards where it goes on."""
    rows = sorted(rows, key=lambda row: FIELDS.index(row[2]))
    heads = ["查摆方面", "存在问题", "原因剖析", "整改措施"]
    made = [("序号", *(heads[index] for index in order))]
    previous = None
    for number, (subject, failing, name, cause, measures) in enumerate(rows, start=1):
        field_cell = build_docx.cell(name, merge="first") if merged else name
        if merged and name == previous:
            field_cell = build_docx.cell("", merge="more")
        previous = name
        match between:
            case "numbers":
                steps = "".join(f"{index}.{one}。" for index, one in enumerate(measures, start=1))
            case "paragraphs":
                steps = "\n".join(f"{index}.{one}" for index, one in enumerate(measures, start=1))
            case _:
                steps = "；".join(measures)
        cells = [field_cell, f"{subject}{failing}", cause, steps]
        made.append((str(number), *(cells[index] for index in order)))
    (source,) = text.read("清单.docx", build_docx.docx(build_docx.p("整改清单"), build_docx.table(*made)))
    found = outline.as_json(outline.parse(source))
    fields = list(dict.fromkeys(row[2] for row in rows))
    causes = list(dict.fromkeys(row[3] for row in rows))
    assert [one["title"] for one in found["aspects"]] == fields
    assert [(one["title"], one["aspect"], one["measures"]) for one in found["problems"]] == [
        (row[0] + row[1], fields.index(row[2]) + 1, row[4]) for row in rows
    ]
    assert [one["title"] for one in found["causes"]] == causes
    explicit = {(tie["problem"], tie["cause"]) for tie in found["links"] if tie["basis"] == "explicit"}
    assert explicit == {(number, causes.index(row[3]) + 1) for number, row in enumerate(rows, start=1)}


@pytest.mark.ci
@settings(SETTINGS, max_examples=60)
@given(reports())
def test_places_point_at_their_text(made):
    (source,) = text.read("报告.txt", "\n".join(made.lines).encode())
    report = outline.parse(source)
    whole = source.text
    for piece in (*report.problems, *report.causes, *report.directions, *report.aspects):
        assert piece.title in whole[piece.place.start : piece.place.end]
        assert whole.count("\n", 0, piece.place.start) + 1 <= len(source.lines)
    for problem in report.problems:
        for shown in problem.manifestations:
            assert whole[shown.place.start : shown.place.end] == shown.text


@pytest.mark.long
@settings(LONG_SETTINGS)
@given(reports(), st.sampled_from(ENCODINGS), st.sampled_from(["\n", "\r\n"]))
def test_many_texts_come_back(made, encoding, ending):
    _same(made, "报告.txt", ending.join(made.lines).encode(encoding))


@pytest.mark.long
@settings(LONG_SETTINGS)
@given(
    reports(), st.integers(26, 44), st.sampled_from(["", "　　", "    "]), st.integers(8, 30), st.booleans()
)
def test_many_copies_from_pdf_come_back(made, width, indent, page, spaced):
    _same(made, "报告.txt", _cut(made, width, indent, page, spaced))


@pytest.mark.long
@settings(LONG_SETTINGS)
@given(ROWS, st.booleans(), st.sampled_from(["；", "numbers", "paragraphs"]), st.permutations(range(4)))
def test_many_tables_come_back(rows, merged, between, order):
    _same_table(rows, merged, between, order)
