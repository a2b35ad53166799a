"""Tracked fields, shared by current rows and their history, and the lights computed from them."""

from __future__ import annotations

import datetime as dt
from typing import Any, Self

from django.db import models
from django.db.models import Case, Count, Exists, F, OuterRef, Q, Value, When
from django.db.models.functions import Coalesce

from rectify import clock
from rectify.choices import Kind, MeasureKind, MeasureStatus, RagStatus, Status, Timing
from rectify.models.office import LedgerRule, LedgerSettings


class Rank(models.IntegerChoices):
    """How far a problem is from needing anybody; what an index can put in order."""

    OPEN = 0
    STANDING = 1
    CLOSED = 2
    CARRIED = 3
    WITHDRAWN = 4


# The lights that a rank decides alone; those of the open ones hang on their dates too.
LIGHT_OF_RANK: dict[str, Rank] = {
    RagStatus.WITHDRAWN: Rank.WITHDRAWN,
    RagStatus.CARRIED: Rank.CARRIED,
    RagStatus.CLOSED: Rank.CLOSED,
    RagStatus.STANDING: Rank.STANDING,
}
# The ranks that a plan counts: whoever is carried over is planned for in the new ledger.
PLANNED = (Rank.OPEN, Rank.STANDING, Rank.CLOSED)
NEVER = dt.date(9999, 12, 31)  # where a problem without a deadline stands in the order of deadlines


def rank_field() -> models.GeneratedField:
    return models.GeneratedField(
        expression=Case(
            When(withdrawn=True, then=Value(Rank.WITHDRAWN)),
            When(carried=True, then=Value(Rank.CARRIED)),
            When(status=Status.CLOSED, then=Value(Rank.CLOSED)),
            When(status=Status.STANDING, then=Value(Rank.STANDING)),
            default=Value(Rank.OPEN),
        ),
        output_field=models.SmallIntegerField(),
        db_persist=True,
    )


def due_field() -> models.GeneratedField:
    return models.GeneratedField(
        expression=Coalesce("deadline", Value(NEVER, output_field=models.DateField())),
        output_field=models.DateField(),
        db_persist=True,
    )


class ProblemFields(models.Model):
    """The tracked fields of a problem; every change of one opens a new state row."""

    title = models.CharField("问题", max_length=200)
    text = models.TextField("问题描述", blank=True)
    goal = models.TextField("整改目标", blank=True)
    remark = models.TextField("备注", blank=True)
    status = models.CharField("状态", max_length=20, choices=Status, default=Status.NOT_STARTED)
    kind = models.CharField("整改类型", max_length=20, choices=Kind, default=Kind.BY_DATE)
    also_standing = models.BooleanField("并长期坚持", default=False)
    leader = models.ForeignKey(
        "rectify.Leader", models.PROTECT, null=True, blank=True, related_name="+", verbose_name="责任领导"
    )
    lead_unit = models.ForeignKey(
        "rectify.Unit", models.PROTECT, null=True, blank=True, related_name="+", verbose_name="责任单位"
    )
    clerk = models.ForeignKey(
        "rectify.User", models.PROTECT, null=True, blank=True, related_name="+", verbose_name="经办人"
    )
    responsible = models.CharField("责任人", max_length=50, blank=True)
    deadline = models.DateField("整改时限", null=True, blank=True)
    deadline_text = models.CharField("时限文字", max_length=100, blank=True)
    original_deadline = models.DateField("原定时限", null=True, blank=True)
    closed_on = models.DateField("销号日期", null=True, blank=True)
    withdrawn = models.BooleanField("已撤回", default=False)
    round = models.PositiveSmallIntegerField("整改轮次", default=1)
    carried = models.BooleanField("已结转", default=False)
    rank = rank_field()
    due = due_field()

    class Meta:
        abstract = True

    TRACKED = (
        "title",
        "text",
        "goal",
        "remark",
        "status",
        "kind",
        "also_standing",
        "leader",
        "lead_unit",
        "clerk",
        "responsible",
        "deadline",
        "deadline_text",
        "original_deadline",
        "closed_on",
        "withdrawn",
        "round",
        "carried",
    )
    TRACKED_SETS = ("supporting_units", "supporting_leaders")


