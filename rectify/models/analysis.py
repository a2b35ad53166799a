"""Root causes, improvement directions, and their links to problems with basis and confirmation."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from rectify.choices import Basis, LinkStatus
from rectify.models.people import User
from rectify.models.report import Problem, Report


class RootCause(models.Model):
    """问题根源: a cause from the analysis section."""

    report = models.ForeignKey(Report, models.PROTECT, related_name="causes", verbose_name="报告")
    number = models.PositiveSmallIntegerField("序号")
    title = models.CharField("问题根源", max_length=200)
    text = models.TextField("说明", blank=True)

    class Meta:
        verbose_name = verbose_name_plural = "问题根源"
        ordering = ["report", "number"]
        constraints = [models.UniqueConstraint(fields=["report", "number"], name="cause_number_once")]

    def __str__(self) -> str:
        return self.title


class ImprovementDirection(models.Model):
    """努力方向: a direction from the section on next steps."""

    report = models.ForeignKey(Report, models.PROTECT, related_name="directions", verbose_name="报告")
    number = models.PositiveSmallIntegerField("序号")
    title = models.CharField("努力方向", max_length=200)
    text = models.TextField("说明", blank=True)
    covers_all = models.BooleanField("覆盖全部问题", default=False)

    class Meta:
        verbose_name = verbose_name_plural = "努力方向"
        ordering = ["report", "number"]
        constraints = [models.UniqueConstraint(fields=["report", "number"], name="direction_number_once")]

    def __str__(self) -> str:
        return self.title


class LinkQuerySet(models.QuerySet):
    """Links of one kind, by who may see them and by how sure they are."""

    def visible_to(self, user: User) -> LinkQuerySet:
        return self.filter(problem__in=Problem.objects.visible_to(user))

    def confirmed(self) -> LinkQuerySet:
        return self.filter(status=LinkStatus.CONFIRMED)

    def standing(self) -> LinkQuerySet:
        """Confirmed or waiting for a person, not rejected."""
        return self.exclude(status=LinkStatus.REJECTED)


class Link(models.Model):
    """A tie between a problem and a cause or direction: its basis, and who confirmed it."""

    basis = models.CharField("依据", max_length=10, choices=Basis)
    status = models.CharField("确认", max_length=10, choices=LinkStatus, default=LinkStatus.PENDING)
    decided_by = models.ForeignKey(
        User, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="确认人"
    )
    decided_at = models.DateTimeField("确认时间", null=True, blank=True)

    objects = LinkQuerySet.as_manager()

    class Meta:
        abstract = True


def link_rules(prefix: str, other: str) -> list[models.BaseConstraint]:
    return [
        models.UniqueConstraint(fields=["problem", other], name=f"{prefix}_once"),
        models.CheckConstraint(condition=Q(basis__in=Basis.values), name=f"{prefix}_basis_known"),
        models.CheckConstraint(
            condition=Q(status=LinkStatus.PENDING) | Q(decided_by__isnull=False, decided_at__isnull=False),
            name=f"{prefix}_decided_by_a_person",
        ),
    ]


class ProblemCause(Link):
    problem = models.ForeignKey(Problem, models.PROTECT, related_name="cause_links", verbose_name="问题")
    cause = models.ForeignKey(RootCause, models.PROTECT, related_name="links", verbose_name="问题根源")

    class Meta:
        verbose_name = verbose_name_plural = "问题与根源"
        ordering = ["problem", "cause__number"]
        constraints = link_rules("problemcause", "cause")
        indexes = [models.Index(fields=["status", "problem"], name="problemcause_status")]

    def __str__(self) -> str:
        return f"{self.problem_id}—{self.cause}"

    @property
    def other(self) -> RootCause:
        return self.cause


class ProblemDirection(Link):
    problem = models.ForeignKey(Problem, models.PROTECT, related_name="direction_links", verbose_name="问题")
    direction = models.ForeignKey(
        ImprovementDirection, models.PROTECT, related_name="links", verbose_name="努力方向"
    )

    class Meta:
        verbose_name = verbose_name_plural = "问题与方向"
        ordering = ["problem", "direction__number"]
        constraints = link_rules("problemdirection", "direction")
        indexes = [models.Index(fields=["status", "problem"], name="problemdirection_status")]

    def __str__(self) -> str:
        return f"{self.problem_id}—{self.direction}"

    @property
    def other(self) -> ImprovementDirection:
        return self.direction
