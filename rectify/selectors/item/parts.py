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
    prefetch_related_objects,
)
from django.http import Http404

from rectify import clock
from rectify.choices import Action
from rectify.models import (
    AuditEntry,
    CloseOut,
    Draft,
    Evidence,
    Extension,
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
PARTS: dict[str, Callable[[int], QuerySet]] = {
    "evidence": lambda pk: Evidence.objects.filter(problem=pk).select_related("note").order_by("id"),
    "close_outs": lambda pk: CloseOut.objects.filter(problem=pk).order_by("id"),
    "extensions": lambda pk: Extension.objects.filter(problem=pk).order_by("id"),
    "follow_ups": lambda pk: FollowUp.objects.filter(problem=pk).order_by("planned_on", "id"),
    "instructions": lambda pk: Instruction.objects.filter(problem=pk).select_related(
        "leader__user", "handling__note"
    ),
    "passages": lambda pk: SourcePassage.objects.without_text().filter(problem=pk),
    "measures": lambda pk: Measure.objects.filter(problem=pk).select_related("unit").order_by("number"),
    "supporting_units": lambda pk: Unit.objects.filter(supported_problems=pk),
    "supporting_leaders": lambda pk: Leader.objects.filter(supported_problems=pk),
}


def read_item(user: User, pk: int, draft: str) -> Any:
    """The item with its sets, its light, and flags of what else there is; 404 for what one may not see.
    `draft`, followed by the id, is the key of what was typed and not sent."""
    found = compiled(("item", user.scope, draft), partial(_item, user, draft), pk)
    if not found:
        raise Http404
    problem: Any = found[0]
    for name, part in PARTS.items():
        there = getattr(problem, f"has_{name}")
        _give(problem, name, compiled(("part", name), part, pk) if there else [])
    for name in ("close_outs", "extensions"):
        prefetch_related_objects(list(getattr(problem, name).all()), "steps__stands_for")
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
            **{f"has_{name}": Exists(_rows_of(name, part(pk))) for name, part in PARTS.items()},
        )
    )


def _give(problem: Any, name: str, rows: list[Any]) -> None:
    """One of its sets, as if it had been prefetched."""
    known: Any = PARTS[name](problem.pk) if rows else _nothing(name).all()
    known._result_cache, known._prefetch_done = rows, True
    problem.__dict__.setdefault("_prefetched_objects_cache", {})[name] = known
    if not name.startswith("supporting"):
        for row in rows:
            row.problem = problem


@cache
def _nothing(name: str) -> QuerySet:
    return PARTS[name](0).none()


def _rows_of(name: str, queryset: QuerySet) -> QuerySet:
    if name.startswith("supporting"):
        queryset = getattr(Problem, name).through.objects.all()
    return queryset.model.objects.filter(problem=OuterRef("pk"))


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
