"""What the preview of a report shows: the source with its passages, and the outline with what to decide."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from django.utils.safestring import SafeString

from rectify import wording
from rectify.choices import Basis, LinkStatus
from rectify.intake.review.edited import (
    CAUSE,
    DIRECTION,
    KINDS,
    PROBLEM,
    EditedAspect,
    EditedLink,
    EditedOutline,
    Item,
)
from rectify.intake.review.editing import sentences
from rectify.intake.review.filled import filled, gap_groups
from rectify.intake.review.source_spans import Passage, highlighted, marked
from rectify.intake.review.understood import Understood, is_assigned, text_beside, understand

if TYPE_CHECKING:
    from rectify.models import IntakeDraft
    from rectify.papers.names import Match, Names

SHOWN_GAPS = 300  # more are filled by their wording; a form may not hold any number of fields
SHOWN_NAMES = 60  # of each sort: every one offers all whom it may mean
REMARKS = 12
SENTENCES = 100


@dataclass(frozen=True)
class LinkLine:
    """A tie as a person judges it: both titles, why it is proposed, what was decided."""

    link: EditedLink
    number: int
    title: SafeString
    excerpt: SafeString | str

    @property
    def basis(self) -> str:
        if self.link.status == LinkStatus.PENDING:
            return "建议，待确认"
        return str(Basis(self.link.basis).label)


@dataclass(frozen=True)
class PieceRow:
    """One piece of the outline, closed or open with its form."""

    item: Item
    number: int
    title: SafeString | str
    text: str
    causes: Sequence[LinkLine] = ()
    directions: Sequence[LinkLine] = ()
    missing: str = ""
    tied: Sequence[int] = ()
    is_open: bool = False
    sentences: Sequence[tuple[int, str]] = ()
    can_merge: bool = False
    others: Sequence[tuple[str, str]] = ()
    given: Understood | None = None  # who answers for a problem, and by when

    @property
    def kind(self) -> str:
        return KINDS[self.item.kind]


@dataclass(frozen=True)
class Group:
    """An aspect with its problems; `aspect` is None for those in no aspect."""

    aspect: EditedAspect | None
    number: int
    title: str
    rows: Sequence[PieceRow]


@dataclass
class Preview:
    """Everything the page of a draft needs."""

    draft: IntakeDraft
    outline: EditedOutline
    shown: EditedOutline
    opened: str = ""
    names: Names | None = None  # whom the office knows by the names of the report
    numbers: dict[str, int] = field(default_factory=dict)

    @classmethod
    def of(cls, draft: IntakeDraft, opened: str = "") -> Preview:
        outline = EditedOutline.from_json(draft.outline)
        page = cls(draft, outline, filled(outline, draft.text), opened)
        for kind in KINDS:
            for number, item in enumerate(outline.kept(kind), start=1):
                page.numbers[item.key] = number
        return page

    def context(self) -> dict[str, Any]:
        rows = {kind: self._rows(kind) for kind in KINDS}
        links = self.shown.live_links()
        outline, draft = self.outline, self.draft
        remarks = sorted(outline.remarks, key=lambda one: one.line)
        groups = gap_groups(outline, draft.text)
        return {
            "draft": draft,
            "outline": outline,
            "groups": self._groups(rows[PROBLEM]),
            "causes": rows[CAUSE],
            "directions": rows[DIRECTION],
            "counts": {kind: len(rows[kind]) for kind in KINDS} | {"aspect": len(outline.kept_aspects())},
            "pending": sum(link.status == LinkStatus.PENDING for link in links),
            "uncovered": sum(bool(row.missing) for row in rows[PROBLEM]),
            "remarks": remarks[:REMARKS],
            "more_remarks": remarks[REMARKS:],
            "sections": outline.sections,
            "dropped": outline.dropped(),
            "gaps": groups,
            "gap_count": len(outline.gaps),
            "gaps_filled": sum(group.filled for group in groups),
            "each_gap": len(outline.gaps) <= SHOWN_GAPS,
            "names": self._names(),
            "open_names": len(self.names.open) if self.names else 0,
            "unassigned": len(rows[PROBLEM]) - len([*filter(is_assigned, outline.kept(PROBLEM))]),
            "doubtful": [row for row in rows[PROBLEM] if row.given and row.given.doubt],
            "source": marked(draft.text, self._passages(), outline.lines),
            "opened": self.opened,
        }

    def aspects(self) -> list[tuple[str, str]]:
        rows = self.shown.kept_aspects()
        return [(one.key, f"{number}. {_short(one.title)}") for number, one in enumerate(rows, start=1)]

    def piece_values(self, key: str) -> dict[str, Any]:
        """What the form of a piece starts from: the texts as the row shows them."""
        item = self.shown.item(key)
        return {
            "kind": item.kind,
            "title": item.title,
            "aspect": item.aspect or "",
            "text": item.text,
            "manifestations": "\n".join(part.text for part in item.manifestations),
            "covers": item.covers,
            "leaders": "、".join(item.assignment.leaders),
            "units": "、".join(item.assignment.units),
            "deadline_words": item.assignment.words,
            "deadline": self.day_of(key),
            "is_begun_anew": item.assignment.is_begun_anew,
            "version": self.draft.version,
        }

    def day_of(self, key: str) -> dt.date | None:
        """The deadline of a problem as it is understood."""
        return understand(self.shown.item(key).assignment, None, self.draft.year).day

    def is_problem(self, key: str) -> bool:
        return self.shown.item(key).kind == PROBLEM

    def unfilled_words(self, key: str) -> dict[str, str]:
        """Texts as shown -> as kept, so that saving what was not changed keeps its placeholders."""
        kept, shown = self.outline.item(key), self.shown.item(key)
        words = {shown.title: kept.title, shown.text: kept.text}
        one, two = shown.assignment, kept.assignment
        words |= {"、".join(one.leaders): "、".join(two.leaders), "、".join(one.units): "、".join(two.units)}
        words |= {one.words: two.words}
        pairs = zip(shown.manifestations, kept.manifestations, strict=True)
        return words | {one.text: two.text for one, two in pairs}

    def _groups(self, rows: list[PieceRow]) -> list[Group]:
        found = []
        for number, aspect in enumerate(self.shown.kept_aspects(), start=1):
            inside = [row for row in rows if row.item.aspect == aspect.key]
            found.append(Group(aspect, number, aspect.title, inside))
        loose = [row for row in rows if row.item.aspect is None]
        return [*found, *([Group(None, 0, "未分类", loose)] if loose else [])]

    def _rows(self, kind: str) -> list[PieceRow]:
        links: dict[str, list[EditedLink]] = {}
        for link in self.shown.live_links():
            links.setdefault(link.problem, []).append(link)
            links.setdefault(link.other, []).append(link)
        items = self.shown.kept(kind)
        by_key = {item.key: item for item in self.shown.items}
        last = items[-1].key if items else ""
        return [self._row(item, links.get(item.key, []), by_key, item.key != last) for item in items]

    def _row(self, item: Item, links: list[EditedLink], by_key: dict[str, Item], more: bool) -> PieceRow:
        causes, directions, missing = [], [], ""
        if item.kind == PROBLEM:
            causes = [self._line(link, by_key) for link in links if by_key[link.other].kind == CAUSE]
            directions = [self._line(link, by_key) for link in links if by_key[link.other].kind == DIRECTION]
            missing = self._missing(causes, directions)
        tied = sorted(
            self.numbers[link.problem]
            for link in links
            if link.other == item.key and link.status != LinkStatus.REJECTED
        )
        is_open = item.key == self.opened
        return PieceRow(
            item,
            self.numbers[item.key],
            item.title,
            text_beside(item),
            causes,
            directions,
            missing,
            tied,
            is_open,
            list(enumerate(sentences(self.outline.item(item.key).text)))[:SENTENCES] if is_open else (),
            more,
            self._untied(item, links) if is_open and item.kind == PROBLEM else (),
            understand(item.assignment, self.names, self.draft.year) if is_assigned(item) else None,
        )

    def _names(self) -> list[tuple[str, list[Match], list[Match], Sequence[Any]]]:
        """The names of the report: those that nobody is taken for, the others, and whom they may mean."""
        if self.names is None:
            return []
        sorts: tuple[tuple[str, list[Match], Sequence[Any]], ...] = (
            ("责任领导", self.names.leaders, list(self.names.known_leaders.values())),
            ("责任单位", self.names.units, list(self.names.known_units.values())),
        )
        return [(label, *_parted(matches), known) for label, matches, known in sorts if matches]

    def _missing(self, causes: list[LinkLine], directions: list[LinkLine]) -> str:
        """What the report does not say of a problem; a direction for all problems covers each."""
        covered = any(item.covers for item in self.outline.kept(DIRECTION))
        pairs = (("根源", causes, False), ("努力方向", directions, covered))
        return wording.listed(
            words
            for words, lines, known in pairs
            if not known and all(line.link.status == LinkStatus.REJECTED for line in lines)
        )

    def _untied(self, item: Item, links: list[EditedLink]) -> list[tuple[str, str]]:
        held = {link.other for link in links if link.status != LinkStatus.REJECTED}
        return [
            (one.key, f"{KINDS[one.kind]} {self.numbers[one.key]}：{_short(one.title)}")
            for kind in (CAUSE, DIRECTION)
            for one in self.shown.kept(kind)
            if one.key not in held
        ]

    def _line(self, link: EditedLink, by_key: dict[str, Item]) -> LinkLine:
        other = by_key[link.other]
        excerpt: SafeString | str = ""
        if link.shared and not any(word in other.title for word in link.shared):
            said = next(
                (sentence for sentence in sentences(other.text) if any(w in sentence for w in link.shared)),
                "",
            )
            # A sentence that is itself what both say needs no repeating.
            if said.strip(" 。；！？") not in link.shared:
                excerpt = highlighted(said.strip(), link.shared)
        return LinkLine(link, self.numbers[other.key], highlighted(other.title, link.shared), excerpt)

    def _passages(self) -> list[Passage]:
        rows = [
            Passage(
                aspect.start,
                aspect.end,
                f"s-{aspect.key}",
                "passage passage-aspect",
                "方面",
                f"#{aspect.key}",
            )
            for aspect in self.outline.kept_aspects()
        ]
        for item in self.outline.kept():
            css = f"passage passage-{item.kind}" + (" is-open" if item.key == self.opened else "")
            label = f"{KINDS[item.kind]} {self.numbers[item.key]}"
            rows.append(Passage(item.start, item.end, f"s-{item.key}", css, label, f"#{item.key}"))
            rows += [Passage(part.start, part.end, css="passage-part") for part in item.manifestations]
        rows += [Passage(gap.start, gap.end, css="gap") for gap in self.outline.gaps]
        rows += [
            Passage(one.start, one.end, f"s-x{number}", "passage-left", "未纳入", "#sections")
            for number, one in enumerate(self.outline.sections, start=1)
            if not one.included
        ]
        rows += [Passage(start, end, css="passage-unread") for start, end in self.outline.unread]
        return [row for row in rows if row.end > row.start]


def _parted(matches: list[Match]) -> tuple[list[Match], list[Match]]:
    unknown = [match for match in matches if not match.is_known]
    return unknown[:SHOWN_NAMES], [match for match in matches if match.is_known][:SHOWN_NAMES]


def _short(title: str) -> str:
    return title if len(title) <= 36 else f"{title[:36]}…"
