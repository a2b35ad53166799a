"""Rows of a table that lists problems, causes or measures."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from itertools import accumulate

from rectify.intake.parser import aspect_naming, facts, items, manifestations, markers
from rectify.intake.parser.assembly import Assembly
from rectify.intake.parser.items import Item
from rectify.intake.parser.rows import Row
from rectify.intake.parser.tables import columns

_FOOT = re.compile(
    r"\s*(?:合计|总计|小计|填报人|审核人|填表人|备注|说明|注)\s?[：:]?.{0,40}|.*[（(](?:签字|签名|签章|盖章)[）)].*"
)
_SUM = re.compile(r"\s*(?:合\s?计|总\s?计|小\s?计)\s?")
_BLANK = re.compile(r"[\s/\\—\-无、。]*")


@dataclass(frozen=True)
class Span:
    start: int
    end: int


@dataclass(frozen=True)
class _Cells:
    """A row's cells by the role of their column."""

    assembly: Assembly
    row: Row
    spans: list[Span]
    roles: dict[str, int]

    @classmethod
    def of(cls, assembly: Assembly, row: Row, roles: dict[str, int]) -> _Cells:
        """Where each cell stands in the text of the row."""
        starts = accumulate((len(cell) + 1 for cell in row.line.cells), initial=row.line.start)
        spans = [Span(start, start + len(cell)) for start, cell in zip(starts, row.line.cells, strict=False)]
        return cls(assembly, row, spans, roles)

    def get(self, role: str) -> Span | None:
        index = self.roles.get(role)
        return self.spans[index] if index is not None and index < len(self.spans) else None

    def filled(self, role: str) -> Span | None:
        span = self.get(role)
        return span if span and self.says_something(span) else None

    def says_something(self, span: Span) -> bool:
        return not _BLANK.fullmatch(self.text_of(span))

    def text_of(self, span: Span) -> str:
        return self.assembly.text.text[span.start : span.end]

    def words(self, role: str) -> str:
        span = self.filled(role)
        return self.text_of(span) if span else ""

    @property
    def facts(self) -> facts.Facts:
        """Who and when, from the columns that are named so."""
        return facts.of(self.words("leaders"), self.words("units"), self.words("due"), self.assembly.year)

    @property
    def is_heading(self) -> bool:
        """（一）思想方面 in the column of problems, and nothing beside it but a number."""
        main = self.get("problems")
        beside = [
            span
            for index, span in enumerate(self.spans)
            if index != self.roles.get("number") and span != main
        ]
        if main is None or any(self.says_something(span) for span in beside):
            return False
        return bool(aspect_naming.names_aspect(self.text_of(main)))

    @property
    def is_foot(self) -> bool:
        main = self.get("problems")
        sums = any(_SUM.fullmatch(cell) for cell in self.row.line.cells)
        return sums or main is None or bool(_FOOT.fullmatch(self.text_of(main)))


def read(assembly: Assembly, rows: list[Row]) -> None:
    """Add what the rows hold; a problem that the text already named is completed."""
    _Table(assembly, grouped=any(_heads_rows(row) for row in rows)).read(rows)


