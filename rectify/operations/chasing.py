"""Chasing without a paper: who is silent, a whole ledger at once; and one item by its 催办."""

from __future__ import annotations

from typing import Any

from django.db import models, transaction
from django.urls import reverse

from rectify import clock, wording
from rectify.audit import chain
from rectify.choices import Action, Channel, NoticeKind
from rectify.errors import WrongState
from rectify.models import AuditEntry, Notice, Problem, Report, User
from rectify.notifications import outbox
from rectify.notifications.recipients import Directory, Owners, channels_of
from rectify.operations import recording


def urge(problem: Problem, *, by: User) -> int:
    """Tell the clerk and the head of the unit to get on with one item, once a day; returns how many."""
    with transaction.atomic():
        chain.lock([problem.report])
        related = ("report__unit", "leader", "lead_unit")
        current = Problem.objects.select_related(*related).get(pk=problem.pk)
        recording.require(by, Action.URGE, current)
        today = clock.today()
        told = Notice.objects.filter(report=current.report, day=today, kind=NoticeKind.URGE)
        if told.filter(entry__problem=current).exists():
            raise WrongState(f"{current.code} 今天已经催办过，没有重复发送。仍无进展的，可以签发督办单。")
        directory, owners = Directory(), Owners.of(current)
        left = f"，{wording.days_left(current.deadline, today)}" if current.deadline else ""
        notices = outbox.compose(
            current.report,
            kind=NoticeKind.URGE,
            to=[*directory.clerks(owners), *directory.heads(owners)],
            text=f"整改办催办 {current.code}{left}，请抓紧办理并填报进展。",
            url=f"{current.get_absolute_url()}#progress",
            directory=directory,
            items=[{"problem": current.pk, "words": ""}],
        )
        entry = chain.append_entry(
            by=by, act=Action.URGE, report=current.report, target=current, label=f"{current.code} 催办",
            payload=recording.told(notices), problem=current,
        )  # fmt: skip
        outbox.post(notices, entry)
        return len({notice.user_id for notice in notices if notice.user_id})


def chase_unreported(report: Report, *, by: User, idempotency_key: str | None = None) -> tuple[int, int]:
    """Tell everybody who has not reported in the period, in one act; returns persons and items."""
    with transaction.atomic():
        chain.lock([report])
        recording.require(by, Action.CHASE_UNREPORTED, report)
        if entry := _earlier(by, idempotency_key):
            return _counted(entry)
        silent = list(_silent(report))
        if not silent:
            raise WrongState("本期没有未报的事项，不需要催报。")
        directory = Directory()
        notices = _chase_notices(report, silent, directory)
        if not notices:
            raise WrongState("今天已经催过这些同志，没有重复发送。明天仍未报的可以再催。")
        persons = len({notice.user_id for notice in notices if notice.user_id})
        payload = {
            "chase": {"persons": persons, "problems": [problem.pk for problem in silent]},
            "notices": outbox.summary(notices),
        }
        entry = chain.append_entry(
            by=by,
            act=Action.CHASE_UNREPORTED,
            report=report,
            target=report,
            label=f"{report.prefix} 催报 {len(silent)} 项",
            payload=payload,
            idempotency_key=idempotency_key,
        )
        outbox.post(notices, entry)
        return persons, len(silent)


def _silent(report: Report) -> models.QuerySet:
    related = ("report__unit", "lead_unit", "leader")
    return (
        Problem.objects.filter(report=report)
        .stale(clock.today())
        .with_accounts()
        .select_related(*related)
        .order_by("number")
    )


def _chase_notices(report: Report, silent: list[Problem], directory: Directory) -> list[Notice]:
    """One message a person, with the items of theirs; whoever was chased today is left in peace."""
    chased = Notice.objects.filter(report=report, day=clock.today(), kind=NoticeKind.CHASE)
    done = set(chased.filter(channel=Channel.INBOX).values_list("user_id", flat=True))
    items: dict[int, list[dict[str, Any]]] = {}
    for problem in silent:
        for told in directory.clerks(Owners.of(problem)):
            words = f"本期未报（{told.instead}）" if told.instead else "本期未报"
            if told.user_id not in done:
                items.setdefault(told.user_id, []).append({"problem": problem.pk, "words": words})
    settings = channels_of([report.pk]).get(report.pk)
    notices: list[Notice] = []
    for user_id, theirs in items.items():
        notices += outbox.to_person(
            user_id,
            report.pk,
            kind=NoticeKind.CHASE,
            text=f"整改办催报：{len(theirs)} 项本期还没有进展，请尽快填报。",
            url=f"{reverse('problems')}?stale=1",
            items=theirs,
            mailed=bool(settings and settings.email_on and directory.emails.get(user_id)),
        )
    return notices


def _earlier(by: User, idempotency_key: str | None) -> AuditEntry | None:
    mine = AuditEntry.objects.filter(actor=by, idempotency_key=idempotency_key)
    return mine.first() if idempotency_key else None


def _counted(entry: AuditEntry) -> tuple[int, int]:
    said = entry.details["chase"]
    return said["persons"], len(said["problems"])
