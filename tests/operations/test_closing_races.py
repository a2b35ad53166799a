"""Two connections act on the same item at once: exactly one wins, the other is told, nothing is half-done."""

from __future__ import annotations

import threading
from collections.abc import Callable
from functools import partial
from typing import Any

import pytest
from django.db import close_old_connections, connection

from rectify.audit import verify
from rectify.choices import Action, Outcome, Role, Status, Step
from rectify.errors import Refusal
from rectify.models import AuditEntry, CloseOut, Extension, Problem
from rectify.operations import carry_over
from rectify.operations.closing import close_out, deadlines, decisions
from rectify.operations.closing.application import Answer
from rectify.policies.points import points_to_answer
from tests import builders

pytestmark = [
    pytest.mark.django_db(transaction=True, databases=["default", "snapshot"]),
    pytest.mark.xdist_group("races"),
]


@pytest.fixture
def cast() -> builders.Cast:
    made = builders.cast()
    made.people["head2"] = builders.account("head2", made.bureau, Role.UNIT_HEAD)
    made.people["clerk2"] = builders.account("clerk2", made.bureau, Role.CLERK)
    made.people["office2"] = builders.account("office2", made.county, Role.OFFICE)
    return made


def race(*acts: Callable[[], Any]) -> list[Any]:
    """Run the acts in threads of their own connection that start together; results or refusals."""
    barrier, results = threading.Barrier(len(acts)), [None] * len(acts)

    def run(place: int, act: Callable[[], Any]) -> None:
        close_old_connections()
        try:
            barrier.wait(timeout=30)
            results[place] = act()
        except Exception as error:
            results[place] = error
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=given) for given in enumerate(acts)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=60)
    return results


def one_won(results: list[Any]) -> Any:
    """Exactly one came through; the others were told in words."""
    lost = [one for one in results if isinstance(one, Exception)]
    assert all(isinstance(one, Refusal) and one.message for one in lost), results
    assert len(results) - len(lost) == 1, results
    return next(one for one in results if not isinstance(one, Exception))


def rounds(cast: builders.Cast, count: int) -> None:
    builders.ready(cast)
    for number in range(1, count + 1):
        problem = cast.problem
        clerk, other, head, head2 = (cast[role] for role in ("clerk", "clerk2", "unit_head", "head2"))
        answers = {point.number: Answer("已补齐") for point in points_to_answer(problem)}
        given: dict[str, Any] = {
            "seen": problem.version, "statement": f"第 {number} 次", "answers": answers,
        }  # fmt: skip
        application = one_won(
            race(
                partial(close_out.apply_close_out, problem, by=clerk, **given),
                partial(close_out.apply_close_out, problem, by=other, **given),
            )
        )
        one_won(
            race(
                partial(decisions.decide, application, step=Step.CONFIRM, by=head),
                partial(decisions.decide, application, step=Step.CONFIRM, by=head2),
            )
        )
        ended = one_won(
            race(
                partial(decisions.withdraw_application, application, by=clerk, reason="再补"),
                partial(
                    decisions.return_application,
                    application,
                    by=cast["office"],
                    step=Step.REVIEW,
                    comment="缺材料",
                ),
            )
        )
        assert ended.outcome in (Outcome.WITHDRAWN, Outcome.RETURNED)
        assert CloseOut.objects.count() == number and not CloseOut.objects.open().exists()
        assert cast.problem.status == Status.IN_PROGRESS
    assert AuditEntry.objects.filter(act=Action.APPLY_CLOSE_OUT).count() == count
    assert AuditEntry.objects.filter(act=Action.CONFIRM_CLOSE_OUT).count() == count
    assert not [fault for chain in verify.read_chains("default") for fault in chain.breaks]


@pytest.mark.ci
def test_twenty_rounds_of_two_at_once(cast):
    rounds(cast, 20)


@pytest.mark.long
def test_five_hundred_rounds_of_two_at_once(cast):
    rounds(cast, 500)


@pytest.mark.ci
def test_a_last_signature_and_a_return_at_once(cast):
    application = builders.applied(cast)
    application = decisions.decide(application, step=Step.CONFIRM, by=cast["unit_head"])
    application = decisions.decide(application, step=Step.REVIEW, by=cast["office"])
    leader = cast["leader"]
    one_won(
        race(
            lambda: decisions.decide(application, step=Step.SIGN, by=leader),
            lambda: decisions.return_application(application, by=leader, step=Step.SIGN, comment="再看看"),
        )
    )
    closed = cast.problem.status == Status.CLOSED
    assert cast.problem.follow_ups.count() == (2 if closed else 0)


@pytest.mark.ci
def test_two_extensions_and_two_carry_overs_at_once(cast):
    problem, clerk, other = cast.problem, cast["clerk"], cast["clerk2"]

    def ask(by: Any) -> Extension:
        given = {"new_date": cast.problem.deadline.replace(year=2100), "reason": "雨季", "progress": "一半"}
        return deadlines.apply_extension(problem, by=by, seen=problem.version, **given)

    application = one_won(race(lambda: ask(clerk), lambda: ask(other)))
    decisions.withdraw_application(application, by=application.applicant, reason="不延了")
    office, office2 = cast["office"], cast["office2"]
    one_won(
        race(
            lambda: carry_over.carry_over(cast.report, [problem], by=office, reason="结转"),
            lambda: carry_over.carry_over(cast.report, [problem], by=office2, reason="结转"),
        )
    )
    assert Problem.objects.filter(carried_from=problem).count() == 1


@pytest.mark.ci
def test_two_reopenings_at_once_start_one_round(cast):
    problem, office, office2 = builders.closed(cast), cast["office"], cast["office2"]
    one_won(
        race(
            lambda: close_out.reopen(problem, by=office, seen=problem.version, reason="反弹"),
            lambda: close_out.reopen(problem, by=office2, seen=problem.version, reason="反弹"),
        )
    )
    assert cast.problem.round == 2