def problem_rules(prefix: str) -> list[models.BaseConstraint]:
    """What must hold for a current row and for each of its history rows."""
    return [
        models.CheckConstraint(condition=~Q(title=""), name=f"{prefix}_has_title"),
        models.CheckConstraint(condition=Q(status__in=Status.values), name=f"{prefix}_status_known"),
        models.CheckConstraint(condition=Q(kind__in=Kind.values), name=f"{prefix}_kind_known"),
        models.CheckConstraint(
            condition=~Q(kind=Kind.STANDING, also_standing=True), name=f"{prefix}_standing_said_once"
        ),
        models.CheckConstraint(
            condition=Q(deadline__isnull=True) | Q(original_deadline__isnull=False),
            name=f"{prefix}_deadline_keeps_original",
        ),
        models.CheckConstraint(
            condition=Q(status=Status.CLOSED, closed_on__isnull=False)
            | (~Q(status=Status.CLOSED) & Q(closed_on__isnull=True)),
            name=f"{prefix}_closed_has_date",
        ),
        models.CheckConstraint(condition=Q(round__gte=1), name=f"{prefix}_round_counts"),
        models.CheckConstraint(
            condition=Q(carried=False) | ~Q(status__in=(Status.CLOSED, Status.IN_REVIEW)),
            name=f"{prefix}_carried_unfinished",
        ),
    ]


def is_open() -> Q:
    """The same as rank OPEN, said by plain columns, which SQLite reads out of an index alone."""
    return Q(withdrawn=False, carried=False) & ~Q(status__in=(Status.CLOSED, Status.STANDING))


def timing_rule(timing: str, today: dt.date) -> Q:
    """The problems, or history rows, that stand so against their dates on that day."""
    closed = Q(status=Status.CLOSED)
    late, original_late = Q(closed_on__gt=F("deadline")), Q(closed_on__gt=F("original_deadline"))
    unfinished = Q(carried=False) & ~Q(status__in=(Status.CLOSED, Status.STANDING))
    return {
        Timing.CLOSED_ON_TIME: closed & (Q(deadline__isnull=True) | Q(closed_on__lte=F("deadline"))),
        Timing.CLOSED_LATE: closed & late,
        Timing.ORIGINAL_ON_TIME: closed
        & (Q(original_deadline__isnull=True) | Q(closed_on__lte=F("original_deadline"))),
        Timing.ORIGINAL_LATE: closed & original_late,
        Timing.ORIGINAL_OVERDUE: unfinished & Q(original_deadline__lt=today),
        Timing.EXTENDED: Q(deadline__gt=F("original_deadline")),
    }[Timing(timing)]


def light_of(problem: Any, today: dt.date, rule: LedgerRule) -> str:
    """The light of one current problem at hand; what `with_light` annotates to many."""
    return light_between(problem, today, rule.due_soon_until(today), rule.reporting_since(today))


def light_between(problem: Any, today: dt.date, soon_until: dt.date, heard_since: dt.date) -> str:
    """The same where it is known what is soon, and since when a note counts."""
    for light, rank in LIGHT_OF_RANK.items():
        if problem.rank == rank:
            return light
    if problem.due < today:
        return RagStatus.OVERDUE
    if problem.due <= soon_until:
        return RagStatus.DUE_SOON
    start = clock.start_of(heard_since)
    if problem.created_at < start and (problem.reported_at is None or problem.reported_at < start):
        return RagStatus.UNREPORTED
    return RagStatus.UNDATED if problem.due == NEVER else RagStatus.NORMAL


