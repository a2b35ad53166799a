"""The ledger from the command line: the page's file, under a name, recorded; and every refusal."""

from __future__ import annotations

import datetime as dt
import hashlib
from pathlib import Path

import openpyxl
import pytest
from django.core.management.base import CommandError
from django.test import Client

from rectify import clock
from rectify.audit.chain import head_of
from rectify.models import AuditEntry, LedgerExport
from rectify.operations import measures, people, progress
from tests import builders

pytestmark = pytest.mark.django_db

START = dt.datetime(2025, 3, 1, 1, tzinfo=dt.UTC)
LATER = dt.datetime(2025, 3, 20, 2, tzinfo=dt.UTC)


@pytest.fixture(autouse=True)
def one_connection(monkeypatch):
    """A test's own transaction is not seen from the connection that reads snapshots."""
    monkeypatch.setattr("rectify.ledger.rows.SNAPSHOT", "default")


def history() -> builders.Cast:
    with clock.pretend(START):
        cast = builders.cast()
        measures.add(cast.problem, by=cast["clerk"], text="每月研讨一次", standard="有记录")
        progress.add(cast.problem, by=cast["clerk"], text="=已研讨两次", percent=40, files=[builders.pdf()])
        return cast


WORLD = history


@pytest.fixture
def export(run, tmp_path):
    """export(**options): what it said, and the file."""

    def attempt(**options) -> tuple[str, Path]:
        path = tmp_path / "台账.xlsx"
        with clock.pretend(LATER):
            return run("export_ledger", out=str(path), **options), path

    return attempt


def cells(source) -> list[tuple]:
    """The data: without title and stamp, which name the exporter and the moment."""
    sheet = openpyxl.load_workbook(source).worksheets[0]
    return [row for row in sheet.iter_rows(min_row=3, values_only=True) if "导出人" not in str(row[0])]


def titles(path: Path) -> list[str]:
    rows = openpyxl.load_workbook(path).worksheets[0].iter_rows(min_row=4, max_col=3, values_only=True)
    return [title for number, title, _ in rows if isinstance(number, int)]


def test_it_is_the_pages_file_recorded_with_its_digest_and_head(made, export, tmp_path):
    head = head_of(made.report)
    said, path = export(username="office")
    digest = hashlib.sha256(path.read_bytes()).hexdigest()
    kept = LedgerExport.objects.get()
    assert (kept.by, kept.sha256, kept.head, kept.problems) == (made["office"], digest, head, 3)
    assert (kept.as_of, kept.columns, kept.selection) == (dt.date(2025, 3, 20), "A", "")
    assert AuditEntry.objects.get(act="export").details["export"]["sha256"] == digest
    assert digest in said and head in said and "3 项问题、1 条措施" in said
    client = Client()
    client.force_login(made["office"])
    with clock.pretend(LATER):
        page = b"".join(client.get("/ledger/export/").streaming_content)
    (tmp_path / "page.xlsx").write_bytes(page)
    mine, theirs = cells(path), cells(tmp_path / "page.xlsx")
    assert [row for row in mine if "审计链头" not in str(row[0])] == [
        row for row in theirs if "审计链头" not in str(row[0])
    ]
    assert any("=已研讨两次" in str(value) for row in mine for value in row)
    assert [child.name for child in tmp_path.iterdir() if child.suffix != ".xlsx"] in ([], ["evidence"])


def test_everybody_exports_what_they_may_see(made, export):
    for username, count in {"office": 3, "inspector": 3, "clerk": 1, "leader": 1}.items():
        _, path = export(username=username)
        assert len(titles(path)) == count


def test_without_a_name_it_is_everything_and_says_under_whose_name(made, export):
    said, path = export()
    assert len(titles(path)) == 3 and "没有用 --as 指明导出人" in said
    assert LedgerExport.objects.get().by == made["office"]


