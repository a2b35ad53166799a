"""So long from some day on (半年内, 30日内): a day only where the words name the one it is counted from."""

from __future__ import annotations

import datetime as dt
import re

from rectify.clock import months_after

# A month without 个 is one of the calendar; of a year's name only one digit is a number of years.
SPAN = (
    r"(?<!\d)(?:(?:半|[几数近])个?(?:年|月|季度|学期|天|日|周|星期|礼拜)"
    r"|\d年半?|\d{1,2}个(?:半?月|季度|学期)|\d{1,3}个?(?:工作日|星期|礼拜|周)|\d{1,3}[天日])(?:之|以)?内"
)
_FROM = re.compile(rf"(?:之日)?(?:起|开始|[之以]?后)(?:计?算起?)?[,，]?(?P<span>{SPAN})")
_NUMBER = re.compile(r"(?P<count>半|\d+)个?(?P<half>半)?(?P<unit>年|季度|月|周|星期|礼拜|天|日)(?P<more>半)?")
_MONTHS = {"年": 12, "季度": 3, "月": 1}
_DAYS = {"周": 7, "星期": 7, "礼拜": 7, "天": 1, "日": 1}


def counted_from(day: dt.date, words: str, at: int) -> tuple[str, dt.date] | None:
    """The words behind `day` that name a time from it on, and the last day of it."""
    match = _FROM.match(words, at)
    number = _NUMBER.match(match["span"]) if match else None
    if match is None or number is None:
        return None
    halves = 1
    if number["count"] != "半":
        halves = 2 * int(number["count"]) + bool(number["half"] or number["more"])
    if months := _MONTHS.get(number["unit"]):
        whole, rest = divmod(months * halves, 2)
        return match.group(), months_after(day, whole) + dt.timedelta(days=15 * rest)
    return match.group(), day + dt.timedelta(days=_DAYS[number["unit"]] * halves // 2)
