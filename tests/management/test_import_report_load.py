"""manage.py import_report without --dry-run: a ledger, its source, and the refusals that leave nothing."""

from __future__ import annotations

from pathlib import Path

import pytest
from django.conf import settings
from django.core.management.base import CommandError

from rectify.models import IntakeDraft, Report, SourceText
from tests import builders
from tests.intake import invented

pytestmark = pytest.mark.django_db(databases=["default", "snapshot"])


@pytest.fixture
def made() -> builders.Cast:
    return builders.cast()


@pytest.fixture
def file(tmp_path) -> Path:
    path = tmp_path / "对照检查报告.txt"
    path.write_text(invented.written(), encoding="utf-8")
    return path


def test_a_report_is_loaded_with_its_source(made, run, file):
    words = run("import_report", str(file), unit="乙县", year=2026, username="office")
    assert "已新建台账" in words and "12 项问题" in words
    report = Report.objects.get(year=2026)
    assert (report.problems.count(), report.causes.count(), report.directions.count()) == (12, 4, 5)
    source = SourceText.objects.get(report=report)
    assert source.path.read_bytes() == file.read_bytes()
    assert source.passages.count() == 12
    assert "核对通过" in run("verify_audit")


def test_the_same_report_again_updates_its_ledger(made, run, file):
    run("import_report", str(file), unit="乙县", year=2026, username="office")
    words = run("import_report", str(file), unit="乙县", year=2026, username="office")
    assert "已更新台账" in words and "相同 12 项" in words
    assert Report.objects.filter(year=2026).count() == 1


def test_several_reports_in_one_file_are_named_and_loaded_one_by_one(made, run, tmp_path):
    file = tmp_path / "两份.txt"
    file.write_text(
        f"篇一：镇党委材料\n{invented.written()}\n篇二：县直机关材料\n{invented.written()}\n", "utf-8"
    )
    words = run("import_report", str(file), unit="乙县", year=2026, username="office")
    assert "已新建台账" in words and "文件里有 2 份报告，这里是第 1 份" in words and "县直机关材料" in words
    assert Report.objects.filter(year=2026).count() == 1
    words = run("import_report", str(file), unit="乙县", year=2026, username="office", part=2)
    assert "文件里有" not in words


def test_a_refusal_speaks_of_no_page(made, run, file):
    with pytest.raises(CommandError, match="没有任何改动") as refused:
        run("import_report", str(file), unit="乙县", year=2026, username="clerk")
    assert "上一页" not in str(refused.value)


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"unit": "没有的单位"}, "没有名为“没有的单位”的单位"),
        ({"username": "nobody"}, "没有可用的账号"),
        ({"username": "clerk"}, "整改办"),
        ({"year": 99999}, "年度 99999 不对"),
        ({"year": None}, "--year"),
        ({"part": 3}, "没有第 3 份"),
    ],
)
def test_a_refusal_leaves_nothing(made, run, file, options, words):
    given = {"unit": "乙县", "year": 2026, "username": "office"} | options
    with pytest.raises(CommandError, match=words):
        run("import_report", str(file), **given)
    assert not Report.objects.filter(year=2026).exists()
    assert not IntakeDraft.objects.open().exists() and not SourceText.objects.exists()
    left = Path(settings.EVIDENCE_DIR)
    assert not [path for path in left.rglob("*") if path.is_file()]
