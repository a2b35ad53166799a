"""Numbers that only their neighbours explain: 1.2号罩棚 between 1. and 2., ◆ around ●."""

from __future__ import annotations

import re
from dataclasses import replace
from itertools import pairwise
from typing import Any

from rectify.intake.parser.markers import Marker

_AMBIGUOUS = re.compile(r"(\d{1,2})\s?[.．、](?=\d)")
LONGEST = 60
ROMANS = ("rom", "cap")


def settled(text: str, rows: list[Any]) -> list[Any]:
    """The same rows with the markers that their neighbours ask for."""
    return _inner_romans(_outer_bullets(text, _before_digits(text, rows)))


def _before_digits(text: str, rows: list[Any]) -> list[Any]:
    """2.5吨叉车 is item 2 where the items around it are 1 and 3, and nothing counts 2.1, 2.2."""
    openings = [_ambiguous(text, row) for row in rows]
    numbers = [_number(row, opening) for row, opening in zip(rows, openings, strict=True)]
    following = _following(numbers)
    last = before = 0
    out = []
    for row, opening, number, after in zip(rows, openings, numbers, following, strict=True):
        anew = number == 1 and after == 2 and before > 1
        if opening and (anew or _is_next(number or 0, last, after)):
            row = replace(row, marker=Marker("num", number, row.start, opening.end()))
        if row.marker and row.marker.kind == "num":
            last = row.marker.number or 0
        elif row.marker and row.marker.rank < 30:  # an outer number: the count may begin again
            last = 0
        before = number or before
        out.append(row)
    return out


def _ambiguous(text: str, row: Any) -> re.Match[str] | None:
    if row.line.cells or row.line.marker or (row.marker and row.marker.kind not in ("dec2", "num")):
        return None
    return _AMBIGUOUS.match(text, row.start, row.end)


def _number(row: Any, opening: re.Match[str] | None) -> int | None:
    if opening:
        return int(opening[1])
    return row.marker.number if row.marker and row.marker.kind == "num" else None


def _following(numbers: list[int | None]) -> list[int | None]:
    """For each row the next number there is."""
    out: list[int | None] = []
    latest: int | None = None
    for number in reversed(numbers):
        out.append(latest)
        latest = number if number is not None else latest
    return out[::-1]


def _is_next(number: int, last: int, following: int | None) -> bool:
    """The count goes on here: after its predecessor, and before its successor or a new count."""
    if number != last + 1:
        return False
    return following == number + 1 or (last > 0 and following in (None, 1))


def _outer_bullets(text: str, rows: list[Any], kinds: tuple[str, ...] = ("outer", "under")) -> list[Any]:
    """The sign of the first bullet is an outer one where each such line is short and heads other signs; below
    it another sign may be so again."""
    signs = [text[row.start] if row.marker and row.marker.kind == "bullet" else "" for row in rows]
    outer = next((sign for sign in signs if sign), "")
    heads = [index for index, sign in enumerate(signs) if sign == outer]
    short = all(rows[index].end - rows[index].start <= LONGEST for index in heads)
    if not outer or len(heads) < 2 or not short or not all(_heads(rows, signs, index) for index in heads):
        return rows
    out = rows[: heads[0]]
    for begin, end in pairwise([*heads, len(rows)]):
        head = replace(rows[begin], marker=replace(rows[begin].marker, kind=kinds[0]))
        below = rows[begin + 1 : end]
        out += [head, *(_outer_bullets(text, below, kinds[1:]) if kinds[1:] else below)]
    return out


def _inner_romans(rows: list[Any]) -> list[Any]:
    """Ⅰ. and 壹、 below 一、, which stand above it elsewhere."""
    first = next((row.marker for row in rows if row.marker and row.marker.kind in ("cn", *ROMANS)), None)
    if first is None or first.kind in ROMANS:
        return rows
    return [
        replace(row, marker=replace(row.marker, kind="inner"))
        if row.marker and row.marker.kind in ROMANS
        else row
        for row in rows
    ]


def _heads(rows: list[Any], signs: list[str], index: int) -> bool:
    """Right below it another sign or a number opens a line."""
    below = rows[index + 1] if index + 1 < len(rows) else None
    return below is not None and below.marker is not None and signs[index + 1] != signs[index]
