"""One measured step of the ledger benchmark in a process of its own; prints its figures as JSON.

    python -m tests.benchmarks.ledger_worker build MEASURES
    python -m tests.benchmarks.ledger_worker ours|flat|openpyxl|command|check FILE
    python -m tests.benchmarks.ledger_worker rows -

The database is the SQLite file of DATA_DIR.
"""

from __future__ import annotations

import datetime as dt
import json
import os
import random
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "rectify.settings")

import django

django.setup()

import openpyxl
from django.core.management import call_command
from django.db import transaction

from rectify import clock
from rectify.choices import Basis, Kind, LinkStatus, MeasureKind, Role, Status
from rectify.ledger.columns import FULL
from rectify.ledger.print.row_spool import RowSpool
from rectify.ledger.print.sheet import Form
from rectify.ledger.print.writer import write_book
from rectify.ledger.row_types import NO_MEASURE, ProblemRow, Stamp
from rectify.ledger.rows import ledger_rows, snapshot
from rectify.models import (
    Aspect,
    ChainHead,
    Evidence,
    Leader,
    LedgerSettings,
    Manifestation,
    Measure,
    Membership,
    Problem,
    ProblemCause,
    ProgressNote,
    Report,
    RootCause,
    Unit,
    User,
)
from tests.benchmarks.ledger_peers import by_flat_sql, by_openpyxl

TODAY = dt.date(2025, 6, 15)
NOW = dt.datetime(2025, 6, 15, 2, tzinfo=dt.UTC)
PER_PROBLEM = 3
WORDS = [
    "坚持问题导向",
    "逐项对照检查",
    "压实责任链条",
    "建立整改台账",
    "明确时限要求",
    "强化跟踪问效",
    "完善长效机制",
    "回应群众关切",
    "深入基层一线",
    "开展专题调研",
    "召开调度会议",
    "印发实施办法",
    "组织集中学习",
    "排查风险隐患",
    "办结历史遗留问题",
    "提升服务质效",
    "涉及群众2,340人",
    "完成投资1.2亿元",
    "新增停车位120个",
    "覆盖全县18个乡镇（街道）",
    "形成《工作纪要》3份",
    "推动“一件事”集成办理",
]


# -- the database -------------------------------------------------------------------------------------


def prose(chance: random.Random, length: int) -> str:
    parts: list[str] = []
    size = 0
    while size < length:
        parts.append(chance.choice(WORDS))
        size += len(parts[-1]) + 1
    return "，".join(parts) + "。"


def build(measures: int) -> None:
    """A ledger of that many measures, three to a problem, with several notes and files each."""
    call_command("migrate", verbosity=0)
    chance = random.Random(7)
    with transaction.atomic():
        county = Unit.objects.add_root({"name": "某县"})
        units = [Unit.objects.add_child(county, {"name": f"县第{n}局"}) for n in range(40)]
        user = User.objects.create(username="office", name="县委办 整改办")
        leaders = [Leader.objects.create(post=f"副县长{n}", unit=county) for n in range(12)]
        report = Report.objects.create(
            unit=county, year=2025, title="报告", prefix="2025", created_at=NOW, created_by=user
        )
        LedgerSettings.objects.create(report=report)
        ChainHead.objects.create(report=report)
        Membership.objects.create(user=user, unit=county, role=Role.OFFICE)
        aspects = [
            Aspect.objects.create(report=report, number=n, title=prose(chance, 80) + "方面")
            for n in range(1, 6)
        ]
        causes = [
            RootCause.objects.create(report=report, number=n, title=prose(chance, 20)) for n in range(1, 9)
        ]
        total = measures // PER_PROBLEM + bool(measures % PER_PROBLEM)
        for start in range(0, total, 2000):
            numbers = range(start + 1, min(start + 2000, total) + 1)
            add_problems(chance, numbers, total, measures, report, aspects, causes, units, leaders, user)


