"""One act on many problems: what the plan says, what applying it does, and that it is all or nothing."""

from __future__ import annotations

import datetime as dt

import pytest
from django.core.management import call_command
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from rectify import clock
from rectify.audit import chain
from rectify.audit.chain import append_waiting
from rectify.audit.verify import read_chains
from rectify.choices import Action, Kind, Status
from rectify.errors import Incomplete
from rectify.models import AuditEntry, BulkAct, Notice, Problem, ProblemState
from rectify.operations import bulk, measures, people, problems, progress, search_index
from rectify.operations.together.items import ItemsTogether
from tests.builders import Cast, another_ledger, assign, cast
from tests.one_by_one import OneByOne, recorded

pytestmark = pytest.mark.django_db

DAY = dt.date(2099, 12, 31)


WORLD = cast


def rows(made: Cast) -> list[Problem]:
    return list(Problem.objects.filter(report=made.report).order_by("number"))


def items(made: Cast) -> dict[int, int]:
    return {row.pk: row.version for row in rows(made)}


def planned(made: Cast, role: str = "office", **fields) -> bulk.BulkPlan:
    user = made[role]
    return bulk.plan(bulk.subjects(user, items(made)), bulk.Wanted(fields), by=user)


def applied(
    made: Cast, role: str = "office", seen=None, idempotency_key=None, reason="分工调整", **fields
) -> BulkAct:
    chosen = items(made) if seen is None else seen
    return bulk.apply(
        chosen, bulk.Wanted(fields), by=made[role], reason=reason, idempotency_key=idempotency_key
    )


def words(line: bulk.Line) -> list[tuple[str, str, str]]:
    return [(change.label, change.theirs, change.mine) for change in line.changes]


# -- the plan -----------------------------------------------------------------------------------------


def test_the_plan_shows_old_and_new_for_each_row_and_writes_nothing(made):
    before = AuditEntry.objects.count()
    one, two, three = planned(made, leader=made.leader, lead_unit=made.bureau, kind=Kind.AT_ONCE).lines
    assert words(one) == [("整改类型", "限期整改", "立行立改")]
    assert words(two) == [
        ("责任领导", "（空）", "常务副县长"),
        ("责任单位", "（空）", "乙县丙局"),
        ("整改类型", "限期整改", "立行立改"),
    ]
    assert words(three)[2] == ("整改类型", "长期坚持", "立行立改")
    assert AuditEntry.objects.count() == before


def test_a_field_that_is_not_named_stays_and_none_empties(made):
    one, two, _ = planned(made, leader=None).lines
    assert words(one) == [("责任领导", "常务副县长", "（空）")]
    assert words(two) == [] and not two.refused


def test_a_deadline_is_given_only_where_there_is_none(made):
    one, two, _ = planned(made, deadline=DAY).lines
    assert words(one) == [] and "保留2099年6月30日" in one.kept[0]
    assert words(two) == [("整改时限", "（空）", "2099年12月31日")]


def test_rows_that_may_not_be_changed_are_refused_with_the_reason(made):
    withdrawn = rows(made)[1]
    problems.withdraw(withdrawn, by=made["office"], seen=withdrawn.version, reason="重复")
    measures.add(made.problem, by=made["office"], text="甲", unit=made.bureau)
    one, two, three = planned(made, lead_unit=made.other_bureau).lines
    assert "措施 1（乙县丙局）" in one.refused
    assert "已撤回" in two.refused
    assert three.is_accepted


@pytest.mark.parametrize(
    ("role", "refusal"), [("clerk", "由本台账的整改办办理"), ("unit_head", "由本台账的整改办办理")]
)
def test_a_unit_may_set_the_status_of_its_own_and_assign_nothing(made, role, refusal):
    (own,) = planned(made, role, status=Status.IN_PROGRESS).lines
    assert own.is_accepted and own.problem == made.problem
    (own,) = planned(made, role, leader=None).lines
    assert refusal in own.refused


def test_people_and_units_of_another_county_are_refused_row_by_row(made):
    foreign = another_ledger(made)
    leader = people.add_leader(by=None, post="别县领导", unit=foreign.unit)
    for name, value in {"leader": leader, "lead_unit": foreign.unit, "clerk": foreign.created_by}.items():
        refusal = "不能作经办人" if name == "clerk" else "不能承担这一项"
        assert all(refusal in line.refused for line in planned(made, **{name: value}).lines)


