"""One row by its id: seen by whom its `visible_to` shows it, 404 for all others; also after a change."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import connection
from django.http import Http404
from django.test.utils import CaptureQueriesContext

from rectify.choices import Role
from rectify.models import (
    Evidence,
    Instruction,
    Measure,
    Membership,
    Problem,
    ProblemCause,
    ProblemDirection,
    ProgressNote,
    Report,
    User,
)
from rectify.models.compiled import LARGEST
from rectify.selectors.visible import read_visible
from tests.audit.one_of_each import everything
from tests.builders import Cast

pytestmark = pytest.mark.django_db
WORLD = everything
MODELS = (Problem, Measure, ProgressNote, Evidence, Instruction, Report, ProblemCause, ProblemDirection)


def shown(model: Any, user: User, pk: int) -> Any:
    try:
        return read_visible(model, user, pk)
    except Http404:
        return None


def compare(made: Cast) -> set[bool]:
    """Everybody looks at every row; which answers there were."""
    answers = set()
    for role in made.people:
        user = made[role]
        for model in MODELS:
            visible = set(model.objects.visible_to(user).values_list("pk", flat=True))
            for pk in [*model.objects.values_list("pk", flat=True), 0, LARGEST, LARGEST + 1]:
                found = shown(model, user, pk)
                assert (found is not None) == (pk in visible), (role, model, pk)
                assert found is None or found == model.objects.get(pk=pk)
                answers.add(found is not None)
    return answers


def test_everybody_sees_what_is_theirs(made: Cast) -> None:
    assert compare(made) == {True, False}
    Membership.objects.filter(user=made["clerk"]).update(unit=made.other_bureau)
    Membership.objects.filter(user=made["office"], role=Role.OFFICE).update(active=False)
    Problem.objects.filter(number=1).update(lead_unit=made.other_bureau, leader=None)
    assert compare(made) == {True, False}


def test_what_it_belongs_to_is_read_at_once_and_the_row_anew(made: Cast) -> None:
    user = made["clerk"]
    assert user.scope
    for title in ("第一次", "第二次"):
        Problem.objects.filter(pk=made.problem.pk).update(title=title)
        pk = made.problem.pk
        with CaptureQueriesContext(
            connection,
        ) as asked:
            problem = read_visible(Problem, user, pk, "report__unit")
            assert (problem.title, problem.report.unit) == (title, made.county)
        assert len(asked) == 1
