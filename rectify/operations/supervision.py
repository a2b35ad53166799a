"""督办单: issued to units and leaders by name, signed for, and answered."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Any

from django.db import models, transaction
from django.db.models import Max

from rectify import clock, hand_overs, wording
from rectify.audit import chain
from rectify.choices import ENDED, Action, NoticeKind
from rectify.errors import Incomplete, WrongState
from rectify.evidence import storage as evidence_files
from rectify.models import (
    Addressee,
    Leader,
    Notice,
    Problem,
    Receipt,
    Reply,
    Report,
    Supervision,
    Unit,
    User,
)
from rectify.models.each import insert
from rectify.notifications import outbox
from rectify.notifications.recipients import Directory, Told
from rectify.operations import recording

ITEMS_MAX = 200


def issue(
    problems: Sequence[Problem],
    *,
    by: User,
    level: str,
    reason: str,
    reply_by: dt.date,
    units: Sequence[Unit] = (),
    leaders: Sequence[Leader] = (),
    idempotency_key: str | None = None,
) -> Supervision:
    """Issue one numbered 督办单 for one or many items of a ledger; the same key again returns it."""
    report = _one_report(problems)
    text = recording.need_text(reason, "督办事由", "reason")
    if reply_by < clock.today():
        raise Incomplete("回复期限不能早于今天。", field="reply_by")
    with transaction.atomic():
        chain.lock([report])
        recording.require(by, Action.ISSUE_SUPERVISION, report)
        if earlier := chain.find_duplicate(by, idempotency_key):
            return Supervision.objects.get(pk=earlier)
        _check_items(problems)
        _check_addressees(problems, units, leaders)
        row = _numbered(report, level=level, reason=text, reply_by=reply_by, by=by)
        row.problems.set(problems)
        addressees = _address(row, units, leaders)
        notices = _notices(row, problems, addressees)
        single = problems[0] if len(problems) == 1 else None
        outbox.enter(
            row,
            by,
            Action.ISSUE_SUPERVISION,
            report,
            row.code,
            notices,
            problem=single,
            idempotency_key=idempotency_key,
        )
        return row


def _numbered(report: Report, *, level: str, reason: str, reply_by: dt.date, by: User) -> Supervision:
    """A new 督办单 under the next number of the year."""
    year = clock.today().year
    last = Supervision.objects.filter(report=report, year=year).aggregate(last=Max("number"))["last"]
    return Supervision.objects.create(
        report=report,
        year=year,
        number=(last or 0) + 1,
        level=level,
        reason=reason,
        reply_by=reply_by,
        issued_by=by,
        issued_by_label=by.label[:160],
        issued_at=clock.now(),
    )


def _address(row: Supervision, units: Sequence[Unit], leaders: Sequence[Leader]) -> list[Addressee]:
    addressees = [Addressee(supervision=row, unit=unit) for unit in units]
    addressees += [Addressee(supervision=row, leader=leader) for leader in leaders]
    for addressee in addressees:
        insert(addressee)
    return addressees


def _notices(row: Supervision, problems: Sequence[Problem], addressees: Sequence[Addressee]) -> list[Notice]:
    """What tells each addressee to sign and to reply."""
    directory = Directory()
    return outbox.compose(
        row.report,
        kind=NoticeKind.SUPERVISION,
        to=[user for addressee in addressees for user in directory.addressed(addressee)],
        text=f"{row.code}，共 {len(problems)} 项，请签收，并在{wording.date(row.reply_by)}前回复。",
        url=row.get_absolute_url(),
        directory=directory,
        items=[{"problem": problem.pk, "words": ""} for problem in problems],
    )


def acknowledge(addressee: Addressee, *, by: User) -> Receipt:
    """Sign for a 督办单; the same person again gets the receipt that is there."""
    with transaction.atomic():
        current = _locked(addressee)
        mine = Receipt.objects.filter(addressee=current, by=by).first()
        if mine is not None:
            return mine
        recording.require(by, Action.ACKNOWLEDGE_SUPERVISION, current)
        receipt = Receipt.objects.create(addressee=current, by=by, by_label=by.label[:160], at=clock.now())
        label = f"{current.supervision.code} {current}"
        outbox.enter(receipt, by, Action.ACKNOWLEDGE_SUPERVISION, current.report, label)
        return receipt


def reply(
    addressee: Addressee,
    *,
    by: User,
    text: str,
    files: Sequence[Any] = (),
    idempotency_key: str | None = None,
) -> Reply:
    """Answer a 督办单 with text and evidence; the office is told."""
    said = recording.need_text(text, "回复", "text")
    if earlier := chain.find_duplicate(by, idempotency_key):
        return Reply.objects.get(pk=earlier)
    recording.require(by, Action.REPLY_SUPERVISION, addressee)
    with evidence_files.keeping(files) as kept, transaction.atomic():
        current = _locked(addressee)
        if earlier := chain.find_duplicate(by, idempotency_key):
            return Reply.objects.get(pk=earlier)
        recording.require(by, Action.REPLY_SUPERVISION, current)
        row = Reply.objects.create(
            addressee=current,
            problem=_first_item(current, by, bool(files)),
            by=by,
            by_label=by.label[:160],
            at=clock.now(),
            text=said,
        )
        evidence_files.attach(kept, row, problem=row.problem, by=by)
        directory = Directory()
        paper = current.supervision
        notices = outbox.compose(
            current.report,
            kind=hand_overs.REPLIED.kind,
            to=_office_of(paper, directory),
            text=hand_overs.REPLIED.message.format(who=current, paper=paper.code),
            url=paper.get_absolute_url(),
            directory=directory,
        )
        label = f"{paper.code} {current}"
        extra = {"evidence": [file.facts for file in kept]}
        outbox.enter(
            row,
            by,
            Action.REPLY_SUPERVISION,
            current.report,
            label,
            notices,
            idempotency_key=idempotency_key,
            more=extra,
        )
        return row


# -- parts ---------------------------------------------------------------------------------------------


def _one_report(problems: Sequence[Problem]) -> Report:
    if not problems:
        raise Incomplete("请至少选择一个督办事项。", ["督办事项"], field="problems")
    if len(problems) > ITEMS_MAX:
        raise Incomplete(f"一张督办单最多 {ITEMS_MAX} 项，请分开签发。", field="problems")
    if len({problem.report_id for problem in problems}) > 1:
        raise Incomplete("一张督办单只能督办同一本台账的事项，请分开签发。", field="problems")
    return problems[0].report


def _check_items(problems: Sequence[Problem]) -> None:
    """As they stand now: what was withdrawn or closed meanwhile needs no chasing."""
    current = Problem.objects.filter(pk__in=[problem.pk for problem in problems])
    done = [one.code for one in current if one.withdrawn or one.status in ENDED]
    if done:
        raise WrongState(f"{wording.listed(done)}已撤回或已销号，不能督办。没有签发，请去掉后再签发。")


def _check_addressees(problems: Sequence[Problem], units: Sequence[Unit], leaders: Sequence[Leader]) -> None:
    if not units and not leaders:
        raise Incomplete("请选择发给责任单位或责任领导；还没有明确责任的事项，请先明确责任。", ["督办对象"])
    ids = [problem.pk for problem in problems]
    held = {problem.lead_unit_id for problem in problems}
    held |= set(_through("supporting_units", ids, "unit_id"))
    led = {problem.leader_id for problem in problems}
    led |= set(_through("supporting_leaders", ids, "leader_id"))
    strangers = [str(unit) for unit in units if unit.pk not in held]
    strangers += [str(leader) for leader in leaders if leader.pk not in led]
    if strangers:
        raise Incomplete(f"{wording.listed(strangers)}不承担所选事项，不能作为督办对象。")


def _through(name: str, ids: list[int], column: str) -> models.QuerySet:
    rows = getattr(Problem, name).through.objects.filter(problem__in=ids)
    return rows.values_list(column, flat=True)


def _locked(addressee: Addressee) -> Addressee:
    chain.lock([addressee.supervision.report])
    related = ("supervision__report__unit", "unit", "leader", "receipt", "reply")
    return Addressee.objects.select_related(*related).get(pk=addressee.pk)


def _first_item(addressee: Addressee, by: User, with_files: bool) -> Problem:
    """The first item that the person may see: the reply's evidence belongs to it, so it is still open."""
    items = addressee.supervision.problems.order_by("number")
    mine = items.filter(pk__in=Problem.objects.visible_to(by).values("pk"))
    if not with_files:
        return mine.first() or items[0]
    open_item = mine.filter(withdrawn=False, carried=False).exclude(status__in=ENDED).first()
    if open_item is None:
        raise WrongState("督办的事项已销号、撤回或结转，不能再附材料。请去掉材料，只写文字回复。")
    return open_item


def _office_of(paper: Supervision, directory: Directory) -> list[Told]:
    issuer = [Told(paper.issued_by_id)] if paper.issued_by_id in directory.active else []
    return issuer or directory.office(paper.report.unit.path)
