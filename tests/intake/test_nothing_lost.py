"""Every line and every digit of a report is in a piece, in a part left out by name, or in a notice."""

from __future__ import annotations

import json
import re

import pytest

from rectify.intake.parser import headings, outline
from rectify.intake.parser.lines import text
from rectify.intake.parser.markers import at_start
from rectify.intake.reading import read_reports
from rectify.intake.review.preview import Preview
from rectify.models import IntakeDraft

from . import score

TEXTS = [case for case in score.cases() if case.file_name.endswith(".txt")]


@pytest.mark.parametrize("case", TEXTS, ids=lambda case: case.name)
def test_every_figure_is_read_left_out_or_told(case):
    for source in text.read(case.file_name, case.data):
        report = outline.parse(source)
        pieces = outline.as_json(report)
        told = {notice["line"] for notice in pieces.pop("warnings")}
        kept = json.dumps(pieces, ensure_ascii=False)
        kept += "".join(piece.text for piece in (*report.causes, *report.directions))
        for line in source.lines:
            left_out = any(part.place.start <= line.start < part.place.end for part in report.left_out)
            if left_out or line.cells or told & {line.number, *(number for _, number in line.breaks)}:
                continue
            marker = at_start(line.text, 0, len(line.text))
            words = line.text[marker.after if marker else 0 :]
            if headings.judge(words) is None:
                missing = [figure for figure in re.findall(r"\d{2,}", words) if figure not in kept]
                assert not missing, f"line {line.number}: {missing}"


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
