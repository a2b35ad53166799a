"""A Word document becomes clean lines: numbers, headings, tables, text boxes, accepted changes."""

from __future__ import annotations

from dataclasses import dataclass, field

from rectify.intake.parser import refusals
from rectify.intake.parser.lines.cleaning import clean, split_lines
from rectify.intake.parser.lines.raw import Raw
from rectify.intake.parser.tables import columns
from rectify.intake.parser.word import xml_events
from rectify.intake.parser.word.numbering import Numbering, Styles, whole

# Deleted or moved away, instructions of fields, what is kept twice, and how things were formatted before.
SKIPPED = frozenset(
    (
        "del",
        "moveFrom",
        "delText",
        "instrText",
        "delInstrText",
        "rt",
        "Fallback",
        "pPrChange",
        "rPrChange",
        "tblPrChange",
        "trPrChange",
        "tcPrChange",
        "sectPrChange",
        "tblGridChange",
        "numberingChange",
        "tblPrExChange",
    )
)
SIGNS = {"tab": "\t", "br": "\n", "cr": "\n", "noBreakHyphen": "-", "ptab": "\t"}
OFF = ("0", "false", "off")
MAX_SPAN = 63


@dataclass
class Paragraph:
    parts: list[str] = field(default_factory=list)
    style: str = ""
    number: str | None = None
    level: int | None = None
    outline: int | None = None
    mark_deleted: bool = False
    boxes: list[Raw] = field(default_factory=list)


@dataclass
class Cell:
    lines: list[Raw] = field(default_factory=list)
    span: int = 1
    continued: bool = False
    deleted: bool = False

    @property
    def text(self) -> str:
        """Its paragraphs apart by a space, which stands nowhere else between Chinese characters."""
        return " ".join(line.marker + line.text for line in self.lines)


@dataclass
class Table:
    rows: list[list[Cell]] = field(default_factory=list)
    row: list[Cell] = field(default_factory=list)
    row_deleted: bool = False


@dataclass
class Container:
    """Where lines go: body, cell, text box. `carried` is text of a paragraph whose mark was deleted."""

    lines: list[Raw] = field(default_factory=list)
    carried: list[str] = field(default_factory=list)
    first: Paragraph | None = None


