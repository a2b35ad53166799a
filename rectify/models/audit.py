"""The audit log: append-only entries, hash-chained for each ledger, with the chain heads kept apart."""

from __future__ import annotations

import json
from collections import namedtuple
from typing import TYPE_CHECKING, Any

from django.db import models
from django.db.models import Max, OuterRef, Q, Subquery

from rectify.choices import Action, PurgeStatus, Role
from rectify.digests import GENESIS, PURGED_PAYLOAD, canonical, digest_of
from rectify.models.literal import Literal
from rectify.models.people import Leader, Membership, Unit, User, within
from rectify.models.progress import PURGED
from rectify.models.report import Report
from rectify.models.stand_in import StandIn

if TYPE_CHECKING:
    from rectify.models.bulk import BulkAct
    from rectify.models.exchange import ImportBatch


class AuditQuerySet(models.QuerySet["AuditEntry"]):
    def visible_to(self, user: User) -> AuditQuerySet:
        """Office and inspector: their ledgers' chains; auditor: these and the system's. Over the whole tree
        that is no condition at all, so that the newest are read from the end."""
        if user.has_role(Role.AUDITOR) and user.covers_all(user.paths(Role.AUDITOR)):
            return self
        query = Q(report__in=Report.objects.auditable_by(user))
        if user.has_role(Role.AUDITOR):
            query |= Q(report__isnull=True) & _of_house(user)
        return self.filter(query)

    def as_new_as(self, reports: models.QuerySet[Report], count: int) -> AuditQuerySet:
        """Of entries of these ledgers all that may be among so many newest: none that is older than as many
        of one ledger."""
        of_it = AuditEntry.objects.filter(report=OuterRef("pk")).order_by("-pk").values("pk")
        oldest = reports.order_by().annotate(oldest=Subquery(of_it[count - 1 : count]))
        newest = oldest.aggregate(pk=Max("oldest"))["pk"]
        return self.filter(pk__gte=newest) if newest else self

    def in_batch(self, done: BulkAct) -> AuditQuerySet:
        """The entries that one bulk act tied together: its span of ids bounds the search."""
        span = self.filter(pk__gte=done.first_entry, pk__lte=done.last_entry)
        return span.filter(payload__contains=f'"batch":"{done.number}"')

    def in_import(self, done: ImportBatch) -> AuditQuerySet:
        """The entries of one import: they follow one another in its ledger's chain."""
        return self.filter(report=done.report_id, number__gte=done.first_entry, number__lte=done.last_entry)

    def about(self, kind: str, ids: list[int]) -> AuditQuerySet:
        return self.filter(target_kind=kind, target_id__in=ids)


def _of_house(user: User) -> Q:
    """The system's entries that concern the subtree an auditor reads: acts on its units and people, and
    what belongs to no county (holidays, say)."""
    paths = user.paths(Role.AUDITOR)
    if user.covers_all(paths):
        return Q()
    here, posts = within("unit__path", paths), Membership.objects
    rows: dict[str, models.QuerySet] = {
        "unit": Unit.objects.filter(within("path", paths)).order_by().values("pk"),
        "user": posts.filter(here).values("user"),
        "membership": posts.filter(here).values("pk"),
        "leader": Leader.objects.filter(here).order_by().values("pk"),
        "standin": StandIn.objects.filter(absent__in=posts.filter(here).values("user")).values("pk"),
    }
    known = Q(actor__isnull=True) | Q(actor__in=posts.filter(here).values("user"))
    # Of no row, or of one that may be gone (a view an office shared): whose it is, who acted tells.
    query = ~Q(target_kind__in=rows) & (~Q(target_kind__in=("system", "savedview")) | known)
    for kind, ids in rows.items():
        query |= Q(target_kind=kind, target_id__in=ids.order_by())
    return query


