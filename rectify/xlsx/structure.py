"""What an uploaded file must be before anything parses it: signature, entries, sizes, no macros, no DTD."""

from __future__ import annotations

import re
import zipfile
import zlib
from dataclasses import dataclass, replace
from pathlib import Path

from rectify.errors import Incomplete

MAX_BYTES = 20 * 1024 * 1024
MAX_ENTRIES = 2_000
MAX_UNPACKED = 256 * 1024 * 1024
MAX_SHEETS = 50
ZIP, OLE = b"PK\x03\x04", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
ENCRYPTED = "EncryptedPackage".encode("utf-16-le")
XLSX, XLS, TEXT = "xlsx", "xls", "text"  # the kinds of files that somebody here can read
_HEAD = 4096
# Only the type of the workbook itself decides: some writers name types of parts that they do not write.
_MACRO_TYPE = re.compile(
    rb"<(?:\w+:)?(?:Override\b[^>]*PartName=[\"']/?xl/workbook\.xml|Default\b[^>]*Extension=[\"']xml)"
    rb"[\"'][^>]*>",
    re.IGNORECASE,
)
_TYPES_MAX = 1024 * 1024
_NEEDED = ("[Content_Types].xml", "xl/workbook.xml")
_BROKEN = (
    *(zipfile.BadZipFile, zlib.error, EOFError, OSError),
    *(ValueError, NotImplementedError, RuntimeError, KeyError),
)


@dataclass(frozen=True)
class Purpose:
    """What a workbook is read for: how many rows of it, and what is said when it cannot be read."""

    rows: int
    undone: str
    remedy: str
    smaller: str
    kinds: tuple[str, ...] = ("xlsx",)
    scale: int = 1  # how many times what other sheets may cost to parse
    as_asked: bool = False  # its rows are read as they are asked for, not held

    @property
    def ending(self) -> str:
        return f"{self.undone}。{self.remedy}"


IMPORT = Purpose(
    rows=3_300,  # 3,000 and room for titles
    undone="没有导入任何内容",
    remedy="请在 WPS 或 Excel 中打开它，另存为“Excel 工作簿（.xlsx）”后重新上传。",
    smaller="请按单位拆开，或删去其中的图片后重新上传。",
)
RETURNED = replace(IMPORT, rows=20_300, scale=3, as_asked=True)  # a working copy of the largest ledger
OLD = replace(IMPORT, kinds=(XLSX, XLS, TEXT))
COMPARE = Purpose(
    rows=60_000,
    undone="没有逐格比对",
    remedy="请用 WPS 或 Excel 另存为 .xlsx 后再试；要核对真伪，请直接上传收到的原文件。",
    smaller="要核对真伪，请直接上传收到的原文件。",
)


def check_structure(path: Path, purpose: Purpose = IMPORT) -> str:
    """The kind of the file. Raises Incomplete, saying what it is and what to do, unless it may be read."""
    size = path.stat().st_size
    if not size:
        raise refused(f"文件是空的，{purpose.ending}")
    if size > MAX_BYTES:
        raise refused(
            f"文件有 {size // 1024 // 1024} MB，超过 {MAX_BYTES // 1024 // 1024} MB，{purpose.undone}。"
            f"{purpose.smaller}"
        )
    with path.open("rb") as file:
        head = file.read(_HEAD)
    if head.startswith(OLE):
        if ENCRYPTED in path.read_bytes():
            raise with_password(purpose)
        if XLS in purpose.kinds:
            return XLS
        raise refused(f"这是旧格式的表格（.xls 或 .et），系统只收 .xlsx。{purpose.ending}")
    if not head.startswith(ZIP):
        if TEXT in purpose.kinds and _is_text(head):
            return TEXT
        raise refused(_other_kind(head, purpose))
    try:
        with zipfile.ZipFile(path) as package:
            _check_entries(package, purpose)
            _check_heads(package, purpose)
    except _BROKEN:
        raise refused(f"文件已损坏或没有传完整，{purpose.ending}") from None
    return XLSX


def refused(message: str) -> Incomplete:
    return Incomplete(message, field="file")


def with_password(purpose: Purpose) -> Incomplete:
    return refused(
        f"文件设有打开密码，系统无法读取，{purpose.undone}。请先取消密码，另存为 .xlsx 后重新上传。"
    )


def _is_text(head: bytes) -> bool:
    marked = head.startswith((b"\xff\xfe", b"\xfe\xff"))
    return marked or (b"\x00" not in head and _named(head) == "文本文件（例如 .csv）")


def _named(head: bytes) -> str:
    if head.startswith(b"%PDF"):
        return "PDF 文件"
    if head.lstrip().lower().startswith((b"<html", b"<!doctype html", b"<table")):
        return "网页格式的表格"
    return "文本文件（例如 .csv）" if b"\x00" not in head else "其他类型的文件"


def _other_kind(head: bytes, purpose: Purpose) -> str:
    return f"这是{_named(head)}，不是 .xlsx 工作簿。{purpose.ending}"


def _check_entries(package: zipfile.ZipFile, purpose: Purpose) -> None:
    entries = package.infolist()
    names = [entry.filename for entry in entries]
    lower = {name.lower() for name in names}
    if any(entry.flag_bits & 1 for entry in entries):
        raise refused(f"文件设有密码，系统无法读取，{purpose.undone}。请先取消密码后重新上传。")
    if not lower.issuperset(name.lower() for name in _NEEDED):
        raise refused(f"这不是 Excel 工作簿，{purpose.ending}")
    if any(name.endswith("vbaproject.bin") for name in lower):
        raise refused(f"文件含有宏，系统不打开。{purpose.ending}")
    if len(entries) > MAX_ENTRIES or len(lower) < len(names):
        raise refused(f"文件的内部结构不正常（部件过多或重名），{purpose.ending}")
    if any(name.startswith("/") or ".." in name.split("/") or "\\" in name for name in names):
        raise refused(f"文件的内部结构不正常（部件名越界），{purpose.ending}")
    if any(entry.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED) for entry in entries):
        raise refused(f"文件的压缩方式不是 Excel 所用的，{purpose.ending}")
    if sum(entry.file_size for entry in entries) > MAX_UNPACKED:
        raise too_big(purpose)


def too_big(purpose: Purpose) -> Incomplete:
    return refused(
        f"文件展开后超过 {MAX_UNPACKED // 1024 // 1024} MB，{purpose.undone}。"
        "多半是表格下方有大量带格式的空行：请选中数据以下的行，整行删除并保存，或把数据复制到新表后重新上传。"
    )


def _check_heads(package: zipfile.ZipFile, purpose: Purpose) -> None:
    """Excel writes no DTD and no macro types; the parser refuses them once more wherever they stand."""
    for entry in package.infolist():
        if not entry.filename.lower().endswith((".xml", ".rels")):
            continue
        with package.open(entry) as member:
            head = member.read(_HEAD)
        plain = head.replace(b"\x00", b"").upper()
        if b"<!DOCTYPE" in plain or b"<!ENTITY" in plain:
            raise refused(f"文件含有不允许的文档类型声明（DTD），{purpose.ending}")
        if entry.filename == "[Content_Types].xml" and _allows_macros(package):
            raise refused(f"文件是启用宏的工作簿，系统不打开。{purpose.ending}")


def _allows_macros(package: zipfile.ZipFile) -> bool:
    with package.open("[Content_Types].xml") as member:
        types = member.read(_TYPES_MAX).replace(b"\x00", b"")
    return any(b"macroenabled" in entry.group().lower() for entry in _MACRO_TYPE.finditer(types))
