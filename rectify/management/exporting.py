"""What commands that write a file for an office share: who exports which ledger, and a file kept whole."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO, cast

from django.core.management.base import CommandError

from rectify.choices import Action
from rectify.management.command import trouble, user_who_may
from rectify.models import Report, User
from rectify.policies import may


@contextlib.contextmanager
def written_whole(path: Path) -> Iterator[BinaryIO]:
    """A file that takes its place only when nothing went wrong."""
    part = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        with part.open("x+b") as file:
            yield cast(BinaryIO, file)
        part.replace(path)
    except OSError as error:
        raise CommandError(f"无法写入 {path}：{trouble(error)}。") from error
    finally:
        part.unlink(missing_ok=True)


def exporter_of(username: str | None) -> User | None:
    """Whoever is named with --as; where nobody is, the system exports."""
    return None if username is None else user_who_may(username, Action.EXPORT, "导出台账")


def report_of(asked: str, user: User | None) -> Report:
    reports = Report.objects.visible_to(user) if user else Report.objects.all()
    reports = reports.select_related("unit", "settings").newest_first()
    if asked and not (asked.isascii() and asked.isdigit() and len(asked) < 12):
        raise CommandError(f"--report 应是报告的编号（数字），现在是“{asked}”。")
    report = reports.filter(pk=int(asked)).first() if asked else reports.first()
    if report is None:
        whose = f"{user.username} 可以查看的" if user else ""
        raise CommandError(
            f"没有{whose}编号为 {asked} 的报告。" if asked else f"还没有{whose}报告，无从导出。"
        )
    return report


def keeper_of(report: Report) -> User:
    """Under whose name the system exports: who set the ledger up, otherwise the first who runs it."""
    people = [report.created_by, *User.objects.filter(is_active=True).order_by("id")]
    for user in people:
        if may(user, Action.EXPORT, report) and Report.objects.run_by(user).filter(pk=report.pk).exists():
            return user
    raise CommandError("这本台账没有在用的整改办账号可以记作导出人，请用 --as 指明。")


def path_of(out: str, example: str) -> Path:
    path = Path(out).resolve()
    if path.is_dir():
        raise CommandError(f"{path} 是目录，请给出文件名，例如 {path / example}。")
    if not path.parent.is_dir():
        raise CommandError(f"目录 {path.parent} 不存在，没有导出。")
    return path
