"""Every foreign key in every form: offered only inside the border, and a forged number writes nothing."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from django import forms
from django.db import models, transaction
from django.http import HttpResponseBase

from rectify.choices import Role
from rectify.models import (
    Aspect,
    ImprovementDirection,
    Instruction,
    Leader,
    Measure,
    Problem,
    Report,
    RootCause,
    Unit,
    User,
)
from rectify.models.people import within
from tests.admin.admin_rows import KEPT, Kept
from tests.scope.crawl import expected
from tests.scope.planted import COUNTIES, PERSONS, Person, asked_of, planted
from tests.views.access_rows import URLS
from tests.views.access_things import World
from tests.views.visits import Writing, address, asked, database, signed_in

pytestmark = [
    pytest.mark.django_db(databases=["default", "snapshot"]),
    pytest.mark.usefixtures("one_connection", "still_session"),
    pytest.mark.once,
]
WORLD = planted

HERE = "near"
# How what is chosen hangs in the tree of units; a model that is not here fails the test.
PATHS: dict[type[models.Model], str] = {
    Unit: "path",
    Leader: "unit__path",
    User: "memberships__unit__path",
    Report: "unit__path",
    Aspect: "report__unit__path",
    RootCause: "report__unit__path",
    ImprovementDirection: "report__unit__path",
    Problem: "report__unit__path",
    Measure: "problem__report__unit__path",
    Instruction: "problem__report__unit__path",
}
# Choices by number that a form makes up by itself.
NUMBERED: dict[str, type[models.Model]] = {"leader": Leader, "lead_unit": Unit, "clerk": User}
# Where a form is sent that stands on a page which takes none, or another.
SENT_TO = {"ProgressForm": "progress_add", "DraftFactsForm": "intake_draft"}
# Forms that choose rows and are not sent by the office: who does. By the address: tests/views/documents.
OF_OTHERS = {"ResetFactorForm": Role.SYSADMIN, "DocumentForm": "address"}
STAFF = [person for person in PERSONS if person.counties == (HERE,)]
Choice = tuple[str, type[models.Model], Any]  # a field, what it chooses, and what it offers


def forms_of(response: HttpResponseBase) -> Iterator[forms.BaseForm]:
    """Every form a page was made from."""
    seen: set[int] = set()
    for context in response.context or ():  # type: ignore[attr-defined]
        for value in context.flatten().values():
            form = getattr(value, "form", value)
            if isinstance(form, forms.BaseForm) and id(form) not in seen:
                seen.add(id(form))
                yield form


def choices_of(form: forms.BaseForm) -> Iterator[Choice]:
    for name, field in form.fields.items():
        if isinstance(field, forms.ModelChoiceField):
            yield name, field.queryset.model, field.queryset
        elif isinstance(field, forms.ChoiceField) and name in NUMBERED:
            numbers = [value for value, _ in field.choices if str(value).isdecimal()]
            yield name, NUMBERED[name], NUMBERED[name]._default_manager.filter(pk__in=numbers)


def strangers(made: World, model: type[models.Model]) -> Any:
    """What of this kind lies in the other counties."""
    others = [made[county]["county"] for county in COUNTIES if county != HERE]
    paths = list(Unit.objects.filter(pk__in=others).values_list("path", flat=True))
    return model._default_manager.filter(within(PATHS[model], paths)).distinct()


def pages(person: Person, made: World) -> Iterator[tuple[str, str]]:
    """Every page of the own county that the person may open."""
    for name, row in URLS.items():
        if row.get and expected(person, row, HERE, "get") == 200:
            yield name, address(name, row, made[HERE])


def forged(form: forms.BaseForm, name: str, pk: int) -> dict[str, Any]:
    field = form.fields[name]
    many = isinstance(field, forms.ModelMultipleChoiceField)
    return {form.add_prefix(name): [pk] if many else pk}


def refused(session: str, url: str, body: dict[str, Any], right: int, before: dict[str, Any]) -> str:
    """What is wrong with the answer to a forged choice; nothing when it is refused as it should be."""
    with transaction.atomic(), Writing() as writing:
        response = asked(session, "post", url, body)
        changed = writing.changed(before)
        transaction.set_rollback(True)
    if response.status_code != right:
        return f"{url} {body}: {response.status_code} instead of {right}"
    return f"{url} {body}: the database has changed" if changed else ""


@asked_of(STAFF, ci={"near_office", "near_clerk", "near_sysadmin"})
def test_a_choice_is_offered_and_taken_only_inside_the_border(made: World, person: Person) -> None:
    wrong, session, before = [], signed_in(made["people"][person.username]), database()
    sent = set[type]()
    for name, url in pages(person, made):
        for form in forms_of(asked(session, "get", url)):
            target = SENT_TO.get(type(form).__name__, name)
            row = URLS[target]
            takes = row.post is not None and row.post[person.role] in (200, 302, 422)
            for field, model, offered in choices_of(form):
                outside = strangers(made, model)
                if found := [*offered.filter(pk__in=outside.values("pk"))]:
                    wrong.append(f"{name}: {type(form).__name__}.{field} offers {found}")
                if takes:
                    sent |= set(type(form).__mro__)
                    body = row.body(made[HERE]) | forged(form, field, outside.order_by("-pk")[0].pk)
                    body.pop("files", None)  # files that were chosen stay chosen when a form is refused
                    wrong.append(refused(session, address(target, row, made[HERE]), body, 422, before))
    assert not any(wrong), "\n".join(filter(None, wrong))
    names = {form.__name__ for form in sent}
    assert names >= {form for form, who in OF_OTHERS.items() if who == person.role}
    if person.role == Role.OFFICE:
        assert unmet("rectify.forms", sent) == OF_OTHERS.keys(), "the office sends every other form"


def admin_pages(made: World) -> Iterator[tuple[Kept, str]]:
    """The pages on which the administrator adds or changes something of the county."""
    for kept in (kept for kept in KEPT if kept.who == Role.SYSADMIN):
        folder = f"/admin/rectify/{kept.name}/"
        if kept.adds:
            yield kept, f"{folder}add/"
        if kept.model in (Unit, Leader, User):
            path = Unit.objects.get(pk=made[HERE]["county"]).path
            row = kept.model._default_manager.filter(within(PATHS[kept.model], [path])).order_by("-pk")[0]
            yield kept, f"{folder}{row.pk}/change/"


@pytest.mark.ci
def test_the_administration_chooses_only_inside_the_border(made: World) -> None:
    session, before = signed_in(made["people"][f"{HERE}_sysadmin"]), database()
    there, wrong, sent = Things(made), [], set[type]()
    for kept, url in admin_pages(made):
        for form in forms_of(asked(session, "get", url)):
            sent |= set(type(form).__mro__)
            for field, model, offered in choices_of(form):
                outside = strangers(made, model)
                if found := [*offered.filter(pk__in=outside.values("pk"))]:
                    wrong.append(f"{url}: {field} offers {found}")
                body = kept.valid(there) | {"reason": "测试"} | forged(form, field, outside[0].pk)
                wrong.append(refused(session, url, body, 200, before))
    assert not any(wrong), "\n".join(filter(None, wrong))
    assert not unmet("rectify.admin", sent)


class Things:
    """What the rows of the administration's tests ask for, of this county."""

    def __init__(self, made: World) -> None:
        self.county = Unit.objects.get(pk=made[HERE]["county"])
        self.bureau = Unit.objects.get(pk=made[HERE]["unit"])
        self.taker = made["people"][f"{HERE}_taker"]

    def __getitem__(self, name: str) -> User:
        return self.taker


def unmet(module: str, sent: set[type]) -> set[str]:
    """The classes of forms in these modules that choose rows and were not sent."""
    return {
        form.__name__
        for form in _below(forms.BaseForm)
        if form.__module__.startswith(module)
        and any(isinstance(field, forms.ModelChoiceField) for field in form.base_fields.values())
        and form not in sent
    }


def _below(form: type) -> set[type]:
    return {form}.union(*(_below(one) for one in form.__subclasses__()))
