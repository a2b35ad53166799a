"""XML from outside, as events: nothing is kept, no entity is expanded, no declaration is accepted."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Protocol

from defusedxml import DefusedXmlException
from defusedxml.ElementTree import ParseError, XMLParser

from . import refusals

MAX_DEPTH = 400


class Reader(Protocol):
    """Told of each element by its local name; `attributes` by theirs."""

    def start(self, tag: str, attributes: dict[str, str]) -> None: ...

    def end(self, tag: str) -> None: ...

    def data(self, text: str) -> None: ...


class _Target:
    """Between the parser and a reader: local names, bounded depth."""

    def __init__(self, reader: Reader) -> None:
        self._reader = reader
        self._names: dict[str, str] = {}
        self._depth = 0

    def _local(self, name: str) -> str:
        local = self._names.get(name)
        if local is None:
            local = self._names[name] = name.rpartition("}")[2]
        return local

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        self._depth += 1
        if self._depth > MAX_DEPTH:
            raise refusals.corrupted()
        local = self._local
        self._reader.start(
            local(tag), {local(key): value for key, value in attributes.items()} if attributes else {}
        )

    def end(self, tag: str) -> None:
        self._depth -= 1
        self._reader.end(self._local(tag))

    def data(self, text: str) -> None:
        self._reader.data(text)

    def close(self) -> None:
        return None


def read(pieces: Iterable[bytes], reader: Reader) -> None:
    """Feed a reader, or refuse what is not well-formed or declares entities."""
    parser: Any = XMLParser(target=_Target(reader), forbid_dtd=True)
    try:
        for piece in pieces:
            parser.feed(piece)
        parser.close()
    except DefusedXmlException as error:
        raise refusals.unsafe() from error
    except (ParseError, LookupError, ValueError, AssertionError) as error:
        raise refusals.corrupted() from error
