"""Evidence files: what is taken, what is refused and why, and that every refusal names the file."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path

import pypdfium2
import pytest
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import SimpleUploadedFile
from PIL import Image

from rectify.demo.samples import make_docx, make_png
from rectify.demo.samples import make_xlsx as workbook
from rectify.evidence import examining, opening
from rectify.forms.evidence import EvidenceField, refusals_of
from tests.builders import PDF
from tests.visitor import pdf

OFD_ROOT = '<ofd:OFD xmlns:ofd="http://www.ofdspec.org/2016"/>'
PNG, DOCX, XLSX = make_png("照片"), make_docx("方案"), workbook("台账")
OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600
DTD = '<!DOCTYPE w [<!ENTITY a "b">]>'


def photo(colour: str = "red") -> bytes:
    out = io.BytesIO()
    Image.new("RGB", (64, 48), colour).save(out, "JPEG")
    return out.getvalue()


JPG = photo()


def package(**members: str) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return out.getvalue()


def changed(data: bytes, **members: str | bytes) -> bytes:
    """The package with members added, or put in the place of its own."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as old, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as new:
        for name in old.namelist():
            new.writestr(name, members.pop(name, old.read(name)))
        for name, content in members.items():
            new.writestr(name, content)
    return out.getvalue()


OFD = package(**{"OFD.xml": OFD_ROOT, "Doc_0/Document.xml": "<d/>"})
MACRO_TYPES = (
    '<Types xmlns="t"><Override PartName="/word/document.xml" '
    'ContentType="application/vnd.ms-word.document.macroEnabled.main+xml"/></Types>'
)


def check(name: str, content: bytes) -> list:
    return EvidenceField().clean([SimpleUploadedFile(name, content)])


def test_every_kind_is_taken_whole() -> None:
    files = {
        "验收单.pdf": PDF,
        "验收单.PDF": PDF,
        "照片.png": PNG,
        "照片.jpg": JPG,
        "照片.jpeg": JPG,
        "台账.xlsx": XLSX,
        "方案.docx": DOCX,
        "公文.ofd": OFD,
    }
    taken = EvidenceField().clean([SimpleUploadedFile(name, data) for name, data in files.items()])
    assert {file.name: file.read() for file in taken} == files


