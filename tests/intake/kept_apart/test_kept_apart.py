"""Reports written by somebody who did not touch the parser: each is understood, but those named here."""

from __future__ import annotations

import pytest

from tests.intake.score import Score

from . import corpus

CASES = list(corpus.reports())
NOT_YET: set[str] = set()


@pytest.mark.parametrize("report", CASES, ids=lambda report: report.name)
def test_report_is_understood(report, request):
    if report.name in NOT_YET:
        request.applymarker(pytest.mark.xfail(strict=True, reason="not understood yet"))
    result = Score()
    corpus.compare(result, report, corpus.read(report))
    assert not result.faults, "\n".join(result.faults)
