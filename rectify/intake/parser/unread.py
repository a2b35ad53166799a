"""What of a report's source no piece holds, clause by clause, in lines, headings and the cells of tables."""

from __future__ import annotations

import re
import sys
from bisect import bisect_left
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Self

from rectify.intake.parser import headings, markers, naming
from rectify.intake.parser.parsed import Line, ParsedReport, Place
from rectify.intake.parser.rows import physical
from rectify.intake.parser.tables import columns

_SIGN = re.compile(r"[。；;：:，,！!？?\n\t、（）()“”【】\[\]\s]+|(?<=[一-鿿])\.(?=[一-鿿\s]|$)")
_SIGNS = re.compile(r"[^\w一-鿿]+|_+")
_COUNTS = re.compile(
    rf"(?:(?:再|另|还有)?{markers.ALOUD}|第?[一二三四五六七八九十百]{{1,4}}(?:是|要)?|\d{{1,3}}[.．]?(?!\d)|[①-⒛]|(?:问题|(?:整改)?(?:任务|事项)|案件|事件|序号)(?:[一二三四五六七八九十]+|\d+)|其[一二三四五]|首先|其次|再次|最后)"
)
_LEAD = re.compile(
    r"(?:还|仍)?(?:存在的?)?(?:主要|突出)?(?:问题|表现)?(?:是|有|为|在于)$|主要(?:问题|不足)?$"
)
_NOTHING = re.compile(r"[\W_无]*")
_CODE = re.compile(r"[\dA-Za-z\W_一二三四五六七八九十]+")
_LONGEST_NAME = 400


@dataclass(frozen=True)
class Unread:
    """Words that no piece holds: of a line, of a heading, or in a column of a table, which is named."""

    start: int
    end: int
    line: int
    of: str
    column: str = ""


@dataclass(frozen=True)
class Known:
    """Every clause of the pieces, with the stretches of the source from which it came."""

    places: dict[str, list[tuple[int, int]]]

    @classmethod
    def of(cls, report: ParsedReport) -> Self:
        everywhere = (0, len(report.source.text))
        places: dict[str, list[tuple[int, int]]] = {}
        for piece, place in _kept(report):
            for words in _clauses(piece):
                places.setdefault(words, []).append((place.start, place.end) if place else everywhere)
        return cls({words: _united(spans) for words, spans in places.items()})

    def holds(self, words: str, start: int, end: int) -> bool:
        """Whether a piece that comes from this stretch has the words."""
        spans = self.places.get(words, [])
        following = bisect_left(spans, end, key=lambda span: span[0])
        return following > 0 and spans[following - 1][1] > start


def _united(spans: list[tuple[int, int]]) -> list[tuple[int, int]]:
    """Stretches that overlap as one, in order."""
    out: list[tuple[int, int]] = []
    for start, end in sorted(spans):
        if out and start <= out[-1][1]:
            out[-1] = (out[-1][0], max(out[-1][1], end))
        else:
            out.append((start, end))
    return out


@dataclass(frozen=True)
class _Stretch:
    """A line's words, or those of a cell, and what they are if nothing holds them."""

    start: int
    end: int
    of: str
    cell: bool = False
    column: str = ""
    head: int = 0  # the line on which the column is named

    @property
    def named(self) -> tuple[int, str]:
        """Its column, of all the tables."""
        return self.head, self.column

    @property
    def origin(self) -> tuple[int, int]:
        """Where its words must come from: a cell may repeat what a merged one says elsewhere."""
        return (0, sys.maxsize) if self.cell else (self.start, self.end)


def unread_of(report: ParsedReport) -> Iterator[Unread]:
    """In the order of the source; a column of which nothing is read is named, and not its rows."""
    text = report.source.text
    known = Known.of(report)
    runs = [
        (line, stretch, run)
        for line, stretch in _stretches(report, text)
        for run in _runs(text, stretch, known)
    ]
    read = {stretch.named for _, stretch, (*_, of) in runs if of == "read"}
    for line, stretch, (start, end, of) in runs:
        if of == "column" or (of == "line" and stretch.column and stretch.named not in read):
            yield Unread(start, end, stretch.head, "column", stretch.column)
        elif of != "read":
            yield from (Unread(*span, of) for span in _by_line(line, start, end))


def _by_line(line: Line, start: int, end: int) -> Iterator[tuple[int, int, int]]:
    """The parts of a stretch on each line of the file, with that line's number."""
    breaks = [line.start + at for at, _ in line.breaks if start < line.start + at < end]
    for begin, stop in zip([start, *breaks], [*breaks, end], strict=True):
        yield begin, stop, physical(line, begin)


def _kept(report: ParsedReport) -> Iterator[tuple[str, Place | None]]:
    """The words of each piece and where they come from; what repeats an aspect's name is that aspect's."""
    yield from ((aspect.title, None) for aspect in report.aspects)
    for problem in report.problems:
        facts = problem.facts
        for words in (problem.title, problem.text, facts.deadline_text, *facts.leaders, *facts.units):
            yield words, problem.place
        yield from ((piece.text, piece.place) for piece in (*problem.manifestations, *problem.measures))
    for source in (*report.causes, *report.directions):
        yield from ((source.title, source.place), (source.text, source.place))


