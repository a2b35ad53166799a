"""The dashboard on a wall: every number of the tiles, nobody's name, and a way to renew itself."""

from __future__ import annotations

import re
from types import SimpleNamespace

import pytest
from django.test import Client

from rectify import sessions
from tests.builders import cast

pytestmark = [pytest.mark.django_db, pytest.mark.sqlite]
WORLD = cast


def test_the_wall_counts_all_and_names_nobody(made):
    client = Client()
    for role in ("office", "leader"):
        client.force_login(made[role])
        text = client.get("/dashboard/wall/").content.decode()
        wall = re.search(r'<div id="wall".*</main>', text, re.DOTALL)[0]
        total = int(re.search(r"(\d+) 项问题", wall)[1])
        assert total == sum(map(int, re.findall(r'tile-number">(\d+)<', wall))) > 0
        for name in ("常务副县长", "丙局", "经办人", "学用结合不紧", "调研不深"):
            assert name not in wall
        assert '<noscript><meta http-equiv="refresh" content="60"></noscript>' in text
        assert "js/wall.js" in text


def test_a_wall_keeps_no_sign_in_alive_unless_it_shows_nothing_else(made, monkeypatch, settings):
    client, now = Client(), [2_000_000_000]
    monkeypatch.setattr(sessions, "time", SimpleNamespace(time=lambda: now[0]))
    client.force_login(made["office"])

    def seen_after(path: str) -> int:
        now[0] += 120
        assert client.get(path).status_code == 200
        return now[0] - client.session[sessions.SEEN]

    assert seen_after("/dashboard/") == 0
    assert seen_after("/dashboard/wall/") == 120 and seen_after("/dashboard/wall/") == 240
    assert "30 分钟无人操作即退出" in client.get("/dashboard/wall/").content.decode()
    assert client.post("/dashboard/wall/alone/?from=x")["Location"] == "/dashboard/wall/?from=x"
    assert seen_after("/dashboard/wall/") == 0
    text = client.get("/dashboard/wall/").content.decode()
    assert "返回看板" not in text and "退出大屏" in text
    for path in ("/", "/dashboard/", made.problem.get_absolute_url(), "/accounts/login/", "/admin/"):
        assert client.get(path)["Location"] == "/dashboard/wall/"
    assert client.post("/notices/read/")["Location"] == "/dashboard/wall/"
    now[0] += settings.SESSION_HOURS * 3600
    assert client.get("/dashboard/wall/")["Location"].startswith("/accounts/login/")
    client.force_login(made["office"])
    client.post("/dashboard/wall/alone/")
    client.post("/accounts/logout/")
    client.force_login(made["office"])
    assert client.get("/").status_code == 200
