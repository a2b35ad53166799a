"""What a file is, by its own structure from beginning to end: never by its name or its first bytes alone.

PDF 32000-1 7.5, PNG 5.2, JPEG (T.81 annex B), zip packages of OOXML and OFD. Runs in the limited child
(rectify/evidence/opening.py), before a reader opens the file.
"""

from __future__ import annotations

import zipfile
import zlib
from collections.abc import Callable
from typing import IO

MEMBERS_MAX = 20_000
# What a zip must hold to be what its name says, and the root element of the last of them.
MEMBERS = {
    ".docx": ("[Content_Types].xml", "word/document.xml"),
    ".xlsx": ("[Content_Types].xml", "xl/workbook.xml"),
    ".ofd": ("OFD.xml",),
}
PNG, ZIP, OLE = b"\x89PNG\r\n\x1a\n", b"PK\x03\x04", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
ENCRYPTED = "EncryptedPackage".encode("utf-16-le")
STARTS = {
    b"%PDF-": "PDF 文件",
    b"\x89PNG": "PNG 图片",
    b"\xff\xd8\xff": "JPG 图片",
    b"GIF8": "GIF 图片",
    b"BM": "BMP 图片",
    b"Rar!": "压缩包",
    b"7z\xbc\xaf": "压缩包",
    b"\x1f\x8b": "压缩包",
    b"MZ": "程序文件",
    b"\x7fELF": "程序文件",
    b"#!": "脚本文件",
    b"{\\rtf": "RTF 文件",
}
WEB = (b"<html", b"<!doctype", b"<script", b"<?xml", b"<svg", b"<table", b"<body", b"<head")
HEAD, TAIL = 4096, 2048
# JPEG markers that stand alone, without a length.
BARE_MARKERS = {0x01, *range(0xD0, 0xD8)}
START_OF_SCAN, END_OF_IMAGE = 0xDA, 0xD9
BROKEN = (zipfile.BadZipFile, OSError, ValueError, NotImplementedError, RuntimeError, EOFError)
DAMAGED = "文件已损坏或没有传完整，请重新导出或另存后再选"


class Refused(Exception):
    """Why a file cannot be taken, in words that follow its name."""

    @property
    def words(self) -> str:
        return str(self.args[0])


def require_kind(file: IO[bytes], suffix: str) -> None:
    """Raises Refused unless the content is of the kind that the suffix (with its dot, lower case) names."""
    head = file.read(HEAD)
    if (kind := what_begins(head, file)) != KINDS[suffix][0]:
        raise Refused(f"这是{kind}，改名成了 {suffix}，请选择原文件" if kind else DAMAGED)
    file.seek(0)
    if not KINDS[suffix][1](file, suffix):
        raise Refused(DAMAGED)
    if suffix not in MEMBERS and zipfile.is_zipfile(file):
        raise Refused("文件里夹带了压缩包，请重新导出或另存后再选")


def what_begins(head: bytes, file: IO[bytes]) -> str:
    """What begins so, in words; empty when nobody knows."""
    if head.startswith(ZIP):
        return _package_words(file)
    if head.startswith(OLE):
        whole = head + file.read()
        return (
            "设有打开密码的 Office 文件"
            if ENCRYPTED in whole
            else "旧版 Office 文件（.doc、.xls、.wps 一类）"
        )
    plain = head.removeprefix(b"\xef\xbb\xbf").lstrip()
    for start, words in STARTS.items():
        if plain.startswith(start):
            return words
    if plain.lower().startswith(WEB):
        return "网页文件"
    return "" if b"\x00" in head or not _is_text(head) else "文本文件"


def _is_text(head: bytes) -> bool:
    for encoding in ("utf-8", "gb18030"):
        try:
            head[: HEAD // 2].decode(encoding)
        except UnicodeDecodeError as error:
            if error.start < HEAD // 2 - 4:
                continue
        return True
    return False


def _package_words(file: IO[bytes]) -> str:
    """Which package of Office, as its members say."""
    try:
        names = set(zipfile.ZipFile(file).namelist())
    except BROKEN:
        return ""
    for suffix, members in MEMBERS.items():
        if names.issuperset(members):
            return KINDS[suffix][0]
    return "演示文稿（.pptx）" if "ppt/presentation.xml" in names else "压缩包"


def _is_pdf(file: IO[bytes], suffix: str) -> bool:
    """Begins as one, and nothing of substance stands behind its end."""
    size = file.seek(0, 2)
    file.seek(max(0, size - TAIL))
    _, end, behind = file.read().rpartition(b"%%EOF")
    return bool(end) and b"<" not in behind and b"PK" not in behind


def _is_png(file: IO[bytes], suffix: str) -> bool:
    """Chunks one after another, each with its checksum, from IHDR to IEND, and nothing behind."""
    size = file.seek(0, 2)
    file.seek(0)
    if file.read(8) != PNG:
        return False
    kind = b""
    while kind != b"IEND":
        head = file.read(8)
        length, first = int.from_bytes(head[:4], "big"), not kind
        kind = head[4:]
        body = file.read(min(length, size))
        checksum = int.from_bytes(file.read(4), "big")
        if len(head) < 8 or len(body) < length or zlib.crc32(kind + body) != checksum:
            return False
        if first and kind != b"IHDR":
            return False
    return not file.read(1)


def _is_jpeg(file: IO[bytes], suffix: str) -> bool:
    """Segments one after another up to the picture's data, and an end. Cameras may append a preview."""
    if file.read(2) != b"\xff\xd8":
        return False
    while True:
        prefix, marker = file.read(1), file.read(1)
        if prefix != b"\xff" or not marker:
            return False
        if marker[0] in BARE_MARKERS or marker == b"\xff":
            continue
        if marker[0] == START_OF_SCAN:
            return bytes((0xFF, END_OF_IMAGE)) in file.read()
        length = int.from_bytes(file.read(2), "big")
        if length < 2 or len(file.read(length - 2)) < length - 2:
            return False


def _is_package(file: IO[bytes], suffix: str) -> bool:
    """A zip of few enough members, each once, none that would leave its folder and none with macros."""
    with zipfile.ZipFile(file) as package:
        names = package.namelist()
    if any(_leaves(name) for name in names):
        raise Refused("文件里有指向文件之外的部件（例如 ../），不能上传")
    if any(name.lower().endswith(("vbaproject.bin", "vbadata.xml")) for name in names):
        raise Refused("文件含有宏，请另存为不含宏的文件后再选")
    return len(names) <= MEMBERS_MAX and len({name.lower() for name in names}) == len(names)


def _leaves(name: str) -> bool:
    return name.startswith("/") or "\\" in name or ".." in name.split("/") or ":" in name.split("/")[0]


KINDS: dict[str, tuple[str, Callable[[IO[bytes], str], bool]]] = {
    ".pdf": ("PDF 文件", _is_pdf),
    ".png": ("PNG 图片", _is_png),
    ".jpg": ("JPG 图片", _is_jpeg),
    ".jpeg": ("JPG 图片", _is_jpeg),
    ".docx": ("Word 文档（.docx）", _is_package),
    ".xlsx": ("Excel 工作簿（.xlsx）", _is_package),
    ".ofd": ("OFD 文件", _is_package),
}