def test_the_newest_report_unless_one_is_named(made, export):
    with clock.pretend(LATER):
        builders.another_ledger(made)
    _, path = export(username="inspector")
    assert "戊县" in str(openpyxl.load_workbook(path).worksheets[0]["A1"].value)
    _, path = export(username="inspector", report=str(made.report.pk))
    assert "乙县" in str(openpyxl.load_workbook(path).worksheets[0]["A1"].value)


def test_a_past_day_shows_that_day(made, export):
    with clock.pretend(LATER):
        progress.add(made.problem, by=made["clerk"], text="三月二十日的进展")
    _, path = export(username="office", as_of="2025-03-02")
    text = str(cells(path))
    assert "已研讨两次" in text and "三月二十日" not in text
    assert LedgerExport.objects.get().as_of == dt.date(2025, 3, 2)


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ({"username": "nobody"}, "没有用户名为“nobody”的账号"),
        ({"username": ""}, "没有用户名为“”的账号"),
        ({"username": "sysadmin"}, "不能导出台账"),
        ({"username": "auditor"}, "不能导出台账"),
        ({"username": "stranger"}, "还没有stranger 可以查看的报告"),
        ({"username": "closed"}, "已停用"),
        ({"report": "999"}, "没有编号为 999 的报告"),
        ({"report": "一"}, "应是报告的编号"),
        ({"report": "9" * 30}, "应是报告的编号"),
        ({"columns": "Z"}, "没有表式“Z”"),
        ({"as_of": "2025-02-28"}, "这本台账建立于2025年3月1日"),
        ({"as_of": "2025-03-21"}, "还没有到"),
        ({"as_of": "2025-02-30"}, "无法识别"),
        ({"as_of": "昨天"}, "无法识别"),
    ],
)
def test_what_cannot_be_exported_is_said_and_not_recorded(made, export, tmp_path, wrong, words):
    user = people.add_account(by=None, username="closed", name="某同志", password="x")
    people.close_account(user, by=None, reason="调离")
    with pytest.raises(CommandError, match=words):
        export(**wrong)
    assert not LedgerExport.objects.exists() and not list(tmp_path.glob("*台账*"))


def test_a_report_out_of_sight_is_not_there(made, export):
    foreign = builders.another_ledger(made)
    with pytest.raises(CommandError, match=f"没有office 可以查看的编号为 {foreign.pk} 的报告"):
        export(username="office", report=str(foreign.pk))


@pytest.mark.parametrize("where", ["/proc/台账.xlsx", "/nowhere/台账.xlsx", "."])
def test_an_unwritable_path_is_said_and_nothing_recorded(made, run, where):
    with pytest.raises(CommandError, match=r"无法写入|不存在|是目录"):
        run("export_ledger", out=where)
    assert not LedgerExport.objects.exists()


def test_an_earlier_file_stays_whole_when_the_export_is_refused(made, export, tmp_path, monkeypatch):
    _, path = export(username="office")
    before = path.read_bytes()

    def full(*args, **kwargs):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("rectify.management.commands.export_ledger.write_forms", full)
    with pytest.raises(CommandError, match="无法写入"):
        export(username="office")
    assert path.read_bytes() == before and not list(tmp_path.glob(".*part"))


@pytest.mark.parametrize("name", ["长" * 200 + ".xlsx", "没有这个目录/台账.xlsx"], ids=["long", "missing"])
def test_what_the_system_says_of_a_file_is_told_in_chinese(tmp_path, made, run, name):
    with pytest.raises(CommandError) as told:
        run("export_ledger", out=str(tmp_path / name), username="office")
    assert "文件名太长" in str(told.value) or "不存在" in str(told.value)
    assert "No such" not in str(told.value) and "too long" not in str(told.value)


def test_bytes_that_are_no_text_are_no_traceback(made, export):
    with pytest.raises(CommandError, match="无法识别的字符"):
        export(username="\udcff\udcfe")
