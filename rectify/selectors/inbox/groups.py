"""The inbox: what waits for a person as one ordered list of groups, each counted by the list it opens.

Which there are, and whom each asks, is said by the rows of `hand_overs`. All lists are counted, and their
first rows found, at once.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import reduce
from operator import or_
from typing import Any

from django.db.models import Case, CharField, Exists, OuterRef, Q, Value, When

from rectify import clock, hand_overs, wording
from rectify.addresses import address
from rectify.choices import NoticeState, Role
from rectify.hand_overs import DECISIONS, LIT, PAPERS, HandOver
from rectify.models import Addressee, LedgerSettings, Notice, Report, User
from rectify.models.compiled import compiled
from rectify.models.office import LedgerRule
from rectify.models.rank import Rank, is_open
from rectify.models.report import holds_only, in_any
from rectify.roles import REPORTING
from rectify.selectors.inbox.addressed import addressed_to
from rectify.selectors.inbox.lines import Group, Line, fill, papers
from rectify.selectors.problem_filter import ARREARS, URGENCY, ProblemFilter
from rectify.selectors.problem_rows import ProblemRow
from rectify.selectors.top_rows import COUNTED_ONLY, EACH_NAMED, top_rows

SHOWN = 8
OTHERS, LED = COUNTED_ONLY, "leader"
LED_SHOWN = 12
APART = (*LIT, hand_overs.FOLLOW_UP)  # lists that have no item in common
Heads = dict[str, tuple[int, list[int]]]


@dataclass(frozen=True)
class Inbox:
    """Everything that waits: the groups in their order, for the office what nobody owns yet, for a leader
    what they lead, and how many items are in any of the groups, each counted once."""

    waiting: list[Group]
    unassigned: list[Group]
    to_assign: list[ProblemRow]
    suggested: Group | None
    led: list[ProblemRow]
    items: int
    rules: list[LedgerRule]

    @property
    def count(self) -> int:
        return self.items + sum(group.count for group in self.waiting if not group.ids)

    @property
    def to_decide(self) -> list[Group]:
        return [group for group in self.waiting if group.row in DECISIONS]

    @property
    def later(self) -> list[Group]:
        return [group for group in self.waiting if group.row not in DECISIONS]


def inbox(user: User) -> Inbox:
    """The groups that are not empty, with the first lines of each, in a fixed number of queries."""
    rules = LedgerSettings.objects.rules()
    heads, owed = _heads(user, rules), _owed(user)
    groups = {row: Group(row, *heads[row.query]) for row in hand_overs.HAND_OVERS if row.query in heads}
    groups |= {row: papers(row, owed, SHOWN) for row in hand_overs.WAITING if row.list == PAPERS}
    waiting, unassigned = _of(hand_overs.WAITING, groups), _of(hand_overs.TO_ASSIGN, groups)
    free = list(dict.fromkeys(pk for group in unassigned for pk in group.ids))[:SHOWN]
    led = heads.get(LED, (0, []))[1]
    rows = fill(user, waiting, (*free, *led), rules)
    return Inbox(
        waiting,
        unassigned,
        to_assign=_in_order(free, rows),
        suggested=groups.get(hand_overs.SUGGESTED),
        led=sorted(_in_order(led, rows), key=_urgency),
        items=_count(heads),
        rules=rules,
    )


def _in_order(ids: list[int], rows: dict[int, ProblemRow]) -> list[ProblemRow]:
    return [rows[pk] for pk in ids if pk in rows]


def _count(heads: Heads) -> int:
    """The items that wait, each once: no two of the lists apart share one."""
    apart = (*(row.query for row in APART), OTHERS)
    return sum(heads[name][0] for name in apart if name in heads)


def _of(rows: Iterable[HandOver], groups: dict[HandOver, Group]) -> list[Group]:
    """The groups of these rows that are not empty, in their order."""
    return [groups[row] for row in rows if row in groups and groups[row].count]


def _urgency(row: ProblemRow) -> int:
    return URGENCY.index(row.problem.light)  # type: ignore[attr-defined]


def _heads(user: User, rules: list[LedgerRule]) -> Heads:
    """How many there are of each list and the first of them, of what is in any, and of what one leads."""
    today = clock.today()
    key = (user.scope_and_borders, today, *(rule.on(today) for rule in rules))
    heads = top_rows(key, lambda: _lists(user, ProblemFilter.of(user, "", rules)), LED_SHOWN)
    return {name: (n, ids if name == LED else ids[:SHOWN]) for name, (n, ids) in heads.items()}


def _lists(user: User, problem_filter: ProblemFilter) -> dict[str, Any]:
    rows = _asking(user)
    lit = [row for row in rows if row in LIT] if holds_only(user) else []
    lists = {row.query: problem_filter.where(row.query) for row in rows if row not in lit}
    counted = lists | {OTHERS: _others(problem_filter, rows, lists)}
    counted |= {EACH_NAMED: _lit(problem_filter, lit)} if lit else {}
    return counted | ({LED: _led(user, problem_filter)} if leads(user) else {})


def _asking(user: User) -> list[HandOver]:
    """What waits in lists of items, for one of the person's roles."""
    rows = (row for row in hand_overs.HAND_OVERS if row.query and row.list != PAPERS)
    return [row for row in rows if not row.roles or user.has_role(*row.roles)]


