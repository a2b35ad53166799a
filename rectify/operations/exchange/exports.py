"""Every ledger that leaves is recorded, with the digest of its file and the audit head printed on it."""

from __future__ import annotations

import datetime as dt

from django.db import transaction

from rectify import clock
from rectify.audit import chain
from rectify.choices import Action
from rectify.models import LedgerExport, Report, User
from rectify.operations import recording


def record(
    report: Report,
    *,
    by: User,
    as_of: dt.date,
    columns: str,
    selection: str,
    problems: int,
    sha256: str,
    head: str,
) -> LedgerExport:
    """Record one export in the table of exports and in the ledger's chain."""
    with transaction.atomic():
        chain.lock([report])
        recording.require(by, Action.EXPORT, report)
        export = LedgerExport.objects.create(
            report=report,
            by=by,
            at=clock.now(),
            as_of=as_of,
            columns=columns,
            selection=selection[:500],
            problems=problems,
            sha256=sha256,
            head=head,
        )
        facts = {"as_of": as_of.isoformat(), "columns": columns, "selection": selection[:500]}
        facts |= {"problems": str(problems), "sha256": sha256, "head": head}
        chain.append_entry(
            by=by,
            act=Action.EXPORT,
            report=report,
            target=export,
            label=f"台账导出 {export.pk}",
            payload={"export": facts},
        )
        return export
