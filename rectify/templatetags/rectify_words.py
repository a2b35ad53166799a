"""Thin wrappers over wording, for templates."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django import template

from rectify import clock, wording
from rectify.choices import MarkAnswer, NumberAnswer, SupervisionState
from rectify.models import AuditEntry

register = template.Library()


@register.filter
def cn_date(day: dt.date | None) -> str:
    """2022年6月30日."""
    return wording.date(day)


@register.filter
def cn_short(day: dt.date | None) -> str:
    """6月30日, with the year when it is another one."""
    return wording.short_date(day, clock.today())


@register.filter
def cn_left(day: dt.date | None) -> str:
    """剩 5 天, 今天到期, 逾期 3 天."""
    return wording.days_left(day, clock.today())


@register.filter
def cn_moment(at: dt.datetime | None) -> str:
    """10:42 today, otherwise 6月27日 16:40."""
    return wording.moment(at, clock.today())


@register.filter
def cn_recent(at: dt.datetime | None) -> str:
    """昨天 16:20."""
    return wording.recent_moment(at, clock.today())


@register.filter
def cn_full_moment(at: dt.datetime | None) -> str:
    """2022年6月27日 16:40."""
    return wording.full_moment(at)


@register.filter
def cn_ago(at: dt.datetime | None) -> str:
    """今天, 昨天, 9 天前."""
    return wording.days_ago(clock.day_of(at), clock.today()) if at else ""


@register.filter
def shortened(text: str, longest: int) -> str:
    """As Django's `truncatechars`, which looks at each character even of a short text."""
    return text if len(text) <= longest else f"{text[: longest - 3]}..."


@register.filter
def cn_numeral(number: int) -> str:
    """一, 二 … 十."""
    return wording.numeral(number)


@register.filter
def decided_words(entry: AuditEntry) -> str:
    """What was pointed out before the act was carried out, and what the person said about it."""
    decision = {} if entry.is_purged else entry.details.get("decided") or {}
    answers = dict([*MarkAnswer.choices, *NumberAnswer.choices])
    said = [answers.get(decision.get(name, ""), "") for name in ("mark_answer", "number_answer")]
    words = "；".join(filter(None, said)) or "看过预览后确认导入"
    return f"{'；'.join(decision['places'])}。本人选定：{words}" if decision else ""


@register.filter
def supervision_state(value: str) -> str:
    """待签收, 待回复, 已回复, 逾期未回复."""
    return str(SupervisionState(value).label)


@register.filter
def file_size(size: int) -> str:
    """1.2 MB."""
    return wording.file_size(size)


@register.filter
def get_item(mapping: dict[Any, Any], key: Any) -> Any:
    """A value of a mapping by a variable key."""
    return mapping.get(key)
