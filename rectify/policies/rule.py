"""What a rule is made of: who may act, in which state of things, and the sentence that says why not."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from django.db.models import Q

from rectify.policies.case import Case


@dataclass(frozen=True)
class Condition:
    """Something that must hold; `why` is said where it does not, with the facts of the case put in."""

    holds: Callable[[Case], bool]
    why: str
    # The same of many things at once: of problems, or of applications where the act decides on one.
    query: Callable[[Case], Q] | None = None

    def reason(self, case: Case) -> str:
        return self.why.format(case=case)


@dataclass(frozen=True)
class Who(Condition):
    """Whom an act belongs to, and the roles that can bring it."""

    roles: tuple[str, ...] = ()


@dataclass(frozen=True)
class Rule:
    """One act: who, and in which states; the reasons are given in this order."""

    who: Who
    states: tuple[Condition, ...] = ()
    first: tuple[Condition, ...] = ()  # what is said before it is asked who

    def __iter__(self) -> Iterator[Condition]:
        yield from (*self.first, self.who, *self.states)
