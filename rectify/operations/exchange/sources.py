"""The source a ledger was loaded from: kept with its file, its digest and the place of each problem."""

from __future__ import annotations

from typing import Any

from django.db import transaction

from rectify import clock
from rectify.audit import chain, written
from rectify.choices import Action
from rectify.digests import digest_of
from rectify.models import IntakeDraft, Problem, Report, SourcePassage, SourceText, User
from rectify.models.progress import PURGED
from rectify.operations import recording
from rectify.operations.exchange import intake_drafts


def keep(report: Report, draft: IntakeDraft, *, by: User, places: dict[int, tuple[int, int]]) -> SourceText:
    """Take the text and the file of a draft over; `places` says where each problem stands, by its key."""
    with transaction.atomic():
        chain.lock([report])
        recording.require(by, Action.LOAD_SOURCE, report)
        last = report.sources.order_by("-edition").values_list("edition", flat=True).first() or 0
        source = SourceText.objects.create(
            report=report,
            edition=last + 1,
            name=draft.name,
            stored=draft.stored,
            size=draft.size,
            sha256=draft.sha256,
            part=draft.part,
            text=draft.text,
            at=clock.now(),
            by=by,
        )
        passages = SourcePassage.objects.bulk_create(
            SourcePassage(source=source, problem_id=key, start=start, end=end)
            for key, (start, end) in places.items()
        )
        written.wrote(*passages)
        chain.append_entry(
            by=by,
            act=Action.LOAD_SOURCE,
            report=report,
            target=source,
            label=f"{report.prefix} 原文第 {source.edition} 稿",
            payload={"source": facts(source), "places": places_of(places)},
        )
        return source


def facts(source: SourceText) -> dict[str, Any]:
    """What the record says of a source: never its text, only the digest."""
    return {
        "name": source.name,
        "size": source.size,
        "sha256": source.sha256,
        "part": source.part,
        "edition": source.edition,
        "text_digest": digest_of(source.text),
    }


def places_of(places: dict[int, tuple[int, int]]) -> list[list[int]]:
    return sorted([key, start, end] for key, (start, end) in places.items())


def holding(problem: Problem) -> list[SourceText]:
    """The sources in which a problem stands and that still have their text."""
    return list(SourceText.objects.filter(passages__problem=problem).exclude(text=PURGED))


def blank(sources: list[SourceText]) -> None:
    """Purge: the whole text goes, for nobody can cut a passage out of the file it came in."""
    for source in sources:
        source.text = source.name = PURGED
        source.save(update_fields=["text", "name"])
        intake_drafts.forget(IntakeDraft.objects.filter(sha256=source.sha256))
