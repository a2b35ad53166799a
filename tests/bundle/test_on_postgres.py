"""On PostgreSQL: an upgrade that fails leaves the version before with its rows, its files and its record."""

from __future__ import annotations

import re
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests import scratch
from tests.bundle.conftest import broken, changed
from tests.installation import PASSWORD, free_port
from tests.postgres_server import cluster, find_binaries

pytestmark = [pytest.mark.long, pytest.mark.sqlite]
SCRIPT = """
set -eu
"$1/first/install.sh" --trial --yes --dir "$1/inst" --data "$1/data" --port "$2" --database "$4"
"$1/inst/rectify" demo --password "$3" > "$1/accounts"
find "$1/data/evidence" -type f | sort > "$1/before"
"$1/worse/install.sh" --trial --upgrade --dir "$1/inst" || true
find "$1/data/evidence" -type f | sort | diff "$1/before" - && echo same-files
"$1/inst/current/.venv/bin/python" -c '
import sys, urllib.request
print("healthz", urllib.request.urlopen(f"http://127.0.0.1:{sys.argv[1]}/healthz").status)' "$2"
"$1/inst/rectify" verify_audit | tail -n 4
"$1/inst/rectify" shell -v 0 -c '
from rectify.models import Problem, Unit
print("rows", Problem.objects.count(), Unit.objects.filter(name="改坏了").count())'
readlink "$1/inst/current"
"$1/first/install.sh" --trial --uninstall --yes --dir "$1/inst"
"""


@pytest.fixture
def postgres() -> Iterator[str]:
    """The address of an empty database."""
    binaries = find_binaries()
    if binaries is None:
        pytest.skip("No PostgreSQL on this machine (Debian: apt-get install postgresql).")
    folder = Path(scratch.folder())
    folder.chmod(0o755)
    with cluster(binaries, folder) as running:
        yield running.make("office")
    shutil.rmtree(folder, ignore_errors=True)


def test_a_failed_upgrade_is_taken_back(first: Path, postgres: str) -> None:
    changed(first, "worse", "9.0.3", broken)
    command = ["sh", "-c", SCRIPT, "sh", str(first.parent), str(free_port()), PASSWORD, postgres]
    done = subprocess.run(command, capture_output=True, text=True)
    said = done.stdout + done.stderr
    assert done.returncode == 0, said
    assert "没有升级：已恢复" in said and "healthz 200" in said and "same-files" in said, said
    assert "核对通过" in said and "rows 10 0" in said, said
    assert re.search(r"^releases/(?!9\.0\.3)", done.stdout, re.MULTILINE), said
