"""Looking again and reopening: what is planned, what is recorded, what a relapse starts."""

from __future__ import annotations

import datetime as dt

import pytest

from rectify import clock
from rectify.choices import Action, Finding, Kind, RagStatus, Role, Status
from rectify.errors import Incomplete, NotAllowed, Stale
from rectify.models import AuditEntry, Evidence, FollowUp, Problem
from rectify.operations import problems, reports
from rectify.operations.closing import close_out
from rectify.selectors.dashboard import trends as trends_selector
from rectify.selectors.problem_filter import ProblemFilter
from tests import builders

pytestmark = pytest.mark.django_db

CLOSED_ON = dt.date(2026, 3, 31)


def on(day: dt.date):
    return clock.pretend(clock.start_of(day) + dt.timedelta(hours=10))


def history() -> builders.Cast:
    with on(CLOSED_ON):
        made = builders.cast()
        builders.closed(made)
    return made


WORLD = history


def look(cast, by="office", **fields):
    given = {"finding": "抽查 5 处，均保持", "outcome": Finding.HOLDS} | fields
    return close_out.record_follow_up(cast.problem, by=cast[by], **given)


def due(cast, role="office"):
    return [one.pk for one in ProblemFilter.of(cast[role], "todo=follow_up").qs]


@pytest.mark.parametrize("role", [Role.OFFICE, Role.INSPECTOR])
def test_a_due_check_waits_until_it_is_recorded(cast, role):
    with on(dt.date(2026, 6, 29)):
        assert not due(cast, role)
    with on(dt.date(2026, 6, 30)):
        assert due(cast, role) == [cast.problem.pk] and not due(cast, "clerk")
        row = look(cast, role, files=[builders.pdf("照片.pdf")])
        assert not due(cast, role)
    assert (row.planned_on, row.done_on, row.by) == (dt.date(2026, 6, 30), dt.date(2026, 6, 30), cast[role])
    assert Evidence.objects.get(follow_up=row).name == "照片.pdf"
    assert cast.problem.status == Status.CLOSED and FollowUp.objects.open().count() == 1
    assert AuditEntry.objects.filter(act=Action.RECORD_FOLLOW_UP).count() == 1


def test_a_check_nobody_planned_is_recorded_too(cast):
    with on(dt.date(2026, 4, 15)):
        assert look(cast).planned_on is None
        assert FollowUp.objects.open().count() == 2
        assert cast.problem.follow_up_on == dt.date(2026, 6, 30)


def test_the_problem_knows_the_next_that_is_planned(cast):
    first, second = sorted(FollowUp.objects.values_list("planned_on", flat=True))
    assert cast.problem.follow_up_on == first
    with on(first):
        look(cast)
        assert cast.problem.follow_up_on == second
        look(cast, outcome=Finding.RELAPSED, finding="又停了", deadline=dt.date(2026, 9, 30))
    assert cast.problem.follow_up_on is None and FollowUp.objects.left().count() == 0
    # What stands for good when it is entered has its day from the first.
    day = dt.date(2027, 3, 31)
    given = {"source": "public", "kind": Kind.STANDING, "status": Status.STANDING, "follow_up": day}
    assert (
        cast.problem.report.problems.get(
            pk=problems.add(cast.report, by=cast["office"], title="长期坚持", **given).pk
        ).follow_up_on
        == day
    )


@pytest.mark.parametrize("role", ["clerk", "unit_head", "leader", "stranger", "sysadmin", "auditor"])
def test_the_unit_does_not_look_at_itself(cast, role):
    with on(dt.date(2026, 6, 30)), pytest.raises(NotAllowed):
        look(cast, role)


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"finding": " "}, "finding"),
        ({"outcome": "nonsense"}, "outcome"),
        ({"done_on": dt.date(2026, 7, 1)}, "done_on"),
        ({"deadline": dt.date(2026, 12, 1)}, "deadline"),
        ({"outcome": Finding.RELAPSED, "deadline": dt.date(2026, 6, 1)}, "deadline"),
    ],
    ids=str,
)
def test_bad_input_is_refused_and_nothing_is_half_done(cast, fields, field):
    before = AuditEntry.objects.count()
    with on(dt.date(2026, 6, 30)), pytest.raises(Incomplete) as refusal:
        look(cast, **fields)
    assert refusal.value.field == field
    assert AuditEntry.objects.count() == before and not FollowUp.objects.done().exists()


def test_the_same_submit_twice_is_one_check(cast):
    with on(dt.date(2026, 6, 30)):
        assert look(cast, idempotency_key="once") == look(cast, idempotency_key="once")
        assert FollowUp.objects.done().count() == 1


def test_a_relapse_starts_round_two_and_leaves_round_one_and_its_figures(cast):
    before = figures(cast, dt.date(2026, 5, 31))
    with on(dt.date(2026, 6, 30)):
        look(cast, "inspector", outcome=Finding.RELAPSED, finding="又停了", deadline=dt.date(2026, 9, 30))
    problem = cast.problem
    assert (problem.status, problem.round, problem.closed_on) == (Status.IN_PROGRESS, 2, None)
    assert problem.deadline == problem.original_deadline == dt.date(2026, 9, 30)
    assert not FollowUp.objects.open().exists(), "what round one planned is void"
    assert problem.close_outs.get().decided_on == CLOSED_ON
    assert figures(cast, dt.date(2026, 5, 31)) == before
    entry = AuditEntry.objects.get(act=Action.RECORD_FOLLOW_UP)
    assert {change["field"] for change in entry.details["changes"]} >= {"status", "round", "closed_on"}


