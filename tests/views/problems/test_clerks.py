"""As 经办人 only the clerks and heads of the units chosen are offered, and nobody else is taken."""

from __future__ import annotations

import json

import pytest
from django.test import Client

from rectify.choices import Role
from rectify.models import Membership, Problem
from rectify.selectors.problem_filter import ProblemFilter
from tests import builders
from tests.builders import Cast

pytestmark = [pytest.mark.django_db, pytest.mark.once]


def history() -> Cast:
    """The bureau has everybody: an administrator, an auditor and an inspector of its own too."""
    made = builders.cast()
    for role in (Role.SYSADMIN, Role.AUDITOR, Role.INSPECTOR):
        builders.account(f"bureau_{role}", made.bureau, role)
    return made


WORLD = history


@pytest.fixture
def office(made: Cast) -> Client:
    client = Client()
    client.force_login(made["office"])
    return client


def offered(page: object) -> set[str]:
    return {user.username for user in page.context["form"].fields["clerk"].queryset}


def sent(made: Cast, **fields: object) -> dict[str, object]:
    problem = made.problem
    given = {"version": problem.version, "lead_unit": made.bureau.pk, "kind": "by_date", "reason": "调整"}
    return given | {"leader": made.leader.pk} | fields


def test_the_page_offers_those_of_the_unit_it_is_opened_with(made: Cast, office: Client) -> None:
    page = office.get(f"/problems/{made.problem.pk}/assign/")
    assert offered(page) == {"clerk", "unit_head"}
    text = page.content.decode()
    assert "js/clerks.js" in text
    people = json.loads(page.context["form"].fields["clerk"].widget.attrs["data-people"])
    assert {user for user, *_ in people} == {made[one].pk for one in ("clerk", "unit_head", "stranger")}


def test_another_unit_chosen_offers_its_people(made: Cast, office: Client) -> None:
    where = f"/problems/{made.problem.pk}/assign/"
    wrong = office.post(where, sent(made, clerk=made["stranger"].pk))
    assert wrong.status_code == 422 and "不是责任单位、配合单位的经办人或负责人" in wrong.content.decode()
    moved = sent(made, lead_unit=made.other_bureau.pk, clerk=made["stranger"].pk)
    assert office.post(where, moved).status_code == 302
    assert made.problem.clerk == made["stranger"] and made.problem.lead_unit == made.other_bureau


@pytest.mark.parametrize("role", [Role.SYSADMIN, Role.AUDITOR, Role.INSPECTOR])
def test_who_does_not_work_on_items_is_no_clerk(made: Cast, office: Client, role: str) -> None:
    other = Membership.objects.get(user__username=f"bureau_{role}").user
    page = office.post(f"/problems/{made.problem.pk}/assign/", sent(made, clerk=other.pk))
    assert page.status_code == 422 and made.problem.clerk == made["clerk"]
    listed = ProblemFilter.of(made["office"], "").choices("clerk")
    assert {user.username for user in listed} == {"clerk", "unit_head", "stranger"}


def test_many_at_once_offer_those_of_their_units_or_of_the_one_chosen(made: Cast, office: Client) -> None:
    one = Problem.objects.get(pk=made.problem.pk)
    page = office.get(f"/problems/bulk/?pick={one.pk}")
    options = [value for value, _ in page.context["form"].fields["clerk"].choices]
    assert options[:2] == ["", "clear"]
    assert set(options[2:]) == {str(made[one].pk) for one in ("clerk", "unit_head")}
    body = {"items": f"{one.pk}:{one.version}", "lead_unit": made.other_bureau.pk, "reason": "调整"}
    page = office.post("/problems/bulk/", body | {"clerk": made["stranger"].pk})
    assert page.status_code == 200 and page.context["plan"].lines[0].is_accepted
    page = office.post("/problems/bulk/", body | {"clerk": made["clerk"].pk})
    assert page.status_code == 422
