"""What the ledger's export is measured against: the least that could write its rows, and openpyxl."""

from __future__ import annotations

import sqlite3
from collections import defaultdict
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from xml.sax.saxutils import escape

import openpyxl
from django.conf import settings
from isal import isal_zlib
from openpyxl.styles import Alignment, Border, Font, NamedStyle, PatternFill, Side
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.cell_range import CellRange

from rectify.ledger import cell_words
from rectify.ledger.columns import FULL
from rectify.ledger.print.layout import MAX_LINES, row_points
from rectify.ledger.print.shell import HEADER_FILL, LIGHT_COLOURS
from rectify.ledger.print.splitting import lines_of
from rectify.ledger.row_types import NO_MEASURE, ProblemRow, Stamp
from rectify.ledger.rows import snapshot

# -- flat SQL, strings, deflate ---------------------------------------------------------------------------

PROBLEMS = """
    SELECT p.id, p.number, a.title, p.title, p.goal, l.post, u.name, p.responsible, p.kind, p.deadline,
        p.original_deadline, p.status, p.closed_on, p.remark, p.code
    FROM rectify_problem p LEFT JOIN rectify_aspect a ON a.id = p.aspect_id
    LEFT JOIN rectify_leader l ON l.id = p.leader_id LEFT JOIN rectify_unit u ON u.id = p.lead_unit_id
    WHERE NOT p.withdrawn ORDER BY p.report_id, a.number, p.number"""
PARTS = (
    "SELECT problem_id, text FROM rectify_manifestation ORDER BY problem_id, number",
    """SELECT k.problem_id, c.title, c.text FROM rectify_problemcause k
        JOIN rectify_rootcause c ON c.id = k.cause_id
        WHERE k.status = 'confirmed' ORDER BY k.problem_id, c.number""",
    """SELECT m.problem_id, m.text, m.kind, m.standard, u.name, m.deadline, m.status, m.result, m.finished_on
        FROM rectify_measure m LEFT JOIN rectify_unit u ON u.id = m.unit_id
        WHERE m.status <> 'dropped' ORDER BY m.problem_id, m.number""",
    """SELECT s.problem_id, u.name FROM rectify_problem_supporting_units s
        JOIN rectify_unit u ON u.id = s.unit_id ORDER BY s.problem_id, u.path""",
    """SELECT problem_id, at, author_label, text, percent FROM rectify_progressnote
        WHERE id IN (SELECT max(id) FROM rectify_progressnote GROUP BY problem_id)""",
    "SELECT problem_id, name FROM rectify_evidence ORDER BY problem_id, id",
)
BATCH = 100


def by_flat_sql(path: Path) -> None:
    """The same rows by the fewest statements, as XML of cells, deflated: no words, heights, pages or zip."""
    database = sqlite3.connect(settings.DATABASES["default"]["NAME"])
    problems = database.execute(PROBLEMS).fetchall()
    parts = [_grouped(database, sql) for sql in PARTS]
    packer = isal_zlib.compressobj(level=2, wbits=-15)
    with path.open("wb") as out:
        for start in range(0, len(problems), BATCH):
            rows = [
                _row(number, problem, [group[problem[0]] for group in parts])
                for number, problem in enumerate(problems[start : start + BATCH], start + 4)
            ]
            out.write(packer.compress("".join(rows).encode()))
        out.write(packer.flush())


def _grouped(database: sqlite3.Connection, sql: str) -> defaultdict[int, list[list[Any]]]:
    grouped: defaultdict[int, list[list[Any]]] = defaultdict(list)
    for key, *rest in database.execute(sql):
        grouped[key].append(rest)
    return grouped


def _row(number: int, problem: tuple[Any, ...], parts: list[list[list[Any]]]) -> str:
    lists = ["\n".join([" ".join(map(str, filter(None, row))) for row in part]) for part in parts]
    cells = [
        f'<c r="{letter}{number}" s="1" t="inlineStr"><is><t>{escape(str(text or ""))}</t></is></c>'
        for letter, text in zip("ABCDEFGHIJKLMNOPQRST", (*problem[1:], *lists), strict=True)
    ]
    return f'<row r="{number}" ht="100" customHeight="1">{"".join(cells)}</row>'


