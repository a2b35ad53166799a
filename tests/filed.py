"""A filed ledger and a bulk act without a page: builders for the tests of both."""

from __future__ import annotations

import io

from rectify import clock
from rectify.audit.chain import head_of
from rectify.choices import Kind
from rectify.digests import canonical
from rectify.evidence import storage
from rectify.ledger.archive.code import new_code
from rectify.models import BulkAct, IssuedLedger, Problem, User
from rectify.operations import bulk
from rectify.operations.exchange import issue_ledger
from tests.builders import Cast


def filed(
    problem: Problem, by: User, code: str = "", idempotency_key: str | None = None, **row
) -> IssuedLedger:
    """A filed ledger that holds this one problem, its row with these fields."""
    code = code or new_code()
    rows = canonical([{"code": problem.code, "title": problem.title, "measures": []} | row])
    kept = storage.keep(io.BytesIO(b"a workbook " + code.encode()), "台账.xlsx")
    return issue_ledger.file(
        issue_ledger.Filing(code, "整改台账", rows, kept), by=by,
        idempotency_key=idempotency_key, report=problem.report,
        as_of=clock.today(), columns="A", selection="", problems=1, head=head_of(problem.report),
    )  # fmt: skip


def file_one(
    made: Cast, role: str = "office", code: str = "AAAA-AAAA", idempotency_key=None, **row
) -> IssuedLedger:
    return filed(made.problem, made[role], code, idempotency_key, **row)


def acted(office: User, problem: Problem) -> BulkAct:
    """One act on one problem."""
    wanted = bulk.Wanted({"kind": Kind.AT_ONCE})
    return bulk.apply({problem.pk: problem.version}, wanted, by=office, reason="部署")
