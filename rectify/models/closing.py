"""Reviewed applications (close-out, extension) with their steps, and follow-ups."""

from __future__ import annotations

import datetime as dt
from typing import Any, Self

from django.db import models
from django.db.models import F, OuterRef, Q

from rectify import clock
from rectify.addresses import address
from rectify.choices import CloseKind, Finding, Outcome, ReviewPath, Role, Status, Step, StepOutcome
from rectify.models.people import User
from rectify.models.progress import OfProblemQuerySet
from rectify.models.report import Problem

DECIDING = (Step.CONFIRM, Step.REVIEW, Step.SIGN)
# Problems on which somebody looks again.
FOLLOWED = (Status.CLOSED, Status.STANDING)
FOLLOWED_LIVE = {"withdrawn": False, "carried": False, "status__in": FOLLOWED}


class ApplicationQuerySet(OfProblemQuerySet):
    def open(self) -> Self:
        return self.filter(ended_at__isnull=True)

    def passed(self) -> Self:
        return self.filter(outcome=Outcome.PASSED)


class Application(models.Model):
    """What a unit asks for, and how far the reviewed path has come. Ends once, with one outcome."""

    round = models.PositiveSmallIntegerField("轮次")
    number = models.PositiveSmallIntegerField("第几次申请")
    applicant = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name="申请人")
    applicant_label = models.CharField("申请人（当时）", max_length=160)
    applied_at = models.DateTimeField("申请时间")
    path = models.CharField("审核环节", max_length=30, choices=ReviewPath)
    waiting = models.CharField("等待环节", max_length=10, choices=Step, blank=True)
    outcome = models.CharField("结果", max_length=10, choices=Outcome, blank=True)
    ended_at = models.DateTimeField("办结时间", null=True)

    objects = ApplicationQuerySet.as_manager()

    problem: Problem
    problem_id: int
    steps: Any

    class Meta:
        abstract = True

    def get_absolute_url(self) -> str:
        return f"{address('problem', self.problem_id)}#rounds"

    @property
    def is_open(self) -> bool:
        return self.ended_at is None

    @property
    def path_steps(self) -> list[str]:
        return self.path.split(",")

    def step_after(self, step: str) -> str:
        """The next step of the path, or nothing after the last."""
        steps = self.path_steps
        place = steps.index(step) + 1
        return steps[place] if place < len(steps) else ""


def application_rules(prefix: str) -> list[models.BaseConstraint]:
    ended = Q(ended_at__isnull=False)
    return [
        models.UniqueConstraint(fields=["problem", "round", "number"], name=f"{prefix}_number_once"),
        models.UniqueConstraint(
            fields=["problem"], condition=Q(ended_at__isnull=True), name=f"{prefix}_one_open"
        ),
        models.CheckConstraint(
            condition=(ended & ~Q(outcome="") & Q(waiting="")) | (~ended & Q(outcome="") & ~Q(waiting="")),
            name=f"{prefix}_ends_with_outcome",
        ),
        models.CheckConstraint(condition=Q(path__in=ReviewPath.values), name=f"{prefix}_path_known"),
        models.CheckConstraint(
            condition=Q(outcome__in=["", *Outcome.values]), name=f"{prefix}_outcome_known"
        ),
        models.CheckConstraint(condition=Q(waiting__in=["", *DECIDING]), name=f"{prefix}_waiting_known"),
    ]


class CloseOut(Application):
    """销号申请: that a problem is fixed, or has reached the staged result that is kept up from now on."""

    problem = models.ForeignKey(Problem, models.PROTECT, related_name="close_outs", verbose_name="问题")
    kind = models.CharField("申请事项", max_length=10, choices=CloseKind)
    statement = models.TextField("整改完成情况")
    answers = models.TextField("对退回意见的答复", blank=True)
    explanations = models.TextField("对未完成或缺佐证措施的说明", blank=True)
    deadline = models.DateField("申请时的时限", null=True)
    original_deadline = models.DateField("原定时限", null=True)
    back_to = models.CharField("申请前状态", max_length=20, choices=Status)
    decided_on = models.DateField("审定日期", null=True)

    class Meta:
        verbose_name = verbose_name_plural = "销号申请"
        ordering = ["problem", "id"]
        constraints = [
            *application_rules("closeout"),
            models.CheckConstraint(condition=Q(kind__in=CloseKind.values), name="closeout_kind_known"),
            models.CheckConstraint(condition=~Q(statement=""), name="closeout_has_statement"),
            models.CheckConstraint(
                condition=~Q(outcome=Outcome.PASSED) | Q(decided_on__isnull=False),
                name="closeout_passed_has_date",
            ),
        ]

    def __str__(self) -> str:
        return f"第 {self.round} 轮第 {self.number} 次{self.get_kind_display()}申请"


class Extension(Application):
    """延期申请: a later date with its reason; `late` says that it came after expiry."""

    problem = models.ForeignKey(Problem, models.PROTECT, related_name="extensions", verbose_name="问题")
    old_date = models.DateField("现行时限")
    new_date = models.DateField("申请延至")
    reason = models.TextField("延期理由")
    progress = models.TextField("目前进展")
    late = models.BooleanField("逾期后申请", default=False)

    class Meta:
        verbose_name = verbose_name_plural = "延期申请"
        ordering = ["problem", "id"]
        constraints = [
            *application_rules("extension"),
            models.CheckConstraint(condition=Q(new_date__gt=F("old_date")), name="extension_goes_later"),
            models.CheckConstraint(
                condition=~Q(reason="") & ~Q(progress=""), name="extension_says_why_and_how_far"
            ),
        ]

    def __str__(self) -> str:
        return f"第 {self.round} 轮第 {self.number} 次延期申请"

    @property
    def overdue_days(self) -> int:
        """The days that had run over the old date when the new one was granted; they stay counted."""
        if self.outcome != Outcome.PASSED or self.ended_at is None:
            return 0
        return max(0, (clock.day_of(self.ended_at) - self.old_date).days)


