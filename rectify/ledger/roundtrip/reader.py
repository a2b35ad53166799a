"""A returned workbook to the rows of a working copy: which sheet, which columns, which item each row is."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from rectify.ledger.roundtrip.columns import CODE, EXPORT, FILLED, IDENTITY, ROWS_MAX, SHOWN, VERSION
from rectify.ledger.roundtrip.plan import Base, Fault
from rectify.xlsx.cells import letters_of
from rectify.xlsx.reader import BLANK, Book, Sheet, SheetCell
from rectify.xlsx.structure import refused
from rectify.xlsx.values import NotUnderstood, half_width, normal, percent_of, text_of

FILLED_KEYS = tuple(column.key for column in FILLED)
HEADER_WITHIN = 30  # rows: people put titles above
TOO_MANY = (
    f"表中有内容的行超过 {ROWS_MAX:,} 行，没有导入任何内容。请按单位拆成几份（下载填报表时可以按单位筛选），"
    "分别上传。"
)
FRESH = "请在“台账”页重新下载填报表，把填写的内容复制过去后再上传"


class CellsOfRow(Mapping[str, SheetCell]):
    """The cells of one row by the keys of their columns, read from the sheet when they are asked for."""

    __slots__ = ("_columns", "_number", "_sheet")

    def __init__(self, sheet: Sheet, number: int, columns: Mapping[str, int]) -> None:
        self._sheet, self._number, self._columns = sheet, number, columns

    def __getitem__(self, key: str) -> SheetCell:
        return self._sheet.cell(self._number, self._columns[key])

    def get(self, key: str, default: Any = None) -> Any:
        column = self._columns.get(key)
        return default if column is None else self._sheet.cell(self._number, column)

    def __iter__(self) -> Iterator[str]:
        return iter(self._columns)

    def __len__(self) -> int:
        return len(self._columns)


@dataclass(slots=True)
class ReturnedRow:
    """One row of a returned sheet: which item, and what its cells hold."""

    sheet: str
    row: int
    code: str
    version: int
    export: int
    cells: Mapping[str, SheetCell]
    letters: dict[str, str]
    date1904: bool = False
    emptied: frozenset[str] = frozenset()  # what was emptied on purpose: a blank cell of a sheet says nothing

    @property
    def raw(self) -> dict[str, str]:
        return raw_texts(self.cells, self.date1904)

    @property
    def typed(self) -> dict[str, str]:
        """What stands in the columns that a person fills in."""
        cells = {key: cell for key in FILLED_KEYS if (cell := self.cells.get(key, BLANK)).kind}
        return raw_texts(cells, self.date1904)


def raw_texts(cells: Mapping[str, SheetCell], date1904: bool) -> dict[str, str]:
    """What cells say, as far as it can be given back."""
    texts = {}
    for key, cell in cells.items():
        try:
            texts[key] = f"{percent_of(cell)}%" if cell.kind == "p" else text_of(cell, date1904)
        except NotUnderstood:
            texts[key] = cell.shown
    return {key: text for key, text in texts.items() if text}


@dataclass
class Returned:
    """What a file holds: its rows, and what is wrong with others. A grid brings what it was opened with."""

    rows: list[ReturnedRow] = field(default_factory=list)
    faults: list[Fault] = field(default_factory=list)
    base: Base | None = None


@dataclass
class _Table:
    sheet: Sheet
    header: int
    columns: dict[str, int]  # heading -> column


def read_returned(book: Book) -> Returned:
    """The rows of every sheet that has our headings. Raises Incomplete for a file that has none."""
    returned = Returned()
    tables = [table for sheet in book.sheets if (table := _table(sheet))]
    if not tables:
        raise refused(
            "没有在文件中找到填报表的表头（第 3 行，含隐藏的校验列），没有导入任何内容。"
            f"可能上传了别的文件，或表头被删除；{FRESH}。"
        )
    for table in tables:
        if table.sheet.too_many:
            raise refused(TOO_MANY)
        _rows(table, returned, book.date1904)
    if len(returned.rows) + len(returned.faults) > ROWS_MAX:
        raise refused(TOO_MANY)
    _refuse_duplicates(returned)
    return returned


def _table(sheet: Sheet) -> _Table | None:
    known = {column.heading for column in (*SHOWN, *FILLED)} | set(IDENTITY)
    for number in sorted(sheet.rows)[:HEADER_WITHIN]:
        headings = defaultdict(list)
        for column, text in sheet.texts(number):
            if (heading := _heading(text)) in known:
                headings[heading].append(column)
        if CODE not in headings:
            continue
        for heading, columns in headings.items():
            if len(columns) > 1:
                letters = "、".join(letters_of(column) for column in columns)
                raise refused(
                    f"工作表“{sheet.name}”第 {number} 行的表头“{heading}”出现了 {len(columns)} 次"
                    f"（{letters} 列），分不清以哪一列为准，没有导入任何内容。请删去多余的一列后重新上传。"
                )
        missing = [heading for heading in IDENTITY if heading not in headings]
        if missing:
            raise refused(
                f"工作表“{sheet.name}”第 {number} 行缺少隐藏的校验列（{'、'.join(missing)}），"
                f"没有导入任何内容。{FRESH}。"
            )
        return _Table(sheet, number, {heading: columns[0] for heading, columns in headings.items()})
    return None


def _heading(text: str) -> str:
    return "".join(normal(text).split()).replace("(", "（").replace(")", "）").replace("%", "%")


def _rows(table: _Table, returned: Returned, date1904: bool) -> None:
    sheet, columns = table.sheet, table.columns
    present = {
        column.key: columns[column.heading] for column in (*SHOWN, *FILLED) if column.heading in columns
    }
    letters = {key: letters_of(column) for key, column in present.items()}
    filled = [key for key in FILLED_KEYS if key in present]
    for number in sorted(sheet.rows):
        if number <= table.header:
            continue
        cells = CellsOfRow(sheet, number, present)
        identity = [sheet.rows[number].get(columns[heading]) for heading in IDENTITY]
        if not any(identity) and all(cells[key].is_blank for key in filled):
            continue
        try:
            code, version, export = _identity(identity)
        except NotUnderstood as problem:
            reason, remedy = problem.args
            value = identity[0].shown if identity[0] else ""
            letter = letters_of(columns[CODE])
            raw = raw_texts(cells, date1904)
            returned.faults.append(Fault(sheet.name, number, letter, CODE, value, reason, remedy, raw=raw))
            continue
        returned.rows.append(ReturnedRow(sheet.name, number, code, version, export, cells, letters, date1904))


def _identity(cells: list[SheetCell | None]) -> tuple[str, int, int]:
    code, version, export = (text_of(cell) if cell else "" for cell in cells)
    if code == CODE:
        raise NotUnderstood("这一行重复了表头", "请删除这一行")
    if not code:
        raise NotUnderstood(
            "这一行没有校验编号，不是从系统下载的行", f"新增的问题请在网页上录入；原有的行{FRESH}"
        )
    numbers = [half_width(text) for text in (version, export)]
    if not all(text.isascii() and text.isdigit() and len(text) < 10 for text in numbers):
        wrong = VERSION if not numbers[0].isdigit() else EXPORT
        raise NotUnderstood(f"隐藏的“{wrong}”被改动或清空", FRESH)
    return code, int(numbers[0]), int(numbers[1])


def _refuse_duplicates(returned: Returned) -> None:
    places = defaultdict(list)
    for row in returned.rows:
        places[row.code].append(row)
    twice = {code: rows for code, rows in places.items() if len(rows) > 1}
    returned.rows = [row for row in returned.rows if row.code not in twice]
    for code, rows in twice.items():
        where = "、".join(f"“{row.sheet}”第 {row.row} 行" for row in rows)
        for row in rows:
            returned.faults.append(
                Fault(
                    row.sheet, row.row, "", CODE, code, f"编号 {code} 出现了 {len(rows)} 次：{where}",
                    "请只保留填写正确的一行，删去其余的", code, row.raw,
                )
            )  # fmt: skip
