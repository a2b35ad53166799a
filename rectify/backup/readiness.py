"""Whether an installation is still sound: what a monitor and the administrator are told."""

from __future__ import annotations

import datetime as dt
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from django.conf import settings
from django.db import Error, connection
from django.db.migrations.executor import MigrationExecutor

from rectify import clock, wording
from rectify.audit.file_rounds import last
from rectify.backup.last import last_backup

SPACE_LEAST = 1024**3
BACKUP_OLDEST = dt.timedelta(days=3)
TICK_OLDEST = dt.timedelta(minutes=30)
TICK_NAME = "last_tick"
CLOCK_AHEAD = dt.timedelta(minutes=5)


@dataclass(frozen=True)
class Check:
    """One thing looked at, in words. What is not `vital` is told, and leaves the site ready."""

    name: str
    ok: bool
    words: str
    vital: bool = True


def note_tick() -> None:
    """The background work is alive: its last round is the time of this file."""
    (Path(settings.DATA_DIR) / TICK_NAME).touch()


def is_ready(checks: list[Check]) -> bool:
    return all(check.ok for check in checks if check.vital)


def readiness() -> list[Check]:
    """Every check, the database's first."""
    return [_guarded(check) for check in (_migrations, _space, _background, _clock, _backup, _files)]


def _guarded(check: Callable[[], Check]) -> Check:
    try:
        return check()
    except (Error, OSError):
        return Check("数据库和数据目录", False, "现在读不到，请查看数据库服务和数据目录。")


def _migrations() -> Check:
    executor = MigrationExecutor(connection)
    behind = executor.migration_plan(executor.loader.graph.leaf_nodes())
    words = "数据库结构不是最新的，请运行 manage.py migrate。" if behind else "数据库可用，结构是最新的。"
    return Check("数据库", not behind, words)


def _space() -> Check:
    free = shutil.disk_usage(settings.DATA_DIR).free
    words = f"数据目录所在的磁盘还剩 {free / 1024**3:.1f} GB。"
    return Check(
        "磁盘空间", free >= SPACE_LEAST, words if free >= SPACE_LEAST else f"{words}请尽快清理或扩容。"
    )


def _background() -> Check:
    last = _last_tick()
    if last is None:
        return Check("后台工作", False, "还没有做过一轮。请确认网站由 manage.py serve 启动。", vital=False)
    words = f"上一轮在 {wording.moment(last, clock.today())}。"
    late = clock.now() - last > TICK_OLDEST
    return Check("后台工作", not late, f"{words}已超过半小时没有动静，请重新启动网站。" if late else words)


def _clock() -> Check:
    """A clock set back is seen against what was written before."""
    last = _last_tick()
    ahead = last is not None and last - clock.now() > CLOCK_AHEAD
    words = "比上一轮后台工作的时间还早，请校准本机时间。" if ahead else "与记录的先后一致。"
    return Check("时钟", not ahead, words)


def _backup() -> Check:
    ok, words = _backup_words()
    return Check("备份", ok, words, vital=False)


def _backup_words() -> tuple[bool, str]:
    last = last_backup()
    if last is None:
        return False, "还没有备份过。请运行 manage.py backup，并安排每天自动备份。"
    when = f"上一次在 {wording.moment(last.at, clock.today())}"
    if last.size:
        when += f"（{wording.file_size(last.size)}，写完已重新读过一遍）"
    if last.missing:
        return False, f"{when}，当时有 {last.missing} 份文件丢失或与记录不符，请查明。"
    if clock.now() - last.at > BACKUP_OLDEST:
        return False, f"{when}，已超过三天。"
    rehearsed = "还没有演练过恢复，请运行 manage.py restore 备份文件 --rehearse。"
    if last.rehearsed:
        rehearsed = f"上一次演练恢复在 {wording.moment(last.rehearsed, clock.today())}。"
    return True, f"{when}，文件都与记录相符。{rehearsed}"


def _files() -> Check:
    """What re-reading the files in the background has come to."""
    rounds = last()
    if rounds is None or not rounds.wrong:
        pace = f"本轮已核对 {rounds.read}/{rounds.total} 个" if rounds else "还没有开始"
        return Check(
            "佐证和存档文件", True, f"后台 30 天内逐个重新核对，{pace}，没有发现不相符。", vital=False
        )
    words = f"有 {len(rounds.wrong)} 个文件丢失或被改动：{rounds.wrong[0]}。请从备份恢复，并告知安全审计员。"
    return Check("佐证和存档文件", False, words, vital=False)


def _last_tick() -> dt.datetime | None:
    try:
        seconds = (Path(settings.DATA_DIR) / TICK_NAME).stat().st_mtime
    except OSError:
        return None
    return dt.datetime.fromtimestamp(seconds, dt.UTC)
