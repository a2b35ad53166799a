"""Which headings open sections, as the rows pass by."""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace

from rectify.intake.parser.headings import LEFT_OUT, OTHER
from rectify.intake.parser.markers import LOOSE, RANK, Marker
from rectify.intake.parser.rows import Row, Text
from rectify.intake.parser.sections.section import LONGEST, ORDER, UNMARKED, Heading, unknown

_ASPECT = re.compile(r".*方面.{0,12}$")


def choose(text: Text, rows: list[Row], known: list[Heading], main: int) -> list[tuple[Heading, Row | None]]:
    """The headings that open sections, each with the aspect heading it stands under."""
    by_index = _by_index(known, main)
    walk = _Walk(main, _next_of_kind(rows))
    for index, row in enumerate(rows):
        heading, marker = by_index.get(index), row.marker
        if marker:
            walk.resume(index, row, marker, heading)
        if heading and walk.opens(heading):
            walk.open(heading)
        elif marker and marker.kind not in ("shi", "bullet", "other"):
            around = marker.rank < main or (main == UNMARKED and index + 1 in by_index)
            walk.pass_number(text, index, row, marker, around=around)
    return walk.chosen


def _by_index(known: list[Heading], main: int) -> dict[int, Heading]:
    """A title above the first section is no section, whatever it says: 查摆问题清单 above 一、存在的问题."""
    begins = min((heading.index for heading in known if heading.rank == main), default=0)
    return {
        heading.index: heading for heading in known if heading.rank != UNMARKED or heading.index >= begins
    }


@dataclass
class _Walk:
    """`stack` holds the open section, under an inner left-out part that interrupts it; `context` is the
    aspect heading around them."""

    main: int
    next_of_kind: list[Marker | None]
    chosen: list[tuple[Heading, Row | None]] = field(default_factory=list)
    stack: list[Heading] = field(default_factory=list)
    context: Row | None = None

    @property
    def now(self) -> Heading | None:
        return self.stack[-1] if self.stack else None

    def opens(self, heading: Heading) -> bool:
        interrupted = len(self.stack) > 1
        return _opens(heading, self.now, self.main) or (interrupted and heading.kinds == (LEFT_OUT,))

    def open(self, heading: Heading) -> None:
        around = self.context.marker if self.context else None
        if around and around.rank >= heading.rank > UNMARKED:
            self.context = None
        is_inner = heading.kinds == (LEFT_OUT,) and heading.rank > self.main
        self.stack = [*self.stack[:1], heading] if is_inner else [heading]
        self.chosen.append((heading, self.context))

    def resume(self, index: int, row: Row, marker: Marker, heading: Heading | None) -> None:
        """A number of its own rank closes an inner left-out part: the section around it goes on."""
        if len(self.stack) < 2 or marker.rank > self.stack[-1].rank:
            return
        if heading and heading.kinds == (LEFT_OUT,):
            return
        self.stack = [replace(self.stack[0], index=index, row=row, begin=row.start)]
        if not (heading and _opens(heading, self.now, self.main)):
            self.chosen.append((self.stack[0], self.context))

    def pass_number(self, text: Text, index: int, row: Row, marker: Marker, *, around: bool) -> None:
        """A number that opens no known section may be an aspect around the next ones, or end the last."""
        if around and _is_context(text, row):
            self._surround(row, unknown(text, row, index))
        elif marker.rank <= self.main and self._ends(row, marker):
            self._replace(unknown(text, row, index))

    def _surround(self, row: Row, heading: Heading) -> None:
        """一、政治建设方面 around （一）存在问题 …"""
        self.context = row
        if self.stack:
            self._replace(replace(heading, kinds=("context",)))

    def _replace(self, heading: Heading) -> None:
        self.stack[-1:] = [heading]
        self.chosen.append((heading, None))

    def _ends(self, row: Row, marker: Marker) -> bool:
        """A heading of the sections' own rank that no known word explains ends the section before it."""
        now = self.now
        if row.end - row.body > LONGEST:
            return False
        if now is None:
            return not marker.kind.startswith("h")
        opener = now.row.marker
        if opener is None or marker.rank < opener.rank:
            return marker.rank < now.rank
        if opener.kind != marker.kind:
            return False
        # Items that are numbered in the sections' own manner start again at one.
        first = self.next_of_kind[now.index]
        restarts = first and first.number and opener.number and first.number <= opener.number
        return not restarts


def _next_of_kind(rows: list[Row]) -> list[Marker | None]:
    """For each row, the next number of its kind."""
    latest: dict[str, Marker] = {}
    following: list[Marker | None] = []
    for row in reversed(rows):
        following.append(latest.get(row.marker.kind) if row.marker else None)
        if row.marker:
            latest[row.marker.kind] = row.marker
    return following[::-1]


def _is_context(text: Text, row: Row) -> bool:
    stop = text.stop(row.body, row.end)
    is_alone = stop >= row.end - 1 and row.end - row.body <= LONGEST * 2
    return is_alone and bool(_ASPECT.fullmatch(text.text[row.body : stop]))


def _opens(heading: Heading, now: Heading | None, main: int) -> bool:
    if heading.rank <= main:
        return True
    if not heading.strict or heading.rank >= LOOSE or heading.is_sentence:
        return False
    if now is None or now.kinds[0] in (OTHER, "context"):
        return heading.kinds[0] != LEFT_OUT
    return now.kinds[0] != LEFT_OUT and _opens_within(heading, now)


def _opens_within(heading: Heading, now: Heading) -> bool:
    """A deeper heading opens a section of its own where it leads on from the one that is open."""
    if heading.kinds == (LEFT_OUT,) or len(now.kinds) > 1:
        return True
    if heading.kinds == now.kinds and heading.strict and not heading.inline:
        return True
    is_later = ORDER.get(heading.kinds[0], -1) > ORDER.get(now.kinds[-1], -1)
    return is_later and not (heading.inline and heading.rank > RANK["cn"])
