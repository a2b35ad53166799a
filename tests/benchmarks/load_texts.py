"""The texts that the record keeps of rows given as plain values: what `audit` makes of them, in a fifth of
the time."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable
from functools import lru_cache
from json.encoder import encode_basestring
from typing import Any

from django.db import models

from rectify import wording
from rectify.audit.field_values import as_plain
from rectify.audit.rows import Shape
from rectify.digests import digest_of
from rectify.models import Measure, Problem

Named = tuple[str, int, str]  # kind, id and canonical text of a row
Column = tuple[str, str, Callable[[Any], str]]  # beginning of its pair, attribute, how a value is written
Sets = dict[str, list[int]]
NO_SETS: Sets = {}
PLAIN = (str, int, bool, type(None))
ENTRY = (
    *("id", "report_id", "number", "at", "actor_id", "actor_label", "act", "target_kind", "target_id"),
    *("target_label", "problem_id", "reason", "reason_digest", "payload", "payload_digest", "rows", "salt"),
    *("previous", "digest", "idempotency_key"),
)


@lru_cache(maxsize=4096)
def moment(at: dt.datetime) -> str:
    """As texts and digests say it; the entries and rows of one act share it."""
    return at.isoformat(timespec="microseconds")


def columns_of(shape: Shape) -> list[Column]:
    """Every column and set that a text may name, in the order of the names."""
    columns = [(column.name, column.attname, _writer(column)) for column in shape.columns]
    sets = [(field.name, field.name, _of_set) for field in shape.sets]
    return [(f'"{name}":', attribute, write) for name, attribute, write in sorted(columns + sets)]


def _writer(column: models.Field) -> Callable[[Any], str]:
    if isinstance(column, models.CharField | models.TextField):
        return encode_basestring
    if isinstance(column, models.DateTimeField):
        return lambda value: f'"{moment(value)}"'
    if isinstance(column, models.DateField):
        return lambda value: f'"{value.isoformat()}"'
    return (lambda value: "true") if isinstance(column, models.BooleanField) else int.__repr__


def _of_set(ids: list[int]) -> str:
    return f"[{','.join(map(str, ids))}]"


def row_text(columns: list[Column], row: dict[str, Any], sets: Sets) -> str:
    """The canonical text of a row, of which empty values say nothing; a number is never empty."""
    values = row | sets if sets else row
    pairs = [
        start + write(value)
        for start, attribute, write in columns
        if (value := values.get(attribute)) or (value is not None and value is not False and value == 0)
    ]
    return "{" + ",".join(pairs) + "}"


def named_text(salt: str, rows: Iterable[Named]) -> str:
    """The rows that an entry names, with their digests."""
    pairs = (f'["{kind}",{pk},"{digest_of(f"{salt} {kind} {pk} {text}")}"]' for kind, pk, text in rows)
    return "[" + ",".join(pairs) + "]"


def entry_digest(
    report: int, number: int, at: dt.datetime, actor: int, actor_label: str, act: str, kind: str, target: int,
    label: str, problem: int, reason: str, reason_digest: str, payload: str, payload_digest: str, rows: str,
    salt: str, previous: str,
) -> str:  # fmt: skip
    """The digest of an entry, its parts in the order of their names."""
    return digest_of(
        f'{{"act":"{act}","actor":{actor},"actor_label":{encode_basestring(actor_label)},'
        f'"at":"{moment(at)}","chain":{report},"number":{number},'
        f'"payload":"{payload_digest}","previous":"{previous}","problem":{problem},'
        f'"reason":"{reason_digest}","rows":{encode_basestring(rows)},'
        f'"target":["{kind}",{target},{encode_basestring(label)}]}}'
    )


class Tracked:
    """The versioned fields of a model: their columns, labels and words."""

    def __init__(self, model: Any) -> None:
        fields = {name: model._meta.get_field(name) for name in model.TRACKED}
        self.attributes = {name: field.attname for name, field in fields.items()}
        self.labels = {name: str(field.verbose_name) for name, field in fields.items()}
        self.choices = {name: dict(field.flatchoices) for name, field in fields.items()}

    def tracked(self, row: dict[str, Any]) -> dict[str, Any]:
        return {attribute: row[attribute] for attribute in self.attributes.values()}

    def shown(self, name: str, value: Any) -> str:
        if value in (None, ""):
            return "（空）"
        if isinstance(value, bool):
            return "是" if value else "否"
        if isinstance(value, dt.date):
            return wording.date(value)
        return str(self.choices[name].get(value, value))


PROBLEM, MEASURE = Tracked(Problem), Tracked(Measure)


def stored(of: Tracked, row: dict[str, Any], names: dict[str, str]) -> dict[str, dict[str, Any]]:
    """What the entry of a new row says; `names` are those of the rows it points at."""
    values, texts = {}, {}
    for name, attribute in of.attributes.items():
        value = row[attribute]
        values[name] = value if value.__class__ in PLAIN else as_plain(value)
        if value is not None and value != "":
            texts[name] = names[name] if attribute != name else of.shown(name, value)
    return {"values": values, "texts": texts}
