"""The pages where people wait, beside a bare page of the same process, session and size; a hundred rows
beside twenty-five."""

from __future__ import annotations

from pathlib import Path

from .databases import environment, make_database, measured
from .table import Row, show

ROUNDS = 25


def test_pages_cost_a_few_bare_ones(databases: Path) -> None:
    environ = environment(databases, "pages")
    if "DATABASE_URL" in environ:
        make_database(environ["DATABASE_URL"])
    show([Row(*cells) for cells in measured(environ, "pages", ROUNDS)])