def test_foreign_ids_are_not_there(made):
    foreign = list(Problem.objects.filter(report=another_ledger(made)).values_list("pk", flat=True))
    assert bulk.subjects(made["office"], [*foreign, 999_999]) == []
    assert bulk.subjects(made["stranger"], items(made)) == []


def test_the_plan_costs_the_same_for_few_and_many(made):
    def count() -> int:
        user = made["office"]
        with CaptureQueriesContext(connection) as caught:
            found = bulk.subjects(user, items(made))
            bulk.plan(found, bulk.Wanted({"lead_unit": made.bureau, "clerk": made["clerk"]}), by=user)
        return len(caught)

    few = count()
    for number in range(12):
        one = problems.add(made.report, by=made["office"], title=f"问题{number}")
        measures.add(assign(made, one, supporting_units=[made.county]), by=made["office"], text="甲")
    assert count() == few


# -- applying -----------------------------------------------------------------------------------------


def test_it_goes_through_the_ordinary_operations_with_one_number(made):
    done = applied(made, leader=made.leader, deadline=DAY, status=Status.IN_PROGRESS)
    one, two, three = rows(made)
    assert (two.leader, two.deadline, two.original_deadline) == (made.leader, DAY, DAY)
    assert one.deadline == dt.date(2099, 6, 30)
    assert {row.status for row in (one, two, three)} == {Status.IN_PROGRESS}
    entries = AuditEntry.objects.in_batch(done)
    assert sorted(entries.values_list("act", flat=True)) == [Action.ASSIGN] * 2 + [Action.SET_STATUS] * 3
    assert all(entry.details["batch"] == done.number for entry in entries)
    assert set(entries.values_list("reason", flat=True)) == {"分工调整"}
    assert (done.applied, done.refused, done.by) == (3, 0, made["office"])
    assert done.what == "责任领导：常务副县长；整改时限：2099年12月31日；状态：整改中"
    assert list(done.reports.all()) == [made.report]
    assert ProblemState.objects.filter(problem=two).count() == 3
    assert not [fault for chain in read_chains("default") for fault in chain.breaks]


def test_refused_rows_are_left_alone_and_the_others_done(made):
    two = rows(made)[1]
    problems.withdraw(two, by=made["office"], seen=two.version, reason="重复")
    done = applied(made, kind=Kind.AT_ONCE)
    assert (done.applied, done.refused) == (2, 1)
    assert [row.kind for row in rows(made)] == ["at_once", "by_date", "at_once"]
    assert made.problem.entries.latest("id").details["batch"] == done.number


def test_acts_outside_carry_no_number(made):
    applied(made, kind=Kind.AT_ONCE)
    problems.edit(made.problem, by=made["office"], seen=made.problem.version, reason="改", goal="目标")
    assert "batch" not in made.problem.entries.latest("id").details


def test_a_row_that_moved_on_stops_everything_and_is_shown_again(made):
    seen = items(made)
    problems.edit(made.problem, by=made["office"], seen=made.problem.version, reason="改", goal="目标")
    before = AuditEntry.objects.count()
    with pytest.raises(bulk.Moved) as moved:
        applied(made, seen=seen, kind=Kind.AT_ONCE)
    assert [line.problem for line in moved.value.plan.stale] == [made.problem]
    assert "1 项被别人更新" in moved.value.message
    assert AuditEntry.objects.count() == before and not BulkAct.objects.exists()
    assert applied(made, kind=Kind.AT_ONCE).applied == 3


def test_the_same_submit_twice_acts_once(made):
    seen = items(made)
    one = applied(made, seen=seen, idempotency_key="t" * 64, kind=Kind.AT_ONCE)
    assert applied(made, seen=seen, idempotency_key="t" * 64, kind=Kind.AT_ONCE) == one
    assert BulkAct.objects.count() == 1


