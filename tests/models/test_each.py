"""A row stored by a text that was made once is the row that Django stores."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from contextlib import suppress
from typing import Any

import pytest
from django.apps import apps
from django.db import IntegrityError, connection, models, transaction
from django.db.models.signals import post_save

from rectify.models import (
    Aspect,
    Measure,
    Problem,
    ProblemState,
    ProgressNote,
    Report,
    SearchText,
)
from rectify.models.each import insert
from tests.audit.one_of_each import everything
from tests.builders import Cast

pytestmark = pytest.mark.django_db
WORLD = everything
DAY = dt.timedelta(days=1)
ROWS = 3  # of each model


class Caught(Exception):
    """The statement was seen; it need not be carried out."""


def _plain(value: Any) -> Any:
    """Without what tells PostgreSQL's driver the size of a number, or that a text is JSON."""
    if isinstance(value, int) and type(value) is not bool:
        return int(value)
    return getattr(value, "obj", value)


def said_by(store: Callable[[models.Model], None], row: models.Model) -> tuple[str, list[Any]]:
    """The insertion with its values, which is not carried out."""
    found: list[tuple[str, list[Any]]] = []

    def catch(execute: Callable[..., Any], sql: str, params: Any, *rest: Any) -> Any:
        if not sql.startswith("INSERT"):
            return execute(sql, params, *rest)
        found.append((sql, [repr(_plain(value)) for value in params]))
        raise Caught

    row.pk, row._state.adding = None, True
    with suppress(Caught), transaction.atomic(), connection.execute_wrapper(catch):
        store(row)
    [statement] = found
    return statement


def test_every_sort_of_row_is_stored_as_django_would(made: Cast) -> None:
    compared = set()
    for model in apps.get_app_config("rectify").get_models():
        if model._meta.auto_field is None:
            continue
        for row in model._base_manager.order_by("-pk")[:ROWS]:
            assert said_by(insert, row) == said_by(lambda row: row.save(force_insert=True), row), model
            compared.add(model)
    assert len(compared) > 40


def test_what_the_database_makes_of_a_row_is_known_of_it(made: Cast) -> None:
    rows = [Problem.objects.get(pk=made.problem.pk), ProblemState.objects.filter(deadline__isnull=False)[0]]
    for row in rows:
        names = [field.attname for field in row._meta.db_returning_fields]
        for number, store in enumerate((insert, lambda row: row.save(force_insert=True))):
            new = type(row).objects.defer(*names).get(pk=row.pk)
            new.pk, new._state.adding = None, True
            if isinstance(new, Problem):
                new.number, new.code, new.carried_from = 70 + number, f"{70 + number}", None
            else:
                new.valid_from, new.valid_to = (
                    new.valid_from - DAY * (number + 1),
                    new.valid_from - DAY * number,
                )
            store(new)
            known = {name: new.__dict__[name] for name in names}
            assert known == type(row).objects.filter(pk=new.pk).values(*names).get() and len(names) > 1


@pytest.mark.parametrize("returning", [True, False])
def test_who_listens_hears_of_it_as_of_a_saving(
    made: Cast, returning: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    if not returning and connection.vendor == "sqlite":
        monkeypatch.setattr(connection.features, "can_return_columns_from_insert", False)
    heard: list[dict[str, Any]] = []

    def listen(sender: Any, signal: Any, **said: Any) -> None:
        heard.append({"sender": sender, **said, "instance": said["instance"].pk})

    post_save.connect(listen)
    try:
        first, second = (Aspect(report=made.report, number=90 + n, title="方面") for n in range(2))
        insert(first)
        second.save(force_insert=True)
    finally:
        post_save.disconnect(listen)
    ours, theirs = heard
    assert ours == theirs | {"instance": first.pk} and first.pk
    assert Aspect.objects.get(pk=first.pk).title == "方面"
    first.title = "改过的方面"
    first.save()  # it is known to be stored
    assert Aspect.objects.filter(number=90).count() == 1


def test_what_django_refuses_is_refused(made: Cast) -> None:
    note = ProgressNote(problem=made.problem, author=made["clerk"], measure=Measure(text="未存"), text="进展")
    with pytest.raises(ValueError, match="unsaved"):
        insert(note)
    with transaction.atomic():
        twice = {"number": 1, "title": "重复"}
        with pytest.raises(IntegrityError):
            insert(Aspect(report=Report.objects.get(pk=made.report.pk), **twice))  # type: ignore[misc, union-attr]
        assert transaction.get_rollback()
        transaction.set_rollback(True)


def test_a_row_with_an_id_of_its_own_is_refused(made: Cast) -> None:
    with pytest.raises(TypeError, match="SearchText"):
        insert(SearchText(id=1, text="检索"))