class LightQuerySet(models.QuerySet):
    """Overdue, due soon, unreported: computed for a given day, the same for today and for a past date.

    Every light is a condition on `rank`, `due` and the time of the last note, so that an index answers it.
    """

    problem_ref = "pk"
    report_ref = "report"

    def live(self) -> Self:
        """Without the withdrawn ones, which are kept but counted nowhere."""
        return self.filter(rank__lt=Rank.WITHDRAWN)

    def overdue(self, today: dt.date) -> Self:
        return self.lit(RagStatus.OVERDUE, today)

    def due_soon(self, today: dt.date) -> Self:
        return self.lit(RagStatus.DUE_SOON, today)

    def unreported(self, today: dt.date) -> Self:
        return self.lit(RagStatus.UNREPORTED, today)

    def stale(self, today: dt.date, rules: list[LedgerRule] | None = None) -> Self:
        """Work goes on, and nothing was reported in the period, whatever the light."""
        rules = LedgerSettings.objects.rules() if rules is None else rules
        return self.filter(self._unreported(today, rules), rank=Rank.OPEN)

    def unreported_rule(self, today: dt.date, rules: list[LedgerRule]) -> Q:
        """Nothing was reported in the period, whatever the light."""
        return self._unreported(today, rules)

    def lit(self, light: str, today: dt.date) -> Self:
        return self.filter(self.light_conditions(today)[light])

    def timed(self, timing: str, today: dt.date) -> Self:
        """Against the current and against the original date; an extension hides nothing."""
        return self.filter(timing_rule(timing, today))

    def with_light(self, today: dt.date, rules: list[LedgerRule] | None = None) -> Self:
        """Annotate `light`, in the order of precedence of the domain.

        From the plain columns: SQLite never reads a generated one out of an index alone.
        """
        rules = LedgerSettings.objects.rules() if rules is None else rules
        return self.annotate(
            light=Case(
                When(withdrawn=True, then=Value(RagStatus.WITHDRAWN)),
                When(carried=True, then=Value(RagStatus.CARRIED)),
                When(status=Status.CLOSED, then=Value(RagStatus.CLOSED)),
                When(status=Status.STANDING, then=Value(RagStatus.STANDING)),
                When(deadline__lt=today, then=Value(RagStatus.OVERDUE)),
                When(self._due_soon(today, rules, "deadline"), then=Value(RagStatus.DUE_SOON)),
                When(self._unreported(today, rules), then=Value(RagStatus.UNREPORTED)),
                When(deadline__isnull=True, then=Value(RagStatus.UNDATED)),
                default=Value(RagStatus.NORMAL),
                output_field=models.CharField(),
            )
        )

    def light_conditions(self, today: dt.date, rules: list[LedgerRule] | None = None) -> dict[str, Q]:
        """The same as conditions, no two of which hold together: what an index can answer."""
        rules = LedgerSettings.objects.rules() if rules is None else rules
        is_open = Q(rank=Rank.OPEN)
        soon, unreported = self._due_soon(today, rules), self._unreported(today, rules)
        later = is_open & Q(due__gte=today) & ~soon
        return {
            RagStatus.WITHDRAWN: Q(rank=Rank.WITHDRAWN),
            RagStatus.CARRIED: Q(rank=Rank.CARRIED),
            RagStatus.CLOSED: Q(rank=Rank.CLOSED),
            RagStatus.STANDING: Q(rank=Rank.STANDING),
            RagStatus.OVERDUE: is_open & Q(due__lt=today),
            RagStatus.DUE_SOON: is_open & Q(due__gte=today) & soon,
            RagStatus.UNREPORTED: later & unreported,
            RagStatus.UNDATED: later & ~unreported & Q(due=NEVER),
            RagStatus.NORMAL: later & ~unreported & Q(due__lt=NEVER),
        }

    def by_light(self, today: dt.date, rules: list[LedgerRule] | None = None) -> dict[str, int]:
        """How many of each light, by one pass over an index that begins with the rank."""
        conditions = self.light_conditions(today, rules)
        counted = {
            str(light): Count("pk", filter=conditions[light])
            for light in (RagStatus.OVERDUE, RagStatus.DUE_SOON, RagStatus.UNREPORTED, RagStatus.UNDATED)
        }
        lights = {rank: light for light, rank in LIGHT_OF_RANK.items()}
        found: dict[str, int] = {}
        for row in self.order_by().values("rank").annotate(all=Count("*"), **counted):
            if row["rank"] in lights:
                found[lights[row["rank"]]] = row["all"]
                continue
            found |= {light: row[light] for light in counted}
            found[RagStatus.NORMAL] = row["all"] - sum(row[light] for light in counted)
        return found

    def _due_soon(self, today: dt.date, rules: list[LedgerRule], date: str = "due") -> Q:
        limits = {(rule.due_soon_days, rule.day_count): rule.due_soon_until(today) for rule in rules}
        conditions = {key: Q(**{f"{date}__lte": limits[key]}) for key in sorted(limits)}
        return self._by_rule(("due_soon_days", "day_count"), conditions)

    def _unreported(self, today: dt.date, rules: list[LedgerRule]) -> Q:
        """Known before the period began, and no note in it."""
        conditions = {}
        for rule in rules:
            start = clock.start_of(rule.reporting_since(today))
            known = Q(**{self._through_problem("created_at__lt"): start})
            conditions[(rule.key,)] = known & self._silent(start, clock.end_of(today))
        return self._by_rule(("rule_key",), conditions)

    def _by_rule(self, fields: tuple[str, ...], conditions: dict[tuple[Any, ...], Q]) -> Q:
        if len(conditions) == 1:
            return next(iter(conditions.values()))
        paths = [f"{self.report_ref}__settings__{name}" for name in fields]
        query = Q(pk__in=[])
        for values, condition in conditions.items():
            query |= Q(**dict(zip(paths, values, strict=True))) & condition
        return query

    def _silent(self, start: dt.datetime, end: dt.datetime) -> Q:
        """No note from `start` until before `end`."""
        from rectify.models.progress import ProgressNote  # the notes' model is built on this module

        notes = ProgressNote.objects.filter(problem=OuterRef(self.problem_ref), at__gte=start, at__lt=end)
        return ~Q(Exists(notes))

    def _through_problem(self, lookup: str) -> str:
        return lookup if self.problem_ref == "pk" else f"problem__{lookup}"


