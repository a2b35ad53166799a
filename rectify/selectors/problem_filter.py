"""One filter for each list, shared by the screen and the export; wrong values are ignored and named."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Hashable, Iterable, Mapping, Sequence
from functools import cached_property, reduce
from operator import or_
from typing import Any, Self

import django_filters as df
from django.db.models import Case, IntegerField, Model, Q, QuerySet, Value, When
from django.http import QueryDict

from rectify import clock, wording
from rectify.choices import Happened, Kind, RagStatus, Source, Status, Timing, Todo
from rectify.models import (
    Aspect,
    Instruction,
    Leader,
    LedgerSettings,
    Problem,
    Report,
    Unit,
    User,
)
from rectify.models.compiled import compiled
from rectify.models.list_indexes import PUT_OFF
from rectify.models.office import LedgerRule
from rectify.models.rag_status import (
    BANDS,
    OPEN_IN_TIME,
    IndexReading,
    LightQuerySet,
    RankReading,
    lights_of,
)
from rectify.models.rank import NEVER, Rank
from rectify.models.report import sees_whole_ledgers
from rectify.models.search.lookup import Found, holding, look_up
from rectify.models.supervision import to_supervise
from rectify.models.timing import timing_rule
from rectify.roles import REPORTING
from rectify.selectors import criteria as conditions
from rectify.selectors.criteria import Conditions, is_past
from rectify.selectors.filter_choices import NAMES, choices_for
from rectify.selectors.ledgers import YEAR, reports_in
from rectify.selectors.list_counts import (
    ARREARS,
    OLD,
    OfLedger,
    by_ledger,
    kept_lights,
    knows,
    knows_by_ledger,
)
from rectify.selectors.list_rows import in_force, overdue_or_put_off, rank_of
from rectify.selectors.todo import todo

NONE = "none"
URGENCY = (
    RagStatus.OVERDUE,
    RagStatus.DUE_SOON,
    RagStatus.UNREPORTED,
    RagStatus.UNDATED,
    RagStatus.NORMAL,
    RagStatus.STANDING,
    RagStatus.CLOSED,
    RagStatus.FINISHED_BEFORE,
    RagStatus.CARRIED,
    RagStatus.WITHDRAWN,
)
LIGHTS = [(light.value, light.label) for light in URGENCY if light != RagStatus.WITHDRAWN]
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
    "stale": "本期填报",
    "instruction": "批示",
    "suggest": "督办",
    "arrears": "逾期年限",
} | conditions.WORDS
# What each of these conditions says when it is chosen.
SAID = {
    "withdrawn": {"1": "只看已撤回"},
    "stale": {"1": "本期未报"},
    "instruction": {"waiting": "有批示待办理", "mine": "有批示待本单位办理"},
    "suggest": {"1": "逾期已久，建议督办"},
    "arrears": {"recent": "逾期一年以内", "old": "逾期超过一年"},
} | conditions.SAID


OF_OVERVIEWS = ("within", "cause", "direction")  # which only their links ask
FREELY_ASKED = frozenset({"q", "on", "since", "happened", "cause", "direction"})
CHOICES: dict[str, Any] = {
    "light": RagStatus,
    "status": Status,
    "kind": Kind,
    "source": Source,
    "todo": Todo,
    "timing": Timing,
} | conditions.CHOICES


def _chosen(name: str, method: str, empty: str = "全部") -> df.ChoiceFilter:
    """A condition whose values are said in words of its own."""
    return df.ChoiceFilter(
        label=WORDS[name], choices=list(SAID[name].items()), empty_label=empty, method=method
    )


def _named(name: str, model: Any, null: str = "未明确", **where: str) -> df.ModelChoiceFilter:
    """A condition that is one of many, or none."""
    return df.ModelChoiceFilter(
        label=WORDS[name],
        queryset=model.objects.none(),
        empty_label="全部",
        null_label=null,
        null_value=NONE,
        **where,
    )


class ProblemFilter(Conditions):
    """The filter of the problem list; problems that were withdrawn, or go on in another ledger, are left out
    unless asked for."""

    report = df.ModelChoiceFilter(label=WORDS["report"], queryset=Report.objects.none(), empty_label="全部")
    light = df.MultipleChoiceFilter(label=WORDS["light"], choices=LIGHTS)
    leader = _named("leader", Leader)
    unit = _named("unit", Unit, field_name="lead_unit")
    aspect = _named("aspect", Aspect, null="未归入")
    status = df.ChoiceFilter(label=WORDS["status"], choices=Status.choices, empty_label="全部")
    kind = df.ChoiceFilter(label=WORDS["kind"], choices=Kind.choices, empty_label="全部")
    source = df.ChoiceFilter(label=WORDS["source"], choices=Source.choices, empty_label="全部")
    clerk = _named("clerk", User)
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
    withdrawn = _chosen("withdrawn", "keep", "不看")
    stale = _chosen("stale", "silent")
    instruction = _chosen("instruction", "instructed")
    suggest = _chosen("suggest", "long_overdue")
    arrears = _chosen("arrears", "overdue_since")

    user: User
    ledgers: QuerySet[Report] | None = None  # of which the person sees all there is
    order = "light"  # in which the list is read
    asks_year = False  # of the ledgers of the newest year only
    by_date = True  # said so that an index of dates answers
    in_part = False  # a page lists no more of what is found everywhere than anybody reads
    with_carried = False  # a ledger shows what was carried out of it

    class Meta:
        model = Problem
        fields: list[str] = []

    def __init__(
        self, data: Any, queryset: LightQuerySet, user: User, rules: list[LedgerRule] | None = None
    ) -> None:
        """`queryset` holds what the person may see."""
        self.rules = LedgerSettings.objects.rules() if rules is None else rules
        self.found: dict[str, Found | None] = {}
        super().__init__(data, queryset=queryset)
        self.user = user
        self._limit_what_is_asked()

    @classmethod
    def of(cls, user: User, data: QueryDict | str, rules: list[LedgerRule] | None = None) -> Self:
        """The filter over what the person may see in the ledgers asked for, from a query string."""
        data = QueryDict(data) if isinstance(data, str) else data
        seen, ledgers = Problem.objects.visible_to(user), Report.objects.visible_to(user)
        asks_year = data.get("report") == YEAR
        if asks_year:
            data = data.copy()
            data.pop("report")
            ledgers = reports_in(user, YEAR)
            seen = seen.filter(report__in=ledgers.order_by().values("pk"))
        found = cls(data, seen, user, rules)
        found.asks_year = asks_year
        found.ledgers = ledgers if sees_whole_ledgers(user) else None
        return found

    def _limit_what_is_asked(self) -> None:
        """Give the conditions that are asked what may be chosen; for the others nothing is built."""
        reports = self.filters["report"].queryset = self.choices("report")
        for name in NAMES:
            if self.data.get(name):
                self.filters[name].queryset = self.choices(name)
        if any(self.data.get(name) for name in OF_OVERVIEWS):
            self.limit(reports, self.user)

    def choices(self, name: str) -> QuerySet:
        """What the person may choose of a condition."""
        return choices_for(name, self.user, self.queryset)

    @cached_property
    def key(self) -> Hashable:
        """All that the query of this list is made of, as the key of a compiled one; none for what is asked
        of the past, of a cause or a direction, or in words of one's own."""
        asked = self.cleaned
        if not FREELY_ASKED.isdisjoint(asked):
            return None
        today = clock.today()
        values = tuple((name, _asked(value)) for name, value in sorted(asked.items()))
        rules = (rule.on(today) for rule in self.rules)
        return self.user.scope_and_borders, self.asks_year, self.order, today, values, *rules

    def where(self, query: str) -> LightQuerySet:
        """What one of our own links lists: its values are known to be right."""
        data = QueryDict(query)
        values = {name: data.getlist(name) if name == "light" else data[name] for name in data}
        return self._filtered(self.queryset.all(), values)

    def filter_queryset(self, queryset: QuerySet) -> QuerySet:
        return self._filtered(queryset, self.form.cleaned_data)

    def light_counts(self) -> dict[str, int]:
        """How many problems of each light the other conditions leave: the numbers on the chips."""
        self.is_valid()
        others = self.form.cleaned_data | {"light": list(RagStatus.values)}
        if is_past(others.get("on")) and others.get("happened") != Happened.REMOVED:
            return self.lights_then(self._filtered(self.queryset.all(), others), others)
        if self.of_ledgers is not None:
            return dict(sum((of.lights for of in self.of_ledgers.values()), Counter[str]()))
        if self.ledgers is not None and knows(others):
            return kept_lights(self.ledgers, others, self.rules)

        def lit() -> QuerySet:
            return self._filtered(self.queryset.all(), others).by_light(clock.today(), self.rules)

        counts = lights_of(compiled(self.key and ("lights", self.key), lit))
        return {light: count for light, count in counts.items() if count}

    @property
    def is_counted(self) -> bool:
        """Whether each of its problems was looked at for these numbers, for they are kept nowhere."""
        asked = self.cleaned
        kept = self.ledgers is not None and (knows(asked) or knows_by_ledger(asked))
        return not kept and not is_past(asked.get("on"))

    def few(self) -> tuple[Case | int, QuerySet]:
        """The list found as for these numbers, by no date and no light; and what tells in which part a row
        stands."""
        cleaned, today = self.form.cleaned_data, clock.today()
        met = self._meeting(self.queryset.all(), {**cleaned, "light": ()}).filter(self._in_force(cleaned))
        lit = met.with_light(today, self.rules)
        if lights := cleaned.get("light"):
            lit = lit.filter(light__in=lights)
        if not self._bands:
            return 0, lit
        parts = [When(light__in=lights, then=Value(place)) for place, lights in enumerate(self._bands)]
        return Case(*parts, output_field=IntegerField()), lit

    @cached_property
    def of_ledgers(self) -> dict[int, OfLedger] | None:
        """What each ledger holds of the list, where that is kept counted."""
        asked = self.cleaned
        if self.ledgers is None or not knows_by_ledger(asked):
            return None
        return by_ledger(self.ledgers, asked, self.rules)

    def lengths_by_ledger(self) -> dict[int, tuple[int, int]] | None:
        """How many rows of the list each ledger holds, of how many, where less than all is listed."""
        asked = self.cleaned
        if self.of_ledgers is None or not asked.keys() - {"report"}:
            return None
        left_out = () if self.takes_carried else (RagStatus.CARRIED,)
        lights = asked.get("light") or [light for light in RagStatus if light not in left_out]
        return {
            pk: (sum(of.lights[light] for light in lights), of.total) for pk, of in self.of_ledgers.items()
        }

    def part_of(self, ledgers: Sequence[int], few: bool) -> QuerySet:
        """The list of some ledgers: few are led to by rank and date and put in order, many read in order."""
        self.is_valid()
        self.by_date = few
        rows = self.queryset.filter(report__in=ledgers)
        return self._filtered(rows.filter(rank__in=Rank.values) if few else rows, self.form.cleaned_data)

    def part_lengths(self, counts: Mapping[str, int], total: int) -> list[int]:
        """How long the parts are in which the list is read in its order."""
        chosen = self.cleaned.get("light") or list(RagStatus)
        bands = [[light for light in lights if light in chosen] for lights in self._bands]
        return [sum(counts.get(light, 0) for light in lights) for lights in bands] or [total]

    def parts(self) -> list[QuerySet]:
        """These parts. What is not in force is left out of the last alone: said beside the rank of the
        others, SQLite would take it for what narrows most."""
        cleaned, today = self.cleaned, clock.today()
        if not self._bands:
            return [self.qs]
        met = self._meeting(self.queryset.all(), self.form.cleaned_data)
        if self._bands is not BANDS:
            return [met.filter(part) for part in overdue_or_put_off(today)]
        *open_ones, others = self.queryset.band_conditions(today, self.rules)
        if rank_of(cleaned):  # said already: SQLite would take the range, and sort what is in it
            others = Q()
        return [met.filter(part) for part in (*open_ones, others & self._in_force(cleaned))]

    @property
    def _bands(self) -> Sequence[Sequence[str]]:
        """The lights of each part of the list, if it has parts."""
        cleaned = self.cleaned
        if is_past(cleaned.get("on")):
            return ()
        if self.order == "deadline" and cleaned.get("timing") == Timing.ORIGINAL_OVERDUE:
            all_open = self._in_force(cleaned) == Q(rank=Rank.OPEN)
            return ((RagStatus.OVERDUE,), OPEN_IN_TIME) if all_open else ()
        return BANDS if self.order == "light" else ()

    def _filtered(self, queryset: Any, cleaned: Mapping[str, Any]) -> Any:
        return self._meeting(queryset, cleaned).filter(self._in_force(cleaned))

    def _meeting(self, queryset: Any, cleaned: Mapping[str, Any]) -> Any:
        """What meets the conditions, withdrawn and carried ones among them."""
        queryset, left = self.as_of(queryset, cleaned)
        for name, value in left.items():
            if name == "light":
                some = value and set(value) != set(RagStatus.values)
                queryset = queryset.filter(self._lit(value)) if some else queryset
            else:
                queryset = self.filters[name].filter(queryset, value)
        return queryset

    def _in_force(self, cleaned: Mapping[str, Any]) -> Q:
        """Which of them the list leaves out; of a past day its history has told."""
        kept = cleaned.get("withdrawn") or cleaned.get("happened") == Happened.REMOVED
        if kept or is_past(cleaned.get("on")):
            return Q()
        if self._takes_carried(cleaned):
            return Q(rank__lt=Rank.WITHDRAWN)
        return in_force(cleaned, self.order)

    @property
    def takes_carried(self) -> bool:
        """Whether the list counts what goes on in another ledger, whichever lights are chosen."""
        return self._takes_carried({**self.cleaned, "light": ()})

    def _takes_carried(self, cleaned: Mapping[str, Any]) -> bool:
        """What happened to an item, and what it left behind, is told of it wherever it goes on."""
        told = any(cleaned.get(name) for name in ("happened", "lasting"))
        return bool(self.with_carried or told or RagStatus.CARRIED in (cleaned.get("light") or ()))

    def _lit(self, lights: Iterable[str]) -> Q:
        """Any of the lights, as conditions that an index answers."""
        reading = IndexReading if self.by_date else RankReading
        conditions = self.queryset.light_conditions(clock.today(), self.rules, reading)
        return reduce(or_, (conditions[light] for light in lights))

    def without_deadline(self, queryset: QuerySet, name: str, value: str) -> QuerySet:
        """Said so that one index leads to them in each order."""
        if not self.by_date:
            return queryset.filter(deadline__isnull=True)
        return queryset.filter(due=NEVER, rank__in=Rank.values)

    def waits_for_me(self, queryset: QuerySet, name: str, value: str) -> QuerySet:
        return queryset.filter(todo(self.user, value, clock.today()))

    def against_dates(self, queryset: QuerySet, name: str, value: str) -> QuerySet:
        rule = timing_rule(value, clock.today())
        return queryset.filter(rule & PUT_OFF if value == Timing.EXTENDED else rule)

    def keep(self, queryset: QuerySet, name: str, value: str) -> QuerySet:
        return queryset.filter(rank=Rank.WITHDRAWN)

    def silent(self, queryset: Any, name: str, value: str) -> QuerySet:
        return queryset.stale(clock.today(), self.rules)

    def instructed(self, queryset: QuerySet, name: str, value: str) -> QuerySet:
        """With an instruction that waits; `mine`: for the unit the person works in."""
        found = queryset.filter(pk__in=Instruction.objects.waiting().values("problem"))
        if value != "mine":
            return found
        return found.filter(lead_unit__in=self.user.unit_ids(*REPORTING))

    def long_overdue(self, queryset: Any, name: str, value: str) -> QuerySet:
        return to_supervise(queryset, clock.today(), self.rules)

    def overdue_since(self, queryset: QuerySet, name: str, value: str) -> QuerySet:
        """What has been late for more than a year, or not yet as long."""
        year_ago = clock.today() - ARREARS
        if not self.by_date:
            old = Q(deadline__lt=year_ago)
            return queryset.filter(old if value == OLD else ~old)
        return queryset.filter(due__lt=year_ago) if value == OLD else queryset.filter(due__gte=year_ago)

    def search(self, queryset: QuerySet, name: str, value: str) -> QuerySet:
        """What holds every word; in part it is found once for the numbers and the page."""
        if not self.in_part:
            return holding(value, queryset)
        if value not in self.found:
            self.found[value] = look_up(value, self.queryset, self.user)
        found = self.found[value]
        return queryset if found is None else queryset.filter(pk__in=found.ids)

    @property
    def finds_more(self) -> bool:
        """Whether the words are found so often that only a part is listed."""
        return any(found and found.more for found in self.found.values())

    @property
    def cleaned(self) -> dict[str, Any]:
        """The conditions that hold; wrong ones are left out."""
        self.is_valid()
        return {name: value for name, value in self.form.cleaned_data.items() if value}

    @property
    def ignored(self) -> list[str]:
        """The Chinese names of the conditions whose values made no sense."""
        return [] if self.is_valid() else [WORDS[name] for name in self.form.errors]


def _asked(value: Any) -> Hashable:
    """A condition as part of a key: a unit with its place in the tree, of which its subtree is found."""
    if isinstance(value, list):
        return tuple(value)
    return (value.pk, getattr(value, "path", "")) if isinstance(value, Model) else value


def most_urgent_first(queryset: QuerySet) -> QuerySet:
    """Open ones by their deadline, the longest overdue first, undated last; then standing, then closed."""
    return queryset.order_by("rank", "due", "pk")


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
    if name in SAID:
        return SAID[name][value]
    if isinstance(value, dt.date):
        return wording.date(value)
    return f"“{value}”" if name == "q" else str(value)
