"""The life of several items: random acts by random people at random dates, and what must always hold."""

from __future__ import annotations

import contextlib
import datetime as dt
from collections import Counter
from itertools import pairwise
from typing import Any

import pytest
from django.db import transaction
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from rectify import clock
from rectify.audit import verify as verification
from rectify.choices import Action, Finding, Outcome, Status, Step
from rectify.errors import Refusal
from rectify.models import AuditEntry, CloseOut, Extension, Problem, ProblemState, ProgressNote
from rectify.operations import carry_over, measures, problems, progress, rollups
from rectify.operations.closing import close_out, deadlines, decisions
from rectify.policies import may
from rectify.policies.closing import STEP_ACTS, kinds
from rectify.policies.closing_needs import lacking
from rectify.selectors.dashboard.trends import trend
from rectify.selectors.problem_filter import ProblemFilter
from tests import builders

PEOPLE = ("office", "office2", "leader", "unit_head", "clerk", "clerk2", "inspector", "stranger")
WHO, NUMBER = st.sampled_from(PEOPLE), st.integers(1, 3)
MOSTLY = st.sampled_from([True, True, True, False])
AFTERWARDS = st.sampled_from([*Finding.values, "reopen"])
# Every status a problem may come from, by the status it is in: what no act may ever break.
LEGAL = {
    Status.NOT_STARTED: {Status.IN_PROGRESS, Status.MOSTLY_DONE},
    Status.IN_PROGRESS: {
        Status.NOT_STARTED,
        Status.MOSTLY_DONE,
        Status.IN_REVIEW,
        Status.CLOSED,
        Status.STANDING,
    },
    Status.MOSTLY_DONE: {Status.NOT_STARTED, Status.IN_PROGRESS, Status.IN_REVIEW},
    Status.IN_REVIEW: {Status.IN_PROGRESS, Status.MOSTLY_DONE},
    Status.CLOSED: {Status.IN_REVIEW},
    Status.STANDING: {Status.IN_REVIEW},
}
# How often each act was carried out: a walk that only meets refusals proves nothing.
DONE: Counter[str] = Counter()
START = dt.datetime(2026, 1, 5, 2, tzinfo=dt.UTC)


