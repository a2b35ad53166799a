"""The page of GB/T 9704-2012: A4, margins, a grid of 22 lines by 28 characters, page numbers outside."""

from __future__ import annotations

import math
from typing import Any

from docx.document import Document
from docx.enum.text import WD_ALIGN_PARAGRAPH
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.oxml.xmlchemy import BaseOxmlElement
from docx.section import Section, _Footer
from docx.shared import Mm, Pt
from docx.text.paragraph import Paragraph

A4 = (Mm(210), Mm(297))
TOP, LEFT, RIGHT, BOTTOM = Mm(37), Mm(28), Mm(26), Mm(35)
TEXT_WIDTH = 156  # millimetres
LINES, CHARACTERS = 22, 28
BODY_SIZE = 16  # 三号, points
NUMBER_SIZE = 14  # 四号
LINE_PITCH = int(225 / 25.4 * 1440 / LINES)  # twentieths of a point
# How much closer than its own size a character of the body stands, in twentieths of a point. It is said of
# the text and not of the grid: LibreOffice gives two cells to a character that is wider than a cell.
CLOSER = math.floor((TEXT_WIDTH / 25.4 * 72 / CHARACTERS - BODY_SIZE) * 20)


def set_page(document: Document) -> None:
    """The paper, its margins, its grid and its numbers."""
    section = document.sections[0]
    section.page_width, section.page_height = A4
    section.top_margin, section.bottom_margin = TOP, BOTTOM
    section.left_margin, section.right_margin = LEFT, RIGHT
    section.footer_distance = Mm(25)
    _set_grid(section)
    document.settings.odd_and_even_pages_header_footer = True
    _number(section.footer, "right")
    _number(section.even_page_footer, "left")


def _set_grid(section: Section) -> None:
    properties = section._sectPr
    for old in properties.findall(qn("w:docGrid")):
        properties.remove(old)
    properties.append(element("w:docGrid", type="linesAndChars", linePitch=LINE_PITCH, charSpace=0))


def _number(footer: _Footer, side: str) -> None:
    """— 1 — at the outer edge, one character from it."""
    footer.is_linked_to_previous = False
    paragraph = footer.paragraphs[0]
    paragraph.style = "Normal"
    align(paragraph, side)
    edge = {f"{side}Chars": 100, side: NUMBER_SIZE * 20}
    indent(paragraph, **edge)
    for piece in ("— ", "PAGE", " —"):
        run = paragraph.add_run()
        set_font(run._r, "宋体", NUMBER_SIZE)
        if piece == "PAGE":
            for part in (
                element("w:fldChar", fldCharType="begin"),
                element("w:instrText", text=piece),
                element("w:fldChar", fldCharType="separate"),
                element("w:t", text="1"),
                element("w:fldChar", fldCharType="end"),
            ):
                run._r.append(part)
        else:
            run.text = piece


def set_font(run: BaseOxmlElement, name: str, size: float, bold: bool = False) -> None:
    """The font by name, for Chinese and for Latin characters alike."""
    properties = run.get_or_add_rPr()
    properties.append(element("w:rFonts", ascii=name, hAnsi=name, eastAsia=name, cs=name, hint="eastAsia"))
    if bold:
        properties.append(element("w:b"))
    if size == BODY_SIZE:
        properties.append(element("w:spacing", val=CLOSER))
    for tag in ("w:sz", "w:szCs"):
        properties.append(element(tag, val=int(size * 2)))


SIDES = {
    "left": WD_ALIGN_PARAGRAPH.LEFT,
    "center": WD_ALIGN_PARAGRAPH.CENTER,
    "right": WD_ALIGN_PARAGRAPH.RIGHT,
    "both": WD_ALIGN_PARAGRAPH.JUSTIFY,
}


def align(paragraph: Paragraph, side: str) -> None:
    paragraph.alignment = SIDES[side]


def indent(paragraph: Paragraph, **edges: int) -> None:
    """Edges in characters (hundredths) and, for those who do not count so, in twentieths of a point."""
    indents = paragraph._p.get_or_add_pPr().get_or_add_ind()
    for name, value in edges.items():
        indents.set(qn(f"w:{name}"), str(value))


def leave_grid(paragraph: Paragraph) -> None:
    """Lines of a table stand closer than those of the page."""
    paragraph._p.get_or_add_pPr().insert_element_before(
        element("w:snapToGrid", val=0), "w:spacing", "w:ind", "w:jc", "w:outlineLvl"
    )


def set_line(paragraph: Paragraph, points: float) -> None:
    """An exact distance of lines, nothing before or after."""
    spacing = paragraph.paragraph_format
    spacing.line_spacing, spacing.space_before, spacing.space_after = Pt(points), Pt(0), Pt(0)


def element(tag: str, text: str = "", **attributes: Any) -> BaseOxmlElement:
    made = OxmlElement(tag)
    for name, value in attributes.items():
        made.set(qn(f"w:{name}"), str(value))
    if text:
        made.text = text
        if text != text.strip():
            made.set(qn("xml:space"), "preserve")
    return made
