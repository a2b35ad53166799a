"""The text is cut into sections by what its headings say."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections import Counter
from dataclasses import dataclass, field, replace

from rectify.intake.parser import aspects, headings, naming
from rectify.intake.parser.headings import (
    ASPECT_WORD,
    CAUSES,
    DIRECTIONS,
    LEFT_OUT,
    OTHER,
    PREAMBLE,
    PROBLEMS,
)
from rectify.intake.parser.markers import LOOSE, Marker
from rectify.intake.parser.rows import Row, Text

ORDER = {PROBLEMS: 0, CAUSES: 1, DIRECTIONS: 2}
UNMARKED = 5  # the rank of a heading without a number: outside 一、, inside a part
LONGEST = 60
_LEAD_LINES = {
    CAUSES: re.compile(
        r"(?:原因|根源)(?:(?!问题)[^。]){0,30}(?:以下|如下|主要|几个?)(?:(?!问题)[^。]){0,16}[：:]$"
    ),
    DIRECTIONS: re.compile(
        r"(?:今后|下一?步|针对(?:上述|以上|存在|这些)).{0,40}(?:整改|努力|改进|做好|加强|措施|打算)[^。]{0,20}[：:]$"
    ),
}
_OWN_ASPECT = re.compile(r"方面(?:还|仍|中)?存在的?.{0,8}$|方面的(?:问题|不足|差距|短板)")
_ASPECT = re.compile(r".*方面.{0,12}$")
_FIRST = r"[：:]\s?(?:一是|首先|第一|其一|1[.．、]|①|[（(]1[）)]|⑴)"
_LISTS = re.compile(
    rf"(?:^|[。：:\s])(?P<title>(?:存在)?的?(?:主要|突出)?(?:问题|不足)(?:[和与及、](?:问题|不足|差距))?){_FIRST}"
)
_SPOKEN = {
    CAUSES: re.compile(rf"[^。]{{0,30}}(?:原因|根源|症结)[^。]{{0,16}}?[：:，,]{naming.COUNTS}"),
    DIRECTIONS: re.compile(
        rf"[^。]{{0,12}}(?:下一?步|今后|下一阶段|接下来|针对(?:这些|以上|上述))[^。]{{0,40}}?[：:，,]{naming.COUNTS}"
    ),
    PROBLEMS: re.compile(
        rf"[^\n]{{0,120}}?(?:存在|有|查摆出)[^。]{{0,12}}(?:问题|不足|差距)[^。]{{0,8}}?[：:，,]{naming.COUNTS}"
    ),
}
_NEXT = re.compile(rf"[。；;]\s?(?P<title>[^。；;：:，,]{{2,16}})(?={_FIRST})")


@dataclass(frozen=True)
class Heading:
    index: int
    row: Row
    kinds: tuple[str, ...]
    title: str
    begin: int  # where the section's own text begins
    rank: int
    strict: bool  # every word of it is a heading's word
    is_sentence: bool = False  # it ends in a full stop

    @property
    def inline(self) -> bool:
        """Text of the section follows on the heading's line."""
        return self.begin < self.row.end


@dataclass(frozen=True)
class Section:
    """`kinds` names what it holds; `context` is a heading around it that names an aspect."""

    kinds: tuple[str, ...]
    title: str
    begin: int
    end: int
    heading: Row | None = None
    context: Row | None = None
    key: str = ""
    aspect: Row | None = None  # the heading itself, where it names an aspect: 作风方面存在的问题


def parted(text: Text, rows: list[Row]) -> list[Row]:
    """A line that lists problems and after them 原因分析：一是… is parted there: these are of them all."""
    out: list[Row] = []
    for row in rows:
        lists = None if row.line.cells else _LISTS.search(text.text[row.start : row.end])
        begins = [row.start]
        if lists and lists.start("title") and text.text[row.start : row.end].find(ASPECT_WORD) > 0:
            begins.append(row.start + lists.start("title"))
        for found in _NEXT.finditer(text.text, row.start + lists.end(), row.end) if lists else ():
            verdict = headings.judge(found["title"])
            if verdict and not verdict.residue and verdict.kinds in ((CAUSES,), (DIRECTIONS,)):
                begins.append(found.start("title"))
        if not lists or begins[-1] <= row.start + lists.start("title"):
            out.append(row)
            continue
        for begin, end in zip(begins, [*begins[1:], row.end], strict=True):
            out.append(replace(row if begin == row.start else text.row(row.line, begin), end=end))
    return out


