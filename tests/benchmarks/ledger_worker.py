"""One measured step of the ledger benchmark in a process of its own; prints its figures as JSON.

    python -m tests.benchmarks.ledger_worker build MEASURES
    python -m tests.benchmarks.ledger_worker ours|openpyxl|openpyxl-by-hand|command|check FILE
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
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "rectify.settings")

import django

django.setup()

import openpyxl
from django.core.management import call_command
from django.db import transaction
from openpyxl.styles import Alignment, Border, Font, NamedStyle, PatternFill, Side
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.cell_range import CellRange

from rectify import clock
from rectify.choices import Basis, Kind, LinkStatus, MeasureKind, Role, Status
from rectify.ledger.columns import LEDGER, MergeLevel
from rectify.ledger.print.layout import block_lines, row_points
from rectify.ledger.print.shell import HEADER_FILL, LIGHT_COLOURS
from rectify.ledger.print.writer import write_ledger
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
from rectify.xlsx.cells import count_lines, units_of

TODAY = dt.date(2025, 6, 15)
NOW = dt.datetime(2025, 6, 15, 2, tzinfo=dt.UTC)
PER_PROBLEM = 3
Merge = Callable[[Any, int, int, int], None]
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


# -- the two exports ----------------------------------------------------------------------------------


def stamp() -> Stamp:
    return Stamp("某县整改台账", "某县", TODAY, "县委办 整改办", NOW, "0123456789abcdef" * 4)


def source(using: str) -> Iterator[ProblemRow]:
    return ledger_rows(Problem.objects.all(), today=TODAY, using=using)


def ours(path: Path) -> None:
    with snapshot() as using, path.open("wb") as out:
        write_ledger(source(using), LEDGER.columns, stamp(), out)


def by_openpyxl(path: Path, merge: Merge) -> None:
    """The same ledger as openpyxl's normal mode writes it: cells, styles, merges, heights, print set-up."""
    book = openpyxl.Workbook()
    sheet = book.active
    names = add_styles(book)
    for index, column in enumerate(LEDGER.columns, 1):
        sheet.column_dimensions[get_column_letter(index)].width = column.width + 0.71
    sheet.append([stamp().title])
    sheet.append([f"填报单位（盖章）：{stamp().unit}"])
    sheet.append([column.heading_on(TODAY) for column in LEDGER.columns])
    for cell in sheet[3]:
        cell.style = "header"
    row = 3
    with snapshot() as using:
        for problem in source(using):
            row = add_block(sheet, problem, row + 1, names, merge)
    sheet.freeze_panes = "D4"
    sheet.auto_filter.ref = f"A3:R{row}"
    sheet.print_title_rows = "3:3"
    sheet.page_setup.orientation, sheet.page_setup.paperSize = "landscape", 8
    sheet.page_setup.fitToHeight = 0
    sheet.sheet_properties.pageSetUpPr.fitToPage = True
    sheet.oddFooter.center.text = "第 &P 页 共 &N 页"
    book.save(path)


def merge_as_documented(sheet: Any, column: int, first: int, last: int) -> None:
    """Compares each span with all before it, so that it costs minutes for a long ledger."""
    sheet.merge_cells(start_row=first, end_row=last, start_column=column, end_column=column)


def merge_by_hand(sheet: Any, column: int, first: int, last: int) -> None:
    """Past openpyxl's interface, for whoever knows that spans do not overlap."""
    sheet.merged_cells.ranges.add(CellRange(None, column, first, column, last))


def add_styles(book: openpyxl.Workbook) -> list[str]:
    side = Side(style="thin", color="7F8894")
    box = Border(left=side, right=side, top=side, bottom=side)
    font = Font(name="仿宋", size=10.5)
    for name, align in (("prose", "left"), ("centre", "center"), ("header", "center")):
        style = NamedStyle(name, font=font, border=box)
        style.alignment = Alignment(horizontal=align, vertical="center", wrap_text=True)
        if name == "header":
            style.font, style.fill = (
                Font(name="黑体", size=10.5, bold=True),
                PatternFill("solid", HEADER_FILL),
            )
        book.add_named_style(style)
    for light, (fill, ink) in LIGHT_COLOURS.items():
        style = NamedStyle(str(light), font=Font(name="仿宋", size=10.5, bold=True, color=ink), border=box)
        style.alignment = Alignment(horizontal="center", vertical="center", wrap_text=True)
        style.fill = PatternFill("solid", fill)
        book.add_named_style(style)
    return ["prose" if column.prose else "centre" for column in LEDGER.columns]


def add_block(sheet: Any, problem: ProblemRow, first: int, names: list[str], merge: Merge) -> int:
    grid, heights = block_of(problem)
    for row, (values, height) in enumerate(zip(grid, heights, strict=True), first):
        sheet.row_dimensions[row].height = height
        for index, (value, name, column) in enumerate(zip(values, names, LEDGER.columns, strict=True), 1):
            cell = sheet.cell(row, index, value)
            if isinstance(value, str):
                cell.data_type = "s"
            cell.style = problem.light if column.lit and problem.light in LIGHT_COLOURS else name
    last = first + len(grid) - 1
    if last > first:
        for index, column in enumerate(LEDGER.columns, 1):
            if column.level != MergeLevel.MEASURE:
                merge(sheet, index, first, last)
    return last


def block_of(problem: ProblemRow) -> tuple[list[list[str | int | None]], list[float]]:
    """A problem's rows of values, blank as None, and their heights."""
    grid: list[list[str | int | None]] = []
    own, steps = 1, []
    for measure in problem.measures or (NO_MEASURE,):
        values: list[str | int | None] = []
        step = 1
        for column in LEDGER.columns:
            if grid and column.level != MergeLevel.MEASURE:
                values.append(None)
                continue
            value = column.get(problem, measure)
            values.append(value or None)
            if isinstance(value, str) and value:
                lines = count_lines(value, units_of(value), column.width)
                if column.level == MergeLevel.MEASURE:
                    step = max(step, lines)
                elif column.level == MergeLevel.PROBLEM:
                    own = max(own, lines)
        steps.append(step)
        grid.append(values)
    return grid, [row_points(lines) for span in block_lines(steps, own) for lines in span]


# -- equality -----------------------------------------------------------------------------------------


def check(path: Path) -> dict[str, int]:
    """Every cell of our file against the rows it was made of."""
    book = openpyxl.load_workbook(path, read_only=True)
    written = book.worksheets[0].iter_rows(min_row=4, max_col=len(LEDGER.columns), values_only=True)
    cells = rows = 0
    with snapshot() as using:
        for values in expected(source(using)):
            assert list(next(written)) == values, f"row {rows + 4} differs"
            rows += 1
            cells += len(values)
    assert next(written)[0].startswith("填报人")
    return {"rows": rows, "cells": cells}


def expected(problems: Iterable[ProblemRow]) -> Iterator[list[str | int | None]]:
    aspect = ""
    index = [column.key for column in LEDGER.columns].index("aspect")
    for problem in problems:
        grid, _ = block_of(problem)
        if problem.aspect == aspect:
            grid[0][index] = None
        aspect = problem.aspect
        yield from grid


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
            by_openpyxl(Path(argument), merge_as_documented)
        elif step == "openpyxl-by-hand":
            by_openpyxl(Path(argument), merge_by_hand)
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
