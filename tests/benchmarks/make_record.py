"""A long record, the same every time: one ledger whose chain has so many entries, and the rows they name.

    python -m tests.benchmarks.make_record ENTRIES

fills the empty database of the environment: of fifty entries one adds a problem, one a measure, the others
a progress note, every fourth of them with a file (whose bytes are not made). Everything in one chain is
the worst that verification can meet; entries and rows are those that the operations would have made.
"""

from __future__ import annotations

import datetime as dt
import os
import sys
from collections.abc import Iterator
from itertools import islice
from typing import Any

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "rectify.settings")

import django

django.setup()

from django.core.management import call_command
from django.db import connection, transaction

from rectify.audit.rows import row_digest, shape_of, text_in_hand
from rectify.choices import Action, Kind, MeasureKind, Source
from rectify.digests import canonical, digest_of
from rectify.models import (
    AuditEntry,
    ChainHead,
    Evidence,
    Measure,
    MeasureState,
    Problem,
    ProblemState,
    ProgressNote,
    Report,
    User,
)
from rectify.operations import rollups
from tests import builders

BEGUN = dt.datetime(2025, 3, 1, 1, tzinfo=dt.UTC)
A_PROBLEM = 50
A_FILE = 4
BATCH = 10_000
TEXT = "本轮开展专题研讨、督促检查和制度修订，覆盖二十个单位，发现的具体问题逐项登记并明确整改责任。"


class Maker:
    """Rows and entries in the order of their ids."""

    def __init__(self, report: Report, by: User) -> None:
        self.report, self.by = report, by
        self.head = ChainHead.objects.get(report=report)
        self.ids = {
            model: model.objects.order_by("-pk").values_list("pk", flat=True).first() or 0
            for model in (Problem, ProblemState, Measure, MeasureState, ProgressNote, Evidence)
        }
        self.problem: Any = None
        self.salt = 0

    def new(self, model: Any, **values: Any) -> Any:
        self.ids[model] += 1
        return model(pk=self.ids[model], **values)

    def acts(self, count: int) -> Iterator[list[Any]]:
        """The rows of each act, its entry last."""
        for number in range(count):
            at = BEGUN + dt.timedelta(seconds=20 * number)
            place = number % A_PROBLEM
            rows = (self.add_problem, self.add_measure, self.add_note)[min(place, 2)](number, at)
            act = (Action.ADD_PROBLEM, Action.ADD_MEASURE, Action.ADD_PROGRESS)[min(place, 2)]
            yield [*rows, self.entry(act, at, rows)]

    def add_problem(self, _: int, at: dt.datetime) -> list[Any]:
        number = self.ids[Problem] + 1
        self.problem = self.new(
            Problem, report=self.report, number=number, code=f"2025-{number:02d}", source=Source.SELF_CHECK,
            title=TEXT[:20], text=TEXT, kind=Kind.BY_DATE, created_at=at,
            reported_at=at + dt.timedelta(seconds=20 * (A_PROBLEM - 1)),
        )  # fmt: skip
        values = {name: getattr(self.problem, name) for name in Problem.TRACKED}
        return [self.problem, self.new(ProblemState, problem=self.problem, valid_from=at, **values)]

    def add_measure(self, _: int, at: dt.datetime) -> list[Any]:
        measure = self.new(
            Measure, problem=self.problem, number=1, text=TEXT, kind=MeasureKind.NOW, created_at=at
        )
        values = {name: getattr(measure, name) for name in Measure.TRACKED}
        return [measure, self.new(MeasureState, measure=measure, valid_from=at, **values)]

    def add_note(self, number: int, at: dt.datetime) -> list[Any]:
        note = self.new(
            ProgressNote, problem=self.problem, at=at, author=self.by, author_label=self.by.label,
            text=f"第 {number} 次：{TEXT}", percent=number % 100,
        )  # fmt: skip
        if number % A_FILE:
            return [note]
        sha256 = digest_of(str(number))
        file = self.new(
            Evidence, problem=self.problem, note=note, name=f"材料{number}.pdf", stored=f"{sha256}.pdf",
            content_type="application/pdf", size=1000, sha256=sha256, at=at, by=self.by,
        )  # fmt: skip
        return [note, file]

    def entry(self, act: str, at: dt.datetime, rows: list[Any]) -> AuditEntry:
        target = rows[0]
        self.salt += 1
        payload = canonical({"note": {"id": target.pk, "text": TEXT, "old_text": None}, "evidence": []})
        entry = AuditEntry(
            report=self.report, number=self.head.number + 1, at=at, actor=self.by, actor_label=self.by.label,
            act=act, target_kind=target._meta.model_name, target_id=target.pk,
            target_label=self.problem.code, problem=self.problem, payload=payload, salt=f"{self.salt:032x}",
            previous=self.head.digest,
        )  # fmt: skip
        entry.rows = canonical([self.named(row, entry.salt) for row in rows])
        entry.reason_digest, entry.payload_digest = entry.text_digest(""), entry.text_digest(payload)
        entry.digest = entry.compute_digest()
        self.head.number, self.head.digest = entry.number, entry.digest
        return entry

    def named(self, row: Any, salt: str) -> list[Any]:
        shape = shape_of(type(row))
        return [shape.kind, row.pk, row_digest(salt, shape.kind, row.pk, text_in_hand(shape, row, {}))]


def make_record(entries: int) -> None:
    call_command("migrate", verbosity=0)
    cast = builders.cast()
    # Whole problems only: each carries the time of its last note.
    wanted = -(-entries // A_PROBLEM) * A_PROBLEM
    with transaction.atomic():
        maker = Maker(cast.report, cast["clerk"])
        acts = maker.acts(wanted)
        while batch := list(islice(acts, BATCH)):
            store(batch)
        maker.head.save()
    move_numbering()
    rollups.rebuild_all()
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute("VACUUM ANALYZE")


def store(batch: list[list[Any]]) -> None:
    rows: dict[Any, list[Any]] = {}
    for act in batch:
        for row in act:
            rows.setdefault(type(row), []).append(row)
    for model in (Problem, ProblemState, Measure, MeasureState, ProgressNote, Evidence, AuditEntry):
        if made := rows.get(model):
            model.objects.bulk_create(made, batch_size=30_000 // len(model._meta.concrete_fields))


def move_numbering() -> None:
    """Ids were given by hand: PostgreSQL goes on behind them."""
    if connection.vendor == "postgresql":
        from django.core.management.color import no_style

        models = [Problem, ProblemState, Measure, MeasureState, ProgressNote, Evidence, AuditEntry]
        with connection.cursor() as cursor:
            for statement in connection.ops.sequence_reset_sql(no_style(), models):
                cursor.execute(statement)


if __name__ == "__main__":
    make_record(int(sys.argv[1]))
