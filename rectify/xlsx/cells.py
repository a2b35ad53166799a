"""The text of a cell: cleaned for XML, held to Excel's limit, measured in lines, stored once."""

from __future__ import annotations

import re

CELL_LIMIT = 32_767  # characters as Excel counts them: UTF-16 units
_BATCH = 32 * 1024  # characters: as many as stay in the processor's cache
_REMEMBERED = 4096  # short texts that recur (units, leaders, kinds) are stored once
_SHORT = 32

_ILLEGAL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
LOOKS_ESCAPED = re.compile("_(?=x[0-9A-Fa-f]{4}_)")
_CONTROLS = bytes([*range(9), 11, 12, 13, *range(14, 32)])


def clean_text(text: str) -> str:
    """Without what XML cannot carry (controls, U+FFFE, U+FFFF, lone surrogates); lines end in LF."""
    if "\r" in text:
        text = text.replace("\r\n", "\n").replace("\r", "\n")
    return _ILLEGAL.sub("", text)


def letters_of(column: int) -> str:
    """The letters above a column, the first being A; openpyxl's own cost 11 MB of each process that asks."""
    letters = ""
    while column:
        column, rest = divmod(column - 1, 26)
        letters = chr(ord("A") + rest) + letters
    return letters


def excel_length(text: str) -> int:
    """How many characters Excel counts: one outside the basic plane counts twice."""
    return len(text) + sum(character > "\uffff" for character in text)


def is_too_long(text: str) -> bool:
    """Whether the text exceeds what a cell can hold; never more than half the limit can be told by length."""
    return len(text) * 2 > CELL_LIMIT and excel_length(clean_text(text)) > CELL_LIMIT


def escaped(text: str) -> bytes:
    """The cleaned text as XML; what looks like Excel's own `_x000D_` escape is escaped to stay literal."""
    text = LOOKS_ESCAPED.sub("_x005F_", clean_text(text))
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;").encode()


def units_of(text: str) -> float:
    """Width in units: Latin 1, Chinese 2. In UTF-8 they take 1 and 3 bytes, so a sum of lengths tells."""
    return (len(text.encode("utf-8", "surrogatepass")) + len(text)) / 2


def count_lines(text: str, units: float, width: int) -> int:
    """How many lines the text takes in a column, rather one too many than one too few."""
    if "\n" not in text:
        return wrapped(len(text), units, width)
    return sum(wrapped(len(part), units_of(part), width) for part in text.split("\n"))


def wrapped(length: int, units: float, width: int) -> int:
    """How many lines so many characters take, as broad together as so many units, without an end of line."""
    if units <= width:
        return 1
    room: float = width - 1  # a Chinese character does not fit in half its width, and 。 may not begin a line
    latin = 2 * length - units
    if latin > width and latin * 4 > units:
        room = room * 0.85  # words and long numbers wrap whole
    return int(-(-units // room))


class SharedStrings:
    """The texts of a workbook in order of first use, given out in batches so that memory stays flat."""

    OPEN = b'<si><t xml:space="preserve">'
    CLOSE = b"</t></si>"

    def __init__(self) -> None:
        self._pending: list[str] = []
        self._pending_length = 0
        self._count = 0
        self._known: dict[str, int] = {}

    def add(self, text: str) -> int:
        """The text's index in the table."""
        is_short = len(text) <= _SHORT
        if is_short and (known := self._known.get(text)) is not None:
            return known
        index = self._count
        self._count += 1
        self._pending.append(text)
        self._pending_length += len(text)
        if is_short and len(self._known) < _REMEMBERED:
            self._known[text] = index
        return index

    @property
    def is_full(self) -> bool:
        return self._pending_length >= _BATCH

    def take(self) -> bytes:
        """The XML of what was added since the last call."""
        pending, self._pending, self._pending_length = self._pending, [], 0
        if not pending:
            return b""
        return self.OPEN + _escaped_batch(pending).replace(b"\x00", self.CLOSE + self.OPEN) + self.CLOSE


def _escaped_batch(texts: list[str]) -> bytes:
    """The texts as XML, between them NUL, which no clean text holds: one look tells whether all are clean."""
    try:
        batch = "\x00".join(texts).encode()
    except UnicodeEncodeError:  # lone surrogates
        return b"\x00".join(map(escaped, texts))
    if _needs_care(batch, len(texts) - 1):
        return b"\x00".join(map(escaped, texts))
    return batch.replace(b"&", b"&amp;").replace(b"<", b"&lt;").replace(b">", b"&gt;")


def _needs_care(batch: bytes, separators: int) -> bool:
    """Whether a batch holds anything that `escaped` would change besides & < >."""
    if len(batch) - len(batch.translate(None, _CONTROLS)) != separators:
        return True
    if b"_x" in batch:
        return True
    return b"\xef\xbf\xbe" in batch or b"\xef\xbf\xbf" in batch
