"""The check of the record where there is none yet, and beside people at work."""

from __future__ import annotations

import pytest

from rectify.audit import chain
from tests import builders


@pytest.mark.django_db
def test_an_empty_database_passes(run):
    assert "系统：0 条" in run("verify_audit")


@pytest.mark.django_db(transaction=True, databases=["default", "snapshot"])
def test_it_reads_one_state_and_keeps_no_writer_waiting(run):
    cast = builders.cast()
    assert "核对通过" in run("verify_audit", head=chain.head_of(cast.report))
