"""Files that are no returned sheet, and workbooks changed at random."""

from __future__ import annotations

import io
import random
import zipfile

import openpyxl

from tests.builders import PDF
from tests.ledger.roundtrip.returned import SHEET_PART, reworked

OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\x00" * 600


def package(**parts: bytes) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    return out.getvalue()


def with_part(data: bytes, name: str, content: bytes) -> bytes:
    out = io.BytesIO(data)
    with zipfile.ZipFile(out, "a", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(name, content)
    return out.getvalue()


def docx() -> bytes:
    return package(**{"[Content_Types].xml": b"<Types/>", "word/document.xml": b"<w/>"})


def encrypted_zip(data: bytes) -> bytes:
    """Every entry's flag says that it is encrypted, in the entry and in the directory."""
    mutable = bytearray(data)
    for mark, at in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        position = mutable.find(mark)
        while position >= 0:
            mutable[position + at] |= 1
            position = mutable.find(mark, position + 4)
    return bytes(mutable)


DTD = b'<?xml version="1.0"?><!DOCTYPE w [<!ENTITY a "b"><!ENTITY c "&a;&a;&a;">]><w>&c;</w>'


BAD = {
    "empty": (lambda good: b"", "文件是空的"),
    "xls": (lambda good: OLE, "旧格式的表格"),
    "password": (lambda good: OLE + "EncryptedPackage".encode("utf-16-le"), "打开密码"),
    "csv": (lambda good: "序号,问题\n1,甲".encode(), "文本文件"),
    "html": (lambda good: b"<html><table></table></html>", "网页格式的表格"),
    "pdf": (lambda good: PDF, "PDF 文件"),
    "noise": (lambda good: bytes(range(256)) * 20, "其他类型的文件"),
    "docx": (lambda good: docx(), "不是 Excel 工作簿"),
    "truncated": (lambda good: good[: len(good) // 2], "已损坏或没有传完整"),
    "encrypted entries": (encrypted_zip, "设有密码"),
    "macros": (lambda good: with_part(good, "xl/vbaProject.bin", b"x"), "含有宏"),
    "twice": (lambda good: with_part(good, SHEET_PART.upper(), b"<x/>"), "内部结构不正常"),
    "climbing": (lambda good: with_part(good, "../../etc/passwd", b"x"), "内部结构不正常"),
    "many parts": (
        lambda good: package(
            **{f"{n}.xml": b"" for n in range(2_001)},
            **{"[Content_Types].xml": b"", "xl/workbook.xml": b""},
        ),
        "内部结构不正常",
    ),
    "entities": (lambda good: reworked(good, "xl/workbook.xml", lambda xml: DTD), "文档类型声明"),
    "late entities": (
        lambda good: reworked(good, SHEET_PART, lambda xml: b"<!--" + b"x" * 5_000 + b"-->" + DTD[21:]),
        "文档类型声明",
    ),
    "bomb": (
        lambda good: reworked(
            good, SHEET_PART, lambda xml: xml.replace(b"<sheetData>", b"<sheetData>" + b" " * 270_000_000)
        ),
        "展开后超过",
    ),
    "broken xml": (lambda good: reworked(good, SHEET_PART, lambda xml: xml[:-30]), "读不出内容"),
    "no rows": (lambda good: _blank(), "没有在文件中找到填报表的表头"),
}  # fmt: skip


def _blank() -> bytes:
    out = io.BytesIO()
    openpyxl.Workbook().save(out)
    return out.getvalue()


def mutants(data: bytes, seed: int, count: int):
    """Bits, XML nodes and the structure of the package, changed at random."""
    chance = random.Random(seed)
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    for _ in range(count):
        yield chance.choice((_bits, _nodes, _texts, _structure))(chance, data, parts)


def _bits(chance: random.Random, data: bytes, parts: dict[str, bytes]) -> bytes:
    changed = bytearray(data)
    for _ in range(chance.randint(1, 8)):
        changed[chance.randrange(len(changed))] ^= 1 << chance.randrange(8)
    return bytes(changed)


def _nodes(chance: random.Random, data: bytes, parts: dict[str, bytes]) -> bytes:
    """An element taken out, doubled, moved or renamed in one part."""
    name = chance.choice([part for part in parts if part.endswith((".xml", ".rels"))])
    text = parts[name]
    starts = [index for index, byte in enumerate(text) if byte == ord("<")]
    first, second = sorted(chance.sample(starts, 2)) if len(starts) > 1 else (0, len(text))
    piece = text[first:second]
    act = chance.randrange(4)
    if act == 0:
        text = text[:first] + text[second:]
    elif act == 1:
        text = text[:second] + piece + text[second:]
    elif act == 2:
        text = text[:first] + text[second:] + piece
    else:
        text = text.replace(piece[:6], chance.randbytes(6), 1)
    return _packed({**parts, name: text})


def _texts(chance: random.Random, data: bytes, parts: dict[str, bytes]) -> bytes:
    """Well-formed but odd: attributes and values that no program writes."""
    text = parts[SHEET_PART].decode()
    old, new = chance.choice(
        [
            ('t="n"', 't="s"'), ('t="inlineStr"', 't="d"'), ("<v>", "<v>-"), ("<v>1", "<v>1e99"),
            (' s="', ' s="9'), ('r="', 'r="ZZZ'), ("<row ", '<row hidden="1" '), ("2025-0", "2025-"),
            ("<is>", "<is><r/>"), ('<row r="4"', '<row r="99999999"'), ("<v>2", "<v>NaN"), ("<v>", "<v>inf"),
        ]
    )  # fmt: skip
    return _packed({**parts, SHEET_PART: text.replace(old, new, chance.randint(1, 9)).encode()})


def _structure(chance: random.Random, data: bytes, parts: dict[str, bytes]) -> bytes:
    act = chance.randrange(4)
    if act == 0:
        left = dict(parts)
        del left[chance.choice(list(left))]
        return _packed(left)
    if act == 1:
        names = list(parts)
        one, two = chance.sample(names, 2)
        return _packed({**parts, one: parts[two], two: parts[one]})
    if act == 2:
        return data[: chance.randrange(len(data))]
    start = chance.randrange(len(data))
    return data[:start] + chance.randbytes(chance.randint(1, 200)) + data[start:]


def _packed(parts: dict[str, bytes]) -> bytes:
    return package(**parts)
