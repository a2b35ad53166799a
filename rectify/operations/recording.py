"""One act: policy, conditional update, state row and audit entry, in one transaction."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.db import models, transaction

from rectify import clock, wording
from rectify.audit import written
from rectify.audit.chain import TICK, append_entry, lock
from rectify.audit.field_values import (
    as_plain,
    describe,
    kind_of,
    label,
    label_of,
    plain,
    shown,
    stored,
    value_of,
)
from rectify.choices import Status
from rectify.errors import Difference, Incomplete, NotAllowed, Stale, WrongState
from rectify.models import (
    AuditEntry,
    Measure,
    MeasureState,
    Notice,
    Problem,
    ProblemState,
    Report,
    User,
)
from rectify.models.compiled import compiled
from rectify.models.each import insert
from rectify.notifications import outbox, telling
from rectify.notifications.telling import Occasion
from rectify.policies import may

LEDGER_OF: dict[type, str] = {Problem: "report__unit", Measure: "problem__report__unit"}
STATE_OF: dict[type, tuple[Any, str]] = {
    Problem: (ProblemState, "problem"),
    Measure: (MeasureState, "measure"),
}


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


def created(
    row: models.Model,
    *,
    by: User | None,
    act: str,
    report: Report | None,
    label: str,
    reason: str = "",
    problem: Problem | None = None,
    idempotency_key: str | None = None,
    **extra: Any,
) -> AuditEntry:
    """Record a new row: its first state row where it is tracked, and the entry with all its values."""
    payload, notices = dict(extra), _notices_of_new(row, act, by)
    if isinstance(row, Problem | Measure):
        open_state(row, first=True)
        payload["state"] = stored(row)
    entry = append_entry(
        by=by,
        act=act,
        report=report,
        target=row,
        label=label,
        payload=payload | told(notices),
        reason=reason,
        problem=problem,
        idempotency_key=idempotency_key,
    )
    outbox.post(notices, entry)
    return entry


def _notices_of_new(row: models.Model, act: str, by: User | None) -> list[Notice]:
    """What a new item that has owners already tells them."""
    if not isinstance(row, Problem):
        return []
    held = {name: None for name in (*row.TRACKED, *row.TRACKED_SETS) if plain(row, name)}
    return telling.notices_of(Occasion(act, by, row, held))


def told(notices: Sequence[Notice]) -> dict[str, Any]:
    """What an entry says of the messages of its act."""
    return {"notices": outbox.summary(notices)} if notices else {}


def update(
    row: Problem | Measure,
    *,
    by: User,
    act: str,
    seen: int,
    changes: dict[str, Any],
    reason: str = "",
    idempotency_key: str | None = None,
    judged: bool = False,
    reviewed: Any = None,
    **extra: Any,
) -> Problem | Measure:
    """Change tracked fields if nobody did since version `seen`, and tell whom the act hands work over to.

    `judged` says that the caller has asked the policy already, about another thing than the row;
    `reviewed` is the application by which the row changes.

    Raises Stale (with both texts) when the row moved on, NotAllowed when the policy refuses. Nothing
    is written when no value differs.
    """
    problem = row if isinstance(row, Problem) else row.problem
    with transaction.atomic():
        lock([problem.report])
        current = _locked(row)
        is_stale = current.version != seen
        if not judged:  # who might act on what they saw is told what has changed, not that they may not
            require(by, act, row if is_stale else current)
        if is_stale:
            raise stale(current, changes)
        changing = differing(current, changes)
        if not changing:
            return current
        payload = {"changes": [describe(current, name, value) for name, value in changing.items()], **extra}
        former = {name: _former(current, name) for name in changing}
        _apply(current, changing, seen, changes)
        fresh = type(row).objects.prefetch_related(*row.TRACKED_SETS).get(pk=row.pk)
        share_ledger(row, fresh)
        written.wrote(fresh)
        open_state(fresh)
        notices = _notices(act, by, fresh, former, reviewed)
        entry = append_entry(
            by=by, act=act, report=problem.report, target=fresh, label=label_of(fresh),
            payload=payload | told(notices), reason=reason, problem=problem,
            idempotency_key=idempotency_key,
        )  # fmt: skip
        outbox.post(notices, entry)
        return fresh


def _notices(act: str, by: User, row: Problem | Measure, *known: Any) -> list[Notice]:
    return telling.notices_of(Occasion(act, by, row, *known)) if isinstance(row, Problem) else []


def _former(current: Problem | Measure, name: str) -> Any:
    """What a field was; rows of a set are read now, for they are about to change."""
    return list(getattr(current, name).all()) if name in current.TRACKED_SETS else getattr(current, name)


def as_it_stands(problem: Problem) -> Problem:
    """The item as it is now that its ledger's chain is locked: itself, unless it was changed since."""
    [(*now, reported_at)] = compiled("as it stands", _standing, problem.pk)
    if now == [problem.version, problem.status]:
        problem.reported_at = reported_at
        return problem
    fresh = Problem.objects.get(pk=problem.pk)
    share_ledger(problem, fresh)
    return fresh


