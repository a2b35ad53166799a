"""Findings of the health check that have one right answer, mended together: one act on many items."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, replace

from django.db import transaction

from rectify.audit import chain
from rectify.errors import Refusal
from rectify.models import BulkAct, Problem, Report, User
from rectify.operations import bulk, recording
from rectify.selectors.health import mending
from rectify.selectors.health.findings import CheckedLedgers


@dataclass(frozen=True)
class Proposal:
    """What would become of each item, as the ledger is now."""

    plan: bulk.BulkPlan
    wanted: bulk.WantedEach
    mends: tuple[mending.Mend, ...] = ()  # those that have an answer
    more: int = 0  # items beyond what one act holds

    @property
    def marks(self) -> set[str]:
        """Each answer with the version of the item it was found for: what a page has shown."""
        return {
            f"{line.problem.pk}:{line.problem.version}:{name}:{value.pk}"
            for line in self.plan.accepted
            for name, value in self.wanted.of(line.problem).fields.items()
        }


class Changed(Refusal):
    """Something is no longer as it was shown: nothing was done, and here is what is proposed now."""

    def __init__(self, proposal: Proposal, gone: list[Problem]) -> None:
        words = f"不再需要或不能这样修复的有：{'、'.join(problem.code for problem in gone)}。" if gone else ""
        super().__init__(
            f"还没有修复：预览之后有的事项又有变动。{words}下面按现在的情况重新列出，您写的理由还在，请核对后再次确认。"
        )
        self.proposal = proposal


def propose(scope: CheckedLedgers, rule: str, *, by: User) -> Proposal:
    """The answers of one rule, or of all, each with the fact it follows from; nothing is written."""
    answers: mending.Answers = {}
    facts: dict[int, list[str]] = {}
    used = []
    for mend in mending.chosen(rule):
        for pk, fields in (found := mend.answers(scope)).items():
            answers.setdefault(pk, {}).update(fields)
            facts.setdefault(pk, []).append(mend.fact)
        used += [mend] if found else []
    rows = bulk.subjects(by, list(answers)[: bulk.LIMIT])
    wanted = bulk.WantedEach(answers, f"一键修复：{'、'.join(mend.name for mend in used)}")
    lines = [replace(line, kept=facts[line.problem.pk]) for line in bulk.plan(rows, wanted, by=by).lines]
    return Proposal(bulk.BulkPlan(lines), wanted, tuple(used), max(0, len(answers) - bulk.LIMIT))


def mend(
    report: Report,
    scope: CheckedLedgers,
    rule: str,
    shown: Collection[str],
    *,
    by: User,
    reason: str,
    idempotency_key: str | None = None,
) -> BulkAct:
    """Carry out the answers that were shown, all or none; the same key acts once.

    Raises Changed when an item or its answer is another one now. People and units stand still meanwhile.
    """
    reason = recording.need_reason(reason)
    with transaction.atomic():
        chain.lock([None, report])
        if earlier := bulk.done_before(by, idempotency_key):
            return earlier
        now = propose(scope, rule, by=by)
        if gone := set(shown) - now.marks:
            raise _changed(now, gone, by)
        rows = [line.problem for line in now.plan.accepted if line.problem.pk in _items(shown)]
        items = {problem.pk: problem.version for problem in rows}
        wanted = replace(now.wanted, fields={pk: now.wanted.fields[pk] for pk in items})
        return bulk.apply(items, wanted, by=by, reason=reason, idempotency_key=idempotency_key)


def _items(marks: Collection[str]) -> set[int]:
    return {int(mark.partition(":")[0]) for mark in marks}


def _changed(now: Proposal, gone: set[str], by: User) -> Changed:
    ids = _items(gone)
    lines = [replace(line, is_stale=line.problem.pk in ids) for line in now.plan.lines]
    left = ids - {line.problem.pk for line in now.plan.accepted}
    rows = Problem.objects.visible_to(by).filter(pk__in=left).order_by("number")
    return Changed(replace(now, plan=bulk.BulkPlan(lines)), list(rows))
