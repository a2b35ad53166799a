"""What the administrator enters for delivery: hosts that may be called, and people's addresses."""

from __future__ import annotations

import pytest
from django.test import Client

from rectify.choices import Action
from rectify.models import AllowedHost, AuditEntry, User
from tests import builders

pytestmark = [pytest.mark.django_db, pytest.mark.sqlite]


WORLD = builders.cast


def as_(cast: builders.Cast, role: str) -> Client:
    client = Client()
    client.force_login(cast[role])
    return client


def test_the_administrator_allows_a_host_with_a_reason(cast):
    given = {"host": "robot.example.com", "active": "on", "reason": "企业微信机器人"}
    as_(cast, "sysadmin").post("/admin/rectify/allowedhost/add/", given)
    assert AllowedHost.objects.get().host == "robot.example.com"
    assert AuditEntry.objects.filter(act=Action.EDIT_REFERENCE, reason="企业微信机器人").exists()


@pytest.mark.parametrize(
    "host", ["http://robot.example.com", "robot.example.com:8080", "a b", "大写", "-x", ""]
)
def test_what_is_no_host_is_refused(cast, host):
    given = {"host": host, "active": "on", "reason": "试"}
    assert as_(cast, "sysadmin").post("/admin/rectify/allowedhost/add/", given).status_code == 200
    assert not AllowedHost.objects.exists()


def test_the_office_cannot_allow_a_host_itself(cast):
    given = {"host": "robot.example.com", "active": "on", "reason": "试"}
    assert as_(cast, "office").post("/admin/rectify/allowedhost/add/", given).status_code == 403
    assert not AllowedHost.objects.exists()


def test_an_address_is_kept_with_a_new_account_and_with_a_changed_one(cast):
    client = as_(cast, "sysadmin")
    given = {
        "username": "neu",
        "name": "新同志",
        "email": "neu@example.com",
        "is_active": "on",
        "new_password": "ce-shi-mi-ma-2",
        "unit": cast.bureau.pk,
        "role": "clerk",
        "reason": "新到岗",
    }
    client.post("/admin/rectify/user/add/", given)
    made = User.objects.get(username="neu")
    assert made.email == "neu@example.com" and made.must_change_password
    client.post(
        f"/admin/rectify/user/{made.pk}/change/", given | {"email": "alt@example.com", "new_password": ""}
    )
    assert User.objects.get(pk=made.pk).email == "alt@example.com"
