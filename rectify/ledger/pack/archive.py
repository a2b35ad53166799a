"""The ledger and its evidence as one zip: streamed, with an index whose links work inside it."""

from __future__ import annotations

import hashlib
import zlib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum
from tempfile import SpooledTemporaryFile
from typing import Any, BinaryIO

from stream_zip import ZIP_32, ZIP_64, stream_zip

from rectify.choices import RagStatus
from rectify.clock import SHANGHAI
from rectify.ledger.pack.evidence import Proof
from rectify.ledger.pack.names import Names, folder_name, link_to
from rectify.ledger.print.listing import ListingCell, Row, listed, write_listing
from rectify.ledger.row_types import ProblemRow, Stamp
from rectify.wording import date, file_size, full_moment

INDEX = "佐证目录.xlsx"
CHUNK = 256 * 1024
ROOM_32 = 3 * 1024**3  # what surely stays below the limits of a plain zip
MEMBERS_32 = 60_000
CHECKED_MAX = 256 * 1024 * 1024  # so much is read through for the page; the pack itself reads everything


class Found(StrEnum):
    """How a file on the disk stands to its record."""

    RIGHT = "一致"
    ALTERED = "与记录不符"
    MISSING = "文件缺失"
    PURGED = "已按程序清除"


@dataclass(slots=True)
class Packed:
    """One file, where it will lie, and what came of reading it."""

    proof: Proof
    path: str
    found: str = ""
    sha256: str = ""


@dataclass(frozen=True)
class Folder:
    """One problem's folder."""

    number: int
    title: str
    path: str
    files: list[Packed] = field(default_factory=list)


@dataclass(frozen=True)
class PackPlan:
    """What a pack will hold: a folder for each problem that has evidence, and what cannot be in it."""

    folders: list[Folder]

    @property
    def files(self) -> list[Packed]:
        return [file for folder in self.folders for file in folder.files if not file.proof.is_purged]

    @property
    def purged(self) -> int:
        return sum(file.proof.is_purged for folder in self.folders for file in folder.files)

    @property
    def filled(self) -> int:
        return sum(any(not file.proof.is_purged for file in folder.files) for folder in self.folders)

    @property
    def size(self) -> int:
        return sum(file.proof.size for file in self.files)


def plan_pack(rows: Iterable[ProblemRow], proofs: dict[str, list[Proof]]) -> PackPlan:
    """Folders and names; nothing is read yet."""
    folders = []
    for row in rows:
        folder = Folder(row.number, row.title, folder_name(row.number, row.title))
        names = Names()
        for proof in proofs.get(row.code, ()):
            path = "" if proof.is_purged else f"{folder.path}/{names.take(proof.name)}"
            folder.files.append(Packed(proof, path))
        folders.append(folder)
    return PackPlan(folders)


def faults(plan: PackPlan) -> list[tuple[Folder, Packed, str]]:
    """Files that are missing or not what was uploaded; contents are read while they are not too many."""
    whole = plan.size <= CHECKED_MAX
    found = []
    for folder in plan.folders:
        for file in folder.files:
            if not file.proof.is_purged and (what := _fault(file.proof, whole)):
                found.append((folder, file, what))
    return found


def stream_pack(plan: PackPlan, ledger: BinaryIO, name: str, size: int, stamp: Stamp) -> Iterator[bytes]:
    """The zip, chunk by chunk. Call with every query done: it may take as long as the reader takes."""
    big = plan.size + size > ROOM_32 or len(plan.files) > MEMBERS_32
    method = ZIP_64 if big else ZIP_32
    at = stamp.exported_at.astimezone(SHANGHAI).replace(tzinfo=None)

    def members() -> Iterator[tuple[str, Any, int, Any, Iterable[bytes]]]:
        yield name, at, 0o644, method, _chunks(ledger)
        for one in plan.files:
            try:
                file = one.proof.path.open("rb")
            except OSError:
                one.found = Found.MISSING
                continue
            with file:
                yield one.path, at, 0o644, method, _read(file, one)
        yield INDEX, at, 0o644, method, _index(plan, name, stamp)

    with ledger:
        # Evidence is compressed already (pdf, pictures, Office): the fastest level costs least.
        yield from stream_zip(
            members(),
            chunk_size=CHUNK,
            get_compressobj=lambda: zlib.compressobj(level=1, wbits=-zlib.MAX_WBITS),
            extended_timestamps=False,
        )


