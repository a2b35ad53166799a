"""The ladder: who is told what on which day, once a day a person, never silent, never twice."""

from __future__ import annotations

import datetime as dt
import io
import json
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.core.management import call_command
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext

from rectify import clock
from rectify.choices import Action, Channel, DayCount, NoticeKind, SupervisionLevel
from rectify.models import AuditEntry, Notice, Problem, Reminder
from rectify.notifications import reminders
from rectify.operations import people, problems, reports, supervision
from tests import builders

pytestmark = pytest.mark.django_db

NOON = dt.datetime(2026, 6, 10, 4, tzinfo=dt.UTC)  # a Wednesday in Shanghai
DUE = clock.day_of(NOON)


@pytest.fixture
def cast() -> builders.Cast:
    """One item due on the day of NOON, reported on as of then; the other two are withdrawn."""
    with clock.pretend(NOON - dt.timedelta(days=60)):
        made = builders.cast()
        builders.assign(made, made.problem, deadline=DUE)
        for one in Problem.objects.filter(report=made.report, number__gt=1):
            problems.withdraw(one, by=made["office"], seen=one.version, reason="不在本测试内")
    return made


def on(days: int) -> dict[str, str]:
    """What each person is told that many days after the deadline: name and words of the first item."""
    with clock.pretend(NOON + dt.timedelta(days=days)):
        reminders.remind()
        found = Notice.objects.filter(day=clock.today(), kind=NoticeKind.DAILY, channel=Channel.INBOX)
        return {notice.user.username: "；".join(item["words"] for item in notice.items) for notice in found}


def test_the_ladder_climbs(cast):
    assert on(-8).keys() <= {"clerk"}  # at most: nothing was reported this month
    assert on(-7) == {"clerk": "剩 7 天"}
    assert on(-6) == {}
    assert on(0) == {"clerk": "今天到期", "unit_head": "今天到期"}
    assert on(1) == dict.fromkeys(("clerk", "unit_head", "leader"), "逾期 1 天")
    for days in range(2, 8):
        assert on(days) == {}
    assert on(8) == dict.fromkeys(("clerk", "unit_head", "leader"), "逾期 8 天")
    assert on(15) == dict.fromkeys(("clerk", "unit_head", "leader"), "逾期 15 天")


def test_a_long_overdue_item_is_suggested_for_a_paper(cast):
    on(29)
    assert on(30)["office"] == "逾期 30 天，建议签发督办单"
    assert "office" not in on(36)


def test_after_a_paper_nothing_is_suggested(cast):
    with clock.pretend(NOON + dt.timedelta(days=20)):
        supervision.issue(
            [cast.problem],
            by=cast["office"],
            level=SupervisionLevel.KEY,
            reason="请说明原因",
            reply_by=clock.today(),
            units=[cast.bureau],
        )
    assert "office" not in on(31)


def test_days_on_which_nothing_ran_are_made_up_for(cast):
    assert on(3) == dict.fromkeys(("clerk", "unit_head", "leader"), "逾期 3 天")


def test_the_thresholds_are_the_ledger_s_own(cast):
    reports.edit_settings(cast.report, by=cast["office"], remind_days=2, repeat_days=3, suggest_days=4)
    assert on(-3).get("clerk", "") != "剩 3 天"
    assert on(-2) == {"clerk": "剩 2 天"}
    assert set(on(1)) == {"clerk", "unit_head", "leader"}
    assert on(3) == {}
    assert set(on(4)) == {"clerk", "unit_head", "leader", "office"}


def test_working_days_are_counted_where_the_office_counts_so(cast):
    reports.edit_settings(cast.report, by=cast["office"], remind_days=2, day_count=DayCount.WORKING)
    # Monday June 8th: two working days are left; on Sunday the 7th it is three.
    assert on(-3).get("clerk", "") != "剩 3 天（3 个工作日）"
    assert on(-2) == {"clerk": "剩 2 天（2 个工作日）"}


def test_a_second_run_sends_nothing_and_the_command_says_so(cast):
    with clock.pretend(NOON):
        printed = []
        for _ in range(2):
            out = io.StringIO()
            call_command("remind", stdout=out)
            printed.append(json.loads(out.getvalue()))
    assert printed == [{"sent": 2, "failed": 0}, {"sent": 0, "failed": 0}]
    assert AuditEntry.objects.filter(act=Action.REMIND).count() == 1


def test_a_clock_that_jumps_repeats_nothing_and_stays_silent_on_nothing(cast):
    assert set(on(1)) == {"clerk", "unit_head", "leader"}
    assert set(on(400)) >= {"clerk", "unit_head", "leader"}
    # Back again: the step of day 1 was told; the next step comes on its day as ever.
    assert on(2) == {}
    assert set(on(8)) == {"clerk", "unit_head", "leader"}


def test_one_message_a_day_holds_everything(cast):
    two = Problem.objects.get(report=cast.report, number=2)
    with clock.pretend(NOON - dt.timedelta(days=60)):
        problems.restore(two, by=cast["office"], seen=two.version, reason="恢复")
        builders.assign(cast, Problem.objects.get(pk=two.pk), deadline=DUE - dt.timedelta(days=1))
    assert on(0)["clerk"] == "逾期 1 天；今天到期"
    assert Notice.objects.filter(user=cast["clerk"], kind=NoticeKind.DAILY).count() == 1


