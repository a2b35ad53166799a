"""The printed ledger: what stands where, how it prints, and what its sheet is made of."""

import datetime as dt
import io
import re
import struct
import zipfile
from dataclasses import replace

import pytest

from rectify.choices import RagStatus
from rectify.errors import Incomplete
from rectify.ledger.columns import APART, COLUMN_SETS, FULL, LEDGER, Paper, column_set
from rectify.ledger.print.paper import LEAST_SIZE, fitted, printed_size
from rectify.ledger.row_types import Fonts, MeasureRow
from tests.ledger.conftest import FIRST, HEAD

HEADINGS = [
    *("序号", "存在问题", "具体表现", "原因剖析", "整改目标", "整改措施\n（完成标志 · 责任单位 · 时限）"),
    *("责任领导\n责任人", "责任单位\n配合单位", "整改类型\n整改时限", "整改进展\n（截至6月30日）"),
    *("完成情况", "佐证材料"),
]
APART_HEADINGS = [
    *("序号", "查摆方面", "存在问题", "具体表现", "原因剖析", "整改目标", "整改措施", "责任领导", "责任单位"),
    *("配合单位", "责任人", "整改类型", "整改时限", "整改进展\n（截至6月30日）", "完成情况", "佐证材料"),
    *("销号情况", "备注"),
]
STEPS = tuple(MeasureRow(f"第{n}条措施。", "当下改") for n in (1, 2, 3))


def test_the_sheet_opens_with_title_unit_day_headings_and_the_name_of_the_aspect(ledger, problem):
    sheet = ledger([problem(1), problem(2)]).sheet
    assert sheet["A1"].value == "某县委常委班子专题民主生活会整改台账"
    second = [cell.value for cell in sheet[2] if cell.value]
    assert second == ["填报单位（盖章）：中共某县委员会", "截至日期：2022年6月30日", "单位：项"]
    assert [cell.value for cell in sheet[3]] == HEADINGS
    assert sheet["A4"].value == "一、带头践行以人民为中心的发展思想方面（2 项）"


def test_twelve_columns_hold_what_eighteen_do(ledger, problem):
    steps = (
        MeasureRow("甲。", "长久立", unit="县政府办公室", when="2022年7月2日"),
        MeasureRow("乙", "", "制度印发。", "县民政局", "2022年9月30日", when="2022年6月1日完成"),
    )
    row = problem(
        measures=steps, earlier_notes=5, cause_titles="为民情怀厚植不深", close_out="待审核\n等整改办审核"
    )
    made = ledger([row])
    assert dict(zip(HEADINGS, [cell.value for cell in made.sheet[FIRST]], strict=True)) == {
        "序号": 1,
        "存在问题": "第1个问题抓得不够紧",
        "具体表现": "1. 督导不够经常\n2. 抓落实浮于表面",
        "原因剖析": "为民情怀厚植不深",
        "整改目标": "问题整改到位，形成长效机制。",
        "整改措施\n（完成标志 · 责任单位 · 时限）": (
            "1. 【长久立】甲（2022年7月2日）。\n2. 乙（制度印发 · 县民政局 · 2022年6月1日完成）。"
        ),
        "责任领导\n责任人": "县长\n办公室主任",
        "责任单位\n配合单位": "县政府办公室\n县住建局、县民政局",
        "整改类型\n整改时限": "限期整改\n2022年7月2日",
        "整改进展\n（截至6月30日）": ("2022年6月27日：新增公共停车位 120 个。（完成 65%）（此前 5 次）"),
        "完成情况": "整改中\n◆ 剩 2 天\n待审核\n等整改办审核",
        "佐证材料": "2 份\n1-1～\n1-2",
    }
    assert (made.written.problems, made.written.measures) == (1, 2)


