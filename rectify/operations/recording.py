"""One act: policy, conditional update, state row and audit entry, in one transaction."""

from __future__ import annotations

import contextlib
import datetime as dt
from collections.abc import Iterable, Iterator, Sequence
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Any

from django.db import models, transaction

from rectify import clock, wording
from rectify.choices import Act
from rectify.errors import Difference, Incomplete, NotAllowed, Stale, WrongState
from rectify.models import (
    AuditEntry,
    ChainHead,
    KeptCount,
    Measure,
    MeasureState,
    Problem,
    ProblemState,
    Report,
    User,
)
from rectify.models.audit import canonical, digest_of
from rectify.policies import may


@dataclass
class _Batch:
    """One import at work: its number, and the heads it holds locked until the end of its transaction."""

    number: int
    heads: dict[int | None, ChainHead]


_batch: ContextVar[_Batch | None] = ContextVar("batch", default=None)
TICK = dt.timedelta(microseconds=1)
_bulk: ContextVar[str] = ContextVar("bulk", default="")
LEDGER_OF: dict[type, str] = {Problem: "report__unit", Measure: "problem__report__unit"}
STATE_OF: dict[type, tuple[Any, str]] = {
    Problem: (ProblemState, "problem"),
    Measure: (MeasureState, "measure"),
}


@contextlib.contextmanager
def tied_to(batch: int, report: Report) -> Iterator[None]:
    """Every entry made inside names the import that it belongs to.

    The chain is locked once for all of them. An act that fails inside must therefore end the whole
    transaction: the head in hand would be ahead of one that a savepoint took back.
    """
    token = _batch.set(_Batch(batch, lock([report])))
    try:
        yield
    finally:
        _batch.reset(token)


def require(by: User | None, act: str, obj: Any = None) -> None:
    """Raises NotAllowed unless the policy allows the act; `None` is the system itself."""
    if by is None:
        return
    decision = may(by, act, obj)
    if not decision:
        raise NotAllowed(f"{decision.why}您填写的内容没有丢失，可返回上一页查看。")


def need_reason(reason: str) -> str:
    """Raises Incomplete when the reason is empty."""
    if not reason.strip():
        raise Incomplete("请写明理由，填写的内容没有丢失。", ["理由"], field="reason")
    return reason.strip()


def need_text(text: str, what: str, field: str, longest: int = 2000) -> str:
    """Raises Incomplete when a text is empty or too long, naming it."""
    if not text.strip():
        raise Incomplete(f"请填写{what}，其余内容没有丢失。", [what], field=field)
    if len(text) > longest:
        raise Incomplete(f"{what}最多 {longest} 个字，现在 {len(text)} 个字，请精简。", field=field)
    return text.strip()


def lock(reports: Iterable[Report | None]) -> dict[int | None, ChainHead]:
    """The chain heads, locked in id order so that two acts never wait for each other."""
    keys = {report.pk if report else None for report in reports}
    batch = _batch.get()
    if batch and keys <= batch.heads.keys():
        return batch.heads
    ids = [key for key in keys if key is not None]
    query = models.Q(report_id__in=ids)
    if None in keys:
        ChainHead.objects.get_or_create(report=None)
        query |= models.Q(report__isnull=True)
    heads = ChainHead.objects.select_for_update().filter(query).order_by("id")
    return {head.report_id: head for head in heads}


def head_of(report: Report | None) -> str:
    """The digest at the end of a chain: what an exported ledger prints."""
    head = ChainHead.objects.filter(report=report).values_list("digest", flat=True).first()
    return head or "0" * 64


@contextlib.contextmanager
def batch(number: str) -> Iterator[None]:
    """Every entry made inside carries this number: it ties the acts of one bulk act together."""
    token = _bulk.set(number)
    try:
        yield
    finally:
        _bulk.reset(token)


def repeated(by: User | None, token: str | None) -> int | None:
    """The id of what an identical submit has already made."""
    if not token or by is None:
        return None
    return AuditEntry.objects.filter(actor=by, token=token).values_list("target_id", flat=True).first()