def _fault(proof: Proof, whole: bool) -> str:
    try:
        if proof.path.stat().st_size != proof.size:
            return Found.ALTERED
        if whole:
            with proof.path.open("rb") as file:
                digest = hashlib.file_digest(file, "sha256").hexdigest()
            return "" if digest == proof.sha256 else Found.ALTERED
    except OSError:
        return Found.MISSING
    return ""


def _chunks(file: BinaryIO) -> Iterator[bytes]:
    while chunk := file.read(CHUNK):
        yield chunk


def _read(file: BinaryIO, packed: Packed) -> Iterator[bytes]:
    """The file's content, hashed on its way."""
    digest = hashlib.sha256()
    for chunk in _chunks(file):
        digest.update(chunk)
        yield chunk
    packed.sha256 = digest.hexdigest()
    packed.found = Found.RIGHT if packed.sha256 == packed.proof.sha256 else Found.ALTERED


# -- the index ------------------------------------------------------------------------------------------

COLUMNS = (
    listed("number", "序号", 6),
    listed("problem", "存在问题", 32, prose=True),
    listed("file", "文件（点开查看）", 40, prose=True),
    listed("proves", "证明什么", 18),
    listed("at", "上传时间", 20),
    listed("size", "大小", 10),
    listed("found", "核对", 14),
    listed("sha256", "SHA-256", 34, prose=True),
)
FILLS = {
    Found.RIGHT: "",
    Found.ALTERED: RagStatus.DUE_SOON,
    Found.MISSING: RagStatus.DUE_SOON,
    Found.PURGED: RagStatus.STANDING,
}


def _index(plan: PackPlan, ledger: str, stamp: Stamp) -> Iterator[bytes]:
    """Comes last, when every file has been read."""
    wrong = [one for one in plan.files if one.found != Found.RIGHT]
    counts = f"共 {len(plan.files)} 份材料，{len(plan.files) - len(wrong)} 份与记录一致"
    counts += f"，{len(wrong)} 份缺失或不符" if wrong else ""
    counts += f"，{plan.purged} 份已按程序清除、不在包内" if plan.purged else ""
    foot = [
        f"台账：{ledger}　截至{date(stamp.as_of)}　筛选：{stamp.selection or '全部'}",
        "请先把压缩包全部解压，再点开链接；SHA-256 可用来核对文件是否被改动。",
        f"导出人：{stamp.exporter}　导出时间：{full_moment(stamp.exported_at)}　审计链头：{stamp.audit_head}",
    ]
    with SpooledTemporaryFile(max_size=CHUNK * 8) as file:
        shown = replace(stamp, title=f"{stamp.title}佐证目录", sheet_name="佐证目录", code="")
        write_listing(COLUMNS, _index_rows(plan), shown, file, subtitle=counts, foot=foot)  # type: ignore[arg-type]
        file.seek(0)
        yield from _chunks(file)  # type: ignore[arg-type]


def _index_rows(plan: PackPlan) -> Iterator[Row]:
    for folder in plan.folders:
        if not folder.files:
            yield folder.number, folder.title, "（没有佐证材料）", "", "", "", "", ""
        for file in folder.files:
            yield _index_row(folder, file)


def _index_row(folder: Folder, packed: Packed) -> Sequence[ListingCell | str | int]:
    proof = packed.proof
    if proof.is_purged:
        gone = ListingCell(Found.PURGED, light=FILLS[Found.PURGED])
        return folder.number, folder.title, "（内容已按程序清除）", proof.proves, proof.at, "", gone, ""
    there = packed.found != Found.MISSING
    name = packed.path.rpartition("/")[2]
    digest = proof.sha256
    if packed.found == Found.ALTERED:
        digest = f"记录：{proof.sha256}\n包内：{packed.sha256}"
    return (
        folder.number,
        folder.title,
        ListingCell(name, link=link_to(packed.path) if there else ""),
        proof.proves,
        proof.at,
        file_size(proof.size),
        ListingCell(packed.found, light=FILLS.get(Found(packed.found), "")),
        digest,
    )
