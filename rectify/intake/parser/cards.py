"""Problems written as cards, the same labels on each (问题描述：…, 【谁来办】…), become rows of a table."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass, replace

from rectify.intake.parser.parsed import Line, Source
from rectify.intake.parser.tables import columns

_LABELLED = re.compile(
    r"(?:【(?P<bracketed>[^】]{2,10})】|(?P<plain>[一-鿿]{2,10})[：:])\s?(?P<value>.*)", re.DOTALL
)
_CODE = 6  # signs of a line such as Q1 between two cards


@dataclass(frozen=True)
class _Card:
    """The lines from `begin` to `end` (exclusive), and what each label on it says."""

    begin: int
    end: int
    values: dict[str, str]


def tabled(source: Source) -> Source | None:
    """The same report with its cards as rows under a head of their labels; None where it has none."""
    cards = _cards(source.lines)
    labels = tuple(dict.fromkeys(label for card in cards for label in card.values))
    if len(cards) < 2 or "problems" not in columns.header(labels):
        return None
    first, last = cards[0].begin, cards[-1].end
    on_cards = {index for card in cards for index in range(card.begin, card.end)}
    between = [source.lines[index] for index in range(first, last) if index not in on_cards]
    head = _row(source.lines[first], labels)
    rows = [
        _row(source.lines[card.begin], tuple(card.values.get(label, "") for label in labels))
        for card in cards
    ]
    return replace(
        source, lines=_placed([*source.lines[:first], head, *rows, *between, *source.lines[last:]])
    )


def _row(line: Line, cells: tuple[str, ...]) -> Line:
    cells = tuple(cell.replace("\n", " ") for cell in cells)
    return replace(line, text="\t".join(cells), cells=cells, marker="", style="", breaks=())


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
    values: dict[str, str] = {}
    last = begin
    for index in range(begin, end):
        label = labels[index]
        match = _LABELLED.match(lines[index].text)
        if match and label not in values:
            values[label] = match["value"].strip()
            last = index
        elif match is None and index + 1 < end and labels[index + 1] and len(lines[index].text) > _CODE:
            values[labels[last]] += " " + lines[index].text
        else:
            break
    return _Card(begin, last + 1, values)


def _label(line: Line) -> str:
    match = None if line.cells else _LABELLED.match(line.text)
    return (match["bracketed"] or match["plain"]) if match else ""