def figures(cast, day):
    states = cast.problem.states.at(day).with_light(day)
    trend = trends_selector.trend(Problem.objects.visible_to(cast["office"]), day)
    return [(state.light, state.closed_on, state.round) for state in states], trend


def test_round_two_needs_work_of_its_own_and_closes_once(cast):
    with on(dt.date(2026, 6, 30)):
        look(cast, outcome=Finding.RELAPSED, finding="反弹")
    with on(dt.date(2026, 7, 20)):
        with pytest.raises(Incomplete) as refusal:
            builders.applied(cast, cast.problem)
        assert refusal.value.missing == [
            "本轮还没有完成的措施",
            "本轮还没有进展记录",
            "本轮没有佐证材料",
        ]
        builders.finish_measure(cast, cast.problem, text="第二轮的措施")
        from rectify.operations import progress

        progress.add(cast.problem, by=cast["clerk"], text="第二轮完成")
        problem = builders.closed(cast, cast.problem)
        with pytest.raises(NotAllowed, match="已销号"):
            builders.applied(cast, problem)
    assert [(one.round, one.number) for one in problem.close_outs.all()] == [(1, 1), (2, 1)]
    assert problem.closed_on == dt.date(2026, 7, 20)


def test_reopening_needs_a_reason_an_office_and_a_fresh_page(cast):
    problem = cast.problem
    with on(dt.date(2026, 5, 1)):
        for role in ("clerk", "unit_head", "leader", "inspector"):
            with pytest.raises(NotAllowed):
                close_out.reopen(problem, by=cast[role], seen=problem.version, reason="再改")
        with pytest.raises(Incomplete, match="理由"):
            close_out.reopen(problem, by=cast["office"], seen=problem.version, reason="")
        with pytest.raises(Incomplete, match="晚于今天"):
            close_out.reopen(
                problem, by=cast["office"], seen=problem.version, reason="再改", deadline=CLOSED_ON
            )
        with pytest.raises(Stale):
            close_out.reopen(problem, by=cast["office"], seen=1, reason="再改")
        opened = close_out.reopen(problem, by=cast["office"], seen=problem.version, reason="群众反映")
        with pytest.raises(NotAllowed, match="不需要重新整改"):
            close_out.reopen(opened, by=cast["office"], seen=opened.version, reason="再来")
    assert (opened.round, opened.deadline, opened.original_deadline) == (2, None, None)
    builders.assign(cast, opened, deadline=dt.date(2099, 1, 1))
    assert cast.problem.original_deadline == dt.date(2099, 1, 1)


def test_months_and_interval_are_settings(cast):
    with on(dt.date(2026, 4, 1)):
        reports.edit_settings(
            cast.report, by=cast["office"], follow_up_months="1，12", standing_months=3, reason="统一"
        )
        with pytest.raises(Incomplete, match="月数"):
            reports.edit_settings(cast.report, by=cast["office"], follow_up_months="三个月", reason="错的")
        other = builders.assign(cast, Problem.objects.get(report=cast.report, number=2))
        closed = builders.closed(cast, builders.ready(cast, other))
    assert list(closed.follow_ups.values_list("planned_on", flat=True)) == [
        dt.date(2026, 5, 1),
        dt.date(2027, 4, 1),
    ]


def test_a_standing_item_is_looked_at_again_and_again(cast):
    with on(dt.date(2026, 4, 1)):
        other = builders.assign(cast, Problem.objects.get(report=cast.report, number=3))
        other = builders.ready(cast, other)
        assert other.kind == Kind.STANDING
        standing = builders.closed(cast, other, kind="standing")
        assert standing.status == Status.STANDING
    with on(dt.date(2026, 10, 1)):
        assert due(cast)[-1] == standing.pk
        close_out.record_follow_up(standing, by=cast["inspector"], finding="保持", outcome=Finding.HOLDS)
    dates = standing.follow_ups.values_list("planned_on", "outcome")
    assert list(dates) == [(dt.date(2026, 10, 1), Finding.HOLDS), (dt.date(2027, 4, 1), "")]
    light = Problem.objects.with_light(dt.date(2027, 1, 1)).get(pk=standing.pk).light
    assert light == RagStatus.STANDING, "neither overdue nor forgotten"


def test_an_open_item_needs_no_second_look(cast):
    other = Problem.objects.get(report=cast.report, number=2)
    with pytest.raises(NotAllowed, match="不需要回头看"):
        close_out.record_follow_up(other, by=cast["office"], finding="看看", outcome=Finding.HOLDS)


def test_a_withdrawn_standing_item_is_not_reopened(cast):
    with on(dt.date(2026, 4, 1)):
        other = builders.assign(cast, Problem.objects.get(report=cast.report, number=3))
        standing = builders.closed(cast, builders.ready(cast, other), kind="standing")
        gone = problems.withdraw(standing, by=cast["office"], seen=standing.version, reason="重复")
        with pytest.raises(NotAllowed, match="已撤回"):
            close_out.reopen(gone, by=cast["office"], seen=gone.version, reason="再改")
