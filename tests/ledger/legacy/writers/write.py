"""The sheets of `sheets.json` by writers of PyPI (pip install xlwt pyexcelerate xlsxwriter)."""

import json
from pathlib import Path

HERE = Path(__file__).parent


def xlwt(path, rows, merges):
    import xlwt

    book = xlwt.Workbook(encoding="utf-8")
    sheet = book.add_sheet("台账")
    merged = {(top, left): (bottom, right) for top, left, bottom, right in merges}
    for number, row in enumerate(rows, 1):
        for column, value in enumerate(row, 1):
            if (number, column) in merged:
                bottom, right = merged[number, column]
                sheet.write_merge(number - 1, bottom - 1, column - 1, right - 1, value)
            elif value not in (None, ""):
                sheet.write(number - 1, column - 1, value)
    book.save(str(path))


def pyexcelerate(path, rows, merges):
    from pyexcelerate import Workbook

    book = Workbook()
    book.new_sheet("台账", data=rows)
    book.save(str(path))


def xlsxwriter(path, rows, merges):
    import xlsxwriter

    book = xlsxwriter.Workbook(str(path))
    sheet = book.add_worksheet("台账")
    for number, row in enumerate(rows):
        for column, value in enumerate(row):
            if value not in (None, ""):
                sheet.write(number, column, value)
    for top, left, bottom, right in merges:
        sheet.merge_range(top - 1, left - 1, bottom - 1, right - 1, rows[top - 1][left - 1])
    book.close()


WRITERS = {"xlwt": xlwt, "pyexcelerate": pyexcelerate, "xlsxwriter": xlsxwriter}
if __name__ == "__main__":
    for name, sheet in json.loads((HERE / "sheets.json").read_text("utf-8")).items():
        for writer, write in WRITERS.items():
            if Path(name).stem.endswith(writer):
                write(HERE / name, sheet["rows"], sheet["merges"])
