"""A form that the office made for itself: kept under its name, offered for export, printed as it was made."""

from __future__ import annotations

import io

import openpyxl
import pytest
from django.core.management import call_command
from django.test import Client

from rectify.models import AuditEntry, LedgerExport, LedgerForm
from tests.builders import Cast, cast

FORMS = "/ledger/forms/"
SENT = {
    "name": "一页表", "title": "乙县整改事项一览表",
    "order_number": "1", "order_problem": "2", "width_problem": "40",
    "order_remark": "4", "order_responsible": "3", "width_responsible": "12",
}  # fmt: skip


@pytest.fixture
def made(db, monkeypatch: pytest.MonkeyPatch) -> Cast:
    monkeypatch.setattr("rectify.ledger.rows.SNAPSHOT", "default")
    return cast()


def open_as(made: Cast, role: str = "office") -> Client:
    client = Client()
    client.force_login(made[role])
    return client


def headings(response) -> list[str]:
    book = openpyxl.load_workbook(io.BytesIO(b"".join(response)))
    return [cell.value for cell in book.worksheets[0][3]]


def test_an_office_keeps_its_form_and_exports_in_it(made: Cast) -> None:
    client = open_as(made)
    assert client.post(FORMS, SENT, follow=True).status_code == 200
    form = LedgerForm.objects.get()
    assert form.columns == [["number", 4], ["problem", 40], ["responsible", 12], ["remark", 10]]
    entry = AuditEntry.objects.get(act="make_form")
    assert "栏目和宽度" in entry.payload and "乙县整改事项一览表" in entry.payload
    key = f"own-{form.pk}"
    assert f'value="{key}"' in open_as(made, "inspector").get("/ledger/").content.decode()
    response = client.get("/ledger/export/", {"columns": key, "remember": "1"})
    book = openpyxl.load_workbook(io.BytesIO(b"".join(response)))
    sheet = book.active
    assert book.sheetnames == ["一页表"] and sheet["A1"].value == "乙县整改事项一览表"
    assert [cell.value for cell in sheet[3]] == ["序号", "存在问题", "责任人", "备注"], "empty ones stay"
    assert sheet.page_setup.paperSize == 9
    widths = [sheet.column_dimensions[letter].width for letter in "ABCD"]
    assert widths[1] > 3 * widths[2] > 3 * widths[0]
    assert LedgerExport.objects.get().columns == "一页表"
    again = client.get("/ledger/")
    assert f'value="{key}" checked' in again.content.decode(), "remembered"

    client.post(f"{FORMS}?form={form.pk}", SENT | {"order_remark": "", "title": ""})
    assert headings(client.get("/ledger/export/", {"columns": key})) == ["序号", "存在问题", "责任人"]
    assert LedgerForm.objects.count() == 1, "the same name is the same form"
    client.post(f"{FORMS}{form.pk}/drop/")
    assert "没有表式" in client.get("/ledger/export/", {"columns": key}).content.decode()
    assert client.get("/ledger/").status_code == 200, "what was remembered is no more"
    assert AuditEntry.objects.filter(act="make_form").count() == 3
    call_command("verify_audit", "--no-files")


def test_wrong_input_is_named_and_nothing_typed_is_lost(made: Cast) -> None:
    client = open_as(made)
    wrong = SENT | {"name": "", "order_number": "零", "width_problem": "4000", "order_remark": "-1"}
    response = client.post(FORMS, wrong)
    text = response.content.decode()
    assert response.status_code == 422 and not LedgerForm.objects.exists()
    assert 'value="4000"' in text and 'value="零"' in text and 'value="乙县整改事项一览表"' in text
    for address in (f"{FORMS}?base=Z", f"{FORMS}?form=9", f"{FORMS}?form=甲", f"{FORMS}?report=-1"):
        assert client.get(address).status_code == 404
    assert open_as(made, "clerk").get(FORMS).status_code == 403
    for base in "ABCDEF":
        assert client.get(f"{FORMS}?base={base}").status_code == 200
