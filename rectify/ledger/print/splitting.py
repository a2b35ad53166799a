"""A text too high for one row in pieces, each for a row of its own."""

from __future__ import annotations

from rectify.xlsx.cells import count_lines, units_of

STOPS = "。；！？，、"
_LOOK_BACK = 24  # characters in which a piece may end earlier, behind a stop


def lines_of(text: str, width: float) -> int:
    """How many lines the text takes in a column of that width, rather one too many."""
    return count_lines(text, units_of(text), int(width))


def pieces(text: str, width: float, most: int) -> list[str]:
    """The text in pieces of at most `most` lines each; nothing but line ends between them is lost."""
    cut: list[str] = []
    while lines_of(text, width) > most:
        head, text = _cut(text, width, most)
        cut.append(head)
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
    room, index = max(1.0, (width - 1) * 0.85 * lines), start
    while index < len(text) and (room := room - units_of(text[index])) >= 0:
        index += 1
    index = max(index, start + 1)
    earliest = max(start + 1, index - _LOOK_BACK)
    return next((at for at in range(index, earliest, -1) if text[at - 1] in STOPS), index)
