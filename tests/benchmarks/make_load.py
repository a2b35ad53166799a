"""A large database, the same every time: a tree of offices, their ledgers, problems, notes and records.

    python -m tests.benchmarks.make_load [--offices 1000] [--problems 100000] [--counties 20]

fills the empty database of the environment. Every row is one that the operations could have made, and
the chains verify; only the way is shorter. Counties differ in size as real ones do, older ledgers are
mostly closed, and a few problems of this year are overdue.
"""

from __future__ import annotations

import argparse
import datetime as dt
import os
import random
from collections.abc import Iterator
from dataclasses import dataclass

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "rectify.settings")

import django

django.setup()

from django.contrib.auth.hashers import make_password
from django.core.management import call_command
from django.db import connection, transaction

from rectify import clock
from rectify.audit.field_values import as_plain
from rectify.choices import Action, Kind, MeasureKind, MeasureStatus, Role, Source, Status
from rectify.digests import digest_of
from rectify.models import (
    Aspect,
    Leader,
    LedgerSettings,
    Measure,
    MeasureState,
    Membership,
    Problem,
    ProgressNote,
    Report,
    Unit,
    User,
)
from rectify.operations import rollups

from .load_history import Chain, make_states

TODAY = dt.date(2026, 6, 15)
NOW = dt.datetime(2026, 6, 15, 2, tzinfo=dt.UTC)
PASSWORD = "ya-li-ce-shi-1"
YEARS = (2022, 2023, 2024, 2025, 2026)
COUNTIES = 20
LEADERS = 8
ASPECTS = 5
NOTES = (0, 1, 2, 3, 4, 5, 6)
NOTE_WEIGHTS = (1, 2, 3, 4, 3, 2, 1)  # three on average
CLOSED_BY_YEAR = {2022: 0.97, 2023: 0.95, 2024: 0.9, 2025: 0.6, 2026: 0.12}
BATCH = 2000
WORDS = [
    "压实责任",
    "逐项对照",
    "明确时限",
    "跟踪问效",
    "完善制度",
    "回应关切",
    "深入一线",
    "专题调研",
    "调度会议",
    "印发办法",
    "排查隐患",
    "办结积案",
    "提升质效",
    "新增学位",
    "扩建车位",
    "整治窗口",
    "优化流程",
    "公开结果",
    "群众评议",
    "部门联动",
]


@dataclass
class County:
    """A county with its departments, people and leaders."""

    unit: Unit
    departments: list[Unit]
    clerks: list[User]
    office: User
    leaders: list[Leader]


