"""The pages where people wait, beside a bare page of the same process, session and size; a hundred rows
beside twenty-five.

`PAGES_DATA` keeps the database in a folder, so that a second run only measures.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

from .databases import ROOT, environment, make_database
from .table import Row, show

ROUNDS = 25


def measured(folder: Path) -> list[Row]:
    environ = environment(folder.parent, folder.name)
    if "DATABASE_URL" in environ and not folder.exists():
        make_database(environ["DATABASE_URL"])
    command = [sys.executable, "-m", "tests.benchmarks.pages_worker", str(ROUNDS)]
    done = subprocess.run(command, cwd=ROOT, env=environ, capture_output=True, text=True, timeout=900)
    assert done.returncode == 0, done.stderr[-3000:]
    return [Row(*cells) for cells in json.loads(done.stdout.splitlines()[-1])]


def test_pages_cost_a_few_bare_ones(tmp_path: Path) -> None:
    rows = measured(Path(os.environ.get("PAGES_DATA") or tmp_path / "pages"))
    show(rows)
    assert [row.work for row in rows if not row.met] == []
