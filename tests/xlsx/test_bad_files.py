"""Files that are no returned sheet: told what they are and what to do; nothing crashes or is written."""

from __future__ import annotations

import re

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from rectify.models import AuditEntry, ImportBatch, KeptUpload, Problem, ProgressNote
from rectify.operations.exchange.uploads import MAX_BYTES
from rectify.xlsx import parser
from tests.builders import Cast, cast
from tests.ledger.roundtrip.returned import SHEET_PART, code_of, edited, on_disk, reworked, take
from tests.xlsx.bad_files import BAD, mutants

pytestmark = [pytest.mark.django_db, pytest.mark.sqlite]


@pytest.fixture(autouse=True)
def one_connection(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("rectify.ledger.rows.SNAPSHOT", "default")


WORLD = cast
NOTHING = re.compile("没有导入|没有改动")


@pytest.fixture
def good(made) -> bytes:
    return edited(take(made), {(code_of(made), "本次进展"): "写了"})


def upload(made: Cast, content: bytes, name: str = "填报表.xlsx", url: str = "/ledger/import/"):
    client = Client(raise_request_exception=False)
    client.force_login(made["office"])
    response = client.post(url, {"file": SimpleUploadedFile(name, content)})
    response.client = client
    return response


@pytest.mark.ci
@pytest.mark.parametrize("kind", BAD)
def test_a_wrong_file_is_told_what_it_is(made, good, kind):
    make, words = BAD[kind]
    response = upload(made, make(good))
    assert response.status_code == 422
    text = response.content.decode()
    assert words in text and "没有导入任何内容" in text
    assert not KeptUpload.objects.exists() and not ProgressNote.objects.exists()


def test_a_size_that_lies_does_not_get_a_bomb_through(made, good):
    """The directory claims a hundred bytes for a sheet of fifty million."""
    grown = reworked(
        good, SHEET_PART, lambda xml: xml.replace(b"<sheetData>", b"<sheetData>" + b" " * 50_000_000)
    )
    lied = bytearray(grown)
    for mark, size_at, name_at in ((b"PK\x03\x04", 22, 30), (b"PK\x01\x02", 24, 46)):
        position = lied.find(mark)
        while position >= 0:
            if lied[position + name_at :].startswith(SHEET_PART.encode()):
                lied[position + size_at : position + size_at + 4] = (100).to_bytes(4, "little")
            position = lied.find(mark, position + 4)
    response = upload(made, bytes(lied))
    assert response.status_code == 422 and "已损坏" in response.content.decode()


def test_the_parser_itself_stops_at_what_may_be_unpacked(good, monkeypatch):
    monkeypatch.setattr(parser, "MAX_UNPACKED", 5_000)
    with on_disk(good) as path, pytest.raises(parser.Unreadable, match="big"):
        parser.parse(str(path), 100)


def test_a_file_too_large_is_refused_before_it_is_read(made):
    response = upload(made, b"PK\x03\x04" + b"\0" * MAX_BYTES)
    assert response.status_code == 422 and "超过 20 MB" in response.content.decode()


def test_an_upload_without_a_file_is_told(made):
    client = Client()
    client.force_login(made["office"])
    response = client.post("/ledger/import/", {})
    assert response.status_code == 422 and "请选择要上传的文件" in response.content.decode()


def test_an_interrupted_upload_is_told_and_leaves_nothing(made, good):
    client = Client(raise_request_exception=False)
    client.force_login(made["office"])
    body = (
        b'--b\r\nContent-Disposition: form-data; name="file"; filename="a.xlsx"\r\n\r\n'
        + good[: len(good) // 2]
    )
    response = client.generic("POST", "/ledger/import/", body, content_type="multipart/form-data; boundary=b")
    assert response.status_code == 422
    assert not KeptUpload.objects.exists()


# -- mutated workbooks ---------------------------------------------------------------------------------


def survive(made: Cast, data: bytes, seed: int, count: int) -> None:
    before = (Problem.objects.count(), ProgressNote.objects.count(), AuditEntry.objects.count())
    codes: dict[int, int] = {}
    for mutant in mutants(data, seed, count):
        response = upload(made, mutant)
        if response.status_code == 302:
            response = response.client.get(response["Location"])
            right = 200
        else:
            right = 422
            assert NOTHING.search(response.content.decode())
        assert response.status_code == right, (seed, response.status_code, response.content[:3000].decode())
        codes[response.status_code] = codes.get(response.status_code, 0) + 1
    assert before == (Problem.objects.count(), ProgressNote.objects.count(), AuditEntry.objects.count())
    assert set(codes) == {200, 422}, "some mutants are read and some are refused"
    assert not ImportBatch.objects.exists()


@pytest.mark.ci
def test_a_hundred_mutants_do_no_harm(made, good):
    survive(made, good, 1, 100)


@pytest.mark.long
@pytest.mark.parametrize("seed", range(10, 20))
def test_two_thousand_mutants_do_no_harm(made, good, seed):
    survive(made, good, seed, 200)
