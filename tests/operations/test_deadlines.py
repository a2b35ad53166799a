"""Extensions by the reviewed path and corrections by the office; a date once set moves in no other way."""

from __future__ import annotations

import datetime as dt

import pytest
from django.db import IntegrityError, transaction

from rectify import clock
from rectify.choices import Action, Outcome, RagStatus, Role, Status, Step, Timing
from rectify.errors import Incomplete, NotAllowed, Stale, WrongState
from rectify.models import AuditEntry, Extension, Problem
from rectify.models.timing import timing_rule
from rectify.operations import people, problems, reports
from rectify.operations.closing import deadlines, decisions
from rectify.policies.closing import granted_count
from rectify.selectors.dashboard.overview import against_dates
from tests import builders

pytestmark = pytest.mark.django_db

START = dt.datetime(2026, 3, 2, 4, tzinfo=dt.UTC)
DUE = dt.date(2026, 6, 30)


def history() -> builders.Cast:
    with clock.pretend(START):
        made = builders.cast(assigned=False)
        builders.assign(made, made.problem, deadline=DUE)
    return made


WORLD = history


def on(day: dt.date):
    return clock.pretend(clock.start_of(day) + dt.timedelta(hours=10))


def test_a_granted_extension_moves_the_date_and_keeps_the_original(cast):
    with on(dt.date(2026, 6, 1)):
        problem = builders.extended(cast, new_date=dt.date(2026, 9, 30))
    assert (problem.deadline, problem.original_deadline) == (dt.date(2026, 9, 30), DUE)
    application = problem.extensions.get()
    assert (application.outcome, application.late, application.overdue_days) == (Outcome.PASSED, False, 0)
    assert [step.step for step in application.steps.all()] == ["apply", "confirm", "review", "sign"]
    entry = AuditEntry.objects.get(act=Action.SIGN_EXTENSION)
    change = next(one for one in entry.details["changes"] if one["field"] == "deadline")
    assert (change["old_text"], change["new_text"]) == ("2026年6月30日", "2026年9月30日")
    assert granted_count(problem) == 1


def test_work_goes_on_while_the_date_stays_until_the_last_step(cast):
    with on(dt.date(2026, 6, 1)):
        application = builders.asked_later(cast, new_date=dt.date(2026, 9, 30))
        application = decisions.decide(application, step=Step.CONFIRM, by=cast["unit_head"])
        assert cast.problem.deadline == DUE and cast.problem.status == Status.NOT_STARTED
        application = decisions.decide(application, step=Step.REVIEW, by=cast["office"])
        assert application.waiting == Step.SIGN and cast.problem.deadline == DUE


def test_after_expiry_it_is_late_and_the_days_stay_counted(cast):
    with on(dt.date(2026, 7, 5)):
        application = builders.asked_later(cast, new_date=dt.date(2026, 9, 30))
        assert application.late
    with on(dt.date(2026, 7, 8)):
        application = decisions.decide(application, step=Step.CONFIRM, by=cast["unit_head"])
        application = decisions.decide(application, step=Step.REVIEW, by=cast["office"])
        application = decisions.decide(application, step=Step.SIGN, by=cast["leader"])
        assert application.overdue_days == 8
        seen = Problem.objects.visible_to(cast["office"])
        counts = against_dates(seen, clock.today())
        assert counts.rows[0][1][0] == 0 and counts.rows[0][2][0] == 1, "by original date it is overdue"
        assert counts.extended == 1
        past = cast.problem.states.at(dt.date(2026, 7, 6)).with_light(dt.date(2026, 7, 6)).get()
        assert past.light == RagStatus.OVERDUE, "the day it was overdue stays so"


@pytest.mark.parametrize(
    ("new_date", "words"),
    [
        (DUE, "晚于现行时限"),
        (dt.date(2026, 6, 29), "晚于现行时限"),
        (dt.date(2026, 3, 1), "晚于现行时限"),
        (dt.date(2101, 1, 1), "年份不对"),
    ],
)
def test_a_date_that_is_not_later_is_refused(cast, new_date, words):
    with on(dt.date(2026, 6, 1)), pytest.raises(Incomplete, match=words) as refusal:
        builders.asked_later(cast, new_date=new_date)
    assert refusal.value.field == "new_date" and not Extension.objects.exists()


def test_a_late_one_must_end_in_the_future(cast):
    with on(dt.date(2026, 8, 1)), pytest.raises(Incomplete, match="晚于今天"):
        builders.asked_later(cast, new_date=dt.date(2026, 7, 15))


