"""What an official paper consists of, from top to bottom: plain values, no Word."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

TABLE_SPACING = 1.5  # a line of a table by the size of its text


@dataclass(frozen=True)
class Title:
    text: str
    below: str = ""  # a second line in smaller type, e.g. a number or a scope
    is_tight: bool = False  # without a blank line below: over a sheet that is to fit on one page


@dataclass(frozen=True)
class Heading:
    """Level 1 is 一、, level 2 （一）, level 3 1.; the numeral stands in the text."""

    level: int
    text: str


@dataclass(frozen=True)
class Line:
    """One line without an indent, such as the addressee."""

    text: str


@dataclass(frozen=True)
class Text:
    """Body text; each line of it is a paragraph. `lead` stands before it in the level's own type."""

    text: str
    lead: str = ""


@dataclass(frozen=True)
class Signature:
    """Who signs and when, towards the right."""

    name: str
    date: str


@dataclass(frozen=True)
class Cell:
    """A cell of a table; a label is set apart from what is filled in; `height` leaves room, in mm."""

    text: str = ""
    span: int = 1
    is_label: bool = False
    centred: bool = False
    height: int = 0


@dataclass(frozen=True)
class Table:
    """Rows of cells; `widths` share the width of the text. The first row is repeated when `has_head`.

    `size` is that of its text in points.
    """

    widths: Sequence[int]
    rows: Sequence[Sequence[Cell]]
    has_head: bool = False
    size: float = 12


@dataclass(frozen=True)
class PageBreak:
    pass


Block = Title | Heading | Line | Text | Signature | Table | PageBreak
