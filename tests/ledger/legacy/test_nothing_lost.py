"""Every cell that says something is in a problem, in a part left out by name, or in a notice."""

from __future__ import annotations

import dataclasses
import random
import re
from typing import Any

from rectify.ledger.legacy.problem import OldSheet
from rectify.ledger.legacy.reading import BookReading, read_workbook
from rectify.xlsx.reader import Book, Sheet, SheetCell

HEADINGS = (
    *("序号", "查摆方面", "存在问题", "具体表现", "原因分析", "整改目标", "整改措施", "责任领导", "牵头单位"),
    *("配合部门", "负责人", "整改类型", "完成时限", "整改进展", "完成情况", "备注", "检查时间", "督办单位"),
)
WORDS = ("学习", "巡河", "台账", "低保", "窗口", "会风", "路灯", "库房", "公章", "值班", "走访", "补贴")
WHEN = ("2024年{}月底前", "2024.{}", "{}月—12月", "长期坚持", "立行立改", "春节前", "每季度", "会后{}天")
ENDS = ("合计", "小计", "注：第{}稿", "填报人：张{}", "一、{}方面", "（二）{}领域", "{}")


def sheet_of(seed: int) -> Sheet:
    """A sheet as careless people make them: headings in any order, holes, merged rows, sums, notes."""
    rnd = random.Random(seed)
    headings = rnd.sample(HEADINGS, rnd.randint(4, len(HEADINGS)))
    if "存在问题" not in headings:
        headings.insert(1, "存在问题")
    counter = iter(range(100, 9_999))
    rows: dict[int, dict[int, SheetCell]] = {1: {1: SheetCell("t", f"2024年整改台账{next(counter)}")}}
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
    return f"1.{words}\n2.{rnd.choice(WORDS)}{number}" if rnd.random() < 0.2 else words


def lost(reading: BookReading, old: OldSheet) -> list[str]:
    """The figures of cells that are in no problem, no part left out, no notice and no column left out."""
    (chosen,) = reading.chosen
    kept = repr([dataclasses.asdict(problem) for problem in old.problems]) + reading.title
    told = {(notice.row, notice.letter) for notice in old.notices}
    rows = {notice.row for notice in old.notices if "没有问题名称" in notice.reason}
    rows |= {part.row for part in old.left_out}
    columns = {column for column in chosen.headings if chosen.columns.get(column) in (None, "", "number")}
    return [
        f"{row}/{column}: {cell.value}"
        for row, cells in chosen.sheet.rows.items()
        for column, cell in cells.items()
        if row > chosen.header and row not in rows and column not in columns
        and (row, _letter(column)) not in told
        if any(figure not in kept for figure in re.findall(r"\d{3,}", cell.value))
    ]  # fmt: skip


def _letter(column: int) -> str:
    return chr(64 + column)


def test_nothing_of_any_sheet_is_lost():
    for seed in range(60):
        reading = read_workbook(Book([sheet_of(seed)]), "台账.xlsx", {})
        old: Any = reading.read()
        assert not lost(reading, old), f"seed {seed}"
