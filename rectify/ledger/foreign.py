"""A workbook from outside as plain cells: its structure is checked first, then a child process reads it.

    python -m rectify.ledger.foreign   (a file on standard input, JSON on standard output)

The child has little memory and little time, so that no file harms the server.
"""

from __future__ import annotations

import datetime as dt
import io
import json
import resource
import subprocess
import sys
import warnings
import zipfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ..errors import Incomplete

ROOT = Path(__file__).resolve().parents[2]
FILE_MAX = 20 * 1024 * 1024
UNPACKED_MAX = 128 * 1024 * 1024
MEMBERS_MAX = 500
CELLS_MAX = 400_000
ROWS_MAX = 60_000
SECONDS = 9  # a request is answered within ten
MEMORY = 512 * 1024 * 1024
CHUNK = 1024 * 1024
OLD_EXCEL = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
ADVICE = "请用 WPS 或 Excel 另存为 .xlsx 后再试；要核对真伪，请直接上传收到的原文件。"


class Unreadable(Incomplete):
    """A file that cannot be read as a ledger; the message says why, and what to do."""


@dataclass(frozen=True)
class SheetCells:
    """One sheet: its name, and each row's number with what its columns (from 1) hold, without blanks."""

    name: str
    rows: list[tuple[int, dict[int, str]]]


def read_cells(data: bytes, seconds: float = SECONDS) -> list[SheetCells]:
    """The cells of a workbook that nobody vouches for; raises Unreadable, also when the time is up."""
    check_structure(data)
    command = [sys.executable, "-m", "rectify.ledger.foreign"]
    try:
        done = subprocess.run(
            command, input=data, capture_output=True, cwd=ROOT, timeout=seconds, check=False
        )
    except subprocess.TimeoutExpired:
        raise Unreadable(
            f"文件过于复杂，或者服务器正忙，限时内没有读完，已停止。请稍后再试。{ADVICE}"
        ) from None
    if done.returncode:
        raise Unreadable(f"文件的内容读不出来，可能已损坏。{ADVICE}")
    answer = json.loads(done.stdout)
    if "refused" in answer:
        raise Unreadable(answer["refused"])
    return [
        SheetCells(name, [(number, {int(column): text for column, text in cells}) for number, cells in rows])
        for name, rows in answer["sheets"]
    ]


def check_structure(data: bytes) -> None:
    """What can be told before anything is parsed: kind, size, entries, macros, document types."""
    if len(data) > FILE_MAX:
        raise Unreadable(f"文件超过 {FILE_MAX // 1024 // 1024} MB，不逐格比对。{ADVICE}")
    if data.startswith(OLD_EXCEL):
        raise Unreadable(f"这是旧版 Excel（.xls、.et）文件，或设了打开密码。{ADVICE}")
    if not data.startswith(b"PK\x03\x04"):
        raise Unreadable(f"这不是 Excel（.xlsx）文件。{ADVICE}")
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as package:
            _check_members(package)
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError, RuntimeError, EOFError) as error:
        raise Unreadable(f"文件已损坏或不完整。{ADVICE}") from error
    except Exception as error:  # zlib.error has no base of its own
        if isinstance(error, Unreadable):
            raise
        raise Unreadable(f"文件已损坏或不完整。{ADVICE}") from error


def _check_members(package: zipfile.ZipFile) -> None:
    members = package.infolist()
    names = {member.filename for member in members}
    if len(members) > MEMBERS_MAX or len(names) != len(members):
        raise Unreadable(f"文件内部的条目过多或重复，不予打开。{ADVICE}")
    if not {"[Content_Types].xml", "xl/workbook.xml"} <= names:
        raise Unreadable(f"这不是 Excel（.xlsx）工作簿。{ADVICE}")
    if any(name.lower().endswith("vbaproject.bin") for name in names):
        raise Unreadable(f"文件带有宏，不予打开。{ADVICE}")
    if sum(member.file_size for member in members) > UNPACKED_MAX:
        raise Unreadable(f"文件解开后超过 {UNPACKED_MAX // 1024 // 1024} MB，不予打开。{ADVICE}")
    rows = cells = 0
    for member in members:
        if not member.filename.endswith((".xml", ".rels")):
            continue
        with package.open(member) as source:
            tail = b""
            while chunk := source.read(CHUNK):
                part = tail + chunk
                if (
                    b"<!DOCTYPE" in part
                    or b"<!ENTITY" in part
                    or b"<\x00!\x00" in part
                    or b"\x00<\x00!" in part
                ):
                    raise Unreadable(f"文件内含有外部定义（DTD），不予打开。{ADVICE}")
                if member.filename.startswith("xl/worksheets/"):
                    rows += chunk.count(b"<row")
                    cells += chunk.count(b"<c ")
                tail = part[-16:]
        if rows > ROWS_MAX or cells > CELLS_MAX:
            raise Unreadable(f"表格超过 {ROWS_MAX:,} 行或 {CELLS_MAX:,} 格，不逐格比对。{ADVICE}")


# -- the child ------------------------------------------------------------------------------------------


def parse(data: bytes) -> list[tuple[str, list[tuple[int, list[tuple[int, str]]]]]]:
    """Every cell that holds something, sheet by sheet."""
    import openpyxl

    warnings.simplefilter("ignore")
    book = openpyxl.load_workbook(io.BytesIO(data), read_only=True, keep_links=False)
    sheets = []
    for sheet in book.worksheets:
        sheet.reset_dimensions()  # WPS writes wrong ones
        rows = []
        for number, row in enumerate(sheet.iter_rows(values_only=True), start=1):
            cells = [(index, text) for index, value in enumerate(row, start=1) if (text := cell_text(value))]
            if cells:
                rows.append((number, cells))
        sheets.append((sheet.title, rows))
    return sheets


def cell_text(value: Any) -> str:
    """A cell's value as text: what two programs write differently reads the same."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    if isinstance(value, dt.datetime):
        return value.isoformat(sep=" ")
    return str(value).replace("\r\n", "\n").replace("\r", "\n")


def main() -> None:
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    resource.setrlimit(resource.RLIMIT_CPU, (SECONDS, SECONDS))
    try:
        answer: dict[str, Any] = {"sheets": parse(sys.stdin.buffer.read())}
    except MemoryError:
        answer = {"refused": f"文件过于复杂，超出内存限制，已停止。{ADVICE}"}
    except Exception as error:  # whatever a broken workbook makes the parser say
        answer = {"refused": f"文件的内容读不出来（{type(error).__name__}），可能已损坏。{ADVICE}"}
    json.dump(answer, sys.stdout)


if __name__ == "__main__":
    main()
