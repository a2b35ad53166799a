"""A query that is compiled once is asked of the database anew: with other ids, and after every change."""

from __future__ import annotations

from typing import Any

import pytest
from django.db.models import QuerySet

from rectify import clock
from rectify.models import Draft, Problem, Unit
from rectify.models.compiled import LARGEST, compiled, padded
from tests.builders import Cast
from tests.builders import cast as build

pytestmark = pytest.mark.django_db
WORLD = build


def test_what_is_kept_is_the_text_alone(made: Cast) -> None:
    built: list[tuple[int, ...]] = []

    def titles(*ids: int) -> QuerySet:
        built.append(ids)
        named = Problem.objects.filter(pk__in=ids) | Problem.objects.filter(title=f"第{ids[0]}项")
        return named.select_related("lead_unit").order_by("-pk")

    def ask(*ids: int) -> list[Any]:
        return [(one.pk, one.title, one.lead_unit) for one in compiled("titles", titles, *ids)]

    first, second = Problem.objects.order_by("pk")[:2]
    told = ask(first.pk)
    assert told == [(first.pk, first.title, first.lead_unit)]
    Problem.objects.filter(pk=first.pk).update(title=f"第{second.pk}项", lead_unit=made.other_bureau)
    assert ask(first.pk) == [(first.pk, f"第{second.pk}项", made.other_bureau)]
    assert [pk for pk, *_ in ask(second.pk)] == [second.pk, first.pk]  # an id within a text is filled in too
    assert ask(LARGEST + 1) == []
    assert len(built) == 1 and built[0][0] < 0
    ask(first.pk, second.pk)
    assert len(built) == 2  # another number of ids is another text


def test_nothing_is_kept_that_was_built_of_rows_or_has_no_key(made: Cast) -> None:
    def below_the_first(*_: int) -> QuerySet:
        top = Unit.objects.order_by("path")[0]
        return Unit.objects.filter(path__startswith=top.path).values_list("name", flat=True)

    for key in ("below the first", None):
        before = compiled(key, below_the_first)
        assert made.bureau.name in before
    Unit.objects.filter(pk=made.city.pk).update(path="9999")
    for key in ("below the first", None):
        assert made.city.name not in compiled(key, below_the_first)


def test_what_can_find_nothing_is_no_mistake(made: Cast) -> None:
    for _ in range(2):
        assert compiled("nothing", lambda pk: Problem.objects.filter(pk=pk).none(), 1) == []
    assert padded([]) == []
    assert padded([7, 8, 9]) == [7, 8, 9, 9, 9]
    assert len(padded([*range(120)])) == 120


TEXTS = [
    "",
    "progress:1",
    "'; --",
    "100%",
    "%s",
    "mark -1000000000000000",
    "-1000000000000001",
    "中文 “引号”",
]


def test_texts_are_filled_in_as_they_are(made: Cast) -> None:
    clerk, office = made["clerk"], made["office"]
    for user in (clerk, office):
        for text in TEXTS:
            Draft.objects.create(user=user, key=text, updated_at=clock.now())

    def drafts(user: int, key: str) -> QuerySet:
        return Draft.objects.filter(user=user, key=key)

    for user in (clerk, office):
        for text in [*TEXTS, "nobody's"]:
            assert compiled("drafts", drafts, user.pk, text) == list(drafts(user.pk, text)), text
    assert compiled("either", lambda one: Draft.objects.filter(pk=one), 0) == []
    # The same key, of a text.
    found = compiled("either", lambda one: Draft.objects.filter(key=one), "100%")
    assert {draft.key for draft in found} == {"100%"} and len(found) == 2


@pytest.mark.parametrize("name", ["key__contains", "key__iexact"])
def test_a_text_that_does_not_stand_as_it_is_is_a_mistake(made: Cast, name: str) -> None:
    for _ in range(2):
        with pytest.raises(ValueError, match="as it is"):
            compiled(("part", name), lambda text: Draft.objects.filter(**{name: f"{text}!"}), "progress")
    with pytest.raises(ValueError, match="as it is"):
        compiled("unused", lambda text: Draft.objects.filter(user=1), "progress")
    nothing = compiled("no text", lambda text: Draft.objects.filter(key=text).none(), "progress")
    assert nothing == []
