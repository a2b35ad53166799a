"""The only place that asks for the time; periods are counted in Asia/Shanghai."""

from __future__ import annotations

import contextlib
import datetime as dt
from bisect import bisect_right
from collections.abc import Collection, Iterator, Mapping
from contextvars import ContextVar
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from rectify.choices import Period

SHANGHAI = ZoneInfo("Asia/Shanghai")

_pretended: ContextVar[dt.datetime | None] = ContextVar("pretended", default=None)


def now() -> dt.datetime:
    """The moment, aware, in UTC."""
    return _pretended.get() or dt.datetime.now(dt.UTC)


def today() -> dt.date:
    """The calendar day in Shanghai: the day deadlines are compared with."""
    return day_of(now())


def day_of(moment: dt.datetime) -> dt.date:
    """The Shanghai day a moment falls on."""
    return local(moment).date()


def local(moment: dt.datetime) -> dt.datetime:
    """A moment as clocks in Shanghai show it."""
    return moment.astimezone(SHANGHAI)


def start_of(day: dt.date) -> dt.datetime:
    """The first moment of a Shanghai day."""
    return dt.datetime.combine(day, dt.time.min, tzinfo=SHANGHAI).astimezone(dt.UTC)


def end_of(day: dt.date) -> dt.datetime:
    """The first moment after a Shanghai day; rows valid just before it show the day's close."""
    return start_of(day + dt.timedelta(days=1))


@contextlib.contextmanager
def pretend(moment: dt.datetime) -> Iterator[None]:
    """Let the demonstration data and the tests live at another moment."""
    token = _pretended.set(moment.astimezone(dt.UTC))
    try:
        yield
    finally:
        _pretended.reset(token)


def period_start(day: dt.date, period: str, cutoff_day: int) -> dt.date:
    """The first day of the reporting period that `day` lies in.

    `cutoff_day` is the last day of a period: 1–7 (Monday is 1) for weekly, the day of the month for
    monthly, the day of the quarter's last month for quarterly; 31 means the month's last day.
    """
    if period == Period.WEEKLY:
        return day - dt.timedelta(days=(day.isoweekday() - cutoff_day - 1) % 7)
    step = 3 if period == Period.QUARTERLY else 1
    end = _month_end(day.year, _period_month(day.month, step), cutoff_day)
    if day > end:
        return end + dt.timedelta(days=1)
    return _months_before(end, step, cutoff_day) + dt.timedelta(days=1)


def months_after(day: dt.date, months: int) -> dt.date:
    """The same day some months on; the month's last day where there is no such day."""
    index = day.year * 12 + day.month - 1 + months
    return _month_end(index // 12, index % 12 + 1, day.day)


def _period_month(month: int, step: int) -> int:
    return ((month - 1) // step + 1) * step


def _months_before(end: dt.date, months: int, cutoff_day: int) -> dt.date:
    index = end.year * 12 + end.month - 1 - months
    return _month_end(index // 12, index % 12 + 1, cutoff_day)


def _month_end(year: int, month: int, cutoff_day: int) -> dt.date:
    first_of_next = dt.date(year + month // 12, month % 12 + 1, 1)
    last = (first_of_next - dt.timedelta(days=1)).day
    return dt.date(year, month, min(cutoff_day, last))


@dataclass(frozen=True)
class WorkCalendar:
    """Which days are worked: Monday to Friday, without the days `off`, and with the days `made_up` (调休).

    Both are sorted; `known` holds the years whose holidays are in them. Years that are not known are
    counted Monday to Friday, and whoever shows such a count names them.
    """

    off: tuple[dt.date, ...] = ()
    made_up: tuple[dt.date, ...] = ()
    known: frozenset[int] = frozenset()

    @classmethod
    def of(cls, days: Mapping[dt.date, bool], known: Collection[int]) -> WorkCalendar:
        """From exceptional days, each with whether it is worked."""
        off = sorted(day for day, worked in days.items() if not worked and day.isoweekday() < 6)
        made_up = sorted(day for day, worked in days.items() if worked and day.isoweekday() > 5)
        return cls(tuple(off), tuple(made_up), frozenset(known))

    def is_working(self, day: dt.date) -> bool:
        return self.between(day - dt.timedelta(days=1), day) == 1

    def between(self, start: dt.date, end: dt.date) -> int:
        """Working days after `start` up to and with `end`; negative when `end` is the earlier one."""
        if end < start:
            return -self.between(end, start)
        weekdays = _weekdays_until(end) - _weekdays_until(start)
        return weekdays - _within(self.off, start, end) + _within(self.made_up, start, end)

    def after(self, day: dt.date, count: int) -> dt.date:
        """The last day that has at most `count` working days after `day`."""
        while self.between(day, (last := day + dt.timedelta(days=1))) <= count:
            count -= self.between(day, last)
            day = last
        return day

    def unknown(self, first: int, last: int) -> list[int]:
        """The years from `first` to `last` whose holidays are not known."""
        return [year for year in range(first, last + 1) if year not in self.known]


def _weekdays_until(day: dt.date) -> int:
    """Mondays to Fridays from the first day of the calendar, a Monday, to this day."""
    weeks, days = divmod(day.toordinal(), 7)
    return 5 * weeks + min(days, 5)


def _within(days: tuple[dt.date, ...], start: dt.date, end: dt.date) -> int:
    return bisect_right(days, end) - bisect_right(days, start)
