"""Who did what to a problem, in words; and the decisions that stand among its notes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

from django.db.models import Q, QuerySet

from rectify.choices import Action, CloseKind, Finding, StepOutcome
from rectify.models import Problem
from rectify.models.audit import AuditEntry
from rectify.models.compiled import compiled

HISTORY = 20
NOTES = 50
LONG = 120
# Acts told among the notes in words of the record; applications and follow-ups tell of themselves.
DECISIONS = (
    *(Action.SET_STATUS, Action.WITHDRAW, Action.RESTORE, Action.CORRECT_DEADLINE),
    *(Action.REOPEN, Action.CARRY_OVER, Action.ASSIGN),
)
ACTS = {str(act.value): str(act.label) for act in Action}


@dataclass(frozen=True)
class Change:
    """One field of an act: what it was and what it became."""

    label: str
    old: str
    new: str

    @property
    def is_long(self) -> bool:
        return len(self.old) + len(self.new) > LONG


@dataclass(frozen=True)
class HistoryLine:
    """One entry of the audit log, in words."""

    entry: AuditEntry
    what: str
    changes: Sequence[Change]


def history(problem: Problem, whole: bool) -> tuple[list[HistoryLine], list[HistoryLine]]:
    """Who did what to this problem, one more than a page holds, so that the page knows of more; and the
    decisions among it."""
    found = compiled(("history", whole), partial(_entries, whole), problem.pk)
    for entry in found:
        entry.problem = problem
    lines = [_line(entry) for entry in (found if whole else found[: HISTORY + 1])]
    decided_lines = [_line(entry) for entry in found if entry.act in DECISIONS][:NOTES]
    return lines, [line for line in decided_lines if _decides(line)]


def _entries(whole: bool, problem: int) -> QuerySet[AuditEntry]:
    entries = AuditEntry.objects.filter(problem=problem).order_by("-id")
    if whole:
        return entries
    newest = Q(pk__in=entries.values("pk")[: HISTORY + 1])
    decided = entries.filter(act__in=DECISIONS).values("pk")[:NOTES]
    return entries.filter(newest | Q(pk__in=decided))


def _decides(line: HistoryLine) -> bool:
    return line.entry.act != Action.ASSIGN or any(change.label == "整改时限" for change in line.changes)


def _act_words(entry: AuditEntry, details: dict[str, Any]) -> str:
    """A staged result is applied for as what it is: 转入长期坚持, not 销号."""
    words = ACTS.get(entry.act, entry.act)
    application = details.get("application")
    standing = isinstance(application, dict) and application.get("kind") == CloseKind.STANDING
    return words.replace("销号", "转入长期坚持") if standing else words


def _line(entry: AuditEntry) -> HistoryLine:
    details = {} if entry.is_purged else entry.details
    changes = details.get("changes", [])
    shown = [
        Change(change["label"], change["old_text"], change["new_text"])
        for change in changes
        if "label" in change
    ]
    what = _act_words(entry, details) + _step_words(details)
    if entry.is_purged:
        what += "（内容已按程序清除）"
    elif link := details.get("link"):
        what += f"：{link.get('title', '')}"
    elif entry.target_kind == "measure":
        what += f"（{entry.target_label.rpartition(' ')[2]}）"
    return HistoryLine(entry, what, shown)


def _step_words(details: dict[str, Any]) -> str:
    """Who signed on paper, for whom somebody stood in, and what was said."""
    step, look = details.get("step"), details.get("follow_up")
    words = ""
    if step and step.get("on_paper"):
        words = f"（代录{step['signer']}纸质签字）"
    elif step and step.get("stands_for"):
        words = f"（代{step['stands_for']}）"
    if step and step.get("outcome") == StepOutcome.PASS and step.get("comment"):
        words += f"。意见：{step['comment']}"
    if look:
        # A relapse is its own reason, which the line tells already.
        told = f"。{look['finding']}" if look["outcome"] == Finding.HOLDS else ""
        words += f"：{Finding(look['outcome']).label}{told}"
    if carried := details.get("carried_to"):
        words += f"：到“{carried['title']}”，编号不变"
    if carried := details.get("carried_from"):
        words += f"：自编号 {carried['code']}，第 {carried['years']} 年" if "code" in carried else ""
    return words
