"""The working copy as a workbook: no merges, cells to fill in unlocked and tinted, lists, instructions."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, BinaryIO

from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.styles import Alignment, Border, Font, PatternFill, Protection, Side
from openpyxl.utils import get_column_letter
from openpyxl.workbook.defined_name import DefinedName
from openpyxl.worksheet.datavalidation import DataValidation

from rectify.errors import TooLong
from rectify.ledger.print.layout import MAX_LINES, row_points
from rectify.ledger.print.paper import BODY_SIZE
from rectify.ledger.print.shell import HEADER_FILL, INK, LINE_COLOUR, MUTED
from rectify.ledger.roundtrip.columns import (
    FILLED,
    IDENTITY,
    KIND_WORDS,
    REASON,
    ROWS_MAX,
    VISIBLE,
    WorkingColumn,
)
from rectify.ledger.roundtrip.rows import WorkingRow
from rectify.ledger.row_types import Fonts, Stamp
from rectify.wording import date
from rectify.xlsx.cells import CELL_LIMIT, LOOKS_ESCAPED, clean_text, count_lines, excel_length, units_of

SHEET, GUIDE, LISTS = "填报", "填报说明", "选项"
TITLE_ROW, HEADER_ROW = 1, 3
FILL, ADDED_FILL, LOCKED_FILL = "FFF9DC", "EAF4E6", "F3F5F7"
DAY_FORMAT = 'yyyy"年"m"月"d"日"'
GUIDE_LINES = (
    ("怎样填", ""),
    ("", "1. 只填有底色的格子：浅绿色格子填写后是新增内容，浅黄色格子可以修改现有内容。其余已锁定。"),
    ("", "2. 空着的格子表示不变。要清空某项内容，请在网页上办理。"),
    ("", "3. “本次进展”写明做了什么、结果如何，导入后成为一条新的进展，以前的进展不会被覆盖。"),
    ("", "4. “新增措施”一行写一条，单元格内换行按 Alt+回车；可在前面注明【当下改】或【长久立】。"),
    ("", "5. “责任领导”“责任单位”“整改类型”从下拉列表选择；“配合单位”用顿号隔开。"),
    ("", "6. 日期填完整的年月日，例如 2022-06-30、2022/6/30、2022.6.30 或 2022年6月30日。"),
    ("不要做", ""),
    ("", "1. 不要改动隐藏的三列，不要删除或重复表头；行的次序、列的次序可以变。"),
    ("", "2. 不要用公式、嵌入图片或合并单元格填写；图片请作为佐证材料在网页上传。"),
    ("", "3. 不要在其中填写涉密内容。"),
    ("填好以后", ""),
    ("", "1. 保存为 .xlsx，登录系统，在“台账—导入填报表”上传；核对预览后确认，才会写入。"),
    ("", "2. 状态不能通过导入变更；销号、延期、撤回在网页上办理。"),
    ("", "3. 别人在此期间改过的内容不会被覆盖：预览会把两边并列出来，由您选择。"),
    ("", f"4. 一份文件最多 {ROWS_MAX:,} 行；同一份文件重复导入，不会重复写入。"),
)  # fmt: skip


@dataclass(frozen=True)
class Lists:
    """What the dropdowns offer."""

    leaders: Sequence[str]
    units: Sequence[str]

    def of(self, name: str) -> Sequence[str]:
        return {"leaders": self.leaders, "units": self.units, "kinds": list(KIND_WORDS)}[name]


class _Styles:
    """Each style is made once; a cell takes over its numbers."""

    def __init__(self, sheet: Any, fonts: Fonts) -> None:
        edge = Side(style="thin", color=LINE_COLOUR)
        self._sheet = sheet
        self._box = Border(left=edge, right=edge, top=edge, bottom=edge)
        self._fonts = fonts
        self.title = self._make(size=18, bold=True, horizontal="left", box=False, name=fonts.header)
        self.line = self._make(colour=MUTED, horizontal="left", box=False)
        self.header = self._make(bold=True, horizontal="center", fill=HEADER_FILL, name=fonts.header)
        self.locked = self._make(fill=LOCKED_FILL)
        self.fill = self._make(fill=FILL, locked=False)
        self.added = self._make(fill=ADDED_FILL, locked=False)
        self.day = self._make(fill=FILL, locked=False, form=DAY_FORMAT)
        self.locked_day = self._make(fill=LOCKED_FILL, form=DAY_FORMAT)
        self.plain = self._make(box=False)
        self.bold = self._make(box=False, bold=True, name=fonts.header, size=13)

    def _make(
        self,
        *,
        name: str = "",
        size: float = BODY_SIZE,
        bold: bool = False,
        colour: str = INK,
        horizontal: str = "left",
        fill: str = "",
        box: bool = True,
        locked: bool = True,
        form: str = "",
    ) -> Any:
        cell = WriteOnlyCell(self._sheet)
        cell.font = Font(name=name or self._fonts.body, size=size, bold=bold, color=colour, charset=134)
        cell.alignment = Alignment(horizontal=horizontal, vertical="center", wrap_text=box)
        cell.protection = Protection(locked=locked)
        cell.number_format = form or "General"
        cell.quotePrefix = not form  # text that begins as a formula stays text when somebody edits it
        if fill:
            cell.fill = PatternFill("solid", start_color=fill)
        if box:
            cell.border = self._box
        return cell._style

    def cell(self, value: Any, style: Any) -> Any:
        """Text is always text, whatever it begins with, and what looks like an escape stays literal.

        No text at all is a blank cell: an empty one of text stops other programs from opening the file.
        """
        text = isinstance(value, str) and value != ""
        if text:
            value = LOOKS_ESCAPED.sub("_x005F_", clean_text(value))
        cell = WriteOnlyCell(self._sheet, value or None if isinstance(value, str) else value)
        if text:
            cell.data_type = "s"
        cell._style = style
        return cell

    def of(self, column: WorkingColumn, row: WorkingRow) -> Any:
        if column.key not in row.open:
            return self.locked_day if column.key == "deadline" else self.locked
        if column.key == "deadline":
            return self.day
        return self.added if column.adds else self.fill


def write_working(
    rows: Sequence[WorkingRow],
    lists: Lists,
    stamp: Stamp,
    export: int | str,
    out: BinaryIO,
    fonts: Fonts | None = None,
    with_reasons: bool = False,
) -> None:
    """Write the fillable copy; `with_reasons` puts in front why a row was not taken over."""
    book = Workbook(write_only=True)
    sheet, guide, offered = (book.create_sheet(name) for name in (SHEET, GUIDE, LISTS))
    styles = _Styles(sheet, fonts or Fonts())
    columns = (*((WorkingColumn("reason", REASON, 40),) if with_reasons else ()), *VISIBLE)
    _set_up(sheet, columns, stamp)
    for number, points in enumerate((30, 20, 36), TITLE_ROW):  # before the rows: they are written at once
        sheet.row_dimensions[number].height = points
    title = f"{stamp.title}（{'未导入的行' if with_reasons else '填报表'}）"
    sheet.append([None] * len(IDENTITY) + [styles.cell(title, styles.title)])
    facts = f"{stamp.unit}　{date(stamp.as_of)}导出　只填有底色的格子，填法见“{GUIDE}”　严禁填写涉密信息"
    sheet.append([None] * len(IDENTITY) + [styles.cell(facts, styles.line)])
    headings = [*IDENTITY, *(column.heading for column in columns)]
    sheet.append([styles.cell(heading, styles.header) for heading in headings])
    for number, row in enumerate(rows, HEADER_ROW + 1):
        sheet.row_dimensions[number].height = _height(row, columns)
        sheet.append(_cells(row, columns, styles, export))
    _offer(sheet, offered, columns, lists, styles, len(rows), book)
    _explain(guide, styles)
    offered.sheet_state = "hidden"
    book.save(out)


def _cells(row: WorkingRow, columns: Sequence[WorkingColumn], styles: _Styles, export: int | str) -> list:
    cells = [
        styles.cell(value, styles.locked) for value in (row.code, row.version or None, row.export or export)
    ]
    for column in columns:
        value: Any = row.reason if column.key == "reason" else row.cells.get(column.key, "")
        if excel_length(value) > CELL_LIMIT:
            raise TooLong(
                f"{row.code} 的“{column.heading}”有 {excel_length(value):,} 个字符，超过 Excel 单元格的上限 "
                f"{CELL_LIMIT:,} 个，没有导出。请先在网页上精简这一栏。"
            )
        if column.key == "deadline" and value:
            value = _day(value)
        elif column.key == "number" and value.isdigit():
            value = int(value)
        cells.append(styles.cell(value or None, styles.of(column, row)))
    return cells


def _day(value: str) -> dt.date | str:
    try:
        return dt.date.fromisoformat(value)
    except ValueError:  # what somebody typed, given back with the reason
        return value


def _height(row: WorkingRow, columns: Sequence[WorkingColumn]) -> float:
    lines = 2
    for column in columns:
        text = row.reason if column.key == "reason" else row.cells.get(column.key, "")
        if len(text) * 2 > column.width or "\n" in text:
            lines = max(lines, count_lines(text, units_of(text), column.width))
    return row_points(min(lines, MAX_LINES))


def _set_up(sheet: Any, columns: Sequence[WorkingColumn], stamp: Stamp) -> None:
    hidden = len(IDENTITY)
    for index in range(1, hidden + 1):
        sheet.column_dimensions[get_column_letter(index)].hidden = True
    for index, column in enumerate(columns, hidden + 1):
        sheet.column_dimensions[get_column_letter(index)].width = column.width + 0.71
    fixed = hidden + 1 + [column.key for column in columns].index("problem") + 1
    sheet.freeze_panes = f"{get_column_letter(fixed)}{HEADER_ROW + 1}"
    sheet.sheet_view.zoomScale = 85
    sheet.page_setup.orientation, sheet.page_setup.paperSize = "landscape", "8"
    sheet.page_setup.fitToWidth, sheet.page_setup.fitToHeight = 1, 0
    sheet.sheet_properties.pageSetUpPr.fitToPage = True
    sheet.print_title_rows = f"{HEADER_ROW}:{HEADER_ROW}"
    sheet.oddFooter.center.text = "第 &P 页 共 &N 页"
    protection = sheet.protection
    protection.sheet = True
    protection.formatColumns = protection.formatRows = protection.autoFilter = protection.sort = False


def _offer(
    sheet: Any,
    offered: Any,
    columns: Sequence[WorkingColumn],
    lists: Lists,
    styles: _Styles,
    count: int,
    book: Any,
) -> None:
    """Lists refer to a hidden sheet: inline ones stop at 255 characters."""
    names = ("leaders", "units", "kinds")
    longest = max(len(lists.of(name)) for name in names)
    for index in range(longest):
        values = [lists.of(name)[index] if index < len(lists.of(name)) else None for name in names]
        offered.append([styles.cell(value, styles.plain) for value in values])
    last = HEADER_ROW + max(count, 1)
    for index, column in enumerate(columns, len(IDENTITY) + 1):
        letter = get_column_letter(index)
        area = f"{letter}{HEADER_ROW + 1}:{letter}{last}"
        if column.choices and (options := lists.of(column.choices)):
            source = get_column_letter(names.index(column.choices) + 1)
            name = f"list_{column.choices}"
            book.defined_names[name] = DefinedName(
                name, attr_text=f"'{LISTS}'!${source}$1:${source}${len(options)}"
            )
            rule = DataValidation("list", formula1=name, allow_blank=True, showErrorMessage=True)
            rule.errorTitle, rule.error = column.heading, f"请从下拉列表中选择{column.heading}。"
        elif column.key == "percent":
            rule = DataValidation(
                "decimal", operator="between", formula1="0", formula2="100", allow_blank=True
            )
            rule.errorStyle, rule.showErrorMessage, rule.error = "warning", True, "应是 0 到 100 的整数。"
        elif column.hint:
            rule = DataValidation(allow_blank=True)
        else:
            continue
        if column.hint:
            rule.showInputMessage, rule.promptTitle, rule.prompt = True, column.heading, column.hint
        rule.add(area)
        sheet.data_validations.append(rule)
    sheet.auto_filter.ref = (
        f"{get_column_letter(len(IDENTITY) + 1)}{HEADER_ROW}:"
        f"{get_column_letter(len(IDENTITY) + len(columns))}{last}"
    )


def _explain(guide: Any, styles: _Styles) -> None:
    guide.column_dimensions["A"].width = 14
    guide.column_dimensions["B"].width = 96
    guide.protection.sheet = True
    guide.append([styles.cell("填报说明", styles.title)])
    for head, text in GUIDE_LINES:
        guide.append([styles.cell(head, styles.bold), styles.cell(text, styles.plain)])
    guide.append([])
    guide.append([styles.cell("各栏填法", styles.bold)])
    for column in FILLED:
        words = column.hint or f"最多 {column.longest:,} 个字"
        guide.append([styles.cell(column.heading, styles.plain), styles.cell(words, styles.plain)])


__all__ = ["FILL", "GUIDE", "HEADER_ROW", "LISTS", "SHEET", "Lists", "write_working"]