def test_a_refusal_half_way_undoes_everything(made, monkeypatch):
    real, count = problems.assignment, 0

    def fail_at_the_second(*args, **kwargs):
        nonlocal count
        count += 1
        if count == 2:
            raise Incomplete("不行。")
        return real(*args, **kwargs)

    monkeypatch.setattr(problems, "assignment", fail_at_the_second)
    before = AuditEntry.objects.count()
    with pytest.raises(Incomplete, match=r"2025-02 没有办成.*其余各项也没有改动"):
        applied(made, kind=Kind.AT_ONCE)
    assert AuditEntry.objects.count() == before and not BulkAct.objects.exists()
    assert {row.kind for row in rows(made)} == {"by_date", "standing"}


def test_together_the_record_is_what_one_by_one_it_would_be(made, monkeypatch):
    """Entries, rows, histories and messages, also of two acts on one item and of a clerk left behind."""
    two = rows(made)[1]
    problems.assign(two, by=made["office"], seen=two.version, lead_unit=made.bureau, clerk=made["clerk"])
    wanted = {"leader": made.leader, "lead_unit": made.other_bureau, "status": Status.IN_PROGRESS}
    append_waiting(made["office"])
    last, found = AuditEntry.objects.latest("pk").pk, []
    for items_together in (ItemsTogether, OneByOne):
        monkeypatch.setattr(bulk, "ItemsTogether", items_together)
        with clock.pretend(dt.datetime(2040, 1, 2, tzinfo=dt.UTC)), transaction.atomic():
            assert applied(made, **wanted).applied == 3
            told = Notice.objects.order_by("user_id", "text").values_list("user_id", "kind", "text", "items")
            found.append([*recorded(last), list(told), list(search_index.mismatches())])
            call_command("verify_audit")
            transaction.set_rollback(True)
    together, one_by_one = found
    assert len(together[0]) >= 6 and together[-2]
    for ours, theirs in zip(together, one_by_one, strict=True):
        assert ours == theirs


def test_applying_costs_hardly_more_for_many_than_for_few(made):
    def count(**wanted) -> int:
        with CaptureQueriesContext(connection) as caught:
            applied(made, **wanted)
        return len(caught)

    few = count(leader=made.leader, kind=Kind.AT_ONCE, status=Status.IN_PROGRESS)
    for number in range(12):
        fields = {"lead_unit": made.bureau, "clerk": made["clerk"], "leader": made.leader}
        assign(made, problems.add(made.report, by=made["office"], title=f"问题{number}"), **fields)
    assert count(lead_unit=made.other_bureau, status=Status.MOSTLY_DONE) <= few + 12


def test_what_was_decided_before_the_lock_is_decided_again_when_something_has_moved(made, monkeypatch):
    """An act between deciding and storing: of another item it does not matter, of a chosen one it does."""
    real, chosen = chain.lock, dict(list(items(made).items())[1:])

    def after(act):
        def lock(reports):
            monkeypatch.setattr(chain, "lock", real)
            act()
            return real(reports)

        monkeypatch.setattr(chain, "lock", lock)

    after(lambda: progress.add(made.problem, by=made["office"], text="别的一项"))
    assert applied(made, seen=chosen, kind=Kind.AT_ONCE).applied == 2
    two = rows(made)[1]
    after(lambda: problems.edit(two, by=made["office"], seen=two.version, reason="改", goal="目标"))
    with pytest.raises(bulk.Moved):
        applied(made, kind=Kind.BY_DATE)
    after(lambda: people.add_unit(by=None, parent=made.county, name="新局"))
    assert applied(made, kind=Kind.BY_DATE).applied == 2  # one of them is by date already


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"reason": " "}, "理由"),
        ({"seen": {}}, "还没有选中"),
        ({"seen": dict.fromkeys(range(1, 502), 1)}, "一次最多办理 500 项"),
        ({"kind": Kind.BY_DATE, "seen": {999_999: 1}}, "没有一项可以"),
    ],
)
def test_what_cannot_begin_is_refused(made, change, words):
    fields = {"kind": Kind.AT_ONCE} | change
    with pytest.raises(Incomplete, match=words):
        applied(made, **fields)
    with pytest.raises(Incomplete, match="至少选择一项"):
        applied(made)
    assert not BulkAct.objects.exists()
