"""The only place that asks for the time; periods are counted in Asia/Shanghai."""

from __future__ import annotations

import contextlib
import datetime as dt
from collections.abc import Iterator
from contextvars import ContextVar
from zoneinfo import ZoneInfo

from .choices import Period

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
    return moment.astimezone(SHANGHAI).date()


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
