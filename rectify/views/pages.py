"""Pages of a long list by the key of their first or last row: a deep page costs what the first one costs.

The URL carries `after=KEY` or `before=KEY`, or `page=last`; a key is the part of the list that the row stands
in and the row's values in the list's order.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable, Hashable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple, TypeAlias

from django.core.exceptions import FieldDoesNotExist, ValidationError
from django.db.models import BooleanField, Case, F, Field, Func, IntegerField, Model, OrderBy, QuerySet, Value
from django.db.models.functions import Coalesce

from rectify.models.compiled import compiled, padded

BETWEEN = "_"
LAST = "last"
LONGEST = 18  # digits of a number that every database holds
Part: TypeAlias = int | Case


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


class Asked(NamedTuple):
    """The parts of a list in which a page may stand: what their query is made of besides the list, the ids to
    be filled in, and what builds them, each with the number that its keys begin with, or what tells it of
    each row."""

    name: tuple[Hashable, ...]
    ids: Sequence[int]
    build: Callable[..., Sequence[tuple[Part, QuerySet]]]
    sorts: bool = False  # the rows are few, and no index is to be read for their order


@dataclass(frozen=True)
class Listing:
    """A list in one order, or parts of it that stand one after another, each in that order and of known
    length; and the key under which its query is compiled, if it is."""

    model: type[Model]
    lengths: Sequence[int]
    build: Callable[[], Sequence[QuerySet]]
    key: Hashable = None

    def place_of(self, key: Sequence[Any]) -> int:
        """The part in which the row of a key stands."""
        return key[0]

    def asked(self, places: Sequence[int], size: int) -> Asked:
        def build() -> list[tuple[int, QuerySet]]:
            parts = self.build()
            return [(place, parts[place]) for place in places]

        return Asked(tuple(places), (), build)


@dataclass(frozen=True)
class LedgerListing:
    """A list in order of ledger and number, of which it is known how much each ledger holds: only those of
    the page are read. Where few of their rows are listed these are found and put in order."""

    model: type[Model]
    lengths: Sequence[int]
    totals: Mapping[int, int]  # of each ledger all its rows, in the order of their ids
    build: Callable[[Sequence[int], bool], QuerySet]
    key: Hashable = None

    def place_of(self, key: Sequence[Any]) -> int:
        return bisect_left(list(self.totals), key[1])

    def asked(self, places: Sequence[int], size: int) -> Asked:
        ids, totals = list(self.totals), list(self.totals.values())
        listed, total = (sum(some[place] for place in places) for some in (self.lengths, totals))
        # Reading in order passes total / listed rows for each that is listed.
        few = listed * listed < size * total
        read = padded([ids[place] for place in places])
        return Asked(("ledgers", few), read, lambda *read: [(0, self.build(read, few))], few)


@dataclass(frozen=True)
class FewListing:
    """A list so short that all of it is found, as it was to be counted, and put in order; each row tells in
    which part it stands."""

    model: type[Model]
    length: int
    build: Callable[[], tuple[Part, QuerySet]]
    key: Hashable = None

    @property
    def lengths(self) -> Sequence[int]:
        return [self.length]

    def place_of(self, key: Sequence[Any]) -> int:
        return 0

    def asked(self, places: Sequence[int], size: int) -> Asked:
        return Asked(("few",), (), lambda: [self.build()], True)


AnyListing: TypeAlias = Listing | LedgerListing | FewListing


def is_known(data: Mapping[str, Any], model: type[Model], order: Sequence[str]) -> bool:
    """Whether the URL asks for a page that makes sense; a number is that of an old link: the first page."""
    number = data.get("page", LAST)
    keys = [data[name] for name in ("after", "before") if data.get(name)]
    return (number == LAST or number.isdecimal()) and all(_read(key, model, order) for key in keys)


def page(listing: AnyListing, data: Mapping[str, Any], order: Sequence[str], size: int, count: int) -> Page:
    """The page that the URL asks for, of a list in this order, all of it up or all of it down."""
    model = listing.model
    after = _read(data.get("after", ""), model, order)
    before = _read(data.get("before", ""), model, order)
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


def _rows(
    listing: AnyListing, order: Sequence[str], size: int, key: list[Any] | None
) -> list[tuple[Any, ...]]:
    """One row more than a page holds, so that it is known whether others follow; in one query, which is kept
    compiled for the two ends of a list."""
    down = order[0].startswith("-")
    places = _places(listing.lengths, size, listing.place_of(key) if key else None, down)
    if not places:
        return []
    name, ids, build, sorts = listing.asked(places, size)
    known = None if key or listing.key is None else ("page", listing.key, tuple(order), size, *name)
    rows = compiled(known, lambda *read: _heads(build(*read), order, size, key, sorts), *ids)
    return sorted(rows, reverse=down)[: size + 1] if len(places) > 1 else rows


def _heads(
    parts: Sequence[tuple[Part, QuerySet]],
    order: Sequence[str],
    size: int,
    key: list[Any] | None,
    sorts: bool,
) -> QuerySet:
    """The first rows of each part in which the page may stand."""
    names = [name.lstrip("-") for name in order]
    told = [_in_order(place, queryset, order, key, sorts) for place, queryset in parts]
    if len(told) == 1:
        return told[0][1].values_list(told[0][0], *names)[: size + 1]
    heads = [
        some.model._default_manager.filter(pk__in=some.values("pk")[: size + 1])
        .order_by()
        .values_list(place, *names)
        for place, some in told
    ]
    return heads[0].union(*heads[1:], all=True)


def _in_order(
    place: Part, queryset: QuerySet, order: Sequence[str], key: list[Any] | None, sorts: bool
) -> tuple[Case | Value, QuerySet]:
    """What tells the number of a part, and its rows in order."""
    names, down = [name.lstrip("-") for name in order], order[0].startswith("-")
    fields = [_unread(name) if sorts else F(name) for name in names]
    if isinstance(place, Case):
        return place, _ordered(queryset, names, [place, *fields], down, key)
    after = key[1:] if key and place == key[0] else None
    return Value(place, output_field=IntegerField()), _ordered(queryset, names, fields, down, after)


def _unread(name: str) -> Coalesce:
    """A column, said so that no index is read for it."""
    return Coalesce(name, name)


def _ordered(
    queryset: QuerySet, names: Sequence[str], fields: Sequence[Any], down: bool, key: list[Any] | None
) -> QuerySet:
    """In this order, what stands beyond the key."""
    if key:
        kinds = [IntegerField()] * (len(fields) - len(names)) + [_field(queryset.model, n) for n in names]
        values = [Value(value, output_field=kind) for value, kind in zip(key, kinds, strict=True)]
        queryset = queryset.filter(Beyond(*fields, *values, sign="<" if down else ">"))
    return queryset.order_by(*(OrderBy(field, descending=down) for field in fields))


def _places(lengths: Sequence[int], size: int, start: int | None, down: bool) -> list[int]:
    """The parts in which the rows may stand: no empty one, none before that of the key, none after a full
    page."""
    asked, known = [], 0
    for place in sorted(range(len(lengths)), reverse=down):
        passed = start is not None and (place > start if down else place < start)
        if lengths[place] and not passed and known <= size:
            asked.append(place)
            known += 0 if place == start else lengths[place]
    return asked


def _turned(order: Sequence[str]) -> list[str]:
    return [name[1:] if name.startswith("-") else f"-{name}" for name in order]


def _read(text: str, model: type[Model], order: Sequence[str]) -> list[Any] | None:
    """The part and the values of a key; none for what is no key of this order."""
    part, *values = text.split(BETWEEN)
    if (
        len(values) != len(order)
        or not part.isdecimal()
        or any(len(one) > LONGEST for one in (part, *values))
    ):
        return None
    names = [name.lstrip("-") for name in order]
    try:
        return [int(part), *(_field(model, n).to_python(v) for n, v in zip(names, values, strict=True))]
    except (ValidationError, FieldDoesNotExist):
        return None


def _field(model: type[Model], name: str) -> Field:
    field: Any = model._meta.pk if name == "pk" else model._meta.get_field(name)
    field = getattr(field, "target_field", field)
    return getattr(field, "output_field", field)