def _standing(pk: int) -> Any:
    return Problem.objects.filter(pk=pk).values_list("version", "status", "reported_at")


def _locked(row: Problem | Measure) -> Problem | Measure:
    """The row as it stands now, which nobody else changes until the transaction ends."""
    rows = type(row).objects.select_for_update(of=("self",)).select_related(LEDGER_OF[type(row)])
    current = rows.get(pk=row.pk)
    share_ledger(row, current)
    return current


def differing(current: Problem | Measure, changes: dict[str, Any]) -> dict[str, Any]:
    """The changes that change something."""
    return {name: value for name, value in changes.items() if plain(current, name) != as_plain(value)}


def share_ledger(known: Any, row: Any) -> None:
    """What a row belongs to never changes: a fresh copy need not read it again."""
    if isinstance(known, Problem):
        row.report = known.report
    else:
        row.problem = known.problem


def _apply(current: Problem | Measure, changing: dict[str, Any], seen: int, changes: dict[str, Any]) -> None:
    scalars = {name: value for name, value in changing.items() if name not in current.TRACKED_SETS}
    rows = type(current).objects.filter(pk=current.pk, version=seen)
    if not rows.update(version=models.F("version") + 1, **scalars):
        raise stale(type(current).objects.get(pk=current.pk), changes)
    for name in current.TRACKED_SETS:
        if name in changing:
            getattr(current, name).set(changing[name])


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
        for name, value in differing(current, changes).items()
    ]
    message = f"保存失败，您填写的内容没有丢失：{who}。请核对后再次提交。"
    return Stale(message, differences, current.version)


def open_state(row: Problem | Measure, *, first: bool = False, **how: bool) -> None:
    """Close the row's current state, unless this is its first, and open the next with today's values."""
    model, subject = STATE_OF[type(row)]
    previous = None
    if not first:
        current = model._default_manager.filter(**{subject: row, "valid_to__isnull": True})
        previous = current.prefetch_related(*row.TRACKED_SETS).first()
    state = next_state(row, previous, **how)
    if previous is not None:
        model._default_manager.filter(pk=previous.pk).update(valid_to=previous.valid_to)
        written.wrote(previous)
    insert(state)
    for name in row.TRACKED_SETS:
        getattr(state, name).add(*getattr(row, name).all())


def next_state(row: Problem | Measure, previous: Any, **how: bool) -> Any:
    """The state that begins now with today's values, where the one before it ends; neither is stored."""
    model, subject = STATE_OF[type(row)]
    at = clock.now()
    if previous is not None:
        at = previous.valid_to = max(at, previous.valid_from + TICK)
    return model(**{subject: row}, valid_from=at, **tracked_values(row), **how)


def tracked_values(row: Problem | Measure) -> dict[str, Any]:
    """The values of its state, rows by their ids: none of them is read."""
    fields: list[Any] = [row._meta.get_field(name) for name in row.TRACKED]
    return {field.attname: getattr(row, field.attname) for field in fields}


def begin_work(problem: Problem) -> dict[str, Any]:
    """With its first measure or note an item is under way; returns what the act's entry says of that.

    A fact, not a decision: the version stays, so that no open form goes stale.
    """
    if problem.status != Status.NOT_STARTED:
        return {}
    change = describe(problem, "status", Status.IN_PROGRESS)
    fresh_start = Problem.objects.filter(pk=problem.pk, status=Status.NOT_STARTED)
    if not fresh_start.update(status=Status.IN_PROGRESS):
        return {}  # seen before the act that put it under way
    fresh = Problem.objects.prefetch_related(*Problem.TRACKED_SETS).get(pk=problem.pk)
    share_ledger(problem, fresh)
    problem.status = fresh.status
    written.wrote(fresh)
    open_state(fresh, by_fact=True)
    return {"changes": [change]}


def check_transition(allowed: bool, what: str, source: str, target: str) -> None:
    """Raises WrongState when the table does not know the step."""
    if not allowed:
        raise WrongState(f"{what}现在是“{source}”，不能变为“{target}”。内容没有改动。")
