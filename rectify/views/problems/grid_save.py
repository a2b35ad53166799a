"""Saving what was filled in: the same plan and load as a returned copy; whole, or not at all and why."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from rectify.arrivals.sensitive import Place, places, shown_before
from rectify.audit.chain import decided
from rectify.digests import canonical, digest_of
from rectify.ledger.roundtrip import load, merge
from rectify.ledger.roundtrip.columns import CODE, MERGED
from rectify.ledger.roundtrip.grid import SHEET, GridRows
from rectify.ledger.roundtrip.plan import CellChange, Fault, MergePlan, PlannedItem
from rectify.models import User
from rectify.policies import may

KEYS = {column.heading: column.key for column in MERGED}
NOTHING = "没有需要保存的改动。"
WRONG = "还没有保存，您填写的内容都在。请处理下面标出的 {count} 处，再次保存。"
LOOK = "还没有保存。请核对下面的 {count} 处，无误后再次保存。"
MOVED = "还没有保存：在您保存的同时，台账又有改动。下面已按现在的情况重新比对，请核对后再次保存。"
NEEDS_REASON = "还没有保存：改动了原有的内容，请写明理由（一次保存写一个，记入每一项的变更记录）。"
FAULT, CONFLICT, READING = "fault", "conflict", "reading"


@dataclass(frozen=True)
class Line:
    """Something about one cell, or a row: what is wrong, two texts to choose from, or how it is read."""

    kind: str
    code: str
    key: str
    heading: str
    words: str
    was: str = ""
    now: str = ""
    mine: str = ""


@dataclass
class Attempt:
    """What became of a save: the batch, or what has to be looked at first."""

    warning: str = ""
    status: int = 422
    lines: list[Line] = field(default_factory=list)
    sensitive: list[Place] = field(default_factory=list)
    shown: str = ""  # digest of what is pointed out, for the next time
    batch: Any = None
    applied: int = 0


def attempt(user: User, posted: GridRows, *, reason: str, shown: str) -> Attempt:
    """Save, if nothing is wrong and whatever had to be pointed out was pointed out before."""
    returned = posted.returned
    if not returned.rows:
        return Attempt(NOTHING)
    plan = merge.plan(returned, user, may=may)
    if stopped := _stopped(plan, posted, reason, shown):
        return stopped
    name, facts = f"{SHEET}：{reason}" if reason else SHEET, canonical(_facts(posted))
    try:
        with decided(shown_before(_sensitive(posted))):
            done = load.apply(
                returned, by=user, may=may, name=name, sha256=digest_of(facts), digest=plan.digest
            )
    except load.ItemRefused as refused:
        again = merge.plan(returned, user, may=may, refusals={refused.code: refused.words})
        return _wrong(_lines(again), 409)
    if done.batch is None:
        return Attempt(MOVED, 409, _lines(done.plan)) if done.moved else Attempt(NOTHING)
    return Attempt(batch=done.batch, applied=done.applied)


def _stopped(plan: MergePlan, posted: GridRows, reason: str, shown: str) -> Attempt | None:
    """Why it is not saved now."""
    if plan.too_much:
        return Attempt(plan.too_much)
    if lines := _lines(plan):
        return _wrong(lines, 409 if plan.conflicts else 422)
    if plan.changed and not reason:
        return Attempt(NEEDS_REASON)
    return _to_look_at(posted, shown)


def _to_look_at(posted: GridRows, shown: str) -> Attempt | None:
    """Days read from words, and what looks secret or personal: pointed out once before it is saved."""
    readings, sensitive = [_line(fault, READING) for fault in posted.readings], _sensitive(posted)
    if not readings and not sensitive:
        return None
    pointed = [[line.code, line.words] for line in readings] + [[place.words] for place in sensitive]
    digest = digest_of(canonical(pointed))
    if shown == digest:
        return None
    words = LOOK.format(count=len(pointed))
    return Attempt(words, 422, readings, sensitive, digest)


def _wrong(lines: list[Line], status: int) -> Attempt:
    return Attempt(WRONG.format(count=len(lines)), status, lines)


def _lines(plan: MergePlan) -> list[Line]:
    faults = [_line(fault, FAULT) for fault in plan.all_faults]
    return faults + [_conflict(item, change) for item in plan.conflicts for change in item.conflicts]


def _line(fault: Fault, kind: str) -> Line:
    heading = "" if fault.heading == CODE else fault.heading
    quoted = fault.value if heading and fault.value not in fault.reason else ""
    words = "：".join(filter(None, (quoted, f"{fault.reason}。{fault.remedy}。")))
    return Line(kind, fault.code, KEYS.get(fault.heading, ""), heading, words, mine=fault.value)


def _conflict(item: PlannedItem, change: CellChange) -> Line:
    was, now, mine = (text or "（空）" for text in change.words)
    words = f"您打开表格以后，别人已由“{was}”改为“{now}”；您填的是“{mine}”。"
    return Line(CONFLICT, item.code, change.key, change.heading, words, was, now, mine)


def _sensitive(posted: GridRows) -> list[Place]:
    headings: Mapping[str, str] = {column.key: column.heading for column in MERGED}
    return places(
        (f"{row.code} {headings[key]}", text) for row in posted.returned.rows for key, text in row.raw.items()
    )


def _facts(posted: GridRows) -> list[list[Any]]:
    """What was typed, for the digest that the record keeps in the place of a file's."""
    return [[row.code, sorted(row.raw.items()), sorted(row.emptied)] for row in posted.returned.rows]
