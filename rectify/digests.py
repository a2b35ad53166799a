"""Canonical text of plain values, digests of texts, and the marker of what was purged."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable
from typing import Any

GENESIS = "0" * 64


PURGED_PAYLOAD = '{"purged":true}'

_ENCODER = json.JSONEncoder(ensure_ascii=False, sort_keys=True, separators=(",", ":"))


def canonical(value: Any) -> str:
    """One text for one value: sorted keys, no spaces, no escapes; what is hashed is what is stored."""
    return _ENCODER.encode(value)


def digest_of(text: str) -> str:
    """SHA-256 of a text, 64 hexadecimal digits."""
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


def digest_of_texts(texts: Iterable[str]) -> str:
    """SHA-256 of many texts as one, each with its end: none of them is put together with the others."""
    digest = hashlib.sha256()
    for text in texts:
        digest.update(text.encode("utf-8", "surrogatepass") + b"\n")
    return digest.hexdigest()
