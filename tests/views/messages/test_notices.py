"""Messages on the page: the list, marking as read, the number, and a session that polling keeps not alive."""

from __future__ import annotations

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from rectify.models import Notice, Problem
from rectify.operations import instructions, problems
from tests import builders

pytestmark = [pytest.mark.django_db, pytest.mark.sqlite]


def history() -> builders.Cast:
    made = builders.cast()
    instructions.instruct(made.problem, by=made["leader"], text="请抓紧")
    return made


WORLD = history


def as_(cast: builders.Cast, role: str) -> Client:
    client = Client()
    client.force_login(cast[role])
    return client


def test_the_list_names_the_items_by_today_s_title(cast):
    one = cast.problem
    problems.edit(one, by=cast["office"], seen=one.version, title="新的名称", reason="更名")
    page = as_(cast, "clerk").get("/notices/").content.decode()
    assert "作了批示，请办理" in page and "新的名称" in page and "未读" in page


def test_an_item_one_may_not_see_any_more_is_left_out(cast):
    two = Problem.objects.get(report=cast.report, number=2)
    builders.assign(cast, two)
    builders.assign(cast, cast.problem, lead_unit=cast.other_bureau, clerk=None)
    page = as_(cast, "clerk").get("/notices/").content.decode()
    assert "学用结合不紧" not in page and "作了批示" in page


def test_the_unread_number_stands_on_every_page_and_falls(cast):
    client = as_(cast, "clerk")
    count = reverse("notice_count")
    assert client.get(count).json() == {"unread": 1}
    for url in ("/", "/problems/", "/notices/", "/help/"):
        assert client.get(url).context["unread"] == 1
    client.post("/notices/read/", {"notice": [Notice.objects.inbox_of(cast["clerk"]).get().pk]})
    assert client.get(count).json() == {"unread": 0}
    assert "还没有消息" not in client.get("/notices/").content.decode()
    assert "没有未读的消息" in client.get("/notices/?unread=1").content.decode()


def test_all_are_marked_at_once_and_others_stay(cast):
    as_(cast, "clerk").post("/notices/read/")
    assert not Notice.objects.inbox_of(cast["clerk"]).unread().exists()
    assert Notice.objects.inbox_of(cast["unit_head"]).unread().exists()


@pytest.mark.parametrize("wrong", ["abc", "-1", "9" * 40, "\x00", ""])
def test_a_wrong_number_marks_nothing(cast, wrong):
    assert as_(cast, "clerk").post("/notices/read/", {"notice": wrong}).status_code == 302
    assert Notice.objects.inbox_of(cast["clerk"]).unread().exists()


def test_the_number_is_one_query_beside_session_and_person(cast):
    client = as_(cast, "clerk")
    client.get("/notices/count/")
    with CaptureQueriesContext(connection) as queries:
        client.get("/notices/count/")
    assert len(queries) <= 3
    assert sum("rectify_notice" in query["sql"] for query in queries) == 1


def test_asking_for_the_number_does_not_keep_a_session_alive(cast):
    client = as_(cast, "clerk")
    client.get("/notices/count/")
    assert "seen" not in client.session
    client.get("/notices/")
    assert "seen" in client.session


def test_the_list_reads_a_fixed_number_of_queries(cast):
    client = as_(cast, "clerk")

    def count() -> int:
        with CaptureQueriesContext(connection) as queries:
            client.get("/notices/")
        return len(queries)

    client.get("/notices/")
    few = count()
    for _ in range(9):
        instructions.instruct(cast.problem, by=cast["leader"], text="请抓紧")
    assert count() == few
