"""What can differ between two days is found by the problems of the ledger, never among all of the house."""

from __future__ import annotations

import datetime as dt

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from rectify import clock
from rectify.ledger.archive.touched import Span
from rectify.operations import progress
from tests.builders import Cast
from tests.builders import cast as build

pytestmark = pytest.mark.django_db
WORLD = build


def span(made: Cast) -> Span:
    today = clock.today()
    return Span(today - dt.timedelta(days=30), today, (made.problem.pk,), "default")


@pytest.mark.skipif(connection.vendor != "sqlite", reason="PostgreSQL plans by what is in the tables")
def test_a_note_is_found_by_its_problem(cast: Cast) -> None:
    with CaptureQueriesContext(connection) as asked:
        span(cast).differing()
    notes = [one["sql"] for one in asked if 'FROM "rectify_progressnote"' in one["sql"]]
    with connection.cursor() as cursor:
        cursor.execute("EXPLAIN QUERY PLAN " + notes[0])
        told = "\n".join(str(row[-1]) for row in cursor.fetchall())
    assert "note_problem_at (problem_id=?" in told, told


def test_a_note_differs_for_sure_and_a_corrected_one_may(cast: Cast) -> None:
    assert span(cast).differing() == set()
    note = progress.add(cast.problem, by=cast["clerk"], text="已排查", percent=10)
    assert span(cast).differing() == {cast.problem.pk}
    with clock.pretend(clock.now() + dt.timedelta(days=40)):
        progress.correct(note, by=cast["clerk"], text="已排查完", reason="笔误")
        assert cast.problem.pk in span(cast).possible()
        assert span(cast).differing() == set()