def cut(text: Text, rows: list[Row]) -> list[Section]:
    """The sections in order; what stands before the first is the preamble."""
    if not rows:
        return []
    found = [heading for index in range(len(rows)) if (heading := _heading(text, rows, index))]
    labelled = _problem_labels(text, rows)
    found = [heading for heading in found if heading.index not in labelled]
    if single := _problem_by_problem(text, rows, found):
        return single
    if not any(PROBLEMS in heading.kinds for heading in found):
        found += [lead for index, row in enumerate(rows) if (lead := _spoken(text, row, index))]
    main = _main_rank(_without_labels(found)) if found else _outermost(rows)
    found = sorted(found + _leads(text, rows, found, main), key=lambda heading: heading.index)
    labels = _labels(rows, found, main)
    chosen = _choose(text, rows, [heading for heading in found if heading.index not in labels], main)
    sections: list[Section] = []
    first = chosen[0][0].row.start if chosen else rows[-1].end
    if first > rows[0].start:
        sections.append(Section((PREAMBLE,), "开头部分", rows[0].start, first))
    for (heading, context), following in zip(chosen, [*chosen[1:], None], strict=False):
        end = following[0].row.start if following else rows[-1].end
        own = heading.row if heading.kinds == (PROBLEMS,) and _OWN_ASPECT.search(heading.title) else None
        sections.append(
            Section(heading.kinds, heading.title, heading.begin, end, heading.row, context, aspect=own)
        )
    return _with_keys(sections)


def _problem_by_problem(text: Text, rows: list[Row], found: list[Heading]) -> list[Section]:
    """The sections of a plan in which each outermost heading is a problem, its 原因分析 under it.

    Empty when this is no such plan."""
    ranked = Counter(row.marker.rank for row in rows if row.marker and row.marker.rank < LOOSE)
    several = [rank for rank, count in ranked.items() if count > 1]
    if not several or any(PROBLEMS in one.kinds and one.strict for one in found):
        return []
    outer = [index for index, row in enumerate(rows) if row.marker and row.marker.rank == min(several)]
    said = {one.index: one.kinds for one in found}
    problems: list[int] = []
    named: list[int] = []  # problems by their own words or labels
    for begin, end in zip(outer, [*outer[1:], len(rows)], strict=True):
        own = {said.get(index, ("",))[0] for index in range(begin + 1, end)}
        words = text.text[rows[begin].body : text.stop(rows[begin].body, rows[begin].end)]
        fails = bool(aspects.DEFICIENT.search(words))
        if naming.names_problem(text, rows[begin]) or (
            begin not in said and naming.is_labelled(text, rows, begin)
        ):
            named.append(begin)
        elif begin not in said and (CAUSES in own or (DIRECTIONS in own and fails)):
            problems.append(begin)
    sourced = any(said.get(index, ("",))[0] in (CAUSES, DIRECTIONS) for index in outer)
    if not named and (len(problems) < 2 or sourced):
        return []
    problems = sorted(problems + named)
    return _with_keys(_runs_of_problems(rows, outer, problems, said))


def _runs_of_problems(
    rows: list[Row], outer: list[int], problems: list[int], said: dict[int, tuple[str, ...]]
) -> list[Section]:
    """Neighbouring problems are one section; other headings between them are left out."""
    sections: list[Section] = []
    if outer[0] > 0:
        sections.append(Section((PREAMBLE,), "开头部分", rows[0].start, rows[outer[0]].start))
    for begin, end in zip(outer, [*outer[1:], None], strict=True):
        stop = rows[end].start if end is not None else rows[-1].end
        row = rows[begin]
        if begin not in problems:
            kinds = said.get(begin, (OTHER,))
            sections.append(Section(kinds, row.line.text[:LONGEST], row.start, stop, row))
        elif sections and sections[-1].kinds == (PROBLEMS,):
            sections[-1] = replace(sections[-1], end=stop)
        else:
            sections.append(Section((PROBLEMS,), "逐项列出的问题", row.start, stop))
    return sections


def _heading(text: Text, rows: list[Row], index: int) -> Heading | None:
    """The heading a row is, when its words say so."""
    row = rows[index]
    if row.line.cells or row.line.style in ("contents", "title"):
        return None
    stop = text.stop(row.body, row.end)
    title = text.text[row.body : stop]
    if len(title) > LONGEST:
        return None
    marked = row.marker is not None and row.marker.kind != "bullet"
    verdict = headings.judge(title)
    if verdict is None:
        return None
    begin = stop
    while begin < row.end and text.text[begin] in " 。：；:;.．】]":
        begin += 1
    inline = begin < row.end
    if not marked:
        closing = text.text[stop : stop + 1] if stop < row.end else ""
        if (
            verdict.residue
            or len(title) > 24
            or closing in ("。", "；", ";", ".", "．")
            or (inline and closing not in "：:】]")
        ):
            return None
    rank = row.marker.rank if marked and row.marker else UNMARKED
    closed = text.text[stop : stop + 1] == "。" and stop < row.end
    return Heading(
        index, row, verdict.kinds, headings.reduce(title), begin, rank, verdict.residue == 0, closed
    )


