"""What an act tells to whom: the rows of `hand_overs` that follow from it, as messages."""

from __future__ import annotations

import contextlib
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import Any

from django.urls import reverse

from rectify import clock, wording
from rectify.audit.chain import is_import
from rectify.choices import Action, NoticeKind, Role, Status, Step
from rectify.hand_overs import HandOver, following
from rectify.models import Notice, Problem, Report, StandIn, Unit, User
from rectify.notifications import outbox
from rectify.notifications.recipients import Directory, Owners, Told
from rectify.policies.closing import NOUNS


@dataclass(frozen=True)
class Occasion:
    """An act on an item: how it stands now, what the changed fields were before, and by which application."""

    act: str
    by: User | None
    problem: Problem
    former: Mapping[str, Any] = field(default_factory=dict)
    application: Any = None


@dataclass
class Gathered:
    """The occasions of one act on many items: every person is told once of all that are theirs."""

    occasions: list[Occasion] = field(default_factory=list)

    def notices(self) -> dict[Report, list[Notice]]:
        directory = Directory()
        _read_clerks([occasion.problem for occasion in self.occasions])
        theirs: dict[tuple[Report, int], list[tuple[HandOver, Occasion]]] = defaultdict(list)
        for occasion in self.occasions:
            for row, people in _told(occasion, directory):
                for person in people:
                    theirs[occasion.problem.report, person.user_id].append((row, occasion))
        notices: dict[Report, list[Notice]] = defaultdict(list)
        for (report, user), rows in theirs.items():
            notices[report] += _together(report, user, rows, directory)
        return notices


def _read_clerks(problems: Sequence[Problem]) -> None:
    """Whom a message to the clerk of each would reach, read at once."""
    rows = Problem.objects.filter(pk__in={problem.pk for problem in problems}).with_accounts()
    accounts = dict(rows.values_list("pk", "clerk_account"))
    for problem in problems:
        vars(problem)["clerk_account"] = accounts[problem.pk]


_gathering: ContextVar[Gathered | None] = ContextVar("gathering", default=None)


@contextlib.contextmanager
def gathered() -> Iterator[Gathered]:
    """Inside, nobody is told yet; what is gathered is told at the end, or not at all."""
    together = Gathered()
    token = _gathering.set(together)
    try:
        yield together
    finally:
        _gathering.reset(token)


def notices_of(occasion: Occasion) -> list[Notice]:
    """The messages of one act, not yet stored; none of an import, whose items wait in the inbox itself."""
    if is_import() or not following(occasion.act, set(occasion.former)):
        return []
    if (together := _gathering.get()) is not None:
        together.occasions.append(occasion)
        return []
    directory, notices = Directory(), []
    for row, people in _told(occasion, directory):
        notices += outbox.compose(
            occasion.problem.report,
            kind=row.kind,
            to=people,
            text=row.message.format_map(_Words(occasion)),
            url=_url(row, occasion.problem),
            directory=directory,
            items=[{"problem": occasion.problem.pk, "words": ""}],
        )
    return notices


def _told(occasion: Occasion, directory: Directory) -> Iterator[tuple[HandOver, list[Told]]]:
    """Whom each row reaches: nobody twice, and never whoever acted."""
    known = {occasion.by.pk if occasion.by else 0}
    for row in following(occasion.act, set(occasion.former)):
        people = [
            person
            for name in row.to
            for person in WHO[name](occasion, Owners.of(occasion.problem), directory)
            if person.user_id not in known
        ]
        known |= {person.user_id for person in people}
        if people:
            yield row, people


def _together(
    report: Report, user: int, rows: list[tuple[HandOver, Occasion]], directory: Directory
) -> list[Notice]:
    """One message to a person of all that an act on many items hands over to them."""
    if len({occasion.problem.pk for _, occasion in rows}) == 1:
        text, url = rows[0][0].message.format_map(_Words(rows[0][1])), _url(rows[0][0], rows[0][1].problem)
    else:
        text, url = f"有 {len(rows)} 项交由您办理，或有变更，请查看。", reverse("home")
    items = [{"problem": occasion.problem.pk, "words": NoticeKind(row.kind).label} for row, occasion in rows]
    return outbox.compose(
        report, kind=rows[0][0].kind, to=[Told(user)], text=text, url=url, directory=directory, items=items
    )


