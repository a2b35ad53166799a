"""What a rule is, what it looks at, and what it finds."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from rectify.choices import Level
from rectify.models import Problem, Report, User
from rectify.models.report import ProblemQuerySet


@dataclass(frozen=True)
class CheckedLedgers:
    """What is checked: some ledgers, their live problems, and the day."""

    reports: tuple[Report, ...]
    problems: ProblemQuerySet
    today: dt.date
    user: User
    hashes: bool = False  # read every evidence file again, not only look whether it is there

    @property
    def ids(self) -> list[int]:
        return [report.pk for report in self.reports]


@dataclass(frozen=True)
class HealthFinding:
    """One thing that breaks a rule: its name in words, and the page where it is mended."""

    what: str
    detail: str = ""
    url: str = ""
    action: str = ""


Find = Callable[[CheckedLedgers], Iterable[HealthFinding]]


@dataclass(frozen=True)
class HealthRule:
    """A rule as data: what it is called, why it matters, how to mend it, and how to find what breaks it."""

    key: str
    level: Level
    name: str
    why: str
    remedy: str
    find: Find


def of_problem(problem: Problem, url: str, action: str, detail: str = "") -> HealthFinding:
    """A finding that names a problem by number and title."""
    return HealthFinding(f"第 {problem.number} 项 {problem.title}", detail, url, action)
