"""What the office writes for a ledger's report: kept with its version, each change recorded."""

from __future__ import annotations

from django.db import transaction
from django.db.models import F

from rectify.audit import chain, field_values, written
from rectify.choices import Action
from rectify.errors import Difference, Stale
from rectify.models import Narrative, Report, User
from rectify.operations import recording

PARTS = ("overall", "practices", "next_steps")


def write(report: Report, *, by: User, seen: int, **texts: str) -> Narrative:
    """Keep the parts of the report's text; raises Stale, with both texts, when somebody wrote meanwhile."""
    with transaction.atomic():
        chain.lock([report])
        recording.require(by, Action.EDIT_REPORT, report)
        row, _ = Narrative.objects.get_or_create(report=report)
        differing = {name: text.strip() for name, text in texts.items() if text.strip() != getattr(row, name)}
        if row.version != seen:
            raise _stale(row, differing)
        if not differing:
            return row
        changes = [field_values.describe(row, name, text) for name, text in differing.items()]
        Narrative.objects.filter(pk=row.pk, version=seen).update(**differing, version=F("version") + 1)
        row.refresh_from_db()
        written.wrote(row)
        chain.append_entry(
            by=by,
            act=Action.EDIT_REPORT,
            report=report,
            target=row,
            label=f"{report.prefix} 报告文字",
            payload={"changes": changes},
        )
        return row


def _stale(row: Narrative, mine: dict[str, str]) -> Stale:
    differences = [
        Difference(field_values.label(row, name), text, field_values.shown(row, name, getattr(row, name)))
        for name, text in mine.items()
    ]
    message = "保存失败，您填写的内容没有丢失：报告文字刚刚被别人更新。请核对后再次提交。"
    return Stale(message, differences, row.version)