class Life(RuleBasedStateMachine):
    """Acts are tried by whoever; a refusal is fine, a half-done or wrong change is not."""

    steps = 0

    @initialize()
    def begin(self) -> None:
        self.now = START
        self.past: dict[dt.date, Any] = {}
        self.clock = contextlib.ExitStack()
        self.clock.enter_context(clock.pretend(self.now))
        self.cast = builders.cast()
        for name, role, unit in (
            ("office2", "office", self.cast.county),
            ("clerk2", "clerk", self.cast.bureau),
        ):
            self.cast.people[name] = builders.account(name, unit, role)
        for number in (1, 2, 3):
            problem = Problem.objects.get(report=self.cast.report, number=number)
            problem = builders.assign(self.cast, problem) if number > 1 else problem
            deadline = dt.date(2026, 1 + number, 15)
            problem = builders.assign(self.cast, problem, deadline=deadline)
            if number < 3:
                builders.ready(self.cast, problem)
        rollups.refresh()

    def teardown(self) -> None:
        if hasattr(self, "clock"):
            # From wherever chance has led, the right people bring the first item to its end and beyond.
            for _ in range(9):
                self.go_on(1, True, Finding.RELAPSED)
            self.steps = 0
            for holds in (
                self.no_illegal_transition,
                self.nobody_decides_on_their_own,
                self.the_past_stays,
                self.what_waits_is_what_may_be_done,
                self.verify,
            ):
                holds()
            self.clock.close()

    def problem(self, number: int) -> Problem:
        related = ("report__unit", "report__settings", "leader__user", "lead_unit", "clerk")
        return Problem.objects.select_related(*related).get(report=self.cast.report, number=number)

    def attempt(self, act: Any) -> None:
        """One act: either refused and nothing changed, or done with exactly one entry for each change."""
        before = self.rows()
        entries = AuditEntry.objects.count()
        try:
            act()
        except Refusal as refusal:
            assert refusal.message
            assert self.rows() == before and AuditEntry.objects.count() == entries
        else:
            changed = self.rows() != before
            assert AuditEntry.objects.count() - entries == (1 if changed else 0)
            if changed:
                DONE[AuditEntry.objects.latest("pk").act] += 1

    def rows(self) -> tuple:
        models = (Problem, ProblemState, CloseOut, Extension)
        rows = [tuple(model.objects.order_by("pk").values_list()) for model in models]
        return (*rows, ProgressNote.objects.count(), self.looks())

    def looks(self) -> tuple:
        return tuple(self.problem(n).follow_ups.done().count() for n in (1, 2, 3))

    # -- time -----------------------------------------------------------------------------------------

    @rule(days=st.integers(1, 40))
    def time_passes(self, days: int) -> None:
        today = clock.today()
        self.past[today] = self.figures(today)
        self.now += dt.timedelta(days=days)
        self.clock.close()
        self.clock.enter_context(clock.pretend(self.now))
        rollups.refresh()

    @precondition(lambda self: hasattr(self, "cast"))
    @rule(hours=st.integers(1, 30))
    def the_clock_jumps_back(self, hours: int) -> None:
        with clock.pretend(self.now - dt.timedelta(hours=hours)):
            problem = self.problem(1)
            self.attempt(lambda: progress.add(problem, by=self.cast["clerk"], text="钟走慢了"))
        # What was written with the slow clock may lie in a day already told; that day is told anew.
        slow = clock.day_of(self.now - dt.timedelta(hours=hours))
        self.past = {day: self.figures(day) if day >= slow else told for day, told in self.past.items()}

    def figures(self, day: dt.date) -> Any:
        seen = Problem.objects.visible_to(self.cast["office"])
        states = ProblemState.objects.at(day).with_light(day).order_by("problem", "pk")
        rows = [(one.problem_id, one.light, one.status, one.round, one.deadline) for one in states]
        return rows, [(point.day, point.closed, point.overdue) for point in trend(seen, day, weeks=3)]

    # -- acts -----------------------------------------------------------------------------------------

    @rule(who=WHO, number=NUMBER, status=st.sampled_from(Status.values))
    def set_status(self, who: str, number: int, status: str) -> None:
        one = self.problem(number)
        self.attempt(lambda: problems.set_status(one, by=self.cast[who], seen=one.version, status=status))

    @rule(who=WHO, number=NUMBER)
    def finish_work(self, who: str, number: int) -> None:
        one = self.problem(number)
        with contextlib.suppress(Refusal):
            measure = measures.add(one, by=self.cast[who], text="再做一条")
            measures.finish(
                measure, by=self.cast[who], seen=measure.version, result="做了", files=[builders.pdf()]
            )
            progress.add(one, by=self.cast[who], text="做完一条")

    @rule(who=WHO, number=NUMBER, kind=st.sampled_from(["close", "standing"]))
    def apply(self, who: str, number: int, kind: str) -> None:
        one = self.problem(number)
        self.attempt(
            lambda: close_out.apply_close_out(
                one, by=self.cast[who], seen=one.version, statement="改完了", kind=kind
            )
        )

    @rule(who=WHO, number=NUMBER, passes=st.booleans(), model=st.sampled_from([CloseOut, Extension]))
    def decide(self, who: str, number: int, passes: bool, model: Any) -> None:
        application = model.objects.filter(problem=self.problem(number)).order_by("-pk").first()
        if application is None:
            return
        step = application.waiting or Step.SIGN
        given: dict[str, Any] = {"by": self.cast[who], "step": step}
        if passes:
            self.attempt(lambda: decisions.decide(application, **given))
        else:
            self.attempt(lambda: decisions.return_application(application, comment="再改", **given))

    @rule(number=NUMBER, passes=MOSTLY)
    def the_holder_decides(self, number: int, passes: bool) -> None:
        """Whoever may, does: so that the random walk also gets to the end of the path."""
        for model in (CloseOut, Extension):
            application = model.objects.open().filter(problem=self.problem(number)).first()
            for who in PEOPLE:
                if application and may(self.cast[who], STEP_ACTS[model][application.waiting], application):
                    self.decide(who, number, passes, model)
                    break

    @rule(number=NUMBER, passes=MOSTLY, then=AFTERWARDS)
    def go_on(self, number: int, passes: bool, then: str) -> None:
        """The next sensible act by the right person: so that the walk gets through whole lives."""
        one = self.problem(number)
        if one.status == Status.IN_REVIEW:
            self.the_holder_decides(number, passes)
        elif one.status in (Status.CLOSED, Status.STANDING) and then == "reopen":
            self.reopen("office", number)
        elif one.status in (Status.CLOSED, Status.STANDING):
            self.look_again("inspector", number, then)
        elif one.status == Status.NOT_STARTED:
            self.set_status("clerk", number, Status.IN_PROGRESS)
        elif lacking(one):
            self.finish_work("clerk", number)
        else:
            self.apply("clerk", number, kinds(one)[0])

    @rule(passes=MOSTLY, then=AFTERWARDS)
    def go_on_with_the_first(self, passes: bool, then: str) -> None:
        self.go_on(1, passes, then)

    @rule(passes=MOSTLY)
    def go_on_with_the_dates(self, passes: bool) -> None:
        if Extension.objects.open().filter(problem=self.problem(2)).exists():
            self.the_holder_decides(2, passes)
        else:
            self.ask_for_time("clerk", 2, 60)

    @rule(who=WHO, number=NUMBER)
    def withdraw(self, who: str, number: int) -> None:
        application = CloseOut.objects.filter(problem=self.problem(number)).order_by("-pk").first()
        if application:
            self.attempt(
                lambda: decisions.withdraw_application(application, by=self.cast[who], reason="再补材料")
            )

    @rule(who=WHO, number=NUMBER, days=st.integers(-20, 90))
    def ask_for_time(self, who: str, number: int, days: int) -> None:
        one = self.problem(number)
        new_date = (one.deadline or clock.today()) + dt.timedelta(days=days)
        given = {"by": self.cast[who], "seen": one.version, "reason": "雨季", "progress": "一半"}
        self.attempt(lambda: deadlines.apply_extension(one, new_date=new_date, **given))

    @rule(who=WHO, number=NUMBER, days=st.integers(-20, 20))
    def correct(self, who: str, number: int, days: int) -> None:
        one = self.problem(number)
        day = (one.deadline or clock.today()) + dt.timedelta(days=days)
        given = {"by": self.cast[who], "seen": one.version, "reason": "录错"}
        self.attempt(lambda: deadlines.correct(one, deadline=day, **given))

    @rule(who=WHO, number=NUMBER)
    def reopen(self, who: str, number: int) -> None:
        one = self.problem(number)
        self.attempt(lambda: close_out.reopen(one, by=self.cast[who], seen=one.version, reason="再改"))

    @rule(who=WHO, number=NUMBER, outcome=st.sampled_from(Finding.values))
    def look_again(self, who: str, number: int, outcome: str) -> None:
        one = self.problem(number)
        self.attempt(
            lambda: close_out.record_follow_up(one, by=self.cast[who], finding="看过", outcome=outcome)
        )

    @rule(who=WHO, number=NUMBER)
    def carry_away(self, who: str, number: int) -> None:
        one = self.problem(number)
        if self.now < START + dt.timedelta(days=60):
            return
        try:
            carry_over.carry_over(self.cast.report, [one], by=self.cast[who], reason="结转")
        except Refusal:
            assert self.problem(number).carried == one.carried
        else:
            assert not one.carried and self.problem(number).carried

    # -- what always holds ----------------------------------------------------------------------------

    @invariant()
    def no_illegal_transition(self) -> None:
        if not hasattr(self, "cast"):
            return
        for number in (1, 2, 3):
            states = list(self.problem(number).states.order_by("valid_from").values_list("status", "round"))
            for (was, turn), (now, next_turn) in pairwise(states):
                assert now == was or was in LEGAL[Status(now)], f"{was} → {now}"
                assert next_turn == turn + (was in ("closed", "standing") and now == "in_progress")

    @invariant()
    def nobody_decides_on_their_own(self) -> None:
        for model in (CloseOut, Extension):
            for application in model.objects.prefetch_related("steps"):
                deciders = [step.by_id for step in application.steps.all() if step.step != Step.APPLY]
                assert application.applicant_id not in deciders and len(deciders) == len(set(deciders))
                if application.outcome == Outcome.PASSED:
                    assert len({application.applicant_id, *deciders}) >= 2
                    assert len(deciders) == len(application.path_steps)

    @invariant()
    def the_past_stays(self) -> None:
        if self.steps % 4:
            return
        for day, told in list(getattr(self, "past", {}).items())[-3:]:
            assert self.figures(day) == told, f"figures of {day} changed"

    @invariant()
    def what_waits_is_what_may_be_done(self) -> None:
        if not hasattr(self, "cast") or self.steps % 2:
            return
        for who in ("office", "leader", "unit_head"):
            for step in (Step.CONFIRM, Step.REVIEW, Step.SIGN):
                listed = {one.pk for one in ProblemFilter.of(self.cast[who], f"todo={step}").qs}
                able = {
                    application.problem_id
                    for model in (CloseOut, Extension)
                    for application in model.objects.open().filter(waiting=step)
                    if may(self.cast[who], STEP_ACTS[model][step], application)
                }
                assert listed == able, (who, step)

    @invariant()
    def the_record_agrees(self) -> None:
        self.steps += 1
        if self.steps % 6 == 0:
            self.verify()

    def verify(self) -> None:
        faults = [fault for chain in verification.read_chains("default") for fault in chain.breaks]
        assert not faults, [str(fault) for fault in faults]


