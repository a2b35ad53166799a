"""Blocks to a Word document in the type of GB/T 9704-2012."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any, BinaryIO

from docx import Document
from docx.document import Document as DocumentType
from docx.enum.table import WD_ALIGN_VERTICAL, WD_ROW_HEIGHT_RULE, WD_TABLE_ALIGNMENT
from docx.shared import Mm
from docx.table import Table as WordTable
from docx.table import _Cell
from docx.text.paragraph import Paragraph

from rectify.docx.blocks import (
    TABLE_SPACING,
    Block,
    Cell,
    Heading,
    Line,
    PageBreak,
    Signature,
    Table,
    Text,
    Title,
)
from rectify.docx.page import (
    BODY_SIZE,
    LINE_PITCH,
    TEXT_WIDTH,
    align,
    element,
    indent,
    leave_grid,
    set_font,
    set_line,
    set_page,
)

TITLE_FONT, BODY_FONT = "方正小标宋简体", "仿宋_GB2312"
HEADING_FONTS = {1: "黑体", 2: "楷体_GB2312", 3: BODY_FONT}
TITLE_SIZE, BELOW_SIZE = 22, 16
LINE_POINTS, TITLE_POINTS = LINE_PITCH / 20, 34
INDENT = {"firstLineChars": 200, "firstLine": BODY_SIZE * 40}
# What XML cannot carry.
_ILLEGAL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")


@dataclass(frozen=True)
class Properties:
    """What the file says of itself."""

    title: str
    author: str
    at: dt.datetime


def write_document(blocks: Iterable[Block], properties: Properties, out: BinaryIO) -> None:
    """Write the paper to `out` as .docx."""
    document = Document()
    set_page(document)
    _set_default(document)
    core = document.core_properties
    core.title, core.author, core.last_modified_by = properties.title, properties.author, properties.author
    core.created = core.modified = properties.at.astimezone(dt.UTC).replace(tzinfo=None)
    core.comments, core.language = "", "zh-CN"
    for block in blocks:
        WRITERS[type(block)](document, block)
    document.save(out)


def _set_default(document: DocumentType) -> None:
    """The grid counts in characters of this style."""
    style = document.styles["Normal"]
    set_font(style.element, BODY_FONT, BODY_SIZE)


def _paragraph(place: DocumentType | _Cell, text: str, font: str, size: float, points: float) -> Paragraph:
    paragraph = place.add_paragraph()
    set_line(paragraph, points)
    _run(paragraph, text, font, size)
    return paragraph


def _run(paragraph: Paragraph, text: str, font: str, size: float, bold: bool = False) -> None:
    run = paragraph.add_run(_ILLEGAL.sub("", text))
    set_font(run._r, font, size, bold)


def _title(document: DocumentType, block: Title) -> None:
    if len(document.element.body) > 1 and not _begins_page(document):
        set_line(document.add_paragraph(), LINE_POINTS)
    for text, font, size in (
        (block.text, TITLE_FONT, TITLE_SIZE),
        (block.below, HEADING_FONTS[2], BELOW_SIZE),
    ):
        if text:
            align(_paragraph(document, text, font, size, TITLE_POINTS), "center")
    if not block.is_tight:
        set_line(document.add_paragraph(), LINE_POINTS)


def _begins_page(document: DocumentType) -> bool:
    """Whether nothing stands on the page yet: the last thing written was the break before it."""
    return bool(document.element.body[-2].xpath(".//w:br[@w:type='page']"))


def _heading(document: DocumentType, block: Heading) -> None:
    paragraph = _paragraph(document, block.text, HEADING_FONTS[block.level], BODY_SIZE, LINE_POINTS)
    paragraph.paragraph_format.keep_with_next = True
    paragraph._p.get_or_add_pPr().append(element("w:outlineLvl", val=block.level - 1))
    indent(paragraph, **INDENT)


def _line(document: DocumentType, block: Line) -> None:
    _paragraph(document, block.text, BODY_FONT, BODY_SIZE, LINE_POINTS)


def _text(document: DocumentType, block: Text) -> None:
    for number, line in enumerate(_lines(block.text)):
        paragraph = document.add_paragraph()
        set_line(paragraph, LINE_POINTS)
        if block.lead and not number:
            _run(paragraph, block.lead, HEADING_FONTS[2], BODY_SIZE)
        _run(paragraph, line, BODY_FONT, BODY_SIZE)
        align(paragraph, "both")
        indent(paragraph, **INDENT)


def _signature(document: DocumentType, block: Signature) -> None:
    """The date four characters from the right, the name centred over it."""
    set_line(document.add_paragraph(), LINE_POINTS)
    name_at = max(0, 4 + (len(block.date) - len(block.name)) // 2)
    for text, characters in ((block.name, name_at), (block.date, 4)):
        paragraph = _paragraph(document, text, BODY_FONT, BODY_SIZE, LINE_POINTS)
        align(paragraph, "right")
        indent(paragraph, rightChars=characters * 100, right=characters * BODY_SIZE * 20)


def _page_break(document: DocumentType, block: PageBreak) -> None:
    document.add_page_break()


def _table(document: DocumentType, block: Table) -> None:
    if document.element.body.xpath("./*[last()-1][self::w:tbl]"):  # or the two would become one
        set_line(document.add_paragraph(), 9)
    table = document.add_table(rows=0, cols=len(block.widths), style="Table Grid")
    table.alignment, table.autofit = WD_TABLE_ALIGNMENT.CENTER, False
    share = TEXT_WIDTH / sum(block.widths)
    widths = [round(width * share, 1) for width in block.widths]
    for column, width in zip(table.columns, widths, strict=True):
        column.width = Mm(width)
    for number, cells in enumerate(block.rows):
        _row(table, cells, widths, block.size, is_head=block.has_head and not number)


def _row(table: WordTable, cells: Iterable[Cell], widths: list[float], size: float, is_head: bool) -> None:
    row = table.add_row()
    properties = row._tr.get_or_add_trPr()
    properties.append(element("w:cantSplit"))
    if is_head:
        properties.append(element("w:tblHeader"))
    place, height, blanks = 0, 0, list(row._tr.tc_lst)
    for cell in cells:
        end = place + cell.span
        # A row that is new holds nothing yet: what python-docx's `merge` looks at first costs half the time.
        blanks[place].grid_span = cell.span
        for blank in blanks[place + 1 : end]:
            row._tr.remove(blank)
        target = _Cell(blanks[place], table)
        target.width = Mm(sum(widths[place:end]))
        _fill(target, cell, size, is_head)
        place, height = end, max(height, cell.height)
    if height:
        row.height, row.height_rule = Mm(height), WD_ROW_HEIGHT_RULE.AT_LEAST


def _fill(target: _Cell, cell: Cell, size: float, is_head: bool) -> None:
    """The text of a cell, a paragraph for each line; a label in the type of headings, in the middle."""
    strong = cell.is_label or is_head
    target.vertical_alignment = WD_ALIGN_VERTICAL.CENTER if strong or cell.centred else WD_ALIGN_VERTICAL.TOP
    for number, line in enumerate(_lines(cell.text) or [""]):
        paragraph = target.paragraphs[0] if not number else target.add_paragraph()
        set_line(paragraph, size * TABLE_SPACING)
        leave_grid(paragraph)
        if strong or cell.centred:
            align(paragraph, "center")
        _run(paragraph, line, HEADING_FONTS[1] if strong else BODY_FONT, size)


def _lines(text: str) -> list[str]:
    """Without the empty ones; lines end as they may."""
    return [line.strip() for line in text.splitlines() if line.strip()]


WRITERS: dict[type, Callable[[DocumentType, Any], None]] = {
    Title: _title,
    Heading: _heading,
    Line: _line,
    Text: _text,
    Signature: _signature,
    PageBreak: _page_break,
    Table: _table,
}
