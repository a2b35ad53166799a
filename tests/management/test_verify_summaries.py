"""manage.py verify_summaries: says what differs, and with --rebuild counts anew."""

from __future__ import annotations

import json

import pytest
from django.core.management.base import CommandError

from rectify.models import Rollup
from tests import builders

pytestmark = pytest.mark.django_db


def test_counts_that_differ_are_named_and_made_anew(run):
    made = builders.cast()
    assert json.loads(run("tick"))["counted"] == 1
    assert json.loads(run("tick"))["counted"] == 0
    builders.closed(made)
    assert "1 份台账的汇总数与现状一致" in run("verify_summaries")
    assert json.loads(run("tick"))["counted"] == 1
    Rollup.objects.update(lights={"closed": 5})
    for command in ("verify_summaries", "verify_audit"):
        with pytest.raises(CommandError, match=r"记的是 5.*verify_summaries --rebuild"):
            run(command)
    assert "已重新统计" in run("verify_summaries", rebuild=True)
    assert "核对通过" in run("verify_audit")


def test_before_the_first_ledger_there_is_nothing_to_differ(run):
    assert "0 份台账" in run("verify_summaries")
