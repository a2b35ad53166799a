"""The page a form is printed on: its size, how wide its columns become, at what size its text stands."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace

from rectify.ledger.columns import Column, Paper

BODY_SIZE = 10.5
LEAST_SIZE = 7.5  # what paper must show at least, in points
AIM, FLOOR = 10.2, 7.9  # of which text is printed where there is room, and where there is little
POINTS_PER_INCH = 72
PAGES = {Paper.A3: ("8", 1190.55, 841.89), Paper.A4: ("9", 841.89, 595.28)}  # landscape: code, points
SIDES, TOP, BOTTOM = 0.4, 0.5, 0.6  # margins in inches
UNIT, EDGES = BODY_SIZE / 2, 3.75  # points: a digit of the body font, a column's edges
WIDTH_MARGIN = EDGES / UNIT  # what Excel adds to a column's characters for its edges
_TRUST = 0.97  # printers and fonts differ a little; a page filled too far would break once more


def code_of(paper: Paper) -> str:
    return PAGES[paper][0]


def fitted(columns: Sequence[Column], paper: Paper) -> tuple[Column, ...]:
    """The columns sharing the whole width of the page, the text as large as their number allows."""
    asked = sum(column.width for column in columns)
    size = max(FLOOR, min(AIM, AIM * _room(paper, len(columns), AIM) / asked))
    share = _room(paper, len(columns), size) / asked
    return tuple(replace(column, width=math.floor(column.width * share * 10) / 10) for column in columns)


def printed_size(columns: Sequence[Column], paper: Paper) -> float:
    """At how many points the text of these columns stands on paper."""
    return BODY_SIZE * _scale(columns, paper)


def page_points(columns: Sequence[Column], paper: Paper) -> float:
    """How many points of rows a page takes once the columns are scaled to its width."""
    height = PAGES[paper][2] - (TOP + BOTTOM) * POINTS_PER_INCH
    return height / _scale(columns, paper) * _TRUST


def _room(paper: Paper, count: int, size: float) -> float:
    """How many units of text so many columns have together on a line of the page."""
    return (_width(paper) * BODY_SIZE / size - count * EDGES) / UNIT


def _scale(columns: Sequence[Column], paper: Paper) -> float:
    return min(1.0, _width(paper) / sum(column.width * UNIT + EDGES for column in columns))


def _width(paper: Paper) -> float:
    return PAGES[paper][1] - 2 * SIDES * POINTS_PER_INCH
