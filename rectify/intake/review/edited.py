"""An outline while a person looks it over: what was parsed and what was changed, as values and as JSON."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import asdict, dataclass, field
from typing import Any, Self

from rectify.choices import Basis, LinkStatus
from rectify.errors import Incomplete
from rectify.intake.parser.parsed import LeftOut, ParsedLink, ParsedReport, Place, Source
from rectify.intake.review.assignment import Assignment

PROBLEM, CAUSE, DIRECTION = "problem", "cause", "direction"
KINDS = {PROBLEM: "问题", CAUSE: "根源", DIRECTION: "努力方向"}
PREFIX = {PROBLEM: "p", CAUSE: "c", DIRECTION: "d"}


@dataclass
class Part:
    """A text with its place in the source: a manifestation or a measure, which may have its own deadline."""

    text: str
    start: int = 0
    end: int = 0
    deadline_text: str = ""


@dataclass
class EditedAspect:
    key: str
    title: str
    start: int = 0
    end: int = 0
    section: str = ""
    dropped: bool = False


@dataclass
class Item:
    """A problem, a cause or a direction; its kind may be changed, so that they share one shape.

    `section` names the left-out section it was taken from, `carried` the problem of an earlier ledger
    it continues; `apart` says that it is another problem than the one it resembles in the ledger, and
    `covers` that a direction covers every problem; `assignment` is who answers for a problem, and by when.
    """

    key: str
    kind: str
    title: str
    text: str = ""
    aspect: str | None = None
    start: int = 0
    end: int = 0
    manifestations: list[Part] = field(default_factory=list)
    measures: list[Part] = field(default_factory=list)
    section: str = ""
    dropped: bool = False
    carried: str = ""
    apart: bool = False
    covers: bool = False
    assignment: Assignment = field(default_factory=Assignment)


@dataclass
class EditedLink:
    """A tie of a problem to a cause or a direction, by their keys."""

    problem: str
    other: str
    basis: str
    status: str
    shared: list[str] = field(default_factory=list)


@dataclass
class Gap:
    """One placeholder and what a person fills it with."""

    text: str
    start: int
    end: int
    line: int
    value: str = ""


@dataclass
class Remark:
    """What the parser is unsure of."""

    line: int
    message: str


@dataclass
class Section:
    """A section that was left out; `included` when the user asked for it."""

    key: str
    title: str
    start: int
    end: int
    included: bool = False


@dataclass
class EditedOutline:
    """`lines` says where in the text the lines of the file begin, when they are not simply its lines;
    `unread` are the stretches of it that no piece held when it was read; `chosen` says whom a person takes a
    name of the report for (`leader:李某`): the id of one who is known here, or that it stays words."""

    aspects: list[EditedAspect] = field(default_factory=list)
    items: list[Item] = field(default_factory=list)
    links: list[EditedLink] = field(default_factory=list)
    gaps: list[Gap] = field(default_factory=list)
    remarks: list[Remark] = field(default_factory=list)
    sections: list[Section] = field(default_factory=list)
    lines: list[tuple[int, int]] = field(default_factory=list)
    unread: list[tuple[int, int]] = field(default_factory=list)
    chosen: dict[str, str] = field(default_factory=dict)
    made: int = 0

    def kept(self, kind: str = "") -> list[Item]:
        """Items that were not dropped, in the order of the report."""
        return [item for item in self.items if not item.dropped and kind in ("", item.kind)]

    def kept_places(self) -> list[EditedAspect | Item]:
        """Headings and items, for what concerns both."""
        return [*self.kept_aspects(), *self.kept()]

    def kept_aspects(self) -> list[EditedAspect]:
        return [aspect for aspect in self.aspects if not aspect.dropped]

    def dropped(self) -> list[Item]:
        return [item for item in self.items if item.dropped]

    def item(self, key: str) -> Item:
        """Raises Incomplete when there is no such piece, which only an old page can ask for."""
        for item in self.items:
            if item.key == key:
                return item
        raise Incomplete("这一条已不在草稿里，请重新打开本页再改。草稿没有丢失。")

    def aspect(self, key: str) -> EditedAspect:
        for aspect in self.aspects:
            if aspect.key == key:
                return aspect
        raise Incomplete("这个查摆方面已不在草稿里，请重新打开本页再改。草稿没有丢失。")

    def live_links(self) -> list[EditedLink]:
        """Ties whose both ends are there and of the right kind; a restored piece has its ties again."""
        kinds = {item.key: item.kind for item in self.kept()}
        return [
            link
            for link in self.links
            if kinds.get(link.problem) == PROBLEM and kinds.get(link.other) in (CAUSE, DIRECTION)
        ]

    def standing_links(self) -> list[EditedLink]:
        return [link for link in self.live_links() if link.status != LinkStatus.REJECTED]

    def new_key(self, kind: str) -> str:
        self.made += 1
        return f"n{PREFIX.get(kind, 'a')}{self.made}"

    def to_json(self) -> dict[str, Any]:
        return asdict(self)

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> Self:
        return cls(
            aspects=[EditedAspect(**row) for row in data.get("aspects", [])],
            items=[_item(row) for row in data.get("items", [])],
            links=[EditedLink(**row) for row in data.get("links", [])],
            gaps=[Gap(**row) for row in data.get("gaps", [])],
            remarks=[Remark(**row) for row in data.get("remarks", [])],
            sections=[Section(**row) for row in data.get("sections", [])],
            lines=[(start, number) for start, number in data.get("lines", [])],
            unread=[(start, end) for start, end in data.get("unread", [])],
            chosen=dict(data.get("chosen", {})),
            made=data.get("made", 0),
        )

    def canonical(self) -> str:
        """One text for one outline: what a plan's digest is taken of."""
        return json.dumps(self.to_json(), ensure_ascii=False, sort_keys=True, separators=(",", ":"))


