"""What the cells of a row say, by what their columns mean; what cannot be read is told."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from rectify.ledger.legacy.headings import BY_KEY, EXACT, SKIP, guess_heading
from rectify.ledger.legacy.layout import named_columns, shown_text
from rectify.ledger.legacy.problem import OldSheet
from rectify.ledger.roundtrip.plan import Fault
from rectify.xlsx.cells import letters_of
from rectify.xlsx.reader import Sheet, SheetCell
from rectify.xlsx.values import NotUnderstood

APART = ("progress", "completion", "remark")  # several columns stay apart, under their own headings
NAMED = {"completion": "完成情况："}  # what the first of them goes by, where it has no words of its own


@dataclass(frozen=True)
class Row:
    """What a row says; `own`: the meanings of which it has a cell of its own, `alone`: each column's text."""

    number: int
    own: frozenset[str]
    values: Mapping[str, str]
    alone: Mapping[str, tuple[str, ...]]

    def says(self, key: str) -> str:
        return self.values.get(key, "")


class SheetText:
    """A sheet with the meanings of its columns."""

    def __init__(
        self, sheet: Sheet, header: int, columns: Mapping[int, str], date1904: bool, outcome: OldSheet
    ) -> None:
        self.sheet = sheet
        self.header = header
        self.headings = named_columns(sheet, header)
        self.columns: dict[str, list[int]] = {}
        for column, key in sorted(columns.items()):
            if key and key != SKIP:
                self.columns.setdefault(key, []).append(column)
        self.date1904 = date1904
        self.outcome = outcome
        self.spans = {(top, left) for top, left, _, right in sheet.merges if right > left}

    def row(self, number: int) -> Row:
        cells = self.sheet.rows[number].keys()
        own = frozenset(key for key, columns in self.columns.items() if cells & set(columns))
        alone = {key: tuple(self._texts(number, key)) for key in self.columns}
        values = {key: "\n".join(filter(None, self._named(key, texts))) for key, texts in alone.items()}
        return Row(number, own, values, alone)

    def first_column(self, key: str) -> int | None:
        return self.columns[key][0] if key in self.columns else None

    def cell(self, row: int, key: str) -> SheetCell:
        return self.sheet.cell(row, self.columns[key][0])

    def own_texts(self, row: int) -> list[tuple[int, str]]:
        """What stands in the row itself, whatever its columns mean."""
        texts = ((column, self._shown(row, column)) for column in sorted(self.sheet.rows[row]))
        return [(column, text) for column, text in texts if text]

    def is_heading(self, row: int) -> bool:
        """The headings once more, as on a new page."""
        texts = self.own_texts(row)
        same = sum(self.headings.get(column) == " ".join(text.split()) for column, text in texts)
        return same == len(texts) and same > 1

    def _texts(self, row: int, key: str) -> Iterator[str]:
        for column in self.columns[key]:
            cell = self.sheet.cell(row, column)
            try:
                yield shown_text(cell, self.date1904)
            except NotUnderstood as problem:
                self.tell(row, key, cell.shown, *problem.args, column=column)
                yield ""

    def _named(self, key: str, texts: tuple[str, ...]) -> Iterator[str]:
        """Each text; one that somebody decided to keep here, or a second column's, under its own heading."""
        for index, (column, text) in enumerate(zip(self.columns[key], texts, strict=True)):
            heading = self.headings.get(column, "")
            guess, sure = guess_heading(heading)
            is_ours = index == 0 and guess == key and (sure == EXACT or key == "progress")
            name = NAMED.get(key, "") if is_ours or key not in APART else f"{heading}："
            yield text and f"{name}{text}"

    def _shown(self, row: int, column: int) -> str:
        cell = self.sheet.rows[row][column]
        try:
            return shown_text(cell, self.date1904).strip()
        except NotUnderstood:
            return cell.shown

    def tell(
        self, row: int, key: str, value: str, reason: str, remedy: str, *, column: int | None = None
    ) -> None:
        """A notice, once."""
        column = column or self.first_column(key)
        letter = letters_of(column) if column else ""
        heading = self.headings.get(column, "") if column else ""
        heading = heading or (BY_KEY[key].label if key in BY_KEY else "")
        fault = Fault(self.sheet.name, row, letter, heading, value, reason, remedy)
        if fault not in self.outcome.notices:
            self.outcome.notices.append(fault)
