"""A backup holds the sources of ledgers and the reports being looked over, and misses no purged one."""

from __future__ import annotations

import tarfile

import pytest
from django.core.management import call_command

from rectify.models import IntakeDraft, SourceText
from rectify.operations import purging
from tests import builders

pytestmark = pytest.mark.django_db(transaction=True, databases=["default", "snapshot"])


def members(path) -> set[str]:
    with tarfile.open(path) as archive:
        return {name.rpartition("/")[2] for name in archive.getnames() if name.startswith("evidence/")}


def test_sources_and_open_drafts_are_in_the_backup(tmp_path):
    made = builders.cast()
    source = builders.with_source(made.report)
    draft = builders.uploaded(made["office"], made.county, "另一份报告")
    call_command("backup", str(tmp_path / "备份.tar"))
    assert members(tmp_path / "备份.tar") == {source.stored, draft.stored}


def test_what_was_purged_or_given_up_is_not_missed(tmp_path):
    made = builders.cast()
    builders.with_source(made.report)
    purge = purging.request(made.problem, by=made["office"], reason="误传")
    purging.confirm(purge, by=builders.account("second", made.county, "office"))
    assert SourceText.objects.get().is_purged and IntakeDraft.objects.open().count() == 0
    call_command("backup", str(tmp_path / "备份.tar"))
    assert members(tmp_path / "备份.tar") == set()
