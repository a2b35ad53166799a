"""manage.py setup: the first unit of a real office, and its three: administrator, office, auditor."""

from __future__ import annotations

import getpass
import secrets
import sys
from typing import Any

from django.conf import settings
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.core.management.base import CommandError, CommandParser
from django.db import transaction

from rectify.audit import chain
from rectify.choices import Role
from rectify.management.command import OfficeCommand
from rectify.management.emptiness import require_empty_database, require_tables
from rectify.models import User
from rectify.operations import people

NEXT = """
下一步：
  1. 运行 manage.py serve（或 make run），在浏览器打开 {url}
  2. 用账号 {username} 登录，首次登录须修改密码
  3. 在“管理”里录入下级单位、责任领导和账号；新账号由整改办或安全审计员在“三员”里确认后才能登录
  4. 整改办建立台账、录入问题；请安排每日备份（manage.py backup 文件）
"""


# The other two of the three: the option, the role, and the name to sign in with unless another is given.
OTHERS = (("office", Role.OFFICE, "office"), ("auditor", Role.AUDITOR, "auditor"))


class Command(OfficeCommand):
    help = "首次启用：建立第一个单位和第一个系统管理员，不装演示数据。已有账号时拒绝执行。"

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--unit", help="最上级单位的名称，例如 某县")
        parser.add_argument("--short", default="", help="单位简称，可不填")
        parser.add_argument("--username", help="系统管理员的登录名")
        parser.add_argument("--name", help="系统管理员的姓名或职务")
        for option, role, username in OTHERS:
            label = Role(role).label
            parser.add_argument(f"--{option}-username", default=username, help=f"{label}的登录名")
            parser.add_argument(f"--{option}-name", default=str(label), help=f"{label}的姓名或职务")
        parser.add_argument(
            "--password-stdin", action="store_true", help="从标准输入读取初始密码；不给则随机生成并显示"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            self._handle(**options)
        except (EOFError, KeyboardInterrupt, UnicodeDecodeError) as error:
            raise CommandError("输入中断或无法识别。没有任何改动。") from error

    def _handle(self, **options: Any) -> None:
        require_tables()
        require_empty_database("首次启用只做一次。")
        unit = self._ask(options["unit"], "最上级单位的名称", "--unit", 100)
        username = self._ask(options["username"], "系统管理员的登录名", "--username", 150)
        name = self._ask(options["name"], "系统管理员的姓名或职务", "--name", 50)
        _check_username(username)
        password, generated = self._password(options["password_stdin"], User(username=username, name=name))
        others = self._others(options, username)
        people_here = [(Role.SYSADMIN, username, name, password), *others]
        self._set_up(unit, options["short"].strip()[:30], people_here)
        self.stdout.write(f"已建立单位“{unit}”和系统管理员“{username}”。")
        if generated:
            self.stdout.write(f"初始密码：{password}")
        for role, other, _, secret in others:
            self.stdout.write(f"已建立{Role(role).label}“{other}”，初始密码 {secret}，请交给本人。")
        self.stdout.write(NEXT.format(url=settings.SITE_URL, username=username))

    def _others(self, options: dict[str, Any], username: str) -> list[tuple[str, str, str, str]]:
        """Role, sign-in name, name and a password made up here, of the office and the auditor."""
        found: list[tuple[str, str, str, str]] = []
        taken = {username}
        for option, role, _ in OTHERS:
            other = options[f"{option}_username"].strip()
            _check_username(other)
            if other in taken:
                raise CommandError(f"三员须由三个人担任，登录名“{other}”重复。没有任何改动。")
            taken.add(other)
            name = options[f"{option}_name"].strip()[:50] or str(Role(role).label)
            found.append((role, other, name, secrets.token_urlsafe(12)))
        return found

    def _set_up(self, unit: str, short: str, persons: list[tuple[str, str, str, str]]) -> None:
        with transaction.atomic():
            chain.lock([None])
            require_empty_database("首次启用只做一次。")
            root = people.add_unit(by=None, name=unit, short=short)
            for role, username, name, password in persons:
                people.add_account(
                    by=None, username=username, name=name, password=password, memberships=[(root, role)],
                    must_change=True,
                )  # fmt: skip

    def _ask(self, given: str | None, question: str, option: str, longest: int) -> str:
        value = (given or "").strip()
        while not value:
            if given is not None or not sys.stdin.isatty():
                raise CommandError(f"缺少{question}，请用 {option} 给出。没有任何改动。")
            value = input(f"{question}：").strip()
        if len(value) > longest:
            raise CommandError(f"{question}最多 {longest} 个字，现在 {len(value)} 个字。没有任何改动。")
        return value

    def _password(self, from_stdin: bool, user: User) -> tuple[str, bool]:
        """The first password, and whether it was made up here."""
        if from_stdin:
            password = sys.stdin.readline().rstrip("\r\n")
        elif sys.stdin.isatty():
            password = getpass.getpass("初始密码（直接回车则随机生成）：")
            if password and password != getpass.getpass("再输一次："):
                raise CommandError("两次输入的密码不一致。没有任何改动。")
        else:
            password = ""
        if not password and not from_stdin:
            return secrets.token_urlsafe(12), True
        try:
            validate_password(password, user)
        except ValidationError as error:
            raise CommandError("".join(error.messages) + "没有任何改动。") from error
        return password, False


def _check_username(username: str) -> None:
    try:
        User.username_validator(username)
    except ValidationError as error:
        raise CommandError("登录名只能用字母、数字和 @ . + - _ 这些符号。没有任何改动。") from error
