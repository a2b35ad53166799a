"""A Word document: the lines of its text, and what it says beside them."""

from __future__ import annotations

from dataclasses import dataclass

from rectify.intake.parser import refusals
from rectify.intake.parser.lines.raw import Raw
from rectify.intake.parser.word import beside, xml_events
from rectify.intake.parser.word.numbering import Numbering, Styles
from rectify.intake.parser.word.package import Package
from rectify.intake.parser.word.reader import Body


@dataclass(frozen=True)
class Document:
    """Lines as a reader sees them with all changes accepted; `beside` names what is no line, in words."""

    lines: list[Raw]
    beside: tuple[str, ...] = ()


def read(data: bytes) -> Document:
    """The document in a file. Raises Unreadable when there is none, or one that is not safe to read."""
    package = Package(data)
    styles, numbering = Styles(), Numbering()
    for name, reader in (("styles.xml", styles), ("numbering.xml", numbering)):
        part = package.beside(name)
        if part:
            xml_events.read(package.pieces(part), reader)
    body = Body(styles, numbering)
    xml_events.read(package.pieces(package.document), body)
    if not body.seen_body:
        raise refusals.corrupted()
    lines = [
        Raw(line.text, number, 0, line.style, line.marker, line.cells)
        for number, line in enumerate(body.lines(), start=1)
    ]
    return Document(lines, tuple(beside.sentences(package, body)))