class Body:
    """Reader of document.xml and of parts written like it: what they say, and what of it is no text."""

    def __init__(self, styles: Styles, numbering: Numbering) -> None:
        self._styles, self._numbering = styles, numbering
        self._path: list[str] = []
        self._skip = 0
        self._collecting = self._hidden = self.seen_body = False
        self._size = 0
        self._is_deleted_text = False
        self.deleted: list[str] = []
        self.hidden: list[str] = []
        self.inserted = self.pictures = 0
        self._containers = [Container()]
        self._paragraphs: list[Paragraph] = []
        self._tables: list[Table] = []
        self._openers = {name[7:]: getattr(self, name) for name in dir(self) if name.startswith("_start_")}
        self._closers = {name[5:]: getattr(self, name) for name in dir(self) if name.startswith("_end_")}
        # The end of a paragraph is told by its own tag alone.
        self._closers.pop("paragraph", None)

    def lines(self) -> list[Raw]:
        while self._paragraphs:
            self._end_paragraph()
        return self._containers[0].lines

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        parent = self._path[-1] if self._path else ""
        self._path.append(tag)
        if self._skip:
            self._skip += 1
            self._is_deleted_text = tag == "delText"
            return
        if tag in SKIPPED:
            self._skip = 1
            if tag in ("del", "moveFrom"):
                self._deleted(parent)
            return
        opened = self._openers.get(tag)
        if opened is not None:
            opened(xml_events.local(attributes) if attributes else attributes, parent)
        elif tag in SIGNS and parent == "r" and self._paragraphs and not self._hidden:
            self._paragraphs[-1].parts.append(SIGNS[tag])

    def end(self, tag: str) -> None:
        self._path.pop()
        if self._skip:
            self._skip -= 1
            self._is_deleted_text = False
            return
        closed = self._closers.get(tag)
        if closed is not None:
            closed()

    def data(self, text: str) -> None:
        if self._is_deleted_text:
            self._set_aside(self.deleted, text)
        elif self._collecting and not self._skip and self._paragraphs:
            if self._hidden:
                self._set_aside(self.hidden, text)
                return
            self._count(len(text))
            self._paragraphs[-1].parts.append(text)

    def _set_aside(self, words: list[str], text: str) -> None:
        if text.strip():
            self._count(len(text))
            words.append(text)

    def _count(self, size: int) -> None:
        self._size += size
        if self._size > refusals.MAX_TEXT:
            raise refusals.too_long(self._size)

    def _deleted(self, parent: str) -> None:
        grand = self._path[-3] if len(self._path) > 2 else ""
        if parent == "rPr" and grand == "pPr" and self._paragraphs:
            self._paragraphs[-1].mark_deleted = True
        elif parent == "trPr" and self._tables:
            self._tables[-1].row_deleted = True

    def _start_ins(self, attributes: dict[str, str], parent: str) -> None:
        self.inserted += parent not in ("rPr", "trPr", "numPr")

    def _start_blip(self, attributes: dict[str, str], parent: str) -> None:
        self.pictures += 1

    _start_imagedata = _start_relIds = _start_blip

    def _start_chart(self, attributes: dict[str, str], parent: str) -> None:
        self.pictures += parent == "graphicData"

    def take_aside(self, other: Body) -> None:
        """What another part of the document holds besides its text."""
        self.deleted += other.deleted
        self.hidden += other.hidden
        self.inserted += other.inserted
        self.pictures += other.pictures

    # Paragraphs -----------------------------------------------------------------------------------

    def _start_body(self, attributes: dict[str, str], parent: str) -> None:
        self.seen_body = True

    def _start_p(self, attributes: dict[str, str], parent: str) -> None:
        self._paragraphs.append(Paragraph())
        self._collecting = self._hidden = False

    def _start_r(self, attributes: dict[str, str], parent: str) -> None:
        self._hidden = False

    def _start_vanish(self, attributes: dict[str, str], parent: str) -> None:
        grand = self._path[-3] if len(self._path) > 2 else ""
        if parent == "rPr" and grand == "r":
            self._hidden = attributes.get("val", "1") not in OFF

    def _start_t(self, attributes: dict[str, str], parent: str) -> None:
        self._collecting = True

    def _end_t(self) -> None:
        self._collecting = False

    def _start_pStyle(self, attributes: dict[str, str], parent: str) -> None:
        if self._paragraphs:
            self._paragraphs[-1].style = attributes.get("val", "")

    def _start_numId(self, attributes: dict[str, str], parent: str) -> None:
        if self._paragraphs and parent == "numPr":
            self._paragraphs[-1].number = attributes.get("val", "")

    def _start_ilvl(self, attributes: dict[str, str], parent: str) -> None:
        if self._paragraphs and parent == "numPr":
            self._paragraphs[-1].level = whole(attributes.get("val", ""), 0)

    def _start_outlineLvl(self, attributes: dict[str, str], parent: str) -> None:
        if self._paragraphs and parent == "pPr":
            self._paragraphs[-1].outline = whole(attributes.get("val", ""), 9)

    def _end_p(self) -> None:
        if self._paragraphs:
            self._end_paragraph()

    def _end_paragraph(self) -> None:
        paragraph = self._paragraphs.pop()
        self._collecting = self._hidden = False
        container = self._containers[-1]
        container.carried.append("".join(paragraph.parts))
        container.first = container.first or paragraph
        if not paragraph.mark_deleted:
            self._emit(container)
        container.lines.extend(paragraph.boxes)

    def _emit(self, container: Container) -> None:
        """The paragraph that ended and those before it whose marks were deleted; a soft break ends a line."""
        paragraph, container.first = container.first, None
        texts = [clean(piece) for piece in split_lines("".join(container.carried))]
        container.carried = []
        if paragraph is None or not any(texts):
            return
        style = self._styles.role(paragraph.style, paragraph.outline)
        marker = self._marker(paragraph)
        for text in texts:
            if text:
                container.lines.append(Raw(text, 0, 0, style, marker))
                style, marker = (style if style == "contents" else ""), ""

    def _marker(self, paragraph: Paragraph) -> str:
        number, level = paragraph.number, paragraph.level
        for style in self._styles.chain(paragraph.style or self._styles.default):
            number = number if number is not None else style.number
            level = level if level is not None else style.level
        return self._numbering.next(number, level or 0, self._styles) if number else ""

    # Text boxes and tables ------------------------------------------------------------------------

    def _start_txbxContent(self, attributes: dict[str, str], parent: str) -> None:
        self._containers.append(Container())

    def _end_txbxContent(self) -> None:
        if len(self._containers) < 2:
            return
        box = self._containers.pop()
        self._emit(box)
        target = self._paragraphs[-1].boxes if self._paragraphs else self._containers[-1].lines
        target.extend(box.lines)

    def _start_tbl(self, attributes: dict[str, str], parent: str) -> None:
        self._emit(self._containers[-1])
        self._tables.append(Table())

    def _start_tr(self, attributes: dict[str, str], parent: str) -> None:
        if self._tables:
            self._tables[-1].row, self._tables[-1].row_deleted = [], False

    def _start_tc(self, attributes: dict[str, str], parent: str) -> None:
        self._containers.append(Container())
        if self._tables:
            self._tables[-1].row.append(Cell())

    def _cell(self) -> Cell | None:
        return self._tables[-1].row[-1] if self._tables and self._tables[-1].row else None

    def _start_gridSpan(self, attributes: dict[str, str], parent: str) -> None:
        cell = self._cell()
        if cell:
            cell.span = min(max(whole(attributes.get("val", ""), 1), 1), MAX_SPAN)

    def _start_vMerge(self, attributes: dict[str, str], parent: str) -> None:
        cell = self._cell()
        if cell:
            cell.continued = attributes.get("val", "continue") != "restart"

    def _start_cellDel(self, attributes: dict[str, str], parent: str) -> None:
        cell = self._cell()
        if cell:
            cell.deleted = True

    def _end_tc(self) -> None:
        if len(self._containers) < 2:
            return
        container = self._containers.pop()
        self._emit(container)
        cell = self._cell()
        if cell is None:
            self._containers[-1].lines.extend(container.lines)
        elif cell.deleted:
            self.deleted += [line.text for line in container.lines]
        else:
            cell.lines = container.lines

    def _end_tr(self) -> None:
        if not self._tables:
            return
        if self._tables[-1].row_deleted:
            self.deleted += [line.text for cell in self._tables[-1].row for line in cell.lines]
        else:
            self._tables[-1].rows.append(self._tables[-1].row)

    def _end_tbl(self) -> None:
        if not self._tables:
            return
        table = self._tables.pop()
        lines = self._containers[-1].lines
        if self._tables:
            lines.extend(line for row in table.rows for cell in row for line in cell.lines)
            return
        # A list that runs over several pages may be several tables, with one head.
        follows = bool(lines) and bool(lines[-1].cells) and len(lines[-1].cells)
        above: list[Cell] = []
        listed = False
        for row in table.rows:
            expanded = self._expanded(row, above)
            above = expanded
            cells = tuple(cell.text for cell in expanded)
            if not listed and (columns.header(cells) or follows == len(cells) > 2):
                listed = True
            if not listed:
                lines.extend(line for cell in row for line in cell.lines)
            elif any(cells):
                self._count(sum(map(len, cells)))
                lines.append(Raw("\t".join(cells), 0, cells=cells))

    def _expanded(self, row: list[Cell], above: list[Cell]) -> list[Cell]:
        """One cell for each column of the grid; a merged cell stands in all it covers."""
        grid: list[Cell] = []
        for cell in row:
            index = len(grid)
            if cell.continued and index < len(above):
                cell = Cell(above[index].lines, cell.span)
            grid.extend([cell] * cell.span)
            if len(grid) > MAX_SPAN:
                break
        return grid
