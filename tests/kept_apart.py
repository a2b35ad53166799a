"""Precision and recall, by kind, of the third of the corpus kept apart: `python -m tests.kept_apart`."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterable

import django

from tests.intake.kept_apart import corpus as reports
from tests.intake.score import Score
from tests.ledger.legacy.kept_apart import corpus as sheets


def show(scores: dict[str, Score], measured: Iterable[str]) -> None:
    """A line a kind; what a kind neither has nor is given is left out."""
    whole = Score()
    for score in scores.values():
        for counter in ("right", "extra", "missed"):
            getattr(whole, counter).update(getattr(score, counter))
        whole.faults += score.faults
    for kind, score in [*scores.items(), ("all", whole)]:
        print(kind)
        for what in measured:
            numbers = score.right[what], score.extra[what], score.missed[what]
            if any(numbers):
                print(f"  {what:13}{score.precision(what):.2f}/{score.recall(what):.2f}  of {numbers}")
    print(*whole.faults, sep="\n", end="\n\n")


def main() -> int:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "rectify.settings")
    os.environ.setdefault("DATA_DIR", tempfile.mkdtemp(prefix="rectify-score-"))
    django.setup()
    show(reports.measure(), reports.MEASURED)
    show(sheets.measure(), sheets.MEASURED)
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
