"""An office's own sheet: headings guessed, titles and blanks skipped, merged cells passed on, words kept."""

from __future__ import annotations

import datetime as dt
import io
import re
from typing import Any

import openpyxl
import pytest

from rectify.ledger.legacy.headings import guess_columns, guess_heading
from rectify.ledger.legacy.layout import find_header, title_above
from rectify.ledger.legacy.problem import OldSheet
from rectify.ledger.legacy.reading import read_workbook
from rectify.ledger.legacy.sheet import read_old
from rectify.papers.names import NEW, match_names
from rectify.xlsx.reader import Book, read_book
from tests.ledger.roundtrip.returned import SHEET_PART, on_disk, reworked


def workbook(rows: list[list[Any]], merges: tuple[str, ...] = ()) -> bytes:
    book = openpyxl.Workbook()
    for row in rows:
        book.active.append(row)
    for area in merges:
        book.active.merge_cells(area)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def parsed(data: bytes) -> Book:
    with on_disk(data) as path:
        return read_book(path)


def old(rows: list[list[Any]], merges: tuple[str, ...] = (), year: int = 2022) -> OldSheet:
    book = parsed(workbook(rows, merges))
    return read_workbook(book, "旧台账.xlsx", {"year": year}).read()


@pytest.mark.parametrize(
    ("heading", "key"),
    [
        ("牵头领导", "leader"), ("责任领导", "leader"), ("包抓领导", "leader"), ("责任县领导", "leader"),
        ("完成时限", "deadline"), ("整改时限", "deadline"), ("整 改\n期 限", "deadline"),
        ("牵头单位", "lead_unit"), ("责任部门", "lead_unit"), ("配合部门", "supporting_units"),
        ("存在的问题", "title"), ("问题表述", "title"), ("整改举措", "measure"), ("具体措施", "measure"),
        ("整改进展（截至6月30日）", "progress"), ("落实情况", "progress"), ("是否完成", "completion"),
        ("原因分析", "causes"), ("问题来源", "source"), ("备  注", "remark"),
        ("责任人（签字）", "responsible"), ("办结时限", "deadline"),
        ("问题类别", "aspect"), ("整改类型", "kind"), ("完成标准", "standard"), ("序 号", "number"),
        ("督办领导意见", ""), ("天气", ""), ("", ""),
    ],
)  # fmt: skip
def test_a_heading_is_understood_by_its_synonyms(heading, key):
    assert guess_heading(heading)[0] == key


def test_what_two_columns_may_mean_goes_to_the_surer_one():
    assert guess_columns({1: "整改责任单位及配合单位", 2: "责任单位", 3: "配合单位"}) == {
        2: "lead_unit",
        3: "supporting_units",
    }


TITLE = ["某县2022年度巡察整改台账"]
HEAD = [
    "序号",
    "问题类别",
    "存在的问题",
    "牵头领导",
    "牵头单位",
    "配合部门",
    "整改举措",
    "完成时限",
    "进展情况",
    "是否完成",
]


def test_titles_blanks_repeated_heads_and_feet_are_skipped():
    found = old(
        [
            TITLE, [], ["填报单位：某县"], HEAD,
            [1, "党建", "问题甲", "县长", "发改局", "", "措施甲", "2022-06-30", "", ""],
            [], HEAD,
            [2, "作风", "问题乙", "县长", "工信局", "", "措施乙", "2022-07-31", "", ""],
            ["合计", "", "2 项"], ["填报人：张", "", "", "审核人：李"], ["注：本表一式两份"],
        ],
        ("A1:J1",),
    )  # fmt: skip
    assert [(problem.row, problem.title) for problem in found.problems] == [(5, "问题甲"), (8, "问题乙")]
    assert not found.notices


def test_the_title_above_names_the_ledger():
    sheet = parsed(workbook([TITLE, ["填报单位：某县某某委员会办公室很长的名字"], HEAD])).sheets[0]
    assert title_above(sheet, find_header(sheet)) == TITLE[0]


def test_merged_cells_pass_down_and_each_row_adds_its_measure():
    found = old(
        [
            HEAD,
            [1, "党建", "问题甲", "县长", "发改局", "工信局、财政局", "措施一", "2022-06-30", "进展", ""],
            [None, None, None, None, None, None, "措施二", None, None, None],
            [2, None, "问题乙", "副县长", "住建局", "", "1. 甲\n2. 乙", "2022-07-01", "", ""],
        ],
        ("A2:A3", "C2:C3", "D2:D3", "H2:H3", "B2:B4"),
    )
    one, two = found.problems
    assert [measure.text for measure in one.measures] == ["措施一", "措施二"]
    assert [measure.text for measure in two.measures] == ["甲", "乙"]
    assert one.supporting == ["工信局", "财政局"]
    assert found.aspects == ["党建"] and two.aspect == "党建", "the merged aspect holds for both"