def _lit(problem_filter: ProblemFilter, rows: list[HandOver]) -> Any:
    """What is in the lists of these lights. Where it is little it is read once: else each is counted from an
    index of all there is."""
    today, late_for_long = clock.today(), hand_overs.ARREARS
    old = When(light=LIT[late_for_long], due__lt=today - ARREARS, then=Value(late_for_long.query))
    others = [When(light=LIT[row], then=Value(row.query)) for row in rows if row is not late_for_long]
    named = Case(old, *others, output_field=CharField())
    held = problem_filter.queryset.filter(is_open()).with_light(today, problem_filter.rules)
    return held.annotate(list=named).filter(list__isnull=False)


def leads(user: User) -> bool:
    return user.has_role(Role.LEADER) and user.leader_id is not None


def _led(user: User, problem_filter: ProblemFilter) -> Any:
    """What the person leads; what has been late for more than a year stands folded above it."""
    recent = clock.today() - ARREARS
    standing = problem_filter.queryset.filter(leader=user.leader_id, rank__in=(Rank.OPEN, Rank.STANDING))
    return standing.filter(due__gte=recent)


def _others(problem_filter: ProblemFilter, rows: list[HandOver], lists: dict[str, Any]) -> Any:
    """What waits without being in one of the lists apart, no two of which share an item: the lights are of
    open ones, and looked at again is what is concluded."""
    skipped = (*APART, hand_overs.SUGGESTED)
    others = [lists[row.query].values("pk") for row in rows if row not in skipped]
    conditions = problem_filter.queryset.light_conditions(clock.today(), problem_filter.rules)
    lit = reduce(or_, (conditions[LIT[row]] for row in rows if row in LIT))
    looked_at = Exists(lists[hand_overs.FOLLOW_UP.query].filter(pk=OuterRef("pk")))
    found = problem_filter.queryset.filter(in_any(others)).exclude(lit)
    return found.filter(Q(rank=Rank.OPEN) | ~looked_at)


def _owed(user: User) -> list[Addressee]:
    """The papers that the person has not answered, the most urgent first."""
    if not user.has_role(*REPORTING, Role.LEADER):
        return []
    key = ("owed", user.scope, clock.today())
    return compiled(key, lambda: addressed_to(user).filter(reply__isnull=True))


# -- after the work ---------------------------------------------------------------------------------------

TO_READ = HandOver(hand_overs.READ, "unread=1&known=1", list="notices", button="知道了，去查看")
UNREAD = HandOver("未读消息", "unread=1", list="notices")


def last(user: User) -> list[Group]:
    """What is worth a look after the work; nothing is asked where nothing is unread."""
    groups = (Group(UNREAD, user.unread, unit="条"), _undelivered(user))
    return [group for group in groups if group and group.count]


def to_read(user: User) -> Group | None:
    """What the person should know of and has not read."""
    if not user.unread:
        return None
    notices = compiled("to know", lambda pk: Notice.objects.to_know(User(pk=pk))[: SHOWN + 1], user.pk)
    count = len(notices) if len(notices) <= SHOWN else Notice.objects.to_know(user).count()
    lines = [_known_line(notice) for notice in notices[:SHOWN]]
    return Group(TO_READ, count, unit="条", lines=lines) if count else None


def _known_line(notice: Notice) -> Line:
    """With its day: what a message says was so then, a deadline may have moved since."""
    note = f"{wording.moment(notice.at, clock.today())}告知"
    return Line(
        notice.text, notice.url, note, TO_READ.button, tag=notice.get_kind_display(), mark=str(notice.pk)
    )


def _undelivered(user: User) -> Group | None:
    """For the office: messages of the last days that were given up, in the newest ledger that has any."""
    if not user.has_role(Role.OFFICE):
        return None
    report = next(iter(compiled(("undelivered", user.scope), lambda: _with_failed(user)[:1])), None)
    count = Notice.objects.undelivered(report).count() if report else 0
    where = f"{address('delivery', report.pk)}#failed" if report else ""
    return Group(HandOver("没有送达的消息"), count, unit="条", where=where)


def _with_failed(user: User) -> Any:
    failed = Notice.objects.filter(state=NoticeState.FAILED).values("report")
    return Report.objects.run_by(user).filter(pk__in=failed).select_related("unit").newest_first()
