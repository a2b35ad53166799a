"""export_ledger --working and import_ledger: the contract's JSON, dry run, refusals with their words."""

from __future__ import annotations

import io
import json

import openpyxl
import pytest
from django.core.management import CommandError, call_command

from rectify.models import AuditEntry, ImportBatch, LedgerExport, ProgressNote
from rectify.operations import problems
from tests.builders import cast
from tests.ledger.roundtrip.returned import Opened, code_of, edited

pytestmark = pytest.mark.django_db
COUNTS = {"new": 0, "changed": 0, "unchanged": 0, "conflicts": 0, "errors": 0, "applied": 0}


@pytest.fixture(autouse=True)
def one_connection(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("rectify.ledger.rows.SNAPSHOT", "default")


WORLD = cast


@pytest.fixture
def copy(made, tmp_path):
    path = tmp_path / "填报表.xlsx"
    call_command("export_ledger", out=str(path), working=True, username="office", stdout=io.StringIO())
    return path


def run(path, username: str = "office", **options) -> tuple[dict, str]:
    out, err = io.StringIO(), io.StringIO()
    call_command("import_ledger", str(path), username=username, stdout=out, stderr=err, **options)
    return json.loads(out.getvalue()), err.getvalue()


def test_an_untouched_copy_is_all_unchanged(copy):
    assert run(copy) == (COUNTS | {"unchanged": 3}, "")
    assert not ImportBatch.objects.exists()


def test_the_counts_are_of_items_and_what_can_be_is_applied(made, copy):
    one, two, three = (code_of(made, number) for number in (1, 2, 3))
    problem = made.problem.__class__.objects.get(number=2)
    problems.edit(problem, by=made["office"], seen=problem.version, goal="他人所改")
    copy.write_bytes(
        edited(
            copy.read_bytes(),
            {(one, "本次进展"): "写了", (two, "整改目标"): "我所改", (three, "责任单位"): "查无此局"},
        )
    )
    planned, said = run(copy, dry_run=True)
    assert planned == COUNTS | {"new": 1, "conflicts": 1, "errors": 1}
    assert "“填报”第 6 行 Q 列" in said and "查无此局" in said
    assert not ProgressNote.objects.exists()
    assert run(copy)[0] == planned | {"applied": 1}
    assert ProgressNote.objects.get().text == "写了"
    assert run(copy)[0] == COUNTS | {"unchanged": 1, "conflicts": 1, "errors": 1}
    assert problem.__class__.objects.get(pk=problem.pk).goal == "他人所改"


def test_several_forms_by_letters(made, tmp_path):
    path = tmp_path / "x.xlsx"
    call_command("export_ledger", out=str(path), columns="A，C,e", username="office", stdout=io.StringIO())
    assert openpyxl.load_workbook(path).sheetnames == ["整改台账", "全部内容", "任务清单", "销号清单"]
    assert LedgerExport.objects.get().columns == "A+C+E"


def test_without_a_name_the_copy_is_the_whole_ledger(made, tmp_path):
    path = tmp_path / "x.xlsx"
    call_command("export_ledger", out=str(path), working=True, stdout=io.StringIO())
    assert len(Opened(path.read_bytes()).rows) == 3


@pytest.mark.parametrize(
    ("username", "words"), [("nobody", "没有用户名为"), ("inspector", "由责任单位或整改办填写和导入")]
)
def test_who_may_not_import_is_told(copy, username, words):
    with pytest.raises(CommandError, match=words):
        run(copy, username)


def test_what_is_no_sheet_is_told(made, tmp_path):
    path = tmp_path / "x.xlsx"
    with pytest.raises(CommandError, match="无法读取"):
        run(path)
    path.write_bytes(b"1,2,3")
    with pytest.raises(CommandError, match="文本文件"):
        run(path)


@pytest.mark.parametrize(
    ("option", "word"), [({"as_of": "2000-01-01"}, "没有2000年"), ({"columns": "C"}, "一种表式")]
)
def test_only_the_fillable_form_of_today_is_given_out(made, tmp_path, option, word):
    entries = AuditEntry.objects.count()
    with pytest.raises(CommandError, match=word):
        call_command("export_ledger", out=str(tmp_path / "x.xlsx"), working=True, username="office", **option)
    assert AuditEntry.objects.count() == entries
