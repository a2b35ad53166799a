"""A failure at any SQL statement of an act, or at its commit, leaves the database as it was before."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from django.core.management import call_command
from django.db import OperationalError, connection

from rectify.audit.chain import head_of
from rectify.choices import Step
from rectify.models import ProblemCause, Purge
from rectify.operations import measures, people, problems, progress, purging, reports
from rectify.operations.closing import close_out, decisions
from rectify.operations.exchange import exports
from rectify.operations.staffing.hand_over import hand_over as hand_over_all
from tests import builders

pytestmark = pytest.mark.django_db(transaction=True, databases=["default", "snapshot"])

FAULT = "injected"
MOST_STATEMENTS = 2000
Action = Callable[[], Any]
Maker = Callable[[builders.Cast], Action]


class Fault:
    """Fails at the nth statement: before it is carried out, or when it just was."""

    def __init__(self, at: int, after: bool) -> None:
        self.at, self.after = at, after
        self.seen = 0

    def __call__(self, execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        self.seen += 1
        if self.seen != self.at:
            return execute(sql, params, many, context)
        if self.after and not sql.startswith("BEGIN"):  # a transaction that began has not failed to begin
            execute(sql, params, many, context)
        raise OperationalError(FAULT)


@contextmanager
def failing_commit() -> Iterator[None]:
    original = connection._commit

    def fail() -> None:
        raise OperationalError(FAULT)

    connection._commit = fail
    try:
        yield
    finally:
        connection._commit = original


def contents() -> dict[str, list[tuple[Any, ...]]]:
    """Every row of every table."""
    rows = {}
    with connection.cursor() as cursor:
        for table in sorted(connection.introspection.django_table_names(only_existing=True)):
            cursor.execute(f"SELECT * FROM {connection.ops.quote_name(table)}")
            rows[table] = sorted(cursor.fetchall(), key=repr)
    return rows


# -- the acts ------------------------------------------------------------------------------------------


def assign(cast: builders.Cast) -> Action:
    problem, office = cast.problem, cast["office"]
    return lambda: problems.assign(
        problem,
        by=office,
        seen=problem.version,
        responsible="副局长",
        supporting_units=[cast.other_bureau],
        reason="增加配合单位",
    )


def add_progress(cast: builders.Cast) -> Action:
    problem, clerk = cast.problem, cast["clerk"]
    return lambda: progress.add(
        problem,
        by=clerk,
        text="印发方案",
        percent=30,
        files=[builders.pdf(), builders.pdf()],
        idempotency_key="once",
    )


def edit_problem(cast: builders.Cast) -> Action:
    problem, office = cast.problem, cast["office"]
    return lambda: problems.edit(problem, by=office, seen=problem.version, goal="形成制度", reason="明确目标")


def add_problem(cast: builders.Cast) -> Action:
    office = cast["office"]
    return lambda: problems.add(cast.report, by=office, title="停车难", idempotency_key="once")


def set_status(cast: builders.Cast) -> Action:
    problem, clerk = cast.problem, cast["clerk"]
    return lambda: problems.set_status(problem, by=clerk, seen=problem.version, status="in_progress")


def withdraw(cast: builders.Cast) -> Action:
    problem, office = cast.problem, cast["office"]
    return lambda: problems.withdraw(problem, by=office, seen=problem.version, reason="重复")


def restore(cast: builders.Cast) -> Action:
    withdraw(cast)()
    problem, office = cast.problem, cast["office"]
    return lambda: problems.restore(problem, by=office, seen=problem.version, reason="并非重复")


def decide_link(cast: builders.Cast) -> Action:
    link, office = cast.problem.direction_links.get(), cast["office"]
    return lambda: problems.decide_link(link, by=office, confirm=True, reason="内容一致")


def reject_link(cast: builders.Cast) -> Action:
    link, office = ProblemCause.objects.get(problem=cast.problem), cast["office"]
    return lambda: problems.decide_link(link, by=office, confirm=False, reason="并不对应")


def add_measure(cast: builders.Cast) -> Action:
    problem, clerk = cast.problem, cast["clerk"]
    day = dt.date(2099, 5, 1)
    return lambda: measures.add(problem, by=clerk, text="每月研讨一次", deadline=day, idempotency_key="once")


def edit_measure(cast: builders.Cast) -> Action:
    measure, clerk = add_measure(cast)(), cast["clerk"]
    return lambda: measures.edit(measure, by=clerk, seen=measure.version, text="每季研讨一次")


def finish_measure(cast: builders.Cast) -> Action:
    measure, clerk = add_measure(cast)(), cast["clerk"]
    return lambda: measures.finish(
        measure, by=clerk, seen=measure.version, result="已成制度", files=[builders.pdf()]
    )


def drop_measure(cast: builders.Cast) -> Action:
    measure, clerk = add_measure(cast)(), cast["clerk"]
    return lambda: measures.drop(measure, by=clerk, seen=measure.version, reason="并入上一条")


def correct_note(cast: builders.Cast) -> Action:
    note, clerk = add_progress(cast)(), cast["clerk"]
    return lambda: progress.correct(note, by=clerk, text="印发通知", reason="写错", files=[builders.pdf()])


def apply_close_out(cast: builders.Cast) -> Action:
    problem, clerk = builders.ready(cast), cast["clerk"]
    return lambda: close_out.apply_close_out(
        problem, by=clerk, seen=problem.version, statement="措施全部完成"
    )


def sign_close_out(cast: builders.Cast) -> Action:
    application = decisions.decide(builders.applied(cast), step=Step.CONFIRM, by=cast["unit_head"])
    application = decisions.decide(application, step=Step.REVIEW, by=cast["office"])
    leader = cast["leader"]
    return lambda: decisions.decide(application, step=Step.SIGN, by=leader)


def sign_extension(cast: builders.Cast) -> Action:
    application = decisions.decide(builders.asked_later(cast), step=Step.CONFIRM, by=cast["unit_head"])
    application = decisions.decide(application, step=Step.REVIEW, by=cast["office"])
    leader = cast["leader"]
    return lambda: decisions.decide(application, step=Step.SIGN, by=leader)


def hand_over(cast: builders.Cast) -> Action:
    for number in (2, 3):
        builders.assign(cast, cast.report.problems.get(number=number))
    giver, office, taker = cast["clerk"], cast["office"], cast["unit_head"]
    return lambda: hand_over_all(giver, by=office, taker=taker, reason="岗位调整")


def request_purge(cast: builders.Cast) -> Action:
    note, office = add_progress(cast)(), cast["office"]
    return lambda: purging.request(note, by=office, reason="误传个人信息")


def confirm_purge(cast: builders.Cast) -> Action:
    request_purge(cast)()
    purge, second = Purge.objects.get(), cast["sysadmin"]
    return lambda: purging.confirm(purge, by=second)


def refuse_purge(cast: builders.Cast) -> Action:
    request_purge(cast)()
    purge, second = Purge.objects.get(), cast["sysadmin"]
    return lambda: purging.refuse(purge, by=second, reason="并非个人信息")


def load_report(cast: builders.Cast) -> Action:
    office = cast["office"]
    outline = reports.Outline.from_dict(builders.OUTLINE)
    return lambda: reports.load(outline, by=office, unit=cast.county, year=2026, title="另一份")


def edit_settings(cast: builders.Cast) -> Action:
    office = cast["office"]
    return lambda: reports.edit_settings(cast.report, by=office, due_soon_days=10)


def add_account(cast: builders.Cast) -> Action:
    admin = cast["sysadmin"]
    posts = [(cast.bureau, "clerk")]
    return lambda: people.add_account(
        by=admin, username="new", name="丙局 新人", password="x", memberships=posts
    )


def set_password(cast: builders.Cast) -> Action:
    clerk, admin = cast["clerk"], cast["sysadmin"]
    return lambda: people.set_password(clerk, by=admin, password="ce-shi-mi-ma-5")


def record_export(cast: builders.Cast) -> Action:
    office, head = cast["office"], head_of(cast.report)
    facts = {"columns": "A", "selection": "", "problems": 3, "sha256": "0" * 64, "head": head}
    return lambda: exports.record(cast.report, by=office, as_of=dt.date(2025, 1, 1), **facts)


ORDINARY: list[Maker] = [assign, add_progress]
REST: list[Maker] = [
    add_account,
    add_measure,
    add_problem,
    confirm_purge,
    correct_note,
    decide_link,
    drop_measure,
    edit_measure,
    edit_problem,
    edit_settings,
    finish_measure,
    hand_over,
    load_report,
    record_export,
    refuse_purge,
    apply_close_out,
    sign_close_out,
    sign_extension,
    reject_link,
    request_purge,
    restore,
    set_password,
    set_status,
    withdraw,
]


@pytest.mark.ci
@pytest.mark.parametrize("after", [False, True], ids=["before", "after"])
@pytest.mark.parametrize(
    "maker",
    [*ORDINARY, *(pytest.param(maker, marks=pytest.mark.long) for maker in REST)],
    ids=lambda maker: maker.__name__,
)
def test_a_fault_at_any_statement_changes_nothing(maker: Maker, after: bool):
    act = maker(builders.cast())
    before = contents()
    statements = 0
    while broken_at(act, statements + 1, after):
        statements += 1
        assert contents() == before, f"statement {statements} of {maker.__name__}"
        if statements % 10 == 1:
            call_command("verify_audit")
    assert statements > 3, "the act was never disturbed"
    assert contents() != before
    call_command("verify_audit")


def broken_at(act: Action, number: int, after: bool) -> bool:
    """Whether the act failed at that statement; False when it has fewer, and was carried out whole."""
    assert number < MOST_STATEMENTS
    fault = Fault(number, after)
    try:
        with connection.execute_wrapper(fault):
            act()
    except OperationalError as error:
        assert str(error) == FAULT
        return True
    assert fault.seen < number
    return False


@pytest.mark.ci
@pytest.mark.parametrize("maker", ORDINARY, ids=lambda maker: maker.__name__)
def test_a_failing_commit_changes_nothing(maker: Maker):
    act = maker(builders.cast())
    before = contents()
    with failing_commit(), pytest.raises(OperationalError, match=FAULT):
        act()
    assert contents() == before
    act()
    assert contents() != before
    call_command("verify_audit")
