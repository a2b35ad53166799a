"""Parts of a form whose headers are no UTF-8: read as what Chinese programs send, never dropped.

Django passes over a part whose header it cannot decode: the file is gone and nobody is told. A name in
GB 18030 is turned into UTF-8 before Django reads it, and a name of which nothing is left gets one of ours.
"""

from __future__ import annotations

import html
from typing import Any

from django.http import multipartparser
from django.http.multipartparser import FILE, RAW, MultiPartParserError

NAMELESS = "未命名".encode()
END = b"\r\n\r\n"
_parse = multipartparser.parse_boundary_stream  # type: ignore[attr-defined]


def install() -> None:
    """Django offers no other place: the parser finds its function under this name."""
    multipartparser.parse_boundary_stream = parse_part  # type: ignore[attr-defined]


def parse_part(stream: Any, longest: int) -> tuple[str, dict[str, Any], Any]:
    """One part as Django reads it, after its header has become UTF-8."""
    chunk = stream.read(longest)
    header, end, _ = chunk.partition(END)
    in_utf8 = _in_utf8(header) if end else header
    stream.unget(in_utf8 + chunk[len(header) :])
    kind, headers, rest = _parse(stream, longest)
    if kind == FILE:
        _, parameters = headers["content-disposition"]
        if not _has_name(parameters["filename"].decode("utf-8", "replace")):
            parameters["filename"] = NAMELESS
    elif kind == RAW and end and b"filename" in header:
        raise MultiPartParserError("a part with a file has a header that cannot be read")
    return kind, headers, rest


def _in_utf8(header: bytes) -> bytes:
    try:
        header.decode()
    except UnicodeDecodeError:
        return header.decode("gb18030", "replace").encode()
    return header


def _has_name(name: str) -> bool:
    """Whether Django leaves anything of the name, whose folders and unprintable characters it takes away."""
    last = html.unescape(name).replace("\\", "/").rpartition("/")[2]
    return "".join(filter(str.isprintable, last)) not in ("", ".", "..")
