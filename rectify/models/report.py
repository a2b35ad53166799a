"""A report is a ledger: its aspects, problems and their concrete manifestations."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

from django.db import models
from django.db.models import Case, Exists, F, OuterRef, Q, When

from rectify import clock
from rectify.addresses import address
from rectify.choices import ENDED, Role, Source
from rectify.models.field_registry import LABELS
from rectify.models.list_indexes import list_indexes
from rectify.models.people import Membership, User, within
from rectify.models.rag_status import LightQuerySet
from rectify.models.versioned_fields import ProblemFields, problem_rules
from rectify.roles import HOLDERS, OVERSEERS, RECORD_READERS, REPORTING


class ReportQuerySet(models.QuerySet["Report"]):
    def visible_to(self, user: User) -> ReportQuerySet:
        """Office and inspector: their subtree; the others: the ledgers that hold a problem of theirs."""
        scope = within("unit__path", _overseen(user))
        theirs = Problem.objects.held_by(user).values("report_id")
        return self.filter(scope | Q(pk__in=theirs))

    def auditable_by(self, user: User) -> ReportQuerySet:
        """The ledgers whose audit entries a person may read."""
        return self.filter(within("unit__path", user.paths(*RECORD_READERS)))

    def overseen_by(self, user: User) -> ReportQuerySet:
        """The ledgers of which a person sees all."""
        return self.filter(within("unit__path", user.paths(*OVERSEERS)))

    def run_by(self, user: User) -> ReportQuerySet:
        """The ledgers a person runs as the office."""
        return self.filter(within("unit__path", user.paths(Role.OFFICE)))

    def newest_first(self) -> ReportQuerySet:
        return self.order_by("-year", "-id")


class Report(models.Model):
    """One self-inspection report for one meeting: one ledger. It may exist without a source text."""

    unit = models.ForeignKey("rectify.Unit", models.PROTECT, related_name="reports", verbose_name="填报单位")
    year = models.PositiveSmallIntegerField("年度")
    title = models.CharField("名称", max_length=200)
    meeting = models.CharField("会议", max_length=200, blank=True)
    prefix = models.CharField("编号前缀", max_length=20)
    created_at = models.DateTimeField("建立时间")
    created_by = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name="建立人")

    objects = ReportQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "报告"
        ordering = ["-year", "-id"]
        constraints = [
            models.UniqueConstraint(fields=["unit", "prefix"], name="report_prefix_once"),
            models.CheckConstraint(condition=Q(year__gte=1949, year__lte=2200), name="report_year_plausible"),
            models.CheckConstraint(condition=~Q(title=""), name="report_has_title"),
        ]

    def __str__(self) -> str:
        return self.title

    def get_absolute_url(self) -> str:
        return address("report", self.pk)


class Aspect(models.Model):
    """查摆方面: the heading under which problems are grouped."""

    report = models.ForeignKey(Report, models.PROTECT, related_name="aspects", verbose_name="报告")
    number = models.PositiveSmallIntegerField("序号")
    title = models.CharField("查摆方面", max_length=500)
    short = models.CharField("简称", max_length=50, blank=True)

    class Meta:
        verbose_name = verbose_name_plural = "查摆方面"
        ordering = ["report", "number"]
        constraints = [models.UniqueConstraint(fields=["report", "number"], name="aspect_number_once")]

    def __str__(self) -> str:
        return self.short or self.title


class ProblemQuerySet(LightQuerySet):
    def without_note(self, start: dt.datetime, end: dt.datetime) -> Q:
        """By the time of the last note, which the row itself carries; nothing is noted ahead of time. On
        a day that has passed the notes tell, of what was noted later too."""
        before = Q(reported_at__isnull=True) | Q(reported_at__lt=start)
        if end > clock.now():
            return before
        return before | (Q(reported_at__gte=end) & super().without_note(start, end))

    def held_by(self, user: User) -> ProblemQuerySet:
        """Problems a person owns or supports as a leader, or whose unit is theirs."""
        deputed = user.deputed
        units = user.unit_ids(*REPORTING)
        units += [post.unit_id for post in deputed if post.role == Role.UNIT_HEAD]
        held = []
        if units:
            held += [_ids(lead_unit__in=units), _supporting("supporting_units", unit__in=units)]
        if user.has_role(Role.LEADER) and user.leader_id:
            held.append(_ids(leader=user.leader_id))
            held.append(_supporting("supporting_leaders", leader=user.leader_id))
        if leaders := [post.leader_id for post in deputed if post.role == Role.LEADER and post.leader_id]:
            held.append(_ids(leader__in=leaders))
        return self.filter(in_any(held))

    def with_accounts(self) -> ProblemQuerySet:
        """Annotate whom a message may reach: the clerk who can open the item, the leader still in office."""
        return self.annotate(
            clerk_account=Case(When(Exists(clerk_posts()), then=F("clerk"))),
            leader_account=Case(When(leader__active=True, then=F("leader__user"))),
        )

    def with_lost_clerk(self) -> ProblemQuerySet:
        """Those whose clerk cannot open them: the post was lost, or the item moved to another unit."""
        return self.filter(~Exists(clerk_posts()), clerk__isnull=False)

    def visible_to(self, user: User) -> ProblemQuerySet:
        """Office and inspector: every problem of their subtree's ledgers; the others: what they hold."""
        if holds_only(user):
            return self.held_by(user)
        scope = _in_ledgers(user, _overseen(user))
        if not scope or (not user.has_role(*HOLDERS) and not user.deputed):
            return self.filter(scope)
        seen = Problem.objects.filter(scope), Problem.objects.held_by(user)
        return self.filter(in_any([one.values("pk") for one in seen]))


