"""The forms beside the ledger: their columns, several in one workbook, one workbook for each unit."""

from __future__ import annotations

import hashlib
import io
import zipfile
from dataclasses import replace

import openpyxl
import pytest
from django.test import Client

from rectify.ledger.columns import COLUMN_SETS, LEDGER, TASKS, chosen_sets
from rectify.ledger.print.row_spool import RowSpool
from rectify.ledger.print.sheet import Form
from rectify.ledger.print.writer import write_book
from rectify.ledger.row_types import MeasureRow
from rectify.models import AuditEntry, ExportChoice, LedgerExport, Problem
from rectify.operations import measures, people
from tests.builders import Cast, account, assign, cast
from tests.ledger.conftest import STAMP

HEADINGS = {
    "B": ["序号", "方面", "问题", "具体表现", "问题来源", "原因"],
    "C": ["序号", "对应问题", "整改目标", "整改措施", "完成标志", "时限"],
    "D": [
        *("序号", "对应问题／措施", "责任领导", "责任单位"),
        *("主要负责人", "具体责任人", "配合单位", "联络员及电话"),
    ],
    "E": [
        "序号", "问题", "完成情况", "佐证目录", "申请单位／时间", "审核意见", "验收意见", "销号时间", "签字",
    ],
}  # fmt: skip


@pytest.mark.parametrize("key", HEADINGS)
def test_each_form_has_its_columns_on_a4_and_a_row_a_problem(ledger, problem, key):
    steps = (MeasureRow("甲", "当下改", "验收单"), MeasureRow("乙", "长久立", "办法"))
    more = {"source": "对照检查", "chief": "局长", "contact": "王　1"}
    made = ledger([problem(1, measures=steps, **more), problem(2)], COLUMN_SETS[key])
    assert [cell.value for cell in made.sheet[3]] == HEADINGS[key]
    assert made.sheet.page_setup.paperSize == 9 and made.sheet.page_setup.orientation == "landscape"
    numbers = [made.cell("number", row).value for row in range(4, made.sheet.max_row - 2)]
    assert [number for number in numbers if isinstance(number, int)] == [1, 1, 2] if key == "C" else [1, 2]
    assert isinstance(numbers[0], str) == (key == "B"), "only the list of problems has sections"


def test_several_forms_are_sheets_of_one_workbook_and_empty_columns_go_from_each(problem):
    out = io.BytesIO()
    rows = RowSpool([problem(1, goal=""), problem(2, goal="")], LEDGER.columns + TASKS.columns)
    sets = (LEDGER, TASKS)
    written = write_book([Form.of(one, replace(STAMP, sheet_name=one.name), rows) for one in sets], out)
    book = openpyxl.load_workbook(io.BytesIO(out.getvalue()))
    assert book.sheetnames == ["整改台账", "任务清单"] and written.problems == 2
    assert [cell.value for cell in book["任务清单"][3]] == [
        "序号",
        "对应问题",
        "整改措施",
        "完成标志",
        "时限",
    ]
    for sheet, last in zip(book.worksheets, ("6", "5"), strict=True):
        assert sheet.auto_filter.ref.rpartition(":")[2].endswith(last), "each filter ends with its own data"
        assert sheet.print_title_rows == "$3:$3"


def test_columns_can_be_left_out_but_never_number_and_problem():
    only = chosen_sets(["B", "A", "B"], ["B.causes"])
    assert [one.key for one in only] == ["A", "B"]
    assert [column.key for column in only[1].columns] == ["number", "problem", "causes"]
    assert only[0] is LEDGER and len(chosen_sets(["F"])[0].columns) == 18
    assert [one.key for one in chosen_sets([])] == ["A"]


# -- at the page -----------------------------------------------------------------------------------------