def make_load(
    offices: int = 1000, problems: int = 100_000, counties_wanted: int = COUNTIES, seed: int = 20260615
) -> None:
    """Fill the database; about two minutes for the sizes given as defaults."""
    call_command("migrate", verbosity=0)
    chance = random.Random(seed)
    with clock.pretend(NOW), transaction.atomic():
        counties = make_people(chance, offices, counties_wanted)
        weights = [chance.uniform(0.5, 2) for _ in counties for _ in YEARS]
        left = problems
        for place, share in enumerate(weights):
            count = left if place == len(weights) - 1 else round(problems * share / sum(weights))
            left -= count
            county, year = counties[place // len(YEARS)], YEARS[place % len(YEARS)]
            make_ledger(chance, county, year, count)
        rollups.rebuild_all()
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute("VACUUM ANALYZE")


def make_people(chance: random.Random, offices: int, wanted: int) -> list[County]:
    """One city, its counties, and departments shared out among them; a clerk for each office."""
    city = Unit.objects.add_root({"name": "某市"})
    password = make_password(PASSWORD)
    place(account("city_office", "市委办 整改办", password), city, Role.OFFICE)
    place(account("city_inspector", "市委督查室", password), city, Role.INSPECTOR)
    place(account("city_sysadmin", "市委办 系统管理员", password), city, Role.SYSADMIN)
    place(account("city_auditor", "市委办 安全审计员", password), city, Role.AUDITOR)
    counties = min(wanted, max(1, offices // 4))
    made = []
    for number in range(1, counties + 1):
        county = Unit.objects.add_child(Unit.objects.get(pk=city.pk), {"name": f"第{number}县"})
        share = (offices - 1 - counties) // counties + (number <= (offices - 1 - counties) % counties)
        made.append(make_county(number, county, share, password))
    return made


def make_county(number: int, county: Unit, share: int, password: str) -> County:
    departments, clerks = [], []
    for place_ in range(1, share + 1):
        unit = Unit.objects.add_child(Unit.objects.get(pk=county.pk), {"name": f"第{number}县{place_}局"})
        clerk = account(f"clerk_{number}_{place_}", f"第{number}县{place_}局 经办人", password)
        place(clerk, unit, Role.CLERK)
        departments.append(unit)
        clerks.append(clerk)
    head = account(f"unit_head_{number}", f"第{number}县1局 负责人", password)
    place(head, departments[0], Role.UNIT_HEAD)
    office = account(f"office_{number}", f"第{number}县整改办", password)
    place(office, county, Role.OFFICE)
    leaders = []
    for rank in range(1, LEADERS + 1):
        user = account(f"leader_{number}_{rank}", f"第{number}县副职{rank}", password)
        place(user, county, Role.LEADER)
        leaders.append(Leader.objects.create(post=f"副职{rank}", unit=county, user=user, rank=rank))
    return County(county, departments, clerks, office, leaders)


def account(username: str, name: str, password: str) -> User:
    return User.objects.create(username=username, name=name, password=password, must_change_password=False)


def place(user: User, unit: Unit, role: str) -> None:
    Membership.objects.create(user=user, unit=unit, role=role)


# -- ledgers ------------------------------------------------------------------------------------------


def make_ledger(chance: random.Random, county: County, year: int, count: int) -> None:
    begun = dt.datetime(year, 1, 20, 1, tzinfo=dt.UTC)
    report = Report.objects.create(
        unit=county.unit, year=year, title=f"{year}年度对照检查报告", prefix=str(year),
        created_at=begun, created_by=county.office,
    )  # fmt: skip
    LedgerSettings.objects.create(report=report)
    aspects = [
        Aspect.objects.create(report=report, number=n, title=f"第{n}个方面") for n in range(1, ASPECTS + 1)
    ]
    chain = Chain(report)
    chain.append_entry(county.office, Action.CREATE_REPORT, begun, report, report.prefix, {"facts": {}})
    for start in range(0, count, BATCH):
        numbers = range(start + 1, min(start + BATCH, count) + 1)
        make_problems(chance, county, report, aspects, chain, begun, numbers)
    chain.store()


def make_problems(
    chance: random.Random,
    county: County,
    report: Report,
    aspects: list[Aspect],
    chain: Chain,
    begun: dt.datetime,
    numbers: range,
) -> None:
    rows = Problem.objects.bulk_create(
        [a_problem(chance, county, report, aspects, begun, number) for number in numbers], batch_size=200
    )
    supporting = Problem.supporting_units.through
    helped = {}
    for row in rows[::5]:
        unit = chance.choice(county.departments)
        if unit.pk != row.lead_unit_id:
            helped[row.pk] = unit
    supporting.objects.bulk_create(
        [supporting(problem_id=pk, unit_id=unit.pk) for pk, unit in helped.items()], batch_size=400
    )
    make_states(rows, helped, chain, county.office, begun)
    measures = make_measures(chance, rows, chain, begun)
    make_notes(chance, rows, measures, chain, county)


def a_problem(
    chance: random.Random,
    county: County,
    report: Report,
    aspects: list[Aspect],
    begun: dt.datetime,
    number: int,
) -> Problem:
    place_ = chance.randrange(len(county.departments))
    closed = chance.random() < CLOSED_BY_YEAR[report.year]
    standing = not closed and chance.random() < 0.15
    due = begun.date() + dt.timedelta(days=chance.randrange(90, 400))
    if not closed and due < TODAY and chance.random() < 0.7:
        due = TODAY + dt.timedelta(days=chance.randrange(1, 200))
    open_status = chance.choice(
        [Status.NOT_STARTED, Status.IN_PROGRESS, Status.IN_PROGRESS, Status.MOSTLY_DONE]
    )
    return Problem(
        report=report,
        aspect=chance.choice(aspects),
        number=number,
        code=f"{report.year}-{number:02d}",
        source=Source.SELF_CHECK,
        title=prose(chance, 5),
        text=prose(chance, 14),
        goal=prose(chance, 8),
        status=Status.CLOSED if closed else Status.STANDING if standing else open_status,
        kind=Kind.STANDING if standing else chance.choice([Kind.BY_DATE, Kind.BY_DATE, Kind.AT_ONCE]),
        leader=chance.choice(county.leaders),
        lead_unit=county.departments[place_],
        clerk=county.clerks[place_],
        deadline=None if standing or chance.random() < 0.02 else due,
        original_deadline=due,
        closed_on=min(due + dt.timedelta(days=chance.randrange(-40, 20)), TODAY) if closed else None,
        created_at=begun,
        version=3 if closed else 2,
    )


def make_measures(
    chance: random.Random, rows: list[Problem], chain: Chain, begun: dt.datetime
) -> dict[int, list[Measure]]:
    """Two to a problem, the second a lasting one; one state each, as entered."""
    made = Measure.objects.bulk_create(
        [
            Measure(
                problem=row, number=number, text=prose(chance, 9), kind=kind, standard=prose(chance, 3),
                unit=row.lead_unit, deadline=row.deadline, created_at=begun + dt.timedelta(days=12),
                status=MeasureStatus.OPEN,
            )
            for row in rows
            for number, kind in ((1, MeasureKind.NOW), (2, MeasureKind.LASTING))
        ],
        batch_size=300,
    )  # fmt: skip
    MeasureState.objects.bulk_create(
        [
            MeasureState(
                measure=row,
                valid_from=row.created_at,
                valid_to=None,
                **{name: getattr(row, name) for name in Measure.TRACKED},
            )
            for row in made
        ],
        batch_size=300,
    )
    for row in made:
        values = {name: as_plain(getattr(row, name)) for name in Measure.TRACKED}
        chain.append_entry(
            row.problem.clerk, Action.ADD_MEASURE, row.created_at, row,
            f"{row.problem.code} 整改措施{row.number}", {"state": {"values": values, "texts": {}}},
        )  # fmt: skip
    found: dict[int, list[Measure]] = {}
    for row in made:
        found.setdefault(row.problem_id, []).append(row)
    return found


def make_notes(
    chance: random.Random,
    rows: list[Problem],
    measures: dict[int, list[Measure]],
    chain: Chain,
    county: County,
) -> None:
    notes = ProgressNote.objects.bulk_create(list(some_notes(chance, rows)), batch_size=300)
    newest: dict[int, dt.datetime] = {}
    for note in notes:
        newest[note.problem_id] = max(note.at, newest.get(note.problem_id, note.at))
    for row in rows:
        row.reported_at = newest.get(row.pk)
    Problem.objects.bulk_update(rows, ["reported_at"], batch_size=300)
    for note in notes:
        said = {
            "id": note.pk, "text": note.text, "text_digest": digest_of(note.text), "percent": note.percent,
            "measure": None, "corrects": None, "old_text": None,
        }  # fmt: skip
        chain.append_entry(
            note.author, Action.ADD_PROGRESS, note.at, note, f"{note.problem.code} 进展",
            {"note": said, "evidence": []},
        )  # fmt: skip


def some_notes(chance: random.Random, rows: list[Problem]) -> Iterator[ProgressNote]:
    for row in rows:
        count = chance.choices(NOTES, NOTE_WEIGHTS)[0]
        last = min(NOW, row.created_at + dt.timedelta(days=360))
        span = max(1, (last - row.created_at).days - 20)
        for place_ in range(count):
            days = 20 + span * (place_ + 1) // (count + 1) + chance.randrange(10)
            yield ProgressNote(
                problem=row, at=min(NOW, row.created_at + dt.timedelta(days=days)), author=row.clerk,
                author_label=row.clerk.name, text=prose(chance, 20),
                percent=100 * (place_ + 1) // (count + 1),
            )  # fmt: skip


def prose(chance: random.Random, words: int) -> str:
    return "，".join(chance.choices(WORDS, k=words))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--offices", type=int, default=1000)
    parser.add_argument("--problems", type=int, default=100_000)
    parser.add_argument("--counties", type=int, default=COUNTIES)
    given = parser.parse_args()
    make_load(given.offices, given.problems, given.counties)
    print(f"{Problem.objects.count()} problems, {ProgressNote.objects.count()} notes; password {PASSWORD}")


if __name__ == "__main__":
    main()
