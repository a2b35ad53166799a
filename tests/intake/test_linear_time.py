"""Four times the lines take about four times as long to read, never sixteen times."""

from __future__ import annotations

import contextlib
from time import process_time

import pytest

from rectify.intake.parser import outline
from rectify.intake.parser.lines import text
from rectify.intake.parser.refusals import NoProblems

FEW, MANY = 4000, 16000


def one_unfinished_sentence(lines: int) -> str:
    return "存在的问题\n" + "\n".join(f"短行{number}甲，" for number in range(lines))


def headings_of_sections(lines: int) -> str:
    return "\n".join(("一、存在的问题", "二、原因")[number % 2] for number in range(lines))


def headings_nobody_knows(lines: int) -> str:
    return "一、存在的问题\n（一）学习不够\n" + "\n".join("一、某某事" for _ in range(lines))


def many_short_groups(lines: int) -> str:
    return "一、存在的问题\n" + "\n".join(
        ("（一）学习不严的问题", "1.读书不够", "（二）作风不实的问题", "1.会议不少", "二、原因")[number % 5]
        for number in range(lines)
    )


def lines_cut_at_a_width(lines: int) -> str:
    body = "学习贯彻不够深入，研讨发言照抄照搬的现象不同程度存在"
    return "一、存在的问题\n" + "\n".join(
        f"（{number}）{body}" if number % 9 == 0 else body for number in range(lines)
    )


def seconds(report: str) -> float:
    begin = process_time()
    with contextlib.suppress(NoProblems):
        outline.parse(text.read("报告.txt", report.encode())[0])
    return process_time() - begin


@pytest.mark.ci
@pytest.mark.parametrize(
    "shape",
    [
        *(one_unfinished_sentence, headings_of_sections, headings_nobody_knows, many_short_groups),
        lines_cut_at_a_width,
    ],
)
def test_time_grows_with_the_lines(shape):
    assert seconds(shape(MANY)) < 9 * max(seconds(shape(FEW)), 0.05)
