"""通报: what became of a ledger since the last cut-off, unit by unit; no ranking, of persons least of all."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

from django.db.models import Count

from rectify.choices import Happened, Period
from rectify.documents import phrases
from rectify.docx.blocks import Block, Cell, Heading, Line, Signature, Table, Text, Title
from rectify.models import Report
from rectify.models.report import ProblemQuerySet
from rectify.selectors.dashboard.overview import Overview, overview
from rectify.selectors.dashboard.scope import Scope
from rectify.selectors.dashboard.tallies import Tally
from rectify.selectors.problem_changes import happened
from rectify.wording import date, listed

WIDTHS = (38, 20, 20, 20, 22, 20, 24)
HEAD = ("单位", "承担事项", "期内销号", "累计销号", "期内转逾期", "现有逾期", "本期未填报")
NAMES = {Period.WEEKLY: "周报", Period.MONTHLY: "月报", Period.QUARTERLY: "季报"}


@dataclass
class Bulletin:
    """The numbers of a ledger at the end of a day, and what happened to each unit's items since another."""

    report: Report
    day: dt.date
    since: dt.date
    numbers: Overview
    closed: Counter[int | None]
    slipped: Counter[int | None]

    @property
    def units(self) -> list[Tally]:
        """In the order of the tree of units; items without a unit last."""
        return sorted(self.numbers.by_unit, key=lambda unit: (unit.key is None, unit.rank))


def read_bulletin(report: Report, problems: ProblemQuerySet, day: dt.date) -> Bulletin:
    """Since the last day of the period before the one that `day` lies in."""
    rule = report.settings.rule
    since = rule.last_cutoff(day)
    scope = Scope(problems, day, [rule], report)
    numbers = overview(scope, day, reports=[report])
    found = {what: _by_unit(scope, what, since) for what in (Happened.CLOSED, Happened.SLIPPED)}
    return Bulletin(report, day, since, numbers, found[Happened.CLOSED], found[Happened.SLIPPED])


def _by_unit(scope: Scope, what: Happened, since: dt.date) -> Counter[int | None]:
    rows = scope.present().filter(happened(what, since, scope.day)).order_by()
    return Counter(dict(rows.values_list("lead_unit").annotate(n=Count("*"))))


def bulletin_blocks(bulletin: Bulletin) -> Iterator[Block]:
    report, numbers = bulletin.report, bulletin.numbers
    name = report.meeting or report.title
    period = NAMES[Period(report.settings.period)]
    yield Title(f"关于{name}查摆问题整改进展情况的通报", below=f"（{period}，截至{date(bulletin.day)}）")
    yield Line("各责任单位：")
    yield Text(
        f"现将{date(bulletin.since + dt.timedelta(days=1))}至{date(bulletin.day)}的整改进展情况通报如下。"
    )
    yield Heading(1, "一、总体情况")
    yield Text(_overall(bulletin))
    yield Heading(1, "二、各单位情况")
    head = [Cell(words) for words in HEAD]
    yield Table(WIDTHS, [head, *(_row(bulletin, unit) for unit in bulletin.units)], has_head=True)
    yield Heading(1, "三、工作要求")
    yield Text(_asked(numbers, bulletin))
    yield Signature(report.unit.name, date(bulletin.day))


def _overall(bulletin: Bulletin) -> str:
    everything = bulletin.numbers.all
    closed, slipped = bulletin.closed.total(), bulletin.slipped.total()
    parts = [f"全部整改事项{everything.total}项"]
    if everything.closed:
        parts.append(f"累计销号{everything.closed}项，销号率{everything.closed_percent}%")
    if everything.overdue:
        parts.append(f"现有逾期{everything.overdue}项")
    happened_words = [f"销号{closed}项" if closed else "", f"转为逾期{slipped}项" if slipped else ""]
    said = "，".join(filter(None, happened_words))
    return phrases.sentence("，".join(parts)) + (
        f"期内{said}。" if said else "期内没有销号，也没有新的逾期。"
    )


def _row(bulletin: Bulletin, unit: Tally) -> list[Cell]:
    numbers = (
        unit.total,
        bulletin.closed[unit.key],
        unit.closed,
        bulletin.slipped[unit.key],
        unit.overdue,
        unit.stale,
    )
    return [Cell(unit.label), *(Cell(str(number) if number else "—", centred=True) for number in numbers)]


def _asked(numbers: Overview, bulletin: Bulletin) -> str:
    """What the figures ask for, of the units by name in the order of the tree."""
    lines = []
    if late := [unit.label for unit in bulletin.units if unit.overdue and unit.key]:
        lines.append(f"{listed(late)}对逾期事项逐项说明原因，尽快完成整改")
    if silent := [unit.label for unit in bulletin.units if unit.stale and unit.key]:
        lines.append(f"{listed(silent)}尽快填报本期进展")
    lines.append("各责任单位按照整改时限抓好落实，完成一项、申请销号一项")
    return "\n".join(phrases.sentence(line) for line in lines)
