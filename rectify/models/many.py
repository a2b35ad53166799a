"""Queries about many ids: built once, asked for one batch of ids after the other.

The ids are one parameter: a thousand of them make Django more work than the database, and the text of the
query stays the same however many they are.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any

from django.db.models import BigIntegerField, QuerySet, Value
from django.db.models.expressions import Func

from rectify.models.compiled import CompiledQuery

PLACE = "the ids"  # stands among the parameters where the ids belong


class _Many(Func):
    template = "(SELECT value FROM json_each(%(expressions)s))"
    output_field = BigIntegerField()

    def as_postgresql(self, compiler: Any, connection: Any, **_: Any) -> Any:
        template = "(SELECT value::bigint FROM json_array_elements_text(%(expressions)s::json))"
        return self.as_sql(compiler, connection, template=template)


MANY = _Many(Value(PLACE))  # for `problem__in=MANY` in the query of a `ManyQuery`


class ManyQuery:
    """A query in which `MANY` stands for the ids."""

    def __init__(self, queryset: QuerySet) -> None:
        self._query = CompiledQuery(queryset, ())

    def rows(self, ids: Iterable[int]) -> list[Any]:
        """What the database answers now about these ids."""
        text = json.dumps(list(ids))
        params = [text if value == PLACE else value for value in self._query.params]
        return list(self._query.answer(params))
