"""What a row says, as the record digests it: every business column by name and value, and its sets.

Every model of the app is either in BUSINESS, with the way to its ledger, or in LEFT_OUT with the reason;
so is every column. Nothing else decides what `verify_audit` looks at.
"""

from __future__ import annotations

import datetime as dt
import json
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import islice
from typing import Any

from django.apps import apps
from django.db import models
from django.db.models import QuerySet

from rectify.digests import canonical, digest_of
from rectify.models.each import AS_THEY_ARE

CHUNK = 500
UNREADABLE = "?"  # no text of a row: those are objects
UNCHANGED = {str, int, bool}
EMPTY = (str, list, dict)  # of which an empty one says nothing; nor do None and False

# The attributes that lead from a row to its ledger; "" is the ledger itself, None the system's chain.
BUSINESS: dict[str, str | None] = {
    "user": None,
    "unit": None,
    "membership": None,
    "leader": None,
    "holiday": None,
    "standin": None,
    "allowedhost": None,
    "bulkact": None,
    "dutyrequest": None,
    "relaxation": None,
    "secondfactor": None,
    "recoverycode": None,
    "formerpassword": None,
    "calendarfeed": None,
    "report": "",
    "ledgersettings": "report",
    "narrative": "report",
    "ledgerform": "report",
    "deliverysettings": "report",
    "aspect": "report",
    "problem": "report",
    "problemstate": "problem.report",
    "manifestation": "problem.report",
    "rootcause": "report",
    "improvementdirection": "report",
    "problemcause": "problem.report",
    "problemdirection": "problem.report",
    "measure": "problem.report",
    "measurestate": "measure.problem.report",
    "progressnote": "problem.report",
    "evidence": "problem.report",
    "closeout": "problem.report",
    "closeoutstep": "application.problem.report",
    "extension": "problem.report",
    "extensionstep": "application.problem.report",
    "followup": "problem.report",
    "supervision": "report",
    "addressee": "supervision.report",
    "receipt": "addressee.supervision.report",
    "reply": "addressee.supervision.report",
    "instruction": "problem.report",
    "handling": "instruction.problem.report",
    "purge": "report",
    "ledgerexport": "report",
    "workingcopy": "export.report",
    "importbatch": "report",
    "issuedledger": "export.report",
    "sourcetext": "report",
    "sourcepassage": "source.report",
}

LEFT_OUT: dict[str, str] = {
    "auditentry": "the record itself: checked entry by entry",
    "chainhead": "the record itself: compared with the last entry",
    "draft": "unsent input of one person; goes after a month",
    "intakedraft": "a report still being looked over; what is loaded is recorded",
    "keptupload": "an upload still waiting to be confirmed",
    "signinattempt": "signing in never takes the lock of the system's chain; goes after half a year",
    "savedview": "an address of the list, which grants nothing; what an office shares has its entry",
    "exportchoice": "what a person ticked last time",
    "sheetmemory": "which column of an old sheet meant what the last time",
    "notice": "written after its entry, which holds the digest of the act's messages",
    "noticeattempt": "delivery state of notices",
    "reminder": "delivery state of the daily letters",
    "rollup": "derived: verify_summaries compares it with a full count",
    "searchtext": "derived: rebuild_search makes it anew from the rows",
}

LEFT_OUT_COLUMNS: dict[str, dict[str, str]] = {
    "user": {"last_login": "signing in changes nothing of the business"},
    "secondfactor": {"last_step": "signing in changes nothing of the business"},
    "unit": {"numchild": "derived by the tree from the paths"},
    "problem": {
        "version": "guards open forms against each other; derived from the number of changes",
        "reported_at": "derived: the time of the newest note",
        "follow_up_on": "derived: the day of the next follow-up that is planned",
    },
    "measure": {"version": "guards open forms against each other; derived from the number of changes"},
    "deliverysettings": {"version": "guards open forms against each other"},
    "narrative": {"version": "guards open forms against each other"},
}


@dataclass(frozen=True)
class Shape:
    """The columns and sets of one model that a digest covers."""

    kind: str
    model: Any
    columns: tuple[Any, ...]
    sets: tuple[Any, ...]

    @cached_property
    def names(self) -> tuple[str, ...]:
        return tuple(column.name for column in self.columns)

    @property
    def path(self) -> str | None:
        return BUSINESS[self.kind]


def shape_of(model: Any) -> Shape | None:
    """How the rows of a model are digested; None where they are no business."""
    if model not in _SHAPES:
        _SHAPES[model] = _shape(model)
    return _SHAPES[model]


_SHAPES: dict[Any, Shape | None] = {}