def add_problems(
    chance: random.Random,
    numbers: range,
    total: int,
    measures: int,
    report: Report,
    aspects: list[Aspect],
    causes: list[RootCause],
    units: list[Unit],
    leaders: list[Leader],
    user: User,
) -> None:
    problems = Problem.objects.bulk_create(
        Problem(
            report=report,
            aspect=aspects[(number - 1) * len(aspects) // total],
            number=number,
            code=f"2025-{number:05}",
            title=prose(chance, 25),
            goal=prose(chance, 60),
            remark=prose(chance, 12),
            status=chance.choice([Status.IN_PROGRESS, Status.MOSTLY_DONE, Status.NOT_STARTED]),
            kind=chance.choice([Kind.BY_DATE, Kind.AT_ONCE]),
            leader=chance.choice(leaders),
            lead_unit=chance.choice(units),
            responsible=f"局长{number}",
            deadline=(due := TODAY + dt.timedelta(days=chance.randrange(-30, 200))),
            original_deadline=due,
            created_at=NOW - dt.timedelta(days=100),
        )
        for number in numbers
    )
    through = Problem.supporting_units.through
    through.objects.bulk_create(
        through(problem_id=problem.pk, unit_id=unit.pk)
        for problem in problems
        for unit in chance.sample(units, 3)
    )
    Manifestation.objects.bulk_create(
        Manifestation(problem=problem, number=n, text=prose(chance, 50))
        for problem in problems
        for n in (1, 2, 3)
    )
    ProblemCause.objects.bulk_create(
        ProblemCause(
            problem=problem, cause=cause, basis=Basis.EXPLICIT, status=LinkStatus.CONFIRMED,
            decided_by=user, decided_at=NOW,
        )
        for problem in problems
        for cause in chance.sample(causes, 2)
    )  # fmt: skip
    Measure.objects.bulk_create(
        Measure(
            problem=problem, number=n, text=prose(chance, 150), kind=chance.choice(MeasureKind.values),
            standard=prose(chance, 25), unit=chance.choice(units), created_at=NOW,
            deadline=TODAY + dt.timedelta(days=chance.randrange(200)),
        )
        for problem in problems
        for n in range(1, PER_PROBLEM + 1)
        if (problem.number - 1) * PER_PROBLEM + n <= measures
    )  # fmt: skip
    notes = ProgressNote.objects.bulk_create(
        ProgressNote(
            problem=problem, at=NOW - dt.timedelta(days=70 - 10 * n), author=user,
            author_label="县委办 整改办", text=prose(chance, 300), percent=10 * n,
        )
        for problem in problems
        for n in range(4)
    )  # fmt: skip
    Evidence.objects.bulk_create(
        Evidence(
            problem_id=note.problem_id, note=note, name=f"证明材料{note.pk}.pdf", stored=f"{note.pk:032x}",
            content_type="application/pdf", size=1, sha256="0" * 64, at=note.at, by=user,
        )
        for note in notes[::2]
    )  # fmt: skip


# -- the export --------------------------------------------------------------------------------------


def stamp() -> Stamp:
    return Stamp("某县整改台账", "某县", TODAY, "县委办 整改办", NOW, "0123456789abcdef" * 4)


def source(using: str) -> Iterator[ProblemRow]:
    return ledger_rows(Problem.objects.all(), today=TODAY, using=using)


def ours(path: Path) -> None:
    """The sheet that holds everything in full."""
    with snapshot() as using, path.open("wb") as out:
        rows = RowSpool(source(using), FULL.columns)
        write_book([Form.of(FULL, stamp(), rows, split=False)], out)


def values_of(problem: ProblemRow) -> list[str | int | None]:
    """A problem's row, blank as None."""
    return [column.get(problem, NO_MEASURE) or None for column in FULL.columns]


# -- equality -----------------------------------------------------------------------------------------


def check(path: Path) -> dict[str, int]:
    """Every cell of our file against the rows it was made of."""
    book = openpyxl.load_workbook(path, read_only=True)
    sheet = book.worksheets[0]
    headings = next(sheet.iter_rows(min_row=3, max_row=3, values_only=True))
    kept = [index for index, column in enumerate(FULL.columns) if column.heading_on(TODAY) in headings]
    written = sheet.iter_rows(min_row=4, max_col=len(kept), values_only=True)
    cells = rows = 0
    with snapshot() as using:
        for problem in source(using):
            values = values_of(problem)
            assert list(next(written)) == [values[index] for index in kept], f"row {rows + 4} differs"
            rows += 1
            cells += len(kept)
    assert next(written)[0].startswith("填报人")
    return {"rows": rows, "cells": cells}


def peak_memory() -> float:
    """MiB; of this program alone, not of the one that started it."""
    for line in Path("/proc/self/status").read_text().splitlines():
        if line.startswith("VmHWM"):
            return int(line.split()[1]) / 1024
    raise RuntimeError("no VmHWM in /proc/self/status")


def main(step: str, argument: str) -> None:
    figures: dict[str, Any] = {}
    with clock.pretend(NOW):
        started, wall = time.process_time(), time.perf_counter()
        if step == "build":
            build(int(argument))
        elif step == "ours":
            ours(Path(argument))
        elif step == "openpyxl":
            by_openpyxl(source, stamp(), Path(argument))
        elif step == "flat":
            by_flat_sql(Path(argument))
        elif step == "command":
            call_command("export_ledger", out=argument)
        elif step == "rows":
            with snapshot() as using:
                figures["problems"] = sum(1 for _ in source(using))
        else:
            figures |= check(Path(argument))
        figures |= {"cpu": time.process_time() - started, "wall": time.perf_counter() - wall}
    print(json.dumps(figures | {"peak": peak_memory()}))


if __name__ == "__main__":
    main(*sys.argv[1:])
