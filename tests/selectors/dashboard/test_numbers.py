"""Counts, bars, trend and outline: right for today, and the same rules for past days."""

from __future__ import annotations

import datetime as dt
from collections import Counter

import pytest

from rectify import clock
from rectify.choices import RagStatus
from rectify.models import Problem, ProblemCause, User
from rectify.models.report import ProblemQuerySet
from rectify.operations import problems, progress
from rectify.selectors import report_outline as report_outline_selector
from rectify.selectors.dashboard.overview import overview
from rectify.selectors.dashboard.tallies import Tally
from rectify.selectors.dashboard.trends import trend
from rectify.selectors.problem_rows import problem_rows
from rectify.selectors.report_outline import Outline
from tests.builders import Cast, assign, cast

pytestmark = pytest.mark.django_db

NOW = dt.datetime(2026, 6, 24, 12, tzinfo=clock.SHANGHAI)


def history() -> Cast:
    with clock.pretend(NOW - dt.timedelta(days=100)):
        made = cast(assigned=False)
        for number, deadline in ((1, dt.date(2026, 6, 18)), (2, dt.date(2026, 6, 30))):
            one = Problem.objects.get(report=made.report, number=number)
            assign(made, one, deadline=deadline)
    return made


WORLD = history


def visible(made: Cast, role: str = "office") -> ProblemQuerySet:
    return Problem.objects.visible_to(made[role])


def test_overview_counts_each_problem_once(made: Cast) -> None:
    with clock.pretend(NOW):
        found = overview(visible(made), clock.today())
    assert found.all.total == 3
    assert found.all.lights == Counter({"overdue": 1, "due_soon": 1, "unreported": 1})
    assert found.bands == Counter({"1-7": 1})
    for rows in (found.by_leader, found.by_unit, found.by_aspect, found.by_report):
        assert sum(row.total for row in rows) == 3
    assert [row.label for row in found.by_leader] == ["常务副县长", "未明确"]
    assert found.by_leader[0].words == "2 项：逾期 1，临期 1"


def test_withdrawn_ones_are_not_counted(made: Cast) -> None:
    one = made.problem
    problems.withdraw(one, by=made["office"], seen=one.version, reason="重复")
    assert overview(visible(made), clock.today()).all.total == 2


def test_completion_rounds_down_so_that_all_means_all() -> None:
    assert Tally(lights=Counter({RagStatus.CLOSED: 199, RagStatus.NORMAL: 1})).closed_percent == 99
    assert Tally(lights=Counter({RagStatus.CLOSED: 3})).closed_percent == 100
    assert Tally().closed_percent == 0
    before = Tally(lights=Counter({RagStatus.CLOSED: 1, RagStatus.NORMAL: 1, RagStatus.FINISHED_BEFORE: 8}))
    assert (before.total, before.closed, before.closed_percent) == (10, 1, 50), (
        "not above, not below the line"
    )


def test_parts_of_a_bar_fill_it() -> None:
    parts = Tally(lights=Counter({RagStatus.OVERDUE: 1, RagStatus.NORMAL: 1, RagStatus.CLOSED: 1})).parts
    assert [part.value for part in parts] == ["overdue", "normal", "closed"]
    assert abs(sum(part.width for part in parts) - 100) < 0.01
    assert parts[1].start == pytest.approx(33.333)


def test_trend_tells_each_week_as_it_was(made: Cast) -> None:
    with clock.pretend(NOW):
        points = trend(visible(made), clock.today())
    assert len(points) == 12
    assert [point.day for point in points[-2:]] == [dt.date(2026, 6, 21), dt.date(2026, 6, 24)]
    assert [point.overdue for point in points] == [0] * 10 + [1, 1]
    one = made.problem
    with clock.pretend(NOW - dt.timedelta(days=1)):
        assign(made, one, deadline=dt.date(2026, 7, 30))
    with clock.pretend(NOW):
        points = trend(visible(made), clock.today())
    assert [point.overdue for point in points[-2:]] == [1, 0], "a later extension leaves the past as it was"


def test_trend_ends_with_the_numbers_of_today(made: Cast) -> None:
    with clock.pretend(NOW):
        found = overview(visible(made), clock.today())
        last = trend(visible(made), clock.today())[-1]
    assert (last.overdue, last.closed) == (found.all.overdue, found.all.closed)


def test_rows_keep_their_order_and_show_the_newest_note(made: Cast) -> None:
    with clock.pretend(NOW - dt.timedelta(days=2)):
        progress.add(made.problem, by=made["clerk"], text="旧", percent=10)
    with clock.pretend(NOW - dt.timedelta(days=1)):
        progress.add(made.problem, by=made["clerk"], text="新", percent=None)
    ids = list(visible(made).order_by("-number").values_list("pk", flat=True))
    with clock.pretend(NOW):
        rows = problem_rows(ids)
    assert [row.problem.pk for row in rows] == ids
    assert rows[-1].said == "昨天：新"
    assert rows[-1].percent is None
    assert rows[0].said == "还没有进展记录"
    assert rows[-1].light.words == "逾期 6 天"


def outline(made: Cast, role: str = "office", pending_only: bool = False) -> Outline:
    assert made.report
    return report_outline_selector.outline(made.report, visible(made, role), clock.today(), pending_only)


def test_outline_tells_what_is_not_covered(made: Cast) -> None:
    found = outline(made)
    by_number = {one.problem.number: one for group in found.aspects for one in group.problems}
    assert by_number[1].missing == ""
    assert by_number[2].missing == "根源", "the direction that covers all covers it"
    assert found.uncovered == 2
    assert found.total == 3
    assert [group.aspect for group in found.aspects][-1] is None
    assert [(row.source.number, row.covers_all) for row in found.directions] == [(1, False), (2, True)]


def test_a_rejected_tie_no_longer_covers(made: Cast) -> None:
    link = ProblemCause.objects.get()
    problems.decide_link(link, by=made["office"], confirm=False, reason="不相关")
    assert outline(made).uncovered == 3


def test_outline_shows_only_what_the_person_may_see(made: Cast) -> None:
    assert outline(made, "clerk").total == 2
    assert outline(made, "stranger").total == 0
    stranger: User = made["stranger"]
    assert not Problem.objects.visible_to(stranger).exists()


def test_pending_ties_can_be_listed_alone(made: Cast) -> None:
    found = outline(made, pending_only=True)
    assert [one.problem.number for group in found.aspects for one in group.problems] == [1]
    assert found.pending >= 1
