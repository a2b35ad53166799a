"""Every cell of every sheet is in what would be loaded, in a part left out by name, or in a notice."""

from __future__ import annotations

import csv
import dataclasses
import io
import random
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from openpyxl.comments import Comment
from openpyxl.drawing.image import Image
from openpyxl.utils import get_column_letter
from PIL import Image as Picture

from rectify.ledger.legacy.as_json import as_json
from rectify.ledger.legacy.layout import shown_text
from rectify.ledger.legacy.problem import OldProblem, OldSheet
from rectify.ledger.legacy.reading import BookReading, SheetReading, read_workbook
from rectify.xlsx.reader import Book, Sheet, SheetCell, read_book
from rectify.xlsx.structure import OLD
from rectify.xlsx.values import NotUnderstood, half_width

from .kept_apart import corpus

FOLDER = Path(__file__).parent
RUN = re.compile(r"[^\W_]+")
COUNT = re.compile(
    r"(?:^|[\n；;。])\s*(?:\d{1,2}[.、．](?!\d)|[（(].{1,2}[)）]|[一二三四五六七八九十]+、)", re.M
)
NOT_LOADED = ("marks", "rows", "sheet", "history", "deadlines", "kind", "also_standing")

HEADINGS = (
    *("序号", "查摆方面", "存在问题", "具体表现", "原因分析", "整改目标", "整改措施", "责任领导", "牵头单位"),
    *("配合部门", "负责人", "整改类型", "完成时限", "整改进展", "完成情况", "备注", "检查时间", "督办单位"),
    *("问题来源", "完成标准", "措施", "未定义"),
)
WORDS = ("学习", "巡河", "台账", "低保", "窗口", "会风", "路灯", "库房", "公章", "值班", "走访", "补贴")
WHEN = ("2024年{}月底前", "2024.{}", "{}月—12月", "长期坚持", "立行立改", "春节前", "每季度", "会后{}天")
LEADERS = ("副局长　王 某{}", "营业部主任 侯某{}", "孟某{}（副县长）", "佟{}同志")
ENDS = ("合计", "小计", "注：第{}稿", "填报人：张{}", "一、{}方面", "（二）{}领域", "{}")


def sheet_of(rnd: random.Random) -> Sheet:
    """A sheet as careless people make them: headings in any order, holes, merged rows, sums, notes."""
    headings = rnd.sample(HEADINGS, rnd.randint(4, len(HEADINGS)))
    if "存在问题" not in headings:
        headings.insert(1, "存在问题")
    counter = iter(range(100, 9_999))
    rows: dict[int, dict[int, SheetCell]] = {1: {1: SheetCell("t", f"2024年整改台账{next(counter)}")}}
    if rnd.random() < 0.3:
        rows[1][len(headings) + 1] = SheetCell("t", f"第{next(counter)}号")
    rows[2] = {column: SheetCell("t", text) for column, text in enumerate(headings, 1)}
    merges = []
    for row in range(3, rnd.randint(6, 25)):
        if rnd.random() < 0.2:
            rows[row] = {1: SheetCell("t", rnd.choice(ENDS).format(f"{rnd.choice(WORDS)}{next(counter)}"))}
            if rnd.random() < 0.7:
                merges.append([row, 1, row, len(headings)])
            continue
        rows[row] = {
            column: SheetCell("t", _text(rnd, heading, next(counter)))
            for column, heading in enumerate(headings, 1)
            if rnd.random() < 0.8
        } or {1: SheetCell("t", f"{next(counter)}")}
        if rnd.random() < 0.2:
            rows[row][len(headings) + 2] = SheetCell("t", f"表外{next(counter)}")
    return Sheet("台账", False, rows, merges)


def _text(rnd: random.Random, heading: str, number: int) -> str:
    if heading == "完成时限":
        return f"{rnd.choice(WHEN).format(rnd.randint(1, 9))}（{number}）"
    words = f"{rnd.choice(WORDS)}{number}"
    if heading == "序号":
        return rnd.choice((f"{number}", f"ZG-{number}"))
    if heading == "责任领导":
        return rnd.choice(LEADERS).format(number)
    if heading == "整改类型":
        return rnd.choice(("限期整改", f"限期整改（{words}）", "立行立改"))
    return f"1.{words}\n2.{rnd.choice(WORDS)}{number}" if rnd.random() < 0.2 else words


