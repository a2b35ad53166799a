"""What a leader sees first: their problems by light, one sentence each, and what changed since last time."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from dataclasses import dataclass
from functools import partial

from django.db.models import QuerySet

from rectify import clock
from rectify.addresses import address
from rectify.choices import Action, Happened, Step
from rectify.hand_overs import ARREARS, LIT
from rectify.models import CloseOut, Extension, Problem, User
from rectify.models.compiled import compiled, padded
from rectify.policies import allowed, may
from rectify.policies.closing import STEP_ACTS
from rectify.selectors.dashboard.changes import Changes, changes
from rectify.selectors.dashboard.scope import Scope
from rectify.selectors.dashboard.tallies import Tally
from rectify.selectors.inbox.groups import Inbox
from rectify.selectors.inbox.lines import Group
from rectify.selectors.problem_rows import ProblemRow

NEWS = (Happened.ADDED, Happened.REPORTED, Happened.SLIPPED, Happened.EXTENDED, Happened.CLOSED)


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


def page(user: User, inbox: Inbox, before: dt.date | None) -> Page | None:
    """What a leader leads, with what is new since the day they looked; nothing while there is nothing."""
    today = clock.today()
    # What a leader sees in another post is not what they lead.
    mine = Problem.objects.visible_to(user).filter(leader=user.leader_id)
    since = (before or today - dt.timedelta(days=7)) - dt.timedelta(days=1)
    scope = Scope(mine, today, inbox.rules, key=("led", user.scope))
    news = changes(scope, since, NEWS, due=False, lights=True)
    counts = Tally(label="全部", lights=news.lights)
    if not counts.total:
        return None
    signing = _to_sign(user, [row.problem.pk for row in inbox.led])
    # All of them are the leader's own and open: the answer for one is the answer for each.
    instructs = bool(inbox.led and may(user, Action.INSTRUCT, inbox.led[0].problem))
    led = [Led(row, row.problem.pk in signing, instructs) for row in inbox.led]
    base = f"{address('problems')}?leader={user.leader_id}"
    return Page(counts, led, news, base, before is None)


def without_lights(groups: list[Group], led: Page) -> list[Group]:
    """The inbox without what the leader's own list shows already; old arrears stay, folded."""
    waiting: Counter[str] = Counter()
    for group in groups:
        waiting[LIT.get(group.row, "")] += group.count
    shown = {light for light, count in waiting.items() if led.tally.lights[light] == count}
    return [group for group in groups if group.row is ARREARS or LIT.get(group.row) not in shown]


def _to_sign(user: User, ids: list[int]) -> set[int]:
    """Those of the items whose close-out or extension waits for this person's signature; one query."""
    return {pk for (pk,) in compiled(("to sign", user.scope), partial(_signing, user), *padded(ids))}


def _signing(user: User, *ids: int) -> QuerySet:
    close_outs, extensions = (
        model.objects.filter(allowed(user, STEP_ACTS[model][Step.SIGN]), problem__in=ids)
        .order_by()
        .values_list("problem_id")
        for model in (CloseOut, Extension)
    )
    return close_outs.union(extensions)
