"""The ledger's export beside the same ledger by openpyxl: CPU, memory, and every cell read back."""

from __future__ import annotations

import json
import os
import resource
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parents[2]
TIMES_LESS_CPU = 2  # a floor against getting slower; without merged cells openpyxl is no longer far behind
PEAK_MIB = 150
GROWTH_MIB = 10

Figures = dict[str, Any]
Worker = Callable[..., Figures]


@pytest.fixture(scope="module")
def worker(tmp_path_factory: pytest.TempPathFactory) -> Worker:
    """worker(measures, step) measures one step in a process of its own, on a ledger of that size.

    With `limit` a step that takes more CPU seconds is ended, and its figures say so.
    """
    folders: dict[int, Path] = {}

    def step(measures: int, name: str, argument: str = "", limit: int = 600) -> Figures:
        if measures not in folders:
            folders[measures] = tmp_path_factory.mktemp(f"ledger-{measures}")
            step(measures, "build", str(measures))
        folder = folders[measures]
        environment = {key: value for key, value in os.environ.items() if key != "DATABASE_URL"}
        done = subprocess.run(
            [
                sys.executable,
                "-m",
                "tests.benchmarks.ledger_worker",
                name,
                argument or str(folder / "x.xlsx"),
            ],
            cwd=ROOT,
            env=environment | {"DATA_DIR": str(folder)},
            stdout=subprocess.PIPE,
            text=True,
            preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_CPU, (limit, limit + 1)),
        )
        if done.returncode in (-signal.SIGXCPU, -signal.SIGKILL):
            return {"cpu": limit, "peak": None}
        assert done.returncode == 0, done.stdout
        return dict(json.loads(done.stdout.splitlines()[-1]))

    return step


def told(what: str, figures: Figures) -> None:
    peak = f"peak {figures['peak']:.0f} MiB" if figures["peak"] else "not finished by then"
    print(f"\n  {what}: CPU {figures['cpu']:.2f} s, {peak}", end="")


def test_the_export_takes_a_fraction_of_openpyxls_cpu(worker):
    """20,000 measures of long Chinese text; all sides read the same rows from the same database."""
    rows = worker(20_000, "rows")
    # In turn, and the best of each: a busy machine makes nothing faster.
    ours, others = [], []
    for _ in range(2):
        ours += [worker(20_000, "ours"), worker(20_000, "ours")]
        others.append(worker(20_000, "openpyxl"))
    mine, other = (min(figures, key=lambda one: one["cpu"]) for figures in (ours, others))
    told("reading the rows alone", rows)
    told("our export", mine)
    told("openpyxl, normal mode", other)
    print(f"\n  {other['cpu'] / mine['cpu']:.1f} times less CPU, reading the rows included")
    assert other["cpu"] / mine["cpu"] >= TIMES_LESS_CPU
    assert mine["peak"] < PEAK_MIB


def test_every_cell_is_what_the_rows_say(worker):
    worker(20_000, "ours")
    read = worker(20_000, "check")
    print(f"\n  {read['cells']:,} cells in {read['rows']:,} rows read back and equal")
    assert read["rows"] >= 6_000


@pytest.mark.parametrize("step", ["ours", "command"])
def test_memory_does_not_grow_with_the_rows(worker, step):
    """The writer alone, and the whole of `manage.py export_ledger`."""
    small, large = worker(10_000, step), worker(100_000, step)
    told(f"{step}, 10,000 measures", small)
    told(f"{step}, 100,000 measures", large)
    print(f"\n  growth: {large['peak'] - small['peak']:.1f} MiB (at most {GROWTH_MIB} wanted)")
    assert large["peak"] < PEAK_MIB
    assert large["peak"] - small["peak"] <= GROWTH_MIB
