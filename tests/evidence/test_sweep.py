"""Sweeping: what no row names and is older than a day goes; everything else stays."""

from __future__ import annotations

import os
import time

import pytest

from rectify.evidence import storage
from rectify.models import Evidence
from tests import builders

pytestmark = pytest.mark.django_db

WORLD = builders.cast
DAY = 24 * 60 * 60


def left_behind(age: float) -> str:
    """A file that no row names, as a server killed in the middle leaves it."""
    stored = storage.keep(builders.pdf("断电.pdf")).stored
    path = Evidence(stored=stored).path
    os.utime(path, (time.time() - age,) * 2)
    return stored


def test_only_what_no_row_names_and_is_old_goes(made, run):
    from rectify.operations import progress

    note = progress.add(made.problem, by=made["clerk"], text="已完成", files=[builders.pdf("佐证.pdf")])
    named = note.evidence.get()
    os.utime(named.path, (time.time() - 2 * DAY,) * 2)
    old, young = left_behind(2 * DAY), left_behind(60)
    assert old in run("sweep", "--dry-run") and Evidence(stored=old).path.exists()
    assert "已清理 1 个" in run("sweep")
    assert not Evidence(stored=old).path.exists()
    assert Evidence(stored=young).path.exists() and named.path.exists()
    assert "没有需要清理的文件" in run("sweep")
