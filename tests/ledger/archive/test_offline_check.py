"""A filed ledger is checked without the server: file, code, certificate and anchor belong together or not."""

from __future__ import annotations

import subprocess
import sys

import pytest

from rectify import clock
from tests import builders
from tests.ledger.archive.offline_cases import FILED, SCRIPT, answer, cases

pytestmark = pytest.mark.django_db


def history() -> builders.Cast:
    with clock.pretend(FILED.replace(day=1)):
        return builders.cast()


WORLD = history


@pytest.fixture(autouse=True)
def one_connection(monkeypatch: pytest.MonkeyPatch) -> None:
    """A test's own transaction is not seen from the connection that reads snapshots."""
    monkeypatch.setattr("rectify.ledger.rows.SNAPSHOT", "default")


def test_the_genuine_passes_and_everything_else_has_its_own_sentence(made):
    for case in cases(made):
        assert answer(case).startswith(case.answer), (case.name, answer(case))


def test_the_script_runs_with_nothing_but_python(made, tmp_path):
    genuine, *_ = cases(made)
    (tmp_path / "台账.xlsx").write_bytes(genuine.ledger)
    (tmp_path / "凭据.txt").write_text(genuine.certificate, encoding="utf-8")
    (tmp_path / "锚点.txt").write_text(genuine.anchor, encoding="utf-8")
    command = [sys.executable, "-I", "-S", str(SCRIPT), "台账.xlsx", genuine.code, "凭据.txt"]
    for anchor, code in (("锚点.txt", 0), (genuine.anchor, 0), ("2025-03-21 1:1:" + "0" * 64, 1)):
        done = subprocess.run([*command, anchor], cwd=tmp_path, capture_output=True, text=True, timeout=60)
        assert done.returncode == code, done.stderr
        assert ("✓ 相符" in done.stdout) == (code == 0)


def test_a_certificate_holds_no_business_text(made):
    genuine, *_ = cases(made)
    for words in ("学用结合不紧", "督办不够经常", "调研不深"):
        assert words not in genuine.certificate
