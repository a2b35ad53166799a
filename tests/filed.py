"""A filed ledger and a bulk act without a page: builders for the tests of both."""

from __future__ import annotations

import io

from rectify import clock
from rectify.choices import Kind
from rectify.models import BulkAct, IssuedLedger, Problem, User
from rectify.models.audit import canonical
from rectify.operations import bulk, files, issuing
from rectify.operations.recording import head_of
from tests.builders import Cast


def file_one(
    made: Cast, by: User | str = "office", code: str = "AAAA-AAAA", token=None, report=None, **row
) -> IssuedLedger:
    report, who = report or made.report, made[by] if isinstance(by, str) else by
    rows = canonical([{"code": made.problem.code, "title": made.problem.title, "measures": []} | row])
    kept = files.keep_one(io.BytesIO(b"a workbook " + code.encode()), "台账.xlsx")
    filing = issuing.Filing(code, "整改台账", rows, kept)
    return issuing.file(
        filing, by=who, token=token, report=report, as_of=clock.today(), columns="A",
        selection="", problems=1, head=head_of(report),
    )  # fmt: skip


def acted(office: User, problem: Problem) -> BulkAct:
    """One act on one problem."""
    wanted = bulk.Wanted({"kind": Kind.AT_ONCE})
    return bulk.apply({problem.pk: problem.version}, wanted, by=office, reason="部署")
