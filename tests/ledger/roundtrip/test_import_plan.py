"""The three-way comparison: each way a cell can differ, each row that is not what it claims to be."""

from __future__ import annotations

import datetime as dt
import json

import pytest

from rectify import clock
from rectify.errors import Incomplete
from rectify.models import Problem, ProgressNote, WorkingCopy
from rectify.operations import measures, people, problems, progress, purging
from tests.builders import Cast, another_ledger, assign, cast
from tests.ledger.roundtrip.returned import Opened, code_of, edited, loaded, plan_of, take

pytestmark = [pytest.mark.django_db, pytest.mark.sqlite]
NOTHING = {"new": 0, "changed": 0, "unchanged": 0, "conflicts": 0, "errors": 0}


@pytest.fixture(autouse=True)
def one_connection(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("rectify.ledger.rows.SNAPSHOT", "default")


WORLD = cast


def plan(made: Cast, edits: dict, role: str = "office", data: bytes = b""):
    return plan_of(edited(data or take(made), edits), made[role])


def only_fault(found):
    assert len(found.all_faults) == 1, found.all_faults
    return found.all_faults[0]


# -- what a cell can mean -----------------------------------------------------------------------------


def test_an_untouched_copy_changes_nothing(made):
    measures.add(made.problem, by=made["clerk"], text="建立制度")
    found = plan_of(take(made), made["office"])
    assert found.counts == NOTHING | {"unchanged": 3}
    assert not found.notices and not found.faults


def test_progress_is_a_new_note_with_its_percent(made):
    code = code_of(made)
    found = plan(made, {(code, "本次进展"): " 印发方案\r\n开会部署 ", (code, "完成比例（%）"): "６５％"})
    assert found.counts == NOTHING | {"new": 1, "unchanged": 2}
    assert found.new[0].note == ("印发方案\n开会部署", 65)


def test_new_measures_are_one_a_line_with_their_kind(made):
    found = plan(made, {(code_of(made), "新增措施"): "1. 开展排查\n【长久立】建立制度\n\n（3）开展排查"})
    assert found.new[0].measures == [("开展排查", "now"), ("建立制度", "lasting")]


def test_a_measure_that_is_there_already_is_not_added_again(made):
    data = take(made)
    measures.add(made.problem, by=made["clerk"], text="开展排查")
    assert plan(made, {(code_of(made), "新增措施"): "开展排查"}, data=data).counts["unchanged"] == 3


def test_a_changed_cell_shows_old_and_new(made):
    found = plan(made, {(code_of(made), "整改目标"): "年内见效"})
    change = found.changed[0].changes[0]
    assert (change.old, change.new, change.conflict) == ("", "年内见效", False)


def test_changed_by_somebody_else_meanwhile_is_a_conflict(made):
    data = take(made)
    problems.edit(made.problem, by=made["office"], seen=made.problem.version, goal="他人所改")
    found = plan(made, {(code_of(made), "整改目标"): "我所改"}, data=data)
    change = found.conflicts[0].changes[0]
    assert (change.base, change.old, change.new, change.conflict) == ("", "他人所改", "我所改", True)


def test_changed_by_somebody_else_only_is_nothing(made):
    data = take(made)
    problems.edit(made.problem, by=made["office"], seen=made.problem.version, goal="他人所改")
    assert plan_of(data, made["office"]).counts == NOTHING | {"unchanged": 3}


def test_the_same_change_on_both_sides_is_nothing(made):
    data = take(made)
    problems.edit(made.problem, by=made["office"], seen=made.problem.version, goal="同样")
    assert plan(made, {(code_of(made), "整改目标"): "同样"}, data=data).counts["unchanged"] == 3


def test_another_cell_changed_meanwhile_is_no_conflict(made):
    data = take(made)
    problems.edit(made.problem, by=made["office"], seen=made.problem.version, remark="备注")
    assert plan(made, {(code_of(made), "整改目标"): "目标"}, data=data).counts["changed"] == 1


def test_blank_is_unchanged(made):
    code = code_of(made)
    found = plan(
        made, {(code, heading): None for heading in ("责任领导", "责任单位", "整改时限", "整改类型")}
    )
    assert found.counts == NOTHING | {"unchanged": 3}


def test_every_cell_the_office_may_change(made):
    leader = people.add_leader(by=None, post="县委副书记", unit=made.county)
    code = code_of(made, 2)
    found = plan(
        made,
        {
            (code, "责任领导"): "县委副书记", (code, "责任单位"): "乙县丁局", (code, "配合单位"): "乙县丙局",
            (code, "责任人"): "张", (code, "整改类型"): "立行立改,并长期坚持",
            (code, "整改时限"): dt.date(2098, 5, 1), (code, "时限文字"): "五月底前", (code, "备注"): "注",
        },
    )  # fmt: skip
    values = {change.key: change.value for change in found.changed[0].changes}
    assert values == {
        "leader": leader, "lead_unit": made.other_bureau, "supporting_units": [made.bureau],
        "responsible": "张", "kind": "立行立改，并长期坚持", "deadline": dt.date(2098, 5, 1),
        "deadline_text": "五月底前", "remark": "注",
    }  # fmt: skip


def test_the_order_of_supporting_units_means_nothing(made):
    assign(made, Problem.objects.get(number=2), lead_unit=made.county,
           supporting_units=[made.bureau, made.other_bureau])  # fmt: skip
    assert plan(made, {(code_of(made, 2), "配合单位"): "乙县丁局,乙县丙局"}).counts["unchanged"] == 3


# -- what is refused, with place, value, reason and remedy --------------------------------------------


@pytest.mark.parametrize(
    ("heading", "value", "reason"),
    [
        ("责任领导", "查无此人", "没有名为“查无此人”的领导"),
        ("责任单位", "查无此局", "没有名为“查无此局”的单位"),
        ("配合单位", "乙县丁局、查无此局", "没有名为“查无此局”的单位"),
        ("配合单位", "乙县丙局", "责任单位不能同时是配合单位"),
        ("整改类型", "慢慢整改", "不是可选的整改类型"),
        ("整改时限", "明年三月", "认不出是哪一天"),
        ("整改时限", "2022-02-30", "认不出是哪一天"),
        ("整改时限", "1912-01-01", "年份应在 1990 到 2100 之间"),
        ("完成比例（%）", 65, "只填了完成比例"),
        ("完成比例（%）", "一半", "完成比例应是 0 到 100 的整数"),
        ("完成比例（%）", 101, "完成比例应是 0 到 100 的整数"),
        ("责任人", "长" * 51, "有 51 个字，最多 50 个字"),
        ("本次进展", "长" * 10_001, "有 10,001 个字，最多 10,000 个字"),
        ("新增措施", "长" * 5_001, "一条措施最多 5,000 个字"),
    ],
)
def test_a_wrong_cell_is_told_by_place_and_takes_the_row_out(made, heading, value, reason):
    data = take(made)
    opened = Opened(data)
    code = code_of(made, 2) if heading == "整改时限" else code_of(made)  # a date once set is locked
    found = plan(made, {(code, heading): value, (code, "备注"): "改"}, data=data)
    fault = next(fault for fault in found.all_faults if fault.heading == heading)
    cell = opened.cell(code, heading)
    assert (fault.sheet, fault.row, fault.letter) == ("填报", cell.row, cell.column_letter)
    assert reason in fault.reason and fault.remedy and fault.value
    assert found.counts == NOTHING | {"errors": 1, "unchanged": 2}
    assert not found.applicable({}), "nothing of a wrong row is taken over"


def test_a_unit_that_measures_still_need_cannot_go(made):
    assign(made, made.problem, supporting_units=[made.other_bureau])
    measures.add(made.problem, by=made["office"], text="排查", unit=made.other_bureau)
    fault = only_fault(plan(made, {(code_of(made), "配合单位"): "乙县"}))
    assert "措施 1 由不再承担的单位负责" in fault.reason


def test_status_is_not_imported_and_that_is_said(made):
    found = plan(made, {(code_of(made), "完成情况"): "已销号"})
    assert found.counts == NOTHING | {"unchanged": 3}
    assert [notice.reason for notice in found.notices] == ["状态不能通过导入变更"]


def test_a_locked_cell_that_was_changed_is_told_not_taken(made):
    found = plan(made, {(code_of(made), "整改目标"): "我要改"}, role="clerk", data=take(made, "clerk"))
    assert found.counts == NOTHING | {"unchanged": 1}
    assert "下载时这一格不能填写" in found.notices[0].reason


def test_progress_typed_into_a_locked_cell_is_an_error_not_lost(made):
    data = take(made)
    base = WorkingCopy.objects.get()
    rows = json.loads(base.rows)
    rows[code_of(made)]["open"] = []
    WorkingCopy.objects.update(rows=json.dumps(rows))
    assert only_fault(plan(made, {(code_of(made), "本次进展"): "写了"}, data=data)).value == "写了"


def test_a_clerk_may_not_bring_in_what_only_the_office_may_change(made):
    found = plan(made, {(code_of(made), "整改目标"): "我要改"}, role="clerk", data=take(made))
    assert "由本台账的整改办办理" in found.errors[0].faults[0].reason
    assert found.counts["errors"] == 3, "and two items are not theirs to see"


def test_somebody_without_a_part_in_the_ledger_is_told_nothing_about_it(made):
    with pytest.raises(Incomplete, match="不是从您可以办理的台账下载的"):
        plan_of(take(made), made["stranger"])


def test_a_code_twice_is_refused_in_both_rows(made):
    opened = Opened(take(made))
    opened.put(code_of(made, 2), "校验编号", code_of(made, 1))
    found = plan_of(opened.saved(), made["office"])
    assert [fault.row for fault in found.faults] == [4, 5]
    assert "出现了 2 次" in found.faults[0].reason
    assert found.counts == NOTHING | {"errors": 1, "unchanged": 1}


@pytest.mark.parametrize(
    ("heading", "value", "reason"),
    [
        ("校验编号", "2025-99", "不在下载的填报表里"),
        ("校验编号", None, "没有校验编号"),
        ("校验编号", "校验编号", "重复了表头"),
        ("校验版本", 99, "版本号被改动"),
        ("校验版本", None, "隐藏的“校验版本”被改动或清空"),
        ("校验版本", "1.5", "隐藏的“校验版本”被改动或清空"),
        ("校验批次", 123, "来自另一本台账"),
        ("校验批次", "x", "隐藏的“校验批次”被改动或清空"),
    ],
)
def test_forged_identity_takes_the_row_out_and_no_other(made, heading, value, reason):
    found = plan(made, {(code_of(made), heading): value, (code_of(made), "本次进展"): "写了"})
    assert reason in only_fault(found).reason
    assert found.counts == NOTHING | {"errors": 1, "unchanged": 2}


def test_a_file_of_another_ledger_is_refused(made):
    foreign = another_ledger(made)
    made.people["foreign"] = foreign.created_by
    with pytest.raises(Incomplete, match="不是从您可以办理的台账下载的"):
        plan_of(take(made, "foreign"), made["office"])


def test_rows_of_another_ledger_do_not_come_with_the_file(made):
    foreign = another_ledger(made)
    made.people["foreign"] = foreign.created_by
    theirs, opened = Opened(take(made, "foreign")), Opened(take(made))
    code = Problem.objects.get(report=foreign, number=2).code
    for heading in ("校验编号", "校验版本", "校验批次"):
        opened.put(code_of(made, 2), heading, theirs.cell(code, heading).value)
    found = plan_of(opened.saved(), made["office"])
    assert "来自另一本台账" in only_fault(found).reason


def test_sheets_of_several_units_put_together_are_compared_each_with_its_own_copy(made):
    assign(made, Problem.objects.get(number=2), lead_unit=made.other_bureau, clerk=made["stranger"])
    first, second = take(made, "clerk"), take(made, "stranger")
    opened, other = Opened(first), Opened(second)
    code = code_of(made, 2)
    for heading, column in opened.columns.items():
        value = other.sheet.cell(other.rows[code], other.columns[heading]).value
        opened.sheet.cell(5, column).value = "别的局的进展" if heading == "本次进展" else value
    found = plan_of(opened.saved(), made["office"])
    assert found.counts == NOTHING | {"new": 1, "unchanged": 1}


def test_a_withdrawn_item_and_one_no_longer_visible_are_told(made):
    data, own = take(made), take(made, "clerk")
    problems.withdraw(made.problem, by=made["office"], seen=1 + 1, reason="重复")
    assert "已撤回" in only_fault(plan_of(data, made["office"])).reason
    problems.restore(made.problem, by=made["office"], seen=made.problem.version, reason="又要")
    assign(made, made.problem, lead_unit=made.other_bureau, clerk=None)
    assign(made, Problem.objects.get(number=3))
    assert "不在您现在可以查看的事项中" in only_fault(plan_of(own, made["clerk"])).reason


def test_a_purged_content_does_not_come_back_by_an_old_copy(made):
    problems.edit(made.problem, by=made["office"], seen=made.problem.version, goal="涉密的目标")
    data = take(made)
    assert "涉密的目标" in WorkingCopy.objects.get().rows
    purge = purging.request(made.problem, by=made["office"], reason="误传")
    purging.confirm(purge, by=made["sysadmin"])
    assert "涉密的目标" not in WorkingCopy.objects.get().rows
    assert "已按程序清除" in only_fault(plan(made, {(code_of(made), "备注"): "x"}, data=data)).reason


# -- how the sheet may have been moved about ----------------------------------------------------------


def test_columns_and_rows_may_stand_in_another_order(made):
    opened = Opened(edited(take(made), {(code_of(made), "本次进展"): "写了"}))
    sheet = opened.sheet
    table = [[cell.value for cell in row] for row in sheet.iter_rows(min_row=3)]
    width = len(table[0])
    for row, values in enumerate([table[0], *reversed(table[1:])], 3):
        for column, value in enumerate(reversed(values), 1):
            sheet.cell(row, column).value = value
    sheet.cell(3, width + 1).value = "我们自己的一列"
    found = plan_of(opened.saved(), made["office"])
    assert found.counts == NOTHING | {"new": 1, "unchanged": 2}


def test_rows_and_columns_may_have_been_deleted(made):
    opened = Opened(edited(take(made), {(code_of(made), "本次进展"): "写了"}))
    opened.sheet.delete_rows(opened.rows[code_of(made, 3)])
    opened.sheet.delete_cols(opened.columns["备注"])
    assert plan_of(opened.saved(), made["office"]).counts == NOTHING | {"new": 1, "unchanged": 1}


def test_a_deleted_header_is_told(made):
    opened = Opened(take(made))
    opened.sheet.delete_rows(3)
    with pytest.raises(Incomplete, match="没有在文件中找到填报表的表头"):
        plan_of(opened.saved(), made["office"])


def test_a_missing_hidden_column_is_told(made):
    opened = Opened(take(made))
    opened.sheet.delete_cols(opened.columns["校验版本"])
    with pytest.raises(Incomplete, match="缺少隐藏的校验列（校验版本）"):
        plan_of(opened.saved(), made["office"])


def test_a_heading_twice_is_told_with_both_columns(made):
    opened = Opened(take(made))
    opened.sheet.cell(3, 30).value = "本次进展"
    with pytest.raises(Incomplete, match="“本次进展”出现了 2 次（L、AD 列）"):
        plan_of(opened.saved(), made["office"])


def test_too_many_rows_are_told_to_be_split(made, monkeypatch):
    monkeypatch.setattr("rectify.ledger.roundtrip.reader.ROWS_MAX", 2)
    with pytest.raises(Incomplete, match="请按单位拆成几份"):
        plan_of(take(made), made["office"])


# -- again ---------------------------------------------------------------------------------------------


def test_the_same_file_again_is_all_unchanged(made):
    code = code_of(made)
    data = edited(
        take(made),
        {
            (code, "本次进展"): "写了",
            (code, "新增措施"): "甲\n乙",
            (code, "整改目标"): "目标",
            (code, "责任人"): "李",
        },
    )
    assert loaded(data, made["office"]).applied == 1
    again = loaded(data, made["office"])
    assert again.batch is None and again.plan.counts == NOTHING | {"unchanged": 3}
    assert ProgressNote.objects.count() == 1 and made.problem.measures.count() == 2


def test_the_same_words_next_month_are_news(made):
    code = code_of(made)
    with clock.pretend(clock.now() - dt.timedelta(days=31)):
        progress.add(made.problem, by=made["clerk"], text="继续推进")
    assert plan(made, {(code, "本次进展"): "继续推进"}).counts["new"] == 1
