"""What the digests of rows leave out because it is derived, each with a check of its own."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import groupby
from typing import Any

from django.db.models import Count, F, OuterRef, Q, QuerySet, Subquery

from rectify.audit.checks.paired import paired
from rectify.audit.mismatch import Mismatch
from rectify.models import AuditEntry, FollowUp, Measure, Notice, Problem, ProgressNote, Report
from rectify.models.notices import content_digest

CHUNK = 500
NO_MESSAGE = content_digest([])


def mismatches(report: Report | None, using: str) -> Iterator[Mismatch]:
    """Versions, times of the last note, days of the next follow-up, and the messages of each act; the counts
    are verify_summaries'."""
    if report is not None:
        decided = Count("states", filter=Q(states__by_fact=False))
        yield from _versions(Problem.objects.using(using).filter(report=report), decided)
        yield from _versions(Measure.objects.using(using).filter(problem__report=report), Count("states"))
        yield from _reported(report, using)
        yield from _followed(report, using)
    yield from _messages(report, using)


def _versions(rows: QuerySet[Any], changes: Count) -> Iterator[Mismatch]:
    """Every change opened one state row and counted the version up; what a fact moved did not."""
    for row in rows.annotate(changes=changes).exclude(version=F("changes")).order_by("pk"):
        what = f"版本号是 {row.version}，记录却有 {row.changes} 次变更"
        yield Mismatch(f"{row._meta.verbose_name}（编号 {row.pk}）", what)


def _reported(report: Report, using: str) -> Iterator[Mismatch]:
    """Each problem carries the time of its last note, from which 未报 is computed."""
    newest = ProgressNote.objects.using(using).filter(problem=OuterRef("pk")).order_by("-at").values("at")[:1]
    problems = Problem.objects.using(using).filter(report=report).annotate(newest=Subquery(newest))
    rows = problems.order_by("pk").values_list("pk", "reported_at", "newest")
    for pk, reported_at, at in rows.iterator(chunk_size=CHUNK):
        if reported_at != at:
            yield Mismatch(f"问题（编号 {pk}）", "最近填报时间与进展记录不符")


def _followed(report: Report, using: str) -> Iterator[Mismatch]:
    """Each problem carries the day of its next follow-up, by which those that are due are found."""
    planned = Subquery(FollowUp.objects.using(using).next_of_problem())
    problems = Problem.objects.using(using).filter(report=report).annotate(planned=planned)
    rows = problems.order_by("pk").values_list("pk", "follow_up_on", "planned")
    for pk, follow_up_on, day in rows.iterator(chunk_size=CHUNK):
        if follow_up_on != day:
            yield Mismatch(f"问题（编号 {pk}）", "下次回头看的日期与计划不符")


def _messages(report: Report | None, using: str) -> Iterator[Mismatch]:
    """The messages of each act are those its entry holds the digest of."""
    entries = AuditEntry.objects.using(using).filter(report=report)
    telling = entries.filter(payload__contains='"notices":').order_by("pk").values_list("pk", "payload")
    for pk, entry, sent in paired(telling.iterator(chunk_size=CHUNK), _sent(report, using)):
        there = sent[1] if sent else NO_MESSAGE
        said = AuditEntry(payload=entry[1]).details.get("notices") if entry else None
        if said and said["digest"] != there:
            yield _of_entry(entries.get(pk=pk), "消息与记录不符")
        elif entry is None and not (purged := entries.get(pk=pk)).is_purged:
            yield _of_entry(purged, "有不属于这一条的消息")


def _sent(report: Report | None, using: str) -> Iterator[tuple[int, str]]:
    """(entry, digest of its messages), in the order of the entries."""
    rows = Notice.objects.using(using).filter(entry__report=report).order_by("entry_id", "pk")
    for pk, group in groupby(rows.iterator(chunk_size=CHUNK), key=lambda notice: notice.entry_id):
        yield pk, content_digest(notice.content for notice in group)


def _of_entry(entry: AuditEntry, what: str) -> Mismatch:
    return Mismatch(f"第 {entry.number} 条（{entry.get_act_display()}）", what)
