"""The queries behind the rules about problems, measures, analysis and people; each a fixed number."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import islice
from typing import Any

from django.db.models import Count, Exists, F, Max, Min, OuterRef, Q, QuerySet
from django.urls import reverse

from rectify import wording
from rectify.addresses import address
from rectify.choices import ENDED, Kind, LinkStatus, MeasureStatus, Role, Source, Status
from rectify.models import (
    Addressee,
    Evidence,
    Extension,
    FollowUp,
    ImprovementDirection,
    Instruction,
    Leader,
    Measure,
    Membership,
    Problem,
    ProblemCause,
    ProblemDirection,
    ProgressNote,
    RootCause,
    Supervision,
    User,
)
from rectify.models.report import ProblemQuerySet
from rectify.selectors.health.findings import COUNTED, CheckedLedgers, HealthFinding, of_problem
from rectify.selectors.health.texts import copies, is_vague

OPEN = (Status.NOT_STARTED, Status.IN_PROGRESS, Status.MOSTLY_DONE)
FINISHED = (Status.MOSTLY_DONE, Status.IN_REVIEW, *ENDED)


def _problems(rows: ProblemQuerySet) -> ProblemQuerySet:
    return rows.order_by("report", "number").only("number", "title", "report_id")


def _to_assign(rows: ProblemQuerySet) -> Iterator[HealthFinding]:
    for problem in _problems(rows):
        yield of_problem(problem, address("assign", problem.pk), "明确责任")


# -- who, until when, how -----------------------------------------------------------------------------


def without_leader(scope: CheckedLedgers) -> Iterable[HealthFinding]:
    return _to_assign(scope.problems.exclude(status__in=ENDED).filter(leader__isnull=True))


def without_unit(scope: CheckedLedgers) -> Iterable[HealthFinding]:
    return _to_assign(scope.problems.exclude(status__in=ENDED).filter(lead_unit__isnull=True))


def without_deadline(scope: CheckedLedgers) -> Iterable[HealthFinding]:
    dated = scope.problems.filter(status__in=OPEN, deadline__isnull=True)
    return _to_assign(dated.exclude(kind=Kind.STANDING))


def without_measure(scope: CheckedLedgers) -> Iterator[HealthFinding]:
    kept = Measure.objects.kept().filter(problem=OuterRef("pk"))
    for problem in _problems(scope.problems.exclude(status__in=ENDED).filter(~Exists(kept))):
        yield of_problem(problem, address("measure_add", problem.pk), "新增措施")


def finished_without_evidence(scope: CheckedLedgers) -> Iterator[HealthFinding]:
    proof = Evidence.objects.filter(problem=OuterRef("pk"))
    for problem in _problems(scope.problems.filter(~Exists(proof), status__in=FINISHED)):
        yield of_problem(problem, f"{problem.get_absolute_url()}#progress", "补充佐证")


def measure_done_without_evidence(scope: CheckedLedgers) -> Iterator[HealthFinding]:
    own = Evidence.objects.filter(measure=OuterRef("pk"))
    reported = Evidence.objects.filter(note__measure=OuterRef("pk"))
    done = Measure.objects.filter(problem__in=scope.problems.values("pk"), status=MeasureStatus.DONE)
    for measure in _measures(done.filter(~Exists(own), ~Exists(reported))):
        yield _of_measure(measure, "填报进展", "#progress")


def all_on_the_last_day(scope: CheckedLedgers) -> Iterator[HealthFinding]:
    dated = Measure.objects.kept().filter(problem__in=scope.problems.values("pk"), deadline__isnull=False)
    spans = dated.values("problem").annotate(n=Count("*"), first=Min("deadline"), last=Max("deadline"))
    same = spans.filter(n__gt=1, first=F("last"), last=F("problem__deadline")).values("problem")
    for problem in _problems(scope.problems.exclude(status__in=ENDED).filter(pk__in=same)):
        yield of_problem(problem, f"{problem.get_absolute_url()}#measures", "查看措施")


def standing_without_review(scope: CheckedLedgers) -> Iterator[HealthFinding]:
    """Kept up for good, and nobody planned to look again."""
    planned = FollowUp.objects.open().filter(problem=OuterRef("pk"))
    standing = scope.problems.filter(~Exists(planned), status=Status.STANDING, carried=False)
    for problem in _problems(standing):
        yield of_problem(problem, address("follow_up", problem.pk), "安排回头看")


def overdue_and_left_alone(scope: CheckedLedgers) -> Iterator[HealthFinding]:
    """Past its deadline without a 督办单, an instruction or an application to extend since."""
    since = {"problem": OuterRef("pk")}
    late = scope.problems.overdue(scope.today)
    chased = Supervision.objects.filter(problems=OuterRef("pk"), issued_at__date__gte=OuterRef("deadline"))
    told = Instruction.objects.filter(**since, at__date__gte=OuterRef("deadline"))
    asked = Extension.objects.filter(**since, old_date=OuterRef("deadline"))
    for problem in _problems(late.filter(~Exists(chased), ~Exists(told), ~Exists(asked))):
        yield of_problem(problem, address("supervise", problem.pk), "签发督办单")


# -- what was written ---------------------------------------------------------------------------------


def vague_texts(scope: CheckedLedgers) -> Iterator[HealthFinding]:
    ids = scope.problems.exclude(status__in=ENDED).values("pk")
    for measure in _vague(_measures(Measure.objects.filter(problem__in=ids, status=MeasureStatus.OPEN))):
        yield _of_measure(measure, "修改措施", address("measure_edit", measure.pk))
    notes = ProgressNote.objects.in_force().filter(problem__in=ids).select_related("problem")
    for note in _vague(notes.order_by("problem__report", "problem__number", "-at")):
        words = f"进展：{note.text[:40]}"
        yield of_problem(note.problem, note.get_absolute_url(), "查看进展", words)


def _vague(rows: QuerySet[Any]) -> QuerySet[Any]:
    """Those whose text says nothing. All texts are looked at, so nothing else of them is read."""
    texts = rows.values_list("pk", "text").iterator()
    vague = (pk for pk, text in texts if is_vague(text))
    return rows.filter(pk__in=list(islice(vague, COUNTED + 1)))


def copied_measures(scope: CheckedLedgers) -> Iterator[HealthFinding]:
    """The same text under two problems, of this ledger or of an earlier one of the same unit."""
    units = {report.unit_id for report in scope.reports}
    checked = set(scope.problems.values_list("pk", flat=True))
    rows = Measure.objects.kept().filter(problem__report__unit__in=units, problem__withdrawn=False)
    ordered = rows.order_by("problem__report__year", "problem_id", "number")
    texts = ordered.values_list("problem_id", "text").iterator()
    copied = ((copy, original) for original, *others in copies(texts) for copy in others if copy in checked)
    pairs = list(islice(copied, COUNTED + 1))
    named = Problem.objects.select_related("report").in_bulk({pk for pair in pairs for pk in pair})
    for copy, original in pairs:
        problem, first = named[copy], named[original]
        words = f"与 {first.named} 的措施文字相同"
        yield of_problem(problem, f"{problem.get_absolute_url()}#measures", "查看措施", words)


# -- causes, directions and the report ----------------------------------------------------------------


def sources_without_problem(scope: CheckedLedgers) -> Iterator[HealthFinding]:
    """Causes and directions that no problem is tied to; a direction that covers all needs no tie."""
    standing = {"problem__withdrawn": False}
    causes = ProblemCause.objects.standing().filter(cause=OuterRef("pk"), **standing)
    directions = ProblemDirection.objects.standing().filter(direction=OuterRef("pk"), **standing)
    yield from _idle(RootCause.objects.filter(~Exists(causes), report__in=scope.ids), "根源")
    rows = ImprovementDirection.objects.filter(~Exists(directions), report__in=scope.ids, covers_all=False)
    yield from _idle(rows, "努力方向")


def _idle(rows: QuerySet[Any], word: str) -> Iterator[HealthFinding]:
    for row in rows.select_related("report").order_by("report", "number"):
        url = address("matrix", row.report_id)
        yield HealthFinding(f"{word} {row.number}. {row.title}", "", url, "在矩阵里对应")


def unconfirmed_links(scope: CheckedLedgers) -> Iterator[HealthFinding]:
    pending = Q(status=LinkStatus.PENDING, problem=OuterRef("pk"))
    rows = scope.problems.filter(
        Exists(ProblemCause.objects.filter(pending)) | Exists(ProblemDirection.objects.filter(pending))
    )
    for problem in _problems(rows):
        yield of_problem(problem, f"{problem.get_absolute_url()}#analysis", "核对")


def uncovered_problems(scope: CheckedLedgers) -> Iterator[HealthFinding]:
    """Without a cause, or without a direction: the matrix shows the gap and closes it."""
    caused = ProblemCause.objects.standing().filter(problem=OuterRef("pk"))
    led = ProblemDirection.objects.standing().filter(problem=OuterRef("pk"))
    analysed = RootCause.objects.filter(report=OuterRef("report"))
    planned = ImprovementDirection.objects.filter(report=OuterRef("report"))
    rows = scope.problems.annotate(
        no_cause=Exists(analysed) & ~Exists(caused),
        no_direction=Exists(planned) & ~Exists(planned.filter(covers_all=True)) & ~Exists(led),
    )
    for problem in _problems(rows.filter(Q(no_cause=True) | Q(no_direction=True))):
        lacks = wording.listed(
            ["根源" if problem.no_cause else "", "努力方向" if problem.no_direction else ""]
        )
        url = f"{address('matrix', problem.report_id)}?problem={problem.pk}#problem-{problem.pk}"
        yield of_problem(problem, url, "补上", f"{lacks}未覆盖")


def counts_differ(scope: CheckedLedgers) -> Iterator[HealthFinding]:
    """A report's problem that the ledger no longer counts."""
    rows = Problem.objects.filter(report__in=scope.ids, source=Source.SELF_CHECK)
    counted = rows.values_list("report").annotate(
        written=Count("*"), gone=Count("pk", filter=Q(withdrawn=True))
    )
    for pk, written, gone in counted.order_by("report"):
        if gone:
            report = next(one for one in scope.reports if one.pk == pk)
            url = f"{address('problems')}?report={pk}&withdrawn=1"
            words = f"报告查摆 {written} 项，台账现有 {written - gone} 项，撤回 {gone} 项"
            yield HealthFinding(report.title, words, url, "看撤回的")