@pytest.mark.parametrize("field", ["reason", "progress"])
def test_reason_and_progress_are_required(cast, field):
    with on(dt.date(2026, 6, 1)), pytest.raises(Incomplete) as refusal:
        builders.asked_later(cast, new_date=dt.date(2026, 9, 30), **{field: " "})
    assert refusal.value.field == field


def test_the_maximum_is_a_setting(cast):
    with on(dt.date(2026, 6, 1)):
        builders.extended(cast, new_date=dt.date(2026, 7, 30))
        problem = builders.extended(cast, new_date=dt.date(2026, 8, 30))
        with pytest.raises(NotAllowed, match="最多 2 次"):
            builders.asked_later(cast, problem, new_date=dt.date(2026, 9, 30))
        reports.edit_settings(cast.report, by=cast["office"], max_extensions=3, reason="经研究放宽")
        assert granted_count(builders.extended(cast, new_date=dt.date(2026, 9, 30))) == 3


def test_one_open_extension_at_a_time(cast):
    with on(dt.date(2026, 6, 1)):
        application = builders.asked_later(cast, new_date=dt.date(2026, 9, 30))
        with pytest.raises(NotAllowed, match="已有一份"):
            builders.asked_later(cast, new_date=dt.date(2026, 10, 30))
        facts = {name: getattr(application, name) for name in ("old_date", "new_date", "reason", "progress")}
        with pytest.raises(IntegrityError), transaction.atomic():
            Extension.objects.create(
                problem=cast.problem,
                round=1,
                number=2,
                applicant=cast["clerk"],
                applied_at=clock.now(),
                path=application.path,
                waiting=Step.REVIEW,
                **facts,
            )


def test_a_returned_extension_leaves_the_date_and_tells_the_clerk(cast):
    with on(dt.date(2026, 6, 1)):
        application = builders.asked_later(cast, new_date=dt.date(2026, 9, 30))
        decisions.return_application(
            application, by=cast["unit_head"], step=Step.CONFIRM, comment="抓紧还来得及"
        )
        assert cast.problem.deadline == DUE and granted_count(cast.problem) == 0
        with pytest.raises(WrongState, match="已退回"):
            decisions.decide(application, step=Step.SIGN, by=cast["leader"])
        again = builders.asked_later(cast, new_date=dt.date(2026, 8, 30))
        assert again.number == 2
        decisions.withdraw_application(again, by=cast["clerk"], reason="可以按期完成")
        assert cast.problem.deadline == DUE


def test_nobody_grants_their_own_extension(cast):
    with on(dt.date(2026, 6, 1)):
        application = deadlines.apply_extension(
            cast.problem,
            by=cast["unit_head"],
            seen=cast.problem.version,
            new_date=dt.date(2026, 9, 30),
            reason="雨季",
            progress="一半",
        )
        assert application.waiting == Step.REVIEW
        with pytest.raises(WrongState):
            decisions.decide(application, step=Step.CONFIRM, by=cast["unit_head"])


@pytest.mark.parametrize("role", [Role.LEADER, Role.INSPECTOR, "stranger", Role.SYSADMIN])
def test_only_the_lead_unit_asks(cast, role):
    with on(dt.date(2026, 6, 1)), pytest.raises(NotAllowed):
        deadlines.apply_extension(
            cast.problem,
            by=cast[role],
            seen=cast.problem.version,
            new_date=dt.date(2026, 9, 30),
            reason="雨季",
            progress="一半",
        )


def test_the_words_of_the_old_date_go_with_it(cast):
    with on(dt.date(2026, 3, 3)):
        given = {"deadline": DUE, "deadline_text": "6月底前", "reason": "补文字"}
        problem = deadlines.correct(cast.problem, by=cast["office"], seen=cast.problem.version, **given)
        assert problem.deadline_text == "6月底前"
        assert builders.extended(cast, new_date=dt.date(2026, 9, 30)).deadline_text == ""


def test_a_leader_without_account_agrees_on_paper(cast):
    with on(dt.date(2026, 6, 1)):
        leader = people.add_leader(by=None, post="县委副书记", unit=cast.county)
        problems.assign(cast.problem, by=cast["office"], seen=cast.problem.version, leader=leader)
        application = builders.asked_later(cast, new_date=dt.date(2026, 9, 30))
        application = decisions.decide(application, step=Step.CONFIRM, by=cast["unit_head"])
        application = decisions.decide(application, step=Step.REVIEW, by=cast["office"])
        with pytest.raises(Incomplete, match="扫描件"):
            decisions.decide(application, step=Step.SIGN, by=cast["office"], signed_on=clock.today())
        decisions.decide(
            application,
            step=Step.SIGN,
            by=cast["office"],
            signed_on=clock.today(),
            files=[builders.pdf("签字.pdf")],
        )
        assert cast.problem.deadline == dt.date(2026, 9, 30)


