"""The dashboard on a wall: every number of the tiles, nobody's name, and a way to renew itself."""

from __future__ import annotations

import re

import pytest
from django.test import Client

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
