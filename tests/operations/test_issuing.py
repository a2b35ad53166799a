"""Filing an official ledger: what is kept and recorded, what a purge takes out, what verification sees."""

from __future__ import annotations

import json

import pytest
from django.db import DatabaseError, transaction

from rectify.audit import append_only_triggers
from rectify.audit.verify import read_chains
from rectify.choices import Action
from rectify.digests import PURGED_PAYLOAD, digest_of
from rectify.errors import NotAllowed
from rectify.models import AuditEntry, IssuedLedger, LedgerExport
from rectify.operations import progress, purging
from rectify.operations.exchange import issue_ledger
from tests.builders import Cast, account, cast
from tests.filed import file_one

pytestmark = pytest.mark.django_db


@pytest.fixture
def made() -> Cast:
    return cast()


def breaks() -> list[str]:
    return [str(fault) for chain in read_chains("default") for fault in chain.breaks]


def test_rows_file_digest_and_code_are_kept_and_recorded(made):
    issued = file_one(made)
    export = issued.export
    assert issued.items == [{"code": made.problem.code, "measures": [], "title": "学用结合不紧"}]
    assert issued.rows_digest == digest_of(issued.rows)
    assert issued.path.read_bytes() == b"a workbook AAAA-AAAA"
    assert (export.by, export.report, export.problems) == (made["office"], made.report, 1)
    entry = AuditEntry.objects.get(act=Action.FILE_LEDGER)
    assert (entry.target_id, entry.target_label) == (issued.pk, "台账存档 AAAA-AAAA")
    assert entry.details["issued"]["sha256"] == export.sha256
    assert AuditEntry.objects.filter(act=Action.EXPORT, target_id=export.pk).count() == 1
    assert breaks() == []


def test_the_same_submit_twice_files_once(made):
    one, two = (
        file_one(made, idempotency_key="t" * 64),
        file_one(made, code="CCCC-CCCC", idempotency_key="t" * 64),
    )
    assert one == two
    assert IssuedLedger.objects.count() == LedgerExport.objects.count() == 1


@pytest.mark.parametrize("role", ["sysadmin", "auditor"])
def test_who_may_not_export_may_not_file(made, role):
    with pytest.raises(NotAllowed):
        file_one(made, role)
    assert not IssuedLedger.objects.exists() and not LedgerExport.objects.exists()


def test_a_filed_ledger_that_leaves_again_is_recorded(made):
    issued = file_one(made)
    issue_ledger.hand_out(issued, by=made["inspector"])
    entry = AuditEntry.objects.filter(act=Action.EXPORT).latest("id")
    assert entry.actor == made["inspector"]
    assert entry.details == {"handed_out": {"code": issued.code, "sha256": issued.export.sha256}}
    assert breaks() == []


@pytest.mark.parametrize("change", [{"code": "DDDD-DDDD"}, {"rows": "[]"}, {"title": "x"}, {"stored": "y"}])
def test_what_was_filed_cannot_be_changed_or_deleted(made, change):
    issued = file_one(made)
    with pytest.raises(DatabaseError), transaction.atomic():
        IssuedLedger.objects.filter(pk=issued.pk).update(**change)
    with pytest.raises(DatabaseError), transaction.atomic():
        IssuedLedger.objects.filter(pk=issued.pk).delete()


@pytest.mark.parametrize(
    "change", [{"rows": "[]"}, {"code": "DDDD-DDDD"}, {"rows_digest": "0" * 64}, {"size": 1}]
)
def test_verification_sees_a_change_behind_the_guards(made, change):
    issued = file_one(made)
    with append_only_triggers.lifted():
        IssuedLedger.objects.filter(pk=issued.pk).update(**change)
    row = f"{issued._meta.verbose_name}（编号 {issued.pk}）：与第"
    assert any(row in one for one in breaks())


def test_verification_sees_a_file_changed_or_gone_and_a_row_that_vanished(made):
    issued = file_one(made)
    issued.path.chmod(0o600)
    issued.path.write_bytes(b"another")
    assert any("文件内容与记录不符" in one for one in breaks())
    issued.path.unlink()
    assert any("文件不见了" in one for one in breaks())
    with append_only_triggers.lifted():
        IssuedLedger.objects.filter(pk=issued.pk).delete()
    assert any("记录了这一行，现在不见了" in one for one in breaks())


def test_a_purge_takes_the_text_out_of_every_ledger_that_quotes_it(made):
    note = progress.add(made.problem, by=made["clerk"], text="误传的内容")
    quoting = file_one(made, progress=f"2025年3月1日　经办人：{note.text}（完成 10%）")
    step = {"text": "误传的内容"}
    nested = file_one(made, code="CCCC-CCCC", measures=[step])
    other = file_one(made, code="DDDD-DDDD", progress="别的进展")
    purge = purging.request(note, by=made["office"], reason="误传")
    second = account("second", made.county, "office")
    with transaction.atomic():
        purging.confirm(purge, by=second)
    for issued, gone in ((quoting, True), (nested, True), (other, False)):
        issued.refresh_from_db()
        assert issued.is_purged is gone
        assert (issued.rows == PURGED_PAYLOAD) is gone
    assert "误传的内容" not in json.dumps(list(IssuedLedger.objects.values_list("rows", flat=True)))
    entry = AuditEntry.objects.get(act=Action.CONFIRM_PURGE)
    assert sorted(entry.details["issued"]) == ["AAAA-AAAA", "CCCC-CCCC"]
    assert breaks() == []


@pytest.mark.django_db(transaction=True)
def test_the_files_go_when_the_purge_is_committed(made):
    note = progress.add(made.problem, by=made["clerk"], text="误传的内容")
    issued, other = file_one(made, progress="误传的内容"), file_one(made, code="CCCC-CCCC")
    purge = purging.request(note, by=made["office"], reason="误传")
    purging.confirm(purge, by=account("second", made.county, "office"))
    assert not issued.path.exists() and other.path.exists()
