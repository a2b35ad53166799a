"""The workbook around the rows: styles, widths, print set-up and properties, built once by openpyxl."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from io import BytesIO
from typing import TYPE_CHECKING, Any
from zipfile import ZipFile

from rectify.choices import RagStatus
from rectify.clock import SHANGHAI
from rectify.ledger.columns import Column, Paper
from rectify.ledger.print.paper import BODY_SIZE, BOTTOM, SIDES, TOP, WIDTH_MARGIN, code_of
from rectify.ledger.row_types import Fonts, Stamp
from rectify.wording import date
from rectify.xlsx.cells import clean_text, letters_of

if TYPE_CHECKING:  # a process of the server loads openpyxl, 11 MB, when somebody wants a workbook
    from openpyxl import Workbook
    from openpyxl.packaging.core import DocumentProperties
    from openpyxl.styles import Border, Font, Side
    from openpyxl.styles.named_styles import NamedStyle
    from openpyxl.worksheet.worksheet import Worksheet

TITLE_SIZE = 22
SMALL_SIZE = 8
INK, MUTED, LINE_COLOUR = "1B2430", "5B6675", "7F8894"
HEADER_FILL, SECTION_FILL = "E8EDF3", "F4F6F9"
LIGHT_COLOURS = {  # soft fill and text; 未定 is only outlined
    RagStatus.OVERDUE: ("FDECEA", "B42318"),
    RagStatus.DUE_SOON: ("FFF3D6", "8A5A00"),
    RagStatus.UNREPORTED: ("FFF3D6", "8A5A00"),
    RagStatus.NORMAL: ("E6F4EC", "1D6B42"),
    RagStatus.STANDING: ("ECEFF3", "4D5866"),
    RagStatus.CLOSED: ("E3EEFA", "1F4E79"),
    RagStatus.FINISHED_BEFORE: ("E3EEFA", "1F4E79"),
    RagStatus.CARRIED: ("ECEFF3", "4D5866"),
}
HEADER_ROW = 3
LAST_ROW = 1_048_576  # stands in the shell where the last row's number belongs
_FOOTER_LIMIT = 40
_SPREADSHEET = "application/vnd.openxmlformats-officedocument.spreadsheetml"
_RELATIONSHIPS = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"


@dataclass
class Frame:
    """A sheet before and after its rows, and the row number that stands for its last one."""

    head: str
    tail: str
    last_row: int


@dataclass
class Shell:
    """Everything but the rows: the parts of the package, and the ids of the styles the rows refer to."""

    parts: dict[str, bytes]
    frames: list[Frame]
    styles: dict[str, int]
    lights: dict[str, int]


@dataclass(frozen=True)
class Print:
    """A sheet to be: its columns as wide as they are printed, its paper, and what is stamped on it."""

    columns: Sequence[Column]
    paper: Paper
    stamp: Stamp


def build_shell(sheets: Sequence[Print], fonts: Fonts) -> Shell:
    """The shell of a workbook with these sheets."""
    from openpyxl import Workbook
    from openpyxl.xml.functions import tostring

    book = Workbook()
    _set_default_font(book)
    styles, lights = _add_styles(book.active, fonts)
    for number, each in enumerate(sheets):
        sheet = book.create_sheet() if number else book.active
        sheet.title = re.sub(r"[\\/*?:\[\]]", "", clean_text(each.stamp.sheet_name))[:31] or "整改台账"
        for index, column in enumerate(each.columns, 1):
            sheet.column_dimensions[letters_of(index)].width = column.width + WIDTH_MARGIN
        _set_view(sheet, each.columns, front=not number)
        _set_page(sheet, each)
        sheet.auto_filter.ref = f"A{HEADER_ROW}:{letters_of(len(each.columns))}{LAST_ROW - number}"
    buffer = BytesIO()
    book.save(buffer)
    with ZipFile(buffer) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    parts["docProps/core.xml"] = tostring(_properties(sheets[0].stamp).to_tree())
    _announce_shared_strings(parts)
    frames = [
        Frame(*_cut(parts.pop(sheet_part(number)).decode()), LAST_ROW - number)
        for number in range(len(sheets))
    ]
    return Shell(parts, frames, styles, lights)


def sheet_part(number: int) -> str:
    return f"xl/worksheets/sheet{number + 1}.xml"


def workbook_part(shell: Shell, last_rows: Sequence[int]) -> bytes:
    """The workbook part with the filters' names reaching to the last rows of data."""
    part = shell.parts["xl/workbook.xml"]
    for frame, last in zip(shell.frames, last_rows, strict=True):
        part = part.replace(f"${frame.last_row}".encode(), f"${last}".encode())
    return part


def _set_default_font(book: Workbook) -> None:
    """Column widths count in digits of the default font. Verdana's are as wide as those of DejaVu, which
    stands in for any font that a machine lacks: so the columns are the same width with and without 仿宋."""
    from openpyxl.styles import Font

    normal = Font(name="Verdana", size=8.25, family=2)
    book._fonts[0] = normal  # no public way; the index holds the font of every unstyled cell
    style: NamedStyle = book._named_styles["Normal"]
    style.font = normal


