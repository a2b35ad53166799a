"""A workbook becomes a roster: tables found by name, columns by heading; what cannot be read is a fault."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from rectify.errors import Incomplete
from rectify.roster.columns import ROLE_OF, TABLES, YES, Column, Table
from rectify.selectors.roster.rows import (
    HOLIDAYS,
    LEADERS,
    PEOPLE,
    SHEETS,
    UNITS,
    Fault,
    HalfRow,
    HolidayRow,
    LeaderRow,
    PersonRow,
    Roster,
    UnitRow,
)
from rectify.xlsx.reader import TOO_MANY, Book, Sheet
from rectify.xlsx.values import NotUnderstood, day_of, half_width, normal, text_of

ROW_TYPES: dict[str, Any] = {UNITS: UnitRow, PEOPLE: PersonRow, LEADERS: LeaderRow, HOLIDAYS: HolidayRow}
HEADER_WITHIN = 10
NOT_ONE = (
    f"表中没有名为{'、'.join(f'“{name}”' for name in SHEETS)}的工作表，没有导入任何内容。"
    "请下载建账表，在其中填写后上传，不要改工作表的名称和表头。"
)
EMPTY = "建账表里没有填写任何内容，没有导入。请按“填写说明”填好后重新上传。"
LONGEST_RANK = 32_767


def read_roster(book: Book) -> Roster:
    """Everything the workbook says. Raises Incomplete where it is no roster at all."""
    sheets = {sheet.name.strip(): sheet for sheet in book.sheets if sheet.name.strip() in SHEETS}
    if not sheets:
        raise Incomplete(NOT_ONE, field="file")
    if any(sheet.too_many for sheet in sheets.values()):
        raise Incomplete(TOO_MANY, field="file")
    roster = Roster()
    into = {UNITS: roster.units, PEOPLE: roster.people, LEADERS: roster.leaders, HOLIDAYS: roster.holidays}
    for table in TABLES:
        if table.name in sheets:
            rows: Any = into[table.name]
            rows.extend(_rows(table, sheets[table.name], book.date1904, roster))
    if roster.is_empty and not roster.faults:
        raise Incomplete(EMPTY, field="file")
    return roster


def _rows(table: Table, sheet: Sheet, date1904: bool, roster: Roster) -> Iterator[Any]:
    header = _header(table, sheet)
    if header is None:
        if sheet.rows:
            needed = "、".join(column.heading for column in table.columns if column.needed)
            words = f"前 {HEADER_WITHIN} 行里没有找到表头"
            roster.faults.append(
                Fault(table.name, 0, "表头", "", words, f"表头一行须有 {needed}，请勿改动建账表的表头")
            )
        return
    number, places = header
    for row in sorted(sheet.rows):
        if row > number and (read := _row(table, sheet, row, places, date1904, roster)) is not None:
            yield read


def _header(table: Table, sheet: Sheet) -> tuple[int, dict[str, int]] | None:
    """The row that names all columns that are needed, and where each column is."""
    headings = {column.heading: column.key for column in table.columns}
    needed = {column.key for column in table.columns if column.needed}
    for row in sorted(sheet.rows)[:HEADER_WITHIN]:
        places = {
            headings[text]: at for at, value in sheet.texts(row) if (text := _heading(value)) in headings
        }
        if needed <= places.keys():
            return row, places
    return None


def _heading(value: str) -> str:
    return normal(value).replace(" ", "").replace("(", "（").replace(")", "）").removesuffix("*")


def _row(table: Table, sheet: Sheet, row: int, places: dict[str, int], date1904: bool, roster: Roster) -> Any:
    """The row's values; nothing for an empty row, nor for one with a fault."""
    if not any(sheet.cell(row, at).shown.strip() for at in places.values()):
        return None
    values: dict[str, Any] = {}
    before = len(roster.faults)
    for column in table.columns:
        if (at := places.get(column.key)) is None:
            continue
        cell = sheet.cell(row, at)
        try:
            value = _value(column, cell, date1904)
        except NotUnderstood as trouble:
            reason, remedy = trouble.args
            roster.faults.append(Fault(table.name, row, column.heading, cell.shown[:60], reason, remedy))
            continue
        if value is not None:
            values[column.key] = value
    if len(roster.faults) == before:
        return ROW_TYPES[table.name](row, **values)
    roster.half_rows.append(HalfRow(table.name, row, values))
    return None


def _value(column: Column, cell: Any, date1904: bool) -> Any:
    """What a cell says, as its column is meant; None for a blank one. Raises NotUnderstood."""
    if column.key == "day" and not cell.is_blank:
        return day_of(cell, date1904).isoformat()
    text = " ".join(text_of(cell, date1904).split())
    if text:
        return _understood(column, text)
    if column.needed:
        raise NotUnderstood("没有填写", f"请填写{column.heading}")
    return None


def _understood(column: Column, text: str) -> Any:
    if column.longest and len(text) > column.longest:
        raise NotUnderstood(f"最多 {column.longest} 个字，现在 {len(text)} 个字", "请改短")
    if column.choices:
        return _choice(column, text)
    if column.key == "rank":
        return _number(text)
    if column.key == "username":
        return half_width(text)
    return text.replace("／", "/") if column.from_units else text


def _choice(column: Column, text: str) -> Any:
    if text not in column.choices:
        raise NotUnderstood("不是可以选的内容", f"请从 {'、'.join(column.choices)} 里选")
    return ROLE_OF[text] if column.key == "role" else text == YES


def _number(text: str) -> int:
    plain = half_width(text)
    if not (plain.isascii() and plain.isdigit() and int(plain) <= LONGEST_RANK):
        raise NotUnderstood("应是 0 到 32767 的整数", "请只填数字，例如 1")
    return int(plain)
