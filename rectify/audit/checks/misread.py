"""Values that SQLite compares as one thing and Python reads as another: it stores any text in any column.

A flag of 2 is true in a query and false on a page, a date of nonsense is later than every date and reads as
none. The digest of the row holds what Python reads, so these are looked for by themselves. PostgreSQL stores
no such value.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.db import connections, models

from rectify.audit.mismatch import Mismatch
from rectify.audit.rows import Shape, kind_name, shapes

MOST = 20
WHAT = "{names}的值写法不对，查询和显示时意思不同，可能被绕过系统改动"
FLAG = "{0} NOT IN (0, 1)"
DATE = "{0} IS NOT NULL AND {0} IS NOT date({0})"
# strftime rounds parts of a second: they are looked at by themselves.
MOMENT = (
    "{0} IS NOT NULL AND (substr({0}, 1, 19) IS NOT strftime('%Y-%m-%d %H:%M:%S', substr({0}, 1, 19))"
    " OR NOT (length({0}) = 19 OR substr({0}, 20) GLOB '.[0-9][0-9][0-9][0-9][0-9][0-9]'))"
)


def mismatches(using: str) -> Iterator[Mismatch]:
    """Every row of every business table with such a value, and of which columns."""
    if connections[using].vendor == "sqlite":
        for shape in shapes():
            yield from _of_model(shape, using)


def _of_model(shape: Shape, using: str) -> Iterator[Mismatch]:
    wrong = {column: condition for column in shape.columns if (condition := _condition(column))}
    if not wrong:
        return
    asked, any_of = ", ".join(f"({words})" for words in wrong.values()), " OR ".join(wrong.values())
    with connections[using].cursor() as cursor:
        cursor.execute(
            f'SELECT id, {asked} FROM "{shape.model._meta.db_table}" WHERE {any_of} ORDER BY id LIMIT {MOST}'
        )
        found = cursor.fetchall()
    for pk, *told in found:
        names = "、".join(
            str(column.verbose_name) for column, is_wrong in zip(wrong, told, strict=True) if is_wrong
        )
        yield Mismatch(f"{kind_name(shape.kind)}（编号 {pk}）", WHAT.format(names=names))


def _condition(column: Any) -> str:
    """What a wrong value of this column fulfils; empty where there is none."""
    quoted = f'"{column.column}"'
    if isinstance(column, models.BooleanField):
        return FLAG.format(quoted)
    if isinstance(column, models.DateTimeField):
        return MOMENT.format(quoted)
    return DATE.format(quoted) if isinstance(column, models.DateField) else ""
