"""One returned ledger of 3,000 rows: built, exported, filled in, read raw, planned, loaded; prints JSON.

    python -m tests.benchmarks.import_worker FOLDER

The database is the SQLite file of DATA_DIR.
"""

from __future__ import annotations

import io
import json
import resource
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from tests.benchmarks import ledger_worker  # sets Django up

# isort: split
import openpyxl
from django.core.management import call_command
from django.db import connection, transaction

from rectify import clock
from rectify.arrivals import limited_child
from rectify.ledger.roundtrip import load, merge
from rectify.ledger.roundtrip.grid import read_grid
from rectify.ledger.roundtrip.reader import read_returned
from rectify.ledger.roundtrip.rows import RELATED, Names, stored_cells
from rectify.models import Leader, Problem, Report, User
from rectify.operations import problems, progress
from rectify.policies import may
from rectify.xlsx.reader import read_book
from rectify.xlsx.structure import RETURNED
from tests.benchmarks.lock_worker import Lock

ROWS = 3_000
SOME = 300


def main(folder: Path) -> None:
    limited_child.CAN_FORK = False  # children that are our own can be measured
    ledger_worker.build(ROWS * ledger_worker.PER_PROBLEM)
    out, returned = folder / "填报表.xlsx", folder / "填好.xlsx"
    export = lambda: call_command("export_ledger", out=str(out), working=True, stdout=io.StringIO())  # noqa: E731
    figures: dict[str, Any] = {"export": timed(export)}
    fill(out, returned)
    user = User.objects.get()
    figures["raw"] = min(timed(lambda: openpyxl.load_workbook(returned)) for _ in range(2))
    plans: list[Any] = []
    figures["plan"] = min(timed(lambda: plans.append(planned(returned, user))) for _ in range(2))
    figures["one_by_one"] = round(timed(lambda: one_by_one(user)) * ROWS / SOME, 2)
    lock = Lock()
    with connection.execute_wrapper(counting(figures)):
        figures["load"] = timed(lambda: loaded(returned, user))
    figures["held"] = round(lock.held, 2)
    figures["full_by_hand"] = timed(lambda: full_by_hand(user))
    with connection.execute_wrapper(counting(figures, "full_statements")):
        figures["full"] = timed(lambda: grid_saved(user))
    figures["carried_out"] = round(figures["load"] - figures["plan"], 2)
    figures["counts"] = plans[0].counts
    figures["peak_mib"] = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    figures["child_peak_mib"] = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss // 1024
    print(json.dumps(figures))


def timed(act: Callable[[], Any]) -> float:
    """CPU seconds of this process and its children: other people's work does not count."""

    def used() -> float:
        own, children = (resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
        return own.ru_utime + own.ru_stime + children.ru_utime + children.ru_stime

    before = used()
    act()
    return round(used() - before, 2)


def one_by_one(user: User) -> None:
    """Notes by hand on some items, taken back: what a row costs where nothing is put together."""
    with transaction.atomic():
        for problem in Problem.objects.order_by("pk")[:SOME]:
            progress.add(problem, by=user, text="印发实施办法，办结历史遗留问题。", percent=50)
        transaction.set_rollback(True)


def full_by_hand(user: User) -> None:
    """Changes of several fields and a note, one item after the other, taken back."""
    with transaction.atomic():
        for item in Problem.objects.order_by("pk")[:SOME]:
            said = {"by": user, "reason": "核对"}
            item = problems.edit(item, seen=item.version, goal="新目标", remark="新备注", **said)
            leader = Leader.objects.exclude(pk=item.leader_id)[0]
            item = problems.assign(item, seen=item.version, leader=leader, also_standing=True, **said)
            progress.add(item, by=user, text="逐项核对，补齐短板。", percent=60)
        transaction.set_rollback(True)


def grid_saved(user: User) -> None:
    """The same as a grid posts it; kept."""
    names, posted = Names(report := Report.objects.get()), {}
    for item in Problem.objects.select_related(*RELATED).prefetch_related("supporting_units")[:SOME]:
        leader = next(post for post in names.leaders if post != names.leader(item.leader))
        now = {"goal": "新目标", "remark": "新备注", "progress": "逐项核对，补齐短板。", "percent": "60"}
        now |= {"leader": leader, "kind": f"{item.get_kind_display()}，并长期坚持"}
        posted[item.code] = {"version": item.version, "was": stored_cells(item, names), "now": now}
    rows = read_grid(json.dumps({"at": clock.now().isoformat(), "rows": posted}), report)
    done = load.apply(rows.returned, by=user, may=may, name="表格填写", sha256="0" * 64)
    assert done.applied == SOME, done.plan.counts


def counting(figures: dict[str, Any], name: str = "statements") -> Callable[..., Any]:
    figures[name] = 0

    def count(execute: Any, *said: Any) -> Any:
        figures[name] += 1
        return execute(*said)

    return count


def fill(source: Path, target: Path) -> None:
    """Progress in every row, and another responsible person in every tenth."""
    book = openpyxl.load_workbook(source)
    sheet = book["填报"]
    columns = {cell.value: cell.column for cell in sheet[3]}
    for row in rows(sheet):
        sheet.cell(row, columns["本次进展"]).value = f"第 {row} 行：印发实施办法，办结历史遗留问题。"
        sheet.cell(row, columns["完成比例（%）"]).value = row % 101
        if row % 10 == 0:
            sheet.cell(row, columns["责任人"]).value = f"新局长{row}"
    book.save(target)


def rows(sheet: Any) -> Iterator[int]:
    yield from range(4, sheet.max_row + 1)


def planned(path: Path, user: User) -> Any:
    return merge.plan(read_returned(read_book(path, RETURNED)), user, may=may)


def loaded(path: Path, user: User) -> None:
    began = time.perf_counter()
    found = read_returned(read_book(path, RETURNED))
    done = load.apply(found, by=user, may=may, name=path.name, sha256="0" * 64)
    assert done.applied == ROWS, done.plan.counts
    print(f"load took {time.perf_counter() - began:.1f} s by the clock", file=sys.stderr)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
