"""manage.py changepassword: sets a password on the console, by the product's rules and on record."""

from __future__ import annotations

import getpass
import sys
from typing import Any

from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.core.management.base import CommandError, CommandParser

from rectify.management.command import OfficeCommand
from rectify.management.emptiness import require_tables
from rectify.models import User
from rectify.operations import people

NOTHING = "没有任何改动。"


class Command(OfficeCommand):
    help = "在控制台为一个账号设置密码，写入审计；本人下次登录须换成自己的密码。"

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("username", help="登录名")
        parser.add_argument("--password-stdin", action="store_true", help="从标准输入读取新密码")
        parser.add_argument("--reason", default="控制台设置", help="为什么，留在审计记录里")

    def handle(self, *args: Any, **options: Any) -> None:
        require_tables()
        user = User.objects.filter(username=options["username"]).first()
        if user is None:
            raise CommandError(f"没有用户名为“{options['username']}”的账号。{NOTHING}")
        try:
            password = _from_stdin() if options["password_stdin"] else _typed()
            validate_password(password, user)
        except ValidationError as error:
            raise CommandError("".join(error.messages) + NOTHING) from error
        except (EOFError, KeyboardInterrupt) as error:
            raise CommandError(f"输入中断。{NOTHING}") from error
        people.set_password(user, by=None, password=password, reason=options["reason"])
        self.stdout.write(f"已为 {user.username} 设置密码，并写入审计记录；下次登录须换成本人自己的密码。")


def _from_stdin() -> str:
    return sys.stdin.readline().rstrip("\r\n")


def _typed() -> str:
    password = getpass.getpass("新密码：")
    if password != getpass.getpass("再输一次："):
        raise CommandError(f"两次输入的密码不一致。{NOTHING}")
    return password
