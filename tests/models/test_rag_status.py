"""One light: the database annotates, filters and counts what Python says of each row, today and before."""

from __future__ import annotations

import datetime as dt
from collections import Counter, defaultdict
from collections.abc import Iterator
from itertools import product
from typing import Any

import pytest

from rectify import clock, wording
from rectify.choices import DayCount, Period, RagStatus, Status
from rectify.models import Holiday, LedgerSettings, Problem, ProblemState, ProgressNote, Report
from rectify.models.rag_status import LightQuerySet, light_of, lights_of
from tests import builders

pytestmark = [pytest.mark.django_db, pytest.mark.once]

STANDINGS: tuple[dict[str, Any], ...] = (
    {"status": Status.CLOSED},
    {"status": Status.STANDING},
    {"status": Status.FINISHED_BEFORE},
    {"withdrawn": True},
    {"carried": True},
    {"withdrawn": True, "status": Status.CLOSED},
    {"withdrawn": True, "carried": True, "status": Status.STANDING},
    {"carried": True, "status": Status.STANDING},
    {"status": Status.IN_REVIEW},
    {},
)
DUE_IN = (None, -41, -40, -39, -25, -20, -19, -10, -1, 0, 1, 15, 16, 20, 21, 25, 90)
CREATED_AND_NOTED = ((400, ()), (400, (200,)), (400, (60,)), (400, (1,)), (400, (60, 1)), (0, ()))
BEFORE, CODE = 40, "灯-"


@pytest.fixture
def problems() -> list[Problem]:
    """Every standing, deadline and time of the last note, in two ledgers of different settings."""
    made = builders.cast(assigned=False)
    other = Report.objects.get(pk=made.report.pk)
    other.pk, other.prefix = None, "另"
    other.save()
    LedgerSettings.objects.create(
        report=other, due_soon_days=20, period=Period.WEEKLY, cutoff_day=5, grace_days=2
    )
    rows = list(_rows(made.report)) + list(_rows(other))
    Problem.objects.bulk_create([problem for problem, _ in rows])
    now = clock.now()
    ProgressNote.objects.bulk_create(
        ProgressNote(problem=problem, text="进展", author=made["office"], at=now - dt.timedelta(days=days))
        for problem, noted in rows
        for days in noted
    )
    ProblemState.objects.bulk_create(state for problem, _ in rows for state in _states_of(problem, now))
    return list(Problem.objects.filter(code__startswith=CODE).select_related("report__settings"))


def _states_of(problem: Problem, now: dt.datetime) -> Iterator[ProblemState]:
    """As it was entered; what is older was touched just now besides."""
    names = ("title", "status", "withdrawn", "carried", "deadline", "original_deadline", "closed_on")
    told = {name: getattr(problem, name) for name in names}
    touched = now if problem.created_at < now else None
    yield ProblemState(problem=problem, valid_from=problem.created_at, valid_to=touched, **told)
    if touched:
        yield ProblemState(problem=problem, valid_from=touched, **told)


def _rows(report: Report) -> Iterator[tuple[Problem, tuple[int, ...]]]:
    today, now = clock.today(), clock.now()
    cases = product(STANDINGS, DUE_IN, CREATED_AND_NOTED)
    for number, (standing, days, (created, noted)) in enumerate(cases, 1000):
        yield (
            Problem(
                report=report, number=number, code=f"{CODE}{number}", title="问题",
                deadline=None if days is None else today + dt.timedelta(days=days), original_deadline=today,
                closed_on=today if standing.get("status") == Status.CLOSED else None,
                created_at=now - dt.timedelta(days=created),
                reported_at=now - dt.timedelta(days=min(noted)) if noted else None, **standing,
            ),
            noted,
        )  # fmt: skip


def check(rows: LightQuerySet, expected: dict[int, str], day: dt.date) -> None:
    """The annotation, the condition of each light, and the counts give the lights expected."""
    assert dict(rows.with_light(day).values_list("pk", "light")) == expected
    of_light = defaultdict(set)
    for pk, light in expected.items():
        of_light[light].add(pk)
    for light in RagStatus.values:
        assert set(rows.lit(light, day).values_list("pk", flat=True)) == of_light[light], light
    assert {light: n for light, n in lights_of(rows.by_light(day)).items() if n} == Counter(expected.values())


def test_the_database_and_python_see_one_light(problems: list[Problem]) -> None:
    for day_count, days_ago in product(DayCount.values, (0, BEFORE)):
        see_one_light(problems, days_ago, day_count)


def see_one_light(problems: list[Problem], days_ago: int, day_count: str) -> None:
    LedgerSettings.objects.update(day_count=day_count)
    day = clock.today() - dt.timedelta(days=days_ago)
    end = clock.end_of(day)
    noted: dict[int, list[dt.datetime]] = defaultdict(list)
    for problem_id, at in ProgressNote.objects.filter(at__lt=end).values_list("problem", "at"):
        noted[problem_id].append(at)
    calendar = Holiday.objects.calendar()
    expected = {}
    for problem in problems:
        problem.report.settings.day_count = day_count
        problem.reported_at = max(noted[problem.pk], default=None)
        rule = problem.report.settings.rule_with(calendar)
        expected[problem.pk] = str(light_of(problem, day, rule))
    assert set(expected.values()) == set(RagStatus.values)
    check(Problem.objects.filter(code__startswith=CODE), expected, day)
    states = ProblemState.objects.filter(problem__in=problems)
    check(states, {state.pk: expected[state.problem_id] for state in states}, day)


def test_a_tick_stands_before_what_was_verified_and_nothing_else() -> None:
    assert [light for light, shape in wording.SHAPES.items() if shape == "✓"] == [RagStatus.CLOSED]
