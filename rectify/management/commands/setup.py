"""manage.py setup: the first unit of a real office, and its three: administrator, office, auditor."""

from __future__ import annotations

import getpass
import secrets
import sys
from pathlib import Path
from typing import Any

from django.conf import settings
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.core.management.base import CommandError, CommandParser
from django.db import transaction

from rectify.audit import chain
from rectify.choices import Role
from rectify.management import rosters
from rectify.management.command import OfficeCommand
from rectify.management.emptiness import require_empty_database, require_tables
from rectify.models import User
from rectify.operations import people
from rectify.operations.staffing.slips import Slip
from rectify.roster.writer import write_roster

NEXT = """
下一步：
  1. 运行 manage.py serve（或 make run），在浏览器打开 {url}
  2. 用账号 {username} 登录，首次登录须修改密码
  3. 在“管理”里录入下级单位、责任领导和账号；新账号由整改办或安全审计员在“三员”里确认后才能登录
  4. 整改办建立台账、录入问题；请安排每日备份（manage.py backup 文件）
"""
AFTER_SHEET = """
下一步：
  1. 运行 manage.py serve（或 make run），在浏览器打开 {url}
  2. 各人用登录名和一次性口令登录，首次登录须修改密码
  3. 整改办导入自查报告或录入问题；请安排每日备份（manage.py backup 文件）
"""


# The other two of the three: the option, the role, and the name to sign in with unless another is given.
OTHERS = (("office", Role.OFFICE, "office"), ("auditor", Role.AUDITOR, "auditor"))


class Command(OfficeCommand):
    help = (
        "首次启用：建立第一个单位和三员，不装演示数据，已有账号时拒绝执行；"
        "给出 --from 建账表则一次建立单位、人员、任职、责任领导和节假日，已有账号时须用 --as 指明系统管理员。"
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--unit", help="最上级单位的名称，例如 某县")
        parser.add_argument("--from", dest="sheet", type=Path, help="建账表（.xlsx），可在“批量建账”页下载")
        parser.add_argument("--template", type=Path, help="只把空白的建账表写到这个文件")
        parser.add_argument("--as", dest="as_user", default="", help="已有账号时，系统管理员的登录名")
        parser.add_argument("--dry-run", action="store_true", help="只看建账表会带来什么改动，不写入")
        parser.add_argument("--slips", type=Path, help="把一次性口令写成可打印、裁开的网页文件（.html）")
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
        if options["template"]:
            self._write_template(options["template"])
            return
        require_tables()
        if options["sheet"]:
            self._from_sheet(**options)
            return
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

    def _write_template(self, file: Path) -> None:
        with file.open("xb") as out:
            write_roster(out)
        self.stdout.write(f"已写出空白的建账表 {file}，填好后运行 setup --from {file}。")

    def _from_sheet(self, **options: Any) -> None:
        """The whole cast from a workbook; all of it or nothing."""
        slips_file: Path | None = options["slips"]
        if slips_file and slips_file.exists():
            raise CommandError(f"文件 {slips_file} 已经存在，没有任何改动。请换一个文件名。")
        roster, plan, by = rosters.plan_of(options["sheet"], options["as_user"])
        self.stdout.write(f"{plan.words}。没有变化 {plan.unchanged} 项。")
        for step in plan.steps:
            changes = "，".join(f"{one.heading} {one.old} → {one.new}" for one in step.differences)
            self.stdout.write(
                f"  {'新增' if step.is_new else '改动'} {step.sheet} {step.label} {changes}".rstrip()
            )
        if options["dry_run"] or not plan.steps:
            self.stdout.write("没有写入任何内容。")
            return
        loaded = rosters.carry_out(roster, plan, by)
        self.stdout.write("已全部写入。")
        for words in loaded.left:
            self.stdout.write(words)
        if loaded.waiting:
            self.stdout.write(
                f"其中 {loaded.waiting} 项，请整改办或安全审计员登录后在“三员”里一次确认后生效。"
            )
        self._hand_out(loaded.slips, slips_file)
        self.stdout.write(AFTER_SHEET.format(url=settings.SITE_URL))

    def _hand_out(self, slips: list[Slip], file: Path | None) -> None:
        if slips and file:
            rosters.write_slips(slips, file)
            self.stdout.write(
                f"{len(slips)} 个新账号的一次性口令写在 {file}，请打印、裁开后交给本人，再删除这个文件。"
            )
            return
        for slip in slips:
            self.stdout.write(f"{slip.unit} {slip.name}　登录名 {slip.username}　一次性口令 {slip.password}")

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
