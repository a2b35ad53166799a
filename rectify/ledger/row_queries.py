"""What the rows of a ledger are read from: one query each, as of today or of the end of a past day."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Any

from django.db.models import F, Model, QuerySet

from rectify.choices import MeasureStatus
from rectify.ledger.archive.earlier import Earlier
from rectify.models import (
    Evidence,
    Manifestation,
    Measure,
    MeasureState,
    Membership,
    Problem,
    ProblemState,
)
from rectify.models.field_registry import REMARK, TEXTS, names_of
from rectify.models.many import MANY, ManyQuery
from rectify.models.office import LedgerRule
from rectify.models.progress import PURGED
from rectify.roles import REPORTING

WORDS = names_of((*TEXTS, REMARK))  # printed as they are
OWN = (
    *WORDS,
    *("title", "status", "kind", "also_standing"),
    *("deadline", "deadline_text", "original_deadline", "closed_on"),
    *("round", "carried"),
    *("responsible", "clerk__name", "clerk__phone", "leader__post", "lead_unit", "lead_unit__name"),
    "light",
)
ROUND, LEAD_UNIT = OWN.index("round"), OWN.index("lead_unit")
CONSTANT = (
    *("code", "source", "aspect__title", "aspect__short"),
    *("report__settings__period", "report__settings__day_count"),
)
STEP = ("text", "kind", "standard", "unit__name", "deadline", "status", "result", "finished_on")


class RowQueries:
    """Asked about problems, but for `supporting` (the rows that `problems` gave) and `posts` (units)."""

    def __init__(
        self,
        *,
        today: dt.date,
        end: dt.datetime | None,
        using: str,
        rules: list[LedgerRule],
        earlier: Earlier | None,
    ) -> None:
        self.today, self.end, self.using, self.earlier = today, end, using, earlier
        self.problems = self._problems(rules)
        self.supporting = self._supporting()
        self.manifestations = self._manifestations()
        self.measures = self._measures()
        self.evidence = self._evidence()
        self.posts = self._posts()

    def _problems(self, rules: list[LedgerRule]) -> ManyQuery:
        """`OWN`, `CONSTANT`, the row read (a problem's own or its state's), and the problem."""
        query: QuerySet[Any]
        if self.end is None:
            query = Problem.objects.filter(pk__in=MANY, withdrawn=False)
            fields: tuple[str | F, ...] = (*OWN, *CONSTANT, "pk", F("pk"))
        else:
            query = ProblemState.objects.at(self.today).filter(problem__in=MANY, withdrawn=False)
            fields = (*OWN, *(f"problem__{name}" for name in CONSTANT), "pk", F("problem_id"))
        lit = query.using(self.using).with_light(self.today, rules)
        return ManyQuery(lit.order_by().values_list(*self._then(*fields)))

    def _supporting(self) -> ManyQuery:
        """The row and the name of a unit."""
        through: type[Model]
        if self.end is None:
            through, owner = Problem.supporting_units.through, "problem_id"
        else:
            through, owner = ProblemState.supporting_units.through, "problemstate_id"
        query = through._default_manager.using(self.using).filter(**{f"{owner}__in": MANY})
        return ManyQuery(query.order_by("unit__path").values_list(*self._then(owner, "unit__name")))

    def _manifestations(self) -> ManyQuery:
        """Its own id, the problem and the text of today."""
        query = Manifestation.objects.using(self.using).filter(problem__in=MANY)
        return ManyQuery(query.order_by("problem_id", "number").values_list("pk", "problem_id", "text"))

    def _measures(self) -> ManyQuery:
        """The problem and a `STEP`."""
        query: QuerySet[Any]
        if self.end is None:
            query = Measure.objects.filter(problem__in=MANY).order_by("problem_id", "number")
            problem = "problem_id"
        else:
            query = MeasureState.objects.at(self.today).filter(measure__problem__in=MANY)
            query = query.order_by("measure__number")
            problem = "measure__problem_id"
        kept = query.using(self.using).exclude(status=MeasureStatus.DROPPED)
        return ManyQuery(kept.values_list(*self._then(problem, *STEP)))

    def _evidence(self) -> ManyQuery:
        """The problem and the name of a file."""
        query = Evidence.objects.using(self.using).filter(problem__in=MANY).exclude(name=PURGED)
        if self.end:
            query = query.filter(at__lt=self.end)
        return ManyQuery(query.order_by("pk").values_list("problem_id", "name"))

    def _posts(self) -> ManyQuery:
        """Unit, role, name and telephone of heads and clerks, of today: posts have no history."""
        rows = Membership.objects.using(self.using).filter(unit__in=MANY, active=True, user__is_active=True)
        rows = rows.filter(role__in=REPORTING).order_by("pk")
        return ManyQuery(rows.values_list(*self._then("unit", "role", "user__name", "user__phone")))

    def _then(self, *paths: str | F) -> Sequence[Any]:
        """What to read: on a past day, names as they were."""
        return self.earlier.read(*paths) if self.earlier else paths
