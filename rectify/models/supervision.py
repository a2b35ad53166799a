"""Chasing by name: numbered 督办单 with their receipts and replies, and leaders' instructions (批示)."""

from __future__ import annotations

import datetime as dt
from functools import reduce
from operator import or_
from typing import Any, Self

from django.db import models
from django.db.models import Case, Count, Exists, OuterRef, Q, Value, When

from rectify.addresses import address
from rectify.choices import Role, SupervisionLevel, SupervisionState
from rectify.models.office import LedgerRule, LedgerSettings
from rectify.models.people import User
from rectify.models.progress import ProgressNote
from rectify.models.rag_status import LightQuerySet
from rectify.models.rank import Rank
from rectify.models.report import Problem, Report
from rectify.roles import OVERSEERS, REPORTING

STATE = SupervisionState


class SupervisionQuerySet(models.QuerySet["Supervision"]):
    def visible_to(self, user: User) -> Self:
        """Office and inspector: those of their ledgers; the others: those addressed to them."""
        query = Q(pk__in=Addressee.objects.of(user).values("supervision"))
        if user.has_role(*OVERSEERS):
            query |= Q(report__in=Report.objects.overseen_by(user))
        return self.filter(query)

    def with_state(self, today: dt.date) -> Self:
        """Annotate `state`: that of the addressee who is furthest behind."""
        waiting = Addressee.objects.filter(supervision=OuterRef("pk"), reply__isnull=True)
        unsigned = waiting.filter(receipt__isnull=True)
        return self.annotate(
            state=Case(
                When(~Exists(waiting), then=Value(STATE.REPLIED)),
                When(reply_by__lt=today, then=Value(STATE.OVERDUE)),
                When(Exists(unsigned), then=Value(STATE.TO_ACKNOWLEDGE)),
                default=Value(STATE.TO_REPLY),
                output_field=models.CharField(),
            ),
            addressed=Count("addressees", distinct=True),
            replied=Count("addressees__reply", distinct=True),
        )


class Supervision(models.Model):
    """督办单: one numbered paper on one or many items of a ledger; never changed once it is issued."""

    report = models.ForeignKey(Report, models.PROTECT, related_name="supervisions", verbose_name="台账")
    year = models.PositiveSmallIntegerField("年份")
    number = models.PositiveIntegerField("编号")
    level = models.CharField("督办级别", max_length=10, choices=SupervisionLevel)
    reason = models.TextField("督办事由")
    reply_by = models.DateField("回复期限")
    problems = models.ManyToManyField(Problem, related_name="supervisions", verbose_name="督办事项")
    issued_by = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name="签发人")
    issued_by_label = models.CharField("签发人（当时）", max_length=160)
    issued_at = models.DateTimeField("签发时间")

    objects = SupervisionQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "督办单"
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(fields=["report", "year", "number"], name="supervision_number_once"),
            models.CheckConstraint(condition=~Q(reason=""), name="supervision_has_reason"),
            models.CheckConstraint(
                condition=Q(level__in=SupervisionLevel.values), name="supervision_level_known"
            ),
        ]

    def __str__(self) -> str:
        return self.code

    def get_absolute_url(self) -> str:
        return address("supervision", self.pk)

    @property
    def code(self) -> str:
        return f"督办〔{self.year}〕{self.number}号"

    @property
    def problem(self) -> Problem:
        """The first item: where a removal of the text is recorded."""
        return self.problems.order_by("number")[0]


