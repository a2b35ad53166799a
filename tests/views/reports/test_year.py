"""The year of an uploaded report is the one its title names, and its codes begin with it."""

from __future__ import annotations

import pytest
from django.test import Client

from rectify import clock
from rectify.intake.load import load
from rectify.intake.plan import make_plan
from rectify.models import IntakeDraft, Problem
from tests import builders
from tests.builders import Cast
from tests.intake.invented import written

pytestmark = [pytest.mark.django_db, pytest.mark.once]
WORLD = builders.cast


def upload(made: Cast, heading: str, **fields: object) -> IntakeDraft:
    client = Client()
    client.force_login(made["office"])
    text = f"{heading}\n\n{written().partition(chr(10))[2]}"
    file = builders.stream(text.encode(), "报告.txt")
    sent = {"file": file, "unit": made.county.pk, "title": "", "meeting": ""} | fields
    assert client.post("/reports/import/", sent).status_code == 302
    return IntakeDraft.objects.get()


def test_without_a_year_the_title_tells(made: Cast) -> None:
    draft = upload(made, "2023年度民主生活会对照检查报告")
    assert draft.year == 2023
    load(draft, by=made["office"], seen=draft.version, digest=make_plan(draft).digest)
    codes = Problem.objects.filter(report__year=2023).values_list("code", flat=True)
    assert codes and all(code.startswith("2023-") for code in codes)


def test_a_year_that_was_typed_holds(made: Cast) -> None:
    assert upload(made, "2023年度民主生活会对照检查报告", year="2024").year == 2024


@pytest.mark.parametrize("field", ["title", "meeting"])
def test_what_was_typed_tells_before_the_file(made: Cast, field: str) -> None:
    draft = upload(made, "2023年度民主生活会对照检查报告", **{field: "2022年度民主生活会"})
    assert draft.year == 2022


def test_where_the_title_names_none_it_is_this_year(made: Cast) -> None:
    assert upload(made, "民主生活会对照检查报告").year == clock.today().year


def test_the_form_does_not_fill_in_another_year(made: Cast) -> None:
    client = Client()
    client.force_login(made["office"])
    assert client.get("/reports/import/").context["form"]["year"].value() is None
