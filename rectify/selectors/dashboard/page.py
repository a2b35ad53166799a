"""All that the dashboard tells, without the pages around it."""

from __future__ import annotations

from typing import Any

from rectify import clock
from rectify.choices import Action, RagStatus
from rectify.models import Problem, User
from rectify.policies import may
from rectify.roles import HEALTH_CHECKERS, OVERSEERS
from rectify.selectors.dashboard.asked import Asked, counted_of
from rectify.selectors.dashboard.counts import lights_of
from rectify.selectors.dashboard.scope import Scope
from rectify.selectors.dashboard.tallies import Tally
from rectify.selectors.dashboard.tiles import tiles
from rectify.selectors.dashboard.trends import WEEKS_AHEAD, trend
from rectify.selectors.dashboard.unit_tree import by_subtree
from rectify.selectors.dashboard.urgent import URGENT, urgent
from rectify.selectors.unknown_holidays import unknown_years

ROWS_SHOWN = 12
OPEN_LIGHTS = "&".join(f"light={light}" for light in (*URGENT, RagStatus.UNDATED, RagStatus.NORMAL))


def dashboard_facts(user: User, asked: Asked) -> dict[str, Any]:
    """Where the ledgers stand and what changed, by the names the page uses."""
    looked = asked.looked
    first = urgent(looked, asked.ledgers)
    counted = counted_of(asked)
    numbers = counted["numbers"]
    return counted | {
        "today": clock.today(),
        "lists": asked.list_of(within=None),
        "undated": asked.list_of(on=None),
        "open_lights": OPEN_LIGHTS,
        "tiles": tiles(numbers, first),
        "tree": by_subtree(numbers.by_unit, looked.unit),
        "leaders": numbers.by_leader[:ROWS_SHOWN],
        "ledgers": _worst(numbers.by_report),
        "silent": numbers.stale[:ROWS_SHOWN],
        "urgent": first,
        "urgent_total": numbers.all.overdue + numbers.all.yellow,
        "trend": trend(looked, looked.day, ahead=0 if looked.is_past else WEEKS_AHEAD),
        "may_check": user.has_role(*HEALTH_CHECKERS),
        "whole": _whole(user, asked),
        "unknown_years": _unknown_years(asked),
        "may_import": may(user, Action.CREATE_REPORT),
    }


def _worst(rows: list[Tally]) -> list[Tally]:
    """All rows in their order, or the worst of too many."""
    if len(rows) <= ROWS_SHOWN:
        return rows
    return sorted(rows, key=lambda row: (-row.overdue, -row.yellow, row.rank))[:ROWS_SHOWN]


def _whole(user: User, asked: Asked) -> Tally | None:
    """For a leader or a unit: the totals of their ledgers, numbers only, no links, no texts."""
    looked = asked.looked
    if user.has_role(*OVERSEERS) or not asked.reports or looked.is_past:
        return None
    theirs = [looked.report] if looked.report else asked.reports
    ids = tuple(report.pk for report in theirs)
    key = looked.key and (looked.key, "whole", ids)
    seen = Problem.objects.filter(report__in=ids)
    every = Scope(seen, looked.day, looked.rules, whole=theirs, key=key)
    return Tally(label="全部", lights=lights_of(every))


def _unknown_years(asked: Asked) -> str:
    """Asked only where a ledger counts working days."""
    theirs = [asked.looked.report] if asked.looked.report else asked.reports
    counting = any(report.settings.by_working_days for report in theirs)
    return unknown_years(theirs, asked.looked.problems) if counting else ""
