"""Acts on many items done by hand, one after the other, and what acts leave: to compare with."""

from __future__ import annotations

import json
import re
from typing import Any

from rectify.models import AuditEntry, Measure, MeasureState, Problem, ProblemState, ProgressNote
from rectify.operations import measures, problems, progress

OF_ITS_OWN = ("import", "facts", "batch")
LABEL = re.compile(r"^(导入) \d+$")  # the number of an import is that of its row


class OneByOne:
    """The acts as they are done by hand, one after the other."""

    def __init__(self, items: list[Problem], *, by: Any, reason: str, tie: Any, tells: bool = False) -> None:
        self.by, self.reason = by, reason
        self.items = {problem.pk: problem for problem in items}
        self.acts: list[Any] = []

    def edit(self, problem: Problem, fields: dict[str, Any]) -> None:
        self.acts.append(lambda: self._update(problems.edit, problem, fields))

    def assign(self, problem: Problem, fields: dict[str, Any]) -> None:
        self.acts.append(lambda: self._update(problems.assign, problem, fields))

    def set_status(self, problem: Problem, status: str) -> None:
        self.acts.append(lambda: self._update(problems.set_status, problem, {"status": status}))

    def _update(self, act: Any, problem: Problem, fields: dict[str, Any]) -> None:
        item = self.items[problem.pk]
        self.items[problem.pk] = act(item, by=self.by, seen=item.version, reason=self.reason, **fields)

    def add_measures(self, problem: Problem, wanted: list[tuple[str, str]]) -> None:
        for text, kind in wanted:
            said = {"by": self.by, "text": text, "kind": kind}
            self.acts.append(lambda said=said: measures.add(self.items[problem.pk], **said))

    def add_note(self, problem: Problem, text: str, percent: int | None) -> None:
        said = {"by": self.by, "text": text, "percent": percent}
        self.acts.append(lambda: progress.add(self.items[problem.pk], **said))

    def ready(self) -> OneByOne:
        return self

    def store(self) -> None:
        for act in self.acts:
            act()


def payload_of(entry: AuditEntry) -> dict[str, Any]:
    """What an entry says, without the ids that PostgreSQL counts on after a rollback."""
    payload = {name: said for name, said in entry.details.items() if name not in OF_ITS_OWN}
    payload.get("note", {}).pop("id", None)
    return payload


def recorded(after: int) -> list[Any]:
    """What acts left in the record, the rows and the histories, without what is drawn by lot."""
    entries = [
        (
            entry.number, entry.act, entry.target_kind, LABEL.sub("", entry.target_label),
            entry.reason, entry.problem_id,
            payload_of(entry),
            [kind for kind, *_ in json.loads(entry.rows)],
        )
        for entry in AuditEntry.objects.filter(pk__gt=after).order_by("report_id", "number")
    ]  # fmt: skip
    return [entries, *(bare(model) for model in (Problem, ProblemState, Measure, MeasureState, ProgressNote))]


def bare(model: Any) -> list[tuple[Any, ...]]:
    """Every column and set of the rows, their own ids left out; what they mean is found by their text."""
    columns = [field.attname for field in model._meta.concrete_fields]
    names = [name for name in columns if name not in ("id", "measure_id")]
    sets = [field.name for field in model._meta.many_to_many]
    rows = model._default_manager.order_by(*names)
    return [
        (
            *(getattr(row, name) for name in names),
            *([other.pk for other in getattr(row, name).all()] for name in sets),
        )
        for row in rows
    ]
