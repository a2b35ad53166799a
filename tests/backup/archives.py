"""An installation with something in it: its every row and file, emptied, and as it comes back."""

from __future__ import annotations

import getpass
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.db import connection, transaction

from rectify.audit.append_only_triggers import lifted
from rectify.choices import Action
from rectify.models import AuditEntry, ChainHead
from rectify.operations import progress, purging
from tests import builders


def contents() -> dict[str, list[tuple[Any, ...]]]:
    """Every row of every table."""
    rows = {}
    with connection.cursor() as cursor:
        for table in connection.introspection.django_table_names(only_existing=True):
            cursor.execute(f"SELECT * FROM {connection.ops.quote_name(table)}")
            rows[table] = sorted(cursor.fetchall(), key=repr)
    return rows


def taken_back(archive: str) -> dict[str, list[tuple[Any, ...]]]:
    """Every row without the entry of the restore itself, which names archive, person and heads."""
    entry = AuditEntry.objects.get(act=Action.RESTORE_BACKUP)
    facts, head = entry.details["restored"], ChainHead.objects.get(report=None)
    assert (head.number, head.digest) == (entry.number, entry.digest)
    assert facts["archive"] == Path(archive).name and [0, entry.number - 1, entry.previous] in facts["heads"]
    assert getpass.getuser() in entry.reason
    with transaction.atomic(), lifted():
        entry.delete()
        ChainHead.objects.filter(report=None).update(number=entry.number - 1, digest=entry.previous)
    rows = contents()
    with transaction.atomic():
        entry.save(force_insert=True)
        ChainHead.objects.filter(report=None).update(number=entry.number, digest=entry.digest)
    return rows


def files() -> dict[str, bytes]:
    folder = Path(settings.EVIDENCE_DIR)
    found = [path for path in folder.rglob("*") if path.is_file()]
    return {str(path.relative_to(folder)): path.read_bytes() for path in found}


def emptied(tmp_path: Path) -> None:
    """A new installation: no row, no file."""
    call_command("flush", interactive=False, verbosity=0)
    settings.EVIDENCE_DIR = tmp_path / "new" / "evidence"


def worked_on() -> builders.Cast:
    cast = builders.cast()
    note = progress.add(cast.problem, by=cast["clerk"], text="印发\t方案\n第二行 \\N", files=[builders.pdf()])
    progress.correct(note, by=cast["clerk"], text="印发通知", reason="写错", files=[builders.pdf("二.pdf")])
    wrong = progress.add(cast.problem, by=cast["clerk"], text="误传", files=[builders.pdf("误传.pdf")])
    purging.confirm(purging.request(wrong, by=cast["office"], reason="误传"), by=cast["sysadmin"])
    return cast
