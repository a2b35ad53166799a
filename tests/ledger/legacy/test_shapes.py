"""Sheets of many shapes, as data: what stands in them and what is understood."""

from __future__ import annotations

import pytest

from tests.ledger.legacy.written_rows import Rows, sheet, understood


def test_three_lists_are_one_ledger():
    problems: Rows = [["序号", "方面", "问题"], [1, "政治", "学习不够"], [2, "作风", "会议多"]]
    tasks: Rows = [
        ["序号", "对应问题", "整改措施", "时限"],
        [1, "学习不够", "读书", "2024年6月底"],
        [2, "会议多", "合并"],
    ]
    duties: Rows = [["序号", "对应问题", "责任领导", "责任单位"], [1, "学习不够", "县长", "宣传部"]]
    outline = understood(
        sheet("问题清单", [["问题清单"], *problems]),
        sheet("任务清单", tasks),
        sheet("责任清单", duties),
        sheet("填写说明", [["1.请如实填写"]]),
    )
    first, second = outline["problems"]
    assert (first["aspect"], first["leaders"], first["units"]) == ("政治", ["县长"], ["宣传部"])
    assert (first["deadline"], outline["title"], outline["year"]) == ("2024-06-30", "问题清单", 2024)
    assert [measure["text"] for measure in second["measures"]] == ["合并"]
    assert sorted(notice["message"][:12] for notice in outline["notices"]) == [
        "整张工作表，没有读入。",
        "这张工作表有 1 项与前",
        "这张工作表有 2 项与前",
    ]


def test_of_a_ledger_printed_here_only_the_sheet_in_full_is_read():
    printed: Rows = [
        ["序号", "存在问题", "责任领导\n责任人"],
        ["一、政治（1 项）"],
        [1, "学习不够", "县长\n主任"],
    ]
    full: Rows = [["序号", "查摆方面", "存在问题", "责任领导"], [1, "政治", "学习不够", "县长"]]
    outline = understood(sheet("整改台账", printed), sheet("全部内容", full))
    (problem,) = outline["problems"]
    assert (problem["aspect"], problem["title"], problem["leaders"]) == ("政治", "学习不够", ["县长"])
    assert [notice["value"] for notice in outline["notices"]] == ["工作表“整改台账”，3 行"]


def test_two_rows_of_headings_with_and_without_merged_cells():
    rows: Rows = [
        ["附件2"],
        ["某镇2023年度整改台账"],
        ["序号", "问题", "", "责任分工", "", "整改时限", "整改进展"],
        ["", "类别", "具体内容", "责任领导", "责任单位", "", ""],
        [1, "学习", "学习不深入", "张某", "党政办", "6月底前", "已完成"],
    ]
    for merges in ("3,2,3,3 3,4,3,5", "3,2,3,3 3,4,3,5 3,1,4,1 3,6,4,6 3,7,4,7"):
        outline = understood(sheet("台账", rows, merges))
        (problem,) = outline["problems"]
        assert (outline["title"], problem["title"], problem["aspect"]) == (
            *("某镇2023年度整改台账", "学习不深入"),
            "学习",
        )
        assert (problem["leaders"], problem["units"], problem["deadline"]) == (
            ["张某"],
            ["党政办"],
            "2023-06-30",
        )
        assert problem["finished"] and [notice["value"] for notice in outline["notices"]] == ["附件2"]


def test_aspects_sums_signatures_and_notes_between_the_rows():
    outline = understood(
        sheet(
            "台账",
            [
                ["查摆问题", "整改举措", "责任科室", "时限"],
                ["一、思想方面"],
                ["（一）学习"],
                ["读书少", "1.读书；\n2.讨论", "办公室", "1.2024年3月；\n2.2024年9月"],
                ["小计", "", "1项"],
                ["二、作风方面"],
                ["拖拉", "督办", "办公室", "立行立改，长期坚持"],
                ["三、空的方面"],
                ["注：本表一式两份"],
                ["填报人：某", "", "审核人：某"],
            ],
            "2,1,2,4 3,1,3,4 6,1,6,4 8,1,8,4",
        )
    )
    first, second = outline["problems"]
    assert (first["aspect"], second["aspect"]) == ("思想方面：学习", "作风方面")
    assert [measure["deadline"] for measure in first["measures"]] == ["2024-03-31", "2024-09-30"]
    assert second["kind"] == "立行立改，并长期坚持"
    assert [(notice["row"], notice["message"]) for notice in outline["notices"]] == [
        (5, "合计、小计，没有读入。"),
        (8, "没有问题的方面，没有读入。"),
        (9, "表下的说明，没有读入。"),
        (10, "填报、审核、签字，没有读入。"),
    ]


def test_what_a_cell_says_differently_in_the_next_row_is_kept():
    outline = understood(
        sheet(
            "台账",
            [
                ["序号", "问题", "措施", "责任领导", "责任单位", "负责人", "完成时限", "进展"],
                [1, "路灯不亮", "换灯", "甲", "城管局", "A", "2024年6月", "已换"],
                [None, None, "巡查", "乙", "电力公司", "B", "每月", "已巡"],
                [2, None, "没有名称", "丙"],
            ],
        )
    )
    (problem,) = outline["problems"]
    assert (problem["leaders"], problem["units"], problem["responsible"]) == (
        *(["甲", "乙"], ["城管局", "电力公司"]),
        "A、B",
    )
    assert (problem["kind"], problem["progress"]) == ("限期整改，并长期坚持", "已换\n已巡")
    assert [(notice["row"], notice["value"]) for notice in outline["notices"]] == [(4, "2；没有名称；丙")]


@pytest.mark.parametrize(
    ("value", "day", "told"),
    [(2024.1, None, True), (2024.8, "2024-08-31", False), (45473, "2024-06-30", False), (6.3, None, True)],
)
def test_a_number_that_may_have_lost_its_last_nought_is_no_day(value, day, told):
    outline = understood(sheet("2024年", [["问题", "时限"], ["甲", value]]))
    assert outline["problems"][0]["deadline"] == day and bool(outline["notices"]) == told


def test_a_year_that_nobody_wrote_is_told():
    outline = understood(sheet("台账", [["问题", "时限"], ["甲", "6月底"]]))
    assert "没有写明年份" in outline["notices"][0]["message"]
    assert not understood(sheet("台账", [["问题", "时限"], ["甲", "6月底"]]), name="2023.xlsx")["notices"]


@pytest.mark.parametrize(
    ("said", "finished"),
    [
        *((words, True) for words in ("已完成", "已整改到位", "是", "√", "100%")),
        *((words, False) for words in ("基本完成", "未完成", "推进中", "否", "正在整改", "已完成80%")),
    ],
)
def test_what_counts_as_finished(said, finished):
    outline = understood(sheet("2024年", [["问题", "完成情况"], ["甲", said]]))
    assert outline["problems"][0]["finished"] is finished
