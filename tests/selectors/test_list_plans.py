"""The list under each of its common conditions, in each order, is read from an index in that order."""

from __future__ import annotations

import datetime as dt
import re

import pytest
from django.db import connection
from django.http import QueryDict
from django.test.utils import CaptureQueriesContext

from rectify import clock
from rectify.choices import Happened, Kind, RagStatus, Role, Source, Status, Timing
from rectify.models import AuditEntry, Problem
from rectify.models.search import lookup as search
from rectify.models.search.lookup import _postgres, _sqlite
from rectify.selectors.item.workable import workable
from rectify.selectors.problem_changes import happened
from rectify.selectors.problem_filter import ProblemFilter
from rectify.tables.problems import ORDERS
from rectify.views.pages import FewListing, LedgerListing, _heads
from tests.builders import Cast, account, cast
from tests.selectors.plans import plan_of

pytestmark = pytest.mark.django_db
WORLD = cast
ON_SQLITE = pytest.mark.skipif(
    connection.vendor != "sqlite", reason="PostgreSQL plans by what is in the tables"
)
CONDITIONS = (
    "",
    *(f"status={status}" for status in (Status.CLOSED, Status.STANDING)),
    *(f"timing={timing}" for timing in (Timing.CLOSED_ON_TIME, Timing.ORIGINAL_OVERDUE)),
    f"light={RagStatus.CLOSED}",
    *(f"kind={kind}" for kind in (Kind.BY_DATE, Kind.STANDING)),
    *(f"source={source}" for source in (Source.SELF_CHECK, Source.PUBLIC)),
)
SELDOM = {
    Timing.CLOSED_LATE: "problem_late",
    Timing.ORIGINAL_LATE: "problem_late_first",
    Timing.EXTENDED: "problem_extended",
}


def listed(made: Cast, query: str, order: str) -> str:
    """The plan of the first page for an inspector of the whole city."""
    found = ProblemFilter.of(made["inspector"], QueryDict(query))
    found.order = order
    plans = []
    for part in found.parts():
        rows = part.order_by(*ORDERS[order]).values_list(*ORDERS[order])[:26]
        plans.append(plan_of(*rows.query.sql_with_params(), "sort", "bitmapscan"))
    return "\n".join(plans)


@pytest.mark.parametrize("order", ORDERS)
def test_each_condition_is_read_in_order(cast: Cast, order: str) -> None:
    for query in CONDITIONS:
        plan = listed(cast, query, order)
        assert not re.search(
            r"TEMP B-TREE FOR ORDER BY|(?<!Incremental )\bSort +\(|SCAN rectify_problem$", plan, re.M
        ), (
            query,
            plan,
        )


@ON_SQLITE
@pytest.mark.parametrize("owner", ["leader", "unit", "clerk", "aspect"])
def test_what_one_owner_holds_is_led_to_by_rank_and_date(cast: Cast, owner: str) -> None:
    problem = cast.problem
    value = problem.lead_unit_id if owner == "unit" else getattr(problem, f"{owner}_id")
    found = ProblemFilter.of(cast["inspector"], QueryDict(f"{owner}={value or 'none'}"))
    late, *_, ended = (
        plan_of(*part.order_by(*ORDERS["light"]).values_list("pk")[:26].query.sql_with_params())
        for part in found.parts()
    )
    assert re.search(rf"problem_{owner}_urgency \((lead_)?{owner}_id=\? AND rank=\? AND due<\?\)", late), late
    assert re.search(rf"problem_{owner}_urgency \((lead_)?{owner}_id=\? AND rank>\? AND rank<\?\)", ended)


@ON_SQLITE
@pytest.mark.parametrize("order", ORDERS)
@pytest.mark.parametrize("query", ["q=不&light=overdue", "clerk=none", "instruction=waiting"])
def test_few_are_found_as_they_are_counted_and_put_in_order(cast: Cast, query: str, order: str) -> None:
    found = ProblemFilter.of(cast["inspector"], query)
    found.order, found.in_part = order, True
    assert found.is_counted
    rows = FewListing(Problem, 5, found.few).asked([0], 25)
    heads = _heads(rows.build(), ORDERS[order], 25, None, rows.sorts)
    plan = plan_of(*heads.query.sql_with_params())
    assert "TEMP B-TREE FOR ORDER BY" in plan, plan
    assert not re.search(r"SCAN rectify_problem|problem_(urgency|due|rank_number) ", plan), plan


def test_what_was_put_off_has_an_index_of_its_own(cast: Cast) -> None:
    found = ProblemFilter.of(cast["inspector"], f"timing={Timing.ORIGINAL_OVERDUE}")
    found.order = "deadline"
    overdue, put_off = (
        plan_of(*part.order_by("-due", "-pk").values_list("pk")[:26].query.sql_with_params(), "sort")
        for part in found.parts()
    )
    assert "problem_extended" in put_off and "problem_extended" not in overdue, (put_off, overdue)


