"""The inbox: what waits for a person as one ordered list of groups, each counted by the list it opens.

A new sort of thing that waits is one line in ORDER: a `Problems` for items that the problem list can
filter, or a `Papers` for 督办单 in one state. All lists are counted, and their first rows found, at once.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import reduce
from operator import or_
from typing import Any

from django.urls import reverse

from rectify import clock, wording
from rectify.choices import NoticeState, RagStatus, Role, SupervisionState, Todo
from rectify.models import Addressee, Instruction, Notice, Report, User
from rectify.models.office import LedgerRule
from rectify.models.rank import Rank
from rectify.models.report import in_any
from rectify.roles import REPORTING
from rectify.selectors.inbox.addressed import addressed_to
from rectify.selectors.inbox.waiting import asked, came_back, planned
from rectify.selectors.item.workable import workable
from rectify.selectors.problem_filter import ProblemFilter
from rectify.selectors.problem_rows import ProblemRow, problem_rows
from rectify.selectors.top_rows import top_rows

SHOWN = 8
OTHERS, LED = "", "leader"
LED_SHOWN = 12
LIT = {
    f"light={light}": light
    for light in (RagStatus.OVERDUE, RagStatus.DUE_SOON, RagStatus.UNREPORTED, RagStatus.UNDATED)
}
OPEN = "&light=".join(("", *LIT.values(), RagStatus.NORMAL))


@dataclass(frozen=True)
class Line:
    """One thing to do: a light or a tag, what it is, and the action that leads to it."""

    title: str
    url: str
    note: str
    action: str
    light: wording.LightChip | None = None
    tag: str = ""
    mark: str = ""
    main: bool = False


@dataclass
class Group:
    """Things of one sort, with the list they are counted from and the first of them."""

    title: str
    url: str
    count: int
    unit: str = "项"
    lines: list[Line] = field(default_factory=list)
    ids: Sequence[int] = ()
    action: str = ""
    anchor: str = ""
    notes: dict[int, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Problems:
    """A group of items that the problem list can filter; `roles` limits whom it waits for."""

    title: str
    query: str
    roles: tuple[str, ...] = ()
    action: str = ""
    anchor: str = ""
    notes: Callable[[list[int]], dict[int, str]] | None = None

    def waits_for(self, user: User) -> bool:
        return not self.roles or user.has_role(*self.roles)

    def group(self, count: int, ids: list[int]) -> Group:
        url = f"{reverse('problems')}?{self.query}"
        notes = self.notes(ids) if self.notes else {}
        return Group(self.title, url, count, "项", [], ids, self.action, self.anchor, notes)


@dataclass(frozen=True)
class Papers:
    """督办单 addressed to the person, in one state."""

    title: str
    state: str
    action: str

    def group(self, owed: list[Addressee]) -> Group:
        url = f"{reverse('supervisions')}?state={self.state}"
        mine = [one for one in owed if one.state == self.state]  # type: ignore[attr-defined]
        return Group(self.title, url, len(mine), "张", [self._line(one) for one in mine[:SHOWN]])

    def _line(self, addressee: Addressee) -> Line:
        paper, today = addressee.supervision, clock.today()
        left = wording.days_left(paper.reply_by, today).replace("到期", "应回复")
        note = f"{wording.date(paper.reply_by)}前回复，{left}；发给{addressee}"
        title = f"{paper} {paper.get_level_display()}"
        tag = str(SupervisionState(self.state).label)
        return Line(title, paper.get_absolute_url(), note, self.action, tag=tag)


def _said(ids: list[int]) -> dict[int, str]:
    """The newest instruction that waits on each of these items."""
    rows = Instruction.objects.waiting().filter(problem__in=ids).select_related("leader").order_by("pk")
    return {row.problem_id: f"{row.leader}批示：{row.text}" for row in rows}


def _messages(user: User) -> Group | None:
    url = f"{reverse('notices')}?unread=1"
    return Group("未读消息", url, user.unread, "条") if user.unread else None


def _undelivered(user: User) -> Group | None:
    """For the office: messages of the last days that were given up, in the newest ledger that has any."""
    if not user.has_role(Role.OFFICE):
        return None
    failed = Notice.objects.filter(state=NoticeState.FAILED).values("report")
    report = Report.objects.run_by(user).filter(pk__in=failed).select_related("unit").newest_first().first()
    count = Notice.objects.undelivered(report).count() if report else 0
    url = f"{reverse('delivery', args=[report.pk])}#failed" if report else ""
    return Group("没有送达的消息", url, count, "条") if count else None


# The order of the inbox; whatever else may wait takes its place here.
ORDER: tuple[Problems | Papers, ...] = (
    Problems("逾期", "light=overdue"),
    Problems("退回给我的", f"todo={Todo.RETURNED}", (), "查看理由", "#rounds", came_back),
    Problems("待我签字", f"todo={Todo.SIGN}", (), "办理", "#rounds", asked),
    Problems("待我审核", f"todo={Todo.REVIEW}", (), "办理", "#rounds", asked),
    Problems("待我确认", f"todo={Todo.CONFIRM}", (), "办理", "#rounds", asked),
    Problems("批示待办理", "instruction=mine", REPORTING, "办理批示", "#instructions", _said),
    Papers("督办单逾期未回复", SupervisionState.OVERDUE, "回复"),
    Papers("督办单待签收", SupervisionState.TO_ACKNOWLEDGE, "签收"),
    Papers("督办单待回复", SupervisionState.TO_REPLY, "回复"),
    Problems("临期", "light=due_soon"),
    Problems("本期未报", "light=unreported"),
    Problems("到期回头看", f"todo={Todo.FOLLOW_UP}", (), "登记", "#rounds", planned),
)
UNASSIGNED = (
    Problems("未定整改时限", "light=undated"),
    Problems("未明确责任领导", f"leader=none{OPEN}"),
    Problems("未明确责任单位", f"unit=none{OPEN}"),
)
SUGGESTED = Problems("建议督办", "suggest=1")
LAST: tuple[Callable[[User], Group | None], ...] = (_messages, _undelivered)


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


def inbox(user: User) -> Inbox:
    """The groups that are not empty, with the first lines of each, in a fixed number of queries."""
    problem_filter = ProblemFilter.of(user, "")
    wanted = [sort for sort in ORDER if isinstance(sort, Problems) and sort.waits_for(user)]
    office = (*UNASSIGNED, SUGGESTED) if user.has_role(Role.OFFICE) else ()
    lists = {sort.query: problem_filter.where(sort.query) for sort in (*wanted, *office)}
    heads = _heads(user, problem_filter, lists)
    _, led = heads.pop(LED, (0, []))
    owed = _owed(user)
    groups: dict[Problems | Papers, Group] = {
        sort: sort.group(*heads[sort.query]) for sort in (*wanted, *office) if sort.query in heads
    }
    groups |= {sort: sort.group(owed) for sort in ORDER if isinstance(sort, Papers)}
    waiting = [groups[sort] for sort in ORDER if sort in groups and groups[sort].count]
    unassigned = [groups[sort] for sort in UNASSIGNED if sort in groups]
    free = list(dict.fromkeys(pk for group in unassigned for pk in group.ids))[:SHOWN]
    rows = fill(user, problem_filter, waiting, (*free, *led))
    own, others = ([rows[pk] for pk in ids if pk in rows] for ids in (led, free))
    items = sum(count for query, (count, _) in heads.items() if query in LIT or query == OTHERS)
    return Inbox(waiting, unassigned, others, groups.get(SUGGESTED), own, items, problem_filter.rules)


def _heads(
    user: User, problem_filter: ProblemFilter, lists: dict[str, Any]
) -> dict[str, tuple[int, list[int]]]:
    """The first of each list, of what is in any of them, and of what the person leads."""
    counted = lists | {OTHERS: _others(problem_filter, lists)}
    if leads(user):
        counted[LED] = problem_filter.queryset.filter(
            leader=user.leader_id, rank__in=(Rank.OPEN, Rank.STANDING)
        )
    heads = top_rows(counted, LED_SHOWN)
    return {name: (n, ids if name == LED else ids[:SHOWN]) for name, (n, ids) in heads.items()}


def leads(user: User) -> bool:
    return user.has_role(Role.LEADER) and user.leader_id is not None


def _others(problem_filter: ProblemFilter, lists: dict[str, Any]) -> Any:
    """What waits without being in one of the lists by light, no two of which share an item."""
    others = [
        queryset.values("pk") for query, queryset in lists.items() if query not in (*LIT, SUGGESTED.query)
    ]
    conditions = problem_filter.queryset.light_conditions(clock.today(), problem_filter.rules)
    lit = reduce(or_, (conditions[LIT[query]] for query in lists if query in LIT))
    return problem_filter.queryset.filter(in_any(others)).exclude(lit)


def _owed(user: User) -> list[Addressee]:
    """The papers that the person has not answered, the most urgent first."""
    if not user.has_role(*REPORTING, Role.LEADER):
        return []
    return list(addressed_to(user).filter(reply__isnull=True))


def last(user: User) -> list[Group]:
    """What is worth a look after the work."""
    return [group for build in LAST if (group := build(user))]


def fill(
    user: User, problem_filter: ProblemFilter, groups: list[Group], others: Sequence[int]
) -> dict[int, ProblemRow]:
    """Give all groups of items their lines at once; the rows of these and of the others by id."""
    ids = list(dict.fromkeys([*(pk for group in groups for pk in group.ids), *others]))
    rows = {
        row.problem.pk: row
        for row in problem_rows(ids, lambda some: workable(user, some), problem_filter.rules)
    }
    for group in groups:
        group.lines += [_line(rows[pk], group) for pk in group.ids if pk in rows]
    return rows


def _line(row: ProblemRow, group: Group) -> Line:
    problem = row.problem
    anchor = group.anchor or ("#progress" if row.can_report else "")
    action = group.action or ("填报进展" if row.can_report else "查看")
    return Line(
        title=problem.title,
        url=f"{problem.get_absolute_url()}{anchor}",
        note=group.notes.get(problem.pk, row.said),
        action=action,
        light=row.light,
        mark=f"第 {problem.number} 项",
        main=row.can_report or bool(group.action),
    )
