"""Numbers for pages, of today or of a date: queryset in, dataclasses out."""

from rectify.summaries.cells import Slice
from rectify.summaries.changes import Changes, changes
from rectify.summaries.matrix import Matrix, matrix
from rectify.summaries.outlines import Outline, outline
from rectify.summaries.overviews import (
    DateCounts,
    Overview,
    against_dates,
    overview,
    tallies_by_report,
    tally,
)
from rectify.summaries.rows import ProblemRow, calendar_of, chip, problem_rows
from rectify.summaries.tallies import ORDER, YELLOW, Part, Tally
from rectify.summaries.trends import Point, trend
from rectify.summaries.units import UnitRow, UnitTree, by_subtree

__all__ = [
    "ORDER", "YELLOW", "Changes", "DateCounts", "Matrix", "Outline", "Overview", "Part", "Point",
    "ProblemRow", "Slice", "Tally", "UnitRow", "UnitTree", "against_dates", "by_subtree", "calendar_of",
    "changes", "chip", "matrix", "outline", "overview", "problem_rows", "tallies_by_report", "tally", "trend",
]  # fmt: skip
