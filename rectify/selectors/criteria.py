"""Conditions of the problem list that the overviews link to: as of a day, between two days, by subtree."""

from __future__ import annotations

import copy
import datetime as dt
from collections.abc import Mapping
from typing import Any

import django_filters as df
from django import forms
from django.db.models import Count, Exists, OuterRef, Q, QuerySet

from rectify import clock
from rectify.choices import Band, Happened, RagStatus
from rectify.models import ImprovementDirection, ProblemState, Report, RootCause, Unit, User
from rectify.models.office import LedgerRule
from rectify.models.rank import Rank
from rectify.models.report import sees_whole_ledgers
from rectify.models.state import ProblemStateQuerySet
from rectify.models.timing import overdue_for, timing_rule
from rectify.selectors.dashboard.counts import lights_of
from rectify.selectors.dashboard.scope import Scope
from rectify.selectors.problem_changes import (
    follow_up_due,
    happened,
    in_subtree,
    planned_open,
    tied_to,
    with_lasting,
)

FIRST_DAY, LAST_DAY = dt.date(1950, 1, 1), dt.date(2199, 12, 31)
WORDS = {
    "on": "截至",
    "since": "起始日期之后",
    "happened": "其间",
    "within": "单位及下级",
    "band": "逾期时长",
    "plan": "按现行时限应在办",
    "plan_first": "按原定时限应在办",
    "followed": "回头看",
    "lasting": "制度成果",
    "cause": "问题根源",
    "direction": "努力方向",
}
SAID = {"followed": {"due": "到期未办"}, "lasting": {"done": "已立", "open": "待立"}}
CHOICES: dict[str, Any] = {"happened": Happened, "band": Band}
# What is asked of the history row of the day when the list is as of a past day.
AT_THE_TIME = ("status", "leader", "unit", "kind", "clerk")
DATED = ("light", "timing", "stale", "within", "band", "deadline", "plan", "plan_first")
PLANS = {"plan": "deadline", "plan_first": "original_deadline"}


class Day(forms.DateField):
    """A day of which something can be known."""

    def clean(self, value: Any) -> Any:
        day = super().clean(value)
        if day and not FIRST_DAY <= day <= clock.today():
            raise forms.ValidationError("请选今天或以前的日期。")
        return day


class DayToCome(forms.DateField):
    """A day for which something can be planned, or has been."""

    def clean(self, value: Any) -> Any:
        day = super().clean(value)
        if day and not FIRST_DAY <= day <= LAST_DAY:
            raise forms.ValidationError("请核对日期。")
        return day


class DayFilter(df.DateFilter):
    field_class = Day


class PlanFilter(df.DateFilter):
    field_class = DayToCome


class Filters(dict):
    """Of which the library makes deep copies for each request: a copy of each, bound to itself, is enough."""

    def __deepcopy__(self, memo: object) -> dict[str, df.Filter]:
        copies = {name: copy.copy(one) for name, one in self.items()}
        for one in copies.values():
            one.method = one.method
        return copies


class Fields(dict):
    """Made for one form alone, which needs no copies of them."""

    def __deepcopy__(self, memo: object) -> Fields:
        return self


