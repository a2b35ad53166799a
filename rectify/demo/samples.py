"""Small evidence files for the demonstration: real pdf, png, docx and xlsx files that open."""

from __future__ import annotations

import io
import struct
import zipfile
import zlib
from html import escape

from django.core.files.base import ContentFile
from openpyxl import Workbook

WORD = "http://schemas.openxmlformats.org"
NOTICE = "本文件由演示数据生成，仅供试用。"


def sample(name: str, kind: str) -> ContentFile:
    """A file of the kind, with its own name as its title."""
    title = name.rsplit(".", 1)[0]
    return ContentFile(MAKERS[kind](title), name=name)


def make_pdf(title: str) -> bytes:
    """One page; the font is a standard one of every viewer, so nothing is embedded."""
    lines = [f"<{line.encode('utf-16-be').hex().upper()}> Tj" for line in (title, NOTICE)]
    page = f"BT /F1 20 Tf 72 740 Td {lines[0]} /F1 12 Tf 0 -40 Td {lines[1]} ET".encode("ascii")
    objects = [
        b"<< /Type /Catalog /Pages 2 0 R >>",
        b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 4 0 R"
        b" /Resources << /Font << /F1 5 0 R >> >> >>",
        b"<< /Length %d >>\nstream\n%s\nendstream" % (len(page), page),
        b"<< /Type /Font /Subtype /Type0 /BaseFont /STSong-Light /Encoding /UniGB-UCS2-H"
        b" /DescendantFonts [6 0 R] >>",
        b"<< /Type /Font /Subtype /CIDFontType0 /BaseFont /STSong-Light /DW 1000"
        b" /CIDSystemInfo << /Registry (Adobe) /Ordering (GB1) /Supplement 4 >> /FontDescriptor 7 0 R >>",
        b"<< /Type /FontDescriptor /FontName /STSong-Light /Flags 6 /FontBBox [-25 -254 1000 880]"
        b" /ItalicAngle 0 /Ascent 880 /Descent -120 /CapHeight 880 /StemV 93 >>",
    ]
    out, offsets = io.BytesIO(), []
    out.write(b"%PDF-1.4\n")
    for number, text in enumerate(objects, start=1):
        offsets.append(out.tell())
        out.write(b"%d 0 obj\n%s\nendobj\n" % (number, text))
    start = out.tell()
    out.write(b"xref\n0 %d\n0000000000 65535 f \n" % (len(objects) + 1))
    out.writelines(b"%010d 00000 n \n" % offset for offset in offsets)
    out.write(b"trailer\n<< /Size %d /Root 1 0 R >>\n" % (len(objects) + 1))
    out.write(b"startxref\n%d\n%%%%EOF\n" % start)
    return out.getvalue()


def make_png(title: str) -> bytes:
    """A calm gradient whose tone depends on the title."""
    width, height, tone = 480, 320, sum(map(ord, title)) % 60
    rows = b"".join(
        b"\0" + bytes((150 + y // 8, 170 + tone // 2 + y // 10, 190 + tone // 3)) * width
        for y in range(height)
    )
    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    parts = (_chunk(b"IHDR", header), _chunk(b"IDAT", zlib.compress(rows, 9)), _chunk(b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(parts)


def make_docx(title: str) -> bytes:
    """A document of two paragraphs."""
    text = "".join(f"<w:p><w:r><w:t>{escape(line)}</w:t></w:r></w:p>" for line in (title, NOTICE))
    content_type = "application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml"
    members = {
        "[Content_Types].xml": f'<Types xmlns="{WORD}/package/2006/content-types">'
        '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
        f'<Override PartName="/word/document.xml" ContentType="{content_type}"/></Types>',
        "_rels/.rels": f'<Relationships xmlns="{WORD}/package/2006/relationships"><Relationship Id="rId1"'
        f' Type="{WORD}/officeDocument/2006/relationships/officeDocument" Target="word/document.xml"/>'
        "</Relationships>",
        "word/document.xml": f'<w:document xmlns:w="{WORD}/wordprocessingml/2006/main"><w:body>{text}'
        "</w:body></w:document>",
    }
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as package:
        for path, body in members.items():
            package.writestr(path, '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>' + body)
    return out.getvalue()


def make_xlsx(title: str) -> bytes:
    """A sheet with the title and a few rows."""
    book = Workbook()
    sheet = book.worksheets[0]
    for row in ([title], [NOTICE], ["序号", "事项", "办理情况"], [1, "示例事项", "已办理"]):
        sheet.append(row)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def _chunk(kind: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))


MAKERS = {"pdf": make_pdf, "png": make_png, "docx": make_docx, "xlsx": make_xlsx}