class ReviewStep(models.Model):
    """One step that was taken: by whom, in whose place, with what outcome. Never changed."""

    applicant = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name="申请人")
    step = models.CharField("环节", max_length=10, choices=Step)
    outcome = models.CharField("结果", max_length=10, choices=StepOutcome)
    at = models.DateTimeField("时间")
    by = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name="办理人")
    by_label = models.CharField("办理人（当时）", max_length=160)
    role = models.CharField("以何身份", max_length=20, choices=Role)
    comment = models.TextField("意见", blank=True)
    on_paper = models.BooleanField("代录纸质签字", default=False)
    signer = models.CharField("纸上签字人", max_length=100, blank=True)
    signed_on = models.DateField("签字日期", null=True)
    stands_for = models.ForeignKey(User, models.PROTECT, null=True, related_name="+", verbose_name="代谁办理")

    class Meta:
        abstract = True


def step_rules(prefix: str) -> list[models.BaseConstraint]:
    """Nobody decides on what they applied for, and nobody decides twice in their own right."""
    deciding = ~Q(step=Step.APPLY)
    return [
        models.UniqueConstraint(
            fields=["application", "step", "outcome"], name=f"{prefix}_step_outcome_once"
        ),
        models.UniqueConstraint(
            fields=["application", "step"], condition=deciding, name=f"{prefix}_decided_once"
        ),
        models.UniqueConstraint(
            fields=["application", "by"],
            condition=deciding & Q(on_paper=False),
            name=f"{prefix}_each_step_another_person",
        ),
        models.CheckConstraint(
            condition=Q(step=Step.APPLY) | ~Q(by=F("applicant")), name=f"{prefix}_not_by_the_applicant"
        ),
        models.CheckConstraint(
            condition=(Q(on_paper=False) & Q(signer="") & Q(signed_on__isnull=True))
            | (Q(on_paper=True) & deciding & ~Q(signer="") & Q(signed_on__isnull=False)),
            name=f"{prefix}_paper_says_who_and_when",
        ),
        models.CheckConstraint(
            condition=~Q(outcome=StepOutcome.RETURN) | ~Q(comment=""), name=f"{prefix}_return_says_why"
        ),
    ]


class CloseOutStep(ReviewStep):
    application = models.ForeignKey(CloseOut, models.PROTECT, related_name="steps", verbose_name="销号申请")

    class Meta:
        verbose_name = verbose_name_plural = "销号环节"
        ordering = ["application", "id"]
        constraints = step_rules("closeoutstep")

    def __str__(self) -> str:
        return f"{self.get_step_display()}{self.get_outcome_display()}"


class ExtensionStep(ReviewStep):
    application = models.ForeignKey(Extension, models.PROTECT, related_name="steps", verbose_name="延期申请")

    class Meta:
        verbose_name = verbose_name_plural = "延期环节"
        ordering = ["application", "id"]
        constraints = step_rules("extensionstep")

    def __str__(self) -> str:
        return f"{self.get_step_display()}{self.get_outcome_display()}"


class FollowUpQuerySet(OfProblemQuerySet):
    def open(self) -> Self:
        """Planned, not done, and still meant: a new round or a carry-over voids the plan of the old."""
        return self.left().filter(**{f"problem__{name}": value for name, value in FOLLOWED_LIVE.items()})

    def left(self) -> Self:
        """Not done in the round that its problem is in, whatever became of the problem."""
        return self.filter(recorded_at__isnull=True, round=F("problem__round"))

    def due(self, day: dt.date) -> Self:
        """Planned for the day or before and not done."""
        return self.open().filter(planned_on__lte=day)

    def next_of_problem(self) -> models.QuerySet[Any, dict[str, Any]]:
        """The day of the first that is left of the outer problem."""
        left = self.filter(problem=OuterRef("pk"), round=OuterRef("round"), recorded_at__isnull=True)
        return left.order_by("planned_on").values("planned_on")[:1]

    def done(self) -> Self:
        return self.filter(recorded_at__isnull=False)


class FollowUp(models.Model):
    """回头看: planned when a problem is concluded; what was found is entered once."""

    problem = models.ForeignKey(Problem, models.PROTECT, related_name="follow_ups", verbose_name="问题")
    round = models.PositiveSmallIntegerField("轮次")
    planned_on = models.DateField("计划日期", null=True)
    done_on = models.DateField("检查日期", null=True)
    finding = models.TextField("检查情况", blank=True)
    outcome = models.CharField("结论", max_length=10, choices=Finding, blank=True)
    by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+", verbose_name="检查人")
    by_label = models.CharField("检查人（当时）", max_length=160, blank=True)
    recorded_at = models.DateTimeField("登记时间", null=True)

    objects = FollowUpQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "回头看"
        ordering = ["problem", "planned_on", "id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(planned_on__isnull=False) | Q(recorded_at__isnull=False),
                name="followup_planned_or_done",
            ),
            models.CheckConstraint(
                condition=Q(recorded_at__isnull=True, done_on__isnull=True, by__isnull=True, outcome="")
                | (
                    Q(recorded_at__isnull=False, done_on__isnull=False, by__isnull=False)
                    & Q(outcome__in=Finding.values)
                    & ~Q(finding="")
                ),
                name="followup_done_says_what",
            ),
        ]

    def __str__(self) -> str:
        return f"回头看 {self.planned_on or self.done_on}"

    def get_absolute_url(self) -> str:
        return f"{address('problem', self.problem_id)}#rounds"