# -- corrections -----------------------------------------------------------------------------------


def correct(cast, deadline, **more):
    given = {"by": cast["office"], "seen": cast.problem.version, "reason": "年份录错"} | more
    return deadlines.correct(cast.problem, deadline=deadline, **given)


def test_a_typing_error_is_corrected_with_the_original_and_stays_visible(cast):
    with on(dt.date(2026, 3, 10)):
        problem = correct(cast, dt.date(2026, 12, 31))
    assert problem.deadline == problem.original_deadline == dt.date(2026, 12, 31)
    entry = AuditEntry.objects.get(act=Action.CORRECT_DEADLINE)
    assert entry.reason == "年份录错" and entry.details["changes"][0]["old_text"] == "2026年6月30日"


def test_later_after_fifteen_days_is_an_extension_and_correcting_does_not_renew_them(cast):
    with on(dt.date(2026, 3, 16)):
        correct(cast, dt.date(2026, 7, 31))
    with on(dt.date(2026, 3, 20)), pytest.raises(Incomplete, match="按延期办理"):
        correct(cast, dt.date(2026, 12, 31))
    assert cast.problem.deadline == dt.date(2026, 7, 31)


def test_earlier_may_be_set_at_any_time_and_after_an_extension_the_original_stays(cast):
    with on(dt.date(2026, 5, 1)):
        assert correct(cast, dt.date(2026, 6, 20)).original_deadline == dt.date(2026, 6, 20)
        builders.extended(cast, new_date=dt.date(2026, 9, 30))
        with pytest.raises(Incomplete, match="按延期办理"):
            correct(cast, dt.date(2026, 10, 30))
        problem = correct(cast, dt.date(2026, 8, 30))
        assert (problem.deadline, problem.original_deadline) == (dt.date(2026, 8, 30), dt.date(2026, 6, 20))


def test_correcting_is_for_the_office_with_a_reason_and_a_fresh_page(cast):
    with on(dt.date(2026, 3, 10)):
        for role in ("clerk", "unit_head", "leader", "inspector"):
            with pytest.raises(NotAllowed):
                correct(cast, dt.date(2026, 12, 31), by=cast[role])
        with pytest.raises(Incomplete, match="理由"):
            correct(cast, dt.date(2026, 12, 31), reason=" ")
        with pytest.raises(Stale):
            correct(cast, dt.date(2026, 12, 31), seen=1)
        undated = Problem.objects.get(report=cast.report, number=2)
        with pytest.raises(NotAllowed, match="明确责任"):
            deadlines.correct(
                undated, by=cast["office"], seen=undated.version, deadline=DUE, reason="没有可更正的"
            )


# -- figures ---------------------------------------------------------------------------------------


def test_closed_by_the_later_date_is_late_by_the_original(cast):
    with on(dt.date(2026, 6, 1)):
        builders.extended(cast, new_date=dt.date(2026, 9, 30))
    with on(dt.date(2026, 9, 1)):
        problem = builders.closed(cast, builders.ready(cast))
        seen = Problem.objects.visible_to(cast["office"])
        rows = {label: (now[0], first[0]) for label, now, first in against_dates(seen, clock.today()).rows}
    assert rows == {"逾期未销号": (0, 0), "逾期销号": (0, 1), "按期销号": (1, 0)}
    from rectify.wording import lateness

    words = lateness(problem.closed_on, problem.deadline, problem.original_deadline)
    assert words == "按期销号（比原定时限晚 63 天）"


@pytest.mark.parametrize("timing", Timing.values)
def test_every_figure_lists_exactly_what_it_counts(cast, timing):
    from rectify.selectors.problem_filter import ProblemFilter

    with on(dt.date(2026, 6, 1)):
        builders.extended(cast, new_date=dt.date(2026, 9, 30))
    with on(dt.date(2026, 9, 1)):
        seen = Problem.objects.visible_to(cast["office"]).live()
        listed = ProblemFilter.of(cast["office"], f"timing={timing}").qs
        assert set(listed.values_list("pk")) == set(
            seen.filter(timing_rule(timing, clock.today())).values_list("pk")
        )
