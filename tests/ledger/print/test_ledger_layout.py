"""The printed ledger: what stands where, what is merged, how it prints."""

import datetime as dt
import io
import re
import struct
import zipfile

import pytest

from rectify.choices import RagStatus
from rectify.errors import Incomplete
from rectify.ledger.columns import LEDGER, column_set
from rectify.ledger.row_types import Fonts, MeasureRow
from rectify.xlsx.cells import units_of
from tests.ledger.conftest import FIRST, HEAD

HEADINGS = [
    *("序号", "查摆方面", "存在问题", "具体表现", "原因剖析", "整改目标", "整改措施", "责任领导", "责任单位"),
    *(
        "配合单位",
        "责任人",
        "整改类型",
        "整改时限",
        "整改进展（截至6月30日）",
        "完成情况",
        "佐证材料",
        "销号情况",
    ),
    "备注",
]
STEPS = tuple(MeasureRow(f"第{n}条措施。", "当下改") for n in (1, 2, 3))


def test_the_sheet_opens_with_title_unit_day_and_headings(ledger, problem):
    sheet = ledger([problem()]).sheet
    assert sheet["A1"].value == "某县委常委班子专题民主生活会整改台账"
    assert "A1:R1" in {str(area) for area in sheet.merged_cells.ranges}
    second = [cell.value for cell in sheet[2] if cell.value]
    assert second == ["填报单位（盖章）：中共某县委员会", "截至日期：2022年6月30日", "单位：项"]
    assert [cell.value for cell in sheet[3]] == HEADINGS


def test_every_value_stands_under_its_heading(ledger, problem):
    made = ledger([problem(remark="需上级协调")])
    values = dict(zip(HEADINGS, [cell.value for cell in made.sheet[FIRST]], strict=True))
    assert values == {
        "序号": 1,
        "查摆方面": "带头践行以人民为中心的发展思想方面",
        "存在问题": "第1个问题抓得不够紧",
        "具体表现": "1. 督导不够经常\n2. 抓落实浮于表面",
        "原因剖析": "为民情怀厚植不深",
        "整改目标": "问题整改到位，形成长效机制。",
        "整改措施": "【当下改】新增公共停车位 120 个。\n完成标志：验收单",
        "责任领导": "县长",
        "责任单位": "县政府办公室",
        "配合单位": "县住建局、县民政局",
        "责任人": "办公室主任",
        "整改类型": "限期整改",
        "整改时限": "2022年7月2日",
        "整改进展（截至6月30日）": "2022年6月27日　县政府办公室 经办人：新增公共停车位 120 个。（完成 65%）",
        "完成情况": "整改中\n◆ 剩 2 天",
        "佐证材料": "1. 验收单.pdf\n2. 现场照片.jpg",
        "销号情况": "未销号",
        "备注": "需上级协调",
    }


def test_a_measure_says_its_own_unit_and_deadline_only_where_they_differ(ledger, problem):
    same = MeasureRow("甲", "长久立", unit="县政府办公室", deadline="2022年7月2日")
    other = MeasureRow(
        "乙", "", "制度印发", "县民政局", "2022年9月30日", "完成情况：已印发（2022年6月1日完成）"
    )
    made = ledger([problem(measures=(same, other))])
    assert made.cell("measure", FIRST).value == "【长久立】甲"
    assert made.cell("measure", FIRST + 1).value == (
        "乙\n完成标志：制度印发\n责任单位：县民政局　完成时限：2022年9月30日\n"
        "完成情况：已印发（2022年6月1日完成）"
    )


def test_one_row_for_each_measure_with_the_problems_cells_merged_over_them(ledger, problem):
    made = ledger([problem(1, measures=STEPS), problem(2, aspect="另一方面", measures=())])
    assert [made.cell("measure", row).value for row in range(4, 8)] == [
        "【当下改】第1条措施。",
        "【当下改】第2条措施。",
        "【当下改】第3条措施。",
        None,
    ]
    assert [made.cell("number", row).value for row in range(4, 8)] == [1, None, None, 2]
    merged = {area for area in made.merged() if re.fullmatch(r"([A-Z]+)4:\1\d+", area)}
    letters = [made.column(key) for key in (c.key for c in LEDGER.columns) if key != "measure"]
    assert merged == {f"{letter}4:{letter}6" for letter in letters}
    assert not [area for area in made.merged() if area.startswith(made.column("measure"))]
    assert (made.written.problems, made.written.measures) == (2, 3)


