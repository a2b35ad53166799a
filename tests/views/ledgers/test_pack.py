"""The evidence pack on the pages: who gets which evidence, what is recorded, what is missing is told."""

from __future__ import annotations

import datetime as dt
import io
import zipfile
from urllib.parse import unquote

import openpyxl
import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from rectify import clock
from rectify.models import Evidence, LedgerExport, Problem
from rectify.operations import measures, progress, purging
from tests.builders import Cast, account, another_ledger, assign, cast, stream

pytestmark = [pytest.mark.django_db, pytest.mark.sqlite]

PAGE, PACK = "/ledger/pack/", "/ledger/pack/file/"
LATER = dt.datetime(2025, 3, 20, 2, tzinfo=dt.UTC)


def on(day: int) -> dt.datetime:
    return dt.datetime(2025, 3, day, 2, tzinfo=dt.UTC)


@pytest.fixture(autouse=True)
def one_connection(monkeypatch: pytest.MonkeyPatch) -> None:
    """A test's own transaction is not seen from the connection that reads snapshots."""
    monkeypatch.setattr("rectify.ledger.rows.SNAPSHOT", "default")


def history() -> Cast:
    with clock.pretend(on(1)):
        made = cast()
        two = Problem.objects.get(report=made.report, number=2)
    with clock.pretend(on(5)):
        files = [stream(b"one", "会议记录.pdf"), stream(b"two", "会议记录.pdf")]
        progress.add(made.problem, by=made["clerk"], text="开会", files=files)
    with clock.pretend(on(10)):
        step = measures.add(two, by=made["office"], text="建制度")
        measures.finish(
            step, by=made["office"], seen=step.version, result="已印发", files=[stream(b"three", "制度.pdf")]
        )
    return made


WORLD = history


def get(made: Cast, url: str = PACK, role: str = "office", **query: str):
    client = Client()
    client.force_login(made[role])
    with clock.pretend(LATER):
        response = client.get(url, query)
        response.data = b"".join(response) if response.streaming else response.content
        return response


def package(response) -> zipfile.ZipFile:
    assert response.status_code == 200, response.data.decode()
    return zipfile.ZipFile(io.BytesIO(response.data))


def evidence(response) -> list[str]:
    return [name for name in package(response).namelist() if "/" in name]


ONE, TWO = ["01 学用结合不紧/会议记录.pdf", "01 学用结合不紧/会议记录（2）.pdf"], ["02 督办不够经常/制度.pdf"]


def test_everybody_gets_the_evidence_of_what_they_may_see(made):
    assert evidence(get(made)) == ONE + TWO
    assert evidence(get(made, role="inspector", report=str(made.report.pk))) == ONE + TWO
    for role in ("clerk", "leader", "unit_head"):
        assert evidence(get(made, role=role)) == ONE
    foreign = another_ledger(made)
    for url in (PAGE, PACK):
        assert get(made, url, role="auditor").status_code == 403
        assert get(made, url, role="sysadmin").status_code == 403
        assert get(made, url, report=str(foreign.pk)).status_code == 404


def test_the_filter_and_the_day_narrow_it(made):
    assert evidence(get(made, q="督办")) == ["01 督办不够经常/制度.pdf"]
    assert evidence(get(made, as_of="2025-03-07")) == ONE
    assert evidence(get(made, as_of="2025-03-02")) == []


def test_it_is_recorded_as_an_export_and_named_in_chinese(made):
    response = get(made)
    export = LedgerExport.objects.get()
    assert (export.selection, export.problems, export.by) == ("证据包（3 份材料）", 3, made["office"])
    assert unquote(response["Content-Disposition"]).endswith("整改台账（截至2025年3月20日）证据包.zip")
    assert "no-store" in response["Cache-Control"] and response["Content-Type"] == "application/zip"
    ledger = next(name for name in package(response).namelist() if name.endswith("日）.xlsx"))
    sheet = openpyxl.load_workbook(io.BytesIO(package(response).read(ledger))).worksheets[0]
    assert sheet["B5"].value == "学用结合不紧"


def test_the_page_says_what_will_be_in_it(made):
    text = get(made, PAGE).data.decode()
    assert "3 项问题，其中 2 项有佐证，共 3 份材料" in text
    assert "缺失或与记录不符" not in text


def test_missing_and_altered_files_are_on_the_page_and_break_nothing(made):
    lost, altered, _ = Evidence.objects.order_by("pk")
    lost.path.unlink()
    altered.path.chmod(0o600)
    altered.path.write_bytes(b"owt")
    text = get(made, PAGE).data.decode()
    assert "文件缺失" in text and "与记录不符" in text
    assert evidence(get(made)) == [ONE[1], *TWO]


def test_purged_evidence_is_left_out_and_said(made):
    one = Evidence.objects.order_by("pk").first()
    with clock.pretend(on(12)):
        purge = purging.request(one, by=made["office"], reason="误传")
        purging.confirm(purge, by=account("second", made.county, "office"))
    assert evidence(get(made)) == [ONE[0], *TWO]
    assert "1 份内容已按程序清除" in get(made, PAGE).data.decode()


@pytest.mark.parametrize("url", [PAGE, PACK])
@pytest.mark.parametrize(
    "query", [{"as_of": "x"}, {"as_of": "2099-01-01"}, {"light": "red"}, {"columns": "Z"}]
)
def test_wrong_input_packs_nothing(made, url, query):
    assert get(made, url, **query).status_code == 400
    assert not LedgerExport.objects.exists()


def test_who_holds_nothing_has_nothing_to_pack(made):
    assert "还没有可以打包的台账" in get(made, PAGE, role="stranger").data.decode()
    assert get(made, role="stranger").status_code == 404


def test_only_a_get_packs(made):
    client = Client()
    client.force_login(made["office"])
    assert client.post(PACK).status_code == client.head(PACK).status_code == 405


@pytest.mark.parametrize("url", [PAGE, PACK])
def test_queries_do_not_grow(made, url):
    def count() -> int:
        with CaptureQueriesContext(connection) as caught:
            assert get(made, url).status_code == 200
        return len(caught)

    count()
    before = count()
    with clock.pretend(on(15)):
        two = Problem.objects.get(report=made.report, number=3)
        for number in range(8):
            files = [stream(b"x", f"材料{number}.pdf")]
            progress.add(assign(made, two), by=made["clerk"], text="又开会", files=files)
            two.refresh_from_db()
    assert count() == before
