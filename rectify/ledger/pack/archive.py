"""The ledger and its evidence as one zip: streamed, with an index whose links work inside it."""

from __future__ import annotations

import contextlib
import hashlib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum
from pathlib import Path
from tempfile import SpooledTemporaryFile
from typing import BinaryIO

from rectify.choices import RagStatus
from rectify.clock import SHANGHAI
from rectify.ledger.pack.evidence import Proof
from rectify.ledger.pack.names import Names, folder_name, link_to
from rectify.ledger.print.listing import ListingCell, Row, listed, write_listing
from rectify.ledger.row_types import ProblemRow, Stamp
from rectify.ledger.zips import PUBLIC, Member, zipped
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
    number: str = ""  # as the printed ledger counts them: 3-2 is the second file of the third problem
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
class Enclosed:
    """A paper that lies beside the evidence: its name in the pack, where it is kept, its digest."""

    name: str
    what: str
    path: Path
    size: int
    sha256: str


@dataclass(frozen=True)
class PackPlan:
    """What a pack will hold: a folder for each problem that has evidence, and what cannot be in it."""

    folders: list[Folder]
    enclosed: tuple[Enclosed, ...] = ()
    index: str = INDEX
    code: str = ""  # under which it is filed

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


def plan_pack(rows: Iterable[ProblemRow], proofs: dict[str, list[Proof]], under: str = "") -> PackPlan:
    """Folders and names, all in the folder `under`; nothing is read yet."""
    folders = []
    for row in rows:
        folder = Folder(row.number, row.title, f"{under}{folder_name(row.number, row.title)}")
        names, count = Names(), 0
        for proof in proofs.get(row.code, ()):
            if proof.is_purged:
                folder.files.append(Packed(proof, ""))
                continue
            count += 1
            path = f"{folder.path}/{names.take(proof.name)}"
            folder.files.append(Packed(proof, path, f"{row.number}-{count}"))
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


def stream_pack(
    plan: PackPlan, ledger: BinaryIO | None, name: str, size: int, stamp: Stamp
) -> Iterator[bytes]:
    """The zip, chunk by chunk. Call with every query done: it may take as long as the reader takes.

    `ledger` is the workbook of that name, when it is not enclosed in the plan.
    """
    size += sum(paper.size for paper in plan.enclosed)
    big = plan.size + size > ROOM_32 or len(plan.files) > MEMBERS_32
    at = stamp.exported_at.astimezone(SHANGHAI).replace(tzinfo=None)

    def members() -> Iterator[Member]:
        if ledger:
            yield name, at, PUBLIC, _chunks(ledger)
        for path, pieces in _contents(plan):
            yield path, at, PUBLIC, pieces
        yield plan.index, at, PUBLIC, _index(plan, name, stamp)

    with ledger or contextlib.nullcontext():
        # Evidence is compressed already (pdf, pictures, Office): the fastest level costs least.
        yield from zipped(members(), is_packed=True, is_big=big)


def _contents(plan: PackPlan) -> Iterator[tuple[str, Iterator[bytes]]]:
    """The papers, then the evidence: each opened when its turn comes."""
    for paper in plan.enclosed:
        with paper.path.open("rb") as file:
            yield paper.name, _chunks(file)
    for packed in plan.files:
        try:
            file = packed.proof.path.open("rb")
        except OSError:
            packed.found = Found.MISSING
            continue
        with file:
            yield packed.path, _read(file, packed)


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
    listed("problem", "存在问题", 34, prose=True),
    listed("place", "编号", 8),
    listed("file", "文件（点开查看）", 36, prose=True),
    listed("proves", "证明什么", 18),
    listed("at", "上传时间", 20),
    listed("size", "大小", 10),
    listed("found", "核对", 14),
    listed("sha256", "SHA-256", 46, prose=True),
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
    if plan.code:
        foot.insert(0, f"本报送包以编码 {plan.code} 存档，可在系统“台账—核验”中输入核对。")
    with SpooledTemporaryFile(max_size=CHUNK * 8) as file:
        name = plan.index.removesuffix(".xlsx").lstrip("0123456789 ")
        shown = replace(stamp, title=f"{stamp.title}{name}", sheet_name=name, code="")
        write_listing(COLUMNS, _index_rows(plan), shown, file, subtitle=counts, foot=foot)  # type: ignore[arg-type]
        file.seek(0)
        yield from _chunks(file)  # type: ignore[arg-type]


def _index_rows(plan: PackPlan) -> Iterator[Row]:
    for paper in plan.enclosed:
        link = ListingCell(paper.name, link=link_to(paper.name))
        size = file_size(paper.size)
        yield "", "（报送文件）", "", link, paper.what, "", size, ListingCell(Found.RIGHT), paper.sha256
    for folder in plan.folders:
        if not folder.files:
            yield folder.number, folder.title, "", "（没有佐证材料）", "", "", "", "", ""
        for file in folder.files:
            yield _index_row(folder, file)


def _index_row(folder: Folder, packed: Packed) -> Sequence[ListingCell | str | int]:
    proof = packed.proof
    if proof.is_purged:
        gone = ListingCell(Found.PURGED, light=FILLS[Found.PURGED])
        return folder.number, folder.title, "", "（内容已按程序清除）", proof.proves, proof.at, "", gone, ""
    there = packed.found != Found.MISSING
    name = packed.path.rpartition("/")[2]
    digest = proof.sha256
    if packed.found == Found.ALTERED:
        digest = f"记录：{proof.sha256}\n包内：{packed.sha256}"
    return (
        folder.number,
        folder.title,
        packed.number,
        ListingCell(name, link=link_to(packed.path) if there else ""),
        proof.proves,
        proof.at,
        file_size(proof.size),
        ListingCell(packed.found, light=FILLS.get(Found(packed.found), "")),
        digest,
    )
