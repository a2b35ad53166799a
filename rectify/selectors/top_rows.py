"""The heads of several lists of problems, each with its length, in one query."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Mapping

from django.db.models import Count, DateField, IntegerField, QuerySet, Subquery, Value, Window
from django.db.models.functions import RowNumber

from rectify.models.compiled import compiled
from rectify.models.report import Problem

COUNTED_ONLY = ""  # the list of which the length is wanted, and no rows
EACH_NAMED = "*"  # rows of several lists, each with the `list` it is in


class Counted(Subquery):
    """How many rows a query finds, as a value of another query."""

    template = "(SELECT COUNT(*) FROM (%(subquery)s) counted)"
    output_field = IntegerField()
    empty_result_set_value = 0

    def __init__(self, queryset: QuerySet) -> None:
        super().__init__(queryset.order_by().values("pk"))


def top_rows(
    key: Hashable, lists: Callable[[], Mapping[str, QuerySet]], shown: int
) -> dict[str, tuple[int, list[int]]]:
    """Of each of these lists that is not empty: how many there are, and the most urgent; in one query, which
    is compiled once for the key."""
    heads: dict[str, tuple[int, list[int]]] = {}
    for name, count, *_, pk in sorted(compiled(("heads", key, shown), lambda: _heads(lists(), shown))):
        heads.setdefault(name, (count, []))[1].append(pk)
    return heads


def _heads(found: Mapping[str, QuerySet], shown: int) -> QuerySet:
    parts = []
    for name, queryset in found.items():
        if name == COUNTED_ONLY:
            parts.append(_number(name, queryset))
            continue
        if name == EACH_NAMED:
            parts.append(_in_one_pass(queryset, shown))
            continue
        first = queryset.order_by("rank", "due", "pk").values("pk")[:shown]
        rows = Problem.objects.filter(pk__in=first).order_by().annotate(n=Counted(queryset))
        parts.append(rows.values_list(Value(name), "n", "rank", "due", "pk"))
    return parts[0].union(*parts[1:], all=True)


def _in_one_pass(queryset: QuerySet, shown: int) -> QuerySet:
    """Of few rows: each is looked at once, whichever list it is in."""
    places = Window(RowNumber(), partition_by=["list"], order_by=["rank", "due", "pk"])
    rows = queryset.order_by().annotate(n=Window(Count("*"), partition_by=["list"]), place=places)
    return rows.filter(place__lte=shown).values_list("list", "n", "rank", "due", "pk")


def _number(name: str, queryset: QuerySet) -> QuerySet:
    rows = queryset.order_by().annotate(what=Value(name)).values_list("what").annotate(n=Count("*"))
    blank = Value(None, output_field=DateField())
    return rows.annotate(r=Value(0), d=blank, first=Value(0))
