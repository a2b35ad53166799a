"""A choice that stands in the text of a query, not beside it."""

from __future__ import annotations

from typing import Any

from django.db.models import Value


class Literal(Value):
    """For what is the condition of an index: SQLite would compare a value beside the text with that of the
    index at every asking, and plan the query anew."""

    def __init__(self, value: Any) -> None:
        if not str(value).isidentifier():
            raise ValueError("only the choices of our own stand in a text")
        super().__init__(str(value))

    def as_sql(self, compiler: Any, connection: Any) -> Any:
        return f"'{self.value}'", ()
