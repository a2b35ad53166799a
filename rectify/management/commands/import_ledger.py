"""Bring a returned working copy in from the command line: plan, then load; prints the counts as JSON."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any

from django.core.management.base import CommandError, CommandParser

from rectify.choices import Action
from rectify.errors import Refusal
from rectify.ledger.roundtrip import load, merge
from rectify.ledger.roundtrip.plan import MergePlan
from rectify.ledger.roundtrip.reader import Returned, read_returned
from rectify.management.command import OfficeCommand, trouble, user_who_may
from rectify.management.emptiness import require_tables
from rectify.models import User
from rectify.policies import may
from rectify.xlsx.reader import read_book
from rectify.xlsx.structure import RETURNED

TRIES = 50  # items that an operation refuses although the plan let them pass


class Command(OfficeCommand):
    help = (
        "导入填好的填报表，以 JSON 报告项数：new 新增进展或措施，changed 有改动，unchanged 没有变化，"
        "conflicts 期间别人也改过（不覆盖，须在网页上选择），errors 有误（不导入），applied 已写入。"
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", metavar="FILE", help="填好的填报表（.xlsx）")
        parser.add_argument("--as", dest="username", required=True, help="以谁的名义和权限导入")
        parser.add_argument("--dry-run", action="store_true", help="只比对，不写入")

    def handle(self, *args: Any, **options: Any) -> None:
        require_tables()
        try:
            self._import(Path(options["file"]), options["username"], options["dry_run"])
        except Refusal as refusal:
            raise CommandError("\n".join([refusal.message, *getattr(refusal, "missing", [])])) from refusal

    def _import(self, path: Path, username: str, dry_run: bool) -> None:
        user = user_who_may(username, Action.IMPORT, "导入填报表")
        try:
            found = read_returned(read_book(path, RETURNED))
            sha256 = hashlib.sha256(path.read_bytes()).hexdigest()
        except OSError as error:
            raise CommandError(f"无法读取 {path}：{trouble(error)}。") from error
        if dry_run:
            plan, applied = merge.plan(found, user, may=may), 0
        else:
            plan, applied = _load(found, user, path.name, sha256)
        for fault in [*plan.all_faults, *plan.notices]:
            self.stderr.write(f"{fault.where}：{fault.words}")
        self.stdout.write(json.dumps(plan.counts | {"applied": applied}))


def _load(returned: Returned, user: User, name: str, sha256: str) -> tuple[MergePlan, int]:
    """What an operation refuses becomes an error of its item; the others are loaded without it."""
    refusals: dict[str, str] = {}
    for _ in range(TRIES):
        try:
            done = load.apply(returned, by=user, may=may, name=name, sha256=sha256, refusals=refusals)
            return done.plan, done.applied
        except load.ItemRefused as refused:
            refusals[refused.code] = refused.words
    raise CommandError("有太多事项被拒绝，没有导入任何内容。请在网页上导入并查看原因。")