@pytest.fixture
def one_connection(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("rectify.ledger.rows.SNAPSHOT", "default")


@pytest.fixture
def made(db, one_connection) -> Cast:
    return cast()


def get(made: Cast, query: str, role: str = "office"):
    client = Client()
    client.force_login(made[role])
    response = client.get(f"/ledger/export/{query}")
    response.data = b"".join(response) if response.streaming else response.content
    return response


def test_the_office_chooses_forms_columns_title_and_foot_and_is_remembered(made):
    query = "?columns=A&columns=D&column=D.leader&title=某县问题整改台账"
    query += "&reporter=王&reviewer=李&phone=123&remember=1"
    book = openpyxl.load_workbook(io.BytesIO(get(made, query).data))
    assert book.sheetnames == ["整改台账", "全部内容", "责任清单"]
    first, full, second = book.worksheets
    assert full["A1"].value == "某县问题整改台账"
    assert (first["A1"].value, second["A1"].value) == ("某县问题整改台账", "某县问题责任清单")
    assert [cell.value for cell in second[3]] == ["序号", "对应问题／措施", "责任领导"]
    assert second["C4"].value == "常务副县长", "one problem has a leader"
    foot = [str(cell.value) for row in first.iter_rows(min_row=5) for cell in row if cell.value]
    assert {"填报人：王", "审核人：李", "联系电话：123"} <= set(foot)
    assert LedgerExport.objects.get().columns == "A+D"
    assert ExportChoice.objects.get().choice["title"] == "某县问题整改台账"
    client = Client()
    client.force_login(made["office"])
    page = client.get("/ledger/").content.decode()
    assert 'value="某县问题整改台账"' in page and 'value="王"' in page
    assert 'name="columns" value="D" checked' in page and 'name="columns" value="E">' in page
    assert 'name="column" value="D.leader" checked' in page and 'value="D.chief">' in page
    client.force_login(made["inspector"])
    assert "某县问题整改台账" not in client.get("/ledger/").content.decode(), "each remembers for themselves"


def test_without_parameters_it_is_set_a_whatever_was_remembered(made):
    get(made, "?columns=E&remember=1")
    book = openpyxl.load_workbook(io.BytesIO(get(made, "").data))
    assert book.sheetnames == ["整改台账", "全部内容"]


def test_an_unknown_form_is_refused(made):
    response = get(made, "?columns=Z")
    assert response.status_code == 400 and "没有表式“Z”" in response.data.decode()


def test_who_answers_and_whom_to_ring_up(made):
    people.add_leader(by=None, post="副县长", unit=made.county)
    account("head2", made.bureau, "unit_head")
    made["clerk"].__class__.objects.filter(username="clerk").update(phone="0123-45")
    sheet = openpyxl.load_workbook(io.BytesIO(get(made, "?columns=D").data)).active
    row = dict(zip([cell.value for cell in sheet[3]], [cell.value for cell in sheet[4]], strict=True))
    assert (row["责任领导"], row["责任单位"]) == ("常务副县长", "乙县丙局")
    assert row["主要负责人"] == "乙县丙局单位负责人、乙县丙局单位负责人"
    assert row["联络员及电话"] == "乙县丙局经办人　0123-45"


def test_split_by_unit_gives_each_its_workbook_numbered_from_one(made):
    assign(made, Problem.objects.get(number=2), lead_unit=made.other_bureau, clerk=None)
    measures.add(made.problem, by=made["clerk"], text="建立制度")
    response = get(made, "?split=unit&columns=A&columns=C")
    assert response.status_code == 200 and response["Content-Type"] == "application/zip"
    archive = zipfile.ZipFile(io.BytesIO(response.data))
    assert archive.namelist() == ["01 乙县丙局.xlsx", "02 乙县丁局.xlsx", "03 未明确责任单位.xlsx"]
    for name, title in zip(archive.namelist(), ["学用结合不紧", "督办不够经常", "调研不深"], strict=True):
        book = openpyxl.load_workbook(io.BytesIO(archive.read(name)))
        assert book.sheetnames == ["整改台账", "全部内容", "任务清单"]
        assert (book["全部内容"]["A4"].value, book["任务清单"]["B4"].value) == (1, title)
    exports = LedgerExport.objects.order_by("pk")
    assert [export.selection for export in exports] == [
        "责任单位：乙县丙局", "责任单位：乙县丁局", "责任单位：未明确责任单位",
    ]  # fmt: skip
    digests = [hashlib.sha256(archive.read(name)).hexdigest() for name in archive.namelist()]
    assert [export.sha256 for export in exports] == digests
    assert AuditEntry.objects.filter(act="export").count() == 3


def test_split_gives_a_clerk_only_their_own(made):
    archive = zipfile.ZipFile(io.BytesIO(get(made, "?split=unit", "clerk").data))
    assert archive.namelist() == ["01 乙县丙局.xlsx"]


def test_split_with_nothing_in_it_is_told(made):
    response = get(made, "?split=unit&q=没有这样的问题")
    assert response.status_code == 422 and "没有符合条件的整改事项" in response.data.decode()
    assert not LedgerExport.objects.exists()
