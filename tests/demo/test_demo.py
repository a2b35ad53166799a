"""The demonstration: an empty database filled through the operations, once, with every light to see."""

from __future__ import annotations

import datetime as dt
import json
import re
from collections import Counter
from pathlib import Path

import pytest
from django.conf import settings
from django.core.management.base import CommandError
from django.db import transaction

from rectify import clock
from rectify.choices import RagStatus, Role, Status, Step
from rectify.models import (
    Aspect,
    AuditEntry,
    CloseOut,
    Evidence,
    ImprovementDirection,
    LedgerSettings,
    Measure,
    Problem,
    Report,
    RootCause,
    User,
)
from rectify.models.duties import is_strict
from rectify.operations import people, progress
from tests import builders

pytestmark = [pytest.mark.django_db, pytest.mark.sqlite]

# What was finished before comes from old sheets alone.
SHOWN = set(RagStatus.values) - {RagStatus.WITHDRAWN, RagStatus.CARRIED, RagStatus.FINISHED_BEFORE}
ACCOUNTS = ["office", "leader", "unit_head", "clerk", "inspector", "sysadmin", "auditor"]


def lights() -> Counter[str]:
    rules = LedgerSettings.objects.rules()
    shown = Problem.objects.with_light(clock.today(), rules).values_list("light", flat=True)
    return Counter(shown)


def nothing_is_there() -> bool:
    tables = (User, Report, Problem, AuditEntry)
    folder = Path(settings.EVIDENCE_DIR)
    return not any(table.objects.exists() for table in tables) and not any(
        path.is_file() for path in folder.rglob("*")
    )


def test_it_fills_an_empty_database_with_all_there_is_to_see(run, client):
    said = run("demo", password="yan-shi-mi-ma-1")
    listed = re.findall(r"^  (\w+)\s", said, re.MULTILINE)
    assert listed == ACCOUNTS and "yan-shi-mi-ma-1" in said
    assert set(lights()) == SHOWN, "every light occurs"
    assert [Problem.objects.count(), Aspect.objects.count()] == [10, 5]
    assert [RootCause.objects.count(), ImprovementDirection.objects.count()] == [4, 5]
    assert Measure.objects.exists() and all(row.path.is_file() for row in Evidence.objects.all())
    assert "核对通过" in run("verify_audit")
    others = User.objects.exclude(username__in=ACCOUNTS)
    assert not any(user.has_usable_password() for user in others)
    for username in ACCOUNTS:
        account = User.objects.get(username=username)
        assert account.roles == {Role(username)} and not account.must_change_password
        answer = client.post("/accounts/login/", {"username": username, "password": "yan-shi-mi-ma-1"})
        assert answer.status_code == 302 and client.get("/").status_code == 200
        client.post("/accounts/logout/")


@pytest.mark.ci
def test_a_password_is_made_up_for_each_run_and_works(run):
    passwords = set()
    for _ in range(2):
        with transaction.atomic():
            passwords.add(password := re.search(r"密码：(\S+)", run("demo"))[1])
            assert User.objects.get(username="office").check_password(password)
            transaction.set_rollback(True)
    assert len(passwords) == 2 and all(len(password) >= 12 for password in passwords)


@pytest.mark.ci
@pytest.mark.parametrize("day", [1, 11])
def test_every_light_occurs_on_whatever_day_it_is_filled(run, day):
    with clock.pretend(dt.datetime(2026, 3, day, 1, tzinfo=dt.UTC)):
        run("demo", password="yan-shi-mi-ma-1")
        assert set(lights()) == SHOWN


@pytest.mark.ci
def test_more_shows_every_step_of_the_reviewed_procedures(run):
    run("demo", password="yan-shi-mi-ma-1", more=True)
    assert RagStatus.WITHDRAWN in lights()
    waiting = set(CloseOut.objects.open().values_list("waiting", flat=True))
    assert waiting == {Step.CONFIRM, Step.REVIEW, Step.SIGN}
    assert "核对通过" in run("verify_audit")


@pytest.mark.ci
def test_more_has_a_second_county_under_the_same_city(run):
    """One account of each post in each, duties apart, an item in every state; the city sees both."""
    said = run("demo", password="yan-shi-mi-ma-1", more=True)
    listed = re.findall(r"^  (\w+)\s", said, re.MULTILINE)
    assert listed == [*ACCOUNTS, *(f"lin_{name}" for name in ACCOUNTS)]
    first, second = Report.objects.filter(year=2021).order_by("id")
    assert second.unit.get_parent() == first.unit.get_parent() and second.unit.name == "邻县"
    rows = second.problems.with_light(clock.today(), LedgerSettings.objects.rules())
    assert set(rows.values_list("status", flat=True)) == set(Status.values) - {Status.FINISHED_BEFORE}
    assert {RagStatus.OVERDUE, RagStatus.DUE_SOON, RagStatus.WITHDRAWN} <= set(
        rows.values_list("light", flat=True)
    )
    seen = {name: set(Report.objects.visible_to(account(name))) for name in ("office", "lin_office")}
    assert seen["lin_office"] == {second} and second not in seen["office"]
    assert set(Report.objects.visible_to(account("inspector"))) == seen["office"] | {second}
    for name in listed:
        person = account(name)
        assert person.roles == {Role(name.removeprefix("lin_"))}
        assert person.check_password("yan-shi-mi-ma-1") and is_strict(person.posts[0].path)


def account(name: str) -> User:
    return User.objects.get(username=name)


@pytest.mark.parametrize("what", ["account", "unit", "ledger"])
def test_a_database_that_is_not_empty_is_left_alone(run, what):
    if what == "ledger":
        builders.cast()
    elif what == "unit":
        people.add_unit(by=None, name="某县")
    else:
        people.add_account(by=None, username="someone", name="某同志", password="x")
    entries = AuditEntry.objects.count()
    with pytest.raises(CommandError, match=r"已有数据.*没有任何改动"):
        run("demo")
    assert AuditEntry.objects.count() == entries


@pytest.mark.ci
def test_a_demonstration_that_fails_leaves_nothing(run, monkeypatch):
    calls = []

    def fail_at_the_tenth(*args, **kwargs):
        calls.append(1)
        if len(calls) == 10:
            raise RuntimeError("disk full")
        return original(*args, **kwargs)

    original = progress.add
    monkeypatch.setattr(progress, "add", fail_at_the_tenth)
    with pytest.raises(RuntimeError):
        run("demo")
    assert nothing_is_there()


def test_an_empty_password_is_refused(run):
    with pytest.raises(CommandError, match="不能为空"):
        run("demo", password="  ")
    assert nothing_is_there()


def test_people_are_named_by_their_posts():
    """A surname with a given name or a form of address would be somebody."""
    for name in ("report.json", "cast.json", "second_county.json"):
        text = (settings.BASE_DIR / "fixtures" / name).read_text(encoding="utf-8")
        assert not re.search(r"[赵钱孙李周吴郑王冯陈][某\u4e00-\u9fff]?(同志|先生|女士|书记|县长|局长)", text)
    posts = re.compile(
        r"(负责人|经办人|整改办|县长|书记|部长|主任|局长|人员|管理员|审计员|政委|委员|检查组.*)$"
    )
    for name in ("cast.json", "second_county.json"):
        cast = json.loads((settings.BASE_DIR / "fixtures" / name).read_text(encoding="utf-8"))
        for row in cast["accounts"]:
            assert posts.search(row["name"]), row["name"]
        for row in cast["leaders"]:
            assert posts.search(row["post"]), row["post"]
