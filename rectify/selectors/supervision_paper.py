"""The sheet of one 督办单: what is chased, by whom, who signed for it, and what they answered."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.db.models import Prefetch
from django.shortcuts import get_object_or_404

from rectify import clock
from rectify.choices import Action, SupervisionState
from rectify.models import Addressee, Evidence, Problem, Report, Supervision, User
from rectify.policies import Decision, may
from rectify.roles import OVERSEERS


@dataclass(frozen=True)
class Part:
    """One addressee on the sheet: what was done and what the reader may do."""

    addressee: Addressee
    state: str
    label: str
    sign: Decision
    answer: Decision
    is_mine: bool


@dataclass(frozen=True)
class Paper:
    """The sheet as one person sees it."""

    supervision: Supervision
    items: list[Problem]
    parts: list[Part]
    current: Part | None  # the addressee for whom the reader may answer

    @property
    def hidden(self) -> int:
        """How many items the reader may not see."""
        return self.supervision.problems.count() - len(self.items)

    @property
    def addressed(self) -> list[str]:
        return [str(row) for row in self.supervision.addressees.select_related("unit", "leader")]

    @property
    def draft_key(self) -> str:
        """The draft of the answer belongs to the first item."""
        first = self.items[0].pk if self.items else 0
        return f"reply-{self.current.addressee.pk}:{first}" if self.current else f"reply:{first}"


def read_paper(user: User, pk: int, answering: int | None = None) -> Paper:
    """The sheet; with the addressee being answered for, when that is known."""
    found = Supervision.objects.visible_to(user).with_state(clock.today())
    supervision = get_object_or_404(found.select_related("report__unit", "issued_by"), pk=pk)
    seen = Problem.objects.visible_to(user)
    items = supervision.problems.filter(pk__in=seen.values("pk")).select_related("lead_unit", "leader")
    parts = _parts(user, supervision)
    current = next((part for part in parts if part.answer and answering in (None, part.addressee.pk)), None)
    return Paper(supervision, list(items.order_by("number")), parts, current)


def _oversees(user: User, paper: Supervision) -> bool:
    if not user.has_role(*OVERSEERS):
        return False
    return Report.objects.overseen_by(user).filter(pk=paper.report_id).exists()


def _parts(user: User, paper: Supervision) -> list[Part]:
    """Every addressee to those who oversee; to an addressee only their own."""
    oversees = _oversees(user, paper)
    rows = paper.addressees.with_state(clock.today()).select_related("unit", "leader__user", "receipt")
    mine = set(Addressee.objects.of(user).filter(supervision=paper).values_list("pk", flat=True))
    parts = []
    files = Prefetch("reply__evidence", Evidence.objects.visible_to(user))
    for row in rows.prefetch_related(files):
        if not oversees and row.pk not in mine:
            continue
        row.supervision = paper
        state: Any = row.state  # type: ignore[attr-defined]
        sign = may(user, Action.ACKNOWLEDGE_SUPERVISION, row)
        answer = may(user, Action.REPLY_SUPERVISION, row)
        parts.append(Part(row, state, str(SupervisionState(state).label), sign, answer, row.pk in mine))
    return parts