class MeasureFields(models.Model):
    """The tracked fields of a measure."""

    text = models.TextField("整改措施")
    kind = models.CharField("类别", max_length=10, choices=MeasureKind, default=MeasureKind.NOW)
    standard = models.CharField("完成标志", max_length=200, blank=True)
    unit = models.ForeignKey(
        "rectify.Unit", models.PROTECT, null=True, blank=True, related_name="+", verbose_name="责任单位"
    )
    deadline = models.DateField("完成时限", null=True, blank=True)
    status = models.CharField("状态", max_length=10, choices=MeasureStatus, default=MeasureStatus.OPEN)
    result = models.TextField("完成情况", blank=True)
    finished_on = models.DateField("完成日期", null=True, blank=True)
    rule_name = models.CharField("制度名称", max_length=200, blank=True)
    rule_number = models.CharField("文号", max_length=100, blank=True)

    class Meta:
        abstract = True

    TRACKED = (
        "text",
        "kind",
        "standard",
        "unit",
        "deadline",
        "status",
        "result",
        "finished_on",
        "rule_name",
        "rule_number",
    )
    TRACKED_SETS: tuple[str, ...] = ()


def measure_rules(prefix: str) -> list[models.BaseConstraint]:
    """What must hold for a measure's current row and for each of its history rows."""
    return [
        models.CheckConstraint(condition=~Q(text=""), name=f"{prefix}_has_text"),
        models.CheckConstraint(condition=Q(kind__in=MeasureKind.values), name=f"{prefix}_kind_known"),
        models.CheckConstraint(condition=Q(status__in=MeasureStatus.values), name=f"{prefix}_status_known"),
        models.CheckConstraint(
            condition=Q(status=MeasureStatus.DONE, finished_on__isnull=False)
            | (~Q(status=MeasureStatus.DONE) & Q(finished_on__isnull=True)),
            name=f"{prefix}_done_has_date",
        ),
    ]