SHORT = settings(
    max_examples=4,
    stateful_step_count=25,
    deadline=None,
    derandomize=True,
    suppress_health_check=list(HealthCheck),
)
# The same walks every time: what they must have met cannot depend on luck.
LONG = settings(SHORT, max_examples=20, stateful_step_count=50)


def play(how: settings) -> None:
    """Examples of the machine, each rolled back: the rows of one life never meet another's."""

    class InOwnTransaction(Life):
        def __init__(self) -> None:
            super().__init__()
            self.frame = transaction.atomic()
            self.frame.__enter__()

        def teardown(self) -> None:
            super().teardown()
            transaction.set_rollback(True)
            self.frame.__exit__(None, None, None)

    run_state_machine_as_test(InOwnTransaction, settings=how)


@pytest.mark.ci
@pytest.mark.sqlite
@pytest.mark.django_db
def test_the_life_of_items_keeps_every_rule() -> None:
    DONE.clear()
    play(SHORT)
    needed = {Action.APPLY_CLOSE_OUT, Action.SIGN_CLOSE_OUT, Action.RECORD_FOLLOW_UP, Action.APPLY_EXTENSION}
    assert needed <= set(DONE), DONE


@pytest.mark.long
@pytest.mark.django_db
def test_many_lives_keep_every_rule() -> None:
    DONE.clear()
    play(LONG)
    needed = {
        *(Action.APPLY_CLOSE_OUT, Action.CONFIRM_CLOSE_OUT, Action.REVIEW_CLOSE_OUT, Action.SIGN_CLOSE_OUT),
        *(Action.RETURN_CLOSE_OUT, Action.RECORD_FOLLOW_UP),
        *(Action.APPLY_EXTENSION, Action.SIGN_EXTENSION, Action.RETURN_EXTENSION, Action.CORRECT_DEADLINE),
    }
    assert needed <= set(DONE), needed - set(DONE)
