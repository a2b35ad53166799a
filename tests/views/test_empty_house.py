"""Where nothing is yet, the pages lead to the beginning."""

from __future__ import annotations

import pytest
from django.test import Client
from django.urls import reverse

from rectify.models import Report
from rectify.operations import people
from tests import builders


@pytest.mark.django_db
def test_an_empty_house_leads_the_office_to_the_upload():
    county = people.add_unit(by=None, name="乙县")
    client = Client()
    client.force_login(builders.account("office", county, "office"))
    for name in ("home", "dashboard", "reports", "ledger"):
        assert reverse("intake") in client.get(reverse(name)).content.decode(), name


@pytest.mark.django_db
def test_a_fresh_office_begins_without_a_report():
    county = people.add_unit(by=None, name="乙县")
    client = Client()
    client.force_login(builders.account("office", county, "office"))
    facts = {"unit": county.pk, "year": "2031", "title": "整改台账"}
    assert reverse("report_new") in client.get("/").content.decode()
    page = client.post(reverse("report_new"), facts).url
    assert client.post(reverse("report_new"), facts).status_code == 422, "sent twice it is one ledger"
    text = client.get(page).content.decode()
    ledger = Report.objects.get()
    add, part = (reverse(name, args=[ledger.pk]) for name in ("problem_add", "part_add"))
    assert add in text and part in text
    for kind, title in (("aspect", "带头学习"), ("cause", "抓得不紧"), ("direction", "抓好落实")):
        assert client.post(part, {"kind": kind, "title": title}).url == page
    assert client.post(part, {"kind": "cause", "title": "抓得不紧"}).status_code == 422
    new = {"title": "督办不够经常", "aspect": ledger.aspects.get().pk, "source": "other", "kind": "by_date"}
    assert client.post(add, new).status_code == 302
    text = client.get(page).content.decode()
    assert all(words in text for words in ("带头学习", "抓得不紧", "抓好落实", "督办不够经常"))
