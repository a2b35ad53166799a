"""Where nothing is yet, the pages lead to the beginning."""

from __future__ import annotations

import pytest
from django.test import Client
from django.urls import reverse

from rectify.operations import people
from tests import builders


@pytest.mark.django_db
def test_an_empty_house_leads_the_office_to_the_upload():
    county = people.add_unit(by=None, name="乙县")
    client = Client()
    client.force_login(builders.account("office", county, "office"))
    for name in ("home", "dashboard", "reports"):
        assert reverse("intake") in client.get(reverse(name)).content.decode(), name
