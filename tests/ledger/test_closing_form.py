"""Form E: who applied for the close-out and when, what the office and the leader said."""

from __future__ import annotations

import datetime as dt

import pytest

from rectify import clock
from rectify.choices import Step
from rectify.ledger.columns import COLUMN_SETS
from rectify.ledger.row_types import ProblemRow
from rectify.ledger.rows import ledger_rows
from rectify.models import CloseOut, Problem
from rectify.operations import purging
from rectify.operations.closing import close_out, decisions
from rectify.wording import date
from tests import builders
from tests.builders import Cast
from tests.filed import file_one

pytestmark = [pytest.mark.django_db, pytest.mark.sqlite]


@pytest.fixture
def made() -> Cast:
    return builders.cast()


def row_of(problem: Problem, on: dt.date | None = None) -> ProblemRow:
    rows = ledger_rows(Problem.objects.filter(pk=problem.pk), today=clock.today(), on=on, using="default")
    return next(rows)


def printed(row: ProblemRow) -> dict[str, str | int]:
    """The cells of the form by their headings."""
    step = row.measures[0]
    return {column.heading: column.get(row, step) for column in COLUMN_SETS["E"].columns}


def test_before_an_application_the_cells_are_left_for_the_pen(made: Cast) -> None:
    cells = printed(row_of(builders.ready(made)))
    assert not any(cells[name] for name in ("申请单位／时间", "审核意见", "验收意见", "销号时间", "签字"))


def test_the_whole_path_stands_in_the_form(made: Cast) -> None:
    day = date(clock.today())
    application = builders.applied(made)
    decisions.decide(application, step=Step.CONFIRM, by=made["unit_head"])
    decisions.decide(application, step=Step.REVIEW, by=made["office"], comment="佐证齐全，同意销号")
    cells = printed(row_of(made.problem))
    assert cells["申请单位／时间"] == f"乙县丙局\n{day}申请\n同意\n{made['unit_head'].label}\n{day}"
    assert cells["审核意见"] == f"佐证齐全，同意销号\n{made['office'].label}\n{day}"
    assert cells["验收意见"] == "" and cells["销号时间"] == "", "the leader has not signed"
    decisions.decide(application, step=Step.SIGN, by=made["leader"], comment="验收合格")
    cells = printed(row_of(made.problem))
    assert cells["验收意见"] == f"验收合格\n{made['leader'].label}\n{day}"
    assert cells["销号时间"] == day


def test_a_paper_names_its_signer_and_its_day(made: Cast) -> None:
    application = builders.applied(made)
    decisions.decide(application, step=Step.CONFIRM, by=made["unit_head"])
    decisions.decide(application, step=Step.REVIEW, by=made["office"])
    made.leader.user = None  # type: ignore[union-attr]
    made.leader.save()  # type: ignore[union-attr]
    decisions.decide(
        application,
        step=Step.SIGN,
        by=made["office"],
        signed_on=clock.today(),
        files=[builders.pdf("签字页.pdf")],
    )
    assert row_of(made.problem).acceptance == f"同意\n常务副县长\n{date(clock.today())}"


def test_a_return_is_told_and_a_new_application_takes_its_place(made: Cast) -> None:
    application = builders.applied(made)
    decisions.decide(application, step=Step.CONFIRM, by=made["unit_head"])
    decisions.return_application(application, by=made["office"], step=Step.REVIEW, comment="缺少验收单")
    row = row_of(made.problem)
    assert row.review.startswith("退回：缺少验收单\n") and "申请退回" in row.close_out
    builders.applied(made, made.problem)
    row = row_of(made.problem)
    assert row.applied.endswith("申请") and row.review == ""


def test_an_application_taken_back_and_an_earlier_round_say_nothing(made: Cast) -> None:
    application = builders.applied(made)
    decisions.withdraw_application(application, by=made["clerk"], reason="材料不全")
    assert row_of(made.problem).applied == ""
    problem = builders.closed(made, made.problem)
    assert row_of(problem).acceptance
    close_out.reopen(problem, by=made["office"], seen=problem.version, reason="问题反弹")
    row = row_of(problem)
    assert (row.applied, row.review, row.acceptance, row.closed) == ("", "", "", "")


def test_a_past_day_knows_no_later_opinion(made: Cast) -> None:
    application, day = builders.applied(made), clock.today()
    decisions.decide(application, step=Step.CONFIRM, by=made["unit_head"])
    with clock.pretend(clock.now() + dt.timedelta(days=2)):
        decisions.decide(application, step=Step.REVIEW, by=made["office"], comment="佐证齐全")
        assert row_of(made.problem).review.startswith("佐证齐全")
        then = row_of(made.problem, day)
    assert then.review == "" and "申请" in then.applied


def test_a_purged_opinion_leaves_the_form_and_the_filed_ledgers_that_print_it(made: Cast) -> None:
    application = builders.applied(made)
    decisions.decide(application, step=Step.CONFIRM, by=made["unit_head"], comment="同意")
    decisions.decide(application, step=Step.REVIEW, by=made["office"], comment="张某某身份证已核")
    quoting = file_one(made, code="AAAA-AAAA", review="张某某身份证已核\n整改办")
    other = file_one(made, code="BBBB-BBBB", remark="县领导同意")
    kept = CloseOut.objects.get(pk=application.pk)
    purge = purging.request(kept, by=made["office"], reason="误传个人信息")
    purging.confirm(purge, by=made["sysadmin"])
    assert "张某某" not in row_of(made.problem).review
    quoting.refresh_from_db()
    other.refresh_from_db()
    assert quoting.is_purged and not other.is_purged, "同意 elsewhere is no quotation"
