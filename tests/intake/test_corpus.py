"""Every report of the corpus is understood as it should be."""

from __future__ import annotations

import pytest

from . import score

CASES = list(score.cases())


def test_the_corpus_is_large_enough():
    assert len(CASES) >= 40
    assert sum(case.file_name.endswith(".docx") for case in CASES) >= 10


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_report_is_understood(case):
    result = score.Score()
    found = score.outlines(case)
    assert len(found) == len(case.expected)
    for wanted, (outline, left_out) in zip(case.expected, found, strict=True):
        score.compare(result, case.name, wanted, outline, left_out)
    assert not result.faults, "\n".join(result.faults)


def test_precision_and_recall_are_complete():
    result = score.measure()
    for what in score.MEASURED:
        assert result.right[what] > 50
        assert result.precision(what) == result.recall(what) == 1.0, what