class AddresseeQuerySet(models.QuerySet["Addressee"]):
    def of(self, user: User) -> Self:
        """What is addressed to a person's unit, or to the leader the person is, while an item of it can be
        opened: a paper whose items have all moved away stays behind with its reason and its reply."""
        query = Q(unit__in=user.unit_ids(*REPORTING))
        if user.has_role(Role.LEADER):
            query |= Q(leader__user=user, leader__active=True)
        items = Supervision.problems.through.objects.filter(
            problem__in=Problem.objects.visible_to(user).order_by().values("pk")
        )
        return self.filter(query, supervision__in=items.values("supervision"))

    def astray(self) -> Self:
        """Not answered, and none of the items is the addressee's any more."""
        kept = Problem.objects.filter(supervisions=OuterRef("supervision"))
        theirs = kept.filter(
            Q(lead_unit=OuterRef("unit"))
            | Q(supporting_units=OuterRef("unit"))
            | Q(leader=OuterRef("leader"))
            | Q(supporting_leaders=OuterRef("leader"))
        )
        return self.filter(~Exists(theirs), reply__isnull=True)

    def with_state(self, today: dt.date) -> Self:
        """Annotate `state`: what this addressee still owes."""
        return self.annotate(
            state=Case(
                When(reply__isnull=False, then=Value(STATE.REPLIED)),
                When(supervision__reply_by__lt=today, then=Value(STATE.OVERDUE)),
                When(receipt__isnull=True, then=Value(STATE.TO_ACKNOWLEDGE)),
                default=Value(STATE.TO_REPLY),
                output_field=models.CharField(),
            )
        )


class Addressee(models.Model):
    """A unit or a leader that a 督办单 is addressed to."""

    supervision = models.ForeignKey(
        Supervision, models.PROTECT, related_name="addressees", verbose_name="督办单"
    )
    unit = models.ForeignKey(
        "rectify.Unit", models.PROTECT, null=True, related_name="+", verbose_name="责任单位"
    )
    leader = models.ForeignKey(
        "rectify.Leader", models.PROTECT, null=True, related_name="+", verbose_name="责任领导"
    )

    objects = AddresseeQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "督办对象"
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(
                fields=["supervision", "unit"], condition=Q(unit__isnull=False), name="addressee_unit_once"
            ),
            models.UniqueConstraint(
                fields=["supervision", "leader"],
                condition=Q(leader__isnull=False),
                name="addressee_leader_once",
            ),
            models.CheckConstraint(
                condition=Q(unit__isnull=True, leader__isnull=False)
                | Q(unit__isnull=False, leader__isnull=True),
                name="addressee_is_one",
            ),
        ]

    def __str__(self) -> str:
        return str(self.unit or self.leader)

    @property
    def is_astray(self) -> bool:
        return Addressee.objects.astray().filter(pk=self.pk).exists()

    @property
    def report(self) -> Report:
        return self.supervision.report


class Receipt(models.Model):
    """签收: who received a 督办单 for an addressee, and when."""

    addressee = models.OneToOneField(
        Addressee, models.PROTECT, related_name="receipt", verbose_name="督办对象"
    )
    by = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name="签收人")
    by_label = models.CharField("签收人（当时）", max_length=160)
    at = models.DateTimeField("签收时间")

    class Meta:
        verbose_name = verbose_name_plural = "督办签收"

    def __str__(self) -> str:
        return f"{self.addressee_id} {self.by_label}"


class ReplyQuerySet(models.QuerySet["Reply"]):
    def visible_to(self, user: User) -> Self:
        """The office and the inspector: all of their ledgers; the others: their own."""
        scope = Q(addressee__in=Addressee.objects.of(user))
        if user.has_role(*OVERSEERS):
            scope |= Q(addressee__supervision__report__in=Report.objects.overseen_by(user))
        return self.filter(scope)


class Reply(models.Model):
    """回复: what an addressee answers to a 督办单; its evidence belongs to the first of the items."""

    addressee = models.OneToOneField(Addressee, models.PROTECT, related_name="reply", verbose_name="督办对象")
    problem = models.ForeignKey(Problem, models.PROTECT, related_name="+", verbose_name="问题")
    by = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name="回复人")
    by_label = models.CharField("回复人（当时）", max_length=160)
    at = models.DateTimeField("回复时间")
    text = models.TextField("回复")

    objects = ReplyQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "督办回复"
        constraints = [models.CheckConstraint(condition=~Q(text=""), name="reply_has_text")]

    def __str__(self) -> str:
        return self.text[:40]

    def get_absolute_url(self) -> str:
        return f"{self.addressee.supervision.get_absolute_url()}#reply-{self.pk}"


