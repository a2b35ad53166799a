"""A 督办单 after its item has left: nothing to sign, to answer or to take, and the office is told."""

from __future__ import annotations

import datetime as dt

import pytest
from django.test import Client

from rectify import clock
from rectify.errors import NotAllowed, WrongState
from rectify.models import Addressee, Evidence, Problem, Supervision
from rectify.operations import problems, supervision
from rectify.selectors.health import rules
from rectify.selectors.health.findings import CheckedLedgers
from tests import builders
from tests.scope.counties import Counties, counties

pytestmark = [pytest.mark.django_db, pytest.mark.once]
WORLD = counties


def issued(made: Counties, *items: Problem) -> Supervision:
    return supervision.issue(
        list(items or [made.problem]), by=made["office"], units=[made.bureau], leaders=[], level="key",
        reason="久拖不决", reply_by=clock.today() + dt.timedelta(days=7),
    )  # fmt: skip


def addressee(paper: Supervision) -> Addressee:
    return Addressee.objects.get(supervision=paper)


def move_away(made: Counties, problem: Problem) -> None:
    problem.refresh_from_db()
    problems.assign(
        problem, by=made["office"], seen=problem.version, lead_unit=made.other_bureau, reason="职责调整"
    )


def client_of(made: Counties, who: str) -> Client:
    client = Client()
    client.force_login(made[who])
    return client


def test_the_unit_an_item_has_left_neither_signs_nor_answers_nor_reads(made: Counties) -> None:
    paper = issued(made)
    assert client_of(made, "clerk").get(paper.get_absolute_url()).status_code == 200
    move_away(made, made.problem)
    for who in ("clerk", "unit_head"):
        with pytest.raises(NotAllowed):
            supervision.acknowledge(addressee(paper), by=made[who])
        assert client_of(made, who).get(paper.get_absolute_url()).status_code == 404
    scope = CheckedLedgers(
        (made.report,), Problem.objects.filter(report=made.report), clock.today(), made["office"]
    )
    keys = {result.rule.key for result in rules.check(scope)}
    assert "paper_astray" in keys
    supervision.acknowledge(addressee(paper), by=made["office"])
    supervision.reply(addressee(paper), by=made["office"], text="事项已转乙县丁局，另行督办。")


def test_what_was_signed_for_before_the_item_left_is_not_answered_after(made: Counties) -> None:
    paper = issued(made)
    supervision.acknowledge(addressee(paper), by=made["clerk"])
    move_away(made, made.problem)
    with pytest.raises(NotAllowed):
        supervision.reply(addressee(paper), by=made["clerk"], text="已办", files=[builders.pdf()])
    assert not Evidence.objects.exists()


def test_nothing_is_attached_to_a_closed_item(made: Counties) -> None:
    paper = issued(made)
    supervision.acknowledge(addressee(paper), by=made["clerk"])
    builders.closed(made.home)
    before = Evidence.objects.count()
    with pytest.raises(WrongState):
        supervision.reply(addressee(paper), by=made["clerk"], text="已办", files=[builders.pdf()])
    assert Evidence.objects.count() == before
    assert supervision.reply(addressee(paper), by=made["clerk"], text="已销号").text == "已销号"


def test_the_sheet_offers_no_file_that_then_is_not_there(made: Counties) -> None:
    second = builders.assign(made.home, Problem.objects.get(report=made.report, number=2))
    paper = issued(made, made.problem, second)
    supervision.acknowledge(addressee(paper), by=made["clerk"])
    supervision.reply(addressee(paper), by=made["clerk"], text="已办", files=[builders.pdf()])
    address = Evidence.objects.get().get_absolute_url()
    page = client_of(made, "clerk").get(paper.get_absolute_url())
    assert address in page.content.decode()
    move_away(made, made.problem)
    client = client_of(made, "clerk")
    page = client.get(paper.get_absolute_url())
    assert page.status_code == 200 and address not in page.content.decode()
    assert client.get(address).status_code == 404
