"""Numbers for pages, of today or of a date: queryset in, dataclasses out."""

from .cells import Slice
from .changes import Changes, changes
from .matrix import Matrix, matrix
from .outlines import Outline, outline
from .overviews import DateCounts, Overview, against_dates, overview, tallies_by_report, tally
from .rows import ProblemRow, calendar_of, chip, problem_rows
from .tallies import ORDER, YELLOW, Part, Tally
from .trends import Point, trend
from .units import UnitRow, UnitTree, by_subtree

__all__ = [
    "ORDER", "YELLOW", "Changes", "DateCounts", "Matrix", "Outline", "Overview", "Part", "Point",
    "ProblemRow", "Slice", "Tally", "UnitRow", "UnitTree", "against_dates", "by_subtree", "calendar_of",
    "changes", "chip", "matrix", "outline", "overview", "problem_rows", "tallies_by_report", "tally", "trend",
]  # fmt: skip
