"""What the preview relies on: places, keys of left-out sections, shared words, numbers of lines, parts."""

from __future__ import annotations

import json

import pytest

from rectify.intake.parser import outline
from rectify.intake.parser.lines import text
from rectify.intake.parser.parsed import ParsedReport

from . import build_docx

REPORT = """县水利局对照检查材料
按照通知要求，现将有关情况报告如下。

一、上年度整改措施落实情况
（一）学习制度不够健全的问题已整改。

二、存在的主要问题
（一）在服务群众方面
1.农村饮水工程管护不够到位。水质检测x次；
管网漏损率偏高。
2.水费收缴机制不够健全。
三、原因分析
（一）管护责任没有压实。农村饮水工程的水质检测、管网漏损无人过问。
（二）思想认识有偏差。
四、努力方向
（一）压实管护责任。
"""


def parsed(words: str, *include: str) -> ParsedReport:
    (source,) = text.read("报告.txt", words.encode())
    return outline.parse(source, frozenset(include))


def test_left_out_sections_have_keys_and_can_be_ticked():
    plain = parsed(REPORT)
    assert [(one.key, one.title) for one in plain.left_out] == [
        ("preamble-1", "开头部分"),
        ("left_out-1", "上年度整改措施落实情况"),
    ]
    ticked = parsed(REPORT, "left_out-1")
    assert [one.title for one in ticked.problems] == [
        "学习制度不够健全的问题已整改", "农村饮水工程管护不够到位", "水费收缴机制不够健全",
    ]  # fmt: skip
    assert [one.key for one in ticked.left_out] == ["preamble-1"]
    assert [one.title for one in ticked.causes] == [one.title for one in plain.causes]


def test_every_left_out_section_is_said():
    messages = [one.message for one in parsed(REPORT).warnings]
    assert sum("没有采用" in message for message in messages) == 2


def test_lines_count_as_in_the_file():
    report = parsed(REPORT)
    assert [one.place.line for one in report.problems] == [9, 11]
    assert outline.as_json(report)["placeholders"] == [{"text": "x次", "line": 9}]


def test_a_gap_in_a_joined_line_keeps_its_own_line():
    words = "一、存在的主要问题\n" + "".join(
        f"{number}.学习不够深入。班子成员对新精新神领会不深不透，学习计划执行\n"
        "不严格，有时以干代学，全年集中学习只有x次，没有做到学用\n结合。\n"
        for number in range(1, 6)
    )
    found = outline.as_json(parsed(words))
    assert [gap["line"] for gap in found["placeholders"]] == [3, 6, 9, 12, 15]
    assert len(found["problems"]) == 5


def test_shared_words_explain_a_link():
    links = {(one.problem, one.cause): one for one in parsed(REPORT).links if one.cause}
    tie = links[1, 1]
    assert tie.basis == "content"
    assert {"水质检测", "管网漏损"} <= set(tie.shared)
    assert (1, 2) not in links and (2, 2) not in links


@pytest.mark.parametrize(
    ("cause", "basis"),
    [
        ("之所以存在农村饮水工程管护不到位等问题，是因为懒。", "explicit"),
        ("“农村饮水工程管护不够到位”反映出作风漂浮。", "explicit"),
        ("农村饮水工程管护还不够到位，根子在作风。", "explicit"),
        ("对群众用水的事不上心，水质检测和管网漏损长期没人管。", "content"),
        ("理论学习抓得不紧，党性修养有所放松。", None),
        ("工作不够到位，管理不够健全。", None),
    ],
)
def test_how_near_a_cause_comes(cause, basis):
    words = REPORT.replace("（二）思想认识有偏差。", f"（二）作风不够扎实。{cause}").replace(
        "农村饮水工程的水质检测、管网漏损无人过问。", ""
    )
    links = {(one.problem, one.cause): one.basis for one in parsed(words).links if one.cause}
    assert links.get((1, 2)) == basis
    assert (2, 2) not in links


def test_the_outline_is_plain_json():
    found = outline.as_json(parsed(REPORT))
    assert json.loads(json.dumps(found)) == found
    assert set(found) == {
        "year", "aspects", "problems", "causes", "directions", "links", "placeholders", "left_out",
        "warnings",
    }  # fmt: skip


def test_numbers_are_positions():
    words = "一、存在的问题\n五是会风不实。\n九是文风不实。\n二、原因分析\n（三）作风漂浮。\n"
    report = parsed(words)
    assert [one.number for one in report.problems] == [1, 2]
    assert [one.number for one in report.causes] == [1]


def test_placeholders_are_not_made_of_document_numbers():
    words = (
        "一、存在的问题\n一是落实县发〔2022〕3号文件不够有力。5×3米的展板没有更新，A4纸浪费，X光机闲置。\n"
    )
    assert parsed(words).placeholders == ()


def test_word_lines_count_paragraphs():
    data = build_docx.docx(
        *[build_docx.p(line) for line in ("标题", "", "一、存在的问题", "一是学习不深x次。\n二是调研不实。")]
    )
    (source,) = text.read("报告.docx", data)
    report = outline.parse(source)
    assert [one.place.line for one in report.problems] == [3, 4]
    assert outline.as_json(report)["placeholders"] == [{"text": "x次", "line": 3}]
