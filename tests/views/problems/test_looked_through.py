"""What looks secret or personal is pointed out before it is saved; no refused form forgets a file."""

from __future__ import annotations

import datetime as dt
import re

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from rectify import clock
from rectify.choices import Action
from rectify.demo.samples import make_docx
from rectify.models import AuditEntry, Evidence, KeptUpload, Narrative
from tests import builders
from tests.builders import PDF, Cast

pytestmark = [pytest.mark.django_db, pytest.mark.sqlite]

WORLD = builders.cast
ID_CARD, CARD = "11010519491231002X", "6222021234567890128"


def client_of(made: Cast, role: str = "clerk") -> Client:
    client = Client()
    client.force_login(made[role])
    return client


def report(made: Cast, role: str = "clerk", **data):
    return client_of(made, role).post(reverse("progress_add", args=[made.problem.pk]), data)


def shown(response) -> dict[str, str]:
    """The hidden digest of what was found, and the keys of the files that were kept."""
    page = response.content.decode()
    digest = re.search(r'name="looked_through" value="([0-9a-f]{16})"', page)
    keys = re.findall(r'name="kept_file" value="([0-9a-f-]{36})" checked', page)
    return {"looked_through": digest[1] if digest else "", "kept_file": keys}


def test_a_mark_and_a_number_stop_and_are_saved_once_decided(made: Cast) -> None:
    text = f"已核对\n当事人 {ID_CARD}，卡 {CARD}\n见机密★10年文件"
    stopped = report(made, text=text)
    page = stopped.content.decode()
    assert stopped.status_code == 422 and not made.problem.notes.exists()
    assert "进展第 2 行：身份证号（110*************2X）" in page and "严禁上传涉密信息" in page
    assert "进展第 2 行：银行卡号" in page and "进展第 3 行：密级标志（机密★10年）" in page
    answers = {"mark_answer": "not_secret", "number_answer": "needed", **shown(stopped)}
    assert report(made, text=text, **answers).status_code == 302
    assert made.problem.notes.get().text == text
    entry = AuditEntry.objects.filter(act=Action.ADD_PROGRESS).get()
    assert entry.details["decided"] == {
        "places": ["进展第 2 行：身份证号", "进展第 2 行：银行卡号", "进展第 3 行：密级标志"],
        "mark_answer": "not_secret",
        "number_answer": "needed",
    }
    assert ID_CARD not in str(entry.details["decided"])
    listed = client_of(made, "auditor").get(reverse("audit")).content.decode()
    assert "保存前已提示：进展第 2 行：身份证号" in listed and "办理工作必需" in listed


@pytest.mark.parametrize(
    "answers",
    [
        {"number_answer": "needed"},
        {"mark_answer": "needed"},
        {"mark_answer": "not_secret", "looked_through": "0" * 16},
    ],
)
def test_half_an_answer_or_one_to_other_words_is_none(made: Cast, answers: dict[str, str]) -> None:
    text = "密级：机密\n没有号码"
    given = shown(report(made, text=text)) | answers
    assert report(made, text=text, **given).status_code == 422
    assert not made.problem.notes.exists()


def test_what_was_decided_about_one_text_is_asked_again_for_another(made: Cast) -> None:
    answers = {"mark_answer": "not_secret", **shown(report(made, text="绝密★启用前"))}
    assert report(made, text="甲\n绝密★启用前", **answers).status_code == 422


def test_ordinary_words_are_saved_at_once(made: Cast) -> None:
    text = "开展保守秘密教育，电话 13812345678，编号 20220630123456789，注意资料的机密性"
    assert report(made, text=text).status_code == 302


def test_a_file_is_looked_through_and_stays_chosen(made: Cast) -> None:
    files = [SimpleUploadedFile("方案.docx", make_docx("秘密★长期")), SimpleUploadedFile("单.pdf", PDF)]
    stopped = report(made, text="已办结", files=files)
    page = stopped.content.decode()
    assert stopped.status_code == 422 and "“方案.docx”第 1 段：密级标志" in page
    given = shown(stopped)
    assert len(given["kept_file"]) == 2
    assert report(made, text="已办结", mark_answer="declassified", **given).status_code == 302
    assert sorted(Evidence.objects.values_list("name", flat=True)) == ["单.pdf", "方案.docx"]
    assert Evidence.objects.get(name="单.pdf").path.read_bytes() == PDF
    assert not KeptUpload.objects.exists()


def test_a_refused_file_leaves_the_others_chosen_and_the_text_typed(made: Cast) -> None:
    files = [
        SimpleUploadedFile("网页.pdf", b"<html>%PDF-1.4 %%EOF</html>"),
        SimpleUploadedFile("单.pdf", PDF),
    ]
    refused = report(made, text="已办结", files=files)
    page = refused.content.decode()
    assert refused.status_code == 422 and "“网页.pdf”不能上传：这是网页文件，改名成了 .pdf" in page
    assert "已办结</textarea>" in page
    again = report(made, text="已办结", **shown(refused))
    assert again.status_code == 302
    assert Evidence.objects.get().name == "单.pdf"


def test_a_file_taken_off_is_not_kept(made: Cast) -> None:
    refused = report(made, text="", files=[SimpleUploadedFile("单.pdf", PDF)])
    assert len(shown(refused)["kept_file"]) == 1
    assert report(made, text="已办结").status_code == 302
    assert not Evidence.objects.exists()


def test_nobody_takes_another_persons_file(made: Cast) -> None:
    kept = shown(report(made, text="", files=[SimpleUploadedFile("单.pdf", PDF)]))
    refused = report(made, "unit_head", text="已办结", **kept)
    assert refused.status_code == 422 and "请重新选择" in refused.content.decode()
    assert not Evidence.objects.exists() and KeptUpload.objects.exists()


def test_a_kept_file_that_has_expired_is_said(made: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    kept = shown(report(made, text="", files=[SimpleUploadedFile("单.pdf", PDF)]))
    later = clock.now() + dt.timedelta(hours=3)
    monkeypatch.setattr("rectify.clock.now", lambda: later)
    refused = report(made, text="已办结", **kept)
    assert refused.status_code == 422 and "没有保留，请重新选择" in refused.content.decode()
    assert not made.problem.notes.exists()


def test_what_an_office_writes_into_a_report_is_looked_through(
    made: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("rectify.ledger.rows.SNAPSHOT", "default")  # another connection sees nothing yet
    client, page = client_of(made, "office"), reverse("documents")
    sent = {"overall": "见机密★10年文件", "practices": "", "next_steps": "", "version": "1"}
    stopped = client.post(f"{page}?report={made.report.pk}", sent)
    assert stopped.status_code == 422 and not Narrative.objects.exists()
    assert "密级标志（机密★10年）" in stopped.content.decode()
    answers = {"mark_answer": "not_secret", "looked_through": shown(stopped)["looked_through"]}
    assert client.post(f"{page}?report={made.report.pk}", sent | answers).status_code == 302
    assert Narrative.objects.get().overall == "见机密★10年文件"
    entry = AuditEntry.objects.filter(act=Action.EDIT_REPORT).latest("pk")
    assert entry.details["decided"]["mark_answer"] == "not_secret"
