"""A backup of one kind of database comes back in the other and once more, the same; a rehearsal."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests import scratch
from tests.installation import Installation, with_demo
from tests.postgres_server import cluster, find_binaries

COUNTS = (
    "{m._meta.db_table: m._base_manager.count() for m in __import__('django').apps.apps.get_models(True)}"
)
VALUES = (
    "[sorted(map(repr, m._base_manager.exclude(pk=0).values_list())) for m in "
    "(Problem, ProblemState, Measure, ProgressNote, Evidence, Membership, Holiday, LedgerSettings)]"
)


@pytest.fixture
def postgres() -> Iterator[str]:
    """The address of an empty database."""
    binaries = find_binaries()
    if binaries is None:
        pytest.skip("No PostgreSQL on this machine (Debian: apt-get install postgresql).")
    folder = Path(scratch.folder())
    folder.chmod(0o755)
    with cluster(binaries, folder) as running:
        yield running.make("crossing")
    shutil.rmtree(folder, ignore_errors=True)


@pytest.mark.ci
def test_from_sqlite_to_postgres_and_back(tmp_path: Path, postgres: str) -> None:
    there = Installation(tmp_path / "there", postgres)
    there.folder.mkdir()
    here, back = with_demo(tmp_path / "here"), Installation(tmp_path / "back")
    back.folder.mkdir()
    for other in (there, back):
        other.must("migrate", "-v0")
    values, counts = here.query(VALUES), here.query(COUNTS)
    here.must("backup", str(tmp_path / "one.tar"))
    assert "核对通过" in there.must("restore", str(tmp_path / "one.tar"))
    assert there.query(VALUES) == values and there.files() == here.files()
    there.must("backup", str(tmp_path / "two.tar"))
    assert "核对通过" in back.must("restore", str(tmp_path / "two.tar"))
    assert back.query(VALUES) == values and back.files() == here.files()
    more = {"rectify_auditentry": 2}  # both restores are on record
    assert back.query(COUNTS) == {name: count + more.get(name, 0) for name, count in counts.items()}
    said = back.must("restore", str(tmp_path / "two.tar"), "--rehearse")
    assert "演练完成" in said and "10 项问题" in said and "核对通过" in said
    whole = (tmp_path / "two.tar").read_bytes()
    (tmp_path / "bad.tar").write_bytes(whole[: len(whole) // 2])
    refused = back.run("restore", str(tmp_path / "bad.tar"), "--rehearse")
    assert refused.returncode == 1 and "演练没有成功" in refused.stderr
    assert "找不到备份文件" in back.run("restore", str(tmp_path / "none.tar"), "--rehearse").stderr
    assert not list(back.folder.glob(".rehearse-*"))
