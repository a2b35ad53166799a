"""Views of the list: kept from the address, opened with all of it, shared and recorded by the office."""

from __future__ import annotations

import io

import pytest
from django.http import QueryDict
from django.test import Client
from openpyxl import load_workbook

from rectify.models import AuditEntry, LedgerExport, SavedView
from rectify.operations import reports, saved_views
from rectify.operations.reports import Outline
from rectify.views.list_address import canonical
from tests.builders import OUTLINE, Cast, cast

pytestmark = [pytest.mark.django_db, pytest.mark.once]
WORLD = cast
PAGE = "/problems/views/"
ASKED = "light=undated&light=normal&sort=-deadline&cols=light&cols=unit"


def open_as(made: Cast, role: str) -> Client:
    client = Client()
    client.force_login(made[role])
    return client


@pytest.mark.parametrize(
    ("asked", "kept"),
    [
        ("sort=number&leader=&x=1&page=last&view=3&light=closed", "light=closed&sort=number"),
        ("report=7&light=closed", "light=closed"),
        ("aspect=4&report=7", "report=7&aspect=4"),
    ],
)
def test_only_what_the_list_knows_is_kept(asked: str, kept: str) -> None:
    assert canonical(QueryDict(asked)) == kept


def test_ones_own_view(made: Cast) -> None:
    client, report = open_as(made, "clerk"), made.report.pk
    entries = AuditEntry.objects.count()
    saved = client.post(
        f"{PAGE}?report={report}&{ASKED}", {"name": "我的", "role": "clerk", "unit": made.bureau.pk}
    )
    view = SavedView.objects.get()
    assert (view.unit, view.role, view.query) == (None, "", ASKED)
    opened = client.get(saved["Location"])
    assert opened["Location"] == f"/problems/?{ASKED}"
    page = client.get(opened["Location"])
    assert "视图“我的” · 时限：" in page.content.decode()
    assert page.context["export"].endswith("?light=undated&light=normal")
    # The ledger is that in which the person works; what the address says besides goes first.
    kept = client.get(f"/problems/?view={view.pk}&report={report}&light=closed")["Location"]
    assert kept == "/problems/?light=closed&sort=-deadline&cols=light&cols=unit&report=" + str(report)
    # Nobody else has it; a second save under the name replaces it; no unknown value is kept.
    assert (
        "没有共享给您"
        in open_as(made, "unit_head").get(f"/problems/?view={view.pk}", follow=True).content.decode()
    )
    assert client.post(f"{PAGE}?light=closed", {"name": "我的"}).status_code == 302
    refused = client.post(f"{PAGE}?light=x&cols=y", {"name": "另一个"})
    assert refused.status_code == 422 and "时限、列无法识别" in refused.content.decode()
    assert SavedView.objects.get().query == "light=closed"
    for number in range(saved_views.MOST - 1):
        saved_views.keep(by=made["clerk"], name=str(number), query="")
    assert "已有 20 个" in client.post(PAGE, {"name": "又一个"}).content.decode()
    # Renamed, never to a name there is; dropped for good.
    there = f"{PAGE}{view.pk}/"
    assert client.post(there, {"name": "0"}).status_code == 422
    assert client.post(there, {"name": "改名"}).status_code == 302
    assert client.post(f"{there}drop/").status_code == 302
    assert not SavedView.objects.filter(pk=view.pk).exists() and AuditEntry.objects.count() == entries


