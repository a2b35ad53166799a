"""The values of a row as the record keeps them: as JSON, and in the words a person reads."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Any

from django.db import models

from rectify import wording
from rectify.models import Measure, Problem


def stored(row: Problem | Measure) -> dict[str, Any]:
    """Every tracked value as JSON, with the names of what ids stand for."""
    names = (*row.TRACKED, *row.TRACKED_SETS)
    values = {name: plain(row, name) for name in names}
    texts = {
        name: shown(row, name, value_of(row, name)) for name in names if values[name] not in ("", None, [])
    }
    return {"values": values, "texts": texts}


def describe(row: models.Model, name: str, value: Any) -> dict[str, Any]:
    """One change: field, label, old and new, as values and as words."""
    return {
        "field": name,
        "label": label(row, name),
        "old": plain(row, name),
        "new": as_plain(value),
        "old_text": shown(row, name, value_of(row, name)),
        "new_text": shown(row, name, value),
    }


def value_of(row: models.Model, name: str) -> Any:
    value = getattr(row, name)
    return list(value.all()) if hasattr(value, "all") else value


def plain(row: models.Model, name: str) -> Any:
    """The stored value as JSON."""
    return as_plain(value_of(row, name))


def as_plain(value: Any) -> Any:
    if isinstance(value, models.Model):
        return value.pk
    if isinstance(value, dt.datetime):
        return value.isoformat(timespec="microseconds")
    if isinstance(value, dt.date):
        return value.isoformat()
    if isinstance(value, Sequence) and not isinstance(value, str):
        return sorted(as_plain(item) for item in value)
    return value


def label(row: models.Model, name: str) -> str:
    return str(getattr(row._meta.get_field(name), "verbose_name", name))


def shown(row: models.Model, name: str, value: Any) -> str:
    """A value in words."""
    if value in (None, "", []):
        return "（空）"
    if isinstance(value, bool):
        return "是" if value else "否"
    if isinstance(value, dt.date):
        return wording.date(value)
    if isinstance(value, list | tuple):
        return wording.listed(sorted(str(item) for item in value))
    choices = dict(getattr(row._meta.get_field(name), "flatchoices", []) or [])
    return str(choices.get(value, value))


def kind_of(row: models.Model) -> str:
    """The name of a thing's kind in the record."""
    return str(row._meta.model_name)


def label_of(row: models.Model) -> str:
    """How the record names a thing: by code, never by its text."""
    if isinstance(row, Problem):
        return row.code
    problem = getattr(row, "problem", None)
    number = getattr(row, "number", row.pk)
    return (
        f"{problem.code} {row._meta.verbose_name}{number}" if problem else f"{row._meta.verbose_name}{row.pk}"
    )
