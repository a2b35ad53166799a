"""XML from outside, as events: nothing is kept, no entity is expanded, no declaration is accepted."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Protocol
from xml.parsers.expat import ExpatError

from defusedxml import DefusedXmlException
from defusedxml.ElementTree import XMLParser

from rectify.intake.parser import refusals

MAX_DEPTH = 400
Attributes = dict[str, str]


class Reader(Protocol):
    """Told of each element by its local name; `local()` gives its attributes theirs."""

    def start(self, tag: str, attributes: Attributes) -> None: ...

    def end(self, tag: str) -> None: ...

    def data(self, text: str) -> None: ...


class _Target:
    """Between the parser and a reader: local names, bounded depth."""

    def __init__(self, reader: Reader) -> None:
        self._start, self._end = reader.start, reader.end
        self._names: dict[str, str] = {}
        self._depth = 0

    def start(self, name: str, attributes: Attributes) -> None:
        self._depth += 1
        if self._depth > MAX_DEPTH:
            raise refusals.corrupted()
        tag = self._names.get(name)
        if tag is None:
            tag = self._names[name] = name.rpartition("}")[2]
        self._start(tag, attributes)

    def end(self, name: str) -> None:
        self._depth -= 1
        self._end(self._names[name])


def local(attributes: Attributes) -> Attributes:
    """Attributes by their local names."""
    return {name.rpartition("}")[2]: value for name, value in attributes.items()}


def read(pieces: Iterable[bytes], reader: Reader) -> None:
    """Feed a reader, or refuse what is not well-formed or declares entities."""
    guarded: Any = XMLParser(forbid_dtd=True)
    # The guard's own expat parser, told to call us without building anything: three times as fast.
    expat = guarded.parser
    target = _Target(reader)
    expat.StartElementHandler, expat.EndElementHandler = target.start, target.end
    expat.CharacterDataHandler = reader.data
    expat.DefaultHandlerExpand = None
    expat.ordered_attributes = False
    expat.buffer_text = True
    try:
        for piece in pieces:
            expat.Parse(piece, False)
        expat.Parse(b"", True)
    except DefusedXmlException as error:
        raise refusals.unsafe() from error
    except (ExpatError, LookupError, ValueError, AssertionError) as error:
        raise refusals.corrupted() from error
