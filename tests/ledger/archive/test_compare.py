"""Two states of a ledger: added, taken out, changed with old and new; and the same as a sheet."""

from __future__ import annotations

import datetime as dt
import io

import openpyxl
import pytest

from rectify.ledger.archive.compare import FieldChange, differences
from rectify.ledger.archive.compare_sheet import COLUMNS, _rows
from rectify.ledger.print.listing import ListingCell, listed, write_listing
from rectify.ledger.row_types import MeasureRow, Stamp

STAMP = Stamp(
    title="某县整改台账变化对比",
    unit="某县",
    as_of=dt.date(2025, 3, 20),
    exporter="某县整改办",
    exported_at=dt.datetime(2025, 3, 20, 2, tzinfo=dt.UTC),
    audit_head="0" * 64,
    sheet_name="变化对比",
)


def test_matched_by_code_whatever_number_a_row_has(problem):
    old = [problem(1), problem(2), problem(3)]
    new = [old[2]._replace(number=1), problem(4)._replace(number=2), old[0]._replace(number=3)]
    found = differences(old, new)
    assert [(line.kind, line.code) for line in found.lines] == [("added", "2022-04"), ("removed", "2022-02")]
    assert found.unchanged == 2
    assert found.counts == [("added", "新增", 1), ("removed", "撤回", 1), ("changed", "变更", 0)]


@pytest.mark.parametrize(
    ("field", "value", "change"),
    [
        ("title", "新的标题", FieldChange("存在问题", "第1个问题抓得不够紧", "新的标题")),
        ("leader", "", FieldChange("责任领导", "县长", "")),
        ("completion", "基本完成\n◆ 剩 2 天", FieldChange("状态", "整改中", "基本完成")),
        ("completion", "✓ 已销号", FieldChange("状态", "整改中", "已销号")),
        ("light", "overdue", FieldChange("时限灯", "临期", "逾期")),
        ("evidence", "1. 验收单.pdf\n2. 照片.jpg", FieldChange("佐证材料", "现场照片.jpg", "照片.jpg")),
    ],
)
def test_a_changed_field_has_its_old_and_new_words(problem, field, value, change):
    (line,) = differences([problem(1)], [problem(1, **{field: value})]).lines
    assert line.changes == (change,)


def test_days_that_run_by_themselves_are_no_change(problem):
    later = problem(1, completion="整改中\n◆ 剩 1 天", due="2022年7月2日")
    assert differences([problem(1)], [later]).lines == []


def test_only_the_measures_that_differ_are_shown(problem):
    same, old, new = MeasureRow("甲", "当下改"), MeasureRow("乙", "长久立"), MeasureRow("乙改", "长久立")
    (line,) = differences([problem(1, measures=(same, old))], [problem(1, measures=(same, new))]).lines
    assert line.changes == (FieldChange("整改措施", "【长久立】乙", "【长久立】乙改"),)
    turned = differences([problem(1, measures=(same, old))], [problem(1, measures=(old, same))])
    assert turned.lines[0].changes[0].old.split("\n") == ["【当下改】甲", "【长久立】乙"]


def test_an_empty_ledger_has_nothing_to_compare(problem):
    assert differences([], []).lines == []
    assert differences([], [problem(1)]).count("added") == 1


def read(columns, rows, **more):
    out = io.BytesIO()
    write_listing(columns, rows, STAMP, out, subtitle="副标题", foot=["表尾"], **more)
    return openpyxl.load_workbook(io.BytesIO(out.getvalue())).worksheets[0]


def test_the_sheet_has_one_row_for_each_changed_field(problem):
    lines = differences([problem(1), problem(2)], [problem(1, leader="书记", goal="=1+1"), problem(3)]).lines
    sheet = read(COLUMNS, _rows(lines))
    values = [[cell.value for cell in row] for row in sheet.iter_rows(min_row=3, max_row=7)]
    assert values[0] == ["序号", "编号", "存在问题", "变化", "栏目", "原来", "现在"]
    assert [row[1:2] + row[3:] for row in values[1:]] == [
        ["2022-01", "变更", "整改目标", "问题整改到位，形成长效机制。", "=1+1"],
        ["2022-01", "变更", "责任领导", "县长", "书记"],
        ["2022-03", "新增", None, None, None],
        ["2022-02", "撤回", None, None, None],
    ]
    assert sheet["G4"].data_type == "s"
    assert sheet.freeze_panes == "D4" and sheet.auto_filter.ref == "A3:G7"
    assert sheet.page_setup.orientation == "landscape"


def test_a_list_without_rows_says_so_and_odd_text_is_cleaned():
    columns = (listed("a", "甲", 10), listed("b", "乙", 20, prose=True))
    assert read(columns, [])["A4"].value == "没有内容"
    sheet = read(columns, [("一\x00二", ListingCell("<&>\ud800", link="01 甲/乙&丙.pdf"))])
    assert (sheet["A4"].value, sheet["B4"].value) == ("一二", "<&>")
    assert sheet["B4"].hyperlink.target == "01 甲/乙&丙.pdf"