def _problem_labels(text: Text, rows: list[Row]) -> set[int]:
    """Lines 1.问题：… or 存在问题：… that come again: each labels an item and opens no section."""
    labelled: dict[tuple[str, str], list[int]] = {}
    for index, row in enumerate(rows):
        if label := naming.labelled(text, row):
            labelled.setdefault((row.marker.kind if row.marker else "", label), []).append(index)
    return {index for indexes in labelled.values() if len(indexes) > 1 for index in indexes}


def _without_labels(found: list[Heading]) -> list[Heading]:
    """Without labels of items, where numbered headings stand beside: 整改措施： that comes again."""
    loose = [heading for heading in found if heading.rank == UNMARKED]
    again = Counter(heading.title for heading in loose)
    if len(loose) == len(found) or any(PROBLEMS in heading.kinds for heading in loose):
        return found
    return [heading for heading in found if heading.rank != UNMARKED or again[heading.title] < 2]


def _outermost(rows: list[Row]) -> int:
    return min((row.marker.rank for row in rows if row.marker and row.marker.rank < LOOSE), default=UNMARKED)


def _spoken(text: Text, row: Row, index: int) -> Heading | None:
    """我还存在以下问题：第一，… in a speech without headings."""
    if row.marker is not None or row.line.cells:
        return None
    for kind, pattern in _SPOKEN.items():
        found = pattern.match(text.text, row.start, row.end)
        if found:
            title = headings.reduce(found.group())[:LONGEST]
            return Heading(index, row, (kind,), title, found.end(), UNMARKED, True)
    return None


def _leads(text: Text, rows: list[Row], found: list[Heading], main: int) -> list[Heading]:
    """Causes and directions that only a sentence announces: 产生上述问题的原因，主要有以下几点："""
    out = []
    first = next((heading.index for heading in found if PROBLEMS in heading.kinds), len(rows))
    for kind, pattern in _LEAD_LINES.items():
        if any(kind in heading.kinds for heading in found):
            continue
        for index in range(first + 1, len(rows) - 1):
            row, following = rows[index], rows[index + 1].marker
            line = text.text[row.start : row.end] if row.end - row.start <= 2 * LONGEST else ""
            if row.marker is None and following and following.number == 1 and pattern.search(line):
                out.append(Heading(index, row, (kind,), headings.reduce(line), row.end, main, False))
                first = index
                break
    return out


def _main_rank(found: list[Heading]) -> int:
    """The rank on which this report's sections stand: where problems are named, beside most other kinds."""
    kinds: dict[int, set[tuple[str, ...]]] = {}
    for heading in found:
        if heading.kinds[0] in ORDER:
            kinds.setdefault(heading.rank, set()).add(heading.kinds)
    # One heading that names all three kinds tells less apart than three headings under it.
    ranked = [(any(PROBLEMS in one for one in names), len(names), -rank) for rank, names in kinds.items()]
    return -max(ranked)[2] if ranked else min((heading.rank for heading in found), default=UNMARKED)


def _labels(rows: list[Row], found: list[Heading], main: int) -> set[int]:
    """Headings that are labels inside problems (原因：, 整改措施：), not sections: those that come again and
    again within one section, and those deeper than its items."""
    labels: set[int] = set()
    bounds = [heading.index for heading in found if heading.rank == main] + [len(rows)]
    if main == UNMARKED:
        counts = Counter(heading.kinds for heading in found if heading.rank == main)
        again = {kinds for kinds, count in counts.items() if count > max(1, counts[PROBLEMS,])}
        labels = {heading.index for heading in found if heading.rank == main and heading.kinds in again}
    previous = 0
    for bound in bounds:
        begin, end = (bisect_left(found, at, key=lambda one: one.index) for at in (previous, bound))
        within = [one for one in found[begin:end] if one.rank != main]
        repeated = Counter((heading.kinds, heading.rank) for heading in within)
        outermost = min((row.marker.rank for row in rows[previous + 1 : bound] if row.marker), default=99)
        for heading in within:
            again_here = repeated[heading.kinds, heading.rank] > 1 and heading.kinds != (LEFT_OUT,)
            if heading.rank == UNMARKED:
                label = again_here or heading.inline
            else:
                label = again_here or heading.rank > outermost
            if label:
                labels.add(heading.index)
        previous = bound
    return labels


