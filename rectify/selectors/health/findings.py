"""What a rule is, what it looks at, and what it finds."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace

from rectify.addresses import address
from rectify.choices import Level
from rectify.models import Problem, Report, User
from rectify.models.report import ProblemQuerySet

COUNTED = 1000  # no rule counts further


@dataclass(frozen=True)
class CheckedLedgers:
    """What is checked: some ledgers, their live problems, and the day."""

    reports: tuple[Report, ...]
    problems: ProblemQuerySet
    today: dt.date
    user: User
    hashes: bool = False  # read every evidence file again, not only look whether it is there
    reads_only: bool = False  # the person does not run these ledgers

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
    item: str = ""  # the item's own page, where `url` is a form that only the office opens

    def for_reader(self) -> HealthFinding:
        """The same without the button that a reader could not use."""
        return replace(self, url=self.item, action="看这一项") if self.item else self


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
    listed: str = ""  # the list's conditions under which its items are mended together


def of_problem(problem: Problem, url: str, action: str, detail: str = "") -> HealthFinding:
    """A finding that names a problem by number and title."""
    item = problem.get_absolute_url()
    form = "" if url.startswith((item + "#", address("matrix", problem.report_id))) else item
    return HealthFinding(f"第 {problem.number} 项 {problem.title}", detail, url, action, form)
