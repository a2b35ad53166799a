"""Members as a zip, a piece at a time: by stream-zip, or by Python alone where its wheels cannot be had."""

from __future__ import annotations

import datetime as dt
import io
import zipfile
import zlib
from collections.abc import Iterable, Iterator
from typing import Any

try:
    from stream_zip import ZIP_32, ZIP_64, stream_zip
except ImportError:  # it stands on a compiled library
    stream_zip = None  # type: ignore[assignment]
try:
    from isal import isal_zlib
except ImportError:  # no wheel for this machine
    isal_zlib = None  # type: ignore[assignment]

CHUNK = 64 * 1024
PRIVATE, PUBLIC = 0o600, 0o644
# Name, time, mode and content.
Member = tuple[str, dt.datetime, int, Iterable[bytes]]


def zipped(members: Iterable[Member], *, is_packed: bool = False, is_big: bool = False) -> Iterator[bytes]:
    """`is_packed`: the members are compressed already; `is_big`: more than a plain zip may hold."""
    if stream_zip is None:
        return _by_python(members, is_big)
    method = ZIP_64 if is_big else ZIP_32
    return iter(
        stream_zip(
            ((name, at, mode, method, content) for name, at, mode, content in members),
            chunk_size=CHUNK,
            get_compressobj=_fastest if is_packed else _compressor,
            extended_timestamps=False,
        )
    )


def _fastest() -> Any:
    return zlib.compressobj(level=1, wbits=-zlib.MAX_WBITS)


def _compressor() -> Any:
    return isal_zlib.compressobj(level=2, wbits=-zlib.MAX_WBITS) if isal_zlib is not None else _fastest()


def _by_python(members: Iterable[Member], is_big: bool) -> Iterator[bytes]:
    out = _Pieces()
    with zipfile.ZipFile(out, "w") as archive:
        for name, at, mode, content in members:
            info = zipfile.ZipInfo(name, at.timetuple()[:6])
            info.compress_type, info.external_attr = zipfile.ZIP_DEFLATED, mode << 16
            with archive.open(info, "w", force_zip64=is_big) as member:
                for piece in content:
                    member.write(piece)
                    yield from out.take()
            yield from out.take()
    yield from out.take()


class _Pieces(io.RawIOBase):
    """What is written and not yet taken; there is no going back in it."""

    def __init__(self) -> None:
        self.held = bytearray()

    def writable(self) -> bool:
        return True

    def write(self, piece: Any) -> int:
        self.held += piece
        return len(piece)

    def take(self) -> Iterator[bytes]:
        if self.held:
            yield bytes(self.held)
            self.held.clear()