def _add_styles(sheet: Worksheet, fonts: Fonts) -> tuple[dict[str, int], dict[str, int]]:
    from openpyxl.styles import Alignment, Border, Font, PatternFill, Side

    edge = Side(style="thin", color=LINE_COLOUR)
    box = Border(left=edge, right=edge, top=edge, bottom=edge)
    header = {"name": fonts.header, "charset": 134, "color": INK}
    body = {"name": fonts.body, "charset": 134, "size": BODY_SIZE}

    def style(
        font: Font, horizontal: str, border: Border | None = None, fill: str = "", **alignment: Any
    ) -> int:
        cell = sheet.cell(len(sheet._cells) + 1, 1)  # a new one: a style is kept by the cell that asks for it
        placed: dict[str, Any] = {"vertical": "center", "wrap_text": True} | alignment
        cell.alignment = Alignment(horizontal=horizontal, **placed)
        cell.font, cell.border = font, border or Border()
        cell.fill = PatternFill("solid", start_color=fill) if fill else PatternFill()
        cell.quotePrefix = True  # text that begins as a formula stays text when somebody edits it
        return int(cell.style_id)

    plain = Font(**body, color=INK)
    line = Font(**header, size=BODY_SIZE + 1)
    small = Font(name=fonts.body, charset=134, size=SMALL_SIZE, color=MUTED)
    section = Font(**header, size=BODY_SIZE, bold=True)

    def band(**edges: Side) -> int:
        """A part of a row whose text runs over all columns."""
        border = Border(top=edge, bottom=edge, **edges)
        return style(section, "left", border, SECTION_FILL, wrap_text=False, indent=1)

    styles = {
        "title": style(Font(**header, size=TITLE_SIZE, bold=True), "center"),
        "line_left": style(line, "left"),
        "line_centre": style(line, "center"),
        "line_right": style(line, "right"),
        "header": style(Font(**header, size=BODY_SIZE, bold=True), "center", box, HEADER_FILL),
        "stamp": style(small, "left"),
        "section_first": band(left=edge),
        "section": band(),
        "section_last": band(right=edge),
        # Read from the top, on whatever page it goes on.
        "prose": style(plain, "left", box, vertical="top", indent=1),
        "centre": style(plain, "center", box, vertical="top"),
    }
    lights = {
        str(light): style(Font(**body, color=ink, bold=True), "center", box, fill, vertical="top")
        for light, (fill, ink) in LIGHT_COLOURS.items()
    }
    sheet._cells.clear()  # scratch cells: the rows are not openpyxl's
    return styles, lights


def _set_view(sheet: Worksheet, columns: Sequence[Column], front: bool) -> None:
    """Headings stay in sight, and so do the number and name of the problem."""
    keys = [column.key for column in columns]
    fixed = keys.index("problem") + 1 if "problem" in keys[:3] else 1
    sheet.freeze_panes = f"{letters_of(fixed + 1)}{HEADER_ROW + 1}"
    sheet.sheet_view.zoomScale = 85
    sheet.sheet_view.tabSelected = front


def _set_page(sheet: Worksheet, each: Print) -> None:
    stamp, setup = each.stamp, sheet.page_setup
    setup.paperSize = code_of(each.paper)
    setup.orientation = "landscape"
    setup.fitToWidth, setup.fitToHeight = 1, 0
    sheet.sheet_properties.pageSetUpPr.fitToPage = True
    sheet.print_title_rows = f"{HEADER_ROW}:{HEADER_ROW}"
    sheet.print_options.horizontalCentered = True
    margins = sheet.page_margins
    margins.left = margins.right = SIDES
    margins.top, margins.bottom = TOP, BOTTOM
    margins.header = margins.footer = 0.3
    footer = sheet.oddFooter
    footer.left.text = _footer_text(f"{stamp.unit}　截至{date(stamp.as_of)}")
    footer.center.text = "第 &P 页 共 &N 页"
    filed = f"台账编码 {stamp.code}　" if stamp.code else ""
    footer.right.text = f"{filed}审计链头 {stamp.audit_head[:16]}"
    for part in (footer.left, footer.center, footer.right):
        part.size = 9


def _footer_text(text: str) -> str:
    """One line, short enough for a footer (255 characters in all), `&` being its escape character."""
    return clean_text(text).replace("\n", " ")[:_FOOTER_LIMIT].replace("&", "&&")


def _properties(stamp: Stamp) -> DocumentProperties:
    from openpyxl.packaging.core import DocumentProperties

    at = stamp.exported_at.astimezone(SHANGHAI).replace(tzinfo=None)
    exporter = clean_text(stamp.exporter)
    return DocumentProperties(
        title=clean_text(stamp.title),
        creator=exporter,
        lastModifiedBy=exporter,
        created=at,
        modified=at,
        language="zh-CN",
    )


def _announce_shared_strings(parts: dict[str, bytes]) -> None:
    """openpyxl writes texts into the cells; ours are shared strings, as Excel's own are."""
    override = f'<Override PartName="/xl/sharedStrings.xml" ContentType="{_SPREADSHEET}.sharedStrings+xml"/>'
    relation = (
        f'<Relationship Type="{_RELATIONSHIPS}/sharedStrings" Target="sharedStrings.xml" Id="rIdStrings"/>'
    )
    for name, element in (("[Content_Types].xml", override), ("xl/_rels/workbook.xml.rels", relation)):
        start, _, end = parts[name].rpartition(b"</")
        parts[name] = start + element.encode() + b"</" + end
    parts.pop("xl/sharedStrings.xml", None)


def _cut(sheet: str) -> tuple[str, str]:
    """The sheet before its dimension, from there to its rows, and after its filter."""
    head, _, tail = sheet.partition("<sheetData")
    head = re.sub(r"<dimension [^>]*/>", "@dimension@", head)
    tail = re.sub(r"^.*?</sheetData>|^\s*/>", "", tail, flags=re.DOTALL)
    return head + "<sheetData>", re.sub(r"<autoFilter [^>]*/>", "", tail)
