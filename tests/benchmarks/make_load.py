"""A large database, the same every time: a tree of offices, their ledgers, problems, notes and records.

    python -m tests.benchmarks.make_load [--offices 1000] [--problems 100000] [--counties 20]

fills the empty database of the environment. Every row and entry is one that the operations would have made,
and the chains verify; only the way is shorter. Counties differ in size as real ones do, older ledgers are
mostly closed, and a few problems of this year are overdue.
"""

from __future__ import annotations

import argparse
import contextlib
import datetime as dt
import gc
import os
import random
import time
from collections.abc import Iterator

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "rectify.settings")

import django

django.setup()

from django.contrib.auth.hashers import make_password
from django.core.management import call_command
from django.db import connection, transaction

from rectify import clock
from rectify.audit import append_only_triggers
from rectify.choices import Role
from rectify.models import Leader, Membership, Problem, ProgressNote, Report, Unit, User
from rectify.operations import reports, rollups, search_index

from .load_lives import NOW, County, some_life
from .load_rows import Bulk, write

PASSWORD = "ya-li-ce-shi-1"
YEARS = (2022, 2023, 2024, 2025, 2026)
COUNTIES = 20
LEADERS = 8
ASPECTS = 5
# Nothing is worth keeping until all is there: no log, no waiting for the disk, and room for the indexes.
QUICK = (
    "journal_mode=OFF",
    "synchronous=OFF",
    "foreign_keys=OFF",
    "secure_delete=OFF",
    "cache_size=-1500000",
)


def make_load(
    offices: int = 1000, problems: int = 100_000, counties_wanted: int = COUNTIES, seed: int = 20260615
) -> None:
    """Fill the database; a minute and a half for the sizes given as defaults."""
    call_command("migrate", verbosity=0)
    chance = random.Random(seed)
    begin_quickly()
    with clock.pretend(NOW):
        with transaction.atomic():
            counties = make_people(chance, offices, counties_wanted)
        bulk = Bulk()
        weights = [chance.uniform(0.5, 2) for _ in counties for _ in YEARS]
        left = problems
        ledgers = [(county, begin_ledger(county, year)) for county in counties for year in YEARS]
        with append_only_triggers.lifted(), without_indexes(bulk):
            for place, (county, report) in enumerate(ledgers):
                last = place == len(weights) - 1
                count = left if last else round(problems * weights[place] / sum(weights))
                left -= count
                with transaction.atomic():
                    make_ledger(bulk, chance, county, report, count)
        search_index.rebuild()
        rollups.rebuild_all()
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute("VACUUM ANALYZE")
    connection.close()


def begin_quickly() -> None:
    gc.disable()  # nothing here refers to itself in a circle
    if connection.vendor == "sqlite":
        with connection.cursor() as cursor:
            for words in QUICK:
                cursor.execute(f"PRAGMA {words}")


@contextlib.contextmanager
def without_indexes(bulk: Bulk) -> Iterator[None]:
    """SQLite sorts an index at the end in a part of the time that it takes row by row. The entries keep
    theirs: they come in the order of most, and reading them again for each takes as long."""
    tables = [pile.model._meta.db_table for pile in bulk.piles if pile is not bulk.entries]
    marks = ", ".join(["%s"] * len(tables))
    indexes: list[tuple[str, str]] = []
    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            cursor.execute(
                "SELECT name, sql FROM sqlite_master WHERE type = 'index' AND sql IS NOT NULL"
                f" AND tbl_name IN ({marks})",
                tables,
            )
            indexes = cursor.fetchall()
        for name, _ in indexes:
            cursor.execute(f'DROP INDEX "{name}"')
        yield
        for _, statement in indexes:
            cursor.execute(statement)


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


def make_ledger(bulk: Bulk, chance: random.Random, county: County, report: Report, count: int) -> None:
    aspects = list(report.aspects.all())
    lives = (some_life(chance, county, report, aspects, number) for number in range(1, count + 1))
    write(bulk, report, county.office, lives)


def begin_ledger(county: County, year: int) -> Report:
    aspects = [{"number": n, "title": f"第{n}个方面"} for n in range(1, ASPECTS + 1)]
    with clock.pretend(dt.datetime(year, 1, 20, 1, tzinfo=dt.UTC)):
        return reports.load(
            reports.Outline(aspects=aspects), by=county.office, unit=county.unit, year=year,
            title=f"{year}年度对照检查报告",
        )  # fmt: skip


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--offices", type=int, default=1000)
    parser.add_argument("--problems", type=int, default=100_000)
    parser.add_argument("--counties", type=int, default=COUNTIES)
    given = parser.parse_args()
    make_load(given.offices, given.problems, given.counties)
    counted = f"{Problem.objects.count()} problems, {ProgressNote.objects.count()} notes"
    print(f"{counted}; password {PASSWORD}; in {time.process_time():.0f} seconds of the processor")


if __name__ == "__main__":
    main()
