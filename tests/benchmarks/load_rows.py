"""Lives written by bulk: the rows and entries that the operations would write, in the same order.

`tests/operations/test_made_in_bulk.py` compares the two. An item is closed by the last step of its review
alone: without the application, whose files nobody would want a million of.
"""

from __future__ import annotations

import datetime as dt
import secrets
from collections.abc import Callable, Iterable, Sequence
from functools import lru_cache
from itertools import count
from operator import itemgetter
from typing import Any

from django.core.management.color import no_style
from django.db import connection, models

from rectify import wording
from rectify.audit.field_values import as_plain
from rectify.audit.rows import shape_of
from rectify.choices import Action, Status
from rectify.digests import canonical, digest_of
from rectify.models import (
    AuditEntry,
    ChainHead,
    FollowUp,
    Measure,
    MeasureState,
    Problem,
    ProblemState,
    ProgressNote,
    Report,
    Unit,
    User,
)

from .load_lives import Life, Step
from .load_texts import (
    ENTRY,
    MEASURE,
    NO_SETS,
    PROBLEM,
    Named,
    Sets,
    columns_of,
    entry_digest,
    named_text,
    row_text,
    stored,
)

FEW = 20_000  # rows that wait to be written


class Pile:
    """Rows of one table that wait to be inserted together."""

    def __init__(self, model: Any) -> None:
        self.model, self.kind = model, str(model._meta.model_name)
        shape = shape_of(model)
        self.columns = columns_of(shape) if shape else []
        self.fields = [field for field in model._meta.concrete_fields if not field.generated]
        self.names = [field.attname for field in self.fields]
        self.defaults = {field.attname: field.get_default() for field in self.fields}
        self.ids = count(1)
        self.rows: list[list[Any]] = []
        self._plain = [_plain_of(field) if connection.vendor == "sqlite" else None for field in self.fields]
        self._in_order = itemgetter(*self.names)

    def go_on(self) -> None:
        """Ids follow those that are there."""
        self.ids = count((self.model._base_manager.aggregate(last=models.Max("pk"))["last"] or 0) + 1)

    def new(self, **values: Any) -> dict[str, Any]:
        """A row with an id of its own, not yet among those that wait."""
        return self.defaults | values | {"id": next(self.ids)}

    def put(self, row: dict[str, Any]) -> None:
        self.rows.append(list(self._in_order(row)))

    def named(self, row: dict[str, Any], sets: Sets = NO_SETS) -> Named:
        return self.kind, row["id"], row_text(self.columns, row, sets)

    def store(self) -> None:
        """Columns that say nothing in any row are left out: each value of SQLite costs a look at its kind."""
        if not self.rows:
            return
        told = [
            (field, [plain(value) if value is not None else None for value in column] if plain else column)
            for field, plain, column in zip(
                self.fields, self._plain, zip(*self.rows, strict=True), strict=True
            )
            if any(value is not None for value in column)
        ]
        quote = connection.ops.quote_name
        names = ", ".join(quote(field.column) for field, _ in told)
        marks = ", ".join(["%s"] * len(told))
        with connection.cursor() as cursor:
            cursor.executemany(
                f"INSERT INTO {quote(self.model._meta.db_table)} ({names}) VALUES ({marks})",
                list(zip(*(column for _, column in told), strict=True)),
            )
        self.rows.clear()


def _plain_of(field: models.Field) -> Callable[[Any], Any] | None:
    """How SQLite keeps the values of a column, unless as they are."""
    if isinstance(field, models.DateField):
        return _as_text
    if isinstance(field, models.BooleanField):
        return int
    return str if field.choices else None


@lru_cache(maxsize=4096)
def _as_text(value: dt.date) -> str:
    """Moments in UTC, bare of the zone."""
    if isinstance(value, dt.datetime):
        return value.isoformat(" ")[:19]  # no act of a load has parts of a second
    return value.isoformat()


