"""One question put to the policy, and the facts its conditions and sentences ask for."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any

from rectify.choices import Action, MeasureStatus, Role, Status, Step
from rectify.models import (
    CloseOut,
    Evidence,
    Extension,
    FollowUp,
    Instruction,
    Manifestation,
    Measure,
    Problem,
    ProgressNote,
    Purge,
    Report,
    User,
)
from rectify.models.analysis import Link
from rectify.policies import closing
from rectify.policies.closing import Capacity
from rectify.policies.decision import runs
from rectify.roles import REPORTING

OF_PROBLEM = (
    *(Measure, ProgressNote, Evidence, Link, Purge, Manifestation),
    *(CloseOut, Extension, FollowUp, Instruction),
)


@dataclass(frozen=True)
class Case:
    """May this person do this act on this thing?"""

    user: User
    act: str
    thing: Any = None

    @property
    def label(self) -> str:
        return str(Action(self.act).label)

    @cached_property
    def problem(self) -> Any:
        """The problem the thing is or belongs to, if any."""
        if isinstance(self.thing, Problem):
            return self.thing
        return getattr(self.thing, "problem", None) if isinstance(self.thing, OF_PROBLEM) else None

    @cached_property
    def report(self) -> Report | None:
        if isinstance(self.thing, Report):
            return self.thing
        if self.problem is not None:
            return self.problem.report
        return getattr(self.thing, "report", None)

    @property
    def status(self) -> str:
        return str(Status(self.problem.status).label)

    @property
    def measure_status(self) -> str:
        return str(MeasureStatus(self.thing.status).label)

    @property
    def carried_to(self) -> str:
        later = getattr(self.problem, "carried_to", None)
        return f"“{later.report}”的 {later.named}" if later else "新的台账"

    @cached_property
    def is_office(self) -> bool:
        """Whether the person runs the ledger the thing is in."""
        return runs(self.user, self.report)

    @cached_property
    def units(self) -> list[int]:
        """The units for which the person reports."""
        return self.user.unit_ids(*REPORTING)

    @cached_property
    def leads(self) -> bool:
        """Whether the person is the leader of the problem, or one who supports them."""
        if not self.user.has_role(Role.LEADER) or self.user.leader_id is None:
            return False
        leader = self.problem.leader
        if leader is not None and leader.pk == self.user.leader_id:
            return bool(leader.active)
        return bool(self.problem.supporting_leaders.filter(pk=self.user.leader_id, active=True).exists())

    # -- extensions -----------------------------------------------------------------------------------

    @property
    def granted(self) -> int:
        return closing.granted_count(self.problem)

    @property
    def most(self) -> int:
        return int(self.problem.report.settings.max_extensions)

    # -- a reviewed application -----------------------------------------------------------------------

    @cached_property
    def application(self) -> Any:
        """The application that is meant: the thing itself, or the open one of the problem."""
        if isinstance(self.thing, CloseOut | Extension):
            return self.thing
        if isinstance(self.thing, Problem):
            return closing.open_application(closing.MODELS[self.act], self.thing)
        return None

    @property
    def noun(self) -> str:
        return closing.NOUNS[closing.MODELS[self.act]]

    @property
    def waits_for(self) -> str:
        return closing.waits_for(self.application.waiting, self.problem)

    @property
    def step(self) -> str:
        return str(Step(self.application.waiting).label)

    @cached_property
    def own_capacity(self) -> Capacity | None:
        return closing.own_capacity(self.user, self.application.waiting, self.problem)

    @cached_property
    def capacity(self) -> Capacity | None:
        """As what the person could take the step that waits."""
        return self.own_capacity or closing.paper_capacity(self.user, self.application.waiting, self.problem)

    @cached_property
    def taken(self) -> str:
        """The step of this application that the person has taken already."""
        mine = (step for step in self.application.steps.all() if step.by_id == self.user.pk)
        labels = (step.get_step_display() for step in mine if step.step != Step.APPLY and not step.on_paper)
        return str(next(labels, ""))

    # -- stand-ins ------------------------------------------------------------------------------------

    @property
    def absent(self) -> User | None:
        return getattr(self.thing, "absent", self.thing)

    @property
    def which_office(self) -> str:
        return "所在整改办" if self.absent else "整改办"