class AuditEntry(models.Model):
    """Who did what, when, to what, and why; `payload` is canonical JSON with old and new values.

    `rows` names each row the act wrote: [model, id, digest under `salt`], or null where it is gone.
    """

    report = models.ForeignKey(
        Report, models.PROTECT, null=True, related_name="entries", verbose_name="台账（空为系统）"
    )
    number = models.PositiveIntegerField("序号")
    at = models.DateTimeField("时间")
    actor = models.ForeignKey(User, models.PROTECT, null=True, related_name="+", verbose_name="操作人")
    actor_label = models.CharField("操作人（当时）", max_length=160)
    act = models.CharField("操作", max_length=30, choices=Action)
    target_kind = models.CharField("对象类别", max_length=30)
    target_id = models.PositiveBigIntegerField("对象编号", null=True)
    target_label = models.CharField("对象", max_length=120)
    problem = models.ForeignKey(
        "rectify.Problem", models.PROTECT, null=True, related_name="entries", verbose_name="问题"
    )
    reason = models.TextField("理由", blank=True)
    reason_digest = models.CharField(max_length=64)
    payload = models.TextField("内容")
    payload_digest = models.CharField(max_length=64)
    rows = models.TextField("写入的行", default="[]", editable=False)
    salt = models.CharField(max_length=32, blank=True, default="", editable=False)
    previous = models.CharField("上一条摘要", max_length=64)
    digest = models.CharField("摘要", max_length=64, unique=True)
    idempotency_key = models.CharField(max_length=64, null=True, editable=False)  # noqa: DJ001 (unique when given)

    objects = AuditQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "审计记录"
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(
                fields=["report", "number"], condition=Q(report__isnull=False), name="entry_number_once"
            ),
            models.UniqueConstraint(
                fields=["number"], condition=Q(report__isnull=True), name="entry_system_number_once"
            ),
            models.UniqueConstraint(
                fields=["actor", "idempotency_key"],
                condition=Q(idempotency_key__isnull=False),
                name="entry_once",
            ),
        ]
        indexes = [
            models.Index(fields=["problem", "id"], name="entry_problem"),
            models.Index(fields=["target_kind", "target_id"], name="entry_target"),
            models.Index(fields=["at"], name="entry_at"),
        ]

    def __str__(self) -> str:
        return f"{self.number} {self.get_act_display()} {self.target_label}"

    def compute_digest(self) -> str:
        """The digest this entry must carry; texts are in it by their digests, so a purge keeps it true."""
        return digest_of(canonical(self.digested))

    @property
    def digested(self) -> dict[str, Any]:
        """What the digest covers, by name."""
        return {
            "chain": self.report_id or 0,
            "number": self.number,
            "at": self.at.isoformat(timespec="microseconds"),
            "actor": self.actor_id,
            "actor_label": self.actor_label,
            "act": self.act,
            "target": [self.target_kind, self.target_id, self.target_label],
            "problem": self.problem_id,
            "reason": self.reason_digest,
            "payload": self.payload_digest,
            "rows": self.rows,
            "previous": self.previous,
        }

    def text_digest(self, text: str) -> str:
        """Of the payload or the reason. Without the salt, which a purge wipes, nobody can guess the text."""
        return digest_of(self.salt + text)

    @property
    def is_purged(self) -> bool:
        return self.payload == PURGED_PAYLOAD

    @property
    def details(self) -> dict[str, Any]:
        """The payload, or nothing where somebody has bent it into no JSON object."""
        try:
            value = json.loads(self.payload)
        except ValueError:
            return {}
        return value if isinstance(value, dict) else {}


class EntryColumns(
    namedtuple(
        "EntryColumns",
        "pk report_id number at actor_id actor_label act target_kind target_id target_label problem_id"
        " reason reason_digest payload payload_digest rows salt previous digest",
    )
):
    """The columns of an entry without a model's machinery: a million of them are read in a minute."""

    compute_digest: Any = AuditEntry.compute_digest
    digested: Any = AuditEntry.digested
    text_digest: Any = AuditEntry.text_digest
    is_purged: Any = AuditEntry.is_purged
    details: Any = AuditEntry.details


class ChainHead(models.Model):
    """The last number and digest of a chain, kept apart from the entries so that truncation shows."""

    report = models.OneToOneField(Report, models.PROTECT, null=True, related_name="head")
    number = models.PositiveIntegerField(default=0)
    digest = models.CharField(max_length=64, default=GENESIS)

    class Meta:
        verbose_name = verbose_name_plural = "审计链头"
        constraints = [
            models.UniqueConstraint(
                models.Value(1), condition=Q(report__isnull=True), name="chainhead_one_system"
            )
        ]

    def __str__(self) -> str:
        return f"{self.report or '系统'} {self.number}"


class PurgeQuerySet(models.QuerySet["Purge"]):
    def visible_to(self, user: User) -> PurgeQuerySet:
        """The office of the ledger, and the system administrators above it, who see no business text.

        An auditor reads in the record who asked, who agreed, and why.
        """
        paths = user.paths(Role.SYSADMIN, Role.OFFICE)
        return self.filter(report__in=Report.objects.filter(within("unit__path", paths)))

    def waiting(self) -> PurgeQuerySet:
        return self.filter(status=Literal(PurgeStatus.REQUESTED))


class Purge(models.Model):
    """Removal of wrongly uploaded content: asked for by one person, carried out by another."""

    report = models.ForeignKey(Report, models.PROTECT, related_name="purges", verbose_name="台账")
    problem = models.ForeignKey("rectify.Problem", models.PROTECT, related_name="purges", verbose_name="问题")
    target_kind = models.CharField("对象类别", max_length=30)
    target_id = models.PositiveBigIntegerField("对象编号")
    target_label = models.CharField("对象", max_length=120)
    reason = models.CharField("理由", max_length=500)
    status = models.CharField("状态", max_length=10, choices=PurgeStatus, default=PurgeStatus.REQUESTED)
    requested_by = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name="申请人")
    requested_at = models.DateTimeField("申请时间")
    decided_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+", verbose_name="确认人")
    decided_at = models.DateTimeField("确认时间", null=True)

    objects = PurgeQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "内容清除"
        ordering = ["-id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(decided_by__isnull=True) | ~Q(decided_by=models.F("requested_by")),
                name="purge_by_two_people",
            ),
            models.CheckConstraint(
                condition=Q(status=PurgeStatus.REQUESTED) | Q(decided_by__isnull=False),
                name="purge_decided_by_someone",
            ),
            models.UniqueConstraint(
                fields=["target_kind", "target_id"],
                condition=Q(status=PurgeStatus.REQUESTED),
                name="purge_asked_once",
            ),
        ]

    def __str__(self) -> str:
        return self.target_label


__all__ = [
    "GENESIS",
    "PURGED",
    "PURGED_PAYLOAD",
    "AuditEntry",
    "ChainHead",
    "EntryColumns",
    "Purge",
    "canonical",
    "digest_of",
]