class Bulk:
    """All tables that a load fills; `store` writes what waits."""

    def __init__(self) -> None:
        self.problems, self.states = Pile(Problem), Pile(ProblemState)
        self.helping, self.helped = (
            Pile(model.supporting_units.through) for model in (Problem, ProblemState)
        )
        self.measures, self.measure_states = Pile(Measure), Pile(MeasureState)
        self.notes, self.follow_ups, self.entries = Pile(ProgressNote), Pile(FollowUp), Pile(AuditEntry)
        self.labels: dict[int, str] = {}
        self.names: dict[Any, str] = {}

    @property
    def piles(self) -> list[Pile]:
        return [pile for pile in vars(self).values() if isinstance(pile, Pile)]

    def store(self, least: int = 0) -> None:
        if len(self.entries.rows) >= least:
            for pile in self.piles:
                pile.store()

    def name_of(self, row: models.Model) -> str:
        key = (type(row), row.pk)
        if key not in self.names:
            self.names[key] = str(row)
        return self.names[key]

    def label_of(self, user: User) -> str:
        if user.pk not in self.labels:
            self.labels[user.pk] = user.label[:160]
        return self.labels[user.pk]


class Chain:
    """The chain of one ledger, from where it stands."""

    def __init__(self, bulk: Bulk, report: Report) -> None:
        self.bulk, self.report = bulk, report
        self.head = ChainHead.objects.get(report=report)

    def append_entry(
        self, by: User, act: str, at: dt.datetime, target: Named, label: str, problem: int,
        payload: dict[str, Any], rows: Iterable[Named],
    ) -> None:  # fmt: skip
        salt, said = secrets.token_hex(16), canonical(payload)
        pk, self.head.number = next(self.bulk.entries.ids), self.head.number + 1
        entry = (
            self.report.pk, self.head.number, at, by.pk, self.bulk.label_of(by), act, target[0], target[1],
            label, problem, "", digest_of(salt), said, digest_of(salt + said), named_text(salt, rows), salt,
            self.head.digest,
        )  # fmt: skip
        self.head.digest = entry_digest(*entry)
        self.bulk.entries.put(dict(zip(ENTRY, (pk, *entry, self.head.digest, None), strict=True)))

    def store(self) -> None:
        self.head.save()


def write(bulk: Bulk, report: Report, by: User, lives: Iterable[Life]) -> None:
    """The lives of the items of an empty ledger; `by` is its office."""
    for pile in bulk.piles:
        pile.go_on()
    chain = Chain(bulk, report)
    for number, life in enumerate(lives, 1):
        Item(bulk, chain, by, life, number).write()
        bulk.store(least=FEW)
    bulk.store()
    chain.store()
    with connection.cursor() as cursor:  # PostgreSQL counts ids by itself: it goes on behind those given here
        for words in connection.ops.sequence_reset_sql(no_style(), [pile.model for pile in bulk.piles]):
            cursor.execute(words)


