"""Every line and every digit of a report is in a piece, in a part left out by name, or in a notice."""

from __future__ import annotations

import json
import random
import re

import pytest

from rectify.errors import Incomplete
from rectify.intake.parser import headings, outline
from rectify.intake.parser.lines import text
from rectify.intake.parser.markers import at_start
from rectify.intake.parser.parsed import Source
from rectify.intake.reading import read_reports
from rectify.intake.review.preview import Preview
from rectify.models import IntakeDraft

from . import by_kind, score

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
TEXTS = [case for case in score.cases() if case.file_name.endswith(".txt")]


def lost(source: Source) -> list[str]:
    """The figures of a report that are in no piece, no part left out and on no line that is told."""
    try:
        report = outline.parse(source)
    except Incomplete:
        return []
    pieces = outline.as_json(report)
    told = {notice["line"] for notice in pieces.pop("warnings")}
    kept = json.dumps(pieces, ensure_ascii=False)
    kept += "".join(piece.text for piece in (*report.causes, *report.directions))
    parts = [range(part.place.start, part.place.end) for part in report.left_out]
    left_out = {line.number for line in report.source.lines if any(line.start in part for part in parts)}
    missing = []
    for line in source.lines:
        if (
            line.number in left_out
            or line.cells
            or told & {line.number, *(number for _, number in line.breaks)}
        ):
            continue
        marker = at_start(line.text, 0, len(line.text))
        words = line.text[marker.after if marker else 0 :]
        if headings.judge(words) is None:
            missing += [f"line {line.number}: {figure}" for figure in _figures(words) if figure not in kept]
    return missing


def _figures(words: str) -> list[str]:
    return re.findall(r"\d{2,}", words)


@pytest.mark.parametrize("case", TEXTS, ids=lambda case: case.name)
def test_every_figure_is_read_left_out_or_told(case):
    for source in text.read(case.file_name, case.data):
        assert not lost(source)


def test_every_figure_of_every_kind_is_read_left_out_or_told():
    for report in by_kind.reports():
        for source in text.read("报告.txt", report.text.encode()):
            assert not lost(source), report.name


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