def test_an_aspect_is_merged_over_its_consecutive_problems(ledger, problem):
    rows = [problem(n, aspect=aspect) for n, aspect in enumerate(("甲方面", "甲方面", "乙方面", "甲方面"), 1)]
    rows[0].measures = STEPS
    made = ledger(rows)
    letter = made.column("aspect")
    assert f"{letter}4:{letter}7" in made.merged()
    assert [made.cell("aspect", row).value for row in (4, 5, 6, 7, 8, 9)] == [
        "甲方面", None, None, None, "乙方面", "甲方面",
    ]  # fmt: skip


def test_problems_without_an_aspect_are_not_merged_with_each_other(ledger, problem):
    made = ledger([problem(1, aspect=""), problem(2, aspect="")])
    letter = made.column("aspect")
    assert not [area for area in made.merged() if area.startswith((f"{letter}4", f"{letter}5"))]


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
    assert made.sheet.auto_filter.ref == "A3:R4"
    assert made.written.problems == 0


def test_it_prints_on_a3_landscape_one_page_wide_with_headings_repeated(ledger, problem):
    sheet = ledger([problem()]).sheet
    assert sheet.page_setup.paperSize == 8  # A3
    assert sheet.page_setup.orientation == "landscape"
    assert sheet.sheet_properties.pageSetUpPr.fitToPage
    assert (sheet.page_setup.fitToWidth, sheet.page_setup.fitToHeight) == (1, 0)
    assert sheet.print_title_rows == "$3:$3"
    assert "第 &P 页 共 &N 页" in sheet.oddFooter.center.text
    assert "中共某县委员会" in sheet.oddFooter.left.text
    assert HEAD[:16] in sheet.oddFooter.right.text


def test_fewer_than_twelve_columns_print_on_a4(ledger, problem):
    assert ledger([problem()], LEDGER.columns[:12]).sheet.page_setup.paperSize == 8
    a4 = ledger([problem()], LEDGER.columns[:11]).sheet
    assert (a4.page_setup.paperSize, a4.page_setup.orientation) == (9, "landscape")


def test_headings_stay_in_sight_and_can_be_filtered(ledger, problem):
    made = ledger([problem(1, measures=STEPS), problem(2)])
    assert made.sheet.freeze_panes == "D4"
    assert made.sheet.auto_filter.ref == "A3:R7"
    workbook = zipfile.ZipFile(io.BytesIO(made.data)).read("xl/workbook.xml").decode()
    assert "'整改台账'!$A$3:$R$7</definedName>" in workbook
    assert made.sheet.dimensions == f"A1:R{made.sheet.max_row}"


def test_fonts_fills_and_borders(ledger, problem):
    made = ledger([problem()], fonts=Fonts(body="方正仿宋_GBK", header="方正黑体_GBK"))
    sheet = made.sheet
    assert (sheet["A1"].font.name, sheet["A1"].font.bold, sheet["A1"].font.size) == ("方正黑体_GBK", True, 22)
    for cell in sheet[3]:
        assert (cell.font.name, cell.font.bold, cell.fill.start_color.rgb) == (
            "方正黑体_GBK",
            True,
            "00E8EDF3",
        )
    for row in sheet.iter_rows(min_row=3, max_row=FIRST):
        for cell in row:
            sides = (cell.border.left, cell.border.right, cell.border.top, cell.border.bottom)
            assert [side.style for side in sides] == ["thin"] * 4, cell.coordinate
            assert cell.alignment.wrap_text, cell.coordinate
    assert made.cell("progress", FIRST).font.name == "方正仿宋_GBK"
    assert ledger([problem()]).cell("progress", FIRST).font.name == "仿宋"


def test_a_merged_cell_is_framed_on_every_side(ledger, problem):
    """Excel draws the frame of a merged cell from the cells at its edges, the blank ones too."""
    made = ledger([problem(1, measures=STEPS)])
    xml = zipfile.ZipFile(io.BytesIO(made.data)).read("xl/worksheets/sheet1.xml").decode()
    for key in ("number", "progress"):
        styles = {
            re.search(rf'r="{made.column(key)}{row}" s="(\d+)"', xml)[1] for row in range(FIRST, FIRST + 3)
        }
        assert len(styles) == 1
        assert made.cell(key, FIRST).border.top.style == "thin"
        assert made.cell(key, FIRST + 2).border.bottom.style == "thin"


