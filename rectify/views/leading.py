"""What a leader sees first: their problems by light, one sentence each, and what changed since last time."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from django.urls import reverse

from .. import clock
from ..choices import Act, Happened, Role, Status, Step
from ..filters import most_urgent_first
from ..models import CloseOut, Extension, Leader, LedgerSettings, Problem, User
from ..policies import may
from ..summaries import Changes, ProblemRow, Slice, Tally, changes, problem_rows, tally
from .accounts import LAST_VISIT
from .inbox import Group
from .request import SignedIn

SHOWN = 12
NEWS = (Happened.ADDED, Happened.REPORTED, Happened.SLIPPED, Happened.EXTENDED, Happened.CLOSED)
# Groups of the inbox that the leader's own list shows already.
BY_LIGHT = ("light=overdue", "light=due_soon", "light=unreported")


@dataclass(frozen=True)
class Led:
    """One problem of the leader: a sentence, and what a tap leads to."""

    row: ProblemRow
    to_sign: bool
    may_instruct: bool

    @property
    def sentence(self) -> str:
        """Who, how far."""
        problem = self.row.problem
        return f"{problem.lead_unit or '责任单位未明确'}承办；{self.row.said}"


@dataclass(frozen=True)
class Page:
    """The leader's own section."""

    tally: Tally
    rows: list[Led]
    changes: Changes
    base: str
    is_first_visit: bool

    @property
    def news(self) -> list[tuple[str, str, int, str]]:
        """(value, words, count, condition) of what happened."""
        counts, query = self.changes.counts, self.changes.query
        return [(one.value, str(one.label), counts[one], query(one)) for one in NEWS if counts[one]]

    @property
    def since(self) -> dt.date:
        """The first day of which something is told."""
        return self.changes.since + dt.timedelta(days=1)


def page(request: SignedIn) -> Page | None:
    """For a leader who leads anything; nothing for the others."""
    user = request.user
    if not user.has_role(Role.LEADER):
        return None
    today, rules = clock.today(), LedgerSettings.objects.rules()
    leader = Leader.objects.filter(user=user).first()
    # What a leader sees in another post is not what they lead.
    mine = Problem.objects.visible_to(user).filter(leader=leader) if leader else Problem.objects.none()
    counts = tally(mine, today, rules)
    if not counts.total:
        return None
    open_first = most_urgent_first(mine.live().exclude(status=Status.CLOSED).filter(carried=False))
    rows = problem_rows(list(open_first.values_list("pk", flat=True)[:SHOWN]), rules=rules)
    signing = _to_sign(user, [row.problem.pk for row in rows])
    before = _last_visit(request)
    since = (before or today - dt.timedelta(days=7)) - dt.timedelta(days=1)
    news = changes(Slice(mine, today, rules), since, NEWS, due=False)
    # All of them are the leader's own and open: the answer for one is the answer for each.
    instructs = bool(rows and may(user, Act.INSTRUCT, rows[0].problem))
    led = [Led(row, row.problem.pk in signing, instructs) for row in rows]
    base = f"{reverse('problems')}?leader={leader.pk}" if leader else ""
    return Page(counts, led, news, base, before is None)


def without_lights(groups: list[Group]) -> list[Group]:
    """The inbox without what the leader's own list shows already."""
    return [group for group in groups if group.url.partition("?")[2] not in BY_LIGHT]


def _to_sign(user: User, ids: list[int]) -> set[int]:
    waiting: set[int] = set()
    for model in (CloseOut, Extension):
        found = model.objects.waiting_for(user, Step.SIGN).filter(problem__in=ids)
        waiting |= set(found.values_list("problem_id", flat=True))
    return waiting


def _last_visit(request: SignedIn) -> dt.date | None:
    """The day of the sign-in before this one."""
    try:
        return clock.day_of(dt.datetime.fromisoformat(request.session.get(LAST_VISIT, "")))
    except ValueError:
        return None
