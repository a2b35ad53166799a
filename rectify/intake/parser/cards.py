"""Problems written as cards, the same labels on each (问题描述：…, 【谁来办】…), become rows of a table."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass, replace

from rectify.intake.parser.parsed import Line, Source
from rectify.intake.parser.tables import columns

_LABELLED = re.compile(
    r"(?:【(?P<bracketed>[^】]{2,10})】|(?P<plain>[一-鿿]{2,10})\s?[：:])\s?(?P<value>.*)", re.DOTALL
)
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
    labels = tuple(dict.fromkeys(label for card in cards for label in card.values))
    if len(cards) < 2 or "problems" not in columns.header(labels):
        return None
    first, last = cards[0].begin, cards[-1].end
    on_cards = {index for card in cards for index in range(card.begin, card.end)}
    between = [source.lines[index] for index in range(first, last) if index not in on_cards]
    head = replace(source.lines[first], text="\t".join(labels), cells=labels, marker="", style="", breaks=())
    rows = [
        _row(source.lines[card.begin], [card.values.get(label, []) for label in labels]) for card in cards
    ]
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
    labels = [_label(line) for line in lines]
    counts = Counter(label for label in labels if label)
    again = {label for label, count in counts.items() if count > 1}
    names = {label for label in again if columns.role_of(label) == "problems"}
    at = next((index for index, label in enumerate(labels) if label in names), None)
    if at is None:
        return []
    while at and labels[at - 1] in again:
        at -= 1
    begins = [index for index, label in enumerate(labels) if label == labels[at]]
    return [
        _card(lines, labels, begin, end) for begin, end in zip(begins, [*begins[1:], len(lines)], strict=True)
    ]


def _card(lines: tuple[Line, ...], labels: list[str], begin: int, end: int) -> _Card:
    """Its labelled lines, and what goes on below one of them; a code or another paragraph ends it."""
    values: dict[str, list[Line]] = {}
    below = ""
    stop = begin
    for index in range(begin, end):
        label, line = labels[index], lines[index]
        match = _LABELLED.match(line.text)
        if match and label not in values:
            values[label] = [_behind_label(line, match.start("value"))]
            below = label
        elif match is None and index + 1 < end and labels[index + 1] and len(line.text) > _CODE:
            values[below].append(line)
        else:
            break
        stop = index + 1
    return _Card(begin, stop, values)


def _behind_label(line: Line, at: int) -> Line:
    breaks = tuple((place - at, number) for place, number in line.breaks if place > at)
    return replace(line, text=line.text[at:], breaks=breaks)


def _label(line: Line) -> str:
    match = None if line.cells else _LABELLED.match(line.text)
    return (match["bracketed"] or match["plain"]) if match else ""