def _url(row: HandOver, problem: Problem) -> str:
    if row.kind == NoticeKind.CHANGED and row.to == ("former",):
        return reverse("home")  # the item is no longer theirs to open
    return problem.get_absolute_url() + row.anchor  # a message is read later too, when its form may be closed


class _Words(dict):
    """The words a message may use, each made when it is asked for."""

    def __init__(self, occasion: Occasion) -> None:
        super().__init__()
        self.problem, self.application = occasion.problem, occasion.application

    def __missing__(self, name: str) -> str:
        return str(getattr(self, f"_{name}")())

    def _code(self) -> str:
        return self.problem.code

    def _unit(self) -> str:
        return str(self.problem.lead_unit or "责任单位（未明确）")

    def _round(self) -> int:
        return self.problem.round

    def _deadline(self) -> str:
        return wording.date(self.problem.deadline) if self.problem.deadline else "未定"

    def _until(self) -> str:
        return f"，{self._deadline()}前完成" if self.problem.deadline else ""

    def _status(self) -> str:
        return str(Status(self.problem.status).label)

    def _noun(self) -> str:
        return NOUNS[type(self.application)]

    def _step(self) -> str:
        return str(Step(self.application.waiting).label)


# -- who --------------------------------------------------------------------------------------------------


def _deciders(occasion: Occasion, owners: Owners, directory: Directory) -> list[Told]:
    """Whoever the next step waits for, and who stands in for them today."""
    application = occasion.application
    if application is None or not application.is_open:
        return []
    people = {
        Step.CONFIRM: lambda: directory.heads(owners),
        Step.REVIEW: lambda: directory.office(owners.report_path),
        Step.SIGN: lambda: directory.leaders(owners),
    }[Step(application.waiting)]()
    people = [person for person in people if person.user_id != application.applicant_id]
    away = StandIn.objects.in_force(clock.today()).filter(absent__in=[person.user_id for person in people])
    instead = away.values_list("substitute", "absent__name")
    return people + [Told(substitute, f"代{absent}办理") for substitute, absent in instead]


def _applicant(occasion: Occasion, owners: Owners, directory: Directory) -> list[Told]:
    applicant = occasion.application.applicant_id if occasion.application else None
    return [Told(applicant)] if applicant in directory.active else []


def _supporters(occasion: Occasion, owners: Owners, directory: Directory) -> list[Told]:
    """The people of the units that support the item from now on."""
    before = {unit.pk for unit in occasion.former["supporting_units"] or ()}
    gained = [unit for unit in occasion.problem.supporting_units.all() if unit.pk not in before]
    return [person for unit in gained for person in _people_of(unit, directory)]


def _former(occasion: Occasion, owners: Owners, directory: Directory) -> list[Told]:
    """The people of the unit that answered for the item before."""
    unit = occasion.former["lead_unit"]
    return _people_of(unit, directory) if unit else []


def _people_of(unit: Unit, directory: Directory) -> list[Told]:
    posts = (Role.CLERK, Role.UNIT_HEAD)
    return [Told(user) for role in posts for user in directory.posts.get((role, unit.pk), ())]


WHO: dict[str, Any] = {
    "clerks": lambda occasion, owners, directory: directory.clerks(owners),
    "heads": lambda occasion, owners, directory: directory.heads(owners),
    "leaders": lambda occasion, owners, directory: directory.leaders(owners),
    "deciders": _deciders,
    "applicant": _applicant,
    "supporters": _supporters,
    "former": _former,
}


def tell_together(together: Gathered, by: User) -> None:
    """Store what an act on many items has to say, one entry a ledger. Inside its transaction."""
    for report, notices in together.notices().items():
        if notices:
            persons = len({notice.user_id for notice in notices if notice.user_id})
            outbox.enter_of_ledger(report, by, Action.TELL, f"{report.prefix} 通知 {persons} 人", notices)
