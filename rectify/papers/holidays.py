"""The days of holidays that a deadline names (春节前): offered to whoever looks, never taken for it."""

from __future__ import annotations

import datetime as dt
import re
from functools import cache

import chinese_calendar

from rectify.xlsx.values import half_width

NAMES = {
    "元旦": "New Year's Day",
    "春节": "Spring Festival",
    "清明": "Tomb-sweeping Day",
    "五一": "Labour Day",
    "劳动节": "Labour Day",
    "端午": "Dragon Boat Festival",
    "中秋": "Mid-autumn Festival",
    "国庆": "National Day",
    "十一": "National Day",
}


def holiday_words(words: str, year: int) -> str:
    """When the holiday that the words name begins in that year, or in one that they name themselves; empty
    where that is not published."""
    own = re.search(r"20\d\d", half_width(words))
    year = int(own[0]) if own else year
    name = next((name for name in NAMES if name in words), "")
    first = _first_days().get((year, NAMES[name])) if name else None
    return f"{year}年{name}假期从{first.month}月{first.day}日开始" if first else ""


@cache
def _first_days() -> dict[tuple[int, str], dt.date]:
    first: dict[tuple[int, str], dt.date] = {}
    for day, name in sorted(chinese_calendar.holidays.items(), reverse=True):
        first[day.year, name] = day
    return first
