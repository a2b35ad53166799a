"""The climbing ladder: what is due goes to clerks, heads, leaders and the office, once a day a person."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from django.db import transaction
from django.db.models import Count, Exists, OuterRef

from rectify import clock, wording
from rectify.audit import chain
from rectify.choices import ENDED, Action, Channel, NoticeKind, Period, RagStatus, Status
from rectify.models import (
    Addressee,
    AuditEntry,
    DeliverySettings,
    Holiday,
    LedgerSettings,
    Notice,
    Problem,
    Reminder,
    Supervision,
)
from rectify.notifications import outbox
from rectify.notifications.recipients import Directory, Owners, Told

BATCH = 1000
CLOSED = (*ENDED, Status.STANDING)
FIELDS = (
    *("pk", "report_id", "report__unit__path", "clerk_account", "lead_unit_id", "lead_unit__name"),
    *("leader__post", "leader_account", "deadline", "light", "chased"),
)


@dataclass(frozen=True)
class Item:
    """What a rung needs to know of one problem."""

    pk: int
    report_id: int
    owners: Owners
    deadline: dt.date | None
    light: str
    chased: bool


@dataclass(frozen=True)
class Rung:
    """One step of the ladder: its name among the reminders, whom it reaches, and its words."""

    key: str
    words: str
    to: tuple[str, ...]
    rank: int


@dataclass
class Letter:
    """Everything one person is told today."""

    lines: list[tuple[int, dict[str, Any]]] = field(default_factory=list)
    rungs: list[tuple[int, str]] = field(default_factory=list)
    reports: set[int] = field(default_factory=set)
    papers: int = 0

    @property
    def items(self) -> list[dict[str, Any]]:
        """The most urgent first."""
        return [line for _, line in sorted(self.lines, key=lambda line: line[0])]


@dataclass(frozen=True)
class Sent:
    """How many persons were told, and how many could not be."""

    sent: int = 0
    failed: int = 0


def remind() -> Sent:
    """Tell everybody what is due today; a second run of the day finds nothing left to say."""
    today = clock.today()
    directory = Directory()
    letters: dict[int, Letter] = defaultdict(Letter)
    unheard = 0
    for batch in _batches(today):
        unheard += _climb(batch, today, directory, letters)
    _papers(today, directory, letters)
    return _send(letters, today, directory, unheard)


def reminded(day: dt.date) -> bool:
    """Whether a round of this day is on record."""
    rounds = AuditEntry.objects.filter(report__isnull=True, act=Action.REMIND)
    return rounds.filter(at__gte=clock.start_of(day), at__lt=clock.end_of(day)).exists()


# -- what is due ---------------------------------------------------------------------------------------


def _batches(today: dt.date) -> Iterator[list[Item]]:
    """Items on which work goes on and that are near or past their date, or silent; by key."""
    rules = LedgerSettings.objects.rules()
    chased = Supervision.problems.through.objects.filter(
        problem=OuterRef("pk"), supervision__issued_at__date__gt=OuterRef("deadline")
    )
    found = Problem.objects.live().exclude(status__in=CLOSED).with_accounts().with_light(today, rules)
    found = found.annotate(chased=Exists(chased)).order_by("pk")
    last = 0
    while rows := list(found.filter(pk__gt=last).values_list(*FIELDS)[:BATCH]):
        last = rows[-1][0]
        yield [_item(*row) for row in rows]


def _item(
    pk: int, report: int, path: str, clerk: int, unit: int, unit_name: str, leader: str, user: int, *rest: Any
) -> Item:
    return Item(pk, report, Owners(clerk, unit, unit_name or "", leader or "", user, path), *rest)


def _climb(items: list[Item], today: dt.date, directory: Directory, letters: dict[int, Letter]) -> int:
    """Put every rung that is due and was not told yet into the letters; returns how many reach nobody."""
    ladder = _Ladder.read(items, today)
    due = [(item, rung) for item in items for rung in ladder.rungs(item)]
    ids = {item.pk for item, _ in due}
    told = set(Reminder.objects.filter(problem__in=ids).values_list("problem_id", "user_id", "rung"))
    unheard = 0
    for item, rung in due:
        people = _people(item, rung, directory)
        unheard += not people
        for user_id, instead in people.items():
            if (item.pk, user_id, rung.key) in told:
                continue
            words = f"{rung.words}（{'；'.join(instead)}）" if instead else rung.words
            letter = letters[user_id]
            letter.lines.append((rung.rank, {"problem": item.pk, "words": words}))
            letter.rungs.append((item.pk, rung.key))
            letter.reports.add(item.report_id)
    return unheard


def _people(item: Item, rung: Rung, directory: Directory) -> dict[int, list[str]]:
    """Whom the rung reaches, each once, with the words for those without an account."""
    found: dict[int, list[str]] = {}
    for told in _told(item, rung, directory):
        words = found.setdefault(told.user_id, [])
        if told.instead and told.instead not in words:
            words.append(told.instead)
    return found


def _told(item: Item, rung: Rung, directory: Directory) -> Iterator[Told]:
    for role in rung.to:
        if role == "office":
            yield from directory.office(item.owners.report_path)
        else:
            yield from getattr(directory, role)(item.owners)


@dataclass(frozen=True)
class _Ladder:
    """The thresholds of the ledgers in a batch, for one day."""

    today: dt.date
    settings: dict[int, LedgerSettings]
    calendar: clock.WorkCalendar | None

    @classmethod
    def read(cls, items: list[Item], today: dt.date) -> _Ladder:
        reports = {item.report_id for item in items}
        settings = {row.report_id: row for row in LedgerSettings.objects.filter(report__in=reports)}
        counts = any(row.by_working_days for row in settings.values())
        return cls(today, settings, Holiday.objects.calendar() if counts else None)

    def rungs(self, item: Item) -> list[Rung]:
        """The rungs an item stands on; a day on which nothing ran is made up for, for rungs do not pass."""
        settings = self.settings.get(item.report_id) or LedgerSettings()
        if item.light == RagStatus.UNREPORTED:
            since = settings.rule.reporting_since(self.today)
            words = f"{wording.PERIOD_NAME[Period(settings.period)]}未报"
            return [Rung(f"stale {since}", words, ("clerks",), 3)]
        if item.deadline is None:
            return []
        left = (item.deadline - self.today).days
        words = self._words(item.deadline, settings)
        if left < 0:
            return self._overdue(item, -left, words, settings)
        if left == 0:
            return [Rung(f"{item.deadline} due", words, ("clerks", "heads"), 1)]
        if self._is_near(item.deadline, settings):
            return [Rung(f"{item.deadline} soon", words, ("clerks",), 2)]
        return []

    def _overdue(self, item: Item, days: int, words: str, settings: LedgerSettings) -> list[Rung]:
        step = (days - 1) // max(1, settings.repeat_days)
        rungs = [Rung(f"{item.deadline} over {step}", words, ("clerks", "heads", "leaders"), 0)]
        if days >= settings.suggest_days and not item.chased:
            rungs.append(Rung(f"{item.deadline} paper", f"{words}，建议签发督办单", ("office",), 0))
        return rungs

    def _is_near(self, deadline: dt.date, settings: LedgerSettings) -> bool:
        if self.calendar and settings.by_working_days:
            return self.calendar.between(self.today, deadline) <= settings.remind_days
        return (deadline - self.today).days <= settings.remind_days

    def _words(self, deadline: dt.date, settings: LedgerSettings) -> str:
        words = wording.days_left(deadline, self.today)
        if self.calendar and settings.by_working_days and deadline != self.today:
            words += f"（{wording.working_days(self.calendar.between(self.today, deadline))}）"
        return words


def _papers(today: dt.date, directory: Directory, letters: dict[int, Letter]) -> None:
    """督办单 that are not signed for, or whose reply is due today or late: named every day until answered."""
    waiting = Addressee.objects.filter(reply__isnull=True).with_state(today)
    related = ("supervision__report__unit", "unit", "leader", "receipt")
    for addressee in waiting.select_related(*related).order_by("pk"):
        unsigned = not hasattr(addressee, "receipt")
        if unsigned or addressee.supervision.reply_by <= today:
            for told in directory.addressed(addressee):
                letters[told.user_id].papers += 1


# -- what is sent --------------------------------------------------------------------------------------


def _send(letters: dict[int, Letter], today: dt.date, directory: Directory, unheard: int) -> Sent:
    """Write the letters of those who got none today, all or nothing; whoever runs second finds them there."""
    settings = {row.report_id: row for row in DeliverySettings.objects.all()}
    with transaction.atomic():
        chain.lock([None])
        had = Notice.objects.filter(day=today, kind=NoticeKind.DAILY)
        done = set(had.filter(channel=Channel.INBOX).values_list("user_id", flat=True))
        due = {user: letter for user, letter in letters.items() if user not in done}
        if not due and reminded(today):
            return Sent(0, unheard)
        unread = _unread(settings)
        notices = [
            notice
            for user, letter in due.items()
            for notice in _notices(user, letter, settings, directory, user in unread)
        ]
        mailed = set(had.filter(channel=Channel.EMAIL).values_list("user_id", flat=True))
        notices += _only_unread(unread, {*due, *mailed}, directory)
        summed = set(had.filter(channel=Channel.WEBHOOK).values_list("report_id", flat=True))
        notices += _summaries(due, settings, summed)
        payload = {"persons": len(due), "day": today.isoformat(), "notices": outbox.summary(notices)}
        entry = chain.append_entry(
            by=None,
            act=Action.REMIND,
            report=None,
            target=None,
            label=f"{wording.date(today)} 提醒 {len(due)} 人",
            payload=payload,
        )
        outbox.post(notices, entry)
        rows = [
            Reminder(user_id=user, problem_id=problem, rung=rung, day=today)
            for user, letter in due.items()
            for problem, rung in letter.rungs
        ]
        Reminder.objects.bulk_create(rows, batch_size=BATCH)
        return Sent(len(due), unheard)


def _unread(settings: dict[int, DeliverySettings]) -> dict[int, int]:
    """How many messages came since yesterday and were not read, by person, in ledgers that send mail."""
    mailing = [pk for pk, row in settings.items() if row.email_on]
    waiting = Notice.objects.filter(report__in=mailing, channel=Channel.INBOX).unread().since_yesterday()
    counted = waiting.exclude(kind=NoticeKind.DAILY).values("user").annotate(count=Count("pk"))
    return dict(counted.order_by("user").values_list("user", "count"))


def _only_unread(unread: dict[int, int], served: set[int], directory: Directory) -> list[Notice]:
    """A letter by e-mail for who has nothing due, and messages that were not read."""
    return [
        outbox.to_mail(
            user, kind=NoticeKind.DAILY, text=f"有 {count} 条消息还没有读。", url="/notices/?unread=1"
        )
        for user, count in unread.items()
        if user not in served and user in directory.emails
    ]


def _notices(
    user: int,
    letter: Letter,
    settings: dict[int, DeliverySettings],
    directory: Directory,
    has_unread: bool,
) -> list[Notice]:
    mailed = has_unread or any(settings[report].email_on for report in letter.reports if report in settings)
    return outbox.to_person(
        user,
        min(letter.reports) if len(letter.reports) == 1 else None,
        kind=NoticeKind.DAILY,
        text=_sentence(letter),
        url="/",
        items=letter.items,
        mailed=mailed and user in directory.emails,
    )


def _sentence(letter: Letter) -> str:
    """今天有 5 项需要您留意：逾期 2 项、今天到期 1 项、临近到期 1 项、未报 1 项；另有督办单 1 张待办理。"""
    ranks = [rank for rank, _ in letter.lines]
    names = ("逾期", "今天到期", "临近到期", "本期未报")
    parts = [f"{name} {ranks.count(rank)} 项" for rank, name in enumerate(names) if ranks.count(rank)]
    said = (
        f"有 {len({line['problem'] for _, line in letter.lines})} 项需要您留意：{wording.listed(parts)}"
        if parts
        else ""
    )
    papers = f"督办单 {letter.papers} 张待签收或待回复" if letter.papers else ""
    return "；".join(part for part in (said, papers) if part) + "。"


def _summaries(
    due: dict[int, Letter], settings: dict[int, DeliverySettings], summed: set[int]
) -> list[Notice]:
    """One message a day for each ledger whose chat robot is on: numbers only."""
    wanted = {pk for pk, row in settings.items() if row.webhook_on and pk not in summed}
    persons = {pk: sum(pk in letter.reports for letter in due.values()) for pk in wanted}
    return [
        outbox.to_robot(
            pk,
            kind=NoticeKind.DAILY,
            text=f"整改台账：今天有 {persons[pk]} 位同志的整改事项需要办理，请登录系统查看“待办”。",
            url="/",
        )
        for pk in sorted(wanted)
        if persons[pk]
    ]
