"""A roster loaded on the console: the first start of an office, or a later change of its cast."""

from __future__ import annotations

import os
from pathlib import Path

from django.conf import settings
from django.core.management.base import CommandError
from django.template.loader import render_to_string

from rectify.choices import Action, Role
from rectify.management.command import user_who_may
from rectify.management.emptiness import is_empty
from rectify.models import User
from rectify.operations.staffing import roster as operations
from rectify.operations.staffing.roster import Loaded
from rectify.operations.staffing.slips import Slip
from rectify.roster.reader import read_roster
from rectify.selectors.roster.plan import make_plan
from rectify.selectors.roster.rows import Roster
from rectify.selectors.roster.steps import RosterPlan
from rectify.xlsx.reader import read_book

THE_THREE = (Role.SYSADMIN, Role.OFFICE, Role.AUDITOR)
REASON = "在控制台按建账表建立"


def plan_of(file: Path, username: str) -> tuple[Roster, RosterPlan, User | None]:
    """The rows, what loading them would do, and who does it: the console itself only in an empty house."""
    by = _who(username)
    roster = read_roster(read_book(file, seconds=60))
    plan = make_plan(roster, by)
    if plan.faults:
        lines = "\n".join(f"  {fault.words}" for fault in plan.faults)
        raise CommandError(f"建账表里有 {len(plan.faults)} 处要改正，没有写入任何内容：\n{lines}")
    if by is None:
        _require_the_three(plan)
    return roster, plan, by


def _who(username: str) -> User | None:
    if username:
        return user_who_may(username, Action.LOAD_ROSTER, "批量建账")
    if is_empty():
        return None
    raise CommandError("系统里已有账号。请用 --as 指明以哪位系统管理员的名义批量建账。没有任何改动。")


def _require_the_three(plan: RosterPlan) -> None:
    """The first sheet names the three: without them nobody could go on."""
    there = {step.values["role"] for step in plan.posts if step.place and step.place.parent is None}
    missing = [str(Role(role).label) for role in THE_THREE if role not in there]
    if missing:
        raise CommandError(
            f"首次建账，最上级的单位须有{'、'.join(missing)}，没有写入任何内容。请在“人员”表里加上，由不同的人担任。"
        )


def carry_out(roster: Roster, plan: RosterPlan, by: User | None) -> Loaded:
    return operations.load(roster, by=by, digest=plan.digest, reason=REASON)


def write_slips(slips: list[Slip], file: Path) -> None:
    """A page to print and cut, readable by its owner only; an older file is not overwritten."""
    style = (Path(settings.BASE_DIR) / "static/css/slips.css").read_text()
    context = {"slips": slips, "site": settings.SITE_URL, "style": style}
    text = render_to_string("people/slips_file.html", context)
    with open(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8") as out:
        out.write(text)