def test_a_problem_repeated_in_every_row_is_one():
    found = old(
        [
            HEAD,
            [1, "", "问题甲", "县长", "发改局", "", "措施一", "", "", ""],
            [1, "", "问题甲", "县长", "发改局", "", "措施二", "", "", ""],
            [2, "", "问题甲", "县长", "发改局", "", "另一项同名的", "", "", ""],
        ]
    )
    assert [len(problem.measures) for problem in found.problems] == [2, 1]


def test_two_rows_of_headings_are_read_by_the_lower():
    rows = [
        ["序号", "问题", "责任分工", None, "整改时限"],
        [None, None, "责任领导", "责任单位", None],
        [1, "问题甲", "县长", "发改局", "2022年6月30日"],
    ]
    problem = old(rows, ("A1:A2", "B1:B2", "C1:D1", "E1:E2")).problems[0]
    assert (problem.leaders, problem.units, problem.deadline) == (["县长"], ["发改局"], dt.date(2022, 6, 30))


@pytest.mark.parametrize(
    ("words", "kind", "deadline", "kept"),
    [
        (dt.datetime(2022, 6, 30), "限期整改", dt.date(2022, 6, 30), ""),
        ("2022.6.30", "限期整改", dt.date(2022, 6, 30), ""),
        ("2022年6月底前", "限期整改", dt.date(2022, 6, 30), "2022年6月底前"),
        ("9月底", "限期整改", dt.date(2022, 9, 30), "9月底"),
        ("立行立改，长期坚持", "立行立改，并长期坚持", None, "立行立改，长期坚持"),
        ("长期坚持", "长期坚持", None, "长期坚持"),
        (
            "2022年底前完成，并长期坚持",
            "限期整改，并长期坚持",
            dt.date(2022, 12, 31),
            "2022年底前完成，并长期坚持",
        ),
    ],
)
def test_deadlines_in_words_keep_date_words_and_type(words, kind, deadline, kept):
    found = old([["问题", "整改时限"], ["问题甲", words]])
    problem = found.problems[0]
    assert (problem.kind_words, problem.deadline, problem.deadline_text) == (kind, deadline, kept)
    assert not found.notices


def test_what_is_not_understood_is_told_and_kept():
    found = old([["问题", "整改时限", "整改类型"], ["问题甲", "抓紧", "尽快"]])
    assert found.problems[0].deadline_text == "抓紧"
    assert [(notice.letter, notice.value) for notice in found.notices] == [("B", "抓紧"), ("C", "尽快")]


def test_sources_and_states_are_kept_in_words():
    head = ["问题", "问题来源", "整改进展", "完成情况", "备注"]
    problem = old([head, ["问题甲", "群众反映", "开了会", "已完成", "注"]]).problems[0]
    assert (problem.source, problem.progress, problem.remark) == (
        "public",
        "开了会\n原台账完成情况：已完成",
        "注",
    )
    other = old([head, ["问题乙", "审计反馈", "", "", ""]]).problems[0]
    assert (other.source, other.remark) == ("other", "问题来源：审计反馈")


def test_a_long_problem_gets_a_short_name_and_keeps_its_text():
    whole = "督办不够经常。" + "情况复杂，" * 80
    problem = old([["问题", "措施"], [whole, "甲"]]).problems[0]
    assert problem.title == "督办不够经常" and problem.text == whole


def test_too_long_a_text_is_told_not_cut_silently():
    found = old([["问题", "责任人"], ["问题甲", "长" * 60]])
    assert found.problems[0].responsible == "长" * 50
    assert "超过 50 个" in found.notices[0].reason


def test_a_formula_counts_by_its_last_result():
    def calculated(xml: bytes) -> bytes:
        changed, count = re.subn(
            rb'<c r="B2"[^>]*>.*?</c>', b'<c r="B2" t="str"><f>A1</f><v>DONE</v></c>', xml
        )
        assert count == 1
        return changed

    data = reworked(workbook([["问题", "措施"], ["问题甲", "措施甲"]]), SHEET_PART, calculated)
    found = read_old(parsed(data).sheets[0], 1, {1: "title", 2: "measure"}, 2022, False)
    assert [(measure.text, measure.kind) for measure in found.problems[0].measures] == [("DONE", "now")]


def test_names_are_matched_or_offered_as_new():
    known = [(1, "县委宣传部", "宣传部"), (2, "县发改局", ""), (3, "县委组织部", ""), (4, "市委组织部", "")]
    names = ["县委宣传部", "宣传部", "发改局", "组织部", "财政局"]
    matches = match_names(names, known, "unit", {"unit-3": "4", "unit-2": "999"}, shortened=True)
    assert [match.chosen for match in matches] == ["1", "1", "2", "4", NEW]


def test_a_post_is_never_taken_for_a_longer_one():
    known = [(1, "常务副县长", ""), (2, "县长", "")]
    matches = match_names(["副县长", "县长"], known, "leader", {}, shortened=False)
    assert [match.chosen for match in matches] == [NEW, "2"]
