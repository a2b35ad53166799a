"""One sheet to problems with their measures: each row is a problem's, an aspect's, or left out by name."""

from __future__ import annotations

from collections.abc import Mapping

from rectify.ledger.legacy.cells import Row, SheetText
from rectify.ledger.legacy.coverage import unread_cells
from rectify.ledger.legacy.filling import Filling, title_and_text
from rectify.ledger.legacy.headings import guess_heading
from rectify.ledger.legacy.layout import is_two_deep
from rectify.ledger.legacy.problem import LeftOut, OldProblem, OldSheet
from rectify.ledger.legacy.rows import RowKind, Sections, kind_of
from rectify.xlsx.reader import Sheet

ABOVE = "表头以上的文字"
UNUSED = "没有问题的方面"


def read_old(
    sheet: Sheet,
    header: int,
    columns: Mapping[int, str],
    year: int,
    date1904: bool,
    *,
    is_year_known: bool = True,
    title: str = "",
) -> OldSheet:
    """The problems below the header row, by what each column means; `title` is known from above it."""
    outcome = OldSheet()
    text = SheetText(sheet, header, columns, date1904, outcome)
    _Reader(text, Filling(text, year, is_year_known)).read(title)
    return outcome


class _Reader:
    def __init__(self, text: SheetText, filling: Filling) -> None:
        self.text = text
        self.filling = filling
        self.outcome = text.outcome
        self.sections = Sections()
        self.number = ""
        self.is_two_deep = is_two_deep(text.sheet, text.header)

    def read(self, title: str) -> None:
        columns = self.text.first_column("title"), self.text.first_column("number")
        for number in sorted(self.text.sheet.rows):
            texts = self.text.own_texts(number)
            if not texts:
                continue
            if number <= self.text.header:
                self._above(number, texts, title)
                continue
            if self.text.is_heading(number):
                continue
            spans = (number, texts[0][0]) in self.text.spans
            kind = kind_of(texts, *columns, spans)
            if kind == RowKind.ENTRY:
                self._entry(self.text.row(number))
            elif kind == RowKind.SECTION:
                self.sections.enter(number, texts[0][1])
            else:
                self._leave_out(number, _joined(texts), kind)
        for section in self.sections.unused:
            self._leave_out(section.row, section.text, UNUSED)
        self.outcome.left_out += unread_cells(self.text, self.outcome)

    def _above(self, number: int, texts: list[tuple[int, str]], title: str) -> None:
        """What is neither a heading nor the title of the ledger."""
        rest = [
            (column, text)
            for column, text in texts
            if " ".join(text.split()) != title and not self._is_heading(number, column, text)
        ]
        if rest:
            self._leave_out(number, _joined(rest), ABOVE)

    def _is_heading(self, number: int, column: int, text: str) -> bool:
        """It is in the name of its column, or stands over several in a row of headings above."""
        if number < self.text.header - self.is_two_deep:
            return False
        if " ".join(text.split()) in self.text.headings.get(column, ""):
            return True
        return number < self.text.header and (
            (number, column) in self.text.spans or bool(guess_heading(text)[0])
        )

    def _entry(self, row: Row) -> None:
        last = self.outcome.problems[-1] if self.outcome.problems else None
        full = row.says("title")
        is_known = last is not None and full in (last.title, last.text)
        again = is_known and self._same_number(row)
        if full and "title" in row.own and not again:
            last = self._begin(row, full)
        elif last is None or (full and not again and not is_known) or self._is_nameless(row, full):
            self._without_title(row)
            return
        self.number = row.says("number") or self.number
        self.filling.fill(last, row)

    def _begin(self, row: Row, full: str) -> OldProblem:
        problem = OldProblem(row.number, *title_and_text(full))
        if not row.says("aspect"):
            problem.aspect = self.sections.aspect_of_problem()
        self.outcome.problems.append(problem)
        return problem

    def _same_number(self, row: Row) -> bool:
        number = row.says("number")
        return not number or number == self.number

    def _is_nameless(self, row: Row, full: str) -> bool:
        """A number of its own, and no name: another problem, of which nobody says what it is."""
        return not full and "number" in row.own and not self._same_number(row)

    def _without_title(self, row: Row) -> None:
        words = _joined(self.text.own_texts(row.number))
        reason = "这一行没有问题名称，没有读入"
        self.text.tell(row.number, "title", words, reason, "如需读入，请在原表中补上问题")

    def _leave_out(self, row: int, words: str, why: str) -> None:
        self.outcome.left_out.append(LeftOut(self.text.sheet.name, row, words, why))


def _joined(texts: list[tuple[int, str]]) -> str:
    return "；".join(" ".join(text.split()) for _, text in texts)
