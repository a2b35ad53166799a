"""A password set on the console obeys the product's rules and is on record."""

from __future__ import annotations

import io

import pytest
from django.core.management.base import CommandError

from rectify.choices import Action
from rectify.models import AuditEntry
from tests.builders import Cast, cast

pytestmark = [pytest.mark.django_db, pytest.mark.sqlite]
WORLD = cast
NEW = "Kong-zhi-tai-8"


def test_it_is_on_record_without_the_password_and_must_be_changed(made: Cast, run, monkeypatch) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO(f"{NEW}\n"))
    said = run("changepassword", "clerk", "--password-stdin", reason="本人忘记")
    clerk = made["clerk"]
    assert clerk.check_password(NEW) and clerk.must_change_password
    entry = AuditEntry.objects.get(act=Action.SET_PASSWORD)
    assert (entry.actor, entry.target_id, entry.reason) == (None, clerk.pk, "本人忘记")
    assert NEW not in said + entry.payload and "审计" in said


@pytest.mark.parametrize(
    ("username", "typed", "words"),
    [("clerk", "short\n", "至少 10"), ("clerk", "clerk12345\n", "用户名"), ("nobody", NEW, "没有用户名")],
)
def test_what_is_wrong_changes_nothing(made: Cast, run, monkeypatch, username, typed, words) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO(typed))
    with pytest.raises(CommandError, match=words) as refused:
        run("changepassword", username, "--password-stdin")
    assert "没有任何改动" in str(refused.value)
    assert not AuditEntry.objects.filter(act=Action.SET_PASSWORD).exists()


def test_two_that_differ_are_refused(made: Cast, run, monkeypatch) -> None:
    answers = iter([NEW, f"{NEW}x"])
    monkeypatch.setattr("getpass.getpass", lambda question: next(answers))
    with pytest.raises(CommandError, match="不一致"):
        run("changepassword", "clerk")
    assert not made["clerk"].check_password(NEW)
