"""The access matrix: every URL for every role, on one's own ledger and on a foreign one."""

from __future__ import annotations

import pytest
from django.test import Client
from django.urls import reverse

from rectify import clock
from rectify.models import Instruction, Problem, Report, Supervision
from rectify.operations import instructions, measures, people, problems, progress, supervision
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
    "supervisions": codes(200),
    "supervision_issue": codes(403, office=200),
    "supervision": codes(404, office=200, unit_head=200, clerk=200, inspector=200),
    "supervision_acknowledge": codes(405),
    "supervision_reply": codes(404, office=302, unit_head=302, clerk=302, inspector=302),
    "chase_unreported": codes(405),
    "supervise": OFFICE_ONLY,
    "instruct": codes(404, office=403, leader=200, unit_head=403, clerk=403, inspector=403),
    "instruction_acknowledge": codes(405),
    "delivery": codes(404, office=200, leader=403, unit_head=403, clerk=403, inspector=403),
    "delivery_test": codes(405),
    "notices": codes(200),
    "notices_read": codes(405),
    "notice_count": codes(200),
}
# Verbs that only take POST say so before they look for the thing.
ONLY_POST = {name for name, expected in OWN.items() if set(expected.values()) == {405}}


@pytest.fixture
def cast() -> builders.Cast:
    return builders.cast()


def things(cast: builders.Cast, report: Report) -> dict[str, list]:
    """Arguments of each URL, on one ledger."""
    problem = Problem.objects.get(report=report, number=1)
    worker = cast["clerk"] if report == cast.report else report.created_by
    note = progress.add(problem, by=worker, text="印发方案", files=[builders.pdf()])
    measure = measures.add(problem, by=worker, text="建立制度")
    paper, words = chased(cast, problem)
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
        "supervision": [paper.pk],
        "supervision_acknowledge": [paper.addressees.get().pk],
        "supervision_reply": [paper.addressees.get().pk],
        "chase_unreported": [report.pk],
        "supervise": [problem.pk],
        "instruct": [problem.pk],
        "instruction_acknowledge": [words.pk],
        "delivery": [report.pk],
        "delivery_test": [report.pk],
    }


def chased(cast: builders.Cast, problem: Problem) -> tuple[Supervision, Instruction]:
    """A 督办单 and an instruction, in a foreign ledger on a unit and a leader of its own."""
    office = cast["office"] if problem.report == cast.report else problem.report.created_by
    unit = problem.lead_unit or problem.report.unit
    if problem.lead_unit is None or problem.leader is None:
        leader = people.add_leader(by=None, post="外县领导", unit=unit)
        problem = problems.assign(problem, by=office, seen=problem.version, lead_unit=unit, leader=leader)
    paper = supervision.issue(
        [problem],
        by=office,
        level="normal",
        reason="请说明原因",
        reply_by=clock.today(),
        units=[unit],
    )
    writer = cast["leader"] if problem.report == cast.report else office
    return paper, instructions.instruct(problem, by=writer, text="请抓紧")


@pytest.mark.parametrize("role", ROLES)
def test_own_ledger(cast, role, client):
    args = things(cast, cast.report)
    client.force_login(cast[role])
    got = {name: client.get(reverse(name, args=args.get(name))).status_code for name in OWN}
    assert got == {name: expected[role] for name, expected in OWN.items()}


@pytest.mark.parametrize("role", [role for role in ROLES if role != "inspector"])
def test_a_foreign_ledger_is_not_there(cast, role, client):
    args = things(cast, builders.another_ledger(cast))
    client.force_login(cast[role])
    got = {
        name: getattr(client, "post" if name in ONLY_POST else "get")(
            reverse(name, args=args[name])
        ).status_code
        for name in args
    }
    assert set(got.values()) == {404}, got


def test_nobody_signed_out_gets_past_the_door(cast):
    args = things(cast, cast.report)
    for name in set(OWN) - {"help", "healthz"}:
        response = Client().get(reverse(name, args=args.get(name)))
        assert response.status_code == 302 and "/accounts/login/" in response["Location"], name
