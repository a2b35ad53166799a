"""The world of the crawl: three counties, every role, every thing; each text ends with its county's mark."""

from __future__ import annotations

import copy
from collections.abc import Collection, Iterable
from dataclasses import dataclass, replace
from typing import Any
from unittest import mock

import pytest

from rectify.choices import ReviewPath, Role
from rectify.models import Leader, Problem, Unit, User
from rectify.operations import people, problems, reports
from tests import builders
from tests.views.access_things import Place, World, make_world, place_of

# Two counties under one city, one under a root of its own. The year begins every code of a ledger.
MARKS = {"home": "龘靐", "near": "齉爩", "far": "麤钃"}
YEARS = {"home": 1951, "near": 1962, "far": 1973}
CODES = {"home": "AAAA-AAAA", "near": "BBBB-BBBB", "far": "CCCC-CCCC"}
COUNTIES = tuple(MARKS)
# Who sees more than one county, and which.
CITY = {"city_inspector": ("home", "near")}
# Two persons of a role, where an act needs a second one.
SECONDS = {"second": Role.OFFICE, "taker": Role.CLERK}


@dataclass(frozen=True)
class Person:
    """Somebody of the cast: what they see, and in which role they meet it."""

    name: str
    counties: tuple[str, ...]
    role: str

    @property
    def username(self) -> str:
        return self.name


PERSONS = (
    *(Person(f"{county}_{role}", (county,), str(role)) for county in COUNTIES for role in Role.values),
    *(Person(name, counties, str(Role.INSPECTOR)) for name, counties in CITY.items()),
)


def asked_of(persons: Iterable[Person], *, ci: Collection[str]) -> pytest.MarkDecorator:
    """A test for each person: of `ci` in .ci/run, of the rest in make test-long."""
    rows = [
        pytest.param(person, id=person.name, marks=pytest.mark.ci if person.name in ci else pytest.mark.long)
        for person in persons
    ]
    return pytest.mark.parametrize("person", rows)


def tokens(county: str) -> tuple[str, ...]:
    """What nobody outside the county may read: its mark, its accounts, the codes of its items and files."""
    year = YEARS[county]
    return (MARKS[county], f"{county}_", f"{year}-0", f"{year}年", CODES[county])


def planted() -> World:
    with mock.patch("rectify.ledger.rows.SNAPSHOT", "default"):
        return make_world(_counties)


def _counties() -> dict[str, Place]:
    city = people.add_unit(by=None, name="甲市")
    root = people.add_unit(by=None, name="癸市")
    builders.account("city_inspector", city, Role.INSPECTOR)
    parents = {"home": city, "near": city, "far": root}
    return {county: _county(county, Unit.objects.get(pk=parents[county].pk)) for county in COUNTIES}


def _county(county: str, parent: Unit) -> Place:
    mark = MARKS[county]
    unit = people.add_unit(by=None, name=f"县{mark}", short=f"县简{mark}", parent=parent)
    bureau = people.add_unit(by=None, name=f"局{mark}", parent=Unit.objects.get(pk=unit.pk))
    for name, role in {**{str(role): role for role in Role}, **SECONDS}.items():
        where = bureau if role in (Role.CLERK, Role.UNIT_HEAD) else unit
        builders.account(f"{county}_{name}", where, role)
    owner = User.objects.get(username=f"{county}_leader")
    leader = people.add_leader(by=None, post=f"县长{mark}", unit=unit, user=owner)
    people.add_leader(by=None, post=f"副县长{mark}", unit=unit)
    problem = _ledger(county, unit, bureau, leader)
    names = {name: f"{county}_{name}" for name in ("office", "second", "clerk", "sysadmin", "taker")}
    names |= {"absent": f"{county}_unit_head", "head": f"{county}_unit_head"}
    names |= {"stands_in": f"{county}_clerk", "giver": f"{county}_clerk"}
    return replace(place_of(problem, **names), code=CODES[county], mark=mark)


def _ledger(county: str, unit: Unit, bureau: Unit, leader: Leader) -> Problem:
    """The county's ledger, whose first problem its bureau leads."""
    office, mark = User.objects.get(username=f"{county}_office"), MARKS[county]
    outline = reports.Outline.from_dict(marked(builders.OUTLINE, mark))
    report = reports.load(outline, by=office, unit=unit, year=YEARS[county], title=f"对照检查报告{mark}")
    reports.edit_settings(report, by=office, reason="办理路径", review_path=ReviewPath.OFFICE)
    User.objects.filter(pk=office.pk).update(email="office@example.org")
    problem = Problem.objects.get(report=report, number=1)
    clerk = User.objects.get(username=f"{county}_clerk")
    held = {"lead_unit": bureau, "clerk": clerk, "leader": leader, "responsible": f"专人{mark}"}
    return problems.assign(problem, by=office, seen=problem.version, **held)


def marked(outline: dict[str, Any], mark: str) -> dict[str, Any]:
    """The outline, each of its texts with the mark."""
    made = copy.deepcopy(outline)
    for row in (row for name in ("aspects", "problems", "causes", "directions") for row in made[name]):
        for field in {"title", "short", "text"} & row.keys():
            row[field] += mark
        if "manifestations" in row:
            row["manifestations"] = [f"{text}{mark}" for text in row["manifestations"]]
    return made
