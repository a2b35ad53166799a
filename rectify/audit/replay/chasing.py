"""Playing the entries of chasing again: 督办单, their answers, instructions, the messages of an act."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import groupby
from typing import Any

from django.db.models import QuerySet

from rectify.audit.replay.reading import Break, chunks, details_of, entries_of, place, vanished
from rectify.choices import Action
from rectify.models import AuditEntry, Handling, Instruction, Notice, Receipt, Reply, Report, Supervision
from rectify.models.notices import content_digest
from rectify.models.supervision import facts

CHUNK = 500
NO_MESSAGE = content_digest([])
ROWS: tuple[tuple[Any, str, str, tuple[str, ...]], ...] = (
    (Supervision, Action.ISSUE_SUPERVISION, "report", ("problems", "addressees")),
    (Receipt, Action.ACKNOWLEDGE_SUPERVISION, "addressee__supervision__report", ()),
    (Reply, Action.REPLY_SUPERVISION, "addressee__supervision__report", ("evidence",)),
    (Instruction, Action.INSTRUCT, "problem__report", ()),
    (Handling, Action.ACKNOWLEDGE_INSTRUCTION, "instruction__problem__report", ()),
)


def disagreements(report: Report, using: str) -> Iterator[Break]:
    """Every row of chasing that is not what its entry says, and entries whose row is gone."""
    for model, act, path, related in ROWS:
        rows = model._default_manager.using(using).filter(**{path: report})
        for chunk in chunks(rows.prefetch_related(*related)):
            entries = entries_of(report, using, str(model._meta.model_name), chunk)
            for row in chunk:
                yield from _row_breaks(row, [entry for entry in entries[row.pk] if entry.act == act])
        yield from vanished(report, using, str(model._meta.model_name), [act], rows)
    yield from messages(report, using)


def _row_breaks(row: Any, entries: list[AuditEntry]) -> Iterator[Break]:
    name = f"{row._meta.verbose_name}（编号 {row.pk}）"
    if not entries:
        yield Break(name, "没有对应的记录")
        return
    entry = entries[0]
    if entry.is_purged:
        return
    details = details_of(entry)
    where = f"{place(entry)}，{name}"
    if details.get("row") != facts(row):
        yield Break(where, "内容与记录不符")
    elif isinstance(row, Reply) and _files(row) != _said(details):
        yield Break(where, "佐证材料与记录不符")


def _files(row: Reply) -> list[tuple[str, int, str]]:
    return sorted((file.name, file.size, file.sha256) for file in row.evidence.all())


def _said(details: dict[str, Any]) -> list[tuple[str, int, str]]:
    return sorted((part["name"], part["size"], part["sha256"]) for part in details.get("evidence", []))


def messages(report: Report | None, using: str) -> Iterator[Break]:
    """The messages of each act are those its entry holds the digest of."""
    rows = Notice.objects.using(using).filter(entry__report=report).order_by("entry_id", "pk")
    found = groupby(rows.iterator(chunk_size=CHUNK), key=lambda notice: notice.entry_id)
    digests = {pk: content_digest(notice.content for notice in group) for pk, group in found}
    for entry in _telling(report, using).iterator(chunk_size=CHUNK):
        there = digests.pop(entry.pk, NO_MESSAGE)
        if not entry.is_purged and details_of(entry).get("notices", {}).get("digest") != there:
            yield Break(place(entry), "消息与记录不符")
    for pk in digests:
        yield Break(f"审计记录（编号 {pk}）", "有不属于这一条的消息")


def _telling(report: Report | None, using: str) -> QuerySet[AuditEntry]:
    acts = [act for _, act, _, _ in ROWS] + [Action.CHASE_UNREPORTED, Action.REMIND, Action.TEST_DELIVERY]
    return AuditEntry.objects.using(using).filter(report=report, act__in=acts).order_by("number")
