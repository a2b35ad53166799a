"""Items of a stretch of text: which kind of number names them, and where each begins."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, replace

from rectify.intake.parser import labels, markers
from rectify.intake.parser.markers import Marker
from rectify.intake.parser.rows import Row, Text
from rectify.intake.parser.titles import LONG_TITLE, is_title

_CUE = re.compile(r"(?:表现|体现|原因|如下|包括|例如|比如|就是|在于|其中|分别|方面)[^。；;]{0,8}$")
# 从客观上看，一是 … 客观原因：一是 … after a full stop: the count starts again, and no item is spoken of.
_AGAIN = re.compile(
    r"(?:^|[。；;！!\n])(?:另外|此外|同时)?[，,]?(?:从)?(?:主观|客观|内因|外因|内部|外部|自身|思想|作风|能力|制度|机制|环境|历史|现实|外在|内在)"
    r"[^。；;，,：:]{0,8}(?:看|讲|说|上|方面|层面|角度|因素|原因)[，,：:]?$"
)
_SEPARATE = "。；;！？!?\n"
_ARABIC = ("num", "nump", "circ", "cnp")
_NUMBERED = ("cn", "cnp", "num", "dec2", "dec3", "nump", "circ", "shi", "prob", "ord")

Warn = Callable[[int, str], None]


@dataclass(frozen=True)
class Item:
    """`start` where its number stands, `body` where its words begin, `end` where the next item begins."""

    number: int | None
    start: int
    body: int
    end: int


def find(text: Text, rows: list[Row], warn: Warn, what: str) -> list[Item]:
    """The items of these rows, by their outermost number."""
    if not rows:
        return []
    if what == "问题":
        rows = _without_labels(text, rows)
    kind = _kind(text, rows)
    if not kind:
        return []
    cuts = _cuts(text, rows, kind, again=what == "原因")
    if len(cuts) == 1 and kind in ("ord", "yao") and cuts[0].number != 1:
        return []
    _check_numbers(text, cuts, warn, what)
    if not cuts:
        return []
    ends = [cut.at for cut in cuts[1:]] + [rows[-1].end]
    return [Item(cut.number, cut.at, cut.after, end) for cut, end in zip(cuts, ends, strict=True)]


def _without_labels(text: Text, rows: list[Row]) -> list[Row]:
    """—— 整改措施：… beside —— 存在问题：… is no item: its number says nothing."""
    numbered = [(row, row.marker.kind if row.marker else "") for row in rows]
    said = [
        labels.kind_of(text.text[row.body : row.body + LONG_TITLE]) if kind else "" for row, kind in numbered
    ]
    kinds = {kind for (_, kind), label in zip(numbered, said, strict=True) if label == "problem"}
    return [
        replace(row, marker=None) if kind in kinds and label not in ("", "problem") else row
        for (row, kind), label in zip(numbered, said, strict=True)
    ]


def below_headings(text: Text, rows: list[Row], listed: list[Item]) -> list[Item]:
    """What stands under the items where each is a mere heading, alone on its line over other numbers."""
    starts = [row.start for row in rows]
    out: list[Item] = []
    for item in listed:
        first = bisect_left(starts, item.start)
        within = rows[first : bisect_left(starts, item.end)]
        if len(within) < 2 or not is_title(text, within[0]) or within[1].marker is None:
            return listed
        inner = find(text, within[1:], lambda line, message: None, "")
        if not inner or inner[0].start != within[1].start:
            return listed
        out += inner
    return out


def _kind(text: Text, rows: list[Row]) -> str:
    """The kind that names the items: the first at a line's start, unless a higher one comes in numbers."""
    opening = [row.marker for row in rows if row.marker and row.marker.kind not in ("bullet", "yao")]
    counts = Counter(row.marker.kind for row in rows if row.marker)
    if not opening and counts["bullet"] and rows[0].marker:
        return "bullet"  # whatever is counted within them or below
    if kind := _opening_kind(opening) or _inline_kind(text, rows):
        return kind
    if opening:
        return opening[0].kind
    return next((kind for kind in ("yao", "bullet") if counts[kind] > 1), "")


def _opening_kind(opening: list[Marker]) -> str:
    """The kind at the lines' starts; a single 首先 names none."""
    if not opening:
        return ""
    first = opening[0]
    counts = Counter(marker.kind for marker in opening)
    if first.rank < markers.LOOSE:
        outer = min(opening, key=lambda marker: marker.rank)
        if outer.rank < first.rank and counts[outer.kind] > 1:
            return outer.kind
    return first.kind if first.kind != "ord" or counts["ord"] > 1 else ""


def _inline_kind(text: Text, rows: list[Row]) -> str:
    """The kind whose count begins first within the lines."""
    begins = {kind: count[0].at for kind in markers.INLINE if (count := _count_within(text, rows, kind))}
    return min(begins, key=lambda kind: begins[kind], default="")


def _count_within(text: Text, rows: list[Row], kind: str) -> list[Marker]:
    """The markers of the kind within the lines, when they count something: from one, and on to two."""
    found = [marker for row in rows for marker in markers.inside(text.text, kind, row.start, row.end)]
    if not found or found[0].number != 1:
        return []
    if len(found) == 1:
        before = text.text[max(0, found[0].at - 1) : found[0].at]
        return found if kind == "shi" and before in _SEPARATE + "：:" else []
    numbers = [marker.number for marker in found]
    return found if kind in ("shi", "prob") or numbers[1] is None or 2 in numbers else []


