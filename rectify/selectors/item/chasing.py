"""What the item page shows of chasing: its instructions and the 督办单 it is on."""

from __future__ import annotations

from dataclasses import dataclass

from rectify import clock
from rectify.choices import Action, SupervisionState
from rectify.models import Instruction, Problem, Supervision, User
from rectify.policies import Decision, may


@dataclass(frozen=True)
class InstructionRow:
    """One instruction, how it was handled, and whether the reader may handle it."""

    instruction: Instruction
    handle: Decision

    @property
    def is_handled(self) -> bool:
        return hasattr(self.instruction, "handling")


def instruction_rows(user: User, problem: Problem) -> list[InstructionRow]:
    """The newest first; the decision is asked for those that wait only."""
    rows = []
    for instruction in problem.instructions.all():
        rows.append(InstructionRow(instruction, may(user, Action.ACKNOWLEDGE_INSTRUCTION, instruction)))
    return rows


def to_handle(user: User, problem: Problem) -> list[Instruction]:
    """The instructions that a progress note of this person may answer."""
    rows = instruction_rows(user, problem)
    return [row.instruction for row in rows if row.handle]


def papers_of(user: User, problem: Problem) -> list[tuple[Supervision, str]]:
    """The 督办单 this item is on, as far as the person may see them, with where they stand."""
    found = Supervision.objects.visible_to(user).filter(problems=problem).with_state(clock.today())
    return [(paper, str(SupervisionState(paper.state).label)) for paper in found]  # type: ignore[attr-defined]
