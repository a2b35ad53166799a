"""The report of a verification: what was checked, as of when, by what, what is wrong, and the verdict."""

from __future__ import annotations

import datetime as dt
import errno
import tomllib
from pathlib import Path

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError
from django.db import connection

from rectify import __version__, clock
from rectify.audit import anchors, append_only_triggers, result
from rectify.audit.report_text import report_text, verdict
from rectify.audit.verify import MOST_BREAKS
from rectify.models import AuditEntry, Problem, User
from rectify.operations import progress
from tests import builders

pytestmark = pytest.mark.django_db
ROOT = Path(__file__).resolve().parents[2]


def history() -> builders.Cast:
    cast = builders.cast()
    progress.add(cast.problem, by=cast["clerk"], text="已研讨", percent=40, files=[builders.pdf()])
    return cast


WORLD = history


def test_the_version_is_that_of_the_project():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    assert project["version"] == __version__


def test_it_says_what_was_checked_when_and_by_what(made, run):
    text = run("verify_audit")
    assert f"核验命令：manage.py verify_audit（整改台账 {__version__}）" in text
    assert "核验时间：" in text and "文件：逐个重新读出并计算摘要" in text
    assert "问题 3" in text and "进展记录 1" in text and "佐证材料 1" in text and "文件 1 个" in text
    count = AuditEntry.objects.count()
    assert f"合计：2 条链、{count} 条记录、" in text and "、1 个文件。" in text
    assert "二、不相符的地方\n没有。" in text and "核对通过：" in text


def test_a_break_is_told_by_table_item_and_what_was_expected(made, run):
    Problem.objects.filter(pk=made.problem.pk).update(goal="绕过系统")
    User.objects.filter(username="clerk").update(is_superuser=True)
    with pytest.raises(CommandError) as refusal:
        run("verify_audit")
    assert str(refusal.value).startswith("核对不通过。第一处：系统 账号（编号")
    found = result.last()
    assert found is not None and len(found.breaks) == 2
    text = report_text(found)
    item = made.problem
    entry = AuditEntry.objects.filter(rows__contains=f'["problem",{item.pk},').latest("number")
    where = f"2. 乙县 2025（台账 {made.report.pk}） 问题（编号 {item.pk}）"
    assert f"{where}：与第 {entry.number} 条的记录不符" in text
    assert f"这一行最后由{entry.actor_label}于" in text
    assert item.code in entry.target_label
    assert f"写入：{entry.get_act_display()}，{entry.target_label}）" in text
    assert "绕过系统改动" in text and "请保留现场" in text


def test_a_part_says_that_it_is_a_part(made, run):
    anchors.write_today()
    text = run("verify_audit", since=clock.today(), no_files=True)
    assert "核验范围：部分核验，只从" in text and "文件：没有核对（--no-files）" in text
    assert "部分核验通过" in text and "文件没有核对。" in text and "--no-files" in text.splitlines()[2]
    assert "与服务器上保存的 1 行锚点比对" in text


def test_more_breaks_than_are_named_are_told(made, run):
    with append_only_triggers.lifted(), connection.cursor() as cursor:
        for number in range(25):
            day = dt.date(2099, 1, 1) + dt.timedelta(days=number)
            cursor.execute(
                "INSERT INTO rectify_holiday (day, name, is_workday) VALUES (%s, '假日', %s)", [day, False]
            )
    with pytest.raises(CommandError):
        run("verify_audit")
    found = result.last()
    assert found is not None and len(found.breaks) == MOST_BREAKS and "系统不止这些" in report_text(found)


def test_what_is_kept_reads_back_as_it_was(made, run):
    said = run("verify_audit")
    found = result.last()
    assert found is not None and report_text(found) == said.rstrip("\n")


def test_a_disk_that_takes_nothing_is_verified_all_the_same(made, monkeypatch, capsys):
    def keep(found):
        raise OSError(errno.EROFS, "Read-only file system")

    monkeypatch.setattr(result, "keep", keep)
    call_command("verify_audit")
    told = capsys.readouterr()
    assert "核对通过" in told.out and "没有存进数据目录（磁盘是只读的）" in told.err


def test_who_reads_a_part_is_told_that_the_rest_does_not_agree(made, run):
    User.objects.filter(username="clerk").update(is_superuser=True)
    with pytest.raises(CommandError):
        run("verify_audit")
    found = result.last()
    assert found is not None
    part = found.only([made.report.pk])
    assert [chain.key for chain in part.chains] == [made.report.pk]
    assert "账号" not in report_text(part) and "另有 1 处不相符" in verdict(part)