def book_of(seed: int) -> Book:
    """One to three sheets, which may name the same problems, and an empty one."""
    rnd = random.Random(seed)
    sheets = [sheet_of(rnd) for _ in range(rnd.choice((1, 1, 2, 3)))]
    for number, sheet in enumerate(sheets[1:], 2):
        sheet.name, sheet.hidden = f"表{number}", rnd.random() < 0.3
        for row in range(3, 6):  # what stands on the first too
            if row in sheets[0].rows and row in sheet.rows:
                sheet.rows[row] |= {2: sheets[0].rows[row].get(2, SheetCell("t", "同一个问题"))}
    return Book([*sheets, Sheet("空表", False, {})])


def lost(reading: BookReading) -> Iterator[str]:
    """The runs of letters and figures that nobody would see again."""
    old = reading.read()
    told = as_json(reading, old)
    listed = {sheet.sheet.name for sheet in reading.sheets}
    yield from (sheet.name for sheet in reading.book.sheets if sheet.rows and sheet.name not in listed)
    for sheet in reading.sheets:
        if not sheet.is_read:
            if not any(sheet.sheet.name in notice["value"] for notice in told["notices"]):
                yield f"sheet {sheet.sheet.name}"
            continue
        for row, cells in sheet.sheet.rows.items():
            where = Where.of(reading, sheet, old, told, row)
            for column, cell in cells.items():
                text = COUNT.sub("\n", text_of(cell, reading.book.date1904))
                if gone := [run for run in RUN.findall(half_width(text)) if not where.has(column, run)]:
                    yield f"{sheet.sheet.name} {row}/{column}: {gone}"


@dataclasses.dataclass
class Where:
    """What is known of one row."""

    row: int
    words: str
    letters: set[str]
    columns: dict[int, str]

    @classmethod
    def of(
        cls, reading: BookReading, sheet: SheetReading, old: OldSheet, told: dict[str, Any], row: int
    ) -> Where:
        name = sheet.sheet.name
        texts = [notice["value"] for notice in told["notices"] if notice["row"] == row]
        texts += [loaded(problem) for problem in old.problems]
        texts += [reading.title] if row < sheet.header else []
        letters = {fault.letter for fault in old.notices if (fault.sheet, fault.row) == (name, row)}
        if row <= sheet.header:  # every heading of a column has its place in the preview
            is_named = row >= sheet.header - 1
            columns = dict(sheet.headings) if is_named else {}
            groups = {left for top, left, _, right in sheet.sheet.merges if top == row and right > left}
            columns |= dict.fromkeys(groups if row == sheet.header - 1 else (), "*")  # over several headings
        else:
            left = (None, "", "skip")
            columns = {column: "*" for column in sheet.headings if sheet.columns.get(column) in left}
            columns |= {column: "1" for column, key in sheet.columns.items() if key == "number"}
            codes = [notice["value"] for notice in told["notices"] if notice["row"] == sheet.header]
            texts += [*codes, *sheet.headings.values()]
        return cls(row, half_width("|".join(texts)), letters, columns)

    def has(self, column: int, run: str) -> bool:
        if run.isdecimal():
            is_there = bool(re.search(rf"(?<!\d){run}(?!\d)", self.words))
        else:
            is_there = run in self.words.replace("\n", "|")
        heading = half_width(self.columns.get(column, ""))
        by_name = heading == "*" or run in heading or (heading == "1" and run.isdecimal())
        return is_there or by_name or get_column_letter(column) in self.letters


def loaded(problem: OldProblem) -> str:
    values = {key: value for key, value in dataclasses.asdict(problem).items() if key not in NOT_LOADED}
    days = [cell.words for cell in problem.deadlines]
    return repr((values, days, problem.kind_words, problem.source_words)).replace("\\n", "|")


def text_of(cell: SheetCell, date1904: bool) -> str:
    try:
        return shown_text(cell, date1904)
    except NotUnderstood:
        return cell.shown


def test_nothing_of_any_sheet_is_lost():
    for seed in range(30):
        missing = list(lost(read_workbook(book_of(seed), "台账.xlsx", {})))
        assert not missing, f"seed {seed}: {missing}"


def kept_files() -> Iterator[Path]:
    for folder in ("cases", "writers"):
        yield from (
            path for path in sorted((FOLDER / folder).iterdir()) if path.suffix in (".xlsx", ".xls", ".csv")
        )


