"""A finished year restored to be read: every page, every export, and nothing that changes it."""

from __future__ import annotations

import pytest

from rectify.errors import NotAllowed
from rectify.management.commands.tick import work
from rectify.models import AuditEntry, ProgressNote
from rectify.operations import people
from tests import builders

pytestmark = pytest.mark.django_db(databases=["default", "snapshot"])
WORLD = builders.cast


def test_it_is_read_and_exported_and_not_changed(made, client, settings):
    settings.READ_ONLY = True
    entries = AuditEntry.objects.count()
    client.force_login(made["clerk"])
    item = made.problem.get_absolute_url()
    page = client.get(item).content.decode()
    assert "归档 · 只读" in page and f"{item}progress/" not in page
    refused = client.post(f"{item}progress/", {"text": "印发方案"})
    assert refused.status_code == 403 and "只能查看和导出" in refused.content.decode()
    with pytest.raises(NotAllowed, match="归档的数据"):
        people.add_account(by=None, username="new", name="新来的", password="x")
    assert work() == {"sessions": 0}
    assert not ProgressNote.objects.exists() and AuditEntry.objects.count() == entries
    client.force_login(made["office"])
    for path in ("/", "/dashboard/", "/problems/", "/ledger/", "/documents/", "/notices/"):
        assert client.get(path).status_code == 200
    assert client.get("/ledger/export/").status_code == 200 and AuditEntry.objects.count() == entries + 1
