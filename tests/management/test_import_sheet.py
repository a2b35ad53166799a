"""manage.py import_sheet: what it prints, what it loads, what it refuses in one sentence."""

from __future__ import annotations

import json
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from rectify.models import ImportBatch, Report
from tests.builders import cast

pytestmark = [pytest.mark.django_db, pytest.mark.once]
WORLD = cast
CASES = Path(__file__).parents[1] / "ledger" / "legacy" / "cases"


def run(name: str, *options: str) -> str:
    out = StringIO()
    call_command("import_sheet", CASES / f"{name}.xlsx", *options, stdout=out, stderr=StringIO())
    return out.getvalue()


def test_a_dry_run_prints_what_a_load_then_writes(made):
    office = ("--as", made["office"].username)
    before = Report.objects.count()
    outline = json.loads(run("deadline-per-measure", *office, "--dry-run"))
    assert Report.objects.count() == before and outline["year"] == 2024
    assert "已建立台账《2024年整改台账》" in run("deadline-per-measure", *office)
    first, second = ImportBatch.objects.get().report.problems.order_by("number")
    for problem, said in zip((first, second), outline["problems"], strict=True):
        assert (problem.title, str(problem.deadline)) == (said["title"], said["deadline"])
        days = [day and str(day) for day in problem.measures.values_list("deadline", flat=True)]
        assert days == [measure["deadline"] for measure in said["measures"]]
    assert first.also_standing and first.deadline_text == "2024年3月；长期坚持；2024年6月底前"
    assert first.measures.get(number=2).text == "每月读一次（时限：长期坚持）"
    again = json.loads(run("deadline-per-measure", *office, "--year", "2023", "--dry-run"))
    assert again["year"] == 2023
    call_command("verify_audit", stdout=StringIO())


@pytest.mark.parametrize(
    ("name", "username", "options", "words"),
    [
        ("aspect-rows", "nobody", (), "没有用户名为"),
        ("aspect-rows", "clerk", (), "不能读入旧台账"),
        ("absent", "office", (), "文件或目录不存在"),
        ("aspect-rows", "office", ("--year", "99"), "年度 99 不对"),
    ],
)
def test_what_cannot_be_done_is_told_in_a_sentence(made, name, username, options, words):
    account = made[username].username if username in made.people else username
    with pytest.raises(CommandError) as refusal:
        run(name, "--as", account, *options)
    assert words in str(refusal.value) and not ImportBatch.objects.exists()
