"""Every character of a report is in a piece, in a part left out by name, or in a notice."""

from __future__ import annotations

import contextlib
import random
import re
from collections.abc import Iterator

import pytest

from rectify.errors import Incomplete
from rectify.intake.parser import headings, outline
from rectify.intake.parser.lines import text
from rectify.intake.parser.markers import at_start
from rectify.intake.parser.parsed import ParsedReport, Place, Source
from rectify.intake.parser.tables import columns
from rectify.intake.reading import read_reports
from rectify.intake.review.preview import Preview
from rectify.models import IntakeDraft

from . import by_kind, score
from .kept_apart import corpus

NUMERALS = "一二三四"
SIGNS = ("（{0}）", "{1}.", "{0}是", "（{1}）", "{0}、", "问题{1}：", "第{0}，", "● ", "")
HEADINGS = (
    *(
        "一、存在的主要问题",
        "二、原因分析",
        "三、整改措施",
        "（一）思想方面",
        "上年度整改情况",
        "存在问题：",
        "整改任务一",
    ),
    *("四、附件说明", "主要表现在：", "关于“会多”问题的整改", "原因：", "努力方向", "五、不知所云"),
)
LABELS = (
    "责任单位：",
    "完成时限：",
    "具体表现：",
    "整改措施：",
    "原因：",
    "存在差距：",
    "比如，",
    "注：",
    "",
    "（",
)
WORDS = (
    "学习不深入",
    "会议偏多",
    "路灯不亮",
    "没有走访，",
    "重安排、轻落实",
    "每月读书",
    "是否下访。存在差距：少",
)
ENDS = ("。", "；", "", "次。后来又说了几句。", "：", "），", "\t乙")


RUN = re.compile(r"[^\W_]+")
ABOUT = re.compile(r"(?:关于|反映|针对)?(?P<named>.*?)(?:的?问题)?(?:的?整改)?(?:情况)?")
COUNT = re.compile(
    r"(?:(?:再|另|还有)?一[条个点](?:呢|就?是)|第?[一二三四五六七八九十百]{1,4}(?:是|要)?|其[一二三四五]|首先|其次|再次|最后|[①-⒛]|\d{1,3}|问题\d+)"
)
MAINLY = re.compile(r"(?:还|仍)?(?:存在的?)?(?:主要|突出)?(?:问题|表现)?(?:是|有|为|在于)$")


def letters(words: str) -> str:
    return "".join(RUN.findall(words))


def lost(source: Source) -> list[str]:
    """The words that are in no piece from their line, in no part left out and on no line that is told."""
    try:
        report = outline.parse(source)
    except Incomplete:
        return []
    told = {notice.line for notice in report.warnings}
    told |= {line for notice in report.warnings for line in named_lines(notice.message)}
    missing = [f"line {place.line} is not told" for place in report.unread if place.line not in told]
    spans = [part.place for part in report.left_out] + list(report.unread)
    pieces = [(place, letters(words)) for place, words in kept(report)]
    anywhere = "|".join(words for _, words in pieces)
    whole = letters(report.source.text)
    missing += [f"line {line.number} is gone" for line in source.lines if not in_rows(line.text, whole)]
    for line in report.source.lines:
        end = line.start + len(line.text)
        near = "|".join(words for place, words in pieces if place.start <= end and place.end > line.start)
        number = None if line.cells else at_start(line.text, 0, len(line.text))
        for run in RUN.finditer(line.text, number.after if number else 0):
            at = line.start + run.start()
            if any(place.start <= at < place.end for place in spans):
                continue
            if not explained(run.group(), anywhere if line.cells else near) and not aspect(
                report, run.group()
            ):
                missing.append(f"line {line.number}: {run.group()}")
    return missing


def named_lines(message: str) -> set[int]:
    spans = re.findall(r"第 (\d+) 行(?:到第 (\d+) 行)?", message)
    return {line for first, last in spans for line in range(int(first), int(last or first) + 1)}


def in_rows(words: str, whole: str) -> bool:
    """A line is in the text that was read; of a card its label and its words are, apart."""
    return all(run in whole for run in RUN.findall(words))


def kept(report: ParsedReport) -> Iterator[tuple[Place, str]]:
    for problem in report.problems:
        facts = problem.facts
        for words in (problem.title, problem.text, facts.deadline_text, *facts.leaders, *facts.units):
            yield problem.place, words
        yield from ((piece.place, piece.text) for piece in (*problem.manifestations, *problem.measures))
    for aspect in report.aspects:
        yield aspect.place, aspect.title
    for piece in (*report.causes, *report.directions):
        yield from ((piece.place, piece.title), (piece.place, piece.text))


def aspect(report: ParsedReport, words: str) -> bool:
    """A heading that repeats the name of an aspect."""
    return any(words in letters(aspect.title) for aspect in report.aspects)