REFUSED = {
    "程序.exe": (b"MZ", "类型不能上传"),
    "压缩包.zip": (package(**{"a.txt": "a"}), "类型不能上传"),
    "网页.html": (b"<script>", "类型不能上传"),
    "无扩展名": (PDF, "类型不能上传"),
    "空.pdf": (b"", "空文件"),
    "程序.pdf": (b"MZ...", "这是程序文件，改名成了 .pdf"),
    "图.png": (JPG, "这是JPG 图片，改名成了 .png"),
    "图.jpg": (PNG, "这是PNG 图片，改名成了 .jpg"),
    "包.docx": (package(**{"a.txt": "a"}), "这是压缩包，改名成了 .docx"),
    "表.docx": (XLSX, "这是Excel 工作簿（.xlsx），改名成了 .docx"),
    "文档.xlsx": (DOCX, "这是Word 文档（.docx），改名成了 .xlsx"),
    "旧.docx": (OLE, "这是旧版 Office 文件"),
    "锁.docx": (OLE + "EncryptedPackage".encode("utf-16-le"), "设有打开密码"),
    "坏.xlsx": (b"PK\x03\x04broken", "已损坏"),
    "截断.xlsx": (XLSX[:-200], "已损坏"),
    "文.ofd": (PDF, "这是PDF 文件，改名成了 .ofd"),
    "网页.pdf": (b"<html><script>alert(1)</script>%PDF-1.7 %%EOF", "这是网页文件，改名成了 .pdf"),
    "说明.pdf": ("情况说明：已经完成。".encode("gb18030"), "这是文本文件，改名成了 .pdf"),
    "半截.pdf": (PDF[: len(PDF) // 2], "已损坏"),
    "空壳.pdf": (b"%PDF-1.4\n1 0 obj<<>>endobj\ntrailer<<>>\n%%EOF\n", "已损坏"),
    "夹带.pdf": (PDF + package(**{"a.exe": "MZ"}), "已损坏"),
    "夹带网页.pdf": (PDF + b"<script>alert(1)</script>", "已损坏"),
    "脚本.png": (PNG[:8] + b"<script>alert(1)</script>", "已损坏"),
    "尾巴.png": (PNG + b"<script>alert(1)</script>", "已损坏"),
    "改过.png": (PNG.replace(b"IDAT", b"IDAX"), "已损坏"),
    "脚本.jpg": (b"\xff\xd8\xff<script>alert(1)</script>", "已损坏"),
    "夹带.jpg": (JPG + package(**{"a.exe": "MZ"}), "夹带了压缩包"),
    "空.jpg": (b"\xff\xd8\xff\xe0\x00\x04ab\xff\xda\x00\x04abpicture\xff\xd9", "已损坏"),
    "越界.docx": (changed(DOCX, **{"../evil.xml": "x"}), "指向文件之外"),
    "越界.xlsx": (changed(XLSX, **{"/etc/passwd": "x"}), "指向文件之外"),
    "宏.docx": (changed(DOCX, **{"word/vbaProject.bin": "x"}), "含有宏"),
    "启用宏.docx": (changed(DOCX, **{"[Content_Types].xml": MACRO_TYPES}), "含有宏"),
    "实体.docx": (changed(DOCX, **{"word/document.xml": DTD + "<w/>"}), "文档类型声明"),
    "不是文档.docx": (changed(DOCX, **{"word/document.xml": "<html/>"}), "已损坏"),
    "炸弹.docx": (changed(DOCX, **{"word/media/a.bin": b"\0" * 40_000_000}), "展开后大得异常"),
}


@pytest.fixture(scope="module")
def refusals() -> dict[str, str]:
    """Of every wrong file, looked at in as many children as a submit may bring."""
    files = [SimpleUploadedFile(name, content) for name, (content, _) in REFUSED.items()]
    for start in range(0, len(files), 10):
        refusals_of(files[start : start + 10])
    return {file.name: file.refusal for file in files}


@pytest.mark.parametrize("name", REFUSED)
def test_refused_by_name_with_the_reason(refusals: dict[str, str], name: str) -> None:
    assert refusals[name].startswith(f"“{name}”") and REFUSED[name][1] in refusals[name]


def test_a_file_at_which_the_reader_dies_is_named_and_the_others_are_taken(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("rectify.evidence.examining.CHILD", "tests.forms.small_child")
    files = [
        SimpleUploadedFile("一.jpg", JPG),
        SimpleUploadedFile("大.png", b"DIE"),
        SimpleUploadedFile("二.jpg", JPG),
    ]
    (words,) = refusals_of(files)
    assert "“大.png”不能上传：读取它超出了限度" in words


@pytest.mark.ci
def test_a_picture_of_too_many_pixels_is_refused_before_it_is_decoded() -> None:
    out = io.BytesIO()
    Image.new("1", (20_000, 13_000)).save(out, "PNG")
    with pytest.raises(ValidationError, match="20000 × 13000 个像素"):
        check("大.png", out.getvalue())


def test_out_of_time_is_said_of_each_file_not_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(examining, "SECONDS", 0)
    with pytest.raises(ValidationError, match="服务器正忙") as refused:
        EvidenceField().clean([SimpleUploadedFile(name, PDF) for name in ("一.pdf", "二.pdf")])
    assert len(refused.value.messages) == 2


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


def test_what_stands_in_a_file_is_found_with_its_place() -> None:
    files = {
        "标密.pdf": PDF,
        "标密.docx": changed(
            DOCX, **{"word/header1.xml": '<w:hdr xmlns:w="w"><w:p><w:t>机密★10年</w:t></w:p></w:hdr>'}
        ),
        "名单.xlsx": workbook("11010519491231002X"),
    }
    taken = EvidenceField().clean([SimpleUploadedFile(name, data) for name, data in files.items()])
    assert {file.name: file.findings for file in taken} == {
        "标密.pdf": [],
        "标密.docx": [("mark", "页眉第 1 段", "机密★10年")],
        "名单.xlsx": [("identity", "工作表“Sheet” A1", "110*************2X")],
    }


def test_the_child_is_limited() -> None:
    assert opening.MEMORY <= 1024**3 and opening.SECONDS < examining.SECONDS


def test_a_pdf_is_opened_once_for_both_questions(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Opening reads what fonts it names from the machine."""
    (tmp_path / "a.pdf").write_bytes(pdf())
    opened: list[Path] = []
    document = pypdfium2.PdfDocument
    monkeypatch.setattr(pypdfium2, "PdfDocument", lambda path: opened.append(path) or document(path))
    first, second = opening.examine(tmp_path / "a.pdf", ".pdf")
    assert (first, second) == ({"refusal": ""}, {"findings": []})
    assert opened == [tmp_path / "a.pdf"]
