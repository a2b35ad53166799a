"""What waits, as a page shows it: groups of lines, each with the one button that leads on."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field

from django.db.models import QuerySet

from rectify import clock, hand_overs, wording
from rectify.addresses import address
from rectify.choices import Action, SupervisionState
from rectify.hand_overs import HandOver
from rectify.models import Addressee, Instruction, User
from rectify.models.compiled import compiled, padded
from rectify.models.office import LedgerRule
from rectify.selectors.inbox.waiting import asked, came_back, measures_due, planned
from rectify.selectors.item.main_act import pressing
from rectify.selectors.item.workable import workable
from rectify.selectors.problem_rows import ProblemRow, problem_rows


@dataclass(frozen=True)
class Line:
    """One thing to do: a light or a tag, what it is, and the button that leads to it; `posts` where the
    button itself does it."""

    title: str
    url: str
    note: str
    action: str
    light: wording.LightChip | None = None
    tag: str = ""
    mark: str = ""
    main: bool = False
    action_url: str = ""
    posts: bool = False


@dataclass
class Group:
    """Things of one sort, with the list they are counted from and the first of them."""

    row: HandOver
    count: int
    ids: Sequence[int] = ()
    unit: str = "项"
    lines: list[Line] = field(default_factory=list)
    where: str = ""  # the list, unless the row names it

    @property
    def title(self) -> str:
        return self.row.group

    @property
    def url(self) -> str:
        return self.where or f"{address(self.row.list)}?{self.row.query}"

    @property
    def is_folded(self) -> bool:
        return self.row is hand_overs.ARREARS


def _said(ids: list[int]) -> dict[int, str]:
    """The newest instruction that waits on each of these items."""
    rows = compiled("instructed", _waiting, *padded(ids))
    return {row.problem_id: f"{row.leader}批示：{row.text}" for row in rows}


def _waiting(*ids: int) -> QuerySet:
    return Instruction.objects.waiting().filter(problem__in=ids).select_related("leader").order_by("pk")


# What stands beside an item instead of its newest note.
NOTES: dict[HandOver, Callable[[list[int]], dict[int, str]]] = {
    **dict.fromkeys(hand_overs.DECISIONS, asked),
    hand_overs.RETURNED: came_back,
    hand_overs.INSTRUCTED: _said,
    hand_overs.MEASURE_DUE: measures_due,
    hand_overs.FOLLOW_UP: planned,
}


def papers(row: HandOver, owed: Sequence[Addressee], shown: int) -> Group:
    """督办单 addressed to the person, in one state."""
    state = row.query.partition("=")[2]
    mine = [addressee for addressee in owed if addressee.state == state]  # type: ignore[attr-defined]
    lines = [_paper(row, addressee, state) for addressee in mine[:shown]]
    return Group(row, len(mine), unit="张", lines=lines)


def _paper(row: HandOver, addressee: Addressee, state: str) -> Line:
    paper, today = addressee.supervision, clock.today()
    left = wording.days_left(paper.reply_by, today).replace("到期", "应回复")
    note = f"{wording.date(paper.reply_by)}前回复，{left}；发给{addressee}"
    title = f"{paper} {paper.get_level_display()}"
    return Line(title, paper.get_absolute_url(), note, row.button, tag=str(SupervisionState(state).label))


def fill(
    user: User, groups: Iterable[Group], others: Sequence[int], rules: list[LedgerRule]
) -> dict[int, ProblemRow]:
    """Give all groups of items their lines at once; the rows of these and of the others by id."""
    filled = [group for group in groups if group.ids and not group.is_folded]
    ids = list(dict.fromkeys([*(pk for group in filled for pk in group.ids), *others]))
    found = problem_rows(ids, lambda some: workable(user, some), rules, with_suggestion=True)
    rows = {row.problem.pk: row for row in found}
    for group in filled:
        group.lines += _lines(user, group, rows)
    return rows


def _lines(user: User, group: Group, rows: dict[int, ProblemRow]) -> list[Line]:
    noted = NOTES[group.row](list(group.ids)) if group.row in NOTES else {}
    shown = [rows[pk] for pk in group.ids if pk in rows]
    return [
        _line(
            row,
            group.row.anchor,
            noted.get(row.problem.pk, ""),
            _pushed(user, row, group.row) or _way(row, group.row),
        )
        for row in shown
    ]


@dataclass(frozen=True)
class Way:
    """What the button of a line says, and the page of the item it leads to; or the act that it is."""

    label: str
    url_name: str = ""
    posts: bool = False


LOOK, REPORT = Way("查看"), Way("填报进展")
PUSHES = {
    Action.ASSIGN: Way("明确责任", "assign"),
    Action.URGE: Way("催办", "urge", True),
    Action.ISSUE_SUPERVISION: Way("签发督办单", "supervise"),
}


def _way(row: ProblemRow, passed: HandOver) -> Way:
    """The button of the hand-over; where it has none, what the person may do."""
    if passed.button:
        return Way(passed.button, passed.page)
    return REPORT if row.can_report else LOOK


def _pushed(user: User, row: ProblemRow, passed: HandOver) -> Way | None:
    """What presses the office, of what others are late with."""
    if passed is not hand_overs.OVERDUE:
        return None
    act = pressing(user, row.problem, row.problem.suggested)  # type: ignore[attr-defined]
    return PUSHES[act] if act else None


def _line(row: ProblemRow, anchor: str, note: str, way: Way) -> Line:
    problem = row.problem
    url = problem.get_absolute_url() + (anchor or ("#progress" if way is REPORT else ""))
    return Line(
        title=problem.title,
        url=url,
        note=note or row.said,
        action=way.label,
        light=row.light,
        mark=problem.code,
        main=way is not LOOK,
        action_url=address(way.url_name, problem.pk) if way.url_name else url,
        posts=way.posts,
    )
