"""Entries filled ahead of the lock take their places, and what else was written before them is named."""

from __future__ import annotations

import json

import pytest
from django.db import transaction

from rectify.audit import chain, written
from rectify.choices import Action
from rectify.models import AuditEntry, Problem, Report
from rectify.operations.together.items import ItemsTogether
from tests.audit.bending import breaks
from tests.builders import another_ledger, cast

pytestmark = pytest.mark.django_db


def named_last(report: Report) -> tuple[str, set[tuple[str, int]]]:
    """The act and the rows of the newest entry of a chain."""
    entry = AuditEntry.objects.filter(report=report).latest("number")
    return entry.act, {(kind, pk) for kind, pk, _ in json.loads(entry.rows)}


def test_what_was_written_before_them_is_named_each_on_its_own_chain() -> None:
    made = cast()
    ledgers = [made.report, another_ledger(made)]
    item, *_ = Problem.objects.filter(report=made.report).order_by("number")
    acts = ItemsTogether([item], by=made["office"], reason="批量补正", tie={"batch": "7"})
    acts.edit(item, {"goal": "建成长效机制"})
    ready = acts.ready()
    before = [Problem.objects.filter(report=report).latest("number") for report in ledgers]
    with transaction.atomic(), chain.together(ledgers):
        rows = Problem.objects.filter(pk__in=[row.pk for row in before])
        rows.update(remark="写在前面")
        written.wrote_all(rows)
        ready.store()
    assert breaks() == []
    (act, named), (act_there, named_there) = map(named_last, ledgers)
    assert act == Action.EDIT_PROBLEM and {("problem", item.pk), ("problem", before[0].pk)} <= named
    assert act_there == Action.NAME_ROWS and named_there == {("problem", before[1].pk)}
    Problem.objects.filter(pk=before[1].pk).update(remark="绕过系统")
    assert "问题（编号" in breaks()[0]
