"""The calendar of deadlines: codes and days of one's own items, until its address is changed or ended."""

from __future__ import annotations

import re

import pytest
from django.test import Client

from rectify.choices import Action
from rectify.models import AuditEntry, CalendarFeed, User
from tests import builders

pytestmark = pytest.mark.django_db
WORLD = builders.cast


def opened(client: Client) -> str:
    page = client.post("/notices/calendar/").content.decode()
    return re.search(r"/calendar\.ics\?key=[\w-]{43}", page)[0]


def test_codes_and_days_without_signing_in_until_it_ends(made, client):
    stranger = Client()
    client.force_login(made["clerk"])
    address = opened(client)
    answer = stranger.get(address)
    assert answer.status_code == 200 and answer["Content-Type"] == "text/calendar; charset=utf-8"
    text, item = answer.content.decode(), made.problem
    assert text.count("BEGIN:VEVENT") == 1 and f"SUMMARY:{item.code} 整改时限" in text
    assert f"DTSTART;VALUE=DATE:{item.deadline:%Y%m%d}" in text
    assert item.title not in text and str(item.lead_unit) not in text and "Set-Cookie" not in answer
    assert address.partition("=")[2] not in CalendarFeed.objects.get().digest
    again = opened(client)
    assert (stranger.get(address).status_code, stranger.get(again).status_code) == (404, 200)
    User.objects.filter(pk=made["clerk"].pk).update(is_active=False)
    assert stranger.get(again).status_code == 404
    User.objects.filter(pk=made["clerk"].pk).update(is_active=True)
    assert client.post("/notices/calendar/", {"close": "1"}).status_code == 302
    assert stranger.get(again).status_code == stranger.get("/calendar.ics").status_code == 404
    acts = (Action.OPEN_CALENDAR, Action.OPEN_CALENDAR, Action.CLOSE_CALENDAR)
    assert tuple(AuditEntry.objects.order_by("pk").values_list("act", flat=True))[-3:] == acts


def test_what_is_not_theirs_is_not_in_it(made, client):
    client.force_login(made["sysadmin"])
    assert "BEGIN:VEVENT" not in Client().get(opened(client)).content.decode()
