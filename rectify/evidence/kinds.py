"""What a file is, by its own structure from beginning to end: never by its name or its first bytes alone.

PDF 32000-1 7.5, PNG 5.2, JPEG (T.81 annex B), zip packages of OOXML and OFD. Only lengths and directories
are read; nothing is unpacked and nothing drawn.
"""

from __future__ import annotations

import zipfile
import zlib
from collections.abc import Callable
from typing import IO

MEMBERS_MAX = 20_000
UNPACKED_MAX = 512 * 1024 * 1024
# What a zip must hold to be what its name says.
MEMBERS = {
    ".docx": ("[Content_Types].xml", "word/document.xml"),
    ".xlsx": ("[Content_Types].xml", "xl/workbook.xml"),
    ".ofd": ("OFD.xml",),
}
PNG = b"\x89PNG\r\n\x1a\n"
TAIL = 2048
# JPEG markers that stand alone, without a length.
BARE_MARKERS = {0x01, *range(0xD0, 0xD8)}
START_OF_SCAN, END_OF_IMAGE = 0xDA, 0xD9
BROKEN = (zipfile.BadZipFile, OSError, ValueError, NotImplementedError, RuntimeError, EOFError)


def is_what_it_says(file: IO[bytes], suffix: str) -> bool:
    """Whether the content is of the kind that the suffix (with its dot, lower case) names.

    Raises KeyError for a suffix that is no kind of evidence.
    """
    file.seek(0)
    right = KINDS[suffix](file, suffix)
    file.seek(0)
    return right


def _is_pdf(file: IO[bytes], suffix: str) -> bool:
    head = file.read(64)
    size = file.seek(0, 2)
    file.seek(max(0, size - TAIL))
    return head.removeprefix(b"\xef\xbb\xbf").lstrip().startswith(b"%PDF-") and b"%%EOF" in file.read()


def _is_png(file: IO[bytes], suffix: str) -> bool:
    """Chunks one after another, each with its checksum, from IHDR to IEND, and nothing behind."""
    if file.read(8) != PNG:
        return False
    kind = b""
    while kind != b"IEND":
        head = file.read(8)
        length, first = int.from_bytes(head[:4], "big"), not kind
        kind = head[4:]
        body = file.read(length)
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
    """A zip with the members of its kind, without macros, and none that would leave its folder."""
    if file.read(4) != b"PK\x03\x04":
        return False
    try:
        with zipfile.ZipFile(file) as package:
            entries = package.infolist()
    except BROKEN:
        return False
    names = [entry.filename for entry in entries]
    return (
        len(names) <= MEMBERS_MAX
        and sum(entry.file_size for entry in entries) <= UNPACKED_MAX
        and len({name.lower() for name in names}) == len(names)
        and set(names).issuperset(MEMBERS[suffix])
        and not any(_leaves(name) or name.lower().endswith("vbaproject.bin") for name in names)
    )


def _leaves(name: str) -> bool:
    return name.startswith("/") or "\\" in name or ".." in name.split("/")


KINDS: dict[str, Callable[[IO[bytes], str], bool]] = {
    ".pdf": _is_pdf,
    ".png": _is_png,
    ".jpg": _is_jpeg,
    ".jpeg": _is_jpeg,
    **dict.fromkeys(MEMBERS, _is_package),
}
