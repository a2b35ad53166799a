"""Evidence files: what is taken, what is refused, and that every refusal names the file."""

from __future__ import annotations

import io
import zipfile
import zlib

import openpyxl
import pytest
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import SimpleUploadedFile

from rectify.forms.evidence import EvidenceField
from tests.builders import PDF


def chunk(kind: bytes, body: bytes) -> bytes:
    return len(body).to_bytes(4, "big") + kind + body + zlib.crc32(kind + body).to_bytes(4, "big")


PNG = b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", b"\0" * 13) + chunk(b"IDAT", b"x") + chunk(b"IEND", b"")
JPG = b"\xff\xd8\xff\xe0\x00\x04ab\xff\xda\x00\x04abpicture\xff\xd9"


def package(*names: str) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for name in names:
            archive.writestr(name, "x")
    return out.getvalue()


def workbook() -> bytes:
    out = io.BytesIO()
    openpyxl.Workbook().save(out)
    return out.getvalue()


def check(name: str, content: bytes) -> list:
    return EvidenceField().clean([SimpleUploadedFile(name, content)])


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("验收单.pdf", PDF),
        ("验收单.PDF", PDF),
        ("照片.png", PNG),
        ("照片.jpg", JPG),
        ("照片.jpeg", JPG),
        ("台账.xlsx", workbook()),
        ("方案.docx", package("[Content_Types].xml", "word/document.xml")),
        ("公文.ofd", package("OFD.xml", "Doc_0/Document.xml")),
    ],
)
def test_taken(name: str, content: bytes) -> None:
    (file,) = check(name, content)
    assert file.read() == content


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        ("程序.exe", b"MZ", "类型不能上传"),
        ("压缩包.zip", package("a.txt"), "类型不能上传"),
        ("网页.html", b"<script>", "类型不能上传"),
        ("无扩展名", PDF, "类型不能上传"),
        ("空.pdf", b"", "空文件"),
        ("假.pdf", b"MZ...", "不符"),
        ("假.png", JPG, "不符"),
        ("假.jpg", PNG, "不符"),
        ("假.docx", package("a.txt"), "不符"),
        ("假.xlsx", package("[Content_Types].xml", "word/document.xml"), "不符"),
        ("坏.xlsx", b"PK\x03\x04broken", "不符"),
        ("截断.xlsx", workbook()[:-200], "不符"),
        ("假.ofd", PDF, "不符"),
        ("网页.pdf", b"<html><script>alert(1)</script>%PDF-1.7 %%EOF", "不符"),
        ("半截.pdf", b"%PDF-1.7\n1 0 obj", "不符"),
        ("脚本.png", PNG[:8] + b"<script>alert(1)</script>", "不符"),
        ("尾巴.png", PNG + b"<script>alert(1)</script>", "不符"),
        ("改过.png", PNG.replace(b"IDAT", b"IDAX"), "不符"),
        ("脚本.jpg", b"\xff\xd8\xff<script>alert(1)</script>", "不符"),
        ("越界.docx", package("[Content_Types].xml", "word/document.xml", "../evil.xml"), "不符"),
        ("越界.xlsx", package("[Content_Types].xml", "xl/workbook.xml", "/etc/passwd"), "不符"),
        ("宏.docx", package("[Content_Types].xml", "word/document.xml", "word/vbaProject.bin"), "不符"),
    ],
)
def test_refused_by_name(name: str, content: bytes, words: str) -> None:
    with pytest.raises(ValidationError) as refused:
        check(name, content)
    (message,) = refused.value.messages
    assert words in message and name[:20] in message


def test_size_and_number_are_limited(settings) -> None:
    settings.EVIDENCE_MAX_BYTES, settings.EVIDENCE_MAX_FILES = 10, 2
    with pytest.raises(ValidationError, match=r"大\.pdf"):
        check("大.pdf", PDF)
    with pytest.raises(ValidationError, match="一次最多上传 2 个文件，现在选了 3 个"):
        EvidenceField().clean([SimpleUploadedFile("a.pdf", b"%PDF-") for _ in range(3)])


def test_every_wrong_file_is_named() -> None:
    files = [SimpleUploadedFile(name, b"MZ") for name in ("一.exe", "二.pdf")]
    with pytest.raises(ValidationError) as refused:
        EvidenceField().clean(files)
    assert len(refused.value.messages) == 2


def test_a_path_and_control_characters_leave_the_name() -> None:
    (file,) = check("..\\..\\secret\x07\r\n.pdf", PDF)
    assert "\\" not in file.name and "/" not in file.name and "\x07" not in file.name