def explained(words: str, near: str) -> bool:
    """The words are in a piece, or what is not are a number or words that all headings and labels say."""
    if re.fullmatch("[A-Z]+|无", words):  # BM-01 counts items, 无 says that there is none
        return True
    bare = COUNT.sub("", words, count=1) if COUNT.match(words) else words
    for part in (words, bare, MAINLY.sub("", words), MAINLY.sub("", bare)):
        named = ABOUT.fullmatch(part)
        if part in near or (named and named["named"] in near):
            return True
    return bool(columns.role_of(words)) or not headings.own_words(bare) or not headings.own_words(words)


def every_text() -> Iterator[tuple[str, str, bytes]]:
    yield from ((case.name, case.file_name, case.data) for case in score.cases())
    yield from ((report.name, "报告.txt", report.text.encode()) for report in by_kind.reports())
    yield from ((report.name, report.file_name, report.data) for report in corpus.reports())


def test_every_character_of_every_report_is_read_left_out_or_told():
    missing = []
    for name, file_name, data in every_text():
        with contextlib.suppress(Incomplete):
            missing += [f"{name} {fault}" for source in text.read(file_name, data) for fault in lost(source)]
    assert not missing, missing


def report_of(seed: int) -> str:
    """A report as careless people make them: signs, labels, headings in any order, a figure in each line."""
    rnd = random.Random(seed)
    figures = iter(range(1000, 9999))
    signs = rnd.sample(SIGNS, 3)
    lines = [f"某局对照检查材料{next(figures)}"]
    for heading in rnd.sample(HEADINGS, rnd.randint(1, len(HEADINGS))):
        lines.append(heading)
        for _ in range(rnd.randint(0, 4)):
            count = rnd.randint(1, 4)
            sign = rnd.choice(signs)
            opened = [sign.format(NUMERALS[place], place + 1) for place in range(count)]
            opened += [rnd.choice(LABELS)] * rnd.randint(0, 1)
            lines += [f"{begin}{rnd.choice(WORDS)}{next(figures)}{rnd.choice(ENDS)}" for begin in opened]
    return rnd.choice(("\n", "\n\n")).join(lines)


def test_nothing_of_any_report_is_lost():
    for seed in range(150):
        for source in text.read("报告.txt", report_of(seed).encode()):
            assert not lost(source), f"seed {seed}"


@pytest.mark.parametrize(
    ("report", "line"),
    [
        ("一、存在的问题\n（一）政治建设方面\n全年学了十九次，只有三次带出议题。\n一是学习转化慢。\n", 3),
        ("一、存在的问题\n班子仍有差距，主要表现在：\n一是学习转化慢。\n二是会议多。\n", 2),
        ("一、存在的问题\n一是学习转化慢。\n二是会议多。\n云岭县委\n2024年3月5日\n", 5),
    ],
)
def test_a_line_in_no_piece_is_named(report, line):
    (source,) = text.read("报告.txt", report.encode())
    assert line in {notice.line for notice in outline.parse(source).warnings}


def test_lines_outside_every_report_of_a_file_are_named():
    parts = "\n".join(
        f"篇{number}：某局{title}对照检查材料\n一、存在的问题\n1.学习不深。每月只读了一次。\n2.会议多。开了十九次。"
        for number, title in (("一", "班子"), ("二", "个人"))
    )
    first, second = text.read("报告.txt", f"内部资料，注意保存\n{parts}\n".encode())
    told = [notice for notice in outline.parse(first).warnings if "不在任何一份报告里" in notice.message]
    assert [(notice.line, "内部资料，注意保存" in notice.message) for notice in told] == [(1, True)]
    assert not second.outside


def test_a_column_that_is_not_read_is_named_once():
    rows = "\n".join(f"{number}\t公章混用{number}\t乡里{number}\t今后登记" for number in (1, 2, 3))
    report = f"问题清单\n序号\t存在问题\t涉及村组\t整改措施\n{rows}\n"
    parsed = outline.parse(text.read("报告.txt", report.encode())[0])
    assert [notice.line for notice in parsed.warnings if "涉及村组" in notice.message] == [2]
    grey = [parsed.source.text[place.start : place.end] for place in parsed.unread]
    assert grey == ["涉及村组", "乡里1", "乡里2", "乡里3"]


def test_an_ordinary_report_is_read_without_such_a_notice():
    report = (
        "一、存在的问题\n1.学习不深。全年读书2本。\n2.会议多。\n"
        "二、原因分析\n1.用心不够。\n三、整改措施\n1.每月读书。\n"
    )
    (source,) = text.read("报告.txt", report.encode())
    assert outline.parse(source).warnings == ()


def test_a_line_in_no_piece_is_grey_in_the_preview():
    report = "一、存在的问题\n（一）政治建设方面\n全年学了十九次。\n一是学习转化慢。\n二是会议多。\n"
    (reading,) = read_reports("报告.txt", report.encode(), title="", year=2024)
    draft = IntakeDraft(text=reading.text, outline=reading.outline.to_json())
    source = Preview.of(draft).context()["source"]
    grey = source.split('class="passage-unread"')
    assert len(grey) == 2 and "全年学了十九次" in grey[1].split("</span>")[0] + grey[1].split("</span>")[1]