def test_what_becomes_due_after_the_day_s_message_comes_the_next_day(cast):
    on(1)
    two = Problem.objects.get(report=cast.report, number=2)
    with clock.pretend(NOON + dt.timedelta(days=1)):
        problems.restore(two, by=cast["office"], seen=two.version, reason="恢复")
        builders.assign(cast, Problem.objects.get(pk=two.pk), deadline=DUE)
        assert reminders.remind().sent == 0
    assert on(2) == dict.fromkeys(("clerk", "unit_head", "leader"), "逾期 2 天")


def test_a_leader_without_an_account_is_told_through_the_office(cast):
    silent = people.add_leader(by=None, post="县委书记", unit=cast.county)
    builders.assign(cast, cast.problem, leader=silent, deadline=DUE)
    assert on(1)["office"] == "逾期 1 天（责任领导县委书记没有账号，请转告）"


def test_a_unit_without_accounts_is_told_through_the_office(cast):
    for role in ("clerk", "unit_head"):
        people.close_account(cast[role], by=cast["sysadmin"], reason="调离")
    told = on(0)
    assert set(told) == {"office"}
    assert "乙县丙局没有账号，请转告" in told["office"] and "乙县丙局负责人没有账号" in told["office"]


def test_an_item_without_a_clerk_goes_to_its_unit_s_clerks(cast):
    builders.assign(cast, cast.problem, clerk=None, deadline=DUE)
    assert on(-7) == {"clerk": "剩 7 天"}


def test_what_nobody_can_be_told_is_counted_as_failed(cast):
    for role in ("clerk", "unit_head", "office"):
        people.close_account(cast[role], by=cast["sysadmin"], reason="调离")
    with clock.pretend(NOON):
        assert reminders.remind() == reminders.Sent(sent=0, failed=1)


def test_a_silent_item_is_told_once_a_period(cast):
    builders.assign(cast, cast.problem, deadline=dt.date(2099, 6, 30))
    assert on(1) == {"clerk": "本月未报"}
    assert on(2) == {}
    assert on(31) == {"clerk": "本月未报"}


def test_a_paper_that_waits_is_named_every_day(cast):
    builders.assign(cast, cast.problem, deadline=dt.date(2099, 6, 30))
    with clock.pretend(NOON):
        paper = supervision.issue(
            [cast.problem],
            by=cast["office"],
            level=SupervisionLevel.NORMAL,
            reason="请说明原因",
            reply_by=clock.today() + dt.timedelta(days=5),
            units=[cast.bureau],
        )
    assert {"clerk", "unit_head"} <= set(on(1)) and {"clerk", "unit_head"} <= set(on(2))
    with clock.pretend(NOON + dt.timedelta(days=2)):
        supervision.acknowledge(paper.addressees.get(), by=cast["clerk"])
    assert on(3) == {}  # signed for, and not due yet
    assert "unit_head" in on(5) and "unit_head" in on(6)


@pytest.mark.parametrize("act", ["withdrawn", "closed"])
def test_what_is_withdrawn_or_closed_is_left_in_peace(cast, act):
    changes = {"withdrawn": True} if act == "withdrawn" else {"status": "closed", "closed_on": DUE}
    Problem.objects.filter(pk=cast.problem.pk).update(**changes)
    assert on(1) == {}


def test_the_database_refuses_a_second_message_of_the_day(cast):
    on(1)
    notice = Notice.objects.filter(kind=NoticeKind.DAILY).first()
    notice.pk = None
    with pytest.raises(IntegrityError), transaction.atomic():
        notice.save(force_insert=True)


def items(cast: builders.Cast, count: int) -> None:
    Problem.objects.bulk_create(
        Problem(
            report=cast.report,
            number=100 + number,
            code=f"大-{number}",
            title=f"问题 {number}",
            lead_unit=cast.bureau,
            leader=cast.leader,
            clerk=cast["clerk"],
            deadline=DUE - dt.timedelta(days=number % 20 - 5),
            original_deadline=DUE,
            created_at=NOON - dt.timedelta(days=90),
        )
        for number in range(count)
    )


@pytest.mark.ci
def test_the_queries_of_a_batch_do_not_follow_its_items(cast, monkeypatch):
    """300 and 3,000 items read in ten batches each: the same number of reading queries."""
    counts = []
    for number in (300, 3000):
        with transaction.atomic():
            items(cast, number)
            monkeypatch.setattr(reminders, "BATCH", number // 10)
            with clock.pretend(NOON):
                with CaptureQueriesContext(connection) as first:
                    assert reminders.remind().sent == 3
                with CaptureQueriesContext(connection) as second:
                    assert reminders.remind().sent == 0
            counts.append([_reading(first), _reading(second)])
            transaction.set_rollback(True)
    assert counts[0] == counts[1]


def _reading(queries: CaptureQueriesContext) -> int:
    """Rows are written by the hundred, which depends on the database; what is read must not grow."""
    return sum(query["sql"].startswith("SELECT") for query in queries.captured_queries)


@pytest.mark.ci
@pytest.mark.django_db(transaction=True)
def test_two_runs_at_once_send_each_message_once(cast):
    def run(_: int) -> int:
        try:
            with clock.pretend(NOON):
                return reminders.remind().sent
        finally:
            connection.close()

    with ThreadPoolExecutor(2) as pool:
        assert sorted(pool.map(run, range(2))) == [0, 2]
    assert Notice.objects.filter(kind=NoticeKind.DAILY).count() == 2
    assert Reminder.objects.count() == 2
