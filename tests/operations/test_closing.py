"""Close-out: applied for by the unit, decided by others; what each step leaves, and what is refused."""

from __future__ import annotations

import datetime as dt

import pytest
from django.db import IntegrityError, transaction

from rectify import clock
from rectify.choices import Action, CloseKind, Kind, Outcome, ReviewPath, Role, Status, Step
from rectify.errors import Incomplete, NotAllowed, Stale, WrongState
from rectify.models import AuditEntry, CloseOut, CloseOutStep, Evidence, Measure, Problem, User
from rectify.operations import measures, people, problems, progress, reports
from rectify.operations.closing import close_out, deadlines, decisions
from rectify.operations.closing.application import Answer
from rectify.policies import may
from rectify.policies.offers import offered
from tests import builders

pytestmark = pytest.mark.django_db


WORLD = builders.cast


def entries(cast: builders.Cast, act: str) -> int:
    return AuditEntry.objects.filter(report=cast.report, act=act).count()


# -- applying --------------------------------------------------------------------------------------


def test_an_application_locks_the_problem_and_waits_for_the_unit_head(cast):
    application = builders.applied(cast)
    problem = cast.problem
    assert problem.status == Status.IN_REVIEW and problem.states.last().status == Status.IN_REVIEW
    assert (application.round, application.number, application.waiting) == (1, 1, Step.CONFIRM)
    assert (application.applicant, application.deadline) == (cast["clerk"], dt.date(2099, 6, 30))
    assert entries(cast, Action.APPLY_CLOSE_OUT) == 1
    with pytest.raises(NotAllowed, match="撤回申请"):
        progress.add(problem, by=cast["clerk"], text="补一句")


def test_what_is_missing_is_listed_in_one_go(cast):
    problem = problems.set_status(
        cast.problem, by=cast["clerk"], seen=cast.problem.version, status=Status.IN_PROGRESS
    )
    measures.add(problem, by=cast["clerk"], text="未完成的")
    done = measures.add(problem, by=cast["clerk"], text="没有佐证的")
    measures.finish(done, by=cast["clerk"], seen=done.version, result="做了")
    with pytest.raises(Incomplete) as refusal:
        builders.applied(cast, Problem.objects.get(pk=problem.pk))
    assert refusal.value.missing == [
        "1 项措施未完成（措施 1）",
        "1 项措施缺佐证（措施 2）",
        "本轮没有佐证材料",
    ]
    assert cast.problem.status == Status.IN_PROGRESS and not CloseOut.objects.exists()
    offer = next(one for one in offered(cast["clerk"], cast.problem) if one.act == Action.APPLY_CLOSE_OUT)
    assert offer.allowed and offer.label == "申请销号（还差 3 处）"  # the page mends them


def test_a_lasting_measure_needs_the_name_and_number_of_its_rule(cast):
    problem = builders.ready(cast)
    measure = measures.add(problem, by=cast["clerk"], text="建立制度", kind="lasting")
    given = {"by": cast["clerk"], "seen": measure.version, "result": "已印发", "files": [builders.pdf()]}
    with pytest.raises(Incomplete, match="制度名称"):
        measures.finish(measure, **given)
    with pytest.raises(Incomplete, match="文号"):
        measures.finish(measure, rule_name="学习制度", **given)
    done = measures.finish(measure, rule_name="学习制度", rule_number="县委办〔2025〕3号", **given)
    assert (done.rule_name, done.states.last().rule_number) == ("学习制度", "县委办〔2025〕3号")
    assert builders.applied(cast, Problem.objects.get(pk=problem.pk)).is_open


def test_a_rule_that_was_left_out_earlier_is_missing_and_can_be_added(cast):
    problem = builders.ready(cast)
    measure = measures.add(problem, by=cast["clerk"], text="建立制度", kind="now")
    measure = measures.finish(
        measure, by=cast["clerk"], seen=measure.version, result="已印发", files=[builders.pdf()]
    )
    Measure.objects.filter(pk=measure.pk).update(kind="lasting")  # as an older version left it
    with pytest.raises(Incomplete) as refusal:
        builders.applied(cast, Problem.objects.get(pk=problem.pk))
    assert refusal.value.missing == ["1 项长久立措施缺制度成果（措施 2）"]
    measure.refresh_from_db()
    with pytest.raises(NotAllowed):
        measures.add_rule(measure, by=cast["leader"], seen=measure.version, rule_name="甲", rule_number="无")
    measures.add_rule(measure, by=cast["clerk"], seen=measure.version, rule_name="甲制度", rule_number="无")
    assert builders.applied(cast, Problem.objects.get(pk=problem.pk)).is_open
    assert entries(cast, Action.ADD_RULE) == 1


