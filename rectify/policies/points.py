"""The points of a returned application: one a line of its reason, and whether a file is asked for."""

from __future__ import annotations

import re
from dataclasses import dataclass

from rectify.choices import Outcome, StepOutcome
from rectify.models import CloseOut, Problem
from rectify.models.progress import PURGED

WITH_FILE = "（附材料）"


@dataclass(frozen=True)
class Point:
    """What a reviewer wants to have answered, by its number in the reason."""

    number: int
    text: str
    wants_file: bool = False


def points_in(reason: str) -> list[Point]:
    """Line by line; 补签到表（附材料） asks for a file. A purged reason asks for nothing."""
    if reason == PURGED:
        return []
    lines = [line.strip() for line in reason.splitlines() if line.strip()]
    plain = [line.replace("(附材料)", WITH_FILE).rstrip("。；;") for line in lines]
    return [
        Point(number, line.removesuffix(WITH_FILE).strip() or line, line.endswith(WITH_FILE))
        for number, line in enumerate(plain, 1)
    ]


def explained_in(text: str) -> dict[int, str]:
    """What an application explained, by the number of the measure: 措施 2：……"""
    return _by_number(r"^措施 (\d+)：", text)


def answered_in(application: CloseOut) -> str:
    """What was asked when the application before came back, each point with its answer."""
    if not application.answers:
        return ""
    before = [
        row
        for row in application.problem.close_outs.all()
        if (row.round, row.number) == (application.round, application.number - 1)
    ]
    asked = {point.number: point.text for row in before for point in _points_of(row)}
    answers = _by_number(r"^第 (\d+) 条：", application.answers)
    lines = [f"{number}. {asked.get(number, '')}\n答复：{said}" for number, said in answers.items()]
    return "\n".join(lines) or application.answers


def _by_number(heading: str, text: str) -> dict[int, str]:
    pieces = re.split(heading, text, flags=re.MULTILINE)
    return {int(number): said.strip() for number, said in zip(pieces[1::2], pieces[2::2], strict=True)}


def returned(problem: Problem) -> CloseOut | None:
    """The newest application of this round, when it came back."""
    mine = [row for row in problem.close_outs.all() if row.round == problem.round]
    newest = max(mine, key=lambda row: row.pk, default=None)
    return newest if newest is not None and newest.outcome == Outcome.RETURNED else None


def points_to_answer(problem: Problem) -> list[Point]:
    """What the next application has to answer."""
    application = returned(problem)
    return _points_of(application) if application else []


def _points_of(application: CloseOut) -> list[Point]:
    reasons = (step.comment for step in application.steps.all() if step.outcome == StepOutcome.RETURN)
    return points_in(next(reasons, ""))
