"""Which items a text is found in: every word of it in a row of the item, or in the name of one of its people.

A word that is found very often is looked up in the newest rows of what the person sees, at most so many;
`more` says so. Everything else is found completely.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any

from django.db import connections
from django.db.models import Q, QuerySet

from rectify.models.people import User
from rectify.models.report import Problem, Report
from rectify.models.search.tables import PAIRS, TABLE, ledger_token, pairs
from rectify.models.search.texts import KINDS, PLACES, SearchText, fold
from rectify.roles import HOLDERS, OVERSEERS

MOST = 1000  # rows of a word that are looked at
NEWEST = 4  # times as many are looked through, on PostgreSQL, for a word that is everywhere
PEOPLE_MOST = 200
LEDGERS_MOST = 300
# Which items a person or unit of this kind belongs to.
BELONGS = {
    "unit": ("lead_unit", "supporting_units"),
    "leader": ("leader", "supporting_leaders"),
    "user": ("clerk",),
}


@dataclass(frozen=True)
class Found:
    """The items that were found, and whether there may be more."""

    ids: set[int]
    more: bool = False


@dataclass
class Word:
    """One word, and where it is found among the items given."""

    text: str
    items: QuerySet[Problem]
    ids: set[int] = field(default_factory=set)
    more: bool = False
    belongs: list[Q] = field(default_factory=list)

    def look_up(self, user: User) -> None:
        self.ids, self.more = _of_rows(self.text, user, self.items.db)
        people = _rows(self.text, [0], self.items.db, PEOPLE_MOST)
        self.more |= len(people) > PEOPLE_MOST
        self.belongs = _belongs(_by_kind(pk for pk, _ in people))
        for condition in self.belongs:
            pks = self.items.filter(condition).order_by().values_list("pk", flat=True)[: MOST + 1]
            self.more |= len(pks) > MOST
            self.ids |= set(pks)

    def among(self, ids: set[int]) -> set[int]:
        """Those of these items that hold the word: looked at one by one, for the word is everywhere."""
        rows = SearchText.objects.using(self.items.db).filter(problem__in=ids, text__contains=self.text)
        held = set(rows.values_list("problem_id", flat=True))
        for condition in self.belongs:
            held |= set(self.items.filter(condition, pk__in=ids).order_by().values_list("pk", flat=True))
        return held


def words_of(text: str) -> list[str]:
    return list(dict.fromkeys(fold(text).split()))


def look_up(text: str, items: QuerySet[Problem], user: User) -> Found | None:
    """The items that hold every word, others that the person may not see among them; None without a word."""
    words = [Word(word, items) for word in words_of(text)]
    for word in words:
        word.look_up(user)
    words.sort(key=lambda word: word.more)  # what is found completely first
    return _in_all(words) if words else None


def _in_all(words: Sequence[Word]) -> Found:
    first, *others = words
    ids = first.ids
    for word in others:
        ids = word.among(ids) if word.more else ids & word.ids
    return Found(ids, first.more)


def holding(text: str, items: QuerySet[Any]) -> QuerySet[Any]:
    """Those of the items that hold every word, all of them however often it is found."""
    rows = SearchText.objects.using(items.db).filter(problem__isnull=False)
    for word in words_of(text):
        condition = Q(pk__in=rows.filter(text__contains=word).order_by().values("problem_id"))
        named = SearchText.objects.using(items.db).filter(problem__isnull=True, text__contains=word)
        for belonging in _belongs(_by_kind(named.values_list("pk", flat=True))):
            condition |= belonging
        items = items.filter(condition)
    return items


# -- one word ---------------------------------------------------------------------------------------------


def _of_rows(word: str, user: User, using: str) -> tuple[set[int], bool]:
    """The items with a row that holds the word. Where there are too many: among what the person sees."""
    rows = _rows(word, (), using)
    if len(rows) <= MOST:
        return _items(rows), False
    paths = user.paths(*OVERSEERS)
    if user.covers_all(paths):
        return _items(rows), True
    ledgers = (
        list(Report.objects.using(using).overseen_by(user).values_list("pk", flat=True)) if paths else []
    )
    near = _rows(word, ledgers, using) if 0 < len(ledgers) <= LEDGERS_MOST else rows if ledgers else []
    found, more = _items(near), len(near) > MOST
    if user.has_role(*HOLDERS) or user.deputed:
        held = SearchText.objects.using(using).filter(problem__in=Problem.objects.held_by(user).order_by())
        found |= set(held.filter(text__contains=word).values_list("problem_id", flat=True))
    return found, more


def _items(rows: Sequence[tuple[int, int | None]]) -> set[int]:
    return {problem for _, problem in rows if problem is not None}


def _by_kind(ids: Iterable[int]) -> dict[str, list[int]]:
    named: dict[str, list[int]] = {}
    for pk in ids:
        named.setdefault(KINDS[pk % PLACES], []).append(pk // PLACES)
    return named


def _belongs(named: dict[str, list[int]]) -> list[Q]:
    return [Q(pk__in=_through(name, ids)) for kind, ids in named.items() for name in BELONGS[kind]]


def _through(name: str, ids: list[int]) -> QuerySet[Any]:
    return Problem.objects.filter(**{f"{name}__in": ids}).order_by().values("pk")


def _rows(word: str, ledgers: Sequence[int], using: str, most: int = MOST) -> list[tuple[int, int | None]]:
    """(id, item) of the newest rows that hold the word, at most one more than asked for; of these ledgers
    alone where some are given, 0 for the people."""
    if len(word) < 2:
        return _rows_by_scan(word, ledgers, using, most)
    on_postgres = connections[using].vendor == "postgresql"
    ways = [(_postgres if on_postgres else _sqlite)(word, ledgers)]
    if on_postgres and not ledgers:
        ways.insert(0, _among_newest(word, NEWEST * most))
    rows: list[tuple[int, int | None]] = []
    with connections[using].cursor() as cursor:
        for statement, values in ways:
            if len(rows) <= most:
                cursor.execute(statement, [*values, most + 1])
                rows = list(cursor.fetchall())
    return rows


def _rows_by_scan(word: str, ledgers: Sequence[int], using: str, most: int) -> list[tuple[int, int | None]]:
    rows = SearchText.objects.using(using).filter(text__contains=word).order_by("-pk")
    if ledgers:
        rows = rows.filter(problem__isnull=True) if ledgers == [0] else rows.filter(report__in=ledgers)
    return list(rows.values_list("pk", "problem_id")[: most + 1])


def _sqlite(word: str, ledgers: Sequence[int]) -> tuple[str, list[Any]]:
    *tokens, _ = pairs(word, None).split(" ")
    asked = f'"{" ".join(tokens)}"'
    if ledgers:
        asked += f" AND ({' OR '.join(ledger_token(pk) for pk in ledgers)})"
    statement = (
        f"SELECT s.id, s.problem_id FROM {TABLE} CROSS JOIN rectify_searchtext s ON s.id = {TABLE}.rowid"
        f" WHERE {TABLE} MATCH %s ORDER BY {TABLE}.rowid DESC LIMIT %s"
    )
    return statement, [asked]


def _postgres(word: str, ledgers: Sequence[int]) -> tuple[str, list[Any]]:
    """The pairs lead to rows, of which those stay that hold the word itself."""
    asked = " & ".join(_lexeme(first + second) for first, second in pairwise(word))
    if ledgers:
        asked += f" & ({' | '.join(ledger_token(pk) for pk in ledgers)})"
    statement = (
        "WITH found AS MATERIALIZED (SELECT id, problem_id FROM rectify_searchtext"
        f" WHERE {PAIRS}(text, report_id) @@ %s::tsquery AND strpos(text, %s) > 0 LIMIT %s)"
        " SELECT id, problem_id FROM found ORDER BY id DESC"
    )
    return statement, [asked, word]


def _among_newest(word: str, newest: int) -> tuple[str, list[Any]]:
    """Among so many of the newest rows: there a word is found that is everywhere, of which the index would
    gather all rows before it gives one."""
    statement = (
        "SELECT id, problem_id FROM"
        " (SELECT id, problem_id, text FROM rectify_searchtext ORDER BY id DESC LIMIT %s) newest"
        " WHERE strpos(text, %s) > 0 ORDER BY id DESC LIMIT %s"
    )
    return statement, [newest, word]


def _lexeme(pair: str) -> str:
    escaped = pair.replace("\\", "\\\\").replace("'", "''")
    return f"'{escaped}'"
