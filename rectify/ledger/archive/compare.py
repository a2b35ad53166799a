"""Two states of a ledger: what was added, what was taken out, what changed, with old and new."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from operator import attrgetter
from typing import TYPE_CHECKING

from rectify import clock
from rectify.choices import RagStatus
from rectify.ledger.row_types import MeasureRow, ProblemRow
from rectify.ledger.rows import ledger_rows, snapshot
from rectify.models.field_registry import ASSIGNED, REMARK, TEXTS

if TYPE_CHECKING:
    from django.db.models import QuerySet

    from rectify.models import Problem


class ChangeKind(StrEnum):
    ADDED = "added"
    REMOVED = "removed"
    CHANGED = "changed"


LABELS = {ChangeKind.ADDED: "新增", ChangeKind.REMOVED: "撤回", ChangeKind.CHANGED: "变更"}


@dataclass(frozen=True)
class FieldChange:
    """One field: what it was and what it is."""

    label: str
    old: str
    new: str


@dataclass(frozen=True)
class ComparedProblem:
    """One problem that differs."""

    kind: ChangeKind
    code: str
    number: int
    title: str
    changes: tuple[FieldChange, ...] = ()

    @property
    def label(self) -> str:
        return LABELS[self.kind]


@dataclass(frozen=True)
class Comparison:
    """Everything that differs, in the order of the ledger, and how much stayed as it was."""

    lines: list[ComparedProblem]
    unchanged: int

    def count(self, kind: str) -> int:
        return sum(line.kind == kind for line in self.lines)

    @property
    def counts(self) -> list[tuple[str, str, int]]:
        """(kind, label, how many) for the legend."""
        return [(str(kind), label, self.count(kind)) for kind, label in LABELS.items()]

    def told(self, lines: Sequence[ComparedProblem]) -> Sequence[ComparedProblem]:
        """Some of the lines with title and changes: here they have them."""
        return lines


def _status(row: ProblemRow) -> str:
    """The decision without the days left, which change by themselves."""
    first = row.completion.partition("\n")[0]
    return first.partition(" ")[2] or first


def _light(row: ProblemRow) -> str:
    return str(RagStatus(row.light).label) if row.light in RagStatus.values else ""


FIELDS: tuple[tuple[str, Callable[[ProblemRow], str]], ...] = (
    ("存在问题", lambda row: row.title),
    ("查摆方面", lambda row: row.aspect),
    ("具体表现", lambda row: row.manifestations),
    ("原因剖析", lambda row: row.causes),
    *((field.label, attrgetter(field.name)) for field in (*TEXTS, *ASSIGNED) if field.width),
    ("状态", _status),
    ("时限灯", _light),
    ("整改进展", lambda row: row.progress),
    ("销号情况", lambda row: row.close_out),
    (REMARK.label, lambda row: row.remark),
)


def since(
    problems: QuerySet[Problem], issued: Iterable[ProblemRow], whole: bool, using: str = ""
) -> Comparison:
    """An issued ledger's rows against now. `whole`: it held every problem, so that others are new."""
    before = list(issued)
    if not whole:
        problems = problems.filter(code__in=[row.code for row in before])
    with snapshot(using) as alias:
        return differences(before, ledger_rows(problems, today=clock.today(), using=alias))


def differences(old: Iterable[ProblemRow], new: Iterable[ProblemRow]) -> Comparison:
    """Matched by code: numbers are counted anew in every ledger."""
    before = {row.code: row for row in old}
    after = {row.code: row for row in new}
    lines, unchanged = [], 0
    for code, row in after.items():
        if code not in before:
            lines.append(ComparedProblem(ChangeKind.ADDED, code, row.number, row.title))
        elif changes := changes_of(before[code], row):
            lines.append(ComparedProblem(ChangeKind.CHANGED, code, row.number, row.title, changes))
        else:
            unchanged += 1
    gone = [row for code, row in before.items() if code not in after]
    lines += [ComparedProblem(ChangeKind.REMOVED, row.code, row.number, row.title) for row in gone]
    return Comparison(lines, unchanged)


def changes_of(old: ProblemRow, new: ProblemRow) -> tuple[FieldChange, ...]:
    """Field by field; of lists only what differs."""
    found = [FieldChange(label, get(old), get(new)) for label, get in FIELDS if get(old) != get(new)]
    for label, before, after in (
        ("整改措施", list(map(_step, old.measures)), list(map(_step, new.measures))),
        ("佐证材料", _names(old.evidence), _names(new.evidence)),
    ):
        if before != after:
            found.append(FieldChange(label, *_only_differing(before, after)))
    return tuple(found)


def _step(step: MeasureRow) -> str:
    """A measure with all that the ledger says of it."""
    words = f"【{step.kind}】{step.text}" if step.kind else step.text
    own = (
        f"完成标志：{step.standard}" if step.standard else "",
        f"责任单位：{step.unit}" if step.unit else "",
        f"完成时限：{step.deadline}" if step.deadline else "",
        step.status,
    )
    return "；".join([words, *filter(None, own)])


def _names(numbered: str) -> list[str]:
    """The names of a numbered list without their numbers."""
    lines = numbered.split("\n") if numbered else []
    return [line.partition(". ")[2] if len(lines) > 1 else line for line in lines]


def _only_differing(before: list[str], after: list[str]) -> tuple[str, str]:
    """What the one has and the other has not; all of both when only the order differs."""
    gone = [text for text in before if text not in after]
    come = [text for text in after if text not in before]
    return "\n".join(gone or (before if not come else [])), "\n".join(come or (after if not gone else []))
