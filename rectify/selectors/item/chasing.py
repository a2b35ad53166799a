"""What the item page shows of chasing: its instructions and the 督办单 it is on."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from functools import partial

from django.db.models import QuerySet

from rectify import clock
from rectify.choices import Action, SupervisionState
from rectify.models import Instruction, Problem, Supervision, User
from rectify.models.compiled import compiled
from rectify.policies import Decision, may
from rectify.selectors.item.parts import give_part


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
    said = problem.instructions.all()
    return [InstructionRow(one, may(user, Action.ACKNOWLEDGE_INSTRUCTION, one)) for one in said]


def to_handle(user: User, problem: Problem) -> list[Instruction]:
    """The instructions that a progress note of this person may answer."""
    give_part(problem, "instructions")
    return [row.instruction for row in instruction_rows(user, problem) if row.handle]


def papers_of(user: User, problem: Problem) -> list[tuple[Supervision, str]]:
    """The 督办单 this item is on, as far as the person may see them, with where they stand."""
    today = clock.today()
    found = compiled(("papers", user.scope, today), partial(_papers, user, today), problem.pk)
    return [(paper, str(SupervisionState(paper.state).label)) for paper in found]


def _papers(user: User, today: dt.date, problem: int) -> QuerySet:
    return Supervision.objects.visible_to(user).filter(problems=problem).with_state(today)
