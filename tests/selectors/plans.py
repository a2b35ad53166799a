"""How the database goes about a query."""

from __future__ import annotations

from django.db import connection


def plan_of(sql: str, values: list, *off: str) -> str:
    """How the database goes about it; PostgreSQL as if the table were large, without the ways named."""
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            for way in ("seqscan", *off):
                cursor.execute(f"SET LOCAL enable_{way} = off")
        cursor.execute(f"EXPLAIN {'QUERY PLAN' if connection.vendor == 'sqlite' else ''} {sql}", values)
        return "\n".join(str(row[-1]) for row in cursor.fetchall())
