"""A second county under the same city and a third under a root of its own, each with every role."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from rectify.choices import Role
from rectify.models import Leader, Problem, Report, Unit, User
from rectify.operations import people, problems, reports
from tests import builders


@dataclass
class County:
    """One county beside the first: its office's ledger, whose first problem its bureau leads."""

    name: str
    unit: Unit
    bureau: Unit
    leader: Leader
    report: Report

    def person(self, role: str) -> User:
        return User.objects.get(username=f"{self.name}_{role}")

    @property
    def problem(self) -> Problem:
        return Problem.objects.get(report=self.report, number=1)


@dataclass
class Counties:
    """The first county's cast (also by role, as `made["office"]`), the neighbour and the far one."""

    home: builders.Cast
    near: County
    far: County

    def __getitem__(self, role: str) -> User:
        return self.home[role]

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__") or "home" not in vars(self):
            raise AttributeError(name)
        return getattr(self.home, name)


def counties() -> Counties:
    home = builders.cast()
    near = people.add_unit(by=None, name="近县", parent=Unit.objects.get(pk=home.city.pk))
    root = people.add_unit(by=None, name="远市")
    far = people.add_unit(by=None, name="远县", parent=root)
    return Counties(home, _county("near", near), _county("far", far))


def _county(name: str, unit: Unit) -> County:
    bureau = people.add_unit(by=None, name=f"{unit.name}水务局", parent=Unit.objects.get(pk=unit.pk))
    for role in Role.values:
        where = bureau if role in (Role.CLERK, Role.UNIT_HEAD) else unit
        person = builders.account(f"{name}_{role}", where, role)
        if role == Role.LEADER:
            leader = people.add_leader(by=None, post=f"{unit.name}县长", unit=unit, user=person)
    office = User.objects.get(username=f"{name}_office")
    outline = reports.Outline.from_dict(builders.OUTLINE)
    report = reports.load(outline, by=office, unit=unit, year=2025, title=f"{unit.name}对照检查报告")
    problem = Problem.objects.get(report=report, number=1)
    clerk = User.objects.get(username=f"{name}_clerk")
    problems.assign(problem, by=office, seen=problem.version, leader=leader, lead_unit=bureau, clerk=clerk)
    return County(name, unit, bureau, leader, report)
