"""What a cell is called."""

from __future__ import annotations

from openpyxl.utils import get_column_letter

from rectify.xlsx.cells import letters_of


def test_every_column_of_a_sheet_has_the_letters_that_excel_gives_it() -> None:
    columns = range(1, 16_385)
    assert list(map(letters_of, columns)) == list(map(get_column_letter, columns))