def test_facts_are_told_once_and_blanks_not_at_all(ledger, problem):
    row = problem(
        kind="长期坚持", deadline="长期坚持，每季度检查一次", responsible="", evidence="甲.pdf",
        completion="✓ 已销号", close_out="2022年6月20日\n按期销号", progress="自己写的一句",
    )  # fmt: skip
    made = ledger([row, problem(2, close_out="未销号", evidence="", progress="")])
    cells = {key: made.cell(key, FIRST).value for key in ("deadline", "leader", "evidence", "progress")}
    assert cells == {
        "deadline": "长期坚持，每季度检查一次", "leader": "县长",
        "evidence": "1 份\n1-1", "progress": "自己写的一句",
    }  # fmt: skip
    assert made.cell("completion", FIRST).value == "✓ 已销号\n2022年6月20日\n按期销号"
    assert made.cell("completion", FIRST + 1).value == "整改中\n◆ 剩 2 天"
    assert made.cell("evidence", FIRST + 1).value is None


def test_columns_empty_in_the_whole_ledger_are_left_out_and_their_width_is_shared(ledger, problem):
    bare = ledger([problem(n, goal="", evidence="", progress="") for n in (1, 2)])
    assert {"goal", "evidence", "progress", "remark"}.isdisjoint(column.key for column in bare.columns)
    whole = ledger([problem(1, goal=""), problem(2, remark="需上级协调")])
    assert {"goal", "remark"} <= {column.key for column in whole.columns}, "one row is enough"
    widths = [sum(column.width for column in made.columns) for made in (bare, whole)]
    assert widths[0] == pytest.approx(widths[1], rel=0.04)
    signed = ledger([problem()], COLUMN_SETS["E"])
    assert [column.key for column in signed.columns][-5:] == [
        "applied", "review", "acceptance", "closed", "signature",
    ], "left for the pen"  # fmt: skip


@pytest.mark.parametrize("key", COLUMN_SETS)
def test_text_is_printed_at_a_readable_size_over_the_whole_width(key):
    chosen = COLUMN_SETS[key]
    for columns in (chosen.columns, chosen.columns[:4], FULL.columns):
        wide = fitted(columns, chosen.paper)
        assert LEAST_SIZE <= printed_size(wide, chosen.paper) <= 10.5
    assert printed_size(fitted(LEDGER.columns, Paper.A3), Paper.A3) > 9.5
    assert printed_size(fitted(APART.columns, Paper.A3), Paper.A3) > LEAST_SIZE


def test_all_columns_stand_apart_where_an_inspection_wants_them_so(ledger, problem):
    made = ledger([problem(remark="需上级协调", aspect_short="以人民为中心", measures=STEPS[:1])], APART)
    assert [cell.value for cell in made.sheet[3]] == APART_HEADINGS
    assert made.cell("aspect", FIRST).value == "以人民为中心"
    assert made.cell("evidence", FIRST).value == "1. 验收单.pdf\n2. 现场照片.jpg"
    assert made.sheet["A4"].value.startswith("一、带头践行以人民为中心的发展思想方面")


def test_the_sheet_for_filters_has_a_row_a_problem_and_everything_in_full(ledger, problem):
    measure = MeasureRow("建制度。", "长久立", "印发", "县民政局", "2022年9月1日", "完成情况：已印发")
    rows = [problem(1, progress="推进。" * 3000, measures=(measure,)), problem(2, aspect="乙方面")]
    made = ledger(rows, FULL, split=False)
    assert [made.sheet.cell(row, 1).value for row in (4, 5)] == [1, 2]
    assert made.cell("progress", 4).value == "推进。" * 3000
    assert made.cell("aspect", 4).value == "带头践行以人民为中心的发展思想方面"
    assert made.cell("measure", 4).value == (
        "【长久立】建制度（完成标志：印发；责任单位：县民政局；完成时限：2022年9月1日）。完成情况：已印发"
    )
    assert made.sheet.auto_filter.ref.endswith("5")