def enter(
    *,
    by: User | None,
    act: str,
    report: Report | None,
    target: models.Model | None,
    label: str,
    payload: dict[str, Any],
    reason: str = "",
    problem: Problem | None = None,
    token: str | None = None,
) -> AuditEntry:
    """Append one entry to the chain of the report (None: the system's). Call inside a transaction."""
    report_id = report.pk if report else None
    head = lock([report])[report_id]
    if number := _bulk.get():
        payload = payload | {"batch": number}
    batch = _batch.get()
    text = canonical(payload | {"import": batch.number} if batch else payload)
    entry = AuditEntry(
        report_id=report_id,
        number=head.number + 1,
        at=clock.now(),
        actor=by,
        actor_label=(by.label if by else "系统")[:160],
        act=act,
        target_kind=kind_of(target) if target else "system",
        target_id=target.pk if target else None,
        target_label=label[:120],
        problem=problem,
        reason=reason,
        reason_digest=digest_of(reason),
        payload=text,
        payload_digest=digest_of(text),
        previous=head.digest,
        token=token or None,
    )
    entry.digest = entry.compute_digest()
    entry.save(force_insert=True)
    ChainHead.objects.filter(pk=head.pk).update(number=entry.number, digest=entry.digest)
    head.number, head.digest = entry.number, entry.digest
    return entry


def created(
    row: models.Model,
    *,
    by: User | None,
    act: str,
    report: Report | None,
    label: str,
    reason: str = "",
    problem: Problem | None = None,
    token: str | None = None,
    **extra: Any,
) -> AuditEntry:
    """Record a new row: its first state row where it is tracked, and the entry with all its values."""
    payload: dict[str, Any] = dict(extra)
    if isinstance(row, Problem | Measure):
        open_state(row, first=True)
        payload["state"] = stored(row)
    return enter(
        by=by,
        act=act,
        report=report,
        target=row,
        label=label,
        payload=payload,
        reason=reason,
        problem=problem,
        token=token,
    )


def update(
    row: Problem | Measure,
    *,
    by: User,
    act: str,
    seen: int,
    changes: dict[str, Any],
    reason: str = "",
    token: str | None = None,
    judged: bool = False,
    **extra: Any,
) -> Problem | Measure:
    """Change tracked fields if nobody did since version `seen`.

    `judged` says that the caller has asked the policy already, about another thing than the row.

    Raises Stale (with both texts) when the row moved on, NotAllowed when the policy refuses. Nothing
    is written when no value differs.
    """
    problem = row if isinstance(row, Problem) else row.problem
    with transaction.atomic():
        lock([problem.report])
        found = type(row).objects.select_for_update(of=("self",)).select_related(LEDGER_OF[type(row)])
        current = found.get(pk=row.pk)
        _share(row, current)
        if current.version != seen:
            # Who might act on what they saw is told what has changed, not that they may not.
            if not judged:
                require(by, act, row)
            raise stale(current, changes)
        if not judged:
            require(by, act, current)
        differing = {
            name: value for name, value in changes.items() if plain(current, name) != as_plain(value)
        }
        if not differing:
            return current
        payload = {"changes": [describe(current, name, value) for name, value in differing.items()], **extra}
        _apply(current, differing, seen, changes)
        fresh = type(row).objects.get(pk=row.pk)
        _share(row, fresh)
        open_state(fresh)
        enter(
            by=by,
            act=act,
            report=problem.report,
            target=fresh,
            label=label_of(fresh),
            payload=payload,
            reason=reason,
            problem=problem,
            token=token,
        )
        return fresh


def _share(known: Any, row: Any) -> None:
    """What a row belongs to never changes: a fresh copy need not read it again."""
    if isinstance(known, Problem):
        row.report = known.report
    else:
        row.problem = known.problem


def _apply(current: Problem | Measure, differing: dict[str, Any], seen: int, changes: dict[str, Any]) -> None:
    scalars = {name: value for name, value in differing.items() if name not in current.TRACKED_SETS}
    rows = type(current).objects.filter(pk=current.pk, version=seen)
    if not rows.update(version=models.F("version") + 1, **scalars):
        raise stale(type(current).objects.get(pk=current.pk), changes)
    for name in current.TRACKED_SETS:
        if name in differing:
            getattr(current, name).set(differing[name])


