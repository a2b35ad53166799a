"""Two workbooks cell by cell: what was altered in the one that came back. Plain values only."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from difflib import SequenceMatcher

from rectify.ledger.archive.code import code_in
from rectify.ledger.print.shell import HEADER_ROW
from rectify.xlsx.cells import letters_of
from rectify.xlsx.foreign import SheetCells

SHOWN = 200
ALIGNED_MAX = 1500  # rows between the first and the last difference that are aligned; more go one by one
Row = tuple[int, dict[int, str]]


@dataclass(frozen=True)
class Altered:
    """One cell, row or sheet that is not what was issued."""

    where: str
    heading: str
    issued: str
    found: str


@dataclass
class Alterations:
    """The first of them, and how many there are."""

    first: list[Altered] = field(default_factory=list)
    count: int = 0

    def add(self, where: str, heading: str, issued: str, found: str) -> None:
        self.count += 1
        if len(self.first) < SHOWN:
            self.first.append(Altered(where, heading, issued, found))

    @property
    def more(self) -> int:
        return self.count - len(self.first)


def find_code(sheets: Sequence[SheetCells]) -> str | None:
    """The code printed in the foot, wherever the sheet now ends."""
    for sheet in sheets:
        for _, cells in reversed(sheet.rows):
            for text in cells.values():
                if code := code_in(text):
                    return code
    return None


def alterations(issued: Sequence[SheetCells], found: Sequence[SheetCells]) -> Alterations:
    """Where the second differs from the first; row heights, colours and widths do not count."""
    result = Alterations()
    came = {sheet.name: sheet for sheet in found}
    for sheet in issued:
        other = came.pop(sheet.name, None)
        if other is None:
            result.add(f"工作表“{sheet.name}”", "", "签发时有", "没有了")
        else:
            _compare(sheet, other, result, named=len(issued) > 1)
    for name, sheet in came.items():
        if sheet.rows:
            result.add(f"工作表“{name}”", "", "签发时没有", f"多出 {len(sheet.rows)} 行")
    return result


def _compare(issued: SheetCells, found: SheetCells, result: Alterations, named: bool) -> None:
    place = f"“{issued.name}”" if named else ""
    headings = next((cells for number, cells in issued.rows if number == HEADER_ROW), {})
    for ours, theirs in _pairs(issued.rows, found.rows):
        if ours and theirs:
            number = theirs[0]
            for column in sorted(ours[1].keys() | theirs[1].keys()):
                old, new = ours[1].get(column, ""), theirs[1].get(column, "")
                if old != new:
                    heading = headings.get(column, "") if number > HEADER_ROW else ""
                    result.add(f"{place}{letters_of(column)}{number}", heading, old, new)
        elif ours:
            result.add(f"{place}原第 {ours[0]} 行", "整行", _words(ours), "删除了")
        elif theirs:
            result.add(f"{place}第 {theirs[0]} 行", "整行", "签发时没有", _words(theirs))


def _pairs(issued: list[Row], rows: list[Row]) -> list[tuple[Row | None, Row | None]]:
    """Rows that belong together; a row put in or taken out does not make all that follow differ."""
    ours, theirs = [_key(row) for row in issued], [_key(row) for row in rows]
    start = 0
    while start < min(len(ours), len(theirs)) and ours[start] == theirs[start]:
        start += 1
    end = 0
    while end < min(len(ours), len(theirs)) - start and ours[-1 - end] == theirs[-1 - end]:
        end += 1
    left, right = issued[start : len(issued) - end], rows[start : len(rows) - end]
    if len(left) == len(right) or max(len(left), len(right)) > ALIGNED_MAX:
        return _side_by_side(left, right)
    pairs: list[tuple[Row | None, Row | None]] = []
    keys = [_key(row) for row in left], [_key(row) for row in right]
    for tag, a, b, c, d in SequenceMatcher(None, *keys, autojunk=False).get_opcodes():
        if tag != "equal":
            pairs += _side_by_side(left[a:b], right[c:d])
    return pairs


def _side_by_side(left: list[Row], right: list[Row]) -> list[tuple[Row | None, Row | None]]:
    """One by one in their order; what is left over stands alone."""
    shorter = min(len(left), len(right))
    pairs: list[tuple[Row | None, Row | None]] = [*zip(left[:shorter], right[:shorter], strict=True)]
    pairs += [(row, None) for row in left[shorter:]]
    pairs += [(None, row) for row in right[shorter:]]
    return pairs


def _key(row: Row) -> tuple[tuple[int, str], ...]:
    return tuple(sorted(row[1].items()))


def _words(row: Row) -> str:
    words = " · ".join(text for _, text in sorted(row[1].items()))
    return words if len(words) <= 120 else f"{words[:120]}…"
