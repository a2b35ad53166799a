"""Many ids as one parameter of a query: of a thousand parameters Django makes more work than the database."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any

from django.db.models import BigIntegerField, Value
from django.db.models.expressions import Func


class Many(Func):
    """The ids as rows, for `problem__in=Many(ids)`: the same text of a query however many they are."""

    template = "(SELECT value FROM json_each(%(expressions)s))"
    output_field = BigIntegerField()

    def __init__(self, ids: Iterable[int]) -> None:
        super().__init__(Value(json.dumps(list(ids))))

    def as_postgresql(self, compiler: Any, connection: Any, **_: Any) -> Any:
        template = "(SELECT value::bigint FROM json_array_elements_text(%(expressions)s::json))"
        return self.as_sql(compiler, connection, template=template)
