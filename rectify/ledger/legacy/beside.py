"""What a workbook says beside the cells that are read: each thing is left out by name, or told."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from rectify.ledger.legacy.problem import LeftOut
from rectify.ledger.roundtrip.plan import Fault
from rectify.xlsx.beside import NOTE, PICTURE, UNREADABLE
from rectify.xlsx.cells import letters_of
from rectify.xlsx.parser import MAX_COLUMNS
from rectify.xlsx.reader import Book, Sheet

SHOWN = 10
NOT_READ = "整张工作表"
WHY = {NOTE: "单元格的批注", UNREADABLE: "工作表所附的部件读不出内容"}


def unread_sheet(sheet: Sheet) -> LeftOut:
    """A sheet that is not read."""
    why = "隐藏的工作表" if sheet.hidden else NOT_READ
    return LeftOut(sheet.name, min(sheet.rows), f"工作表“{sheet.name}”，{len(sheet.rows):,} 行", why)


def without_cells(book: Book) -> Iterator[LeftOut]:
    """Sheets of charts, and what stands on sheets without a filled cell."""
    yield from (LeftOut(name, 0, f"工作表“{name}”", "只有图表的工作表") for name in book.others)
    for sheet in book.sheets:
        if not sheet.rows:
            yield from beside_cells(sheet, {})


def beside_cells(sheet: Sheet, headings: Mapping[int, str]) -> Iterator[LeftOut]:
    """Notes, heads and feet of pages, text boxes, pictures, and what stands too far to the right."""
    for thing in sheet.beside:
        if thing.what != PICTURE:
            column = headings.get(thing.column, "") or (letters_of(thing.column) if thing.column else "")
            yield LeftOut(sheet.name, thing.row, thing.text, WHY.get(thing.what, thing.what), column)
    if pictures := [thing.row for thing in sheet.beside if thing.what == PICTURE]:
        words = f"{len(pictures)} 张图片或图表（在{_rows(pictures)}）"
        yield LeftOut(sheet.name, min(pictures), words, "图片或图表，其中的文字")
    if sheet.too_wide:
        last = letters_of(MAX_COLUMNS)
        yield LeftOut(sheet.name, 0, f"{last} 列（第 {MAX_COLUMNS} 列）右边的内容", "太靠右的单元格")


def hidden(sheet: Sheet, headings: Mapping[int, str]) -> Iterator[Fault]:
    """Rows and columns that nobody sees on the sheet are read like others, and told."""
    again = "不需要的，请在原表中删去后重新上传"
    if rows := [row for row in sheet.hidden_rows if row in sheet.rows]:
        reason = f"这 {len(rows)} 行在原表中是隐藏的，已照常读入"
        yield Fault(sheet.name, rows[0], "", "隐藏的行", _rows(rows), reason, again)
    columns = [
        column
        for first, last in sheet.hidden_columns
        for column in range(first, min(last, MAX_COLUMNS) + 1)
        if column in headings
    ]
    if columns:
        names = "、".join(f"“{headings[column]}”" for column in columns[:SHOWN])
        reason = f"这 {len(columns)} 栏在原表中是隐藏的，按上面定下的含义处理"
        yield Fault(sheet.name, min(sheet.rows), "", "隐藏的栏", names, reason, again)


def _rows(rows: Iterable[int]) -> str:
    numbers = sorted(set(filter(None, rows)))
    more = f"等 {len(numbers)} 行" if len(numbers) > SHOWN else "行"
    return f"第 {'、'.join(map(str, numbers[:SHOWN]))} {more}" if numbers else "表中"
