"""Is the installation sound? Strangers get yes or no, the administrator the reasons."""

from __future__ import annotations

import shutil
from types import SimpleNamespace

import pytest
from django.test import Client

from rectify import clock
from rectify.backup import readiness
from rectify.backup.last import LastBackup
from tests import builders

pytestmark = pytest.mark.django_db

WORLD = builders.cast


@pytest.fixture(autouse=True)
def own_data_folder(settings, tmp_path):
    """No backup and no round of background work has been here."""
    settings.DATA_DIR = tmp_path


def test_a_stranger_gets_yes_or_no_and_no_more(made):
    assert Client().get("/readyz").json() == {"ready": True}


def test_a_full_disk_is_not_ready(made, monkeypatch):
    monkeypatch.setattr(shutil, "disk_usage", lambda path: SimpleNamespace(free=10_000_000))
    answer = Client().get("/readyz")
    assert answer.status_code == 503 and answer.json() == {"ready": False}


def test_the_administrator_reads_why(made, client, monkeypatch):
    monkeypatch.setattr(shutil, "disk_usage", lambda path: SimpleNamespace(free=10_000_000))
    client.force_login(made["sysadmin"])
    checks = {check["name"]: check for check in client.get("/readyz").json()["checks"]}
    assert not checks["磁盘空间"]["ok"] and "请尽快清理或扩容" in checks["磁盘空间"]["words"]
    assert not checks["备份"]["ok"] and "还没有备份过" in checks["备份"]["words"]
    page = client.get("/").content.decode()
    assert "系统状况" in page and "请尽快清理或扩容" in page


def test_others_see_nothing_of_it(made, client):
    client.force_login(made["office"])
    assert "checks" not in client.get("/readyz").json()
    assert "系统状况" not in client.get("/").content.decode()


def test_an_old_or_incomplete_backup_is_told(made, monkeypatch):
    for backup, words in (
        (LastBackup(clock.now() - 2 * readiness.BACKUP_OLDEST, 0), "已超过三天"),
        (LastBackup(clock.now(), 2), "有 2 份文件丢失"),
    ):
        monkeypatch.setattr(readiness, "last_backup", lambda backup=backup: backup)
        check = {check.name: check for check in readiness.readiness()}["备份"]
        assert not check.ok and words in check.words
