"""Dates, days left, lights and lists in Chinese words: used by pages, ledger, documents and notices."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache

from rectify import clock
from rectify.choices import Kind, Period, RagStatus

PERIOD_NAME = {Period.WEEKLY: "本周", Period.MONTHLY: "本月", Period.QUARTERLY: "本季"}
SHAPES = {
    RagStatus.OVERDUE: "▲",
    RagStatus.DUE_SOON: "◆",
    RagStatus.UNREPORTED: "◆",
    RagStatus.NORMAL: "●",
    RagStatus.STANDING: "■",
    RagStatus.CLOSED: "✓",
    RagStatus.FINISHED_BEFORE: "●",
    RagStatus.UNDATED: "○",
    RagStatus.WITHDRAWN: "×",
    RagStatus.CARRIED: "→",
}
LABELS = {str(status.value): str(status.label) for status in RagStatus}
NUMERALS = "零一二三四五六七八九十"


@dataclass(frozen=True)
class LightChip:
    """A light as a page shows it: value for the colour, shape, and words."""

    value: str
    shape: str
    words: str
    beside: str = ""

    @property
    def label(self) -> str:
        return LABELS.get(self.value, self.words)

    @property
    def full(self) -> str:
        """剩 5 天（3 个工作日）: words and what stands beside them, in one."""
        return f"{self.words}（{self.beside}）" if self.beside else self.words


@lru_cache(maxsize=4096)
def date(day: dt.date | None) -> str:
    """2022年6月30日."""
    return f"{day.year}年{day.month}月{day.day}日" if day else ""


def short_date(day: dt.date | None, today: dt.date) -> str:
    """6月30日, with the year when it is another year than today's."""
    if day is None:
        return ""
    return f"{day.month}月{day.day}日" if day.year == today.year else date(day)


def moment(at: dt.datetime | None, today: dt.date) -> str:
    """16:40 when today, otherwise 6月27日 16:40, with the year when it is another one."""
    if at is None:
        return ""
    local = clock.local(at)
    return _hour(local) if local.date() == today else f"{short_date(local.date(), today)} {_hour(local)}"


def _hour(local: dt.datetime) -> str:
    return f"{local.hour:02}:{local.minute:02}"


def recent_moment(at: dt.datetime | None, today: dt.date) -> str:
    """今天 16:40, 昨天 16:20, otherwise 6月27日 16:40."""
    if at is None:
        return ""
    local = clock.local(at)
    ago = (today - local.date()).days
    day = days_ago(local.date(), today) if ago in (0, 1) else short_date(local.date(), today)
    return f"{day} {_hour(local)}"


def full_moment(at: dt.datetime | None) -> str:
    """2022年6月27日 16:40."""
    if at is None:
        return ""
    local = clock.local(at)
    return f"{date(local.date())} {_hour(local)}"


def days_left(deadline: dt.date | None, day: dt.date) -> str:
    """剩 5 天, 今天到期, 逾期 3 天."""
    if deadline is None:
        return "未定期限"
    left = (deadline - day).days
    if left == 0:
        return "今天到期"
    return f"剩 {left} 天" if left > 0 else f"逾期 {-left} 天"


def days_ago(then: dt.date | None, day: dt.date) -> str:
    """今天, 昨天, 38 天前."""
    if then is None:
        return ""
    days = (day - then).days
    if days <= 0:
        return "今天"
    return "昨天" if days == 1 else f"{days} 天前"


def working_days(count: int | None) -> str:
    """3 个工作日, however many are left or have passed; nothing where the office counts calendar days."""
    return "" if count is None else f"{abs(count)} 个工作日"


def years(given: Sequence[int]) -> str:
    """2027 年, 2027 年至 2029 年、2031 年."""
    runs: list[list[int]] = []
    for year in sorted(given):
        if runs and runs[-1][-1] == year - 1:
            runs[-1].append(year)
        else:
            runs.append([year])
    return listed(f"{run[0]} 年至 {run[-1]} 年" if len(run) > 1 else f"{run[0]} 年" for run in runs)


def light_chip(
    light: str,
    deadline: dt.date | None,
    day: dt.date,
    period: str = Period.MONTHLY,
    working: int | None = None,
) -> LightChip:
    """The chip of a problem: shape and words for its light, beside them the working days where given."""
    words, beside = str(RagStatus(light).label), ""
    if light in (RagStatus.OVERDUE, RagStatus.DUE_SOON, RagStatus.NORMAL):
        words = days_left(deadline, day) if deadline else words
        beside = working_days(working) if deadline and deadline != day else ""
    elif light == RagStatus.UNREPORTED:
        words = f"{PERIOD_NAME.get(Period(period), '本期')}未报"
    elif light == RagStatus.UNDATED:
        words = "未定期限"
    return LightChip(light, SHAPES[RagStatus(light)], words, beside)


def in_review_chip(deadline: dt.date | None, day: dt.date) -> LightChip:
    """Of an item that somebody has to decide on: never plain green."""
    return LightChip("in_review", "◐", "待审核", days_left(deadline, day) if deadline else "")


def lateness(closed_on: dt.date | None, deadline: dt.date | None, original: dt.date | None = None) -> str:
    """按期销号 or 逾期 3 天销号, and against the original date where that tells another story."""
    if closed_on is None:
        return ""
    words = "按期销号"
    if deadline is not None and closed_on > deadline:
        words = f"逾期 {(closed_on - deadline).days} 天销号"
    if original is not None and original != deadline and closed_on > original:
        words += f"（比原定时限晚 {(closed_on - original).days} 天）"
    return words


def extended_words(count: int, overdue_days: int = 0) -> str:
    """延期 2 次，延期前已逾期 5 天."""
    words = f"延期 {count} 次" if count else ""
    return f"{words}，延期前已逾期 {overdue_days} 天" if words and overdue_days else words


def years_words(years: int) -> str:
    """第 2 年 of a problem that was carried over; nothing in its first."""
    return f"第 {years} 年" if years > 1 else ""


def kind_words(kind: str, also_standing: bool) -> str:
    """限期整改，并长期坚持."""
    label = str(Kind(kind).label) if kind else ""
    return f"{label}，并长期坚持" if label and also_standing else label


def deadline_words(deadline: dt.date | None, deadline_text: str, kind: str = "") -> str:
    """The office's own words where it gave some, otherwise the date."""
    if deadline_text:
        return deadline_text
    if deadline:
        return date(deadline)
    return "长期坚持" if kind == Kind.STANDING else ""


def numeral(number: int) -> str:
    """1 to 99 as 一 … 九十九; larger numbers stay digits."""
    if not 0 < number < 100:
        return str(number)
    tens, ones = divmod(number, 10)
    if tens == 0:
        return NUMERALS[ones]
    return ("" if tens == 1 else NUMERALS[tens]) + "十" + (NUMERALS[ones] if ones else "")


def listed(names: Iterable[str]) -> str:
    """甲、乙、丙."""
    return "、".join(name for name in names if name)


def file_size(size: int) -> str:
    """1.2 MB, 340 KB."""
    if size >= 1024 * 1024:
        return f"{size / 1024 / 1024:.1f} MB"
    return f"{max(1, round(size / 1024))} KB"


def groups_of(text: str, size: int) -> list[str]:
    """ABCDEFGH in fours: what a person copies by hand."""
    return [text[start : start + size] for start in range(0, len(text), size)]
