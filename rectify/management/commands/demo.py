"""Fill an empty database with the fixture report and a cast, one account for each role."""

from __future__ import annotations

import secrets
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import transaction

from ...choices import Role
from ...models import Report, Unit, User
from ..cast import Play


class Command(BaseCommand):
    help = "装入演示数据：报告的十个问题和每种角色各一个账号。只用于空库。"

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--password", help="全部演示账号的密码；不给则随机生成")

    def handle(self, *args: Any, **options: Any) -> None:
        if User.objects.exists() or Unit.objects.exists() or Report.objects.exists():
            raise CommandError("数据库不是空的，没有装入演示数据，也没有改动任何内容。")
        password = options["password"] or secrets.token_urlsafe(9)
        with transaction.atomic():
            report = Play(password).perform()
        self.stdout.write(f"已装入演示台账：{report.title}，{report.problems.count()} 项问题。\n演示账号：")
        for user in User.objects.filter(is_active=True).order_by("id"):
            role = Role(user.posts[0].role).label
            self.stdout.write(f"  {user.username:<10} 密码 {password}   {role}，{user.name}")
