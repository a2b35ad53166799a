"""Archives of many days beside one folder of evidence: each file copied once, and still in every archive."""

from __future__ import annotations

import datetime as dt
import os
from pathlib import Path

import pytest
from django.conf import settings
from django.core.management.base import CommandError

from rectify import clock
from rectify.backup.last import last_backup
from rectify.backup.store import GONE, Store
from rectify.operations import progress, purging
from tests import builders
from tests.backup.archives import contents, emptied, files, taken_back, worked_on


@pytest.mark.django_db(transaction=True, databases=["default", "snapshot"])
def test_each_file_once_and_every_archive_whole(run, tmp_path, monkeypatch):
    cast, store = worked_on(), tmp_path / "evidence-kept"
    first, second = (str(tmp_path / f"rectify-2026010{day}.tar.gz") for day in (1, 2))
    assert "新复制 2 个文件" in run("backup", first, "--evidence", str(store))
    note = progress.add(cast.problem, by=cast["clerk"], text="又一次", files=[builders.pdf("三.pdf")])
    before, evidence = contents(), files()
    os.utime(first, (0, 0))
    said = run("backup", second, "--evidence", str(store), "--keep", "30")
    assert "新复制 1 个文件" in said and "3 份佐证材料" in said and "删去 30 天以前的备份 1 个" in said
    assert not Path(first).exists() and last_backup().size == Path(second).stat().st_size
    # What a purge takes out is kept as long as an archive may name it, and no longer.
    purging.confirm(purging.request(note, by=cast["office"], reason="误传"), by=cast["sysadmin"])
    run("backup", str(tmp_path / "rectify-20260103.tar.gz"), "--evidence", str(store), "--keep", "30")
    assert len(list(store.glob("??/*.gone-*"))) == 1 and len(list(store.glob("??/*"))) == 3
    emptied(tmp_path)
    with pytest.raises(CommandError, match="另存的材料不在"):
        run("restore", second)
    assert "核对通过" in run("restore", second, "--evidence", str(store))
    assert taken_back(second) == before and files() == evidence
    named = {path.name for path in store.glob("??/*") if GONE not in path.name}
    assert Store(store).let_go(named, days=30) == 0
    later = clock.today() + dt.timedelta(days=31)
    monkeypatch.setattr(clock, "today", lambda: later)
    assert Store(store).let_go(named, days=30) == 1
    assert {path.name for path in store.glob("??/*")} == named


@pytest.mark.django_db(transaction=True, databases=["default", "snapshot"])
def test_a_good_copy_outlives_the_file(run, tmp_path):
    worked_on()
    store = tmp_path / "kept"
    run("backup", str(tmp_path / "a-20260101.tar"), "--evidence", str(store))
    lost, altered = (path for path in Path(settings.EVIDENCE_DIR).rglob("*") if path.is_file())
    lost.unlink()
    altered.write_bytes(b"bent")
    with pytest.raises(CommandError) as told:
        run("backup", str(tmp_path / "b-20260102.tar"), "--evidence", str(store))
    assert lost.name in str(told.value) and altered.name in str(told.value)
    assert sorted(path.name for path in store.glob("??/*")) == sorted((lost.name, altered.name))
    emptied(tmp_path)
    assert "核对通过" in run("restore", str(tmp_path / "a-20260101.tar"), "--evidence", str(store))
    assert {path.split("/")[1] for path in files()} == {lost.name, altered.name}