@ON_SQLITE
@pytest.mark.parametrize("query", ["light=overdue", "light=undated", "deadline=none", "arrears=old"])
def test_by_number_few_are_led_to_by_date_and_many_read_in_order(cast: Cast, query: str) -> None:
    for few in (True, False):
        listed = ProblemFilter.of(cast["inspector"], query)
        listed.order = "number"
        rows = LedgerListing(Problem, [5], {cast.report.pk: 20 if few else 1}, listed.part_of)
        asked = rows.asked([0], 25 if few else 1)
        heads = _heads(asked.build(*asked.ids), ORDERS["number"], 25, None, asked.sorts)
        plan = plan_of(*heads.query.sql_with_params())
        led = r"problem_report_urgency \(report_id=\? AND rank=\? AND due[=<]" if few else r"number|autoindex"
        assert asked.sorts == few and re.search(led, plan), plan
        assert few == ("TEMP B-TREE" in plan), plan


def test_the_button_of_a_row_is_asked_by_its_id(cast: Cast) -> None:
    """Not of every problem that is open."""
    with CaptureQueriesContext(connection) as asked:
        workable(cast["clerk"], list(Problem.objects.all()))
    plan = plan_of(asked[0]["sql"].replace("%", "%%"), [])
    assert "problem_status" not in plan, plan


def test_what_is_late_or_extended_has_an_index_of_its_own(cast: Cast) -> None:
    for timing, index in SELDOM.items():
        assert re.search(rf"{index}\b", listed(cast, f"timing={timing}", "light")), timing


def test_what_has_no_deadline_is_led_to_by_an_index(cast: Cast) -> None:
    for order in ORDERS:
        plan = listed(cast, "deadline=none", order)
        assert re.search(
            r"problem_urgency \(rank=\? AND due=\?|problem_due \(due=\?|Index Cond.*due =", plan
        ), plan


def test_what_is_to_be_looked_at_again_is_led_to_by_what_is_planned(cast: Cast) -> None:
    """Never by all that is concluded."""
    plan = listed(cast, "todo=follow_up", "light")
    assert "problem_follow_up" in plan and "problem_status" not in plan, plan


def test_whether_something_slipped_is_asked_of_each_that_is_late(cast: Cast) -> None:
    """All that was changed since is never gone through once for each item that a leader holds: PostgreSQL
    did, where it was joined. It may be read once, and looked up."""
    held, today = Problem.objects.visible_to(cast["leader"]), clock.today()
    slipped = held.filter(happened(Happened.SLIPPED, today - dt.timedelta(days=7), today))
    plan = plan_of(*slipped.order_by().values("pk").query.sql_with_params())
    if connection.vendor == "postgresql":
        joined = re.split(r"^ *SubPlan", plan, flags=re.M)[0]  # what is joined stands before what is asked
        assert "rectify_problemstate" not in joined, plan
    else:
        assert "problemstate_entered" not in plan, plan
    assert "rectify_report" not in plan, plan


def test_undated_is_one_date_of_an_index(cast: Cast) -> None:
    plan = listed(cast, "light=undated", "light")
    assert re.search(r"problem_(report_)?urgency \(.*due=\?|Index Cond.*due =", plan), plan


def test_a_character_is_looked_for_among_the_people_alone() -> None:
    with CaptureQueriesContext(connection) as asked:
        search._rows_by_scan("丙", [0], "default", search.PEOPLE_MOST)
    assert "rectify_searchtext_problem_id" in plan_of(asked[0]["sql"].replace("%", "%%"), [])


def test_the_newest_entries_of_the_whole_house_are_read_from_the_end(cast: Cast) -> None:
    auditor = account("city_auditor", cast.city, Role.AUDITOR)
    newest = AuditEntry.objects.visible_to(auditor).order_by("-pk")[:50]
    plan = plan_of(*newest.query.sql_with_params(), "sort")
    assert "TEMP B-TREE" not in plan and "Sort" not in plan, plan


def test_a_word_is_looked_up_in_the_index(cast: Cast) -> None:
    """Never by reading the texts."""
    lookup = _postgres if connection.vendor == "postgresql" else _sqlite
    for word, ledgers in (("责任", ()), ("整治窗口", (1, 2)), ("丙局", [0])):
        statement, values = lookup(word, ledgers)
        plan = plan_of(statement, [*values, search.MOST])
        assert ("rectify_searchgrams" in plan) and "SCAN s" not in plan and "Seq Scan" not in plan, plan
