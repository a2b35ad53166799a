"""A disk that takes nothing more: reading goes on, writing is refused in words, nothing typed is lost."""

from __future__ import annotations

import errno

import pytest
from django.contrib.sessions.models import Session
from django.db import OperationalError
from django.test import Client

from rectify.evidence import storage
from rectify.models import ProgressNote
from tests import builders

pytestmark = [pytest.mark.django_db, pytest.mark.once]

WORLD = builders.cast


@pytest.fixture
def clerk(made) -> Client:
    client = Client(raise_request_exception=False)
    client.force_login(made["clerk"])
    return client


def test_a_session_that_cannot_be_renewed_does_not_stop_reading(made, clerk, monkeypatch):
    def full(*args, **options):
        raise OperationalError("database or disk is full")

    monkeypatch.setattr(Session, "save", full)
    assert clerk.get(made.problem.get_absolute_url()).status_code == 200


def test_a_sign_in_that_cannot_be_stored_is_refused(made, monkeypatch):
    def full(*args, **options):
        raise OperationalError("database or disk is full")

    monkeypatch.setattr(Session, "save", full)
    client = Client(raise_request_exception=False)
    answer = client.post("/accounts/login/", {"username": "clerk", "password": "ce-shi-mi-ma-1"})
    assert answer.status_code == 507 and "sessionid" not in client.cookies
    assert "ce-shi-mi-ma-1" not in answer.content.decode()


def test_a_write_is_refused_with_507_and_says_what_to_do(made, clerk, monkeypatch):
    def full(file, path):
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(storage, "_write", full)
    form = {"text": "已完成整改", "files": [builders.pdf()]}
    answer = clerk.post(f"{made.problem.get_absolute_url()}progress/", form)
    assert answer.status_code == 507
    page = answer.content.decode()
    assert "磁盘已满" in page and "没有保存" in page and "清理磁盘" in page
    assert "已完成整改</textarea>" in page and answer["Cache-Control"] == "no-store"
    assert not ProgressNote.objects.exists()


def test_another_failure_is_no_full_disk(made, clerk, monkeypatch):
    def fails(file, path):
        raise OSError(errno.EIO, "Input/output error")

    monkeypatch.setattr(storage, "_write", fails)
    form = {"text": "已完成整改", "files": [builders.pdf()]}
    assert clerk.post(f"{made.problem.get_absolute_url()}progress/", form).status_code == 500