def test_nothing_of_any_kept_sheet_is_lost(tmp_path):
    files = list(kept_files())
    for sheet in corpus.sheets():
        files.append(tmp_path / sheet.file_name)
        files[-1].write_bytes(sheet.data)
    missing = [
        f"{path.name} {fault}"
        for path in files
        for fault in lost(read_workbook(read_book(path, OLD), path.name, {}))
    ]
    assert not missing, missing


def as_workbook(sheet: Sheet) -> bytes:
    book = openpyxl.Workbook()
    for row, cells in sheet.rows.items():
        for column, cell in cells.items():
            book.active.cell(row, column, cell.value)
    for top, left, bottom, right in sheet.merges:
        book.active.merge_cells(start_row=top, start_column=left, end_row=bottom, end_column=right)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def as_text(sheet: Sheet, sign: str) -> bytes:
    """A file of cells as text, or what is pasted from a table."""
    width = max(max(cells) for cells in sheet.rows.values())
    out = io.StringIO()
    writer = csv.writer(out, delimiter=sign)
    for row in range(1, max(sheet.rows) + 1):
        cells = sheet.rows.get(row, {})
        writer.writerow(cells[column].value if column in cells else "" for column in range(1, width + 1))
    return out.getvalue().encode("gb18030" if sign == "," else "utf-8")


@pytest.mark.parametrize("form", ["xlsx", "csv", "pasted"])
def test_nothing_is_lost_in_whatever_form_it_comes(tmp_path, form):
    for seed in range(3):
        sheet = sheet_of(random.Random(seed))
        data = as_workbook(sheet) if form == "xlsx" else as_text(sheet, "," if form == "csv" else "\t")
        path = tmp_path / f"台账.{form}"
        path.write_bytes(data)
        reading = read_workbook(read_book(path, OLD), path.name, {})
        came = sorted(cell.value for cells in reading.book.sheets[0].rows.values() for cell in cells.values())
        assert came == sorted(cell.value for cells in sheet.rows.values() for cell in cells.values())
        assert not list(lost(reading)), f"seed {seed}"


def test_what_stands_beside_the_cells_is_told_by_name(tmp_path):
    book = openpyxl.Workbook()
    sheet = book.active
    for row in (
        ["2024年台账"],
        ["编号", "问题", "措施", "备注"],
        ["ZG-7", "路灯不亮", "换灯", "急"],
        ["ZG-8", "井盖缺失"],
    ):
        sheet.append(row)
    sheet["C3"].comment = Comment("局长说先换主街", "甲")
    sheet["H1"] = "第3稿"
    sheet.oddHeader.center.text = "内部资料"
    sheet.oddFooter.center.text = "第 &P 页 共 &N 页"
    sheet.row_dimensions[4].hidden = sheet.column_dimensions["D"].hidden = True
    sheet["GT4"] = "太远"
    picture = tmp_path / "图.png"
    Picture.new("RGB", (4, 4)).save(picture)
    sheet.add_image(Image(str(picture)), "B6")
    book.create_chartsheet("走势")
    path = tmp_path / "台账.xlsx"
    book.save(path)
    reading = read_workbook(read_book(path, OLD), path.name, {})
    old = reading.read()
    assert [problem.title for problem in old.problems] == ["路灯不亮", "井盖缺失"]
    assert [(part.where, part.why, part.text) for part in old.left_out] == [
        ("“Sheet”第 1 行", "表头以上的文字", "第3稿"),
        ("“Sheet”第 2 行“编号”列", "原表的编号，读入后另行编号", "ZG-7、ZG-8"),
        ("“Sheet”", "页眉", "内部资料"),
        ("“Sheet”第 3 行“措施”列", "单元格的批注", "局长说先换主街"),
        ("“Sheet”第 6 行", "图片或图表，其中的文字", "1 张图片或图表（在第 6 行）"),
        ("“Sheet”", "太靠右的单元格", "GR 列（第 200 列）右边的内容"),
        ("“走势”", "只有图表的工作表", "工作表“走势”"),
    ]
    assert [(fault.heading, fault.value) for fault in old.notices] == [
        ("隐藏的行", "第 4 行"),
        ("隐藏的栏", "“备注”"),
    ]
