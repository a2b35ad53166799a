"""Working days: weekdays without holidays and with days made up, against a count day by day."""

from __future__ import annotations

import datetime as dt

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rectify import wording
from rectify.clock import WorkCalendar
from rectify.models import Holiday
from rectify.models.office import published_years

DAY = dt.timedelta(days=1)
near = st.dates(dt.date(2025, 1, 1), dt.date(2026, 12, 31))


def slowly(calendar: WorkCalendar, start: dt.date, end: dt.date) -> int:
    days = [start + DAY * n for n in range(1, (end - start).days + 1)]
    off, made_up = set(calendar.off), set(calendar.made_up)
    return sum(day in made_up or (day.isoweekday() < 6 and day not in off) for day in days)


@settings(max_examples=60, deadline=None)
@given(st.dictionaries(near, st.booleans(), max_size=30), near, near)
def test_the_count_is_that_of_going_day_by_day(days, one, two):
    calendar = WorkCalendar.of(days, {2025, 2026})
    start, end = sorted((one, two))
    assert calendar.between(start, end) == slowly(calendar, start, end)
    assert calendar.between(end, start) == -calendar.between(start, end)


@settings(max_examples=40, deadline=None)
@given(st.dictionaries(near, st.booleans(), max_size=30), near, st.integers(0, 40))
def test_the_last_day_with_so_many_working_days_before_it(days, start, count):
    calendar = WorkCalendar.of(days, {2025, 2026})
    last = calendar.after(start, count)
    assert calendar.between(start, last) <= count < calendar.between(start, last + DAY)


@pytest.mark.django_db
def test_the_published_holidays_and_days_made_up_are_known():
    calendar = Holiday.objects.calendar()
    assert not calendar.is_working(dt.date(2025, 10, 1))  # National Day, a Wednesday
    assert calendar.is_working(dt.date(2025, 9, 28))  # a Sunday, made up
    assert calendar.between(dt.date(2025, 9, 30), dt.date(2025, 10, 9)) == 1


@pytest.mark.django_db
def test_the_office_table_overrides_and_continues_the_published_days():
    first, last = published_years()
    Holiday.objects.create(day=dt.date(2025, 10, 1), name="照常上班", is_workday=True)
    Holiday.objects.create(day=dt.date(last + 1, 1, 4), name="元旦", is_workday=False)
    calendar = Holiday.objects.calendar()
    assert calendar.is_working(dt.date(2025, 10, 1))
    assert not calendar.is_working(dt.date(last + 1, 1, 4))
    assert calendar.unknown(first, last + 2) == [last + 2]


def test_years_in_words():
    assert wording.years([2027]) == "2027 年"
    assert wording.years([2029, 2027, 2028, 2031]) == "2027 年至 2029 年、2031 年"


def test_words_beside_the_calendar_days():
    today = dt.date(2025, 9, 30)
    chip = wording.light_chip("due_soon", dt.date(2025, 10, 9), today, "monthly", 1)
    assert (chip.words, chip.beside, chip.full) == ("剩 9 天", "1 个工作日", "剩 9 天（1 个工作日）")
    assert wording.light_chip("due_soon", today, today, "monthly", 0).beside == ""
    assert wording.light_chip("overdue", dt.date(2025, 9, 1), today, "monthly", -20).full == (
        "逾期 29 天（20 个工作日）"
    )
