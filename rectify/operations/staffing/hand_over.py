"""Handing over everything a person holds, in one act; the former holder keeps nothing."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.db import transaction
from django.urls import reverse

from rectify import clock
from rectify.audit import chain
from rectify.choices import Action, NoticeKind, Role, Step
from rectify.errors import Incomplete, NotAllowed
from rectify.models import (
    CloseOut,
    Extension,
    IntakeDraft,
    Leader,
    Membership,
    Notice,
    Problem,
    Report,
    StandIn,
    User,
)
from rectify.notifications import outbox
from rectify.notifications.recipients import Directory
from rectify.operations import recording
from rectify.policies.closing import NOUNS
from rectify.selectors.staffing.fitness import holders
from rectify.selectors.staffing.holdings import Holding, holdings, open_items

NOTHING = "名下没有需要移交的事项、任职或代办，没有内容被移交。"


@dataclass(frozen=True)
class HandedOver:
    """What went to whom; `items` are those the giver was the clerk of, or led."""

    moved: list[tuple[Holding, User | None]]
    items: int


def hand_over(
    giver: User,
    *,
    by: User,
    reason: str,
    taker: User | None = None,
    takers: Mapping[str, User] | None = None,
) -> HandedOver:
    """Move everything a person holds in the units of this office: all of it, or nothing.

    `takers` names who takes a holding (by its key); `taker` takes what is left. Raises Incomplete with a
    sentence for each that has nobody, or nobody fit, to take it.
    """
    reason = recording.need_reason(reason)
    paths = by.paths(Role.OFFICE)
    with transaction.atomic():
        recording.require(by, Action.HAND_OVER)
        if giver.pk == by.pk:
            raise NotAllowed("本人的交接由另一位整改办同志（或上级整改办）办理。您填写的内容没有丢失。")
        chain.lock([None, *_ledgers(holdings(giver, paths))])
        held = holdings(giver, paths)
        if not held:
            raise Incomplete(f"{giver.label}{NOTHING}", field="giver")
        moves = _matched(held, giver, taker, takers or {})
        for holding, receiver in moves:
            for row in holding.rows:
                _move(row, receiver, giver, by, reason)
        _enter(giver, moves, by, reason)
        codes = {code for holding in held for code in holding.codes}
        return HandedOver(moves, len(codes))


def _ledgers(held: list[Holding]) -> list[Report]:
    """The ledgers whose items move, so that their chains are locked in one order."""
    codes = [row.report for holding in held for row in holding.rows if isinstance(row, Problem)]
    leaders = [row for holding in held for row in holding.rows if isinstance(row, Leader)]
    return [*codes, *Report.objects.filter(problems__leader__in=leaders).distinct()]


def _matched(
    held: list[Holding], giver: User, taker: User | None, takers: Mapping[str, User]
) -> list[tuple[Holding, User | None]]:
    moves: list[tuple[Holding, User | None]] = []
    refused = []
    for holding in held:
        receiver = None if holding.fit is None else takers.get(holding.key, taker)
        if why := _why_unfit(holding, giver, receiver):
            refused.append(why)
        moves.append((holding, receiver))
    if refused:
        raise Incomplete("没有内容被移交：" + "；".join(refused) + "。", refused, field="taker")
    return moves


def _why_unfit(holding: Holding, giver: User, receiver: User | None) -> str:
    if holding.fit is None:
        return ""
    if receiver is None:
        return f"“{holding.label}”还没有选接收人"
    if receiver.pk == giver.pk:
        return "移交人和接收人不能是同一人"
    if receiver.pk not in holding.fit:
        return (
            f"{receiver.label}不能接收“{holding.label}”，须由{holding.wants}接收；"
            "没有这样的同志时，请系统管理员先补录任职"
        )
    own = _own_applications(holding, receiver)
    return f"{own}是{receiver.label}本人申请的，不能由其审批，请先办结或撤回" if own else ""


def _own_applications(holding: Holding, receiver: User) -> str:
    """What the receiver would have to decide on and may not, as the only one who could."""
    row = holding.rows[0]
    if isinstance(row, Leader):
        waiting: dict[str, Any] = {"problem__leader": row}
    elif isinstance(row, Membership) and row.role == Role.UNIT_HEAD:
        if holders(row.unit_id, Role.UNIT_HEAD) - {row.user_id, receiver.pk}:
            return ""
        waiting = {"problem__lead_unit": row.unit, "waiting": Step.CONFIRM}
    else:
        return ""
    for model in (CloseOut, Extension):
        mine = model.objects.open().filter(applicant=receiver, **waiting)
        if (application := mine.select_related("problem").first()) is not None:
            return f"{application.problem.code} 的{NOUNS[model]}"
    return ""


# -- what moves ---------------------------------------------------------------------------------------


def _move(row: Any, receiver: User | None, giver: User, by: User, reason: str) -> None:
    if isinstance(row, Problem):
        _change(row, {"clerk": receiver}, by, reason)
    elif isinstance(row, Membership):
        row.active = False
        row.save(update_fields=["active"])
    elif isinstance(row, Leader):
        _move_leader(row, receiver, by, reason)
    elif isinstance(row, IntakeDraft):
        IntakeDraft.objects.filter(pk=row.pk).update(user=receiver)
    elif isinstance(row, StandIn):
        _move_stand_in(row, receiver, by, reason)


def _change(problem: Problem, changes: dict[str, Any], by: User, reason: str) -> None:
    recording.update(
        problem, by=by, act=Action.HAND_OVER, seen=problem.version, changes=changes, reason=reason
    )


def _move_leader(leader: Leader, receiver: User | None, by: User, reason: str) -> None:
    """A successor takes over the post with all that it leads; another leader takes the items."""
    successor = Leader.objects.filter(user=receiver).first()
    if successor is None:
        leader.user = receiver
        leader.save(update_fields=["user"])
        return
    rows = open_items()
    for problem in rows.filter(leader=leader):
        others = [one for one in problem.supporting_leaders.all() if one != successor]
        _change(problem, {"leader": successor, "supporting_leaders": others}, by, reason)
    for problem in rows.filter(supporting_leaders=leader):
        kept = [one for one in problem.supporting_leaders.all() if one not in (leader, successor)]
        added = [] if problem.leader_id == successor.pk else [successor]
        _change(problem, {"supporting_leaders": kept + added}, by, reason)
    leader.user = None
    leader.active = False
    leader.save(update_fields=["user", "active"])


def _move_stand_in(row: StandIn, receiver: User | None, by: User, reason: str) -> None:
    """What is left of the period goes on with the receiver."""
    today = clock.today()
    row.ended_at = clock.now()
    row.save(update_fields=["ended_at"])
    if receiver is not None:
        StandIn.objects.create(
            absent=row.absent,
            substitute=receiver,
            starts_on=max(row.starts_on, today),
            ends_on=row.ends_on,
            reason=reason[:200],
            named_by=by,
            named_at=clock.now(),
        )


# -- the record, and who is told ----------------------------------------------------------------------


def _enter(giver: User, moves: list[tuple[Holding, User | None]], by: User, reason: str) -> None:
    """One entry names every post, leader and stand-in that moved; each item has its own besides."""
    notices = _notices(giver, moves)
    names = "、".join(dict.fromkeys(receiver.label for _, receiver in moves if receiver))
    facts = {
        "from": giver.label,
        "to": names,
        "problems": [code for holding, _ in moves for code in holding.codes],
        "moved": [f"{one.words} → {receiver.label if receiver else '随交接结束'}" for one, receiver in moves],
    }
    entry = chain.append_entry(
        by=by,
        act=Action.HAND_OVER,
        report=None,
        target=giver,
        label=f"{giver.label} → {names}"[:120],
        payload={"facts": facts, "notices": outbox.summary(notices)},
        reason=reason,
    )
    outbox.post(notices, entry)


def _notices(giver: User, moves: list[tuple[Holding, User | None]]) -> list[Notice]:
    """Whoever receives is told what, in the inbox and by e-mail where there is an address."""
    emails = Directory().emails
    words: dict[int, list[str]] = defaultdict(list)
    for holding, receiver in moves:
        if receiver is not None:
            words[receiver.pk].append(holding.words)
    return [
        notice
        for user, said in words.items()
        for notice in outbox.to_person(
            user,
            None,
            kind=NoticeKind.HAND_OVER,
            text=f"{giver.label}名下的工作已移交给您：{'；'.join(said)}。",
            url=reverse("home"),
            items=[],
            mailed=user in emails and _mailed(moves, user),
        )
    ]


def _mailed(moves: list[tuple[Holding, User | None]], user: int) -> bool:
    """Whether a ledger of the items that came sends its messages by e-mail."""
    ledgers = [
        row.report_id
        for holding, receiver in moves
        if receiver is not None and receiver.pk == user
        for row in holding.rows
        if isinstance(row, Problem)
    ]
    return any(row.email_on for row in outbox.channels_of(ledgers).values())
