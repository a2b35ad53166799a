"""The access matrix: every URL for every role, on one's own ledger and on a foreign one."""

from __future__ import annotations

import pytest
from django.test import Client
from django.urls import reverse

from rectify.models import Problem, Report
from rectify.operations import measures, progress
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
    "intake": codes(403, office=200),
    "intake_draft": codes(404, office=200),
    "intake_load": codes(404, office=200),
    "report_source": codes(404, **HOLDERS),
    "report_source_file": codes(404, office=200, inspector=200),
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
        "intake_draft": [builders.uploaded(report.created_by, report.unit).pk],
        "intake_load": [builders.uploaded(report.created_by, report.unit).pk],
        "report_source": [report.pk],
        "report_source_file": [report.pk, builders.with_source(report).edition],
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