@dataclass
class _Table:
    """A table as its rows pass by: `roles` of its columns, the aspect they stand under, and the problem of
    the row before, on which the rows below may go on. `grouped`: rows over the whole table name the aspects.
    """

    assembly: Assembly
    grouped: bool
    roles: dict[str, int] = field(default_factory=dict)
    aspect: int | None = None
    previous: tuple[str, int] | None = None

    def read(self, rows: list[Row]) -> None:
        for row in rows:
            if self._is_head(row) or not self.roles:
                continue
            cells = _Cells.of(self.assembly, row, self.roles)
            if len({*row.line.cells} - {""}) == 1:
                if _heads_rows(row):
                    self.aspect = _aspect(self.assembly, cells.spans[0])
            elif cells.is_heading and (main := cells.get("problems")):
                self.aspect, self.previous = _aspect(self.assembly, main), None
            else:
                self._read_row(cells)

    def _is_head(self, row: Row) -> bool:
        head = columns.header(row.line.cells)
        is_other = set(head) != set(self.roles) and not {"problems", "causes"} & set(head)
        if not head or (self.roles and is_other):
            return False
        self.roles, self.aspect, self.previous = head, None, None
        if self.grouped:
            self.roles.pop("aspect", None)
        return True

    def _read_row(self, cells: _Cells) -> None:
        """Add a row; in a table without problems (整改清单) it completes the one of its number."""
        span = cells.get("aspect")
        if span and span.start < span.end:
            self.aspect = _aspect(self.assembly, span)
        count = cells.words("number").strip()
        if "problems" in self.roles and cells.get("problems"):
            self._read_problem(cells, count)
        elif known := self.assembly.by_row.get(count):
            _complete(cells, known, None)
            self.previous = None
        else:
            _sources(cells)
            self.previous = None

    def _read_problem(self, cells: _Cells, count: str) -> None:
        main = cells.filled("problems")
        if main is None or cells.is_foot:
            return
        words = cells.text_of(main)
        if self.previous is not None and self.previous[0] == words:  # a merged cell
            _complete(cells, self.previous[1], None)
            return
        numbers = _problems(self.assembly, main, self.aspect)
        for number in numbers:
            _complete(cells, number, cells.filled("manifestations"))
        if numbers:
            self.previous = (words, numbers[0])
            self._count(count, numbers[0])

    def _count(self, count: str, number: int) -> None:
        """The problem of a row's number, unless rows of more than one table have it."""
        if count:
            self.assembly.by_row[count] = 0 if count in self.assembly.by_row else number


def _heads_rows(row: Row) -> bool:
    """一、产业帮扶方面 in one cell merged over all columns."""
    filled = {*row.line.cells} - {""}
    if len(filled) != 1 or len(row.line.cells) < 2:
        return False
    only = next(iter(filled))
    return len(only) <= aspect_naming.LONGEST and not _FOOT.fullmatch(only)


def _sources(cells: _Cells) -> None:
    """The causes and directions of a table that names no problems."""
    assembly = cells.assembly
    for role, what, add in (("causes", "原因", _shared_cause), ("measures", "方向", Assembly.direction)):
        span = cells.filled(role)
        for item in assembly.items_in(span.start, span.end, what) if span else []:
            add(assembly, item)


def _shared_cause(assembly: Assembly, item: Item) -> int:
    return assembly.cause(item, shared=True)


def _problems(assembly: Assembly, main: Span, aspect: int | None) -> list[int]:
    """The numbers of the problems in a cell: those it lists, or the cell as one."""
    listed = items.find(assembly.text, assembly.rows_in(main.start, main.end), assembly.warn, "问题")
    if len(listed) < 2:
        listed = [Item(None, main.start, listed[0].body if listed else main.start, main.end)]
    return [number for item in listed if (number := assembly.problem(item, aspect, shared=True))]


def _complete(cells: _Cells, number: int, shown: Span | None) -> None:
    """Give a problem what stands beside it in the row, up to whose end it goes."""
    assembly, row = cells.assembly, cells.row
    draft = assembly.problems[number - 1]
    if shown:
        draft.manifestations += manifestations.listed(assembly.text, shown.start, shown.end)
        draft.text = "\n".join(filter(None, (draft.text, assembly.prose(shown.start, shown.end))))
    if causes := cells.filled("causes"):
        assembly.causes_of(number, causes.start, causes.end)
    if measures := cells.filled("measures"):
        known = {piece.text for piece in draft.measures}
        pieces = assembly.pieces(measures.start, measures.end)
        draft.measures += [piece for piece in pieces if piece.text not in known]
    draft.facts = draft.facts.joined(cells.facts)
    if cells.get("problems") and draft.start >= row.start:
        draft.end = max(draft.end, row.end)


def _aspect(assembly: Assembly, span: Span) -> int:
    # A cell at the row's beginning opens with its number like any other.
    marker = markers.at_start(assembly.text.text, span.start, span.end)
    start = min(marker.after if marker else span.start, span.end)
    title = aspect_naming.named(assembly.text, start, span.end)
    return assembly.aspect(title, span.start, span.end, shared=True)
