"""All that hangs on one item, in few queries: what is not there is not asked for."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from django.db.models import (
    Count,
    Exists,
    OuterRef,
    Prefetch,
    QuerySet,
    Subquery,
    Value,
    prefetch_related_objects,
)
from django.shortcuts import get_object_or_404

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
from rectify.models.evidence import HOLDERS, holder_of
from rectify.models.rag_status import light_of
from rectify.models.supervision import is_chased
from rectify.selectors.problem_rows import calendar_of

RELATED = (
    *("report__unit", "report__settings", "aspect", "leader__user", "lead_unit", "clerk"),
    "carried_from__report",
)


def _parts() -> dict[str, QuerySet]:
    """Sets of the item that most items do not have."""
    return {
        "evidence": Evidence.objects.select_related("note").order_by("id"),
        "close_outs": CloseOut.objects.order_by("id"),
        "extensions": Extension.objects.order_by("id"),
        "follow_ups": FollowUp.objects.order_by("planned_on", "id"),
        "instructions": Instruction.objects.select_related("leader__user", "handling__note"),
        "passages": SourcePassage.objects.without_text(),
        "measures": Measure.objects.select_related("unit").order_by("number"),
        "supporting_units": Unit.objects.all(),
        "supporting_leaders": Leader.objects.all(),
    }


def read_item(user: User, pk: int, draft: str) -> Any:
    """The item with its sets, its light, and flags of what else there is; 404 for what one may not see."""
    parts = _parts()
    found = (
        Problem.objects.visible_to(user)
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
            has_draft=Exists(Draft.objects.filter(user=user, key=draft))
            | Exists(KeptUpload.objects.filter(user=user, choices__form=draft)),
            **{f"has_{name}": Exists(_rows_of(name, queryset)) for name, queryset in parts.items()},
        )
    )
    problem = get_object_or_404(found, pk=pk)
    wanted: list[Any] = []
    for name, queryset in parts.items():
        there = getattr(problem, f"has_{name}")
        wanted.append(Prefetch(name, queryset if there else queryset.none()))
        if name in ("close_outs", "extensions"):
            wanted.append(f"{name}__steps__stands_for")
    prefetch_related_objects([problem], *wanted)
    settings = getattr(problem.report, "settings", None) or LedgerSettings()
    problem.calendar = calendar_of([problem])
    rule = settings.rule_with(problem.calendar)
    problem.light = light_of(problem, clock.today(), rule)
    _hand_out(problem)
    return problem


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
    names = ("pk", "basis", "status")
    nothing = (Value(""), Value(""))
    causes = ProblemCause.objects.filter(problem=problem).order_by()
    directions = ProblemDirection.objects.filter(problem=problem).order_by()
    covering = ImprovementDirection.objects.filter(report=problem.report_id, covers_all=True).order_by()
    told = Manifestation.objects.filter(problem=problem).order_by()
    rows = causes.values_list(Value(1), "cause__number", "cause__title", *names).union(
        directions.values_list(Value(2), "direction__number", "direction__title", *names),
        covering.values_list(Value(3), "number", "title", "pk", *nothing),
        told.values_list(Value(4), "number", "text", "pk", *nothing),
        all=True,
    )
    analysis = Analysis()
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
