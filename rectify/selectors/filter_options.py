"""What the filters of the list offer, in one query; of more than a list can show, only what is chosen."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.db.models import CharField, F, Q, QuerySet, Value
from django.db.models.functions import Cast, Coalesce, NullIf

from rectify.models import Report, Unit
from rectify.models.compiled import compiled
from rectify.models.people import within
from rectify.roles import OVERSEERS
from rectify.selectors.problem_filter import NONE, ProblemFilter

MOST = 200


@dataclass(frozen=True)
class Option:
    """How the rows of one filter are named and put in order, and how a report narrows them down."""

    label: Any
    place: str
    order: Callable[[tuple[str, int]], Any]
    within: Callable[[Report], Q] | None = None


def _near(field: str) -> Callable[[Report], Q]:
    """In the office of a report, or above it."""

    def near(report: Report) -> Q:
        path = report.unit.path
        above = [path[:end] for end in range(Unit.steplen, len(path), Unit.steplen)]
        return within(field, [path]) | Q(**{f"{field}__in": above})

    return near


OPTIONS = {
    "leader": Option(F("post"), "rank", lambda row: (int(row[0]), row[1]), _near("unit__path")),
    "unit": Option(F("name"), "path", lambda row: row, _near("path")),
    "aspect": Option(
        Coalesce(NullIf(F("short"), Value("")), F("title")),
        "number",
        lambda row: (int(row[0]), row[1]),
        lambda report: Q(report=report),
    ),
    "clerk": Option(
        Coalesce(NullIf(F("name"), Value("")), F("username")),
        "name",
        lambda row: row,
        _near("memberships__unit__path"),
    ),
}


def fill_options(problem_filter: ProblemFilter) -> None:
    """Give the selects of the filter their options."""
    report = problem_filter.cleaned.get("report")
    within = (report.pk, report.unit.path) if report else None
    key = ("options", problem_filter.user.scope_and_borders, problem_filter.asks_year, within)
    offered: dict[str, list[tuple[str, int, str]]] = {name: [] for name in OPTIONS}
    for name, pk, place, label in compiled(key, lambda: _offered(problem_filter)):
        offered[name].append((place, pk, label))
    for name, rows in offered.items():
        field, order = problem_filter.form.fields[name], OPTIONS[name].order
        many = len(rows) > MOST
        choices = [("", "全部（太多，请先选台账）" if many else "全部")]
        choices.append((NONE, str(field.null_label)))
        if not many:
            choices += [(str(pk), label) for _, pk, label in sorted(rows, key=lambda row: order(row[:2]))]
        chosen = problem_filter.cleaned.get(name)
        if chosen and chosen != NONE and str(chosen.pk) not in dict(choices):
            choices.append((str(chosen.pk), str(chosen)))
        field.widget.choices = choices


def _offered(problem_filter: ProblemFilter) -> QuerySet:
    parts = [_rows(problem_filter, name, option) for name, option in OPTIONS.items()]
    return parts[0].union(*parts[1:], all=True)


def _rows(problem_filter: ProblemFilter, name: str, option: Option) -> QuerySet:
    """One more than can be shown, of those that the chosen report leaves."""
    queryset, report = problem_filter.choices(name), problem_filter.cleaned.get("report")
    scoped = problem_filter.user.has_role(*OVERSEERS) or name == "aspect"
    if report and option.within and scoped:
        queryset = queryset.filter(option.within(report))
    ids = queryset.order_by().values("pk").distinct()[: MOST + 1]
    rows = queryset.model.objects.filter(pk__in=ids).order_by()
    named = rows.annotate(place=Cast(option.place, CharField()), label=option.label)
    return named.values_list(Value(name), "pk", "place", "label")
