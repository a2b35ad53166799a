"""The copy written anew by writers of PyPI: pip install xlsxwriter; python rewrite.py SOURCE FOLDER"""

from __future__ import annotations

import sys
from pathlib import Path

import openpyxl
import xlsxwriter


def main(source: str, folder: str) -> None:
    book = openpyxl.load_workbook(source)
    book.save(Path(folder) / "openpyxl.xlsx")
    for name, options in (("xlsxwriter", {}), ("xlsxwriter-inline", {"constant_memory": True})):
        with xlsxwriter.Workbook(str(Path(folder) / f"{name}.xlsx"), options) as made:
            day = made.add_format({"num_format": "yyyy-mm-dd"})
            for sheet in book.worksheets:
                target = made.add_worksheet(sheet.title)
                for cell in (cell for row in sheet.iter_rows() for cell in row if cell.value is not None):
                    where = (cell.row - 1, cell.column - 1)
                    if cell.is_date:
                        target.write_datetime(*where, cell.value, day)
                    elif isinstance(cell.value, str):
                        target.write_string(*where, cell.value)
                    else:
                        target.write(*where, cell.value)


if __name__ == "__main__":
    main(*sys.argv[1:])
