"""A draft of the plain report, as the office has just uploaded it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from rectify.intake.edited import EditedOutline, from_parsed
from rectify.models import IntakeDraft
from rectify.operations import files, intake
from tests import builders
from tests.intake import parsing


@pytest.fixture
def made() -> builders.Cast:
    return builders.cast()


def upload(made: builders.Cast, text: str = parsing.REPORT, year: int = 2026, **fields: Any) -> IntakeDraft:
    """Keep a text as the upload page does."""
    given = parsing.source(text)
    kept = files.keep(builders.stream(text.encode(), "对照检查报告.txt"))
    outline = from_parsed(parsing.parse(given)).to_json()
    new = intake.NewDraft(given.text, f"{year}年度对照检查报告", outline, fields.pop("target", None))
    return intake.start(kept, [new], by=made["office"], unit=made.county, year=year, **fields)[0]


def edit(made: builders.Cast, draft: IntakeDraft, act: Callable[[EditedOutline], Any]) -> IntakeDraft:
    """Carry one edit out and keep it."""
    outline = EditedOutline.from_json(draft.outline)
    act(outline)
    return intake.change(draft, by=made["office"], seen=draft.version, outline=outline.to_json())
