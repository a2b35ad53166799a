"""With several ledgers in sight an item is called by code and ledger, never by 第 N 项 alone."""

from __future__ import annotations

import re

import pytest
from django.test import Client
from django.urls import reverse

from rectify.models import Problem, Report
from rectify.operations import carry_over, problems
from tests import builders
from tests.views.access_rows import URLS

pytestmark = [pytest.mark.django_db, pytest.mark.sqlite]

ALONE = re.compile(r"(?<!新报告)第 \d+ 项(?! · 编号)")
TEXT = re.compile(r"<script.*?</script>|<[^>]+>", re.DOTALL)


def WORLD() -> builders.Cast:
    """Two ledgers of one county: an item carried over, others alike, one late and unsettled each."""
    cast = builders.cast()
    for number in (2, 3):
        builders.assign(cast, Problem.objects.get(number=number), deadline=cast.problem.deadline)
    carry_over.carry_over(cast.report, [cast.problem], by=cast["office"], reason="未完成", title="新年度台账")
    new = Report.objects.exclude(pk=cast.report.pk).get()
    problems.add(new, by=cast["office"], title="督办不够经常化、力度不够")
    return cast


def overviews() -> list[str]:
    """Every page that is about no one thing."""
    about_one = {name for name, row in URLS.items() if not row.get or row.thing or row.ask or row.extra}
    about_one |= {"health"}  # of the one ledger that it names
    return [reverse(name) for name in URLS if name not in about_one]


def test_no_number_alone_where_several_ledgers_are_in_sight(made: builders.Cast) -> None:
    old = made.report
    assert old and Report.objects.count() == 2
    carried = Problem.objects.get(carried_from=made.problem)
    pages = [reverse("carry", args=[old.pk]), carried.get_absolute_url(), made.problem.get_absolute_url()]
    pages += [f"{reverse('bulk')}?all=1", f"{reverse('problems')}?leader=none"]
    wrong, seen = [], 0
    for role in ("office", "leader", "clerk"):
        client = Client()
        client.force_login(made[role])
        for url in [*overviews(), *pages]:
            answer = client.get(url)
            if answer.status_code != 200 or answer.streaming or b"<main" not in answer.content:
                continue
            main = answer.content.decode().partition("<main")[2]
            text = " ".join(TEXT.sub(" ", main).split())
            seen += 1
            wrong += [
                f"{role} {url}: {text[max(0, m.start() - 40) : m.end() + 30]}" for m in ALONE.finditer(text)
            ]
    assert seen > 40
    assert wrong == [], "\n".join(wrong)
