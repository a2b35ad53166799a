"""All that hangs on one item, in few queries: what is not there is not asked for."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from functools import cache, partial
from typing import Any

from django.db.models import (
    Count,
    Exists,
    OuterRef,
    QuerySet,
    Subquery,
    Value,
)
from django.http import Http404

from rectify import clock
from rectify.choices import Action
from rectify.models import (
    AuditEntry,
    CloseOut,
    CloseOutStep,
    Draft,
    Evidence,
    Extension,
    ExtensionStep,
    FollowUp,
    ImprovementDirection,
    Instruction,
    KeptUpload,
    Leader,
    LedgerSettings,
    Manifestation,
    Measure,
    Problem,
    ProblemCause,
    ProblemDirection,
    SourcePassage,
    Unit,
    User,
)
from rectify.models.analysis import Link
from rectify.models.compiled import compiled
from rectify.models.evidence import HOLDERS, holder_of
from rectify.models.rag_status import light_of
from rectify.models.supervision import is_chased
from rectify.selectors.problem_rows import calendar_of

RELATED = (
    *("report__unit", "report__settings", "aspect", "leader__user", "lead_unit", "clerk"),
    "carried_from__report",
)


# Sets of the item that most items do not have.
PARTS: dict[str, Callable[[], QuerySet]] = {
    "evidence": lambda: Evidence.objects.select_related("note").order_by("id"),
    "close_outs": lambda: CloseOut.objects.order_by("id"),
    "extensions": lambda: Extension.objects.order_by("id"),
    "follow_ups": lambda: FollowUp.objects.order_by("planned_on", "id"),
    "instructions": lambda: Instruction.objects.select_related("leader__user", "handling__note"),
    "passages": lambda: SourcePassage.objects.without_text(),
    "measures": lambda: Measure.objects.select_related("unit").order_by("number"),
    "supporting_units": lambda: Unit.objects.all(),
    "supporting_leaders": lambda: Leader.objects.all(),
}
STEPS: dict[str, Any] = {"close_outs": CloseOutStep, "extensions": ExtensionStep}


def read_item(user: User, pk: int, draft: str) -> Any:
    """The item with its sets, its light, and flags of what else there is; 404 for what one may not see.
    `draft`, followed by the id, is the key of what was typed and not sent."""
    found = compiled(("item", user.scope, draft), partial(_item, user, draft), pk)
    if not found:
        raise Http404
    problem: Any = found[0]
    for name in PARTS:
        give_part(problem, name, there=getattr(problem, f"has_{name}"))
    for name, model in STEPS.items():
        _give_steps(list(getattr(problem, name).all()), model)
    if problem.clerk_id == user.pk:
        problem.clerk = user  # whose posts are known
    settings = getattr(problem.report, "settings", None) or LedgerSettings()
    problem.calendar = calendar_of([problem])
    rule = settings.rule_with(problem.calendar)
    problem.light = light_of(problem, clock.today(), rule)
    _hand_out(problem)
    return problem


def _item(user: User, draft: str, pk: int) -> QuerySet:
    typed = f"{draft}{pk}"
    return (
        Problem.objects.visible_to(user)
        .filter(pk=pk)
        .select_related(*RELATED)
        .annotate(
            corrections=Subquery(
                AuditEntry.objects.filter(problem=OuterRef("pk"), act=Action.CORRECT_DEADLINE)
                .order_by()
                .values("problem")
                .annotate(n=Count("*"))
                .values("n")
            ),
            has_papers=Exists(Problem.supervisions.through.objects.filter(problem=OuterRef("pk"))),
            is_chased=is_chased(),
            has_draft=Exists(Draft.objects.filter(user=user, key=typed))
            | Exists(KeptUpload.objects.filter(user=user, choices__form=typed)),
            **{f"has_{name}": Exists(_rows_of(name)) for name in PARTS},
        )
    )


def give_part(problem: Problem, name: str, *, there: bool = True) -> None:
    """One of its sets, read at once; not asked for where it is known that nothing is there."""
    _give(problem, name, compiled(("part", name), partial(_part, name), problem.pk) if there else [])


def _part(name: str, pk: int) -> QuerySet:
    return PARTS[name]().filter(**{_tie(name): pk})


def _tie(name: str) -> str:
    return "supported_problems" if name.startswith("supporting") else "problem"


@cache
def _all_of(name: str) -> Any:
    return PARTS[name]()


def _give(problem: Any, name: str, rows: list[Any]) -> None:
    """One of its sets, as if it had been prefetched; narrowed only if somebody asks for more of it."""
    known = _all_of(name)._chain()
    known._deferred_filter = False, (), {_tie(name): problem.pk}
    _keep(problem, name, known, rows)
    if not name.startswith("supporting"):
        for row in rows:
            row.problem = problem


def _steps(model: Any, problem: int) -> QuerySet:
    return model.objects.filter(application__problem=problem).select_related("stands_for")


def _give_steps(applications: list[Any], model: Any) -> None:
    """Each application its steps, as if they had been prefetched."""
    if not applications:
        return
    rows = defaultdict(list)
    for step in compiled(("steps", model), partial(_steps, model), applications[0].problem_id):
        rows[step.application_id].append(step)
    for one in applications:
        _keep(one, "steps", one.steps.all(), rows[one.pk])
        for step in rows[one.pk]:
            step.application = one


def _keep(one: Any, name: str, known: Any, rows: list[Any]) -> None:
    known._result_cache, known._prefetch_done = rows, True
    one.__dict__.setdefault("_prefetched_objects_cache", {})[name] = known


def _rows_of(name: str) -> QuerySet:
    model = getattr(Problem, name).through if name.startswith("supporting") else PARTS[name]().model
    return model.objects.filter(problem=OuterRef("pk"))


def _hand_out(problem: Problem) -> None:
    """Give the steps and follow-ups their files."""
    applications = (*problem.close_outs.all(), *problem.extensions.all())
    hand_out(problem, [step for application in applications for step in application.steps.all()])
    hand_out(problem, problem.follow_ups.all())


def newest_versions(files: Iterable[Evidence]) -> list[Evidence]:
    """Without what a later version replaced; each knows as which `version` it stands."""
    by_id = {file.pk: file for file in files}
    replaced = {file.replaces_id for file in by_id.values()}
    shown = [file for file in by_id.values() if file.pk not in replaced]
    for file in shown:
        file.version, step = 1, file  # type: ignore[attr-defined]
        while step.replaces_id in by_id:
            file.version, step = file.version + 1, by_id[step.replaces_id]  # type: ignore[attr-defined]
    return shown


def hand_out(problem: Problem, rows: Iterable[Any]) -> None:
    """Give each of these rows the files that prove it, as `files`."""
    files: dict[tuple[str, int], list[Evidence]] = defaultdict(list)
    for evidence in newest_versions(problem.evidence.all()):
        for holder in HOLDERS:
            files[holder, getattr(evidence, f"{holder}_id")].append(evidence)
        if evidence.note and evidence.note.measure_id:  # what a note brought to a measure proves it too
            files["measure", evidence.note.measure_id].append(evidence)
    for row in rows:
        row.files = files.get((holder_of(type(row)), row.pk), [])


@dataclass
class Analysis:
    """Why and whither: the ties of the item, what covers all items, and the concrete symptoms."""

    causes: list[Link] = field(default_factory=list)
    directions: list[Link] = field(default_factory=list)
    covering: list[str] = field(default_factory=list)
    manifestations: list[str] = field(default_factory=list)


def analysis_of(problem: Problem) -> Analysis:
    """All four in one query."""
    analysis = Analysis()
    rows = compiled("analysis", _analysis, problem.pk, problem.report_id)
    for kind, _, text, pk, basis, status in sorted(rows):
        if kind == 1:
            link: Link = ProblemCause(pk=pk, problem=problem, basis=basis, status=status)
            link.title = text  # type: ignore[attr-defined]
            analysis.causes.append(link)
        elif kind == 2:
            link = ProblemDirection(pk=pk, problem=problem, basis=basis, status=status)
            link.title = text  # type: ignore[attr-defined]
            analysis.directions.append(link)
        else:
            (analysis.covering if kind == 3 else analysis.manifestations).append(text)
    return analysis


def _analysis(problem: int, report: int) -> QuerySet:
    names = ("pk", "basis", "status")
    nothing = (Value(""), Value(""))
    causes = ProblemCause.objects.filter(problem=problem).order_by()
    directions = ProblemDirection.objects.filter(problem=problem).order_by()
    covering = ImprovementDirection.objects.filter(report=report, covers_all=True).order_by()
    told = Manifestation.objects.filter(problem=problem).order_by()
    return causes.values_list(Value(1), "cause__number", "cause__title", *names).union(
        directions.values_list(Value(2), "direction__number", "direction__title", *names),
        covering.values_list(Value(3), "number", "title", "pk", *nothing),
        told.values_list(Value(4), "number", "text", "pk", *nothing),
        all=True,
    )
