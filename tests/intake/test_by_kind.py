"""Reports of fifteen kinds, at least four each: what is read of them does not get worse."""

from __future__ import annotations

import pytest

from . import by_kind

# What is missing is printed by `python -m tests.intake.by_kind`.
LEFT_AS_IT_WAS = 0.95
LEAST = {
    "aspects": (0.98, 0.98),
    "problems": (0.97, 0.97),
    "causes": (0.98, 0.98),
    "directions": (0.97, 0.97),
    "measures": (0.98, 0.98),
}


def test_precision_and_recall_by_kind():
    scores = by_kind.measure()
    assert len(scores) >= 15 and sum(1 for _ in by_kind.reports()) >= 80
    whole = by_kind.total(scores)
    for name, (precision, recall) in LEAST.items():
        assert whole.precision(name) >= precision and whole.recall(name) >= recall, whole.faults
    for kind, one in scores.items():
        assert one.recall("problems") >= 0.6, (kind, one.faults)


@pytest.mark.ci
def test_mutations_that_mean_nothing_change_nothing():
    for shares in by_kind.survival():
        assert min(shares.values()) >= LEFT_AS_IT_WAS, shares
