"""The table of rules: every act has its rule, and what is asked of many agrees with what is asked of one."""

from __future__ import annotations

import datetime as dt
import itertools

import pytest

from rectify import clock
from rectify.choices import Action, Role, Status, Step
from rectify.models import CloseOut, Extension, Problem, User
from rectify.operations.closing import deadlines
from rectify.policies import allowed, could, may
from rectify.policies.closing import STEP_ACTS
from rectify.policies.rules import RULES
from rectify.transitions import OPEN_FOR_WORK
from tests import builders
from tests.builders import Cast

pytestmark = pytest.mark.django_db

# Acts on a problem that a list may ask of all its rows.
OF_MANY = [
    *(Action.ADD_PROGRESS, Action.ADD_MEASURE, Action.ADD_PROBLEM, Action.EDIT_PROBLEM, Action.ASSIGN),
    *(Action.SET_STATUS, Action.WITHDRAW, Action.RESTORE, Action.CORRECT_DEADLINE, Action.EDIT_REPORT),
    *(Action.APPLY_CLOSE_OUT, Action.REOPEN, Action.RECORD_FOLLOW_UP, Action.ISSUE_SUPERVISION),
]


@pytest.fixture
def cast() -> Cast:
    """Problems of every status, with and without a date, withdrawn and carried; led and supported."""
    cast = builders.cast()
    first, day = cast.problem, clock.today() + dt.timedelta(days=30)
    locked = (Status.CLOSED, Status.IN_REVIEW, Status.FINISHED_BEFORE)
    kinds = [
        (status, withdrawn, carried)
        for status, withdrawn, carried in itertools.product(Status, (False, True), (False, True))
        if not (carried and status in locked)
    ]
    Problem.objects.bulk_create(
        Problem(
            report=cast.report,
            aspect=first.aspect,
            number=number,
            code=f"规则-{number}",
            title=f"事项 {number}",
            leader=cast.leader,
            lead_unit=cast.bureau,
            created_at=clock.now(),
            status=status,
            withdrawn=withdrawn,
            carried=carried,
            deadline=None if withdrawn else day,
            original_deadline=None if withdrawn else day,
            closed_on=clock.today() if status == Status.CLOSED else None,
        )
        for number, (status, withdrawn, carried) in enumerate(kinds, start=100)
    )
    supported = Problem.objects.get(number=100)
    supported.supporting_units.add(cast.bureau)
    Problem.objects.filter(pk=supported.pk).update(lead_unit=None)
    return cast


def everybody() -> list[User]:
    return list(User.objects.order_by("pk"))


def test_every_act_has_exactly_one_rule() -> None:
    assert list(RULES) and set(RULES) == set(Action.values)


@pytest.mark.parametrize("act", OF_MANY, ids=str)
def test_the_query_of_many_finds_what_each_one_allows(cast: Cast, act: str) -> None:
    problems = list(Problem.objects.order_by("pk"))
    outcomes = set()
    for user in everybody():
        one_by_one = [problem.pk for problem in problems if may(user, act, problem)]
        assert list(
            Problem.objects.filter(allowed(user, act)).order_by("pk").values_list("pk", flat=True)
        ) == (one_by_one), f"{user} {act}"
        outcomes |= {bool(one_by_one)}
    assert outcomes == {True, False}, "somebody may, and somebody may not"


@pytest.mark.parametrize("step", [Step.CONFIRM, Step.REVIEW, Step.SIGN], ids=str)
def test_the_applications_that_wait_for_a_person_are_those_each_may_decide(cast: Cast, step: str) -> None:
    open_now = Problem.objects.filter(status__in=OPEN_FOR_WORK[:3], withdrawn=False, carried=False).exclude(
        deadline=None
    )
    for problem in open_now.exclude(lead_unit=None):
        deadlines.apply_extension(
            problem,
            by=cast["clerk"],
            seen=problem.version,
            new_date=problem.deadline + dt.timedelta(days=9),
            reason="等批复。",
            progress="已报送。",
        )
    Extension.objects.update(waiting=step)
    Problem.objects.filter(pk=open_now.exclude(lead_unit=None).first().pk).update(withdrawn=True)
    act, whose = STEP_ACTS[Extension][step], {}
    for user in everybody():
        waiting = Extension.objects.filter(allowed(user, act)).order_by("pk")
        one_by_one = [row.pk for row in Extension.objects.order_by("pk") if may(user, act, row)]
        assert list(waiting.values_list("pk", flat=True)) == one_by_one, str(user)
        whose[user.username] = len(one_by_one)
    assert max(whose.values()) == Extension.objects.count() - 1, "all but the one that was withdrawn"
    assert not CloseOut.objects.filter(allowed(cast["office"], STEP_ACTS[CloseOut][step])).exists()


def test_a_rule_that_cannot_be_asked_of_many_says_so(cast: Cast) -> None:
    with pytest.raises(LookupError):
        allowed(cast["office"], Action.EDIT_MEASURE)


def test_a_closed_account_is_allowed_nothing(cast: Cast) -> None:
    office = cast["office"]
    assert Problem.objects.filter(allowed(office, Action.ASSIGN)).exists()
    office.is_active = False
    assert not Problem.objects.filter(allowed(office, Action.ASSIGN)).exists()


def test_who_could_bring_an_act(cast: Cast) -> None:
    able = {user.username for user in everybody() if could(user, Action.SET_STATUS)}
    roles = (Role.OFFICE, Role.UNIT_HEAD, Role.CLERK)
    assert able == {user.username for user in everybody() if user.has_role(*roles)}
    assert able and len(able) < len(everybody())
