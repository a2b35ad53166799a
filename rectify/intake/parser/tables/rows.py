"""Rows of a table that lists problems, causes or measures."""

from __future__ import annotations

import re
from dataclasses import dataclass

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


def read(assembly: Assembly, rows: list[Row]) -> None:
    """Add what the rows hold; a problem that the text already named is completed."""
    roles: dict[str, int] = {}
    aspect: int | None = None
    previous: tuple[str, int] | None = None
    grouped = any(_heads_rows(row) for row in rows)
    for row in rows:
        head = columns.header(row.line.cells)
        if head and (not roles or set(head) == set(roles) or "problems" in head or "causes" in head):
            roles, aspect, previous = head, None, None
            if grouped:
                roles.pop("aspect", None)
            continue
        if not roles:
            continue
        spans = _spans(row)
        if len({*row.line.cells} - {""}) == 1:
            if _heads_rows(row):
                aspect = _aspect(assembly, spans[0])
            continue
        main = _get(spans, roles, "problems")
        if main and _heads(assembly, row, spans, roles, main):
            aspect, previous = _aspect(assembly, main), None
            continue
        if "aspect" in roles:
            span = _get(spans, roles, "aspect")
            if span and span.start < span.end:
                aspect = _aspect(assembly, span)
        previous = _row(assembly, row, spans, roles, aspect, previous)


def _heads_rows(row: Row) -> bool:
    """一、产业帮扶方面 in one cell merged over all columns."""
    filled = {*row.line.cells} - {""}
    if len(filled) != 1 or len(row.line.cells) < 2:
        return False
    only = next(iter(filled))
    return len(only) <= aspect_naming.LONGEST and not _FOOT.fullmatch(only)


def _row(
    assembly: Assembly, row: Row, spans: list[Span], roles: dict[str, int], aspect: int | None,
    previous: tuple[str, int] | None,
) -> tuple[str, int] | None:  # fmt: skip
    """Add a row; the result names its problem, for the rows below that go on about it. A row of a table
    without problems (整改清单 below 问题清单) completes the one of its number."""
    main = _get(spans, roles, "problems")
    count = _words(assembly, spans, roles, "number").strip()
    if main is None:
        if known := assembly.by_row.get(count):
            _complete(assembly, known, spans, roles, None)
        else:
            _sources(assembly, spans, roles)
        return None
    words = assembly.text.text[main.start : main.end]
    sums = any(_SUM.fullmatch(cell) for cell in row.line.cells)
    if not _filled(assembly, main) or sums or _FOOT.fullmatch(words):
        return previous
    goes_on = previous is not None and previous[0] == words  # a merged cell
    numbers = [previous[1]] if previous and goes_on else _problems(assembly, main, aspect)
    shown = None if goes_on else _get_filled(assembly, spans, roles, "manifestations")
    for number in numbers:
        _complete(assembly, number, spans, roles, shown)
        draft = assembly.problems[number - 1]
        draft.end = max(draft.end, row.end) if draft.start >= row.start else draft.end
    if count and numbers and not goes_on:
        assembly.by_row[count] = 0 if count in assembly.by_row else numbers[0]
    return (words, numbers[0]) if numbers else previous


def _sources(assembly: Assembly, spans: list[Span], roles: dict[str, int]) -> None:
    """The causes and directions of a table that names no problems."""
    for role, what, add in (("causes", "原因", _shared_cause), ("measures", "方向", Assembly.direction)):
        span = _get_filled(assembly, spans, roles, role)
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


def _complete(
    assembly: Assembly, number: int, spans: list[Span], roles: dict[str, int], shown: Span | None
) -> None:
    """Give a problem what stands beside it in the row."""
    draft = assembly.problems[number - 1]
    if shown:
        draft.manifestations += manifestations.listed(assembly.text, shown.start, shown.end)
        draft.text = "\n".join(filter(None, (draft.text, assembly.prose(shown.start, shown.end))))
    if causes := _get_filled(assembly, spans, roles, "causes"):
        assembly.causes_of(number, causes.start, causes.end)
    if measures := _get_filled(assembly, spans, roles, "measures"):
        known = {piece.text for piece in draft.measures}
        pieces = assembly.pieces(measures.start, measures.end)
        draft.measures += [piece for piece in pieces if piece.text not in known]
    draft.facts = draft.facts.joined(_facts(assembly, spans, roles))


def _facts(assembly: Assembly, spans: list[Span], roles: dict[str, int]) -> facts.Facts:
    """Who and when, from the columns that are named so."""
    words = {role: _words(assembly, spans, roles, role) for role in ("leaders", "units", "due")}
    return facts.of(words["leaders"], words["units"], words["due"], assembly.year)


def _words(assembly: Assembly, spans: list[Span], roles: dict[str, int], role: str) -> str:
    span = _get_filled(assembly, spans, roles, role)
    return assembly.text.text[span.start : span.end] if span else ""


def _heads(assembly: Assembly, row: Row, spans: list[Span], roles: dict[str, int], main: Span) -> bool:
    """（一）思想方面 in the column of problems, and nothing beside it but a number: it names what follows."""
    words = assembly.text.text[main.start : main.end]
    beside = [span for index, span in enumerate(spans) if index != roles.get("number") and span != main]
    alone = not any(_filled(assembly, span) for span in beside)
    return alone and bool(aspect_naming.names_aspect(words))


def _aspect(assembly: Assembly, span: Span) -> int:
    # A cell at the row's beginning opens with its number like any other.
    marker = markers.at_start(assembly.text.text, span.start, span.end)
    start = min(marker.after if marker else span.start, span.end)
    title = aspect_naming.named(assembly.text, start, span.end)
    return assembly.aspect(title, span.start, span.end, shared=True)


def _filled(assembly: Assembly, span: Span) -> bool:
    return not _BLANK.fullmatch(assembly.text.text[span.start : span.end])


def _get(spans: list[Span], roles: dict[str, int], role: str) -> Span | None:
    index = roles.get(role)
    return spans[index] if index is not None and index < len(spans) else None


def _get_filled(assembly: Assembly, spans: list[Span], roles: dict[str, int], role: str) -> Span | None:
    span = _get(spans, roles, role)
    return span if span and _filled(assembly, span) else None


def _spans(row: Row) -> list[Span]:
    """Where each cell stands in the text of the row."""
    out = []
    start = row.line.start
    for cell in row.line.cells:
        out.append(Span(start, start + len(cell)))
        start += len(cell) + 1
    return out
