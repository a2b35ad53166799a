"""Words of deadline columns as offices write them: the last day they leave, never a guess unsaid."""

from __future__ import annotations

import pytest

from rectify.papers.deadlines import read_deadline
from rectify.papers.holidays import holiday_words
from tests.papers.deadline_words import AT_ONCE, DATED, DOUBTED, STANDING, UNCOUNTED

YEAR = 2024


@pytest.mark.parametrize(
    ("words", "day"), [*DATED.items(), *((words, DATED.get(words)) for words in (*AT_ONCE, *STANDING))]
)
def test_the_last_day_that_the_words_leave_needs_no_notice(words, day):
    found = read_deadline(words, YEAR)
    assert (found.day and found.day.isoformat(), found.doubt) == (day, "")
    assert found.at_once or words not in AT_ONCE
    assert words not in STANDING or (found.standing, found.every) == (True, STANDING[words])


@pytest.mark.parametrize("words", UNCOUNTED)
def test_what_cannot_be_counted_gives_no_date_and_a_notice(words):
    found = read_deadline(words, YEAR)
    assert found.day is None and found.doubt


@pytest.mark.parametrize(("words", "day"), DOUBTED.items())
def test_a_guess_is_never_without_a_notice(words, day):
    found = read_deadline(words, YEAR)
    assert found.day and found.day.isoformat() == day and found.doubt


def test_a_year_that_is_not_written_is_told_of():
    assert read_deadline("6月底前", YEAR).assumed and read_deadline("明年3月底", YEAR).assumed
    assert not read_deadline("2024年5月清查，11月归档", YEAR).assumed


def test_a_holiday_is_offered_from_the_published_table_and_not_taken():
    assert holiday_words("2024年春节前", 2024) == "2024年春节假期从2月10日开始"
    assert holiday_words("国庆节前", 2023) and not holiday_words("汛期前", 2024)
    assert not holiday_words("春节前", 1990), "nothing is published of that year"


def test_each_stage_keeps_its_own_day():
    days = read_deadline("第一阶段：4月底；第二阶段：9月底", YEAR).days
    assert [day.isoformat() for day in days] == ["2024-04-30", "2024-09-30"]