def stale(current: Problem | Measure, changes: dict[str, Any]) -> Stale:
    """The refusal that shows what the user typed beside what is stored now."""
    last = AuditEntry.objects.about(kind_of(current), [current.pk]).order_by("-id").first()
    who = (
        f"{last.actor_label}刚刚更新了这一项（{wording.moment(last.at, clock.today())}）"
        if last
        else "这一项刚刚被更新"
    )
    differences = [
        Difference(
            label(current, name), shown(current, name, value), shown(current, name, value_of(current, name))
        )
        for name, value in changes.items()
        if plain(current, name) != as_plain(value)
    ]
    message = f"保存失败，您填写的内容没有丢失：{who}。请核对后再次提交。"
    return Stale(message, differences, current.version)


def open_state(row: Problem | Measure, *, first: bool = False) -> None:
    """Close the row's current state, unless this is its first, and open the next with today's values."""
    model, subject = STATE_OF[type(row)]
    at = clock.now()
    previous = None
    if not first:
        previous = model._default_manager.filter(**{subject: row, "valid_to__isnull": True}).first()
    if previous is not None:
        at = max(at, previous.valid_from + TICK)
        model._default_manager.filter(pk=previous.pk).update(valid_to=at)
    values = {name: getattr(row, name) for name in row.TRACKED}
    state = model._default_manager.create(**{subject: row}, valid_from=at, **values)
    for name in row.TRACKED_SETS:
        getattr(state, name).add(*getattr(row, name).all())
    if isinstance(row, Problem):
        KeptCount.objects.moved(row, previous, state)
    else:
        KeptCount.objects.planned(row, previous, state)


def stored(row: Problem | Measure) -> dict[str, Any]:
    """Every tracked value as JSON, with the names of what ids stand for."""
    names = (*row.TRACKED, *row.TRACKED_SETS)
    values = {name: plain(row, name) for name in names}
    texts = {
        name: shown(row, name, value_of(row, name)) for name in names if values[name] not in ("", None, [])
    }
    return {"values": values, "texts": texts}


def describe(row: models.Model, name: str, value: Any) -> dict[str, Any]:
    """One change: field, label, old and new, as values and as words."""
    return {
        "field": name,
        "label": label(row, name),
        "old": plain(row, name),
        "new": as_plain(value),
        "old_text": shown(row, name, value_of(row, name)),
        "new_text": shown(row, name, value),
    }


def value_of(row: models.Model, name: str) -> Any:
    value = getattr(row, name)
    return list(value.all()) if hasattr(value, "all") else value


def plain(row: models.Model, name: str) -> Any:
    """The stored value as JSON."""
    return as_plain(value_of(row, name))


def as_plain(value: Any) -> Any:
    if isinstance(value, models.Model):
        return value.pk
    if isinstance(value, dt.datetime):
        return value.isoformat(timespec="microseconds")
    if isinstance(value, dt.date):
        return value.isoformat()
    if isinstance(value, Sequence) and not isinstance(value, str):
        return sorted(as_plain(item) for item in value)
    return value


def label(row: models.Model, name: str) -> str:
    return str(getattr(row._meta.get_field(name), "verbose_name", name))


def shown(row: models.Model, name: str, value: Any) -> str:
    """A value in words."""
    if value in (None, "", []):
        return "（空）"
    if isinstance(value, bool):
        return "是" if value else "否"
    if isinstance(value, dt.date):
        return wording.date(value)
    if isinstance(value, list | tuple):
        return wording.listed(sorted(str(item) for item in value))
    choices = dict(getattr(row._meta.get_field(name), "flatchoices", []) or [])
    return str(choices.get(value, value))


def kind_of(row: models.Model) -> str:
    """The name of a thing's kind in the record."""
    return str(row._meta.model_name)


def label_of(row: models.Model) -> str:
    """How the record names a thing: by code, never by its text."""
    if isinstance(row, Problem):
        return row.code
    problem = getattr(row, "problem", None)
    number = getattr(row, "number", row.pk)
    return (
        f"{problem.code} {row._meta.verbose_name}{number}" if problem else f"{row._meta.verbose_name}{row.pk}"
    )


def check_transition(allowed: bool, what: str, source: str, target: str) -> None:
    """Raises WrongState when the table does not know the step."""
    if not allowed:
        raise WrongState(f"{what}现在是“{source}”，不能变为“{target}”。内容没有改动。")


__all__ = ["Act", "created", "enter", "head_of", "lock", "need_reason", "repeated", "require", "update"]