def _stretches(report: ParsedReport, text: str) -> Iterator[tuple[Line, _Stretch]]:
    """What is not left out by name: lines of text, and the cells of tables under their heads."""
    head: Line | None = None
    for line, begin in _not_left_out(report):
        head = (line if columns.header(line.cells) else head) if line.cells else None
        end = line.start + len(line.text)
        if begin < end:
            found = _cells(line, head) if line.cells else [_line(text, begin, end)]
            yield from ((line, stretch) for stretch in found)


def _not_left_out(report: ParsedReport) -> Iterator[tuple[Line, int]]:
    """Each line, and where in the text it begins behind a part left out, which may end within it."""
    spans = sorted((part.place.start, part.place.end) for part in report.left_out)
    position = 0
    for line in report.source.lines:
        while position < len(spans) and spans[position][1] <= line.start:
            position += 1
        is_inside = position < len(spans) and spans[position][0] <= line.start
        yield line, spans[position][1] if is_inside else line.start


def _line(text: str, start: int, end: int) -> _Stretch:
    return _Stretch(start, end, "heading" if _is_heading(text[start:end]) else "line")


def _is_heading(words: str) -> bool:
    marker = markers.at_start(words, 0, len(words))
    return headings.announces(words[marker.after if marker else 0 :].strip("。：: "))


def _cells(line: Line, head: Line | None) -> Iterator[_Stretch]:
    """Each cell that says something; one in a column that is never read belongs to the column."""
    start = line.start
    for index, cell in enumerate(line.cells):
        place = start, start + len(cell)
        start += len(cell) + 1
        name = head.cells[index] if head and index < len(head.cells) else ""
        role = columns.role_of(name) if name else ""
        if _says_nothing(cell, role) or (line is head and role):
            continue
        if head is None or not name or role == "number":
            yield _Stretch(*place, "line", True)
        else:
            of = "line" if columns.is_read(role, name) else "column"
            yield _Stretch(*place, of, True, name, head.number)


def _says_nothing(cell: str, role: str) -> bool:
    """An empty cell, 无, and a number that only counts the rows."""
    return bool(_NOTHING.fullmatch(cell)) or (role == "number" and bool(_CODE.fullmatch(cell)))


def _clauses(words: str) -> Iterator[str]:
    for clause in _SIGN.split(words):
        if bare := _bare(clause):
            yield bare
            yield _SIGNS.sub("", clause)


def _bare(clause: str) -> str:
    """Without its number and its signs."""
    return _SIGNS.sub("", _COUNTS.sub("", clause, count=1) if _COUNTS.match(clause) else clause)


def _runs(text: str, stretch: _Stretch, known: Known) -> Iterator[tuple[int, int, str]]:
    """Clauses of one state side by side; what is explained belongs to what it stands between."""
    begin = after = 0
    of = ""
    for start, end in _named(text, stretch, known):
        state = _state(text, start, end, stretch, known)
        if of and state not in (of, "explained"):
            yield begin, after, of
            of = ""
        if state != "explained":
            begin, of, after = (begin if of else start), state, end
    if of:
        yield begin, after, of


def _named(text: str, stretch: _Stretch, known: Known) -> Iterator[tuple[int, int]]:
    """The clauses of a stretch without the number it opens with, and without names of problems that are
    known: 关于“X”问题的整改 is, where X is."""
    at, end = _behind_number(text, stretch, known), stretch.end
    while at < end:
        sign = _SIGN.search(text, at, end)
        stop = sign.start() if sign else end
        count = _COUNTS.match(text, at, stop)
        begin = count.end() if count else at
        if text.startswith(headings.NAMING, begin) and (behind := _behind_name(text, begin, stretch, known)):
            at = behind
            continue
        if at < stop:
            yield at, stop
        at = sign.end() if sign else end


def _behind_number(text: str, stretch: _Stretch, known: Known) -> int:
    """Where the words begin: a number is one where a heading follows, or what a piece holds."""
    at, end = stretch.start, stretch.end
    marker = markers.at_start(text, at, end) if stretch.of != "column" else None
    if marker is None:
        return _behind_name(text, at, stretch, known) or at
    first = _SIGN.split(text[marker.after : end], maxsplit=1)[0]
    is_number = stretch.of == "heading" or _is_known(first, stretch, known)
    return _behind_name(text, marker.after, stretch, known) or (marker.after if is_number else at)


def _behind_name(text: str, at: int, stretch: _Stretch, known: Known) -> int:
    about = naming.about(text, at, min(stretch.end, at + _LONGEST_NAME))
    return about.after if about and _is_known(about.title, stretch, known) else 0


def _is_known(words: str, stretch: _Stretch, known: Known) -> bool:
    """Nothing in the words but what a piece from there holds."""
    return all(known.holds(clause, *stretch.origin) for clause in _clauses(words))


def _state(text: str, start: int, end: int, stretch: _Stretch, known: Known) -> str:
    """Read, explained by what headings and labels say, or what the stretch is."""
    clause = text[start:end]
    bare, whole = _bare(clause), _SIGNS.sub("", _LEAD.sub("", clause))
    words = bare if _COUNTS.match(clause) else whole
    if not words:
        return "explained"
    origin = stretch.origin if stretch.cell else (start, end)
    if known.holds(whole, *origin) or known.holds(bare, *origin):
        return "read"
    if re.search(r"\d", whole) or not (stretch.of == "heading" or headings.announces(words)):
        return "line" if stretch.of == "heading" else stretch.of
    if not headings.own_words(words):
        return "explained"
    return "heading" if stretch.of != "column" else "column"
