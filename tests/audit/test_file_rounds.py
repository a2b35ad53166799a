"""Every file is read again within thirty days, a slice a round; what is wrong is told until it is right."""

from __future__ import annotations

import datetime as dt
import json

import pytest
from django.test import Client

from rectify import clock
from rectify.audit import file_rounds
from rectify.audit.file_rounds import PASS
from rectify.models import Evidence
from rectify.operations import progress
from tests import builders

pytestmark = [pytest.mark.django_db, pytest.mark.once]
START = dt.datetime(2026, 5, 1, 2, tzinfo=dt.UTC)
FILES = 10


def history() -> builders.Cast:
    cast = builders.cast()
    for number in range(FILES):
        progress.add(cast.problem, by=cast["clerk"], text=f"第 {number} 次", files=[builders.pdf()])
    return cast


WORLD = history


def read_on(share: float) -> int:
    """A round when that part of the time of a pass is over."""
    with clock.pretend(START + share * PASS):
        return file_rounds.read_slice()


def test_all_files_are_read_within_a_pass_and_then_again(made):
    assert dt.timedelta(days=30) > PASS
    assert [read_on(0), read_on(0.25), read_on(0.25), read_on(0.5)] == [0, 3, 0, 2]
    assert read_on(1) == FILES - 5
    rounds = file_rounds.last()
    assert rounds is not None and rounds.read == 0 and rounds.finished == "2026-05-26"
    assert read_on(2) == FILES


def test_a_wrong_file_is_told_to_auditor_and_administrator_until_it_is_right(made):
    evidence = Evidence.objects.order_by("pk")[2]
    kept = evidence.path.read_bytes()
    read_on(0)
    evidence.path.chmod(0o600)
    evidence.path.write_bytes(b"%PDF another")
    read_on(0.5)
    words = f"问题 {made.problem.code} 的佐证材料（编号 {evidence.pk}）：文件内容与记录不符"
    assert words in page(made, "auditor", "/audit/verification/")
    assert "有 1 个文件丢失或被改动" in page(made, "sysadmin", "/")
    evidence.path.write_bytes(kept)
    read_on(0.5)
    assert "没有发现丢失或被改动的文件" in page(made, "auditor", "/audit/verification/")
    assert "丢失或被改动：" not in page(made, "sysadmin", "/")


def test_a_round_of_the_background_work_reads_a_slice(made, run):
    read_on(0)
    Evidence.objects.order_by("pk")[0].path.unlink()
    with clock.pretend(START + PASS):
        assert json.loads(run("tick"))["files"] == FILES
    rounds = file_rounds.last()
    assert rounds is not None and "文件不见了" in str(rounds.wrong[0])


def page(made: builders.Cast, role: str, path: str) -> str:
    client = Client()
    client.force_login(made[role])
    return client.get(path).content.decode()