def _choose(text: Text, rows: list[Row], found: list[Heading], main: int) -> list[tuple[Heading, Row | None]]:
    """The headings that open sections, each with the aspect heading it stands under."""
    begins = min((heading.index for heading in found if heading.rank == main), default=0)
    # A title above the first section is no section, whatever it says: 查摆问题清单 above 一、存在的问题.
    by_index = {
        heading.index: heading for heading in found if heading.rank != UNMARKED or heading.index >= begins
    }
    walk = _Walk(main, _next_of_kind(rows))
    for index, row in enumerate(rows):
        heading, marker = by_index.get(index), row.marker
        if marker:
            walk.resume(index, row, marker, heading)
        if heading and walk.opens(heading):
            walk.open(heading)
            continue
        if marker is None or marker.kind in ("shi", "bullet", "other"):
            continue
        around = marker.rank < main or (main == UNMARKED and index + 1 in by_index)
        if around and _is_context(text, row):
            walk.surround(row, _unknown(text, row, index))
        elif marker.rank <= main and walk.ends(row):
            walk.replace(_unknown(text, row, index))
    return walk.chosen


@dataclass
class _Walk:
    """Sections as the rows pass by. `stack` holds the open one, under an inner left-out part that interrupts
    it; `context` is the aspect heading around them."""

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

    def surround(self, row: Row, unknown: Heading) -> None:
        """一、政治建设方面 around （一）存在问题 …"""
        self.context = row
        if self.stack:
            self.replace(replace(unknown, kinds=("context",)))

    def replace(self, heading: Heading) -> None:
        self.stack[-1:] = [heading]
        self.chosen.append((heading, None))

    def ends(self, row: Row) -> bool:
        """A heading of the sections' own rank that no known word explains ends the section before it."""
        now = self.now
        if row.marker is None or row.end - row.body > LONGEST:
            return False
        if now is None:
            return not row.marker.kind.startswith("h")
        opener = now.row.marker
        if opener is None or row.marker.rank < opener.rank:
            return row.marker.rank < now.rank
        if opener.kind != row.marker.kind:
            return False
        # Items that are numbered in the sections' own manner start again at one.
        first = self.next_of_kind[now.index]
        restarts = first and first.number and opener.number and first.number <= opener.number
        return not restarts


def _next_of_kind(rows: list[Row]) -> list[Marker | None]:
    """For each row, the next number of its kind."""
    latest: dict[str, Marker] = {}
    out: list[Marker | None] = []
    for row in reversed(rows):
        out.append(latest.get(row.marker.kind) if row.marker else None)
        if row.marker:
            latest[row.marker.kind] = row.marker
    return out[::-1]


def _is_context(text: Text, row: Row) -> bool:
    return row.end - row.body <= LONGEST * 2 and bool(
        _ASPECT.fullmatch(text.text[row.body : text.stop(row.body, row.end)])
    )


def _opens(heading: Heading, now: Heading | None, main: int) -> bool:
    if heading.rank > main and (not heading.strict or heading.rank >= LOOSE or heading.is_sentence):
        return False
    if heading.rank <= main:
        return True
    if now is None or now.kinds[0] in (OTHER, "context"):
        return heading.kinds[0] != LEFT_OUT
    if now.kinds[0] == LEFT_OUT:
        return False
    if heading.kinds == (LEFT_OUT,):
        return True
    if len(now.kinds) > 1 or (heading.kinds == now.kinds and heading.strict and not heading.inline):
        return True
    latest = ORDER.get(now.kinds[-1], -1)
    return ORDER.get(heading.kinds[0], -1) > latest and not (heading.inline and heading.rank != UNMARKED)


def _unknown(text: Text, row: Row, index: int) -> Heading:
    stop = text.stop(row.body, row.end)
    rank = row.marker.rank if row.marker else UNMARKED
    return Heading(
        index, row, (OTHER,), text.text[row.body : stop][:LONGEST], min(stop + 1, row.end), rank, False
    )


def _with_keys(sections: list[Section]) -> list[Section]:
    """A key that names a left-out section from one parse to the next."""
    out = []
    seen: Counter[str] = Counter()
    for section in sections:
        kind = section.kinds[0]
        seen[kind] += 1
        out.append(replace(section, key=f"{kind}-{seen[kind]}"))
    return [section for section in out if section.kinds != ("context",)]
