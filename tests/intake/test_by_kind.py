"""Reports of fifteen kinds, at least three each: what is read of them does not get worse."""

from __future__ import annotations

import pytest

from . import by_kind

# Reached so far, of all kinds together; what is missing is printed by `python -m tests.intake.by_kind`.
LEFT_AS_IT_WAS = {"wrapped": 0.8, "reworded": 0.9}  # a line broken hard is not always known as one yet
LEAST = {
    "aspects": (0.95, 0.85),
    "problems": (0.93, 0.92),
    "causes": (0.98, 0.95),
    "directions": (0.98, 0.90),
}


def test_precision_and_recall_by_kind():
    scores = by_kind.measure()
    assert len(scores) >= 15 and sum(1 for _ in by_kind.reports()) >= 45
    whole = by_kind.total(scores)
    for name, (precision, recall) in LEAST.items():
        assert whole.precision(name) >= precision and whole.recall(name) >= recall, whole.faults
    for kind, one in scores.items():
        assert one.recall("problems") >= 0.6, (kind, one.faults)


@pytest.mark.ci
def test_mutations_that_mean_nothing_change_nothing():
    for name, (same, tried) in by_kind.survival().items():
        assert same / tried >= LEFT_AS_IT_WAS.get(name, 0.95), name
