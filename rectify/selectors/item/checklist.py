"""The close-out of one item at a glance: its steps with who has it now, each measure's standard beside its
evidence, and what whoever decides should know."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial

from django.db.models import QuerySet

from rectify import clock, wording
from rectify.choices import Outcome, Status, Step
from rectify.models import CloseOut, Evidence, Measure, Problem, Report, User
from rectify.models.compiled import compiled
from rectify.models.literal import Literal
from rectify.policies.closing import granted_count, waits_for
from rectify.policies.closing_needs import Need, needs, proofs
from rectify.selectors.item.parts import hand_out
from rectify.selectors.text_similarity import earlier

EARLIER_MOST = 500  # closed problems of former years that are compared


@dataclass(frozen=True)
class StepMark:
    """One step of the way: done, under way now, or to come."""

    label: str
    who: str
    state: str


@dataclass(frozen=True)
class CheckRow:
    """A measure with its completion standard beside what proves it, and what it still lacks."""

    measure: Measure
    files: Sequence[Evidence]
    needs: Sequence[Need]

    @property
    def pictured(self) -> Evidence | None:
        """The first file that can be seen at a glance."""
        return next((file for file in self.files if file.is_pictured and not file.is_purged), None)

    @property
    def words(self) -> str:
        return "、".join(str(need.label) for need in self.needs)

    @property
    def lacks_result(self) -> bool:
        return Need.RESULT in self.needs

    @property
    def lacks_proof(self) -> bool:
        return Need.PROOF in self.needs

    @property
    def lacks_rule(self) -> bool:
        return Need.RULE in self.needs


def check_rows(problem: Problem, kind: str = "") -> list[CheckRow]:
    hand_out(problem, problem.measures.all())
    return [
        CheckRow(measure, measure.files, which)  # type: ignore[attr-defined]
        for measure, which in needs(problem, kind)
    ]


def step_marks(problem: Problem, path: Sequence[str], applicant: str, waiting: str = "") -> list[StepMark]:
    """The way of an application; before there is one the applicant has it."""
    steps = [Step.APPLY.value, *path]
    now = steps.index(waiting) if waiting in steps else 0
    states = ["done"] * now + ["now"] + ["later"] * (len(steps) - now - 1)
    names = [applicant, *(waits_for(step, problem) for step in path)]
    labels = [str(Step(step).label) for step in steps]
    return [StepMark(*mark) for mark in zip(labels, names, states, strict=True)]


def marks_of(application: CloseOut) -> list[StepMark]:
    path = application.path_steps
    return step_marks(application.problem, path, application.applicant_label, application.waiting)


@dataclass(frozen=True)
class Known:
    """One fact for whoever decides; `links` lead to the items it names."""

    label: str
    words: str
    links: Sequence[tuple[str, str]] = ()


def known(user: User, problem: Problem) -> list[Known]:
    """Lateness, extensions, evidence, earlier rounds and returns, and whether a similar problem was closed
    in an earlier year."""
    rows = [
        Known("时限", _timing(problem)),
        Known("佐证", f"{len(proofs(problem))} 份"),
        Known("以前的申请", _before(problem)),
        _similar(user, problem),
    ]
    return [row for row in rows if row.words or row.links]


def _timing(problem: Problem) -> str:
    if problem.deadline is None:
        return "未定整改时限"
    parts = [f"{wording.date(problem.deadline)}，{wording.days_left(problem.deadline, clock.today())}"]
    if count := granted_count(problem):
        parts.append(f"延期 {count} 次，原定 {wording.date(problem.original_deadline)}")
    return "；".join(parts)


def _before(problem: Problem) -> str:
    """第 2 轮整改，本轮退回 1 次."""
    parts = [f"第 {problem.round} 轮整改"] if problem.round > 1 else []
    mine = [row for row in problem.close_outs.all() if row.round == problem.round]
    if back := sum(row.outcome == Outcome.RETURNED for row in mine):
        parts.append(f"本轮退回 {back} 次")
    return "，".join(parts)


def _similar(user: User, problem: Problem) -> Known:
    """Closed before in a ledger of the same unit, and much the same title."""
    year = problem.report.year
    rows = compiled(
        ("closed before", user.scope, year), partial(_closed_before, user, year), problem.report.unit_id
    )
    links = [
        (f"{row.other.report.year} 年度 {row.other.code} {row.other.title}", row.other.get_absolute_url())
        for row in earlier(problem, rows)
    ]
    return Known("往年", f"{len(links)} 项相近，已销号" if links else "没有相近的已销号问题", links)


def _closed_before(user: User, year: int, unit: int) -> QuerySet[Problem]:
    former = Report.objects.filter(unit=unit, year__lt=year).order_by().values("pk")
    closed = Problem.objects.filter(report__in=former, status=Literal(Status.CLOSED))  # the fewer ones first
    return (
        closed.visible_to(user)
        .select_related("report", "aspect")
        .order_by("-report__year", "-pk")[:EARLIER_MOST]
    )