def _shape(model: Any) -> Shape | None:
    meta = model._meta
    kind = str(meta.model_name)
    if meta.app_label != "rectify" or kind not in BUSINESS or apps.get_model("rectify", kind) is not model:
        return None
    left_out = LEFT_OUT_COLUMNS.get(kind, {})
    columns = [column for column in meta.concrete_fields if not column.primary_key and not column.generated]
    kept = tuple(column for column in columns if column.name not in left_out)
    return Shape(kind, model, kept, tuple(meta.many_to_many))


def shapes() -> list[Shape]:
    """Every business model."""
    found = [shape_of(apps.get_model("rectify", kind)) for kind in BUSINESS]
    return [shape for shape in found if shape]


def kind_name(kind: str) -> str:
    """What people call the rows of a model."""
    names = {shape.kind: str(shape.model._meta.verbose_name) for shape in shapes()}
    return names.get(kind, kind)


def text_in_hand(shape: Shape, row: models.Model, sets: dict[str, set[int]]) -> str:
    """The canonical text of a row just written, from the values it was written with."""
    values = [_as_stored(column, getattr(row, column.attname)) for column in shape.columns]
    return _text(shape, values, sets)


def stored_texts(shape: Shape, rows: QuerySet) -> Iterator[tuple[int, str]]:
    """(id, canonical text) of rows as the database holds them, in the order of their ids, in one query."""
    names = [column.attname for column in shape.columns]
    found = rows.order_by("pk").values_list("pk", *names).iterator(chunk_size=CHUNK)
    while chunk := list(islice(found, CHUNK)):
        sets = _sets_of(shape, [pk for pk, *_ in chunk], rows.db)
        for pk, *values in chunk:
            yield pk, _text(shape, values, sets[pk])


def readable_texts(shape: Shape, rows: QuerySet) -> Iterator[tuple[int, str]]:
    """The same, and UNREADABLE for a row with a value of which Python can make nothing."""
    last = 0
    try:
        for pk, text in stored_texts(shape, rows):
            yield pk, text
            last = pk
    except ValueError:
        for pk in list(rows.filter(pk__gt=last).order_by("pk").values_list("pk", flat=True)):
            yield from _one_text(shape, rows.filter(pk=pk), pk)


def _one_text(shape: Shape, rows: QuerySet, pk: int) -> list[tuple[int, str]]:
    try:
        return list(stored_texts(shape, rows))
    except ValueError:
        return [(pk, UNREADABLE)]


def row_digest(salt: str, kind: str, pk: int, text: str) -> str:
    """The digest of one row under the salt of the entry that names it."""
    return digest_of(f"{salt} {kind} {pk} {text}")


def ledger_of(shape: Shape, row: Any) -> int | None:
    """The id of the ledger whose chain names the row; None for the system's."""
    if shape.path is None:
        return None
    if not shape.path:
        return int(row.pk)
    *way, last = shape.path.split(".")
    for name in way:
        row = getattr(row, name)
    return int(getattr(row, f"{last}_id"))


def _sets_of(shape: Shape, ids: list[int], using: str) -> dict[int, dict[str, set[int]]]:
    found: dict[int, dict[str, set[int]]] = defaultdict(lambda: defaultdict(set))
    for field in shape.sets:
        owner, other = field.m2m_column_name(), field.m2m_reverse_name()
        through = field.remote_field.through._base_manager.using(using)
        for pk, target in through.filter(**{f"{owner}__in": ids}).values_list(owner, other):
            found[pk][field.name].add(target)
    return found


def _text(shape: Shape, values: Sequence[Any], sets: dict[str, set[int]]) -> str:
    """Empty values are left out, so that a column added later changes no old digest."""
    said = {
        name: value if type(value) in UNCHANGED else _plain(value)
        for name, value in zip(shape.names, values, strict=True)
        if value or not (value is None or value is False or isinstance(value, EMPTY))
    }
    said |= {name: sorted(ids) for name, ids in sets.items() if ids}
    return canonical(said)


def _plain(value: Any) -> Any:
    """Times as UTC microseconds, dates by ISO; the two databases give back the same Python values."""
    if isinstance(value, dt.date):
        if isinstance(value, dt.datetime):
            return value.astimezone(dt.UTC).isoformat(timespec="microseconds")
        return value.isoformat()
    return value


def _as_stored(column: Any, value: Any) -> Any:
    """The value a reading of the column will give back."""
    if value is None or column.is_relation or type(value) in AS_THEY_ARE.get(type(column), ()):
        return value
    if isinstance(column, models.JSONField):
        return json.loads(json.dumps(value))
    value = column.to_python(value)
    return str(value) if isinstance(value, str) and type(value) is not str else value
