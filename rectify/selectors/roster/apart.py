"""The three duties that one person may not hold together: each row of a roster that would give a second."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol

from rectify.choices import Role
from rectify.selectors.roster.rows import PEOPLE, Fault
from rectify.selectors.roster.steps import Step, UnitPlace

ANOTHER = "请另选一人，或删去其中一行"
ENDED = "请另选一人，或先停用原来的任职（加一行，“在任”填“否”）"


class Places(Protocol):
    def are_exclusive(self, place: UnitPlace) -> bool: ...


def not_apart(steps: list[Step], held: Mapping[int, str], places: Places) -> list[Fault]:
    """`held` by post: the roles in force or waiting. A post that the sheet leaves as it is is no fault."""
    others = _others(steps, held)
    given = [step for step in steps if _is_given(step, places)]
    settled = [step for step in given if step.does_nothing]
    faults = []
    for step in (step for step in given if not step.does_nothing):
        faults += _faults(step, others, settled)
        settled.append(step)
    return faults


def _others(steps: list[Step], held: Mapping[int, str]) -> list[str]:
    """The roles of posts that the sheet does not name."""
    named = {step.old.pk for step in steps if step.old is not None}
    return [role for pk, role in held.items() if pk not in named]


def _is_given(step: Step, places: Places) -> bool:
    return bool(step.values["active"] and step.place and places.are_exclusive(step.place))


def _faults(step: Step, others: list[str], settled: list[Step]) -> list[Fault]:
    if (reason := _against_held(step, others)) is not None:
        return [_fault(step, reason, ENDED)]
    if (other := _against_rows(step, settled)) is not None:
        role = Role(other.values["role"]).label
        return [_fault(step, f"与第 {other.row} 行的“{role}”", ANOTHER)]
    return []


def _against_held(step: Step, others: list[str]) -> str | None:
    role = next((role for role in others if _exclude(role, step.values["role"])), None)
    return None if role is None else f"与已有的“{Role(role).label}”任职"


def _against_rows(step: Step, settled: list[Step]) -> Step | None:
    return next((one for one in settled if _exclude(one.values["role"], step.values["role"])), None)


def _exclude(one: str, other: str) -> bool:
    return _duty_of(one) != _duty_of(other)


def _duty_of(role: str) -> str:
    """Which of the three a post belongs to."""
    return role if role in (Role.SYSADMIN, Role.AUDITOR) else "business"


def _fault(step: Step, against: str, remedy: str) -> Fault:
    role = str(Role(step.values["role"]).label)
    return Fault(PEOPLE, step.row, "角色", role, f"三员分立：{against}不能由同一人担任", remedy)