# -- openpyxl ---------------------------------------------------------------------------------------------

MEASURE = [column.key for column in FULL.columns].index("measure")


def by_openpyxl(source: Callable[[str], Iterator[ProblemRow]], stamp: Stamp, path: Path) -> None:
    """The same ledger as openpyxl's normal mode writes it, a row a measure, what is the problem's merged over
    them: cells, styles, heights, print set-up."""
    book = openpyxl.Workbook()
    sheet = book.active
    names = _add_styles(book)
    for index, column in enumerate(FULL.columns, 1):
        sheet.column_dimensions[get_column_letter(index)].width = column.width + 0.71
    sheet.append([stamp.title])
    sheet.append([f"填报单位（盖章）：{stamp.unit}"])
    sheet.append([column.heading_on(stamp.as_of) for column in FULL.columns])
    for cell in sheet[3]:
        cell.style = "header"
    row = 4
    with snapshot() as using:
        for problem in source(using):
            row = _add_problem(sheet, problem, row, names)
    sheet.freeze_panes = "D4"
    sheet.auto_filter.ref = f"A3:R{row - 1}"
    sheet.print_title_rows = "3:3"
    sheet.page_setup.orientation, sheet.page_setup.paperSize = "landscape", 8
    sheet.page_setup.fitToHeight = 0
    sheet.sheet_properties.pageSetUpPr.fitToPage = True
    sheet.oddFooter.center.text = "第 &P 页 共 &N 页"
    book.save(path)


def _add_styles(book: openpyxl.Workbook) -> list[str]:
    side = Side(style="thin", color="7F8894")
    box = Border(left=side, right=side, top=side, bottom=side)
    font = Font(name="仿宋", size=10.5)
    for name, align in (("prose", "left"), ("centre", "center"), ("header", "center")):
        style = NamedStyle(name, font=font, border=box)
        style.alignment = Alignment(horizontal=align, vertical="center", wrap_text=True)
        if name == "header":
            style.font, style.fill = (
                Font(name="黑体", size=10.5, bold=True),
                PatternFill("solid", HEADER_FILL),
            )
        book.add_named_style(style)
    for light, (fill, ink) in LIGHT_COLOURS.items():
        style = NamedStyle(str(light), font=Font(name="仿宋", size=10.5, bold=True, color=ink), border=box)
        style.alignment = Alignment(horizontal="center", vertical="center", wrap_text=True)
        style.fill = PatternFill("solid", fill)
        book.add_named_style(style)
    return ["prose" if column.prose else "centre" for column in FULL.columns]


def _add_problem(sheet: Any, problem: ProblemRow, first: int, names: list[str]) -> int:
    """The problem's rows from `first` on; returns the row behind them."""
    values = [column.get(problem, NO_MEASURE) or None for column in FULL.columns]
    steps = [cell_words.step(measure) for measure in problem.measures] or [""]
    others = max(
        lines_of(str(value or ""), column.width)
        for index, (value, column) in enumerate(zip(values, FULL.columns, strict=True))
        if index != MEASURE
    )
    for row, step in enumerate(steps, first):
        lines = max(lines_of(step, FULL.columns[MEASURE].width), -(-others // len(steps)))
        sheet.row_dimensions[row].height = row_points(min(MAX_LINES, lines))
        for index, (value, name, column) in enumerate(zip(values, names, FULL.columns, strict=True)):
            shown = step if index == MEASURE else value if row == first else None
            cell = sheet.cell(row, index + 1, shown)
            if isinstance(shown, str):
                cell.data_type = "s"
            cell.style = problem.light if column.lit and problem.light in LIGHT_COLOURS else name
    behind = first + len(steps)
    if len(steps) > 1:
        columns = [index for index in range(1, len(values) + 1) if index != MEASURE + 1]
        # By hand: `merge_cells` looks at every merged range before it adds one.
        sheet.merged_cells.ranges.update(
            CellRange(min_row=first, max_row=behind - 1, min_col=index, max_col=index) for index in columns
        )
    return behind