def test_what_the_office_shares(made: Cast) -> None:
    office, clerk, county = open_as(made, "office"), open_as(made, "clerk"), made.report.unit_id
    without = office.post(PAGE, {"name": "x", "role": "clerk"})
    assert without.status_code == 422 and "只有共享的视图" in without.content.decode()
    for name, query in (("甲", "light=overdue"), ("乙", f"unit={made.bureau.pk}")):
        office.post(f"{PAGE}?{query}", {"name": name, "unit": county, "role": "clerk"})
    first, second = SavedView.objects.order_by("pk")
    assert (first.role, second.role) == ("", "clerk")
    said = [entry.payload for entry in AuditEntry.objects.filter(act="share_view").order_by("pk")]
    assert len(said) == 3 and "时限：逾期" in said[0] and '"old_text":"经办人"' in said[1]
    # The first page of that role, in the ledger they work in; 全部 leads out of it.
    assert clerk.get("/problems/")["Location"] == f"/problems/?unit={made.bureau.pk}"
    assert office.get("/problems/").status_code == 200
    assert office.post(f"{PAGE}{second.pk}/", {"name": "丙", "role": "office"}).status_code == 302
    reports.load(Outline.from_dict(OUTLINE), by=made["office"], unit=made.county, year=2024)
    office.post("/ledger/choice/", {"ledger": made.report.pk})
    assert office.get("/problems/")["Location"] == f"/problems/?unit={made.bureau.pk}&report={made.report.pk}"
    everything = clerk.get("/problems/?view=all")
    assert everything.status_code == 200 and everything.context["chips"][0]["url"] == "?view=all"
    assert clerk.get("/problems/").status_code == 200
    # In its office alone may it be changed; whoever works above it is not offered it.
    assert clerk.post(f"{PAGE}{second.pk}/drop/").status_code == 404
    assert not SavedView.objects.offered(made["inspector"])
    assert open_as(made, "inspector").get(f"{PAGE}{second.pk}/").status_code == 404
    # A unit the reader may not see is a condition that is ignored, and said to be.
    shared = SavedView.objects.filter(pk=second.pk)
    shared.update(query="unit=999999&light=normal")
    page = clerk.get(f"/problems/?view={second.pk}", follow=True).content.decode()
    assert "网址中的责任单位条件无法识别" in page and "时限：正常" in page
    assert "打开时忽略" in clerk.get(PAGE).content.decode()
    assert office.post(f"{PAGE}{second.pk}/drop/").status_code == 302
    assert AuditEntry.objects.filter(act="share_view").count() == 5


def test_the_order_of_columns_is_chosen_kept_and_obeyed(made: Cast) -> None:
    office, there = open_as(made, "office"), f"/problems/?report={made.report.pk}"

    def heads(address: str) -> list[str]:
        page = office.get(address)
        assert page.status_code == 200
        return [column.name for column in page.context["table"].columns][3:-1]

    assert heads(there) == ["light", "note", "percent"]
    asked = f"{there}&cols=unit&cols=light&cols=deadline"
    assert heads(asked) == ["unit", "light", "deadline"]
    # Without scripts a button moves one and the menu stands open; beyond an end it stays.
    moved = office.get(f"{asked}&page=last&move=unit")["Location"]
    assert heads(moved) == ["light", "unit", "deadline"] and "arrange=1" in moved and "page" not in moved
    assert '<details class="menu menu-right no-print" open>' in office.get(moved).content.decode()
    for move in ("-unit", "deadline", "x", "-"):
        assert heads(office.get(f"{asked}&move={move}")["Location"]) == ["unit", "light", "deadline"]
    office.post(f"{PAGE}?{moved.partition('?')[2]}", {"name": "列序"})
    view = SavedView.objects.get()
    assert view.query == "cols=light&cols=unit&cols=deadline"
    assert "列：时限、责任单位、到期日" in office.get(PAGE).content.decode()
    assert heads(office.get(f"/problems/?view={view.pk}")["Location"]) == ["light", "unit", "deadline"]
    # The file holds what is listed, in these columns and this order, and is recorded.
    link = office.get(f"{moved}&sort=-number").context["list_export"]
    answer = office.get(link)
    sheet = load_workbook(io.BytesIO(b"".join(answer.streaming_content))).active
    rows = list(sheet.iter_rows(min_row=3, values_only=True))
    assert rows[0][:5] == ("序号", "问题", "时限", "责任单位", "到期日")
    assert [row[0] for row in rows[1:4]] == [3, 2, 1] and rows[3][3] == "乙县丙局"
    kept = LedgerExport.objects.get()
    assert (kept.columns, kept.problems) == ("列表", 3)
    assert office.get(f"/ledger/list/?report={made.report.pk}&cols=x").status_code == 400
