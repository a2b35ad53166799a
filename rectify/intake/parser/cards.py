"""Problems written as cards, the same labels on each (问题描述：…, 【谁来办】…), become rows of a table."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, replace
from itertools import pairwise

from rectify.intake.parser import labels
from rectify.intake.parser.parsed import Line, Source
from rectify.intake.parser.tables import columns

_CODE = 6  # signs of a line such as Q1 between two cards


@dataclass(frozen=True)
class _Card:
    """The lines from `begin` to `end` (exclusive), and what each label on it says: lines of the file."""

    begin: int
    end: int
    values: dict[str, list[Line]]


def tabled(source: Source) -> Source | None:
    """The same report with its cards as rows under a head of their labels; None where it has none."""
    cards = _cards(source.lines)
    names = tuple(dict.fromkeys(label for card in cards for label in card.values))
    if len(cards) < 2 or "problems" not in columns.header(names):
        return None
    first, last = cards[0].begin, cards[-1].end
    head = replace(source.lines[first], text="\t".join(names), cells=names, marker="", style="", breaks=())
    rows = [_row(source.lines[card.begin], [card.values.get(name, []) for name in names]) for card in cards]
    between = [line for card, after in pairwise(cards) for line in source.lines[card.end : after.begin]]
    return replace(
        source, lines=_placed([*source.lines[:first], head, *rows, *between, *source.lines[last:]])
    )


def count(as_table: Source) -> int:
    """How many rows they are under their head."""
    return sum(bool(line.cells) for line in as_table.lines) - 1


def _row(line: Line, values: list[list[Line]]) -> Line:
    """A row whose cells know the lines of the file that they stand on."""
    cells = tuple(" ".join(part.text for part in value) for value in values)
    breaks = []
    start = 0
    for value in values:
        at = start
        for part in value:
            breaks += [(at, part.number), *((at + place, number) for place, number in part.breaks)]
            at += len(part.text) + 1
        start = max(at, start + 1)
    text = "\t".join(cells)
    return replace(line, text=text, cells=cells, marker="", style="", breaks=tuple(breaks))


def _placed(lines: list[Line]) -> tuple[Line, ...]:
    placed = []
    start = 0
    for line in lines:
        placed.append(replace(line, start=start))
        start += len(line.text) + 1
    return tuple(placed)


def _cards(lines: tuple[Line, ...]) -> list[_Card]:
    """A card begins wherever the label that stands first on the first one comes again."""
    names = [_label(line) for line in lines]
    at = _first_label(names)
    if at is None:
        return []
    begins = [index for index, name in enumerate(names) if name == names[at]]
    return [_card(lines, names, begin, end) for begin, end in pairwise([*begins, len(lines)])]


def _first_label(names: list[str]) -> int | None:
    """The first of the labels above and with the one that names problems, all of which come again."""
    again = {name for name, count in Counter(names).items() if name and count > 1}
    problems = {name for name in again if columns.role_of(name) == "problems"}
    at = next((index for index, name in enumerate(names) if name in problems), None)
    while at and names[at - 1] in again:
        at -= 1
    return at


def _card(lines: tuple[Line, ...], names: list[str], begin: int, end: int) -> _Card:
    """Its labelled lines, and what goes on below one of them; a code or another paragraph ends it."""
    values: dict[str, list[Line]] = {}
    below = ""
    stop = begin
    for index in range(begin, end):
        name, line = names[index], lines[index]
        if name and name not in values:
            values[name] = [_behind_label(line)]
            below = name
        elif not name and index + 1 < end and names[index + 1] and len(line.text) > _CODE:
            values[below].append(line)
        else:
            break
        stop = index + 1
    return _Card(begin, stop, values)


def _behind_label(line: Line) -> Line:
    label = labels.opening(line.text)
    at = label.end() if label else 0
    breaks = tuple((place - at, number) for place, number in line.breaks if place > at)
    return replace(line, text=line.text[at:], breaks=breaks)


def _label(line: Line) -> str:
    match = None if line.cells else labels.opening(line.text)
    return (match["bracketed"] or match["plain"] or "") if match else ""