@pytest.mark.parametrize("role", [Role.LEADER, Role.INSPECTOR, Role.SYSADMIN, Role.AUDITOR, "stranger"])
def test_only_the_lead_unit_applies(cast, role):
    problem = builders.ready(cast)
    with pytest.raises(NotAllowed):
        close_out.apply_close_out(problem, by=cast[role], seen=problem.version, statement="改完了")
    assert not CloseOut.objects.exists()


def test_nothing_is_applied_for_before_work_began(cast):
    with pytest.raises(Incomplete, match="还差"):
        builders.applied(cast, cast.problem)


def test_the_first_measure_puts_an_item_under_way_and_no_open_form_goes_stale(cast, run):
    problem = cast.problem
    assert problem.status == Status.NOT_STARTED
    measures.add(problem, by=cast["clerk"], text="印发方案")
    assert cast.problem.status == Status.IN_PROGRESS and cast.problem.version == problem.version
    assert cast.problem.states.current().get().status == Status.IN_PROGRESS
    problems.edit(problem, by=cast["office"], seen=problem.version, remark="旧页面也能保存")
    assert cast.problem.status == Status.IN_PROGRESS and run("verify_audit")
    given = {"by": cast["office"], "seen": cast.problem.version, "status": Status.NOT_STARTED}
    problem = problems.set_status(cast.problem, **given)
    progress.add(problem, by=cast["clerk"], text="又开始了")
    assert cast.problem.status == Status.IN_PROGRESS


def test_a_stale_page_and_an_empty_statement_are_refused(cast):
    problem = builders.ready(cast)
    with pytest.raises(Incomplete, match="整改完成情况"):
        builders.applied(cast, problem, statement="  ")
    with pytest.raises(Incomplete, match="最多"):
        builders.applied(cast, problem, statement="长" * 5001)
    problems.edit(problem, by=cast["office"], seen=problem.version, remark="改过")
    with pytest.raises(Stale):
        builders.applied(cast, problem)
    assert not CloseOut.objects.exists()


def test_the_same_submit_twice_is_one_application(cast):
    problem = builders.ready(cast)
    first = builders.applied(cast, problem, idempotency_key="same")
    again = builders.applied(cast, problem, idempotency_key="same")
    assert first == again and CloseOut.objects.count() == 1


def test_a_pending_extension_stands_in_the_way(cast):
    problem = builders.ready(cast)
    builders.asked_later(cast, problem)
    with pytest.raises(Incomplete) as refusal:
        builders.applied(cast, problem)
    assert refusal.value.missing == ["延期申请还在办理"]


# -- the reviewed path -----------------------------------------------------------------------------


@pytest.mark.parametrize("role", ["clerk", "office", "leader", "inspector", "auditor", "stranger"])
def test_each_step_belongs_to_its_holder(cast, role):
    application = builders.applied(cast)
    with pytest.raises(NotAllowed):
        decisions.decide(application, step=Step.CONFIRM, by=cast[role])
    application.refresh_from_db()
    assert application.waiting == Step.CONFIRM and application.steps.count() == 1


def test_a_step_out_of_turn_is_refused(cast):
    application = builders.applied(cast)
    with pytest.raises(WrongState, match="还没有轮到"):
        decisions.decide(application, step=Step.SIGN, by=cast["leader"])
    decisions.decide(application, step=Step.CONFIRM, by=cast["unit_head"])
    with pytest.raises(WrongState, match="已由乙县丙局单位负责人办理"):
        decisions.decide(application, step=Step.CONFIRM, by=cast["unit_head"])


def test_nobody_acts_on_their_own_application(cast):
    problem = builders.ready(cast)
    application = close_out.apply_close_out(
        problem, by=cast["office"], seen=problem.version, statement="由整改办代为申请"
    )
    application = decisions.decide(application, step=Step.CONFIRM, by=cast["unit_head"])
    with pytest.raises(NotAllowed, match="您自己提交的"):
        decisions.decide(application, step=Step.REVIEW, by=cast["office"])
    other = builders.account("office2", cast.county, Role.OFFICE)
    assert decisions.decide(application, step=Step.REVIEW, by=other).waiting == Step.SIGN


