"""The first start of a real office: asked for or given, once, with a password that must be changed."""

from __future__ import annotations

import io
import re

import pytest
from django.core.management.base import CommandError

from rectify.choices import Role
from rectify.models import AuditEntry, Unit, User
from tests import builders

pytestmark = pytest.mark.django_db

GIVEN = {"unit": "某县", "username": "admin", "name": "信息中心 管理员"}
COMMAND = "rectify.management.commands.setup"


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


@pytest.fixture(autouse=True)
def no_terminal(monkeypatch):
    monkeypatch.setattr("sys.stdin", io.StringIO())


@pytest.fixture
def typed(monkeypatch):
    """typed(answers, passwords): what a person types at the terminal, in turn."""

    def answer(answers: list[str], passwords: list[str]) -> None:
        lines, secret = iter(answers), iter(passwords)
        monkeypatch.setattr("sys.stdin", Terminal())
        monkeypatch.setattr("builtins.input", lambda question: next_or_end(lines))
        monkeypatch.setattr("getpass.getpass", lambda question: next_or_end(secret))

    return answer


def next_or_end(answers):
    for answer in answers:
        return answer
    raise EOFError


def nothing_is_there() -> bool:
    return not (User.objects.exists() or Unit.objects.exists() or AuditEntry.objects.exists())


def test_options_give_a_unit_and_an_administrator_who_must_change_the_password(run, client):
    said = run("setup", **GIVEN, short="县")
    password = re.search(r"初始密码：(\S+)", said)[1]
    admin = User.objects.get(username="admin")
    assert admin.username == "admin" and admin.must_change_password and admin.is_staff
    assert admin.roles == {Role.SYSADMIN} and Unit.objects.get().short == "县"
    assert AuditEntry.objects.filter(report=None).count() == 4
    others = {user.username: user.roles for user in User.objects.exclude(pk=admin.pk)}
    assert others == {"office": {Role.OFFICE}, "auditor": {Role.AUDITOR}}, "the three can begin"
    answer = client.post("/accounts/login/", {"username": "admin", "password": password})
    assert answer.status_code == 302
    assert client.get("/").url == "/accounts/password/"
    assert "核对通过" in run("verify_audit")


def test_a_person_at_the_terminal_is_asked_until_there_is_an_answer(run, typed):
    typed(["", " 某县 ", "admin", "管理员"], ["chu-shi-mi-ma-1", "chu-shi-mi-ma-1"])
    said = run("setup")
    assert "初始密码：" not in said and "chu-shi" not in said
    assert Unit.objects.get().name == "某县"
    assert User.objects.get(username="admin").check_password("chu-shi-mi-ma-1")


@pytest.mark.parametrize(
    ("answers", "passwords", "words"),
    [
        (["某县", "admin", "管理员"], ["chu-shi-mi-ma-1", "chu-shi-mi-ma-2"], "不一致"),
        (["某县", "admin", "管理员"], ["short", "short"], "密码太短，至少 10 个字符"),
        (["某县"], [], "输入中断"),
    ],
)
def test_wrong_answers_change_nothing(run, typed, answers, passwords, words):
    typed(answers, passwords)
    with pytest.raises(CommandError, match=words):
        run("setup")
    assert nothing_is_there()


def test_the_password_comes_from_standard_input(run, monkeypatch):
    monkeypatch.setattr("sys.stdin", io.StringIO("chu-shi-mi-ma-1\r\nmore"))
    assert "初始密码：" not in run("setup", **GIVEN, password_stdin=True)
    assert User.objects.get(username="admin").check_password("chu-shi-mi-ma-1")


@pytest.mark.parametrize("given", ["", "short", "1234567890123", "password123"])
def test_a_weak_password_is_refused(run, monkeypatch, given):
    monkeypatch.setattr("sys.stdin", io.StringIO(given))
    with pytest.raises(CommandError, match="没有任何改动"):
        run("setup", **GIVEN, password_stdin=True)
    assert nothing_is_there()


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ({"unit": " "}, "缺少最上级单位的名称，请用 --unit 给出"),
        ({"username": ""}, "--username"),
        ({"name": None}, "--name"),
        ({"unit": "某" * 101}, "最多 100 个字，现在 101 个字"),
        ({"name": "某" * 51}, "最多 50 个字"),
        ({"username": "a" * 151}, "最多 150 个字"),
        ({"username": "ad min"}, "登录名只能用"),
    ],
)
def test_wrong_options_are_named(run, wrong, words):
    with pytest.raises(CommandError, match=words):
        run("setup", **(GIVEN | wrong))
    assert nothing_is_there()


def test_the_three_are_three_persons(run):
    with pytest.raises(CommandError, match="三员须由三个人担任"):
        run("setup", **GIVEN, office_username="admin")
    assert nothing_is_there()
    said = run("setup", **GIVEN, office_username="zgb", auditor_username="sjy", auditor_name="审计科")
    assert {"zgb", "sjy", "admin"} == set(User.objects.values_list("username", flat=True))
    for name in ("zgb", "sjy"):
        secret = re.search(rf"“{name}”，初始密码 (\S+)，", said)[1]
        assert User.objects.get(username=name).check_password(secret)


def test_it_is_done_once(run):
    run("setup", **GIVEN)
    with pytest.raises(CommandError, match="首次启用只做一次"):
        run("setup", **(GIVEN | {"username": "other"}))
    assert User.objects.get(username="admin").username == "admin"


def test_it_leaves_an_office_at_work_alone(run):
    builders.cast()
    with pytest.raises(CommandError, match="已有数据"):
        run("setup", **GIVEN)