def test_no_cell_of_a_problem_is_merged_and_each_aspect_opens_a_section(ledger, problem):
    rows = [problem(n, aspect=aspect) for n, aspect in enumerate(("甲方面。", "甲方面。", "乙方面", ""), 1)]
    rows[0] = rows[0]._replace(measures=STEPS)
    made = ledger(rows)
    assert not [area for area in made.merged() if 3 <= int(re.findall(r"\d+", area)[0]) <= 10]
    assert [made.sheet.cell(row, 1).value for row in range(4, 11)] == [
        "一、甲方面（2 项）", 1, 2, "二、乙方面（1 项）", 3, "三、未归入查摆方面的问题（1 项）", 4,
    ]  # fmt: skip
    plain = ledger([problem(1, aspect=""), problem(2, aspect="")])
    assert [plain.sheet.cell(row, 1).value for row in (4, 5)] == [1, 2]
    long = ledger([problem(aspect="在带头深刻感悟，" * 40)])
    shown = [long.sheet.cell(row, 1).value for row in range(4, 12)]
    assert "".join(shown[: shown.index(1)]) == f"一、{'在带头深刻感悟，' * 40}（1 项）"


def test_the_foot_leaves_room_for_signatures_and_says_who_took_what_out(ledger, problem):
    made = ledger([problem(1, measures=STEPS), problem(2)])
    foot = made.texts(made.sheet.max_row - 2, made.sheet.max_row)
    assert foot == (
        "填报人：\n审核人：\n联系电话：\n"
        "共 2 项问题、4 条措施　筛选：责任单位：县委宣传部　"
        "导出人：县委办 整改办　导出时间：2022年7月1日 09:30\n"
        f"审计链头：{HEAD}"
    )
    named = ledger([problem()], reporter="张三", reviewer="李四", phone="0000-1234567", selection="")
    foot = named.texts(named.sheet.max_row - 2, named.sheet.max_row)
    assert "填报人：张三\n审核人：李四\n联系电话：0000-1234567" in foot
    assert "筛选：全部" in foot


def test_a_ledger_without_items_says_so(ledger):
    made = ledger([])
    assert made.sheet["A4"].value == "没有符合条件的整改事项"
    assert made.sheet.auto_filter.ref == "A3:M4"
    assert made.written.problems == 0


def test_it_prints_on_a3_landscape_one_page_wide_with_headings_repeated(ledger, problem):
    sheet = ledger([problem()]).sheet
    assert (sheet.page_setup.paperSize, sheet.page_setup.orientation) == (8, "landscape")
    assert sheet.sheet_properties.pageSetUpPr.fitToPage
    assert (sheet.page_setup.fitToWidth, sheet.page_setup.fitToHeight) == (1, 0)
    assert sheet.print_title_rows == "$3:$3"
    assert "第 &P 页 共 &N 页" in sheet.oddFooter.center.text
    assert "中共某县委员会" in sheet.oddFooter.left.text
    assert HEAD[:16] in sheet.oddFooter.right.text
    few = LEDGER.reduced(["goal", "measure"])
    assert [column.key for column in few.columns] == ["number", "problem", "goal", "measure"]
    assert ledger([problem()], few).sheet.page_setup.paperSize == 9, "chosen to be narrow"


def test_headings_stay_in_sight_and_can_be_filtered(ledger, problem):
    made = ledger([problem(1, measures=STEPS), problem(2)])
    assert made.sheet.freeze_panes == "C4"
    assert made.sheet.auto_filter.ref == "A3:L6"
    workbook = zipfile.ZipFile(io.BytesIO(made.data)).read("xl/workbook.xml").decode()
    assert "'整改台账'!$A$3:$L$6</definedName>" in workbook
    assert made.sheet.dimensions == f"A1:L{made.sheet.max_row}"


