"""Entries of one transaction: the head is read once, and what a savepoint takes back leaves no gap."""

from __future__ import annotations

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from rectify.audit import chain
from rectify.choices import Action
from rectify.models import AuditEntry, ChainHead
from tests import builders
from tests.builders import Cast

pytestmark = pytest.mark.django_db

WORLD = builders.cast


class TakenBack(Exception):
    """An act that fails half way."""


def append(cast: Cast, label: str) -> AuditEntry:
    return chain.append_entry(
        by=cast["office"], act=Action.EXPORT, report=cast.report, target=cast.report, label=label, payload={}
    )


def test_an_entry_that_a_savepoint_took_back_leaves_no_gap(cast: Cast) -> None:
    with transaction.atomic():
        first = append(cast, "甲")
        with pytest.raises(TakenBack), transaction.atomic():
            append(cast, "乙")
            raise TakenBack
        second = append(cast, "丙")
    assert (second.number, second.previous) == (first.number + 1, first.digest)
    head = ChainHead.objects.get(report=cast.report)
    assert (head.number, head.digest) == (second.number, second.digest)


def test_the_head_is_read_once_however_many_entries_are_made(cast: Cast) -> None:
    office = cast["office"]
    with CaptureQueriesContext(connection) as asked, transaction.atomic():
        chain.lock([cast.report])
        for label in "甲乙丙":
            chain.append_entry(
                by=office, act=Action.EXPORT, report=cast.report, target=None, label=label, payload={}
            )
    reads = [one for one in asked if one["sql"].startswith('SELECT "rectify_chainhead"')]
    assert len(reads) <= 1  # not at all where the transaction has it in hand already
