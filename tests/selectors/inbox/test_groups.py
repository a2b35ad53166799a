"""What waits is counted, and its first rows found, as the lists that the groups open say."""

from __future__ import annotations

import datetime as dt
import random
from typing import Any

import pytest

from rectify import clock, hand_overs
from rectify.choices import Role, Status
from rectify.models import FollowUp, LedgerSettings, Problem
from rectify.models.report import holds_only
from rectify.selectors.inbox import groups
from rectify.selectors.problem_filter import ProblemFilter, most_urgent_first
from rectify.selectors.top_rows import EACH_NAMED
from tests.builders import Cast
from tests.selectors.many_ledgers import ledgers
from tests.selectors.plans import plan_of

pytestmark = pytest.mark.django_db
HOLDERS = ("leader", "unit_head", "clerk")


def given_out() -> Cast:
    """Every light, with and without a unit and a leader; some to be looked at again, some later."""
    made, chance = ledgers(), random.Random(5)
    rows, planned = list(Problem.objects.order_by("pk")), []
    for row in rows:
        row.lead_unit = chance.choice([made.bureau, made.bureau, made.other_bureau, None])
        row.leader = chance.choice([made.leader, made.leader, None])
        if row.status in (Status.CLOSED, Status.STANDING) and chance.random() < 0.7:
            row.follow_up_on = clock.today() + dt.timedelta(days=chance.choice([-30, 0, 1]))
            planned.append(FollowUp(problem=row, round=row.round, planned_on=row.follow_up_on))
    Problem.objects.bulk_update(rows, ["lead_unit", "leader", "follow_up_on"])
    FollowUp.objects.bulk_create(planned)
    return made


WORLD = given_out


def listed(made: Cast, role: str) -> dict[str, Any]:
    """Each list by itself."""
    asked = [row for row in hand_overs.HAND_OVERS if row.query and row.list != hand_overs.PAPERS]
    mine = [row for row in asked if not row.roles or made[role].has_role(*row.roles)]
    return {row.query: ProblemFilter.of(made[role], "").where(row.query) for row in mine}


@pytest.mark.parametrize("role", [*HOLDERS, "office", "inspector"])
def test_each_list_is_counted_and_begun_as_it_is_by_itself(made: Cast, role: str) -> None:
    heads = groups._heads(made[role], LedgerSettings.objects.rules())
    ids = {
        name: list(most_urgent_first(rows).values_list("pk", flat=True))
        for name, rows in listed(made, role).items()
    }
    plain = {name: (len(found), found[: groups.SHOWN]) for name, found in ids.items() if found}
    told = {name: head for name, head in heads.items() if name not in (groups.OTHERS, groups.LED)}
    assert told == plain
    assert {hand_overs.OVERDUE.query, hand_overs.ARREARS.query, hand_overs.UNREPORTED.query} <= set(told)
    ids.pop(hand_overs.SUGGESTED.query, None)
    assert groups._count(heads) == len(set().union(*ids.values()))


def test_what_is_held_is_known_by_its_ids_and_read_once_for_all_lights(made: Cast) -> None:
    """By no index of dates, which would read the open items of all units."""
    assert {role for role in ("office", "inspector", *HOLDERS) if holds_only(made[role])} == set(HOLDERS)
    rules = LedgerSettings.objects.rules()
    for role in HOLDERS:
        lists = groups._lists(made[role], ProblemFilter.of(made[role], "", rules))
        assert not any(row.query in lists for row in hand_overs.LIT)
        plan = plan_of(*lists[EACH_NAMED].query.sql_with_params())
        assert "problem_urgency" not in plan and "problem_report_urgency" not in plan, plan


@pytest.mark.parametrize("role", [Role.OFFICE, Role.INSPECTOR])
def test_what_is_due_is_what_was_planned(made: Cast, role: str) -> None:
    due = FollowUp.objects.due(clock.today()).values_list("problem", flat=True)
    found = ProblemFilter.of(made[role], "todo=follow_up").qs.values_list("pk", flat=True)
    assert set(found) == set(due) and len(due) > 3
