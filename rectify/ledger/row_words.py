"""The cells of the ledger in words: lists, deadlines, lights, contacts, results and progress."""

from __future__ import annotations

import datetime as dt
from functools import lru_cache

from django.db.models import TextChoices

from rectify import clock
from rectify.choices import Period, Status
from rectify.wording import date, deadline_words, light_chip


def numbered(texts: list[str]) -> str:
    """One text as it is; several as a numbered list, a line each."""
    if len(texts) < 2:
        return texts[0] if texts else ""
    return "\n".join([f"{number}. {text}" for number, text in enumerate(texts, 1)])


@lru_cache(maxsize=64)
def label_of(choices: type[TextChoices], value: str) -> str:
    return str(choices(value).label)


def deadline_cell(
    deadline: dt.date | None, text: str, kind: str, original: dt.date | None, extended: str
) -> str:
    """The deadline in words; an extension leaves the original date in sight."""
    words = deadline_words(deadline, text, kind)
    moved = f"原定{date(original)}" if deadline and original and original != deadline else ""
    told = "，".join(part for part in (moved, extended) if part)
    return f"{words}\n（{told}）" if told else words


@lru_cache(maxsize=4096)
def status_and_light(
    status: str, light: str, deadline: dt.date | None, today: dt.date, period: str, working: int | None
) -> str:
    chip = light_chip(light, deadline, today, period or Period.MONTHLY, working)
    label = label_of(Status, status)
    light_words = f"{chip.shape} {chip.full}"
    return light_words if chip.words == label else f"{label}\n{light_words}"


def contact(name: str, phone: str | None) -> str:
    """Who to ring up."""
    return f"{name}　{phone}" if phone else name


def finished_words(result: str, on: dt.date | None) -> str:
    """What a finished measure came to, and when."""
    if on is None:
        return ""
    return f"完成情况：{result}（{date(on)}完成）" if result else f"完成情况：{date(on)}完成"


def step_day(deadline: dt.date | None, finished: dt.date | None, today: dt.date) -> str:
    """2022年6月27日完成; otherwise the day it is due, with a word where that has passed."""
    if finished:
        return f"{date(finished)}完成"
    return f"{date(deadline)}，逾期" if deadline and deadline < today else date(deadline)


def progress_words(
    at: dt.datetime, corrected_at: dt.datetime | None, author: str, text: str, percent: int | None
) -> str:
    """2022年6月27日 县发改局 经办人：……（完成 65%）."""
    words = f"{date(clock.day_of(corrected_at or at))}　{author}：{text}"
    if percent is not None:
        words += f"（完成 {percent}%）"
    if corrected_at:
        words += f"（{date(clock.day_of(at))}更正）"
    return words