# -- people -------------------------------------------------------------------------------------------


def with_lost_clerk(scope: CheckedLedgers) -> Iterable[HealthFinding]:
    return _to_assign(lost_clerks(scope))


def lost_clerks(scope: CheckedLedgers) -> ProblemQuerySet:
    """A clerk is named who holds no post that opens the item."""
    return scope.problems.with_lost_clerk().filter(status__in=OPEN)


def with_leader_gone(scope: CheckedLedgers) -> Iterable[HealthFinding]:
    return _to_assign(leaders_gone(scope))


def leaders_gone(scope: CheckedLedgers) -> ProblemQuerySet:
    """The leader named has left office, or the leader's account has lost the post that opens the item."""
    able = Leader.objects.able().order_by().values("pk")
    rows = scope.problems.filter(leader__isnull=False).exclude(status__in=ENDED)
    return rows.exclude(leader__in=able)


def papers_astray(scope: CheckedLedgers) -> Iterator[HealthFinding]:
    """A 督办单 that waits for an addressee who no longer has any of its items."""
    rows = Addressee.objects.astray().filter(supervision__report__in=scope.ids)
    for row in rows.select_related("supervision", "unit", "leader"):
        yield HealthFinding(f"{row.supervision} {row}", "", row.supervision.get_absolute_url(), "看督办单")


