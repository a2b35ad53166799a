"""Chosen files outlive their form: sent ahead, refused by 403, sent after the sign-in expired."""

from __future__ import annotations

import re

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from rectify.models import Draft, Evidence, KeptUpload
from rectify.views.drafts import draft_token
from tests import builders
from tests.builders import PDF, Cast

pytestmark = [pytest.mark.django_db, pytest.mark.sqlite]

WORLD = builders.cast


def signed_in(made: Cast, role: str = "clerk") -> Client:
    client = Client()
    client.force_login(made[role])
    return client


def pdf(name: str = "签到表.pdf") -> SimpleUploadedFile:
    return SimpleUploadedFile(name, PDF)


def proof(made: Cast, verb: str, role: str = "clerk") -> str:
    return draft_token(made[role], f"{verb}:{made.problem.pk}")


def kept_on(page: str) -> list[str]:
    return re.findall(r'name="kept_file" value="([0-9a-f-]{36})" checked', page)


def test_a_file_sent_ahead_is_kept_for_its_form_and_forgotten_when_removed(made: Cast) -> None:
    client, url = signed_in(made), reverse("staging")
    token = {"draft_token": proof(made, "progress"), "field": "files"}
    key = client.post(url, token | {"file": pdf()}).json()["key"]
    other = client.post(url, token | {"file": pdf("多余.pdf")}).json()["key"]
    assert kept_on(client.get(made.problem.get_absolute_url()).content.decode()) == [key, other]
    assert client.post(url, token | {"drop": other}).status_code == 200
    assert str(KeptUpload.objects.get().key) == key
    said = {"text": "已办结", "kept_file": key}
    assert client.post(reverse("progress_add", args=[made.problem.pk]), said).status_code == 302
    assert Evidence.objects.get().name == "签到表.pdf" and not KeptUpload.objects.exists()


def test_a_form_in_two_windows_sends_its_own_files_and_leaves_those_of_the_other(made: Cast) -> None:
    client, url = signed_in(made), reverse("staging")
    token = {"draft_token": proof(made, "progress"), "field": "files"}
    before, taken_off, other = (
        client.post(url, token | {"file": pdf(name)}).json()["key"]
        for name in ("签到表.pdf", "多余.pdf", "照片说明.pdf")
    )
    where = reverse("progress_add", args=[made.problem.pk])
    said = {"text": "第一个窗口", "shown_file": [before, taken_off], "kept_file": [before]}
    refused = client.post(where, said | {"text": "", "kept_file": [before, taken_off]})
    assert refused.status_code == 422 and kept_on(refused.content.decode()) == [before, taken_off]
    assert f'name="shown_file" value="{before}"' in refused.content.decode()
    assert client.post(where, said).status_code == 302
    assert [str(row.key) for row in KeptUpload.objects.all()] == [other]
    assert client.post(where, {"text": "第二个窗口", "kept_file": other}).status_code == 302
    assert {one.name for one in Evidence.objects.all()} == {"签到表.pdf", "照片说明.pdf"}
    assert not KeptUpload.objects.exists()


def test_what_cannot_be_kept_is_said_at_once(made: Cast) -> None:
    client, url = signed_in(made), reverse("staging")
    token = {"draft_token": proof(made, "progress"), "field": "files"}
    for sent, status, words in (
        (token | {"file": SimpleUploadedFile("网页.pdf", b"<html>")}, 422, "“网页.pdf”不能上传"),
        (token, 400, "没有收到文件"),
        (token | {"field": "statement", "file": pdf()}, 400, "没有收到文件"),
        (token | {"draft_token": proof(made, "progress", "office"), "file": pdf()}, 403, "请刷新"),
    ):
        answer = client.post(url, sent)
        assert answer.status_code == status and words in answer.json()["error"]
    assert not KeptUpload.objects.exists()


def test_a_form_refused_with_403_and_one_after_the_sign_in_expired_keep_text_and_files(made: Cast) -> None:
    builders.applied(made)
    url = reverse("close_out_apply", args=[made.problem.pk])
    sent = {"draft_token": proof(made, "progress"), "text": "补充材料。", "files": pdf()}
    refused = signed_in(made).post(reverse("progress_add", args=[made.problem.pk]), sent)
    page = refused.content.decode()
    assert refused.status_code == 403 and "您填写的文字和所选的材料已经保留" in page
    assert KeptUpload.objects.get(choices__form=f"progress:{made.problem.pk}").name == "签到表.pdf"
    sent = {"draft_token": proof(made, "closeout"), "statement": "都已完成。", "proof_7": pdf("验收单.pdf")}
    away = Client().post(url, sent)
    assert away.status_code == 302 and "/accounts/login/" in away["Location"] and "kept" in away["Location"]
    row = KeptUpload.objects.get(choices__form=f"closeout:{made.problem.pk}")
    assert (row.user, row.name, row.choices["field"]) == (made["clerk"], "验收单.pdf", "proof_7")
    assert Draft.objects.filter(user=made["clerk"]).count() == 2
