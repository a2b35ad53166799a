"""Tampering is found: edit, removal, insertion, truncation, missing triggers, rewritten rows."""

from __future__ import annotations

import pytest
from django.core.management import CommandError, call_command
from django.db import connection

from rectify.models import AuditEntry, guards
from rectify.operations import measures, progress, purging
from rectify.operations.recording import head_of
from tests import builders

pytestmark = pytest.mark.django_db


@pytest.fixture
def cast() -> builders.Cast:
    made = builders.cast()
    progress.add(made.problem, by=made["clerk"], text="印发方案")
    measures.add(made.problem, by=made["clerk"], text="建立制度")
    return made


def tamper(sql: str, *values: object) -> None:
    with guards.lifted(), connection.cursor() as cursor:
        cursor.execute(sql, values)


def verify(**options: str) -> None:
    call_command("verify_audit", verbosity=0, **options)


def test_an_untouched_record_holds(cast, capsys):
    verify(head=head_of(cast.report))
    assert "核对通过" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("sql", "found"),
    [
        (
            "UPDATE rectify_auditentry SET payload = '{}' WHERE number = 3 AND report_id IS NOT NULL",
            "第 3 条",
        ),
        ("UPDATE rectify_auditentry SET reason = 'x' WHERE number = 2 AND report_id IS NOT NULL", "第 2 条"),
        (
            "UPDATE rectify_auditentry SET actor_label = 'x' WHERE number = 4 AND report_id IS NULL",
            "系统 第 4 条",
        ),
        ("DELETE FROM rectify_auditentry WHERE number = 3 AND report_id IS NOT NULL", "第 3 条"),
        ("UPDATE rectify_problemstate SET title = 'x' WHERE valid_to IS NULL", "title"),
        ("UPDATE rectify_problem SET goal = 'x'", "goal"),
        ("UPDATE rectify_measure SET text = 'x'", "text"),
        ("UPDATE rectify_progressnote SET text = 'x'", "进展"),
    ],
)
def test_tampering_is_named(cast, sql, found):
    tamper(sql)
    with pytest.raises(CommandError, match=found):
        verify()


def test_two_entries_swapped_are_found(cast):
    tamper("UPDATE rectify_auditentry SET number = 900 WHERE number = 2 AND report_id IS NOT NULL")
    tamper("UPDATE rectify_auditentry SET number = 2 WHERE number = 3 AND report_id IS NOT NULL")
    tamper("UPDATE rectify_auditentry SET number = 3 WHERE number = 900 AND report_id IS NOT NULL")
    with pytest.raises(CommandError, match="第 2 条"):
        verify()


def test_truncation_with_its_head_is_found_by_a_printed_head(cast):
    printed = head_of(cast.report)
    last = AuditEntry.objects.filter(report=cast.report).order_by("-number").first()
    tamper("DELETE FROM rectify_auditentry WHERE id = %s", last.pk)
    tamper(
        "UPDATE rectify_chainhead SET number = %s, digest = %s WHERE report_id = %s",
        last.number - 1,
        last.previous,
        cast.report.pk,
    )
    with pytest.raises(CommandError, match="链头"):
        verify(head=printed)


def test_a_missing_trigger_is_found(cast):
    guards.lift()
    try:
        with pytest.raises(CommandError, match="触发器"):
            verify()
    finally:
        guards.install()


def test_a_purge_does_not_break_the_chain(cast):
    note = progress.add(cast.problem, by=cast["clerk"], text="误传")
    purging.confirm(purging.request(note, by=cast["office"], reason="误传"), by=cast["sysadmin"])
    verify()
    tamper(
        "UPDATE rectify_auditentry SET payload = '{\"purged\":true}' WHERE number = 2 AND report_id IS NOT NULL"
    )
    with pytest.raises(CommandError, match="第 2 条"):
        verify()