def clerk_posts() -> models.QuerySet[Membership]:
    """The posts that let the clerk named on the outer problem open it."""
    supporting = Problem.supporting_units.through.objects.filter(problem=OuterRef(OuterRef("pk")))
    return Membership.objects.filter(
        Q(unit=OuterRef("lead_unit")) | Q(unit__in=supporting.values("unit")),
        user=OuterRef("clerk"),
        role__in=REPORTING,
        active=True,
    )


def sees_whole_ledgers(user: User) -> bool:
    """Whether what a person sees is all that is in the ledgers they see."""
    own = user.has_role(*HOLDERS) or user.deputed
    return user.has_role(*OVERSEERS) and not own


def holds_only(user: User) -> bool:
    """Whether a person sees what they hold, and of no ledger all there is."""
    return not _overseen(user)


def _overseen(user: User) -> list[str]:
    """The subtrees of whose ledgers a person sees everything, in their own right or for another."""
    deputed = [post.path for post in user.deputed if post.role == Role.OFFICE]
    return user.paths(*OVERSEERS) + deputed


def _in_ledgers(user: User, paths: list[str]) -> Q:
    """Problems of the ledgers in some subtrees; over all of them no condition at all, so that an order
    of all problems is read from its index."""
    if user.covers_all(paths):
        return Q()
    return Q(report__in=Report.objects.filter(within("unit__path", paths)).values("pk"))


def in_any(ids: Sequence[models.QuerySet]) -> Q:
    """The problems in any of these lists of ids, each found by its own index: PostgreSQL reads the whole
    table for two subqueries joined by OR."""
    if not ids:
        return Q(pk__in=[])
    first, *rest = (one.order_by() for one in ids)
    return Q(pk__in=first.union(*rest, all=True) if rest else first)


def _ids(**conditions: object) -> models.QuerySet:
    return Problem.objects.filter(**conditions).values("pk")


def _supporting(name: str, **conditions: object) -> models.QuerySet:
    through = getattr(Problem, name).through
    return through.objects.filter(**conditions).values("problem_id")


class Problem(ProblemFields):
    """A named problem: the unit that is assigned, dated, tracked and closed."""

    report = models.ForeignKey(Report, models.PROTECT, related_name="problems", verbose_name="报告")
    aspect = models.ForeignKey(
        Aspect,
        models.PROTECT,
        null=True,
        blank=True,
        db_index=False,
        related_name="problems",
        verbose_name="查摆方面",
    )
    number = models.PositiveIntegerField("序号")
    code = models.CharField("编号", max_length=30)
    source = models.CharField("问题来源", max_length=20, choices=Source, default=Source.SELF_CHECK)
    supporting_units = models.ManyToManyField(
        "rectify.Unit", blank=True, related_name="supported_problems", verbose_name=LABELS["supporting_units"]
    )
    supporting_leaders = models.ManyToManyField(
        "rectify.Leader",
        blank=True,
        related_name="supported_problems",
        verbose_name=LABELS["supporting_leaders"],
    )
    carried_from = models.OneToOneField(
        "self", models.PROTECT, null=True, blank=True, related_name="carried_to", verbose_name="结转自"
    )
    years = models.PositiveSmallIntegerField("第几年", default=1)
    extensions_before = models.PositiveSmallIntegerField("结转前延期次数", default=0)
    version = models.PositiveIntegerField("版本", default=1)
    created_at = models.DateTimeField("录入时间")
    reported_at = models.DateTimeField("最近填报", null=True, editable=False)
    follow_up_on = models.DateField("下次回头看", null=True, editable=False)  # of the round it is in

    objects = ProblemQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "问题"
        ordering = ["report", "number"]
        constraints = [
            models.UniqueConstraint(fields=["report", "number"], name="problem_number_once"),
            models.UniqueConstraint(fields=["report", "code"], name="problem_code_once"),
            models.CheckConstraint(condition=Q(source__in=Source.values), name="problem_source_known"),
            *problem_rules("problem"),
        ]
        indexes = [
            # In order of urgency; with what the lights are made of, so that counting reads the index alone.
            models.Index(
                fields=["rank", "due", "id", "report", "reported_at", "created_at"], name="problem_urgency"
            ),
            models.Index(fields=["due", "id"], name="problem_due"),
            models.Index(
                fields=["report", "rank", "due", "reported_at", "created_at"], name="problem_report_urgency"
            ),
            *list_indexes(),
            # All that the overviews group by: they read this alone and never the long texts.
            models.Index(
                fields=[
                    "report",
                    "withdrawn",
                    "reported_at",
                    "created_at",
                    "status",
                    "kind",
                    "deadline",
                    "original_deadline",
                    "closed_on",
                    "carried",
                    "leader",
                    "lead_unit",
                    "aspect",
                ],
                name="problem_overview",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.code} {self.title}"

    def get_absolute_url(self) -> str:
        return address("problem", self.pk)

    @property
    def named(self) -> str:
        """Its code and its ledger's short name: how it is called beside items of other ledgers."""
        return f"{self.code} · {self.report.year}年度"

    @property
    def is_closed(self) -> bool:
        return self.status in ENDED


class Manifestation(models.Model):
    """具体表现: a concrete symptom the report gives."""

    problem = models.ForeignKey(Problem, models.PROTECT, related_name="manifestations", verbose_name="问题")
    number = models.PositiveSmallIntegerField("序号")
    text = models.TextField("具体表现")

    class Meta:
        verbose_name = verbose_name_plural = "具体表现"
        ordering = ["problem", "number"]
        constraints = [
            models.UniqueConstraint(fields=["problem", "number"], name="manifestation_number_once"),
            models.CheckConstraint(condition=~Q(text=""), name="manifestation_has_text"),
        ]

    def __str__(self) -> str:
        return self.text
