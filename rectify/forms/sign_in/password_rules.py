"""What a new password must be: long, of several kinds of characters, new, like nothing known of its owner."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from typing import Any

from django.conf import settings
from django.contrib.auth.hashers import check_password
from django.contrib.auth.password_validation import (
    MinimumLengthValidator,
    UserAttributeSimilarityValidator,
)
from django.core.exceptions import ValidationError

from rectify.models import FormerPassword, User

KINDS = (
    ("大写字母", re.compile(r"[A-Z]")),
    ("小写字母", re.compile(r"[a-z]")),
    ("数字", re.compile(r"[0-9]")),
    ("符号或其他字符", re.compile(r"[^A-Za-z0-9]")),
)
SHORTEST_LATIN, SHORTEST_CHINESE, SHORTEST_NUMBER = 3, 2, 6


class MinimumLength(MinimumLengthValidator):
    """At least so many characters."""

    def validate(self, password: str, user: Any = None) -> None:
        """Raises ValidationError that says how many are needed."""
        if len(password) < self.min_length:
            raise ValidationError(
                f"密码太短，至少 {self.min_length} 个字符，现在 {len(password)} 个。",
                code="password_too_short",
            )

    def get_help_text(self) -> str:
        return f"密码至少要有 {self.min_length} 个字符。"


class CharacterKinds:
    """Of so many kinds of characters."""

    def __init__(self, least: int) -> None:
        self.least = least

    def validate(self, password: str, user: Any = None) -> None:
        """Raises ValidationError that names the kinds that are there and those that are not."""
        there = [name for name, pattern in KINDS if pattern.search(password)]
        if len(there) >= self.least:
            return
        missing = "、".join(name for name, _ in KINDS if name not in there)
        has = f"现在只有{'、'.join(there)}" if there else "现在一种也没有"
        raise ValidationError(
            f"密码要有大写字母、小写字母、数字、符号中的至少 {self.least} 种，{has}，请加上{missing}中的"
            f"{'一' if self.least - len(there) == 1 else self.least - len(there)}种。",
            code="password_too_plain",
        )

    def get_help_text(self) -> str:
        return f"大写字母、小写字母、数字、符号，至少要有 {self.least} 种。"


class NotAlike(UserAttributeSimilarityValidator):
    """Neither holding nor resembling the name to sign in with, the name, the unit or the telephone."""

    def __init__(self) -> None:
        super().__init__(user_attributes=("username", "name", "phone"))

    def validate(self, password: str, user: Any = None) -> None:
        """Raises ValidationError that names what the password holds."""
        if not isinstance(user, User):
            return
        plain = _folded(password)
        for label, part in _known_of(user):
            if part in plain:
                raise ValidationError(
                    f"密码里含有您的{label}（{part}），与本人资料相似，别人容易猜到，请换一个。",
                    code="password_too_similar",
                )
        super().validate(password, user)

    def get_help_text(self) -> str:
        return "不能含有用户名、姓名、单位、电话，也不能与它们相似。"


class NotReused:
    """None of the last passwords of the person."""

    def validate(self, password: str, user: Any = None) -> None:
        """Raises ValidationError for the present one and those before it, as many as the setting says."""
        if not isinstance(user, User) or user.pk is None or not settings.PASSWORD_HISTORY:
            return
        former = FormerPassword.objects.filter(user=user).values_list("password", flat=True)
        stored = User.objects.filter(pk=user.pk).values_list("password", flat=True)
        for encoded in [*stored, *former[: settings.PASSWORD_HISTORY - 1]]:
            if check_password(password, encoded):
                raise ValidationError(
                    f"这个密码您最近用过，最近 {settings.PASSWORD_HISTORY} 次用过的都不能再用，请换一个。",
                    code="password_reused",
                )

    def get_help_text(self) -> str:
        return f"不能是最近 {settings.PASSWORD_HISTORY} 次用过的密码。"


def _known_of(user: User) -> Iterator[tuple[str, str]]:
    """What others know of a person, cut into parts that are long enough to tell."""
    yield from (("用户名", part) for part in _parts(user.username))
    yield from (("姓名", part) for part in _parts(user.name))
    if user.pk is not None:
        for post in user.posts:
            yield from (("单位", part) for part in _parts(post.unit_name))
    digits = re.sub(r"\D", "", user.phone)
    for start in range(len(digits) - SHORTEST_NUMBER + 1):
        yield "电话号码", digits[start : start + SHORTEST_NUMBER]


def _parts(text: str) -> list[str]:
    parts = re.split(r"[\W_]+", _folded(text))
    return [part for part in parts if len(part) >= (SHORTEST_LATIN if part.isascii() else SHORTEST_CHINESE)]


def _folded(text: str) -> str:
    return unicodedata.normalize("NFKC", text).casefold()
