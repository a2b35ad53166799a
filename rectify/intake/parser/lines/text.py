"""A file becomes clean lines: one source for each report in it, or a refusal that says what to do."""

from __future__ import annotations

from dataclasses import replace

from rectify.intake.parser import refusals
from rectify.intake.parser.lines import encodings
from rectify.intake.parser.lines.cleaning import clean, indent, is_pictured, split_lines, without_markup
from rectify.intake.parser.lines.pages import is_page
from rectify.intake.parser.lines.paragraphs import paragraphs
from rectify.intake.parser.lines.parts import opens_part, sources
from rectify.intake.parser.lines.raw import Raw
from rectify.intake.parser.parsed import Source, numbers
from rectify.intake.parser.tables.lines import with_cells
from rectify.intake.parser.word import document

OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
ZIP = (b"PK\x03\x04", b"PK\x05\x06", b"PK\x07\x08")
OLD_FORMATS = {
    "doc": "旧版 Word 文件（.doc）",
    "dot": "旧版 Word 模板（.dot）",
    "wps": "WPS 文字文件（.wps）",
    "wpt": "WPS 文字模板（.wpt）",
    "rtf": "RTF 文件（.rtf）",
    "odt": "ODT 文件（.odt）",
    "ofd": "OFD 版式文件（.ofd）",
    "htm": "网页文件",
    "html": "网页文件",
    "mht": "网页文件",
}
BINARY = {
    b"\x89PNG": "图片",
    b"\xff\xd8\xff": "图片",
    b"GIF8": "图片",
    b"Rar!": "压缩包",
    b"7z\xbc\xaf": "压缩包",
    b"\x1f\x8b": "压缩包",
    b"MZ": "程序文件",
}


def read(name: str, data: bytes) -> tuple[Source, ...]:
    """The reports in a file, each as clean lines that know their number in the file."""
    _check_kind(name, data)
    paper = document.read(data) if data.startswith(ZIP) else document.Document(_read_text(data))
    raws = paper.lines
    size = sum(len(raw.text) for raw in raws)
    if size == 0:
        raise refusals.empty()
    if size > refusals.MAX_TEXT:
        raise refusals.too_long(size)
    first, *others = _with_outside(raws, sources(paragraphs(raws)))
    return (replace(first, beside=paper.beside), *others)


def _with_outside(raws: list[Raw], found: tuple[Source, ...]) -> tuple[Source, ...]:
    """The first report knows of the lines that stand in none: before 篇一, or on the edge of every page."""
    inside = {number for source in found for number in numbers(source)}
    titles = {source.title for source in found}
    outside = {
        raw.text: raw.number
        for raw in reversed(raws)
        if raw.text and raw.number not in inside and not is_page(raw) and not opens_part(raw, titles)
    }
    lines = tuple(sorted((number, text) for text, number in outside.items()))
    return (replace(found[0], outside=lines), *found[1:])


def _check_kind(name: str, data: bytes) -> None:
    ending = name.rpartition(".")[2].lower().strip() if "." in name else ""
    if len(data) > refusals.MAX_FILE:
        raise refusals.too_large(len(data))
    if ending == "pdf" or data.startswith(b"%PDF"):
        raise refusals.pdf()
    if ending in ("docm", "dotm"):
        raise refusals.macros()
    if ending in OLD_FORMATS:
        raise refusals.other_format(OLD_FORMATS[ending])
    if not data.strip(b"\x00 \t\r\n"):
        raise refusals.empty()
    if data.startswith(OLE):
        if "EncryptedPackage".encode("utf-16-le") in data:
            raise refusals.encrypted()
        raise refusals.other_format("旧版 Office 文件（.doc 或 .wps）")
    if data.startswith(b"{\\rtf"):
        raise refusals.other_format(OLD_FORMATS["rtf"])
    for mark, what in BINARY.items():
        if data.startswith(mark):
            raise refusals.Unreadable(
                f"这是{what}，不是报告，{refusals.NOTHING_LOST}请上传 .docx 或 .txt 文件。"
            )
    if ending not in ("docx", "txt", "text", "dotx", "md", ""):
        raise refusals.unknown_type(name)
    if ending in ("docx", "dotx") and not data.startswith(ZIP):
        raise refusals.corrupted()


def _read_text(data: bytes) -> list[Raw]:
    text = encodings.decode(data)
    if "\x00" in text:
        raise refusals.unknown_encoding()
    if len(text) > refusals.MAX_TEXT:
        raise refusals.too_long(len(text))
    lines = split_lines(text)
    raws = [
        Raw(without_markup(clean(line)), number, indent(line), pictured=is_pictured(line))
        for number, line in enumerate(lines, start=1)
    ]
    return with_cells(raws, lines)
