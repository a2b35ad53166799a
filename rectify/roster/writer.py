"""The workbook to fill in: four tables with drop-downs, examples, a guide; blank or with what is there."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, BinaryIO

from openpyxl import Workbook
from openpyxl.styles import Alignment, Border, Font, PatternFill, Side
from openpyxl.utils import get_column_letter
from openpyxl.workbook.defined_name import DefinedName
from openpyxl.worksheet.datavalidation import DataValidation

from rectify.roster.columns import TABLES, Column, Table
from rectify.selectors.roster.rows import UNITS
from rectify.xlsx.cells import LOOKS_ESCAPED, clean_text

GUIDE, EXAMPLES = "填写说明", "示例"
HEADER_ROW, LAST_ROW = 3, 1500
HEADING_FILL, NEEDED_FILL = "E8EEF4", "FDE9D9"
GUIDE_LINES = (
    "1. 在“单位”“人员”“责任领导”“节假日”四张表里填写，表头带底色的栏目必填；怎样填见“示例”。",
    "2. 不要改工作表的名称和表头；行的次序可以变，空行不影响。不要用公式。",
    "3. 先在网页上传（或在服务器上用 setup --from 预览），核对后确认才写入；有一处错误，就全部不写入。",
    "4. 同一份表再传一次，不会有任何改动；改了的，只写入改动的部分。表里没有的，系统里照旧不动。",
    "5. 空着的格子表示不变。单位的名称是它的标识：改名、改隶属请在“管理”和“单位调整”里办理。",
    "6. 新账号的一次性口令由系统生成，确认后可打印成条、裁开、分发；首次登录须换成自己的密码。",
    "7. 三员分立：系统管理员、安全审计员和业务岗位不能由同一人担任。整改办、安全审计员、系统管理员三种任职和"
    "新账号，由第二人在“三员”里一次确认后生效。",
    "8. 不要填写涉密内容。",
)
_EDGE = Side(style="thin", color="B8C4CE")
_BOX = Border(left=_EDGE, right=_EDGE, top=_EDGE, bottom=_EDGE)


def write_roster(out: BinaryIO, rows: Mapping[str, Sequence[Sequence[str]]] | None = None) -> None:
    """The workbook; `rows` by table are what is there now."""
    book = Workbook()
    book.remove(book.active)
    for table in TABLES:
        _table(book.create_sheet(table.name), table, (rows or {}).get(table.name, ()))
    _examples(book.create_sheet(EXAMPLES))
    _guide(book.create_sheet(GUIDE))
    name = "unit_names"
    book.defined_names[name] = DefinedName(name, attr_text=f"'{UNITS}'!$A${HEADER_ROW + 1}:$A${LAST_ROW}")
    book.save(out)


def _table(sheet: Any, table: Table, rows: Sequence[Sequence[str]]) -> None:
    _put(sheet, 1, 1, table.name, size=16, bold=True)
    _put(sheet, 2, 1, table.says, colour="5B6770")
    for at, column in enumerate(table.columns, 1):
        cell = _put(sheet, HEADER_ROW, at, column.heading, bold=True, box=True)
        fill = NEEDED_FILL if column.needed else HEADING_FILL
        cell.fill = PatternFill("solid", start_color=fill)
        cell.alignment = Alignment(horizontal="center", vertical="center")
        letter = get_column_letter(at)
        sheet.column_dimensions[letter].width = column.width
        sheet.column_dimensions[letter].number_format = "@"  # numbers and days stay as they are typed
        _rule(sheet, column, f"{letter}{HEADER_ROW + 1}:{letter}{LAST_ROW}")
    for number, values in enumerate(rows, HEADER_ROW + 1):
        for at, value in enumerate(values, 1):
            _put(sheet, number, at, value)
    sheet.row_dimensions[1].height, sheet.row_dimensions[HEADER_ROW].height = 28, 24
    sheet.freeze_panes = f"A{HEADER_ROW + 1}"
    _one_page_wide(sheet)
    sheet.print_title_rows = f"{HEADER_ROW}:{HEADER_ROW}"


def _rule(sheet: Any, column: Column, area: str) -> None:
    """A drop-down where there is a choice; a unit may also be typed, as a path."""
    if column.choices:
        rule = DataValidation("list", formula1=f'"{",".join(column.choices)}"', allow_blank=True)
        rule.showErrorMessage, rule.errorTitle, rule.error = True, column.heading, "请从下拉列表中选择。"
    elif column.from_units:
        rule = DataValidation("list", formula1="unit_names", allow_blank=True)
        rule.showErrorMessage = False
    elif column.hint:
        rule = DataValidation(allow_blank=True)
    else:
        return
    if column.hint:
        rule.showInputMessage, rule.promptTitle, rule.prompt = True, column.heading, column.hint
    rule.add(area)
    sheet.add_data_validation(rule)


def _examples(sheet: Any) -> None:
    _one_page_wide(sheet)
    _put(sheet, 1, 1, "示例（只供参考，不会读入）", size=16, bold=True)
    row = 3
    for table in TABLES:
        _put(sheet, row, 1, table.name, bold=True)
        for at, column in enumerate(table.columns, 1):
            cell = _put(sheet, row + 1, at, column.heading, bold=True, box=True)
            cell.fill = PatternFill("solid", start_color=HEADING_FILL)
        for number, values in enumerate(table.examples, row + 2):
            for at, value in enumerate(values, 1):
                _put(sheet, number, at, value, box=True)
        row += len(table.examples) + 3
    for at in range(1, 7):
        sheet.column_dimensions[get_column_letter(at)].width = 24


def _one_page_wide(sheet: Any) -> None:
    sheet.page_setup.orientation, sheet.page_setup.paperSize = "landscape", "9"
    sheet.page_setup.fitToWidth, sheet.page_setup.fitToHeight = 1, 0
    sheet.sheet_properties.pageSetUpPr.fitToPage = True


def _guide(sheet: Any) -> None:
    _one_page_wide(sheet)
    _put(sheet, 1, 1, GUIDE, size=16, bold=True)
    for number, line in enumerate(GUIDE_LINES, 3):
        _put(sheet, number, 1, line).alignment = Alignment(wrap_text=True, vertical="top")
        sheet.row_dimensions[number].height = 34
    sheet.column_dimensions["A"].width = 96


def _put(
    sheet: Any, row: int, at: int, text: str, *, size: int = 11, bold: bool = False, colour: str = "1F2A33",
    box: bool = False,
) -> Any:  # fmt: skip
    """Text is always text, whatever it begins with."""
    cell = sheet.cell(row, at)
    cell.value = LOOKS_ESCAPED.sub("_x005F_", clean_text(text)) or None
    if cell.value is not None:
        cell.data_type = "s"
    cell.font = Font(name="黑体" if bold else "宋体", size=size, bold=bold, color=colour, charset=134)
    cell.number_format = "@"
    cell.quotePrefix = True
    if box:
        cell.border = _BOX
    return cell