class InstructionQuerySet(models.QuerySet["Instruction"]):
    def visible_to(self, user: User) -> Self:
        return self.filter(problem__in=Problem.objects.visible_to(user))

    def waiting(self) -> Self:
        """Neither acknowledged nor answered, on an item that still counts."""
        return self.filter(handling__isnull=True, problem__withdrawn=False)


class Instruction(models.Model):
    """批示: what a leader wrote on an item; it waits for the unit until it is handled."""

    problem = models.ForeignKey(Problem, models.PROTECT, related_name="instructions", verbose_name="问题")
    leader = models.ForeignKey(
        "rectify.Leader", models.PROTECT, related_name="instructions", verbose_name="批示领导"
    )
    by = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name="录入人")
    by_label = models.CharField("录入人（当时）", max_length=160)
    at = models.DateTimeField("批示时间")
    text = models.TextField("批示")

    objects = InstructionQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "批示"
        ordering = ["-id"]
        constraints = [models.CheckConstraint(condition=~Q(text=""), name="instruction_has_text")]

    def __str__(self) -> str:
        return self.text[:40]

    def get_absolute_url(self) -> str:
        return f"{address('problem', self.problem_id)}#instruction-{self.pk}"

    @property
    def is_on_behalf(self) -> bool:
        """Written down by the office for a leader."""
        return self.leader.user_id != self.by_id


class Handling(models.Model):
    """办理: an instruction was taken note of, or answered by a progress note."""

    instruction = models.OneToOneField(
        Instruction, models.PROTECT, related_name="handling", verbose_name="批示"
    )
    by = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name="办理人")
    by_label = models.CharField("办理人（当时）", max_length=160)
    at = models.DateTimeField("办理时间")
    note = models.ForeignKey(
        ProgressNote, models.PROTECT, null=True, related_name="answers", verbose_name="进展记录"
    )

    class Meta:
        verbose_name = verbose_name_plural = "批示办理"

    def __str__(self) -> str:
        return f"{self.instruction_id} {self.by_label}"


def to_supervise(problems: LightQuerySet, today: dt.date, rules: list[LedgerRule] | None = None) -> Any:
    """Overdue for so long that the ledger suggests a 督办单, and none was issued since the date passed."""
    rules = LedgerSettings.objects.rules() if rules is None else rules
    counts = sorted({rule.suggest_days for rule in rules})
    passed = {count: today - dt.timedelta(days=count) for count in counts}
    late = Q(due__lte=max(passed.values()))
    if len(counts) > 1:
        settings = [Q(report__settings__suggest_days=count, due__lte=day) for count, day in passed.items()]
        late &= reduce(or_, settings)
    return problems.filter(late, rank=Rank.OPEN).exclude(is_chased())


def is_chased() -> Exists:
    """Whether a 督办单 was issued since the date of a problem passed."""
    return Exists(Supervision.objects.filter(problems=OuterRef("pk"), issued_at__date__gt=OuterRef("due")))


def facts(row: Any) -> dict[str, Any]:
    """What the record says of one of these rows: every value, so that an edit shows."""
    at = row.issued_at if isinstance(row, Supervision) else row.at
    values: dict[str, Any] = {"at": at.isoformat(timespec="microseconds")}
    if isinstance(row, Supervision):
        named = list(row.addressees.all())
        return values | {
            "by": row.issued_by_id,
            "by_label": row.issued_by_label,
            "year": row.year,
            "number": row.number,
            "level": row.level,
            "text": row.reason,
            "reply_by": row.reply_by.isoformat(),
            "problems": sorted(problem.pk for problem in row.problems.all()),
            "units": sorted(addressee.unit_id for addressee in named if addressee.unit_id),
            "leaders": sorted(addressee.leader_id for addressee in named if addressee.leader_id),
        }
    values |= {"by": row.by_id, "by_label": row.by_label}
    if isinstance(row, Instruction):
        return values | {"problem": row.problem_id, "leader": row.leader_id, "text": row.text}
    if isinstance(row, Handling):
        return values | {"instruction": row.instruction_id, "note": row.note_id}
    values["addressee"] = row.addressee_id
    return values | {"problem": row.problem_id, "text": row.text} if isinstance(row, Reply) else values
