"""What SQLite stores and Python reads otherwise, or cannot read, is seen and never ends in a traceback."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from django.db import connection, models

from rectify.audit.checks import misread as misread_values
from rectify.audit.rows import BUSINESS, Shape
from rectify.models import AuditEntry
from tests.audit.bending import breaks, shape_named, table, undone
from tests.audit.one_of_each import everything

pytestmark = [
    pytest.mark.django_db,
    pytest.mark.skipif(connection.vendor != "sqlite", reason="PostgreSQL stores no such value"),
]
WORLD = everything


def misread(column: Any) -> list[Any]:
    """True in a query and false on a page; later than every day and no day at all."""
    if isinstance(column, models.BooleanField):
        return [2]
    if isinstance(column, models.DateTimeField):
        return ["2025-99-99 00:00:00", "坏值", "2025-03-01T08:00:00"]
    return ["2025-99-99", "坏值", 20250301] if isinstance(column, models.DateField) else []


def test_a_value_that_reads_otherwise_is_named_in_every_column(made):
    for kind in sorted(BUSINESS):
        shape = shape_named(kind)
        for column in shape.columns:
            for value in misread(column):
                with misreading(shape, column, value) as pk:
                    (said,) = misread_values.mismatches("default")
                    assert f"（编号 {pk}）：{column.verbose_name}的值写法不对" in str(said)


@pytest.mark.parametrize("kind", ["user", "report", "problem", "progressnote", "ledgerexport"])
def test_a_value_that_cannot_be_read_ends_in_words(made, kind):
    shape = shape_named(kind)
    column = next(column for column in shape.columns if isinstance(column, models.DateTimeField))
    with misreading(shape, column, "2025-99-99 00:00:00") as pk:
        found = breaks()
        assert any(f"（编号 {pk}）：{column.verbose_name}的值写法不对" in said for said in found)
        assert any(f"（编号 {pk}）：与第" in said for said in found), "its row too"


@contextmanager
def misreading(shape: Shape, column: Any, value: Any) -> Iterator[int]:
    with undone(shape) as pk, connection.cursor() as cursor:
        cursor.execute(f'UPDATE {table(shape)} SET "{column.column}" = %s WHERE id = %s', [value, pk])
        yield pk


def test_a_record_that_cannot_be_read_is_named(made):
    entry = AuditEntry.objects.filter(report=made.report).latest("number")
    with undone(shape_named("user"), AuditEntry._meta.db_table), connection.cursor() as cursor:
        cursor.execute("UPDATE rectify_auditentry SET at = '2025-99-99 00:00:00' WHERE id = %s", [entry.pk])
        assert any("读不出来，已被改动" in said for said in breaks())