def units_without_clerk(scope: CheckedLedgers) -> Iterator[HealthFinding]:
    """A unit that answers for open problems, and nobody there who could report."""
    here = Membership.objects.filter(
        unit=OuterRef("lead_unit"), role=Role.CLERK, active=True, user__is_active=True
    )
    rows = scope.problems.filter(~Exists(here), status__in=OPEN, lead_unit__isnull=False)
    counted = (
        rows.order_by("lead_unit__path").values_list("lead_unit__name", "lead_unit").annotate(n=Count("*"))
    )
    for name, pk, n in counted:
        yield HealthFinding(name, f"有 {n} 项在办", f"{address('problems')}?unit={pk}", "看这些事项")


def accounts_without_post(scope: CheckedLedgers) -> Iterator[HealthFinding]:
    """Accounts that can sign in and hold no post: only the system administrator sees and mends these."""
    if not scope.user.has_role(Role.SYSADMIN):
        return
    held = Membership.objects.filter(user=OuterRef("pk"), active=True)
    rows = User.objects.administered_by(scope.user).filter(~Exists(held), is_active=True)
    for user in rows.order_by("username"):
        yield HealthFinding(
            f"{user.username} {user.name}", "", reverse("admin:rectify_membership_add"), "补录任职"
        )


def leaders_without_account(scope: CheckedLedgers) -> Iterator[HealthFinding]:
    """Leaders of open problems who sign on paper only."""
    rows = scope.problems.filter(status__in=OPEN, leader__isnull=False)
    paper = rows.filter(Q(leader__user__isnull=True) | Q(leader__user__is_active=False))
    counted = paper.order_by("leader__rank", "leader").values_list("leader__post", "leader")
    for post, pk, n in counted.annotate(n=Count("*")):
        words = f"有 {n} 项在办，签字须由整改办代录并附扫描件"
        yield HealthFinding(post, words, f"{address('problems')}?leader={pk}", "看这些事项")


# -- shared -------------------------------------------------------------------------------------------


def _measures(rows: QuerySet[Any]) -> QuerySet[Any]:
    return rows.select_related("problem").order_by("problem__report", "problem__number", "number")


def _of_measure(measure: Measure, action: str, to: str) -> HealthFinding:
    problem = measure.problem
    url = problem.get_absolute_url() + to if to.startswith("#") else to
    return of_problem(problem, url, action, f"措施 {measure.number}：{measure.text[:40]}")
