"""Where benchmarks keep their databases, and the whole table at the end of a run."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest

from .databases import SIZE
from .table import SHOWN, print_table


@pytest.fixture(scope="session")
def databases(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder named by BENCH_DATA, so that a second run only measures; of this run where its server is."""
    kept = None if "DATABASE_URL" in os.environ else os.environ.get("BENCH_DATA")
    folder = Path(kept) if kept else tmp_path_factory.mktemp("databases")
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def pytest_terminal_summary(terminalreporter: Any) -> None:
    if SHOWN:
        vendor = "PostgreSQL" if os.environ.get("DATABASE_URL", "").startswith("postgres") else "SQLite"
        terminalreporter.write_sep("=", f"{vendor}, up to {SIZE:,} items")
        print_table(SHOWN)