def test_prose_is_left_and_people_and_dates_are_centred(ledger, problem):
    made = ledger([problem()])
    left = {c.key for c in LEDGER.columns if made.cell(c.key, FIRST).alignment.horizontal == "left"}
    assert left == {
        "aspect", "problem", "manifestations", "causes", "goal", "measure", "progress", "evidence", "remark",
    }  # fmt: skip
    centred = {c.key for c in LEDGER.columns if made.cell(c.key, FIRST).alignment.horizontal == "center"}
    assert centred == {c.key for c in LEDGER.columns} - left


@pytest.mark.parametrize(
    ("light", "fill"),
    [
        (RagStatus.OVERDUE, "00FDECEA"),
        (RagStatus.DUE_SOON, "00FFF3D6"),
        (RagStatus.UNREPORTED, "00FFF3D6"),
        (RagStatus.NORMAL, "00E6F4EC"),
        (RagStatus.STANDING, "00ECEFF3"),
        (RagStatus.CLOSED, "00E3EEFA"),
        (RagStatus.UNDATED, None),
    ],
)
def test_a_light_is_a_soft_fill_behind_its_words(ledger, problem, light, fill):
    made = ledger([problem(light=light)])
    cell = made.cell("completion", FIRST)
    assert cell.value == "整改中\n◆ 剩 2 天"
    assert (cell.fill.start_color.rgb if cell.fill.fill_type else None) == fill
    filled = [c.coordinate for c in made.sheet[FIRST] if c.fill.fill_type]
    assert filled == ([cell.coordinate] if fill else [])


def test_columns_are_as_wide_as_their_headings_and_prose_is_readable(ledger, problem):
    sheet = ledger([problem()]).sheet
    for column, cell in zip(LEDGER.columns, sheet[3], strict=True):
        width = sheet.column_dimensions[cell.column_letter].width
        assert width >= units_of(str(cell.value)), column.key
        if column.key in ("manifestations", "causes", "measure", "progress"):
            assert 36 <= width <= 50, column.key


def test_a_problem_is_kept_on_one_page(ledger, problem):
    rows = [problem(n, measures=STEPS, progress="逐项推进。" * 40) for n in range(1, 30)]
    made = ledger(rows)
    starts = [row for row in range(FIRST, made.sheet.max_row) if made.cell("number", row).value]
    breaks = [each.id for each in made.sheet.row_breaks.brk]
    assert len(breaks) >= 3
    assert {after + 1 for after in breaks} <= set(starts)


def test_the_parts_of_the_sheet_are_in_the_order_of_the_format(ledger, problem):
    made = ledger([problem(n, measures=STEPS, progress="逐项推进。" * 90) for n in range(1, 20)])
    xml = zipfile.ZipFile(io.BytesIO(made.data)).read("xl/worksheets/sheet1.xml").decode()
    order = "sheetPr dimension sheetViews sheetFormatPr cols sheetData autoFilter mergeCells printOptions "
    order += "pageMargins pageSetup headerFooter rowBreaks"
    found = [xml.index(f"<{name}") for name in order.split()]
    assert found == sorted(found)
    count = int(re.search(r'<mergeCells count="(\d+)"', xml)[1])
    assert count == xml.count("<mergeCell ")


def test_strict_readers_can_open_the_archive(ledger, problem):
    """No zip64, and the part that names the others comes first."""
    data = ledger([problem()]).data
    archive = zipfile.ZipFile(io.BytesIO(data))
    assert archive.testzip() is None
    assert archive.namelist()[0] == "[Content_Types].xml"
    for info in archive.infolist():
        assert info.extract_version == 20, info.filename
        assert b"\x01\x00" not in [info.extra[:2]], info.filename
    assert struct.pack("<I", 0x06064B50) not in data[-200:]


def test_the_same_rows_make_the_same_file(ledger, problem):
    first, second = (ledger([problem(1), problem(2)]) for _ in range(2))
    assert first.data == second.data
    assert first.written.sha256 == second.written.sha256
    assert first.written.size == len(first.data)


def test_the_file_names_its_exporter_and_moment(ledger, problem):
    properties = ledger([problem()]).book.properties
    assert properties.creator == "县委办 整改办"
    assert properties.title == "某县委常委班子专题民主生活会整改台账"
    assert properties.created == dt.datetime(2022, 7, 1, 9, 30)


def test_column_sets_are_chosen_by_letter(ledger):
    assert column_set("a") is LEDGER
    with pytest.raises(Incomplete, match="没有表式“Z”，可选：A（整改台账）"):
        column_set("Z")
