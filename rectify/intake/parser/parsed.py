"""What a report's text was understood as: plain values, each of which knows its place in the source."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from rectify.intake.parser.facts import Facts


@dataclass(frozen=True)
class Place:
    """Where a piece stands: offsets into `Source.text` (end exclusive), and the line it begins on."""

    start: int
    end: int
    line: int


@dataclass(frozen=True)
class Line:
    """One paragraph of the source; `number` counts from 1, `start` is its offset in `Source.text`.

    `style` names a heading style of a document ("heading 1"), otherwise it is empty; `marker` is a
    number that a document gives automatically and that is therefore not in the text; `cells` are the
    cells of a table row, whose text is the cells joined by a tab. `breaks` says where a line of the file
    was joined to the one before it: offset in `text`, and the number that line has in the file. `pictured`: a
    picture (📌) stood before it, which is no part of the text.
    """

    number: int
    text: str
    start: int
    style: str = ""
    marker: str = ""
    cells: tuple[str, ...] = ()
    breaks: tuple[tuple[int, int], ...] = ()
    pictured: bool = False


@dataclass(frozen=True)
class Source:
    """One report of a file, as clean lines; `part` counts the reports of the file from 1. `outside` are lines
    of the file that stand in none of its reports, each with its number; `beside` are sentences on what the
    file says beside its text, as in notes and at the head of pages."""

    lines: tuple[Line, ...]
    part: int = 1
    title: str = ""
    outside: tuple[tuple[int, str], ...] = ()
    beside: tuple[str, ...] = ()

    @property
    def text(self) -> str:
        """All lines, joined by a line feed: what places count in."""
        return "\n".join(line.text for line in self.lines)


def numbers(source: Source) -> Iterator[int]:
    """The numbers of the lines of the file that a report has, in order."""
    for line in source.lines:
        yield line.number
        yield from (number for _, number in line.breaks)


@dataclass(frozen=True)
class Piece:
    """A text with its place; of a measure the words for a deadline of its own, which stand behind it."""

    text: str
    place: Place
    deadline_text: str = ""


@dataclass(frozen=True)
class ParsedAspect:
    number: int
    title: str
    place: Place


@dataclass(frozen=True)
class ParsedProblem:
    number: int
    aspect: int | None
    title: str
    text: str
    place: Place
    manifestations: tuple[Piece, ...] = ()
    measures: tuple[Piece, ...] = ()
    facts: Facts = field(default_factory=Facts)


@dataclass(frozen=True)
class ParsedSource:
    """A cause or a direction: its title, and the text that follows it."""

    number: int
    title: str
    text: str
    place: Place


@dataclass(frozen=True)
class ParsedLink:
    """A tie of a problem to a cause or a direction (one of the two), by their numbers.

    `basis` is a value of choices.Basis; `shared` are the words both have in common, for a person to judge.
    """

    problem: int
    cause: int | None
    direction: int | None
    basis: str
    shared: tuple[str, ...] = ()


@dataclass(frozen=True)
class Placeholder:
    """A gap such as xx or x次 that a person fills."""

    text: str
    place: Place


@dataclass(frozen=True)
class Notice:
    """What the parser is unsure of, or has left out."""

    line: int
    message: str


@dataclass(frozen=True)
class LeftOut:
    """A section that was recognised and left out unless the user asks for it; `key` names it."""

    key: str
    title: str
    place: Place


@dataclass(frozen=True)
class ParsedReport:
    """The outline of one report; numbers are positions, 1 to N, whatever numeral the text uses."""

    source: Source
    aspects: tuple[ParsedAspect, ...] = ()
    problems: tuple[ParsedProblem, ...] = ()
    causes: tuple[ParsedSource, ...] = ()
    directions: tuple[ParsedSource, ...] = ()
    links: tuple[ParsedLink, ...] = ()
    placeholders: tuple[Placeholder, ...] = ()
    warnings: tuple[Notice, ...] = ()
    left_out: tuple[LeftOut, ...] = ()
    unread: tuple[Place, ...] = ()  # in no piece and no part left out: told by the warnings
    year: int | None = None
