"""A stored file is looked at in the page: drawn or read in the limited child; a new version replaces it."""

from __future__ import annotations

import io

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from docx import Document
from openpyxl import Workbook
from PIL import Image

from rectify.errors import Incomplete, NotAllowed, WrongState
from rectify.evidence import previews
from rectify.models import Evidence
from rectify.operations import evidence, progress
from tests import builders
from tests.builders import Cast

pytestmark = pytest.mark.django_db


def _png() -> bytes:
    out = io.BytesIO()
    Image.new("RGBA", (3000, 200), (200, 0, 0, 128)).save(out, "PNG")
    return out.getvalue()


def _docx() -> bytes:
    document, out = Document(), io.BytesIO()
    document.add_paragraph("签到表")
    document.save(out)
    return out.getvalue()


def _xlsx() -> bytes:
    book, out = Workbook(), io.BytesIO()
    book.active["B3"] = "三十六户"
    book.save(out)
    return out.getvalue()


def history() -> Cast:
    made = builders.cast()
    files = {"现场.png": _png(), "签到.docx": _docx(), "入住.xlsx": _xlsx(), "验收.pdf": builders.PDF}
    chosen = [SimpleUploadedFile(name, content) for name, content in files.items()]
    progress.add(made.problem, by=made["clerk"], text="已办", files=chosen)
    return made


WORLD = history


def named(name: str) -> Evidence:
    return Evidence.objects.get(name=name)


def client_of(made: Cast, role: str) -> Client:
    client = Client()
    client.force_login(made[role])
    return client


def test_pictures_are_drawn_anew_and_documents_are_read(made: Cast) -> None:
    drawn = Image.open(io.BytesIO(previews.picture(named("现场.png"), 1)))
    assert drawn.format == "JPEG" and drawn.width == 1200
    assert previews.preview(named("验收.pdf")).pages == 1
    assert previews.picture(named("验收.pdf"), 1).startswith(previews.JPEG)
    assert previews.picture(named("验收.pdf"), 2) == b"" and previews.picture(named("验收.pdf"), 0) == b""
    assert previews.preview(named("签到.docx")).lines == [("第 1 段", "签到表")]
    assert previews.preview(named("入住.xlsx")).lines == [("工作表“Sheet” B3", "三十六户")]


def test_whoever_sees_the_item_looks_at_its_files_and_nobody_else(made: Cast) -> None:
    picture, sheet = named("验收.pdf"), named("入住.xlsx")
    client = client_of(made, "leader")
    page = client.get(f"/evidence/{picture.pk}/preview/").content.decode()
    assert f"/evidence/{picture.pk}/page/1/" in page and "更换为新版本" not in page
    assert "三十六户" in client.get(f"/evidence/{sheet.pk}/preview/").content.decode()
    drawn = client.get(f"/evidence/{picture.pk}/page/1/")
    assert drawn["Content-Type"] == "image/jpeg" and drawn["X-Content-Type-Options"] == "nosniff"
    again = client.get(f"/evidence/{picture.pk}/page/1/", headers={"If-None-Match": drawn["ETag"]})
    assert again.status_code == 304
    for path in ("preview/", "page/1/", "replace/"):
        assert client_of(made, "stranger").get(f"/evidence/{picture.pk}/{path}").status_code == 404
    picture.path.write_bytes(b"%PDF-1.4 broken")
    assert "不能在页面里预览" in client.get(f"/evidence/{picture.pk}/preview/").content.decode()
    assert client.get(f"/evidence/{picture.pk}/page/1/").status_code == 404


def test_a_new_version_stands_in_place_of_the_old_one_and_both_are_kept(made: Cast, run) -> None:
    old, client = named("验收.pdf"), client_of(made, "clerk")
    given = {
        "files": builders.pdf("验收（盖章）.pdf"),
        "idempotency_key": "11111111-2222-4333-8444-555555555555",
    }
    assert client.post(f"/evidence/{old.pk}/replace/", given).status_code == 302
    new = named("验收（盖章）.pdf")
    assert new.replaces == old and new.note == old.note and old.path.exists() and new.path.exists()
    page = client.get(made.problem.get_absolute_url()).content.decode()
    assert "第 2 版" in page and f'"/evidence/{old.pk}/"' not in page and "✓ 验收" not in page
    page = client.get(f"/evidence/{old.pk}/preview/").content.decode()
    assert "已被更换" in page and "第 1 版，共 2 版" in page and "更换为新版本" not in page
    with pytest.raises(WrongState, match="已有新版本"):
        evidence.replace(old, by=made["clerk"], files=[builders.pdf()])
    with pytest.raises(Incomplete, match="一个新版本"):
        evidence.replace(new, by=made["clerk"], files=[])
    with pytest.raises(NotAllowed):
        evidence.replace(new, by=made["leader"], files=[builders.pdf()])
    assert run("verify_audit")
