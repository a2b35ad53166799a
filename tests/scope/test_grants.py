"""Every grant of a post for every role: who grants what, with and without the separation of duties."""

from __future__ import annotations

import pytest
from django.db import transaction
from django.test import Client

from rectify.choices import DutyKind, DutyStatus, Role
from rectify.errors import Incomplete, NotAllowed
from rectify.models import DutyRequest, Membership, Unit, User
from rectify.operations import duties, people, reference
from rectify.roles import WATCHING
from tests import builders
from tests.scope.counties import Counties, counties
from tests.views.visits import database

pytestmark = [pytest.mark.django_db, pytest.mark.once, pytest.mark.usefixtures("still_session")]
WORLD = counties

ROLES = tuple(Role.values)
ADD = "/admin/rectify/membership/add/"
DUTY = {role: role if role in (Role.SYSADMIN, Role.AUDITOR) else "business" for role in ROLES}


@pytest.fixture(params=[True, False], ids=["strict", "relaxed"])
def strict(request, made: Counties) -> bool:
    if not request.param:
        duties.relax(made.county, by=None, reason="人手不够")
    return bool(request.param)


def newcomer(made: Counties) -> User:
    """An account of the county whose posts have all ended."""
    person = people.add_account(by=None, username="newcomer", name="新到的同志", password="ce-shi-mi-ma-1")
    Membership.objects.create(user=person, unit=made.bureau, role=Role.CLERK, active=False)
    return person


def post_of(person: User, role: str, unit: Unit) -> Membership:
    """The row to store; a post that ended is switched on again."""
    row = Membership.objects.filter(user=person, unit=unit, role=role).first()
    row = row or Membership(user=person, unit=unit, role=role)
    row.active = True
    return row


@pytest.mark.ci
@pytest.mark.parametrize("granter", [*ROLES, "near", "far"])
def test_only_the_administrator_of_the_county_grants(made: Counties, strict: bool, granter: str) -> None:
    """The others are refused with 403 and a sentence, by the page and by the operation."""
    person = newcomer(made)
    other = granter in ("near", "far")
    by = getattr(made, granter).person("sysadmin") if other else made[granter]
    client = Client()
    client.force_login(by)
    client.get("/help/")  # the first request of a minute renews the session
    before = database()
    for role in ROLES:
        asked = {
            "user": person.pk,
            "unit": made.other_bureau.pk,
            "role": role,
            "active": "on",
            "reason": "新",
        }
        if granter == Role.SYSADMIN:
            with transaction.atomic():
                assert client.post(ADD, asked).status_code == 302, role
                check_granted(person, role, strict)
                transaction.set_rollback(True)
            continue
        # An administrator of another county is offered no such unit and person: an error of the form.
        assert client.post(ADD, asked).status_code == (200 if other else 403), role
        with pytest.raises(NotAllowed) as refused:
            reference.store(post_of(person, role, made.other_bureau), by=by, reason="新")
        assert "系统管理员" in refused.value.message
    assert database() == before


def check_granted(person: User, role: str, strict: bool) -> None:
    """One of the three waits for its second person, switched off; a first post of another kind is in force,
    and the account waits."""
    post = Membership.objects.get(user=person, role=role, unit__name="乙县丁局")
    waits = strict and role in WATCHING
    assert post.active is not waits
    kinds = set(DutyRequest.objects.waiting().filter(user=person).values_list("kind", flat=True))
    assert kinds == ({DutyKind.POST if waits else DutyKind.ACCOUNT} if strict else set())


@pytest.mark.ci
@pytest.mark.parametrize("held", ROLES)
def test_duties_stay_apart_in_one_person(made: Counties, strict: bool, held: str) -> None:
    """Whoever holds one kind of duty is given no other; nothing is written."""
    person = builders.account("second", made.county, held)  # whom the county's administrator administers
    for role in ROLES:
        before = database()
        row = post_of(person, role, made.other_bureau)
        if strict and DUTY[role] != DUTY[held]:
            with pytest.raises(Incomplete) as refused:
                reference.store(row, by=made["sysadmin"], reason="兼任")
            assert "三员分立" in refused.value.message and database() == before
            continue
        with transaction.atomic():
            reference.store(row, by=made["sysadmin"], reason="兼任")
            assert Membership.objects.get(pk=row.pk).active is not (strict and role in WATCHING)
            transaction.set_rollback(True)


def test_nobody_changes_the_own_posts(made: Counties, strict: bool) -> None:
    by, before = made["sysadmin"], database()
    for role in ROLES:
        with pytest.raises(NotAllowed) as refused:
            reference.store(post_of(by, role, made.bureau), by=by, reason="给自己")
        assert "不能自己改" in refused.value.message
    assert database() == before


@pytest.mark.ci
@pytest.mark.parametrize("granted", sorted(WATCHING))
@pytest.mark.parametrize("second", [*ROLES, "near", "far"])
def test_who_may_be_the_second_person(made: Counties, granted: str, second: str) -> None:
    """The office or the auditor of the county, neither who asked nor who is given the post."""
    person = newcomer(made)
    reference.store(post_of(person, granted, made.county), by=made["sysadmin"], reason="新")
    duty = DutyRequest.objects.get(user=person, kind=DutyKind.POST)
    other = second in ("near", "far")
    by = getattr(made, second).person("office") if other else made[second]
    client = Client()
    client.force_login(by)
    client.get("/help/")  # the first request of a minute renews the session
    before = database()
    page = f"/people/duties/{duty.pk}/confirm/"
    if second in (Role.OFFICE, Role.AUDITOR):
        assert client.post(page).status_code == 302
        assert Membership.objects.get(user=person, role=granted).active
        assert DutyRequest.objects.get(pk=duty.pk).status == DutyStatus.DONE
        return
    assert client.post(page).status_code == (403 if second == Role.SYSADMIN else 404)
    with pytest.raises(NotAllowed):
        duties.confirm(duty, by=by)
    assert database() == before


@pytest.mark.parametrize("role", ROLES)
def test_a_new_account_begins_under_the_same_rules(made: Counties, strict: bool, role: str) -> None:
    given = {"username": "fresh", "name": "新同志", "password": "ce-shi-mi-ma-1", "reason": "新到岗"}
    people.add_account(by=made["sysadmin"], memberships=[(made.bureau, role)], **given)
    fresh = User.objects.get(username="fresh")
    waits = strict and role in WATCHING
    assert Membership.objects.get(user=fresh).active is not waits
    assert DutyRequest.objects.waiting().filter(user=fresh).exists() is strict
    for other in (made.near, made.far):
        before = database()
        with pytest.raises(NotAllowed):
            people.add_account(
                by=other.person("sysadmin"), memberships=[(made.bureau, role)], **given | {"username": "x"}
            )
        assert database() == before
