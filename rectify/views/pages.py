"""Pages of a long list by the key of their first or last row: a deep page costs what the first one costs.

The URL carries `after=KEY` or `before=KEY`, or `page=last`; a key is the row's values in the list's order.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.core.exceptions import FieldDoesNotExist, ValidationError
from django.db.models import BooleanField, F, Field, Func, Model, QuerySet, Value

from rectify.models.compiled import compiled

BETWEEN = "_"
LAST = "last"
LONGEST = 18  # digits of a number that every database holds


class Beyond(Func):
    """Row values compared as one, which an index in this order answers at once."""

    output_field = BooleanField()
    conditional = True

    def __init__(self, *values: Any, sign: str) -> None:
        super().__init__(*values)
        self.sign = sign

    def as_sql(self, compiler: Any, connection: Any, *_: Any, **__: Any) -> Any:
        parts = [compiler.compile(expression) for expression in self.source_expressions]
        half = len(parts) // 2
        left, right = (", ".join(sql for sql, _ in some) for some in (parts[:half], parts[half:]))
        return f"({left}) {self.sign} ({right})", [one for _, given in parts for one in given]


@dataclass(frozen=True)
class Page:
    """One page: its rows' ids, and the keys from which its neighbours go on."""

    ids: Sequence[int]
    size: int
    count: int
    before: str = ""
    after: str = ""

    @property
    def is_all(self) -> bool:
        return not self.before and not self.after


def is_known(data: Mapping[str, Any], model: type[Model], order: Sequence[str]) -> bool:
    """Whether the URL asks for a page that makes sense; a number is that of an old link: the first page."""
    number = data.get("page", LAST)
    keys = [data[name] for name in ("after", "before") if data.get(name)]
    return (number == LAST or number.isdecimal()) and all(_read(key, model, order) for key in keys)


@dataclass(frozen=True)
class Listing:
    """A list of rows of a model, and the key under which its query is compiled, if it is."""

    model: type[Model]
    build: Callable[[], QuerySet]
    key: Hashable = None


def page(listing: Listing, data: Mapping[str, Any], order: Sequence[str], size: int, count: int) -> Page:
    """The page that the URL asks for, of a list in this order, all of it up or all of it down."""
    after = _read(data.get("after", ""), listing.model, order)
    before = _read(data.get("before", ""), listing.model, order)
    if after and (rows := _rows(listing, order, size, after)):
        return _page(rows[:size], size, count, before=True, after=len(rows) > size)
    if before or data.get("page") == LAST:
        rows = _rows(listing, _turned(order), size, before)
        if len(rows) > size:
            return _page(rows[size - 1 :: -1], size, count, before=True, after=bool(before))
    rows = _rows(listing, order, size, None)
    return _page(rows[:size], size, count, before=False, after=len(rows) > size)


def _page(rows: list[tuple[Any, ...]], size: int, count: int, before: bool, after: bool) -> Page:
    keys = [BETWEEN.join(str(value) for value in row) for row in (rows[:1] + rows[-1:])]
    ids = [row[-1] for row in rows]
    return Page(ids, size, count, keys[0] if before and keys else "", keys[1] if after and keys else "")


def _rows(listing: Listing, order: Sequence[str], size: int, key: list[Any] | None) -> list[tuple[Any, ...]]:
    """One row more than a page holds, so that it is known whether others follow. Of a list's two ends the
    query is kept compiled."""
    known = None if key or listing.key is None else ("page", listing.key, tuple(order), size)
    return compiled(known, lambda: _beyond(listing.build(), order, size, key))


def _beyond(queryset: QuerySet, order: Sequence[str], size: int, key: list[Any] | None) -> QuerySet:
    names = [name.lstrip("-") for name in order]
    if key:
        sign = "<" if order[0].startswith("-") else ">"
        fields = [_field(queryset.model, name) for name in names]
        values = [Value(value, output_field=field) for value, field in zip(key, fields, strict=True)]
        queryset = queryset.filter(Beyond(*map(F, names), *values, sign=sign))
    return queryset.order_by(*order).values_list(*names)[: size + 1]


def _turned(order: Sequence[str]) -> list[str]:
    return [name[1:] if name.startswith("-") else f"-{name}" for name in order]


def _read(text: str, model: type[Model], order: Sequence[str]) -> list[Any] | None:
    """The values of a key; none for what is no key of this order."""
    parts = text.split(BETWEEN)
    if len(parts) != len(order) or any(len(part) > LONGEST for part in parts):
        return None
    try:
        return [_field(model, n.lstrip("-")).to_python(p) for n, p in zip(order, parts, strict=True)]
    except (ValidationError, FieldDoesNotExist):
        return None


def _field(model: type[Model], name: str) -> Field:
    field: Any = model._meta.pk if name == "pk" else model._meta.get_field(name)
    field = getattr(field, "target_field", field)
    return getattr(field, "output_field", field)
