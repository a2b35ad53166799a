"""Two people, or one with two windows, at once: one ledger, one edit, and the other is told."""

from __future__ import annotations

import threading
from collections.abc import Callable

import pytest
from django.db import connections

from rectify.errors import Refusal
from rectify.intake.load import load
from rectify.intake.plan import make_plan
from rectify.intake.review import editing
from rectify.intake.review.edited import EditedOutline
from rectify.models import IntakeDraft, Report, SourceText
from rectify.operations.exchange import intake_drafts
from tests.intake.conftest import upload

pytestmark = pytest.mark.django_db(transaction=True, databases=["default", "snapshot"])


def at_once(act: Callable[[int], object], times: int = 4) -> list[object]:
    """What each of several threads got: a result, or a refusal; anything else fails the test."""
    start, results = threading.Barrier(times), []

    def run(number: int) -> None:
        try:
            start.wait()
            results.append(act(number))
        except Refusal as refusal:
            results.append(refusal)
        finally:
            connections.close_all()

    threads = [threading.Thread(target=run, args=[number]) for number in range(times)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(results) == times, "a thread ended with something that is no refusal"
    return results


@pytest.mark.ci
def test_of_several_loads_at_once_one_makes_the_ledger(made):
    draft = upload(made)
    digest, before = make_plan(draft).digest, Report.objects.count()
    office = made["office"]
    results = at_once(lambda number: load(draft, by=office, seen=draft.version, digest=digest))
    assert sum(isinstance(one, Report) for one in results) == 1
    assert Report.objects.count() == before + 1 and SourceText.objects.count() == 1


@pytest.mark.ci
def test_of_several_edits_at_once_one_is_kept(made):
    draft = upload(made)
    office = made["office"]

    def act(number: int) -> IntakeDraft:
        outline = EditedOutline.from_json(draft.outline)
        editing.rename(outline, "p1", title=f"第 {number} 个窗口", text="", manifestations=[])
        return intake_drafts.change(draft, by=office, seen=draft.version, outline=outline.to_json())

    kept = [one for one in at_once(act) if isinstance(one, IntakeDraft)]
    assert len(kept) == 1
    draft.refresh_from_db()
    assert draft.version == 2 and draft.outline == kept[0].outline