def _cuts(text: Text, rows: list[Row], kind: str, *, again: bool) -> list[Marker]:
    """Where items begin: at line starts, and within lines where the count goes on."""
    leading = [row for row in rows if row.marker and row.marker.kind == kind]
    first = leading[0].marker if leading else None
    cuts: list[Marker] = []
    foreign: dict[str, int] = {}
    for row in rows:
        marker = row.marker
        if marker and (marker.kind == kind or _carries_on(text, marker, cuts, foreign, kind)):
            cuts.append(marker)
            foreign = {}
        elif marker and marker.number:
            foreign[marker.kind] = marker.number
        if not cuts and first is not None and not _leads_to(text, row, kind, first, again):
            continue
        _cut_within(text, row, kind, cuts, again)
    return cuts


def _carries_on(text: Text, marker: Marker, cuts: list[Marker], foreign: dict[str, int], kind: str) -> bool:
    """（3） after 1. and 2.: another sign, but the count goes on."""
    if not cuts or marker.kind not in _NUMBERED or kind not in _NUMBERED or not marker.number:
        return False
    last = cuts[-1].number
    if last is None or marker.number != last + 1 or foreign.get(marker.kind) == marker.number - 1:
        return False
    # 二是 behind 1. goes on only where no 一是 stands within the first item.
    within = markers.inside(text.text, marker.kind, cuts[-1].after, marker.at)
    return len(cuts) > 1 or not any(one.number == 1 for one in within)


def _leads_to(text: Text, row: Row, kind: str, first: Marker, again: bool) -> bool:
    """A lead sentence holds items only if the first item at a line start goes on counting from them, or its
    last words say that the count begins `again`: 主观原因：一是…；二是…。客观原因："""
    numbers = [marker.number for marker in markers.inside(text.text, kind, row.start, row.end)]
    if not numbers or numbers[0] != 1 or first.number is None:
        return False
    anew = again and first.number == 1 and bool(_AGAIN.search(text.text[row.end - 24 : row.end]))
    return anew or numbers[-1] == first.number - 1


@dataclass(frozen=True)
class _Spot:
    """A number within a line: what stands before it, and the number of the item before it."""

    number: int | None
    last: int | None
    before: str
    sign: str

    @classmethod
    def of(cls, text: Text, row: Row, marker: Marker, cuts: list[Marker]) -> _Spot:
        before = text.text[max(row.start, marker.at - 24) : marker.at].rstrip(" “（(")
        begins_paragraph = row.line.cells and text.text[marker.at - 1] == " "
        sign = "\n" if begins_paragraph else before[-1:] or "\n"
        return cls(marker.number, cuts[-1].number if cuts else None, before, sign)

    @property
    def goes_on(self) -> bool:
        return self.last is not None and self.number == self.last + 1

    @property
    def restarts(self) -> bool:
        return self.last is not None and self.number == 1

    @property
    def follows_stop(self) -> bool:
        return self.sign in _SEPARATE

    @property
    def begins_another_count(self) -> bool:
        return self.restarts and bool(_AGAIN.search(self.before))

    @property
    def begins_points(self) -> bool:
        """The first sub-point of the item: 表现在：一是 …"""
        led_in = self.sign in "：:，,、" or _CUE.search(self.before.rstrip("：:，,"))
        return self.restarts and bool(led_in)

    @property
    def is_in_passing(self) -> bool:
        """Behind a comma, and not the next in order."""
        return self.sign in "，,、" and self.last is not None and not self.goes_on

    @property
    def counts_in_arabic(self) -> bool:
        """Arabic numbers stand in plain text too: only the next in order, after a stop, counts."""
        is_next = self.goes_on or (self.last is None and self.number == 1)
        return is_next and self.sign in _SEPARATE + "：:)）"


def _cut_within(text: Text, row: Row, kind: str, cuts: list[Marker], again: bool) -> None:
    """一是…；二是… in one line are items; 表现在：一是…，二是… inside one are its sub-points.

    `again`: the count may begin anew for another sort of them."""
    point = 0  # the sub-point passed last
    for marker in markers.inside(text.text, kind, row.body, row.end):
        if cuts and marker.at <= cuts[-1].at:
            continue
        spot = _Spot.of(text, row, marker, cuts)
        if kind in _ARABIC and not spot.counts_in_arabic:
            continue
        if point:
            if spot.number in (point + 1, 1):
                point = spot.number
                continue
            if not (spot.goes_on and spot.follows_stop):
                continue
            point = 0
        if again and spot.begins_another_count:
            cuts.append(marker)
        elif spot.begins_points:
            point = 1
        elif not spot.is_in_passing:
            cuts.append(marker)


def _check_numbers(text: Text, cuts: list[Marker], warn: Warn, what: str) -> None:
    last: Marker | None = None
    for cut in cuts:
        if cut.number is None:
            continue
        line = text.line_at(cut.at).number
        if last is not None and cut.kind != last.kind:
            warn(line, f"{what}的编号写法与前面的不同，按接着数处理，请核对")
        if last is None or last.number is None:
            pass
        elif cut.number == last.number:
            warn(line, f"{what}的编号 {cut.number} 重复，按顺序都保留，请核对")
        elif cut.number > last.number + 1:
            warn(line, f"{what}的编号从 {last.number} 跳到 {cut.number}，中间可能缺了几条，请核对")
        elif cut.number < last.number:
            warn(line, f"{what}的编号从 {last.number} 回到 {cut.number}，按出现的顺序保留，请核对")
        last = cut
