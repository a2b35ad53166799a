"""The access matrix: every URL for every role, on one's own ledger and on a foreign one."""

from __future__ import annotations

import pytest
from django.test import Client
from django.urls import reverse

from rectify import clock
from rectify.models import Measure, Problem, Report, User
from rectify.operations import measures, people, problems, progress
from tests import builders

pytestmark = pytest.mark.django_db

ROLES = ("office", "leader", "unit_head", "clerk", "inspector", "sysadmin", "auditor", "stranger")
EVERYBODY = dict.fromkeys(ROLES, 200)
BUSINESS = EVERYBODY | {"stranger": 200}


def codes(default: int, **exceptions: int) -> dict[str, int]:
    return dict.fromkeys(ROLES, default) | exceptions


# What each role gets from a GET of its own county's thing.
# 404: may not see it. 403: may see it but not do it. 405: a verb that only takes POST.
HOLDERS = {"office": 200, "leader": 200, "unit_head": 200, "clerk": 200, "inspector": 200}
OFFICE_ONLY = codes(404, office=200, leader=403, unit_head=403, clerk=403, inspector=403)
UNIT_FORM = codes(404, office=200, leader=403, unit_head=200, clerk=200, inspector=403)
CLOSED_FORM = codes(404, office=200, leader=403, unit_head=403, clerk=403, inspector=200)
# One line a URL of the reviewed procedures: problem 1 is ready, 2 closed, 3 in review for the unit head.
REVIEWED = {
    "close_out_apply": UNIT_FORM,
    "close_out_decide": codes(404, office=403, leader=403, unit_head=200, clerk=403, inspector=403),
    "close_out_withdraw": UNIT_FORM,
    "extension_apply": UNIT_FORM,
    "extension_decide": codes(404, office=403, leader=403, unit_head=200, clerk=403, inspector=403),
    "extension_withdraw": UNIT_FORM,
    "deadline_correct": OFFICE_ONLY,
    "reopen": OFFICE_ONLY,
    "follow_up": CLOSED_FORM,
    "measure_rule": UNIT_FORM,
    "carry": OFFICE_ONLY,
    "stand_ins": codes(403, office=200, leader=200, unit_head=200),
    "stand_in_end": codes(405),
}
OWN = {
    "home": codes(200),
    "dashboard": codes(200),
    "problems": codes(200),
    "problem": codes(404, **HOLDERS),
    "reports": codes(200),
    "report": codes(404, **HOLDERS),
    "ledger": codes(200, sysadmin=403, auditor=403),
    "hand_over": codes(403, office=200),
    "purges": codes(403, office=200, sysadmin=200, auditor=200),
    "audit": codes(403, office=200, inspector=200, auditor=200),
    "help": codes(200),
    "healthz": codes(200),
    "evidence": codes(404, **HOLDERS),
    "assign": OFFICE_ONLY,
    "problem_edit": OFFICE_ONLY,
    "measure_add": UNIT_FORM,
    "measure_edit": UNIT_FORM,
    "measure_finish": UNIT_FORM,
    "measure_drop": UNIT_FORM,
    "note_correct": UNIT_FORM,
}


@pytest.fixture
def cast() -> builders.Cast:
    return builders.cast()


def things(cast: builders.Cast, report: Report) -> dict[str, list]:
    """Arguments of each URL, on one ledger."""
    problem = Problem.objects.get(report=report, number=1)
    worker = cast["clerk"] if report == cast.report else report.created_by
    note = progress.add(problem, by=worker, text="印发方案", files=[builders.pdf()])
    measure = measures.add(problem, by=worker, text="建立制度")
    return {
        "problem": [problem.pk],
        "report": [report.pk],
        "evidence": [note.evidence.get().pk],
        "assign": [problem.pk],
        "problem_edit": [problem.pk],
        "measure_add": [problem.pk],
        "measure_edit": [measure.pk],
        "measure_finish": [measure.pk],
        "measure_drop": [measure.pk],
        "note_correct": [note.pk],
    }


@pytest.mark.parametrize("role", ROLES)
def test_own_ledger(cast, role, client):
    args = things(cast, cast.report)
    client.force_login(cast[role])
    got = {name: client.get(reverse(name, args=args.get(name))).status_code for name in OWN}
    assert got == {name: expected[role] for name, expected in OWN.items()}


@pytest.fixture
def reviewed(cast) -> dict[str, list]:
    """Arguments of each URL of the reviewed procedures, on problems in the state each asks for."""
    ready = builders.ready(cast)
    second, third = (builders.assign(cast, Problem.objects.get(report=cast.report, number=n)) for n in (2, 3))
    closed = builders.closed(cast, builders.ready(cast, second))
    in_review = builders.applied(cast, builders.ready(cast, third)).problem
    lasting = measures.add(ready, by=cast["clerk"], text="建立制度")
    measures.finish(lasting, by=cast["clerk"], seen=lasting.version, result="已印发")
    Measure.objects.filter(pk=lasting.pk).update(kind="lasting")
    extending = problems.add(cast.report, by=cast["office"], title="延期的一项")
    builders.asked_later(cast, builders.assign(cast, extending))
    row = people.name_stand_in(
        cast["leader"],
        by=cast["leader"],
        substitute=cast["inspector"],
        starts_on=clock.today(),
        ends_on=clock.today(),
        reason="外出",
    )
    people.end_stand_in(row, by=cast["leader"])
    return {
        **{name: [ready.pk] for name in ("close_out_apply", "extension_apply", "deadline_correct")},
        **{name: [in_review.pk] for name in ("close_out_decide", "close_out_withdraw")},
        **{name: [extending.pk] for name in ("extension_decide", "extension_withdraw")},
        **{name: [closed.pk] for name in ("reopen", "follow_up")},
        "measure_rule": [lasting.pk],
        "carry": [cast.report.pk],
        "stand_ins": [],
        "stand_in_end": [row.pk],
    }


@pytest.mark.parametrize("role", ROLES)
def test_the_reviewed_procedures(cast, reviewed, role, client):
    client.force_login(cast[role])
    got = {name: client.get(reverse(name, args=reviewed[name])).status_code for name in REVIEWED}
    assert got == {name: expected[role] for name, expected in REVIEWED.items()}


def test_the_reviewed_procedures_are_for_those_who_signed_in_and_may_see(cast, reviewed, client):
    builders.another_ledger(cast)
    for name, args in reviewed.items():
        if name != "stand_in_end":
            response = Client().get(reverse(name, args=args))
            assert response.status_code == 302 and "/accounts/login/" in response["Location"], name
    client.force_login(User.objects.get(username="other_office"))
    for name, args in reviewed.items():
        response = client.post(reverse(name, args=args), {"reason": "越权"})
        assert response.status_code == (422 if name == "stand_ins" else 404), name


@pytest.mark.parametrize("role", [role for role in ROLES if role != "inspector"])
def test_a_foreign_ledger_is_not_there(cast, role, client):
    args = things(cast, builders.another_ledger(cast))
    client.force_login(cast[role])
    got = {name: client.get(reverse(name, args=args[name])).status_code for name in args}
    assert set(got.values()) == {404}, got


def test_nobody_signed_out_gets_past_the_door(cast):
    args = things(cast, cast.report)
    for name in set(OWN) - {"help", "healthz"}:
        response = Client().get(reverse(name, args=args.get(name)))
        assert response.status_code == 302 and "/accounts/login/" in response["Location"], name
