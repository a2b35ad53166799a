"""A load made in bulk is, row by row and entry by entry, what the operations write."""

from __future__ import annotations

import json
import random
from typing import Any

import pytest
from django.core.management.color import no_style
from django.db import connection, transaction

from rectify import clock
from rectify.choices import Action, Status
from rectify.models import ChainHead, Problem, Report, SearchText
from rectify.notifications import telling
from rectify.operations import measures, problems, progress, recording, search_index
from tests.benchmarks.load_lives import NOW, County, Life, some_life
from tests.benchmarks.load_rows import Bulk, write
from tests.benchmarks.make_load import begin_ledger, make_people

pytestmark = pytest.mark.ci
ITEMS = 24
SALTED = {"salt", "digest", "previous", "payload_digest", "reason_digest"}


def play(report: Report, by: Any, lives: list[Life]) -> None:
    """The lives by the verbs; nobody is told, and closing is what the last signature does to the item."""
    with telling.gathered():
        for life in lives:
            with clock.pretend(life.at):
                problem = problems.add(report, by=by, follow_up=life.follow_up, **life.fields)
            for step in life.measures:
                with clock.pretend(step.at):
                    said = {"text": step.text, "kind": step.kind, "standard": step.standard}
                    measures.add(problem, by=problem.clerk, deadline=problem.deadline, **said)
            for step in life.notes:
                with clock.pretend(step.at):
                    progress.add(problem, by=problem.clerk, text=step.text, percent=step.percent)
            for step in life.ends:
                with clock.pretend(step.at):
                    end(Problem.objects.get(pk=problem.pk), by, step)


def end(problem: Problem, by: Any, step: Any) -> None:
    if step.closed_on is None:
        problems.set_status(problem, by=problem.clerk, seen=problem.version, status=step.status)
        return
    recording.update(
        problem, by=by, act=Action.SIGN_CLOSE_OUT, seen=problem.version, judged=True,
        changes={"status": step.status, "closed_on": step.closed_on},
    )  # fmt: skip


def written() -> dict[str, list[Any]]:
    """Every row that a load writes, bare of what a salt makes different each time."""
    found = {}
    for model in [*(pile.model for pile in Bulk().piles), ChainHead, SearchText]:
        names = [column.attname for column in model._meta.concrete_fields if column.attname not in SALTED]
        rows = model._base_manager.order_by("pk").values(*names)
        found[model.__name__] = [row | _named(row) for row in rows]
    return found


def _named(row: dict[str, Any]) -> dict[str, Any]:
    return {"rows": [name[:2] for name in json.loads(row["rows"])]} if "rows" in row else {}


def number_on() -> None:
    """Both ways count ids from the rows that are there."""
    with connection.cursor() as cursor:
        for words in connection.ops.sequence_reset_sql(no_style(), [pile.model for pile in Bulk().piles]):
            cursor.execute(words)


@pytest.mark.django_db
def test_bulk_writes_what_the_operations_write(run: Any) -> None:
    with clock.pretend(NOW):
        county: County = make_people(random.Random(1), 5, 1)[0]
        report = begin_ledger(county, 2025)
        aspects = list(report.aspects.all())
        chance = random.Random(2)
        lives = [some_life(chance, county, report, aspects, number) for number in range(1, ITEMS + 1)]
        number_on()
        with transaction.atomic():
            play(report, county.office, lives)
            played = written()
            transaction.set_rollback(True)
        number_on()
        write(Bulk(), report, county.office, lives)
        search_index.rebuild()
        made = written()
        for name, rows in played.items():
            assert made[name] == rows, name
        assert {row["status"] for row in played["Problem"]} == set(Status) - {
            Status.IN_REVIEW,
            Status.FINISHED_BEFORE,
        }
        assert "核对通过" in run("verify_audit")
        assert "一致" in run("verify_summaries", rebuild=True)
