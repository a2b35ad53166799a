"""A text too high for one row in pieces, each for a row of its own."""

from __future__ import annotations

from collections.abc import Sequence

from rectify.xlsx.cells import units_of, wrapped

STOPS = "。；！？，、"
INDENT = 2  # units that the indent of prose takes from its width
LATIN_MORE = 0.27  # how much broader a Latin character of DejaVu is than half a Chinese one
MOST_A_CHARACTER = 2.5  # units that one takes at most, with the room that is left at the end of its line
_LOOK_BACK = 24  # characters in which a piece may end earlier, behind a stop


def lines_of(text: str, width: float) -> int:
    """How many lines the text takes in a column of that width, rather one too many."""
    room = int(width)
    return sum([wrapped(len(part), _broad(part), room) for part in text.split("\n")])


def highest(texts: Sequence[str], widths: Sequence[float]) -> int:
    """How many lines the highest of these texts takes; what is surely lower is not measured: a column is
    four units wide at least, so that a text has at most one line more than characters."""
    lines = 1
    for length, text, width in sorted(zip(map(len, texts), texts, widths, strict=True), reverse=True):
        if length < lines:
            break
        if text.count("\n") + 1 + MOST_A_CHARACTER * length / (int(width) - 1) > lines:
            lines = max(lines, lines_of(text, width))
    return lines


def _broad(text: str) -> float:
    """In units, as broad as a machine without 仿宋 shows it: Latin characters of other fonts are wider."""
    units = units_of(text)
    return units + LATIN_MORE * (2 * len(text) - units)


def pieces(text: str, width: float, most: int, first: int = 0) -> list[str]:
    """The text in pieces of at most `most` lines each; nothing but line ends between them is lost.

    `first`: how many lines the first of several may have.
    """
    cut: list[str] = []
    limit = first or most
    while lines_of(text, width) > limit:
        head, text = _cut(text, width, limit)
        cut.append(head)
        limit = most
    return [*cut, text]


def _cut(text: str, width: float, most: int) -> tuple[str, str]:
    """What the first lines hold: whole paragraphs where they fill the piece well, else up to a stop."""
    used, end = 0, 0
    for paragraph in text.split("\n"):
        lines = lines_of(paragraph, width)
        if used + lines > most:
            break
        used, end = used + lines, end + len(paragraph) + 1
    if end and used >= most * 0.6:
        return text[: end - 1], text[end:]
    stop = _stop(text, end, width, most - used)
    return text[:stop], text[stop:].lstrip("\n")


def _stop(text: str, start: int, width: float, lines: int) -> int:
    """Where so many lines of the paragraph at `start` end, behind a stop where one is near."""
    share = 1 if lines == 1 else 0.85  # of several lines each may end a little early
    room, index = max(1.0, (width - 1) * share * lines), start
    while index < len(text) and (room := room - _broad(text[index])) >= 0:
        index += 1
    index = max(index, start + 1)
    earliest = max(start + 1, index - _LOOK_BACK)
    return next((at for at in range(index, earliest, -1) if text[at - 1] in STOPS), index)
