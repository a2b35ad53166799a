"""Headings as offices say them: formal, asked aloud, of a trade; what means something else stays out."""

from __future__ import annotations

import pytest

from rectify.ledger.legacy.headings import guess_columns, guess_heading
from rectify.ledger.legacy.reading import read_workbook
from rectify.xlsx.reader import Book
from tests.ledger.legacy.written_rows import sheet, understood

ASKED_ALOUD = [
    ["某县乡村振兴问题整改台账（2025年）"],
    [
        "序号",
        "问题出在哪",
        "为啥子会这样",
        "咋个改",
        "哪个牵头",
        "哪个具体负责",
        "好久改完",
        "改得咋样了",
        "拿啥证明",
    ],
    ["1", "分红没兑现", "合同没签好", "重新签", "冯某", "子某", "2025年6月底", "签了8户", "合同"],
    ["2", "饮水不稳定", "管子老了", "换管子", "陈某", "丑某", "半年内", "换了一半", "照片"],
]
PETITIONS = [
    ["2025年信访积案化解台账"],
    [
        "案件编号",
        "主要诉求",
        "包案县领导",
        "责任主体单位",
        "稳控责任人",
        "化解期限",
        "化解情况",
        "是否息诉罢访",
    ],
    ["A1", "补偿款没到位", "赵某", "县局", "丙某", "2025年7月底前", "已核实面积，正在协商，签了两户", "否"],
    ["A2", "拖欠工资", "钱某", "县局", "丁某", "2025年3月底前", "企业已支付，信访人签字认可", "是"],
]
COMPANY = [
    ["国企党委巡察整改（2025年）"],
    ["序号", "存在哪些问题", "属于哪个方面", "由谁负责", "谁配合",
     "承诺完成时间", "干得怎么样", "是否已整改到位", "证明材料"],
    ["1", "采购不规范", "内控方面", "综合部", "财务部", "2025年8月15日前", "修订了初稿", "否", "制度文本"],
    ["2", "账实不符", "财务方面", "财务部", "审计部", "2025年底", "盘点一次", "否", ""],
]  # fmt: skip


def test_a_sheet_that_asks_aloud_is_understood():
    outline = understood(sheet("Sheet1", ASKED_ALOUD))
    assert list(outline["columns"].values()) == [
        *(
            "number",
            "title",
            "causes",
            "measure",
            "leader",
            "responsible",
            "deadline",
            "progress",
            "evidence",
        ),
    ]
    first, second = outline["problems"]
    assert (first["leaders"], first["responsible"], first["deadline"]) == (["冯某"], "子某", "2025-06-30")
    assert second["deadline"] is None, "nobody says what half a year is counted from"
    assert [(notice["row"], notice["column"]) for notice in outline["notices"]] == [(4, "好久改完")]


def test_how_a_case_is_settled_stays_what_it_says():
    outline = understood(sheet("Sheet1", PETITIONS))
    assert outline["columns"]["化解情况"] == "progress" and outline["columns"]["是否息诉罢访"] == "completion"
    first, second = outline["problems"]
    assert first["progress"] == "化解情况：已核实面积，正在协商，签了两户\n原台账是否息诉罢访：否"
    assert (first["finished"], second["finished"]) == (False, True)


def test_the_same_heading_over_a_word_or_two_says_whether_it_is_done():
    rows = [[text if text[:2] not in ("已核", "企业") else "已化解" for text in row] for row in PETITIONS]
    columns = understood(sheet("Sheet1", [row[:7] for row in rows]))["columns"]
    assert columns["化解情况"] == "completion"


def test_who_answers_is_a_unit_where_units_stand_below():
    outline = understood(sheet("Sheet1", COMPANY))
    assert outline["columns"]["由谁负责"] == "lead_unit"
    assert [problem["units"] for problem in outline["problems"]] == [["综合部"], ["财务部"]]
    assert guess_columns({1: "由谁负责"}, lambda column: ["甲某", "综合部", "乙某"]) == {1: "responsible"}


def test_what_proves_it_is_kept_under_its_name():
    reading = read_workbook(Book([sheet("Sheet1", COMPANY)]), "旧台账.xlsx", {})
    assert [problem.remark for problem in reading.read().problems] == ["佐证材料：制度文本", ""]


@pytest.mark.parametrize(
    ("heading", "key"),
    [
        ("承诺完成时间", "deadline"), ("什么时候完成？", "deadline"), ("啥时候改完", "deadline"),
        ("最迟办结日", "deadline"), ("限改日期", "deadline"), ("兑现时间", "deadline"),
        ("何时办结", "deadline"),
        ("干得怎么样", "progress"), ("整治到什么程度", "progress"), ("目前到了哪一步", "progress"),
        ("改完了没有", "completion"), ("是否销项", "completion"), ("有没有完成", "completion"),
        ("佐证材料", "evidence"), ("印证资料清单", "evidence"), ("有什么凭据", "evidence"),
        ("哪些地方没做好", "title"), ("短板弱项", "title"), ("病根", "causes"), ("为什么没做好", "causes"),
        ("为什么没改完", "remark"), ("未整改到位的原因", "remark"), ("怎么整改", "measure"),
        ("哪个单位负责", "lead_unit"), ("哪位领导牵头", "leader"), ("谁来改", "responsible"),
        ("谁配合", "supporting_units"),
        ("要达到什么标准", "standard"), ("改成什么样", "goal"), ("拟达成目标", "goal"),
    ],
)  # fmt: skip
def test_a_heading_is_understood_by_what_it_is_made_of(heading, key):
    assert guess_heading(heading)[0] == key


@pytest.mark.parametrize(
    "heading",
    [
        *("谁验收", "什么时候验收", "谁发现的", "什么时候发现的", "哪个单位督办", "何时开始", "哪位领导督办"),
        *("实际完成时间", "开工时间", "交办时间", "复查日期", "整改前照片", "定性依据", "政策依据", "证明人"),
        *(
            "日",
            "工作日",
            "是否公开",
            "是否属实",
            "有没有领导批示",
            "问题金额",
            "需协调解决的问题",
            "群众满意度",
        ),
        *("年度目标任务", "进度安排", "文件号", "身份证号", "代表是否满意", "怎么样", "什么问题"),
    ],
)
def test_a_heading_that_means_something_else_is_not_taken(heading):
    assert guess_heading(heading) == ("", 0)