def test_the_database_itself_refuses_a_self_review_and_a_second_step(cast):
    application = builders.applied(cast)
    facts = {"application": application, "applicant": cast["clerk"], "at": clock.now(), "role": Role.CLERK}
    with pytest.raises(IntegrityError), transaction.atomic():
        CloseOutStep.objects.create(
            step=Step.REVIEW, outcome="pass", by=cast["clerk"], by_label="我", **facts
        )
    decisions.decide(application, step=Step.CONFIRM, by=cast["unit_head"])
    with pytest.raises(IntegrityError), transaction.atomic():
        CloseOutStep.objects.create(
            step=Step.SIGN, outcome="pass", by=cast["unit_head"], by_label="又是我", **facts
        )
    with pytest.raises(IntegrityError), transaction.atomic():
        CloseOut.objects.create(
            problem=cast.problem,
            round=1,
            number=2,
            applicant=cast["clerk"],
            applied_at=clock.now(),
            path=ReviewPath.FULL,
            waiting=Step.CONFIRM,
            kind=CloseKind.CLOSE,
            statement="另一份",
            back_to=Status.IN_PROGRESS,
        )


def test_a_unit_head_who_applies_has_confirmed_but_two_people_remain(cast):
    problem = builders.ready(cast)
    application = close_out.apply_close_out(
        problem, by=cast["unit_head"], seen=problem.version, statement="改完了"
    )
    assert application.path == ReviewPath.NO_HEAD and application.waiting == Step.REVIEW
    with pytest.raises(WrongState):
        decisions.decide(application, step=Step.CONFIRM, by=cast["unit_head"])


@pytest.mark.parametrize("path", ReviewPath.values)
def test_the_ledger_sets_the_path_and_never_fewer_than_two_people(cast, path):
    reports.edit_settings(cast.report, by=cast["office"], review_path=path)
    application = builders.applied(cast)
    holders = {Step.CONFIRM: "unit_head", Step.REVIEW: "office", Step.SIGN: "leader"}
    for step in path.split(","):
        application = decisions.decide(application, step=step, by=cast[holders[step]])
    assert cast.problem.status == Status.CLOSED
    assert application.steps.values("by").distinct().count() == len(path.split(",")) + 1 >= 2


@pytest.mark.parametrize("at", [Step.CONFIRM, Step.REVIEW, Step.SIGN])
def test_each_step_may_return_with_a_reason_and_a_second_application_follows(cast, at):
    application = builders.applied(cast)
    holders = {Step.CONFIRM: "unit_head", Step.REVIEW: "office", Step.SIGN: "leader"}
    if at != Step.CONFIRM:
        application = decisions.decide(application, step=Step.CONFIRM, by=cast["unit_head"])
    if at == Step.SIGN:
        application = decisions.decide(application, step=Step.REVIEW, by=cast["office"])
    with pytest.raises(Incomplete, match="退回理由"):
        decisions.return_application(application, by=cast[holders[at]], step=at, comment=" ")
    back = decisions.return_application(application, by=cast[holders[at]], step=at, comment="缺群众评议表")
    assert back.outcome == Outcome.RETURNED and not back.is_open
    assert cast.problem.status == Status.IN_PROGRESS and cast.problem.round == 1
    assert AuditEntry.objects.get(act=Action.RETURN_CLOSE_OUT).reason == "缺群众评议表"
    assert Problem.objects.filter(pk__in=_todo(cast, "clerk", "returned")).get() == cast.problem
    second = builders.applied(cast, cast.problem)
    assert (second.round, second.number) == (1, 2)
    assert not _todo(cast, "clerk", "returned")
    with pytest.raises(WrongState, match="已退回"):
        decisions.decide(application, step=Step.SIGN, by=cast["leader"])


def _todo(cast, role, what):
    from rectify.selectors.problem_filter import ProblemFilter

    return [one.pk for one in ProblemFilter.of(cast[role], f"todo={what}").qs]


def test_a_withdrawn_application_cannot_be_decided(cast):
    application = builders.applied(cast)
    with pytest.raises(Incomplete):
        decisions.withdraw_application(application, by=cast["clerk"], reason="")
    with pytest.raises(NotAllowed):
        decisions.withdraw_application(application, by=cast["leader"], reason="不同意")
    decisions.withdraw_application(application, by=cast["clerk"], reason="还要补材料")
    assert cast.problem.status == Status.IN_PROGRESS
    with pytest.raises(WrongState, match="已撤回"):
        decisions.decide(application, step=Step.CONFIRM, by=cast["unit_head"])
    with pytest.raises(WrongState, match="已撤回"):
        decisions.withdraw_application(application, by=cast["clerk"], reason="再撤一次")


