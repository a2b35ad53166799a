"""Queries compiled once for what they are made of, and asked of the database anew each time.

Django takes many times as long to build and compile a query of several parts as the database takes to answer
it. Here only the text of a query is kept, never what came of it. The key must name everything that the query
is made of: the person's `scope`, the day, the rules of the ledgers. Ids and texts that differ from call to
call are no part of the key: while the query is built marks stand for them.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Hashable, Iterator, Sequence
from typing import Any

from django.core.exceptions import EmptyResultSet
from django.db import connections
from django.db.models import QuerySet

KEPT = 512
A_FEW = 2000
SIZES = (1, 5, 10, 25, 50, 100)
FIRST_MARK = -(10**15)  # no id is negative
LARGEST = 2**63 - 1
Build = Callable[..., QuerySet]
Given = int | str  # an id, or a text that a column is compared with as it is


def padded(ids: Sequence[int]) -> list[int]:
    """As many as one of a few sizes, by repeating the last: each number of ids is a text of its own."""
    size = next((size for size in SIZES if len(ids) <= size), len(ids)) if ids else 0
    return [*ids, *([ids[-1]] * (size - len(ids)) if ids else [])]


class CompiledQuery:
    """The text of one query, with the places of the ids and texts that are filled in when it is asked."""

    def __init__(self, queryset: QuerySet, marks: Sequence[Given]) -> None:
        self.queryset = queryset
        self.compiler = queryset.query.get_compiler(using=queryset.db)
        self.sql, self.params = _text_of(self.compiler)
        self.places = [(n, marks.index(one)) for n, one in enumerate(self.params) if _is_mark(one, marks)]
        texts = [(n, one) for n, one in enumerate(self.params) if type(one) is str and one not in marks]
        self.texts = [(n, mark) for n, text in texts for mark in marks if str(mark) in text]
        self.marks = marks
        self._require_whole_texts()
        self.converters: Any = None
        # What the text was made of is not needed any more, and much larger than the text.
        queryset.query.where = self.compiler.where = type(queryset.query.where)()
        queryset.query.combined_queries = ()

    def _require_whole_texts(self) -> None:
        """A text is compared as it is: where one is changed, or is part of another, nothing can be put."""
        whole, parts = {self.marks[number] for _, number in self.places}, {mark for _, mark in self.texts}
        texts = {mark for mark in self.marks if type(mark) is str}
        if self.sql and (texts - whole or texts & parts):
            raise ValueError("a text that is given must stand in the query as it is")

    def asked(self, given: Sequence[Given]) -> QuerySet:
        """The query with its ids and texts filled in, to be asked now."""
        params = list(self.params)
        for place, number in self.places:
            params[place] = given[number]
        for place, mark in self.texts:
            params[place] = params[place].replace(str(mark), str(given[self.marks.index(mark)]))
        return self.answer(params)

    def answer(self, params: list[Any]) -> QuerySet:
        """The query with these parameters, to be asked now."""
        asked, query = _twin(self.queryset), _twin(self.queryset.query)
        query.get_compiler = lambda using=None, **_: self._compiler(using, params)
        asked._query = query
        return asked

    def _known_converters(self, expressions: Any) -> Any:
        """How the values of each column are read: found out once."""
        if self.converters is None:
            self.converters = self.compiler.get_converters(expressions)
        return self.converters

    def _compiler(self, using: str, params: list[Any]) -> Any:
        """The compiler as it was after compiling, on the connection of this thread."""
        compiler = _twin(self.compiler)
        compiler.connection = connections[using]
        compiler.get_converters = self._known_converters
        compiler.as_sql = lambda *_, **__: _known(self.sql, params)
        return compiler


def _twin(one: Any) -> Any:
    """As `copy.copy`, which would have a query answered first."""
    other = object.__new__(type(one))
    other.__dict__.update(one.__dict__)
    return other


def _text_of(compiler: Any) -> tuple[str, tuple[Any, ...]]:
    """No text where nothing can be found."""
    try:
        sql, params = compiler.as_sql()
    except EmptyResultSet:
        return "", ()
    return sql, tuple(params)


def _known(sql: str, params: list[Any]) -> tuple[str, list[Any]]:
    if not sql:
        raise EmptyResultSet
    return sql, params


def _is_mark(value: Any, marks: Sequence[Given]) -> bool:
    return type(value) in (int, str) and value in marks


_kept: dict[Hashable, CompiledQuery] = {}
_lock = threading.Lock()


def compiled(key: Hashable, build: Build, *given: Given) -> list[Any]:
    """The rows of the query that `build` makes, which gets a mark for each of what is given; without a key
    it is built each time."""
    if any(type(one) is int and one > LARGEST for one in given):
        return []  # no database holds such an id
    return list(_asked(key, build, given))


def streamed(key: Hashable, build: Build, *given: Given) -> Iterator[Any]:
    """The same, a few rows at a time: for what is as many as there are problems."""
    return _asked(key, build, given).iterator(A_FEW)


def _asked(key: Hashable, build: Build, given: Sequence[Given]) -> QuerySet:
    if key is None:
        return build(*given)
    are_texts = tuple(isinstance(one, str) for one in given)
    key = (key, are_texts)
    with _lock:
        query = _kept.pop(key, None)
        if query:
            _kept[key] = query  # used last, dropped last
    return (query or _compile(key, build, are_texts)).asked(given)


def _compile(key: Hashable, build: Build, are_texts: Sequence[bool]) -> CompiledQuery:
    """Kept unless rows were read to build it: of these the key knows nothing."""
    numbers = [FIRST_MARK - n for n in range(len(are_texts))]
    marks = [f"mark {n}" if is_text else n for n, is_text in zip(numbers, are_texts, strict=True)]
    read: list[str] = []

    def reading(execute: Callable[..., Any], sql: str, *rest: Any) -> Any:
        read.append(sql)
        return execute(sql, *rest)

    with connections["default"].execute_wrapper(reading):
        query = CompiledQuery(build(*marks), marks)
    if not read:
        with _lock:
            _kept[key] = query
            while len(_kept) > KEPT:
                del _kept[next(iter(_kept))]
    return query
