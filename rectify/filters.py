"""One filter for each list, shared by the screen and the export; wrong values are ignored and named."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Self

import django_filters as df
from django.db.models import Case, Count, F, IntegerField, Q, QuerySet, Value, When
from django.http import QueryDict

from . import clock, wording
from .choices import Kind, Light, Source, Status, Timing, Todo
from .models import Aspect, Leader, Problem, Report, Unit, User
from .models.closing import todo
from .models.tracked import LightQuerySet, timing_rule

NONE = "none"
URGENCY = (
    Light.OVERDUE,
    Light.DUE_SOON,
    Light.UNREPORTED,
    Light.UNDATED,
    Light.NORMAL,
    Light.STANDING,
    Light.CLOSED,
    Light.CARRIED,
    Light.WITHDRAWN,
)
LIGHTS = [(light.value, light.label) for light in URGENCY if light != Light.WITHDRAWN]
WORDS = {
    "report": "报告",
    "light": "时限",
    "status": "状态",
    "leader": "责任领导",
    "unit": "责任单位",
    "aspect": "查摆方面",
    "kind": "整改类型",
    "clerk": "经办人",
    "source": "问题来源",
    "deadline": "整改时限",
    "todo": "待我办理",
    "timing": "按期情况",
    "q": "搜索",
    "withdrawn": "已撤回",
}


CHOICES: dict[str, Any] = {
    "light": Light,
    "status": Status,
    "kind": Kind,
    "source": Source,
    "todo": Todo,
    "timing": Timing,
}


class ProblemFilter(df.FilterSet):
    """The filter of the problem list; withdrawn problems are left out unless asked for."""

    report = df.ModelChoiceFilter(label=WORDS["report"], queryset=Report.objects.none(), empty_label="全部")
    light = df.MultipleChoiceFilter(label=WORDS["light"], choices=LIGHTS)
    leader = df.ModelChoiceFilter(
        label=WORDS["leader"],
        queryset=Leader.objects.none(),
        empty_label="全部",
        null_label="未明确",
        null_value=NONE,
    )
    unit = df.ModelChoiceFilter(
        field_name="lead_unit",
        label=WORDS["unit"],
        queryset=Unit.objects.none(),
        empty_label="全部",
        null_label="未明确",
        null_value=NONE,
    )
    aspect = df.ModelChoiceFilter(
        label=WORDS["aspect"],
        queryset=Aspect.objects.none(),
        empty_label="全部",
        null_label="未归入",
        null_value=NONE,
    )
    status = df.ChoiceFilter(label=WORDS["status"], choices=Status.choices, empty_label="全部")
    kind = df.ChoiceFilter(label=WORDS["kind"], choices=Kind.choices, empty_label="全部")
    source = df.ChoiceFilter(label=WORDS["source"], choices=Source.choices, empty_label="全部")
    clerk = df.ModelChoiceFilter(
        label=WORDS["clerk"],
        queryset=User.objects.none(),
        empty_label="全部",
        null_label="未明确",
        null_value=NONE,
    )
    deadline = df.ChoiceFilter(
        label=WORDS["deadline"], choices=[(NONE, "未定期限")], empty_label="全部", method="without_deadline"
    )
    todo = df.ChoiceFilter(
        label=WORDS["todo"], choices=Todo.choices, empty_label="全部", method="waits_for_me"
    )
    timing = df.ChoiceFilter(
        label=WORDS["timing"], choices=Timing.choices, empty_label="全部", method="against_dates"
    )
    q = df.CharFilter(label=WORDS["q"], method="search", max_length=100)
    withdrawn = df.ChoiceFilter(
        label=WORDS["withdrawn"], choices=[("1", "只看已撤回")], empty_label="不看", method="keep"
    )

    user: User | None = None

    class Meta:
        model = Problem
        fields: list[str] = []

    def __init__(self, data: Any, queryset: LightQuerySet, reports: QuerySet[Report] | None = None) -> None:
        """`queryset` holds what the person may see; the options are taken from it."""
        super().__init__(data, queryset=queryset.with_light(clock.today()))
        seen = queryset.order_by()
        if reports is None:
            reports = Report.objects.filter(pk__in=seen.values("report"))
        self.filters["report"].queryset = reports
        self.filters["leader"].queryset = Leader.objects.filter(pk__in=seen.values("leader"))
        self.filters["unit"].queryset = Unit.objects.filter(pk__in=seen.values("lead_unit"))
        self.filters["aspect"].queryset = Aspect.objects.filter(pk__in=seen.values("aspect"))
        self.filters["clerk"].queryset = User.objects.filter(pk__in=seen.values("clerk")).order_by("name")

    @classmethod
    def of(cls, user: User, data: Mapping[str, Any] | str) -> Self:
        """The filter over what the person may see, from a query string or its parsed form."""
        data = QueryDict(data) if isinstance(data, str) else data
        made = cls(data, Problem.objects.visible_to(user), Report.objects.visible_to(user))
        made.user = user
        return made

    def filter_queryset(self, queryset: QuerySet) -> QuerySet:
        return self._filtered(queryset, self.form.cleaned_data)

    def light_counts(self) -> dict[str, int]:
        """How many problems of each light the other conditions leave: the numbers on the chips."""
        self.is_valid()
        others = {name: value for name, value in self.form.cleaned_data.items() if name != "light"}
        rows = self._filtered(self.queryset.all(), others).order_by().values("light").annotate(n=Count("*"))
        return {row["light"]: row["n"] for row in rows}

    def _filtered(self, queryset: QuerySet, cleaned: Mapping[str, Any]) -> QuerySet:
        for name, value in cleaned.items():
            if name == "light":
                queryset = queryset.filter(light__in=value) if value else queryset
            else:
                queryset = self.filters[name].filter(queryset, value)
        return queryset if cleaned.get("withdrawn") else queryset.filter(withdrawn=False)

    def without_deadline(self, queryset: QuerySet, name: str, value: str) -> QuerySet:
        return queryset.filter(deadline__isnull=True)

    def waits_for_me(self, queryset: QuerySet, name: str, value: str) -> QuerySet:
        return queryset.filter(todo(self.user, value, clock.today())) if self.user else queryset.none()

    def against_dates(self, queryset: QuerySet, name: str, value: str) -> QuerySet:
        return queryset.filter(timing_rule(value, clock.today()))

    def keep(self, queryset: QuerySet, name: str, value: str) -> QuerySet:
        return queryset.filter(withdrawn=True)

    def search(self, queryset: QuerySet, name: str, value: str) -> QuerySet:
        for word in value.split():
            queryset = queryset.filter(
                Q(title__icontains=word) | Q(code__icontains=word) | Q(text__icontains=word)
            )
        return queryset

    @property
    def cleaned(self) -> dict[str, Any]:
        """The conditions that hold; wrong ones are left out."""
        self.is_valid()
        return {name: value for name, value in self.form.cleaned_data.items() if value}

    @property
    def ignored(self) -> list[str]:
        """The Chinese names of the conditions whose values made no sense."""
        return [] if self.is_valid() else [WORDS[name] for name in self.form.errors]


def most_urgent_first(queryset: QuerySet) -> QuerySet:
    """Overdue first, then due soon, unreported, undated, normal, standing, closed; the longest wait first."""
    rank = Case(
        *(When(light=light, then=Value(place)) for place, light in enumerate(URGENCY)),
        output_field=IntegerField(),
    )
    return queryset.order_by(rank, F("deadline").asc(nulls_last=True), "-report__year", "report", "number")


def describe(cleaned: Mapping[str, Any]) -> str:
    """The current conditions in Chinese words, as printed on an exported ledger; empty for all."""
    parts = [
        f"{WORDS[name]}：{_words(name, value)}" for name, value in cleaned.items() if value and name in WORDS
    ]
    return "；".join(parts)


def _words(name: str, value: Any) -> str:
    if value == NONE:
        return {"deadline": "未定期限", "aspect": "未归入"}.get(name, "未明确")
    choices = CHOICES.get(name)
    if choices:
        values: Iterable[str] = [value] if isinstance(value, str) else value
        return wording.listed(str(choices(one).label) for one in values)
    if name == "withdrawn":
        return "只看已撤回"
    return f"“{value}”" if name == "q" else str(value)
