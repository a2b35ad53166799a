"""A draft of the plain report, as the office has just uploaded it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from rectify.evidence import storage
from rectify.intake.review.edited import EditedOutline, from_parsed
from rectify.models import IntakeDraft
from rectify.operations.exchange import intake_drafts
from tests import builders
from tests.intake import parsing


@pytest.fixture
def made() -> builders.Cast:
    return builders.cast()


def upload(made: builders.Cast, text: str = parsing.REPORT, year: int = 2026, **fields: Any) -> IntakeDraft:
    """Keep a text as the upload page does."""
    given = parsing.source(text)
    kept = storage.keep(builders.stream(text.encode(), "对照检查报告.txt"))
    outline = from_parsed(parsing.parse(given)).to_json()
    new = intake_drafts.NewDraft(given.text, f"{year}年度对照检查报告", outline, fields.pop("target", None))
    return intake_drafts.start(kept, [new], by=made["office"], unit=made.county, year=year, **fields)[0]


def edit(made: builders.Cast, draft: IntakeDraft, act: Callable[[EditedOutline], Any]) -> IntakeDraft:
    """Carry one edit out and keep it."""
    outline = EditedOutline.from_json(draft.outline)
    act(outline)
    return intake_drafts.change(draft, by=made["office"], seen=draft.version, outline=outline.to_json())
