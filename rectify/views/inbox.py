"""The inbox: what waits for a person as one ordered list of groups, each counted by the list it opens.

A new sort of thing that waits is one line in ORDER: a `Problems` for items that the problem list can
filter, or a function from the person to its group where it is listed elsewhere.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from django.db.models import Q
from django.urls import reverse

from .. import clock, wording
from ..choices import NoticeState, Role, SupervisionState, Todo
from ..filters import ProblemFilter, most_urgent_first
from ..models import Addressee, Instruction, Notice, Problem, Report, User
from ..summaries import ProblemRow, problem_rows
from .delivery import undelivered
from .list import workable
from .supervision import addressed_to
from .waiting import asked, came_back, planned

SHOWN = 8
UNIT = (Role.UNIT_HEAD, Role.CLERK)


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
    found: Q | None = None
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

    def __call__(self, user: User) -> Group | None:
        if self.roles and not user.has_role(*self.roles):
            return None
        found = ProblemFilter.of(user, self.query).qs
        count = found.count()
        if not count:
            return None
        ids = list(most_urgent_first(found).values_list("pk", flat=True)[:SHOWN])
        url = f"{reverse('problems')}?{self.query}"
        every = Q(pk__in=found.order_by().values("pk"))
        notes = self.notes(ids) if self.notes else {}
        return Group(self.title, url, count, "项", [], ids, every, self.action, self.anchor, notes)


@dataclass(frozen=True)
class Papers:
    """督办单 addressed to the person, in one state."""

    title: str
    state: str
    action: str

    def __call__(self, user: User) -> Group | None:
        found = addressed_to(user, self.state)
        count = found.count()
        url = f"{reverse('supervisions')}?state={self.state}"
        lines = [self._line(addressee) for addressee in found[:SHOWN]] if count else []
        return Group(self.title, url, count, "张", lines) if count else None

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
    unread = Notice.objects.inbox_of(user).unread()
    count = unread.count()
    url = f"{reverse('notices')}?unread=1"
    return Group("未读消息", url, count, "条") if count else None


def _undelivered(user: User) -> Group | None:
    """For the office: messages of the last days that were given up, in the newest ledger that has any."""
    if not user.has_role(Role.OFFICE):
        return None
    failed = Notice.objects.filter(state=NoticeState.FAILED).values("report")
    report = Report.objects.run_by(user).filter(pk__in=failed).select_related("unit").newest_first().first()
    count = undelivered(report).count() if report else 0
    url = f"{reverse('delivery', args=[report.pk])}#failed" if report else ""
    return Group("没有送达的消息", url, count, "条") if count else None


# The order of the inbox; whatever else may wait takes its place here.
ORDER: tuple[Callable[[User], Group | None], ...] = (
    Problems("逾期", "light=overdue"),
    Problems("退回给我的", f"todo={Todo.RETURNED}", (), "查看理由", "#rounds", came_back),
    Problems("待我签字", f"todo={Todo.SIGN}", (), "办理", "#rounds", asked),
    Problems("待我审核", f"todo={Todo.REVIEW}", (), "办理", "#rounds", asked),
    Problems("待我确认", f"todo={Todo.CONFIRM}", (), "办理", "#rounds", asked),
    Problems("批示待办理", "instruction=mine", UNIT, "办理批示", "#instructions", _said),
    Papers("督办单逾期未回复", SupervisionState.OVERDUE, "回复"),
    Papers("督办单待签收", SupervisionState.TO_ACKNOWLEDGE, "签收"),
    Papers("督办单待回复", SupervisionState.TO_REPLY, "回复"),
    Problems("临期", "light=due_soon"),
    Problems("本期未报", "light=unreported"),
    Problems("到期回头看", f"todo={Todo.FOLLOW_UP}", (), "登记", "#rounds", planned),
)
LAST: tuple[Callable[[User], Group | None], ...] = (_messages, _undelivered)


def inbox(user: User) -> list[Group]:
    """The groups that are not empty, in their order, with the first lines of each."""
    groups = [group for build in ORDER if (group := build(user))]
    fill(user, groups)
    return groups


def last(user: User) -> list[Group]:
    """What is worth a look after the work."""
    return [group for build in LAST if (group := build(user))]


def fill(user: User, groups: list[Group]) -> None:
    """Give all groups of items their lines at once."""
    ids = list(dict.fromkeys(pk for group in groups for pk in group.ids))
    rows = {row.problem.pk: row for row in problem_rows(ids, lambda found: workable(user, found))}
    for group in groups:
        group.lines += [_line(rows[pk], group) for pk in group.ids if pk in rows]


def waiting(groups: list[Group]) -> int:
    """How many things wait: each item once, whatever number of groups it is in."""
    found = [group.found for group in groups if group.found is not None]
    query = Q(pk__in=[])
    for one in found:
        query |= one
    items = Problem.objects.filter(query).count() if found else 0
    return items + sum(group.count for group in groups if group.found is None)


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
