"""What a new password must be: each rule names what is wrong, and lets a good one pass."""

from __future__ import annotations

import pytest
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError

from rectify.choices import Action
from rectify.models import AuditEntry, FormerPassword, User
from rectify.operations import people
from tests.builders import Cast, cast

pytestmark = [pytest.mark.django_db, pytest.mark.sqlite]
WORLD = cast

GOOD = "Zao-shang-8-dian"


def refusal(password: str, user: User | None) -> str:
    """What is said against it; empty where nothing is."""
    try:
        validate_password(password, user)
    except ValidationError as error:
        return " ".join(error.messages)
    return ""


@pytest.fixture
def clerk(made: Cast) -> User:
    User.objects.filter(pk=made["clerk"].pk).update(name="王小明", phone="0571-88123456")
    return made["clerk"]


@pytest.mark.parametrize(
    ("password", "words"),
    [
        ("Ab1-", "至少 10 个字符，现在 4 个"),
        ("zaoshangbadian", "现在只有小写字母，请加上大写字母、数字、符号或其他字符中的2种"),
        ("zaoshang8dian", "现在只有小写字母、数字，请加上大写字母、符号或其他字符中的一种"),
        ("clerk12345", "用户名（clerk）"),
        ("CLERK-8-dian-zhong", "用户名（clerk）"),
        ("Ｃlerk-8-dian-zhong", "用户名（clerk）"),
        ("我是王小明-Abc123", "姓名（王小明）"),
        ("乙县丙局-2026-abc", "单位（乙县丙局）"),
        ("Dianhua-88123456", "电话号码（881234）"),
        ("Password123", "太常见"),
    ],
)
def test_what_is_wrong_is_named(clerk: User, password: str, words: str) -> None:
    said = refusal(password, clerk)
    assert words in said.replace("这个密码太常见了", "太常见"), said


@pytest.mark.parametrize("password", [GOOD, "好-记-的-一-句-8a", "Q7 kaihui zai san lou"])
def test_a_good_one_passes(clerk: User, password: str) -> None:
    assert refusal(password, clerk) == ""


def test_the_last_three_do_not_come_back_and_the_fourth_may(made: Cast) -> None:
    words = [f"Di-{n}-ge-mi-ma" for n in "1234"]
    for password in words[:3]:
        people.set_password(made["clerk"], by=made["clerk"], password=password)
    for password in words[:3]:
        assert "最近 3 次" in refusal(password, made["clerk"])
    people.set_password(made["clerk"], by=made["clerk"], password=words[3])
    assert refusal(words[0], made["clerk"]) == ""
    assert "最近 3 次" in refusal(words[1], made["clerk"])


def test_history_can_be_switched_off(made: Cast, settings) -> None:
    people.set_password(made["clerk"], by=made["clerk"], password=GOOD)
    settings.PASSWORD_HISTORY = 0
    assert refusal(GOOD, made["clerk"]) == ""


def test_former_passwords_are_kept_as_hashes_and_not_for_ever(made: Cast, monkeypatch) -> None:
    monkeypatch.setattr(people, "LONGEST_HISTORY", 2)
    for n in range(4):
        people.set_password(made["clerk"], by=made["clerk"], password=f"Di-{n}-ge-mi-ma")
    rows = list(FormerPassword.objects.filter(user=made["clerk"]))
    assert len(rows) == 2 and not any("mi-ma" in row.password for row in rows)
    entries = AuditEntry.objects.filter(act=Action.SET_PASSWORD)
    assert not any(
        "mi-ma" in entry.payload or row.password in entry.payload for entry in entries for row in rows
    )
