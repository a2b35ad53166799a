"""报送材料: a document is downloaded and recorded; the office's text is kept; nothing of others is chosen."""

from __future__ import annotations

import io

import docx
import pytest
from django.test import Client

from rectify.models import AuditEntry, LedgerExport, Narrative, Problem
from tests import builders
from tests.documents.conftest import text_of

pytestmark = [pytest.mark.once, pytest.mark.django_db, pytest.mark.usefixtures("one_connection")]
WORLD = builders.cast


def signed_in(made: builders.Cast, who: str) -> Client:
    client = Client()
    client.force_login(made[who])
    return client


def opened(response) -> str:  # type: ignore[no-untyped-def]
    return text_of(docx.Document(io.BytesIO(b"".join(response.streaming_content))))


def test_a_document_is_a_word_file_and_on_record(made):
    response = signed_in(made, "office").get(f"/documents/export/?report={made.report.pk}&kind=closeout")
    assert response.status_code == 200 and ".docx" in response["Content-Disposition"]
    assert response["Cache-Control"] == "private, no-store"
    assert made.problem.title in opened(response)
    assert LedgerExport.objects.get().columns == "销号单"
    assert AuditEntry.objects.filter(act="export", actor=made["office"]).count() == 1


def test_what_one_person_sees_of_a_ledger_says_so_in_its_title(made):
    response = signed_in(made, "clerk").get(f"/documents/export/?report={made.report.pk}")
    whole = Problem.objects.filter(report=made.report).count()
    assert f"（仅含乙县丙局负责的 1/{whole} 项）" in opened(response)
    assert f"1/{whole} 项" in LedgerExport.objects.get().selection


@pytest.mark.parametrize("kind", ["report", "closeout", "supervision"])
@pytest.mark.parametrize("name", ["unit", "problem"])
def test_what_lies_elsewhere_is_not_chosen_and_not_named(made, kind, name):
    other = builders.another_ledger(made)
    problem = Problem.objects.filter(report=other)[0]
    pk = problem.pk if name == "problem" else other.unit_id
    address = f"/documents/export/?report={made.report.pk}&kind={kind}&{name}={pk}"
    response = signed_in(made, "office").get(address)
    assert response.status_code == 400
    assert other.unit.name not in response.content.decode()
    assert not LedgerExport.objects.exists()


@pytest.mark.parametrize(
    ("asked", "words"),
    [
        ("kind=letter", "文件"),
        ("as_of=2031-01-01", "还没有到"),
        ("as_of=2001-01-01", "建立于"),
        ("as_of=gestern", "无法识别"),
        ("kind=closeout&public=on", "只有整改情况报告能按单位生成或生成公示稿"),
        ("kind=supervision", "还没有签发过督办单"),
    ],
)
def test_what_cannot_be_made_is_refused_in_words(made, asked, words):
    response = signed_in(made, "office").get(f"/documents/export/?report={made.report.pk}&{asked}")
    assert response.status_code == 400 and words in response.content.decode()
    assert not LedgerExport.objects.exists()


def test_the_text_of_the_office_is_kept_and_a_stale_one_shows_both(made):
    client, url = signed_in(made, "office"), f"/documents/?report={made.report.pk}"
    assert client.post(url, {"version": 1, "practices": "每月调度。"}).status_code == 302
    assert Narrative.objects.get().practices == "每月调度。"
    assert "每月调度。" in client.get(url).content.decode()
    stale = client.post(url, {"version": 1, "practices": "每周调度。"})
    page = stale.content.decode()
    assert stale.status_code == 409 and "每月调度。" in page and "每周调度。" in page
    assert Narrative.objects.get().practices == "每月调度。"


def test_a_refused_text_stays_on_the_page_of_an_empty_ledger(made):
    Problem.objects.filter(report=made.report).update(withdrawn=True, rank=9)
    client, url = signed_in(made, "office"), f"/documents/?report={made.report.pk}"
    response = client.post(url, {"version": 1, "practices": "长" * 50_000})
    assert response.status_code == 422
    assert "50000" in response.content.decode().replace(",", "") and "长" * 100 in response.content.decode()


def test_only_the_office_writes_it(made):
    response = signed_in(made, "clerk").post(f"/documents/?report={made.report.pk}", {"version": 1})
    assert response.status_code == 403 and not Narrative.objects.exists()
