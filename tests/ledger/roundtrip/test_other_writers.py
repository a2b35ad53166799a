"""A working copy that another program opened and saved plans nothing: small files those programs wrote.

`writers/` holds what each made of the copy that `source` gives out, by `rewrite.js` and `rewrite.py` there.
When the columns of the copy change: SAVE_SOURCE=/tmp/source.xlsx with pytest, then the two scripts again.
"""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from tests.builders import Cast, cast
from tests.ledger.roundtrip.returned import edited, loaded, plan_of, take

pytestmark = [pytest.mark.django_db, pytest.mark.once]
WORLD = cast
WRITERS = Path(__file__).with_name("writers")
CODE = 123_456_789  # of the copy, in every file


@pytest.fixture
def source(made: Cast, monkeypatch: pytest.MonkeyPatch) -> bytes:
    """The copy of the cast's ledger, whose code is always the same."""
    monkeypatch.setattr("rectify.ledger.rows.SNAPSHOT", "default")
    monkeypatch.setattr("rectify.operations.exchange.import_export.free_code", lambda: CODE)
    data = take(made)
    if path := os.environ.get("SAVE_SOURCE"):
        Path(path).write_bytes(data)
    return data


def test_an_untouched_copy_plans_nothing_whoever_saved_it(made, source):
    assert len(list(WRITERS.glob("*.xlsx"))) >= 5
    for path in sorted(WRITERS.glob("*.xlsx")):
        plan = plan_of(path.read_bytes(), made["office"])
        assert not plan.all_faults, (path.name, [fault.words for fault in plan.all_faults])
        assert plan.counts == {"new": 0, "changed": 0, "unchanged": 3, "conflicts": 0, "errors": 0}, path.name


def test_what_is_typed_into_such_a_copy_is_loaded(made, source):
    data = edited((WRITERS / "exceljs.xlsx").read_bytes(), {(made.problem.code, "本次进展"): "查了三处"})
    assert loaded(data, made["office"]).applied == 1
    assert made.problem.notes.get().text == "查了三处"
