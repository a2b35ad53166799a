"""Every number of an overview is a link to a list, and says how many that list finds."""

from __future__ import annotations

import re

from django.test import Client

from rectify.models import User
from rectify.selectors.problem_filter import ProblemFilter
from tests.builders import Cast

LINK = re.compile(r'<a [^>]*href="(/problems/\?[^"#]*)"[^>]*>(.*?)</a>', re.S)


def page(made: Cast, role: str, url: str) -> tuple[Client, str]:
    client = Client()
    client.force_login(made[role])
    response = client.get(url)
    assert response.status_code == 200
    return client, response.content.decode()


def counted(text: str) -> int | None:
    numbers = re.findall(r"\d+", re.sub(r'<span class="tile-(label|note)">.*?</span>|<[^>]+>', " ", text))
    return int(numbers[-1]) if numbers else None


def _content(text: str) -> str:
    """Without the navigation, which leads to the same ledgers and counts nothing."""
    return text[text.index("<main") : text.index("</main>")]


def check_numbers(user: User, text: str) -> int:
    """Every link to the list says how many its filter finds; one of them is opened too."""
    links = {(href.replace("&amp;", "&"), counted(words)) for href, words in LINK.findall(_content(text))}
    for href, count in links:
        found = ProblemFilter.of(user, href.partition("?")[2])
        assert not found.ignored, href
        assert found.qs.count() == count, href
    client = Client()
    client.force_login(user)
    href, count = max(links)
    assert client.get(href).context["page"].count == count, href
    return len(links)
