"""The past of a large database: each problem's states, and the entries that lead from one to the next."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field
from typing import Any

from rectify import clock
from rectify.audit.field_values import as_plain
from rectify.choices import Action, Status
from rectify.digests import GENESIS, canonical, digest_of
from rectify.models import AuditEntry, ChainHead, Problem, ProblemState, Report, Unit, User


@dataclass
class Chain:
    """Entries of one ledger, linked as they are made."""

    report: Report
    number: int = 0
    digest: str = GENESIS
    entries: list[AuditEntry] = field(default_factory=list)

    def append_entry(
        self, by: User, act: str, at: dt.datetime, target: Any, label: str, payload: dict
    ) -> None:
        text = canonical(payload)
        entry = AuditEntry(
            report=self.report,
            number=self.number + 1,
            at=at,
            actor=by,
            actor_label=by.name,
            act=act,
            target_kind=str(target._meta.model_name),
            target_id=target.pk,
            target_label=label,
            problem_id=getattr(target, "problem_id", None)
            or (target.pk if isinstance(target, Problem) else None),
            reason="",
            reason_digest=digest_of(""),
            payload=text,
            payload_digest=digest_of(text),
            previous=self.digest,
        )
        self.digest = entry.digest = entry.compute_digest()
        self.number += 1
        self.entries.append(entry)

    def store(self) -> None:
        AuditEntry.objects.bulk_create(self.entries, batch_size=500)
        ChainHead.objects.create(report=self.report, number=self.number, digest=self.digest)


def make_states(
    rows: list[Problem], helped: dict[int, Unit], chain: Chain, by: User, begun: dt.datetime
) -> None:
    """As entered, as assigned and worked on, and as closed on its day."""
    states = []
    for index, row in enumerate(rows):
        assigned = begun + dt.timedelta(days=10, seconds=index)
        blank = Problem(title=row.title, text=row.text, kind=row.kind)
        steps = [(begun, _values(blank)), (assigned, _values(row))]
        if row.closed_on:
            steps[1] = (assigned, _values(row) | {"status": Status.IN_PROGRESS, "closed_on": None})
            steps.append((clock.start_of(row.closed_on) + dt.timedelta(hours=9), _values(row)))
        enter_steps(chain, by, row, steps, helped.get(row.pk))
        ends = [*(at for at, _ in steps[1:]), None]
        states += [
            ProblemState(problem=row, valid_from=at, valid_to=end, **values)
            for (at, values), end in zip(steps, ends, strict=True)
        ]
    made = ProblemState.objects.bulk_create(states, batch_size=200)
    through = ProblemState.supporting_units.through
    helping = [
        through(problemstate_id=state.pk, unit_id=helped[state.problem_id].pk)
        for state in made
        if state.problem_id in helped and state.valid_from > begun
    ]
    through.objects.bulk_create(helping, batch_size=400)


def _values(row: Problem) -> dict[str, Any]:
    return {name: getattr(row, name) for name in Problem.TRACKED}


def enter_steps(
    chain: Chain, by: User, row: Problem, steps: list[tuple[dt.datetime, dict[str, Any]]], unit: Unit | None
) -> None:
    """The entry of each step, with what it changed."""
    sets: dict[str, list[int]] = {"supporting_units": [], "supporting_leaders": []}
    values = {name: as_plain(value) for name, value in steps[0][1].items()} | sets
    chain.append_entry(
        by, Action.ADD_PROBLEM, steps[0][0], row, row.code,
        {"state": {"values": values, "texts": {"title": row.title}}},
    )  # fmt: skip
    for act, (_, before), (at, after) in zip(
        (Action.ASSIGN, Action.SET_STATUS), steps, steps[1:], strict=False
    ):
        changes = [
            {
                "field": name, "label": str(Problem._meta.get_field(name).verbose_name),
                "old": as_plain(before[name]), "new": as_plain(after[name]), "old_text": "（空）",
                "new_text": str(after[name]),
            }
            for name in Problem.TRACKED if as_plain(before[name]) != as_plain(after[name])
        ]  # fmt: skip
        if unit and act == Action.ASSIGN:
            changes.append(
                {"field": "supporting_units", "label": "配合单位", "old": [], "new": [unit.pk],
                 "old_text": "（空）", "new_text": unit.name}
            )  # fmt: skip
        chain.append_entry(by, act, at, row, row.code, {"changes": changes})