def from_parsed(parsed: ParsedReport) -> EditedOutline:
    """The outline as the parser understood it, nothing changed yet."""
    outline = EditedOutline(
        gaps=[
            Gap(placeholder.text, placeholder.place.start, placeholder.place.end, placeholder.place.line)
            for placeholder in parsed.placeholders
        ],
        remarks=[Remark(warning.line, warning.message) for warning in parsed.warnings],
        sections=[_section(part) for part in parsed.left_out],
        lines=_lines(parsed.source),
        unread=[(place.start, place.end) for place in parsed.unread],
    )
    add_parsed(outline, parsed)
    return outline


def _lines(source: Source) -> list[tuple[int, int]]:
    """Where each line of the file begins: a reader joins lines that were broken and leaves some out."""
    starts: dict[int, int] = {}
    for line in source.lines:
        for at, number in ((0, line.number), *line.breaks):
            starts.setdefault(number, line.start + at)
    found = [(start, number) for number, start in starts.items()]
    plain = [(line.start, number) for number, line in enumerate(source.lines, start=1)]
    return [] if found == plain else found


def add_parsed(
    outline: EditedOutline, parsed: ParsedReport, section: Section | None = None, prefix: str = ""
) -> None:
    """Take the pieces of a parsed report; with a section only those that stand in it."""
    tag = section.key if section else ""

    def wanted(place: Place) -> bool:
        return section is None or section.start <= place.start < section.end

    for aspect in parsed.aspects:
        if wanted(aspect.place):
            outline.aspects.append(
                EditedAspect(
                    f"{prefix}a{aspect.number}", aspect.title, aspect.place.start, aspect.place.end, tag
                )
            )
    held = {aspect.key for aspect in outline.aspects}
    for problem in parsed.problems:
        if wanted(problem.place):
            key = f"{prefix}a{problem.aspect}"
            item = Item(
                f"{prefix}p{problem.number}",
                PROBLEM,
                problem.title,
                problem.text,
                key if key in held else None,
            )
            item.manifestations = [
                Part(piece.text, piece.place.start, piece.place.end) for piece in problem.manifestations
            ]
            item.measures = [
                Part(piece.text, piece.place.start, piece.place.end, piece.deadline_text)
                for piece in problem.measures
            ]
            item.assignment = Assignment.of(problem)
            outline.items.append(_placed(item, problem.place, tag))
    for kind, rows in ((CAUSE, parsed.causes), (DIRECTION, parsed.directions)):
        for row in rows:
            if wanted(row.place):
                item = Item(f"{prefix}{PREFIX[kind]}{row.number}", kind, row.title, row.text)
                outline.items.append(_placed(item, row.place, tag))
    _add_links(outline, parsed.links, prefix)
    in_order(outline)


def in_order(outline: EditedOutline) -> None:
    """By their place; what a person added without a place comes last."""
    for rows in (outline.aspects, outline.items):
        rows.sort(key=lambda row: (row.end == 0, row.start))


def _add_links(outline: EditedOutline, links: Iterable[ParsedLink], prefix: str) -> None:
    there = {item.key for item in outline.items}
    known = {(link.problem, link.other) for link in outline.links}
    for one in links:
        other = f"c{one.cause}" if one.cause is not None else f"d{one.direction}"
        pair = (f"{prefix}p{one.problem}", prefix + other)
        if pair in known or not there.issuperset(pair):
            continue
        sure = one.basis in (Basis.EXPLICIT, Basis.CONTENT)
        status = LinkStatus.CONFIRMED if sure else LinkStatus.PENDING
        outline.links.append(EditedLink(*pair, str(one.basis), str(status), list(one.shared)))
        known.add(pair)


def _placed(item: Item, place: Place, section: str) -> Item:
    item.start, item.end, item.section = place.start, place.end, section
    return item


def _item(row: dict[str, Any]) -> Item:
    parts = {name: [Part(**one) for one in row.get(name, [])] for name in ("manifestations", "measures")}
    said = Assignment(**row.get("assignment", {}))
    return Item(**{**row, **parts, "assignment": said})


def _section(one: LeftOut) -> Section:
    return Section(one.key, one.title, one.place.start, one.place.end)