class Item:
    """One item while its life is written down."""

    def __init__(self, bulk: Bulk, chain: Chain, by: User, life: Life, number: int) -> None:
        self.bulk, self.chain, self.by, self.life = bulk, chain, by, life
        fields = dict(life.fields)
        self.units: list[Unit] = fields.pop("supporting_units")
        self.clerk: User = fields["clerk"]
        self.code = f"{chain.report.prefix}-{number:02d}"
        related = {name: fields.pop(name) for name in ("aspect", "leader", "lead_unit", "clerk")}
        self.row = bulk.problems.new(
            report_id=chain.report.pk, number=number, code=self.code, created_at=life.at,
            original_deadline=fields["deadline"], **fields,
            **{f"{name}_id": row.pk for name, row in related.items()},
        )  # fmt: skip
        self.names = {name: bulk.name_of(row) for name, row in related.items()}
        self.names["unit"] = self.names["lead_unit"]
        self.sets = {"supporting_units": sorted(unit.pk for unit in self.units)} if self.units else NO_SETS
        self.state: dict[str, Any] = {}

    def write(self) -> None:
        self._enter()
        for number, step in enumerate(self.life.measures, 1):
            self._measure(number, step)
        for step in self.life.notes:
            self._note(step)
        for step in self.life.ends:
            self._reach(step)
        self.bulk.problems.put(self.row)
        self.bulk.states.put(self.state)
        for unit in self.units:
            self.bulk.helping.put(self.bulk.helping.new(problem_id=self.row["id"], unit_id=unit.pk))

    def _enter(self) -> None:
        rows = [self._problem()]
        if self.life.follow_up:
            pile = self.bulk.follow_ups
            planned = pile.new(problem_id=self.row["id"], round=1, planned_on=self.life.follow_up)
            pile.put(planned)
            self.row["follow_up_on"] = self.life.follow_up
            rows.append(pile.named(planned))
        rows += self._open_state(self.life.at)
        state = stored(PROBLEM, self.row, self.names)
        state["values"] |= {"supporting_leaders": [], "supporting_units": [unit.pk for unit in self.units]}
        if self.units:
            state["texts"]["supporting_units"] = wording.listed([str(unit) for unit in self.units])
        self._say(self.by, Action.ADD_PROBLEM, self.life.at, self.code, {"state": state}, rows)

    def _measure(self, number: int, step: Step) -> None:
        made = self.bulk.measures.new(
            problem_id=self.row["id"], number=number, text=step.text, kind=step.kind, standard=step.standard,
            unit_id=self.row["lead_unit_id"], deadline=self.row["deadline"], created_at=step.at,
        )  # fmt: skip
        self.bulk.measures.put(made)
        began, rows = self._begin_work(step.at)
        pile = self.bulk.measure_states
        state = pile.new(measure_id=made["id"], valid_from=step.at, **MEASURE.tracked(made))
        pile.put(state)
        payload = began | {"state": stored(MEASURE, made, self.names)}
        named = [self.bulk.measures.named(made), *rows, pile.named(state)]
        label = f"{self.code} 整改措施{number}"
        self._say(self.clerk, Action.ADD_MEASURE, step.at, label, payload, named)

    def _note(self, step: Step) -> None:
        pile, digest = self.bulk.notes, digest_of(step.text)
        note = pile.new(
            problem_id=self.row["id"], at=step.at, author_id=self.clerk.pk, text=step.text,
            author_label=self.bulk.label_of(self.clerk), percent=step.percent,
        )  # fmt: skip
        pile.put(note)
        self.row["reported_at"] = step.at
        facts = {
            "id": note["id"], "text": step.text, "text_digest": digest, "percent": step.percent,
            "measure": None, "corrects": None, "old_text": None,
        }  # fmt: skip
        payload = {"note": facts, "evidence": []}
        self._say(self.clerk, Action.ADD_PROGRESS, step.at, f"{self.code} 进展", payload, [pile.named(note)])

    def _reach(self, step: Step) -> None:
        """基本完成 is set by hand, closing is what the last signature does."""
        changes: dict[str, Any] = {"status": step.status}
        if step.closed_on:
            changes["closed_on"] = step.closed_on
        act, by = (Action.SIGN_CLOSE_OUT, self.by) if step.closed_on else (Action.SET_STATUS, self.clerk)
        said = [self._change(name, value) for name, value in changes.items()]
        self.row["version"] += 1
        rows = [self._problem(), *self._open_state(step.at)]
        self._say(by, act, step.at, self.code, {"changes": said}, rows)

    def _begin_work(self, at: dt.datetime) -> tuple[dict[str, Any], list[Named]]:
        if self.row["status"] != Status.NOT_STARTED:
            return {}, []
        change = self._change("status", Status.IN_PROGRESS)
        return {"changes": [change]}, [self._problem(), *self._open_state(at, by_fact=True)]

    def _change(self, name: str, value: Any) -> dict[str, Any]:
        """The value is taken over, and what the entry says of it returned."""
        before, self.row[name] = self.row[name], value
        return {
            "field": name, "label": PROBLEM.labels[name], "old": before, "new": as_plain(value),
            "old_text": PROBLEM.shown(name, before), "new_text": PROBLEM.shown(name, value),
        }  # fmt: skip

    def _open_state(self, at: dt.datetime, **how: bool) -> list[Named]:
        """The states that an act names: the one it closes and the one it opens."""
        pile, named = self.bulk.states, []
        if self.state:
            self.state["valid_to"] = at
            pile.put(self.state)
            named.append(pile.named(self.state, self.sets))
        self.state = pile.new(problem_id=self.row["id"], valid_from=at, **PROBLEM.tracked(self.row), **how)
        for unit in self.units:
            self.bulk.helped.put(self.bulk.helped.new(problemstate_id=self.state["id"], unit_id=unit.pk))
        return [*named, pile.named(self.state, self.sets)]

    def _problem(self) -> Named:
        return self.bulk.problems.named(self.row, self.sets)

    def _say(
        self, by: User, act: str, at: dt.datetime, label: str, payload: Any, rows: Sequence[Named]
    ) -> None:
        self.chain.append_entry(by, act, at, rows[0], label, self.row["id"], payload, rows)
