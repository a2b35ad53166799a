"""manage.py break_glass: gives one named person the administrator's post again, after a lock-out."""

from __future__ import annotations

from typing import Any

from django.core.management.base import CommandError, CommandParser

from rectify.errors import Refusal
from rectify.management.command import OfficeCommand
from rectify.management.emptiness import require_tables
from rectify.models import Unit, User
from rectify.operations import duties


class Command(OfficeCommand):
    help = "应急：恢复一位同志的系统管理员任职并启用其账号，写入审计。只在服务器控制台使用。"

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("username", help="恢复谁的系统管理员任职（登录名）")
        parser.add_argument("--unit", required=True, help="任职单位的名称")
        parser.add_argument("--reason", required=True, help="为什么")

    def handle(self, *args: Any, **options: Any) -> None:
        require_tables()
        user = User.objects.filter(username=options["username"]).first()
        if user is None:
            raise CommandError(f"没有用户名为“{options['username']}”的账号。没有任何改动。")
        try:
            duties.break_glass(user, unit=unit_named(options["unit"]), reason=options["reason"])
        except Refusal as refusal:
            raise CommandError(f"{refusal.message}没有任何改动。") from refusal
        self.stdout.write(f"已恢复 {user.username} 在{options['unit']}的系统管理员任职，并写入审计记录。")
        self.stdout.write("忘记密码的，再用 manage.py changepassword 设置。")


def unit_named(name: str) -> Unit:
    """The one unit of this name."""
    found = list(Unit.objects.filter(name=name.strip())[:2])
    if len(found) != 1:
        why = "没有这个单位" if not found else "有不止一个同名单位"
        raise CommandError(f"{why}：{name}。没有任何改动。")
    return found[0]