def test_a_repeated_decision_is_taken_once(cast):
    application = builders.applied(cast)
    decisions.decide(application, step=Step.CONFIRM, by=cast["unit_head"], idempotency_key="once")
    again = decisions.decide(application, step=Step.CONFIRM, by=cast["unit_head"], idempotency_key="once")
    assert again.waiting == Step.REVIEW and entries(cast, Action.CONFIRM_CLOSE_OUT) == 1


def test_returning_leads_back_to_the_status_it_came_from(cast):
    problem = builders.ready(cast)
    problem = problems.set_status(problem, by=cast["clerk"], seen=problem.version, status=Status.MOSTLY_DONE)
    application = builders.applied(cast, problem)
    decisions.return_application(application, by=cast["unit_head"], step=Step.CONFIRM, comment="再看看")
    assert cast.problem.status == Status.MOSTLY_DONE


# -- paper and stand-ins ---------------------------------------------------------------------------


@pytest.fixture
def paper(cast) -> CloseOut:
    """A leader without an account: the application waits for a signature on paper."""
    leader = people.add_leader(by=None, post="县委副书记", unit=cast.county)
    problem = cast.problem
    problems.assign(problem, by=cast["office"], seen=problem.version, leader=leader)
    application = builders.applied(cast)
    application = decisions.decide(application, step=Step.CONFIRM, by=cast["unit_head"])
    return decisions.decide(application, step=Step.REVIEW, by=cast["office"])


def test_a_signature_on_paper_is_registered_with_date_and_scan(cast, paper):
    today = clock.today()
    with pytest.raises(Incomplete, match="签字日期"):
        decisions.decide(paper, step=Step.SIGN, by=cast["office"], files=[builders.pdf()])
    with pytest.raises(Incomplete, match="扫描件"):
        decisions.decide(paper, step=Step.SIGN, by=cast["office"], signed_on=today)
    for day in (today + dt.timedelta(days=1), today - dt.timedelta(days=1)):
        with pytest.raises(Incomplete, match="签字日期"):
            decisions.decide(paper, step=Step.SIGN, by=cast["office"], signed_on=day, files=[builders.pdf()])
    assert cast.problem.status == Status.IN_REVIEW
    decisions.decide(
        paper, step=Step.SIGN, by=cast["office"], signed_on=today, files=[builders.pdf("签字页.pdf")]
    )
    step = paper.steps.get(step=Step.SIGN)
    assert (step.on_paper, step.signer, step.by) == (True, "县委副书记", cast["office"])
    assert Evidence.objects.get(close_out_step=step).name == "签字页.pdf"
    assert cast.problem.status == Status.CLOSED


def test_only_the_office_registers_paper_and_never_its_own_application(cast, paper):
    for role in ("leader", "clerk", "unit_head", "inspector"):
        assert not may(cast[role], Action.SIGN_CLOSE_OUT, paper)
    CloseOut.objects.filter(pk=paper.pk).exists()
    decisions.return_application(
        paper,
        by=cast["office"],
        step=Step.SIGN,
        comment="请补签",
        signed_on=clock.today(),
        files=[builders.pdf()],
    )
    problem = cast.problem
    given = {"statement": "代申请", "answers": {1: Answer("已补签")}}
    mine = close_out.apply_close_out(problem, by=cast["office"], seen=problem.version, **given)
    mine = decisions.decide(mine, step=Step.CONFIRM, by=cast["unit_head"])
    mine = decisions.decide(mine, step=Step.REVIEW, by=builders.account("office2", cast.county, Role.OFFICE))
    with pytest.raises(NotAllowed, match="您自己提交的"):
        decisions.decide(
            mine, step=Step.SIGN, by=cast["office"], signed_on=clock.today(), files=[builders.pdf()]
        )


def test_a_date_of_signature_belongs_to_paper_only(cast):
    application = builders.applied(cast)
    with pytest.raises(Incomplete, match="代录"):
        decisions.decide(application, step=Step.CONFIRM, by=cast["unit_head"], signed_on=clock.today())


def test_a_stand_in_signs_for_one_who_is_away_and_only_then(cast):
    application = builders.applied(cast)
    application = decisions.decide(application, step=Step.CONFIRM, by=cast["unit_head"])
    application = decisions.decide(application, step=Step.REVIEW, by=cast["office"])
    deputy = builders.account("deputy", cast.other_bureau, Role.UNIT_HEAD)
    with pytest.raises(NotAllowed):
        decisions.decide(application, step=Step.SIGN, by=deputy)
    assert not Problem.objects.visible_to(deputy).filter(pk=cast.problem.pk).exists()
    today = clock.today()
    people.name_stand_in(
        cast["leader"],
        by=cast["leader"],
        substitute=deputy,
        starts_on=today,
        ends_on=today,
        reason="外出学习",
    )
    deputy = User.objects.get(pk=deputy.pk)
    assert Problem.objects.visible_to(deputy).filter(pk=cast.problem.pk).exists()
    assert _todo_of(deputy, "sign") == [cast.problem.pk]
    decisions.decide(application, step=Step.SIGN, by=deputy)
    step = application.steps.get(step=Step.SIGN)
    assert (step.by, step.stands_for) == (deputy, cast["leader"])
    assert cast.problem.status == Status.CLOSED