class Conditions(df.FilterSet):
    """What a number of an overview adds to the conditions of the list."""

    on = DayFilter(label=WORDS["on"], method="leave")
    since = DayFilter(label=WORDS["since"], method="leave")
    happened = df.ChoiceFilter(label=WORDS["happened"], choices=Happened.choices, method="leave")
    within = df.ModelChoiceFilter(label=WORDS["within"], queryset=Unit.objects.none(), method="below")
    band = df.ChoiceFilter(label=WORDS["band"], choices=Band.choices, method="overdue_band")
    plan = PlanFilter(label=WORDS["plan"], method="planned")
    plan_first = PlanFilter(label=WORDS["plan_first"], method="planned")
    followed = df.ChoiceFilter(
        label=WORDS["followed"], choices=list(SAID["followed"].items()), method="to_follow_up"
    )
    lasting = df.ChoiceFilter(
        label=WORDS["lasting"], choices=list(SAID["lasting"].items()), method="with_lasting_result"
    )
    cause = df.ModelChoiceFilter(label=WORDS["cause"], queryset=RootCause.objects.none(), method="of_source")
    direction = df.ModelChoiceFilter(
        label=WORDS["direction"], queryset=ImprovementDirection.objects.none(), method="of_source"
    )

    rules: list[LedgerRule]
    user: User | None = None
    asks_year = False  # of the newest year's ledgers alone

    @classmethod
    def get_filters(cls) -> Filters:
        return Filters(super().get_filters())

    def get_form_class(self) -> type[forms.Form]:
        form: Any = super().get_form_class()
        form.base_fields = Fields(form.base_fields)
        return form

    def limit(self, reports: QuerySet[Report], user: User | None) -> None:
        """The options a person may choose from."""
        self.filters["within"].queryset = Unit.objects.visible_to(user) if user else Unit.objects.none()
        for name, model in (("cause", RootCause), ("direction", ImprovementDirection)):
            self.filters[name].queryset = model._default_manager.filter(report__in=reports)

    def as_of(self, queryset: QuerySet, cleaned: Mapping[str, Any]) -> tuple[QuerySet, dict[str, Any]]:
        """Apply what is asked of the past; returns the conditions that are left."""
        rest, day = dict(cleaned), cleaned.get("on")
        what, since = rest.get("happened"), rest.get("since")
        until = day or clock.today()
        if what and since:
            queryset = queryset.filter(happened(what, since, until))
        if is_past(day) and what != Happened.REMOVED:  # what was withdrawn has no row that counts
            states = self.states(cleaned).order_by()
            if any(rest.get(name) for name in (*AT_THE_TIME, *DATED)):
                queryset = queryset.filter(pk__in=states.values("problem_id"))
            else:  # nearly all: asked of each in the order of the list, as far as a page needs
                queryset = queryset.filter(Exists(states.filter(problem=OuterRef("pk"))))
            rest = {name: value for name, value in rest.items() if name not in (*AT_THE_TIME, *DATED)}
        return queryset, rest

    def states(self, cleaned: Mapping[str, Any]) -> ProblemStateQuerySet:
        """The history rows of the day asked for that meet what is asked of them."""
        day: dt.date = cleaned["on"]
        rows = ProblemState.objects.at(day).live()
        for name in AT_THE_TIME:
            rows = self.filters[name].filter(rows, cleaned.get(name))
        if not self._takes_carried(cleaned):
            rows = rows.filter(rank__lt=Rank.CARRIED)
        if (lights := cleaned.get("light")) and set(lights) != set(RagStatus.values):
            conditions, query = rows.light_conditions(day, self.rules), Q(pk__in=[])
            for light in lights:
                query |= conditions[light]
            rows = rows.filter(query)
        if timing := cleaned.get("timing"):
            rows = rows.filter(timing_rule(timing, day))
        if cleaned.get("stale"):
            rows = rows.stale(day)
        if cleaned.get("deadline"):
            rows = rows.filter(deadline__isnull=True)
        for name, date in PLANS.items():
            if planned := cleaned.get(name):
                rows = rows.filter(planned_open(date, planned))
        if unit := cleaned.get("within"):
            rows = rows.filter(in_subtree(unit))
        return rows.filter(overdue_for(band, day)) if (band := cleaned.get("band")) else rows

    def _takes_carried(self, cleaned: Mapping[str, Any]) -> bool:
        raise NotImplementedError

    def lights_then(self, queryset: QuerySet, cleaned: Mapping[str, Any]) -> dict[str, int]:
        """The lights of the day asked for, among the problems given; of whole ledgers they may be kept."""
        if (scope := self._whole(cleaned)) is not None:
            lights = lights_of(scope)
            lights.pop(RagStatus.CARRIED, None)
            return dict(lights)
        rows = self.states(cleaned).filter(problem__in=queryset.order_by().values("pk"))
        lit = rows.with_light(cleaned["on"], self.rules).order_by()
        return dict(lit.values_list("light").annotate(n=Count("*")))

    def _whole(self, cleaned: Mapping[str, Any]) -> Scope | None:
        """What is asked, where that is all there is of some ledgers on the day."""
        others = (value for name, value in cleaned.items() if name not in ("on", "report", "light"))
        if any(others) or self.asks_year or not (self.user and sees_whole_ledgers(self.user)):
            return None
        reports = self.filters["report"].queryset.select_related("settings")
        if report := cleaned.get("report"):
            reports = reports.filter(pk=report.pk)
        report, whole = cleaned.get("report"), list(reports)
        return Scope(self.queryset, cleaned["on"], self.rules, report, whole=whole, by_rules=True)

    def leave(self, queryset: QuerySet, name: str, value: Any) -> QuerySet:
        """Asked before, together with the others of its kind."""
        return queryset

    def below(self, queryset: QuerySet, name: str, value: Unit) -> QuerySet:
        return queryset.filter(in_subtree(value))

    def overdue_band(self, queryset: QuerySet, name: str, value: str) -> QuerySet:
        return queryset.filter(overdue_for(value, clock.today()))

    def planned(self, queryset: QuerySet, name: str, value: dt.date) -> QuerySet:
        return queryset.filter(planned_open(PLANS[name], value))

    def to_follow_up(self, queryset: QuerySet, name: str, value: str) -> QuerySet:
        return queryset.filter(follow_up_due(clock.today()))

    def with_lasting_result(self, queryset: QuerySet, name: str, value: str) -> QuerySet:
        return queryset.filter(with_lasting(value == "done"))

    def of_source(self, queryset: QuerySet, name: str, value: Any) -> QuerySet:
        return queryset.filter(tied_to(value))


def is_past(day: dt.date | None) -> bool:
    return day is not None and day < clock.today()
