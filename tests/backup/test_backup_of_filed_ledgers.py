"""A filed ledger's file is in the backup, comes back with it, and is missed when it is gone."""

from __future__ import annotations

import pytest
from django.conf import settings
from django.core.management import call_command
from django.core.management.base import CommandError

from rectify.models import IssuedLedger
from tests.builders import cast
from tests.filed import file_one

pytestmark = [pytest.mark.django_db(transaction=True, databases=["default", "snapshot"]), pytest.mark.once]


def test_the_file_comes_back_and_verifies(run, tmp_path):
    issued = file_one(cast())
    data = issued.path.read_bytes()
    assert "0 份佐证材料、1 份存档台账" in run("backup", str(tmp_path / "备份.tar"))
    call_command("flush", interactive=False, verbosity=0)
    settings.EVIDENCE_DIR = tmp_path / "new" / "evidence"
    assert "核对通过" in run("restore", str(tmp_path / "备份.tar"))
    assert IssuedLedger.objects.get().path.read_bytes() == data


def test_a_file_that_is_gone_is_named(run, tmp_path):
    issued = file_one(cast())
    issued.path.unlink()
    with pytest.raises(CommandError, match=issued.stored):
        run("backup", str(tmp_path / "备份.tar"))
