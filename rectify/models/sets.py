"""The sets of many rows read together: what is in several of them is one object, not one for each."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from typing import Any

from django.db import models


def read_sets(rows: Sequence[models.Model], names: Sequence[str]) -> None:
    """Put the members of these sets where Django looks before it asks the database, in their own order."""
    for name in names:
        missing = [row for row in rows if name not in vars(row).get("_prefetched_objects_cache", {})]
        if missing:
            _read(missing, name)


def put_set(row: models.Model, name: str, members: Any) -> None:
    vars(row).setdefault("_prefetched_objects_cache", {})[name] = list(members)


def _read(rows: Sequence[models.Model], name: str) -> None:
    field: Any = rows[0]._meta.get_field(name)
    owner, other = field.m2m_column_name(), field.m2m_reverse_name()
    through = field.remote_field.through._base_manager
    of_rows = through.filter(**{f"{owner}__in": [row.pk for row in rows]}).order_by()
    members = defaultdict(set)
    for pk, member in of_rows.values_list(owner, other):
        members[member].add(pk)
    found = defaultdict(list)
    for member in field.related_model._default_manager.filter(pk__in=members):
        for pk in members[member.pk]:
            found[pk].append(member)
    for row in rows:
        put_set(row, name, found[row.pk])