def _todo_of(user, what):
    from rectify.selectors.problem_filter import ProblemFilter

    return [one.pk for one in ProblemFilter.of(user, f"todo={what}").qs]


def test_a_stand_in_who_took_an_earlier_step_may_not_take_another(cast):
    application = builders.applied(cast)
    application = decisions.decide(application, step=Step.CONFIRM, by=cast["unit_head"])
    application = decisions.decide(application, step=Step.REVIEW, by=cast["office"])
    today = clock.today()
    people.name_stand_in(
        cast["leader"],
        by=cast["leader"],
        substitute=cast["unit_head"],
        starts_on=today,
        ends_on=today,
        reason="外出",
    )
    with pytest.raises(NotAllowed, match="您已办理过"):
        decisions.decide(application, step=Step.SIGN, by=cast["unit_head"])
    assert not _todo(cast, "unit_head", "sign")


# -- standing --------------------------------------------------------------------------------------


def test_a_staged_result_makes_the_problem_standing_with_a_review_date(cast):
    problem = builders.ready(cast)
    problem = problems.assign(problem, by=cast["office"], seen=problem.version, kind=Kind.STANDING)
    measures.add(problem, by=cast["clerk"], text="长期要做的")
    application = builders.applied(cast, problem, kind=CloseKind.STANDING)
    application = decisions.decide(application, step=Step.CONFIRM, by=cast["unit_head"])
    application = decisions.decide(application, step=Step.REVIEW, by=cast["office"])
    decisions.decide(application, step=Step.SIGN, by=cast["leader"])
    problem = cast.problem
    assert problem.status == Status.STANDING and problem.closed_on is None
    assert problem.follow_ups.get().planned_on == clock.months_after(clock.today(), 6)
    assert may(cast["clerk"], Action.ADD_PROGRESS, problem)


def test_a_problem_that_is_not_standing_cannot_become_so(cast):
    with pytest.raises(Incomplete, match="只能申请销号"):
        builders.applied(cast, kind=CloseKind.STANDING)


# -- frozen ----------------------------------------------------------------------------------------


def test_a_closed_item_is_frozen_and_says_why(cast):
    problem = builders.closed(cast)
    measure = problem.measures.get()
    link = problem.direction_links.get()
    refused = [
        lambda: problems.edit(problem, by=cast["office"], seen=problem.version, goal="改"),
        lambda: problems.assign(problem, by=cast["office"], seen=problem.version, responsible="改"),
        lambda: problems.set_status(
            problem, by=cast["office"], seen=problem.version, status=Status.MOSTLY_DONE
        ),
        lambda: problems.withdraw(problem, by=cast["office"], seen=problem.version, reason="改"),
        lambda: problems.decide_link(link, by=cast["office"], confirm=True),
        lambda: progress.add(problem, by=cast["clerk"], text="改"),
        lambda: progress.correct(problem.notes.get(), by=cast["clerk"], text="改", reason="改"),
        lambda: measures.add(problem, by=cast["clerk"], text="改"),
        lambda: measures.edit(measure, by=cast["clerk"], seen=measure.version, text="改"),
        lambda: reports.edit_part(problem.manifestations.get(), by=cast["office"], text="改"),
        lambda: builders.applied(cast, problem),
        lambda: builders.asked_later(cast, problem),
        lambda: deadlines.correct(
            problem, by=cast["office"], seen=problem.version, deadline=dt.date(2099, 1, 1), reason="改"
        ),
    ]
    before = AuditEntry.objects.count()
    for act in refused:
        with pytest.raises((NotAllowed, WrongState), match="已销号"):
            act()
    assert AuditEntry.objects.count() == before and cast.problem.version == problem.version


def test_lateness_survives_closing(cast):
    problem = cast.problem
    with clock.pretend(dt.datetime(2099, 7, 3, 4, tzinfo=dt.UTC)):
        problem = builders.closed(cast)
    from rectify.wording import lateness

    assert lateness(problem.closed_on, problem.deadline, problem.original_deadline) == "逾期 3 天销号"
