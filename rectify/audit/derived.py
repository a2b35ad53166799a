"""What the digests of rows leave out because it is derived, each with a check of its own."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import groupby
from typing import Any

from django.db.models import Count, F, OuterRef, QuerySet, Subquery

from rectify.audit.mismatch import Mismatch
from rectify.models import AuditEntry, Measure, Notice, Problem, ProgressNote, Report
from rectify.models.notices import content_digest

CHUNK = 500
NO_MESSAGE = content_digest([])


def mismatches(report: Report | None, using: str) -> Iterator[Mismatch]:
    """Versions, times of the last note, and the messages of each act; the counts are verify_summaries'."""
    if report is not None:
        yield from _versions(Problem.objects.using(using).filter(report=report))
        yield from _versions(Measure.objects.using(using).filter(problem__report=report))
        yield from _reported(report, using)
    yield from _messages(report, using)


def _versions(rows: QuerySet[Any]) -> Iterator[Mismatch]:
    """Every change opened one state row and counted the version up."""
    for row in rows.annotate(changes=Count("states")).exclude(version=F("changes")).order_by("pk"):
        what = f"版本号是 {row.version}，记录却有 {row.changes} 次变更"
        yield Mismatch(f"{row._meta.verbose_name}（编号 {row.pk}）", what)


def _reported(report: Report, using: str) -> Iterator[Mismatch]:
    """Each problem carries the time of its last note, from which 未报 is computed."""
    newest = ProgressNote.objects.using(using).filter(problem=OuterRef("pk")).order_by("-at").values("at")[:1]
    problems = Problem.objects.using(using).filter(report=report).annotate(newest=Subquery(newest))
    for problem in problems.order_by("pk").iterator(chunk_size=CHUNK):
        if problem.reported_at != problem.newest:
            yield Mismatch(f"问题（编号 {problem.pk}）", "最近填报时间与进展记录不符")


def _messages(report: Report | None, using: str) -> Iterator[Mismatch]:
    """The messages of each act are those its entry holds the digest of."""
    rows = Notice.objects.using(using).filter(entry__report=report).order_by("entry_id", "pk")
    found = groupby(rows.iterator(chunk_size=CHUNK), key=lambda notice: notice.entry_id)
    digests = {pk: content_digest(notice.content for notice in group) for pk, group in found}
    telling = AuditEntry.objects.using(using).filter(report=report, payload__contains='"notices":')
    for entry in telling.order_by("number").iterator(chunk_size=CHUNK):
        there = digests.pop(entry.pk, NO_MESSAGE)
        if (said := entry.details.get("notices")) and said["digest"] != there:
            yield Mismatch(f"第 {entry.number} 条（{entry.get_act_display()}）", "消息与记录不符")
    for pk in sorted(digests):
        entry = AuditEntry.objects.using(using).get(pk=pk)
        if not entry.is_purged:
            yield Mismatch(f"第 {entry.number} 条（{entry.get_act_display()}）", "有不属于这一条的消息")
