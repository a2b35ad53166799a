"""人员: who sees whom, and what the page of a person tells."""

from __future__ import annotations

import pytest
from django.test import Client

from rectify.models import User
from tests import builders
from tests.builders import Cast

pytestmark = [pytest.mark.django_db, pytest.mark.once]


def history() -> Cast:
    made = builders.cast()
    builders.another_ledger(made)
    return made


WORLD = history


def client_of(made: Cast, role: str) -> Client:
    client = Client()
    client.force_login(made[role])
    return client


def test_the_page_of_a_person_tells_posts_leader_and_work(made: Cast) -> None:
    office, clerk, leader = client_of(made, "office"), made["clerk"], made["leader"]
    listed = office.get("/people/?q=丙局").content.decode()
    assert f'href="/people/{clerk.pk}/"' in listed and f'href="/people/{leader.pk}/"' not in listed
    page = office.get(f"/people/{clerk.pk}/").content.decode()
    for words in ("乙县丙局 经办人", "经办的事项（乙县丙局）", made.problem.code, "不是责任领导", "没有启用"):
        assert words in page, words
    assert f"/people/hand-over/?giver={clerk.pk}" in page
    assert "“常务副县长”" in office.get(f"/people/{leader.pk}/").content.decode()


def test_the_administrator_sees_how_much_and_not_what(made: Cast) -> None:
    page = client_of(made, "sysadmin").get(f"/people/{made['clerk'].pk}/").content.decode()
    assert "经办的事项（乙县丙局）" in page and made.problem.code not in page
    assert "修改账号、重设密码" in page and "移交名下的工作" not in page


def test_people_of_another_county_are_not_found(made: Cast) -> None:
    far = User.objects.get(username="other_office")
    office = client_of(made, "office")
    assert office.get(f"/people/{far.pk}/").status_code == 404
    assert far.username not in office.get("/people/").content.decode()
    assert client_of(made, "clerk").get("/people/").status_code == 403
