"""Reading the record back: chains, heads, triggers, and whether the state rows agree with the entries."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from django.db import models

from ..choices import Act
from ..models import (
    AuditEntry,
    ChainHead,
    Measure,
    MeasureState,
    Problem,
    ProblemState,
    ProgressNote,
    Report,
)
from ..models.audit import GENESIS, PURGED_PAYLOAD, digest_of
from ..models.guards import missing
from ..models.progress import PURGED
from .recording import plain


@dataclass(frozen=True)
class Chain:
    """One chain that was read: whose, how long, and its head."""

    name: str
    count: int
    head: str


@dataclass(frozen=True)
class Break:
    """One thing that does not hold: where, and what."""

    where: str
    what: str

    def __str__(self) -> str:
        return f"{self.where}：{self.what}"


TRACKED: list[tuple[Any, Any, str]] = [
    (Problem, ProblemState, "problem"),
    (Measure, MeasureState, "measure"),
]


def chains() -> list[Report | None]:
    """The system's chain and each ledger's, oldest first."""
    return [None, *Report.objects.select_related("unit").order_by("id")]


def name_of(report: Report | None) -> str:
    return f"{report.unit} {report.prefix}（台账 {report.pk}）" if report else "系统"


def read_chain(report: Report | None) -> tuple[Chain, list[Break]]:
    """Recompute a chain from its first entry; the first break ends it."""
    name, number, previous = name_of(report), 0, GENESIS
    purged = _purged_entries(report)
    entries = AuditEntry.objects.filter(report=report).order_by("number", "id")
    for entry in entries.iterator(chunk_size=2000):
        where = f"{name} 第 {entry.number} 条"
        if entry.number != number + 1:
            return Chain(name, number, previous), [
                Break(f"{name} 第 {number + 1} 条", "缺失、重复或顺序不对")
            ]
        if what := _entry_fault(entry, previous, purged):
            return Chain(name, number, previous), [Break(where, what)]
        number, previous = entry.number, entry.digest
    head = ChainHead.objects.filter(report=report).first()
    if (head is None and number) or (head and (head.number, head.digest) != (number, previous)):
        expected = head.number if head else 0
        what = f"链头记的是 {expected} 条，实有 {number} 条，末尾被截断或追加"
        return Chain(name, number, previous), [Break(f"{name} 第 {min(number, expected) + 1} 条", what)]
    return Chain(name, number, previous), []


def _entry_fault(entry: AuditEntry, previous: str, purged: set[int]) -> str:
    if entry.previous != previous:
        return "与上一条不相连，可能有插入、删除或调换"
    if entry.digest != entry.compute_digest():
        return "内容与摘要不符，已被改动"
    is_purged = entry.payload == PURGED_PAYLOAD and entry.pk in purged
    if not is_purged and digest_of(entry.payload) != entry.payload_digest:
        return "操作内容被改动"
    if digest_of(entry.reason) != entry.reason_digest and not (is_purged and entry.reason == PURGED):
        return "理由被改动"
    return ""


def _purged_entries(report: Report | None) -> set[int]:
    found: set[int] = set()
    for entry in AuditEntry.objects.filter(report=report, act=Act.CONFIRM_PURGE):
        found.update(json.loads(entry.payload).get("purged_entries", []))
    return found


def missing_triggers() -> list[Break]:
    return [Break("触发器", f"{name} 缺失或被改动") for name in missing("default")]


def head_known(head: str) -> bool:
    """Whether some chain still holds the entry whose digest a ledger printed."""
    return AuditEntry.objects.filter(digest=head.strip().lower()).exists()


def disagreements(report: Report) -> Iterator[Break]:
    """Rows whose history or current values are not what the entries say."""
    tracked: list[tuple[Any, Any, str]] = [
        (Problem, ProblemState, "problem"),
        (Measure, MeasureState, "measure"),
    ]
    for model, states, kind in tracked:
        path = "report" if model is Problem else "problem__report"
        rows = model.objects.filter(**{path: report}).order_by("pk")
        for row in rows.iterator(chunk_size=500):
            yield from _row_faults(row, states, kind)
    yield from _note_faults(report)


def _row_faults(row: Any, states: Any, kind: str) -> Iterator[Break]:
    entries = list(AuditEntry.objects.about(kind, [row.pk]).order_by("id"))
    where = f"{row._meta.verbose_name} {row.pk}"
    if not entries:
        yield Break(where, "没有新增记录")
        return
    values: dict[str, Any] = {}
    known = True
    history = []
    for entry in entries:
        details = entry.details
        known = known and not entry.is_purged
        values |= details.get("state", {}).get("values", {})
        values |= {change["field"]: change["new"] for change in details.get("changes", [])}
        if entry.is_purged or "state" in details or details.get("changes"):
            history.append((f"{where}（第 {entry.number} 条）", dict(values)))
    rows = list(states.objects.filter(**{kind: row}).order_by("valid_from"))
    if len(rows) != len(history):
        yield Break(where, f"历史有 {len(rows)} 段，记录有 {len(history)} 次变更")
        return
    if any(one.valid_to != two.valid_from for one, two in pairwise(rows)) or rows[-1].valid_to:
        yield Break(where, "历史各段不相接")
    if known:
        for state, (place, expected) in zip(rows, history, strict=True):
            yield from _differences(place, state, expected)
        yield from _differences(f"{where} 当前值", row, history[-1][1])


def _differences(where: str, row: models.Model, expected: dict[str, Any]) -> Iterator[Break]:
    for field, value in expected.items():
        if (stored := plain(row, field)) != value and stored != PURGED:
            yield Break(where, f"{field} 与记录不符")
            return


def _note_faults(report: Report) -> Iterator[Break]:
    digests: dict[int | None, str | None] = {}
    acts = [Act.ADD_PROGRESS, Act.CORRECT_NOTE]
    for entry in AuditEntry.objects.filter(report=report, act__in=acts).iterator(chunk_size=1000):
        digests[entry.target_id] = None if entry.is_purged else entry.details["note"]["text_digest"]
    notes = ProgressNote.objects.filter(problem__report=report).order_by("pk").values_list("pk", "text")
    for pk, text in notes.iterator(chunk_size=1000):
        if pk not in digests:
            yield Break(f"进展 {pk}", "没有填报记录")
        elif digests.pop(pk) not in (None, digest_of(text)):
            yield Break(f"进展 {pk}", "内容与记录不符")
        else:
            digests.pop(pk, None)
    for left in digests:
        yield Break(f"进展 {left}", "记录还在，进展本身不见了")
