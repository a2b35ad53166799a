"""The zip around a Word document: opened with limits, read in pieces, never trusted."""

from __future__ import annotations

import io
import posixpath
import re
import struct
import zipfile
import zlib
from collections.abc import Iterator

from rectify.intake.parser import refusals
from rectify.intake.parser.word import xml_events

MAX_MEMBERS = 5_000
MAX_XML = 24 * 1024 * 1024  # of one part, unpacked: well above what a thousand pages need
CHUNK = 64 * 1024
_BROKEN = (
    zipfile.BadZipFile, zlib.error, EOFError, OSError, ValueError, KeyError, IndexError, struct.error,
    NotImplementedError, OverflowError, UnicodeError,
)  # fmt: skip
_DOCUMENT = re.compile(
    rb"<(?:\w+:)?Relationship\b(?=[^>]*\bType\s*=\s*[\"'][^\"']*/officeDocument[\"'])[^>]*?\bTarget\s*=\s*[\"']([^\"'<>]{1,200})[\"']"
)
OTHERS = {"xl/": "Excel 工作簿", "ppt/": "演示文稿", "content.xml": "ODF 文件", "OFD.xml": "OFD 版式文件"}


class _Relations:
    """Reader of a part's relations: kind and target, without what lies outside the file."""

    def __init__(self) -> None:
        self.internal: list[tuple[str, str]] = []

    def start(self, tag: str, attributes: xml_events.Attributes) -> None:
        if tag == "Relationship" and attributes.get("TargetMode") != "External":
            kind = attributes.get("Type", "").rpartition("/")[2]
            self.internal.append((kind, attributes.get("Target", "")))

    def end(self, tag: str) -> None:
        pass

    def data(self, text: str) -> None:
        pass


class Package:
    """Members of a .docx by their part name."""

    def __init__(self, data: bytes) -> None:
        try:
            self._zip = zipfile.ZipFile(io.BytesIO(data))
            self._members = {info.filename: info for info in self._zip.infolist()}
        except _BROKEN as error:
            raise refusals.corrupted() from error
        if len(self._members) > MAX_MEMBERS:
            raise refusals.unpacks_too_large()
        self._refuse_macros()
        self.document = self._find_document()

    def _refuse_macros(self) -> None:
        names = [name.lower() for name in self._members]
        if any(name.endswith(("vbaproject.bin", "vbadata.xml")) for name in names):
            raise refusals.macros()
        if "[Content_Types].xml" in self._members and b"macroEnabled" in self.whole(
            "[Content_Types].xml", 1_000_000
        ):
            raise refusals.macros()

    def _find_document(self) -> str:
        named = "word/document.xml"
        if "_rels/.rels" in self._members:
            match = _DOCUMENT.search(self.whole("_rels/.rels", 1_000_000))
            if match:
                named = posixpath.normpath(match.group(1).decode("utf-8", "replace").lstrip("/"))
        if named not in self._members:
            named = "word/document.xml"
        if named in self._members and not named.startswith(("xl/", "ppt/")):
            return named
        for start, what in OTHERS.items():
            if any(name.startswith(start) for name in self._members):
                raise refusals.other_format(what)
        raise refusals.corrupted()

    def beside(self, name: str) -> str | None:
        """A part in the document's own folder, such as styles.xml, where there is one."""
        path = posixpath.join(posixpath.dirname(self.document), name)
        return path if path in self._members else None

    def related(self) -> list[tuple[str, str]]:
        """The kind and the name of each part that the document refers to, as far as it is there."""
        folder, name = posixpath.split(self.document)
        where = posixpath.join(folder, "_rels", f"{name}.rels")
        relations = _Relations()
        if where in self._members:
            xml_events.read(self.pieces(where), relations)
        parts = [
            (kind, posixpath.normpath(posixpath.join("/", folder, target)).lstrip("/"))
            for kind, target in relations.internal
        ]
        return [(kind, part) for kind, part in parts if part in self._members]

    def size(self, name: str) -> int:
        """How many bytes a part claims to have, unpacked."""
        return self._members[name].file_size

    def whole(self, name: str, limit: int = MAX_XML) -> bytes:
        return b"".join(self.pieces(name, limit))

    def pieces(self, name: str, limit: int = MAX_XML) -> Iterator[bytes]:
        """The unpacked bytes; what the directory claims is checked first, what comes out is counted."""
        info = self._members[name]
        if info.flag_bits & 0x1:
            raise refusals.encrypted()
        if info.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
            raise refusals.corrupted()
        if info.file_size > limit:
            raise refusals.unpacks_too_large()
        size = 0
        try:
            with self._zip.open(info) as file:
                while piece := file.read(CHUNK):
                    size += len(piece)
                    if size > limit:
                        raise refusals.unpacks_too_large()
                    yield piece
        except RuntimeError as error:
            raise refusals.encrypted() from error
        except _BROKEN as error:
            raise refusals.corrupted() from error