def test_fonts_borders_and_places(ledger, problem):
    made = ledger([problem()], fonts=Fonts(body="方正仿宋_GBK", header="方正黑体_GBK"))
    sheet = made.sheet
    assert (sheet["A1"].font.name, sheet["A1"].font.bold, sheet["A1"].font.size) == ("方正黑体_GBK", True, 22)
    for cell in sheet[3]:
        look = (cell.font.name, cell.font.bold, cell.fill.start_color.rgb)
        assert look == ("方正黑体_GBK", True, "00E8EDF3")
    for cell in (*sheet[3], *sheet[FIRST]):
        sides = (cell.border.left, cell.border.right, cell.border.top, cell.border.bottom)
        assert [side.style for side in sides] == ["thin"] * 4, cell.coordinate
        assert cell.alignment.wrap_text, cell.coordinate
    assert made.cell("progress", FIRST).font.name == "方正仿宋_GBK"
    assert ledger([problem()]).cell("progress", FIRST).font.name == "仿宋"
    placed = {column.key: made.cell(column.key, FIRST).alignment for column in made.columns}
    assert {look.vertical for look in placed.values()} == {"top"}
    left = {key for key, look in placed.items() if look.horizontal == "left" and look.indent == 1}
    assert left == {"problem", "manifestations", "causes", "goal", "measure", "progress"}
    assert {look.horizontal for key, look in placed.items() if key not in left} == {"center"}


def test_a_light_is_a_soft_fill_behind_its_words(ledger, problem):
    fills = {
        RagStatus.OVERDUE: "00FDECEA", RagStatus.DUE_SOON: "00FFF3D6", RagStatus.UNREPORTED: "00FFF3D6",
        RagStatus.NORMAL: "00E6F4EC", RagStatus.STANDING: "00ECEFF3", RagStatus.CLOSED: "00E3EEFA",
        RagStatus.UNDATED: None,
    }  # fmt: skip
    made = ledger([problem(n, light=light) for n, light in enumerate(fills, 1)])
    for row, fill in enumerate(fills.values(), FIRST):
        cell = made.cell("completion", row)
        assert cell.value == "整改中\n◆ 剩 2 天"
        assert (cell.fill.start_color.rgb if cell.fill.fill_type else None) == fill
        filled = [each.coordinate for each in made.sheet[row] if each.fill.fill_type]
        assert filled == ([cell.coordinate] if fill else [])


def test_the_parts_of_the_sheet_are_in_the_order_of_the_format(ledger, problem):
    made = ledger([problem(n, measures=STEPS, progress="逐项推进。" * 90) for n in range(1, 20)])
    xml = zipfile.ZipFile(io.BytesIO(made.data)).read("xl/worksheets/sheet1.xml").decode()
    order = "sheetPr dimension sheetViews sheetFormatPr cols sheetData autoFilter mergeCells printOptions "
    order += "pageMargins pageSetup headerFooter rowBreaks"
    found = [xml.index(f"<{name}") for name in order.split()]
    assert found == sorted(found)
    count = int(re.search(r'<mergeCells count="(\d+)"', xml)[1])
    assert count == xml.count("<mergeCell ")


def test_strict_readers_can_open_the_archive_and_the_same_rows_make_the_same_file(ledger, problem):
    """No zip64, and the part that names the others comes first."""
    first, second = (ledger([problem(1), problem(2)]) for _ in range(2))
    assert first.data == second.data
    assert (first.written.sha256, first.written.size) == (second.written.sha256, len(first.data))
    archive = zipfile.ZipFile(io.BytesIO(first.data))
    assert archive.testzip() is None
    assert archive.namelist()[0] == "[Content_Types].xml"
    for info in archive.infolist():
        assert info.extract_version == 20, info.filename
        assert b"\x01\x00" not in [info.extra[:2]], info.filename
    assert struct.pack("<I", 0x06064B50) not in first.data[-200:]


def test_the_file_names_its_exporter_and_moment(ledger, problem):
    properties = ledger([problem()]).book.properties
    assert properties.creator == "县委办 整改办"
    assert properties.title == "某县委常委班子专题民主生活会整改台账"
    assert properties.created == dt.datetime(2022, 7, 1, 9, 30)


def test_column_sets_are_chosen_by_letter():
    assert column_set("a") is LEDGER
    assert replace(LEDGER, key="a") != LEDGER
    with pytest.raises(Incomplete, match="没有表式“Z”，可选：A（整改台账）"):
        column_set("Z")
