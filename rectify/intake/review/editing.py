"""What a person does to an outline: rename, merge, split, move, turn, drop, fill, decide, include."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable
from dataclasses import replace

from rectify.choices import Basis, LinkStatus
from rectify.errors import Incomplete
from rectify.intake.review.assignment import Assignment
from rectify.intake.review.edited import (
    KINDS,
    PROBLEM,
    EditedAspect,
    EditedLink,
    EditedOutline,
    Item,
    Part,
    Section,
    in_order,
)

TITLE_MAX = 200
ASPECT_MAX = 500
SENTENCE = re.compile(r"[^。！？；\n]+[。！？；]*\n*|[。！？；]+\n*|\n+")


def rename(outline: EditedOutline, key: str, *, title: str, text: str, manifestations: list[str]) -> Item:
    """Change an item's title, text and manifestations; a manifestation left as it was keeps its place."""
    item = outline.item(key)
    _need(title, TITLE_MAX, "名称")
    item.title, item.text = title.strip(), text.strip()
    places = {part.text: part for part in item.manifestations}
    wanted = [line.strip() for line in manifestations if line.strip()]
    item.manifestations = [places.get(line) or Part(line) for line in wanted]
    return item


def assign(
    outline: EditedOutline,
    key: str,
    *,
    leaders: list[str],
    units: list[str],
    words: str,
    day: dt.date | None,
    shown: dt.date | None,
    is_begun_anew: bool = False,
) -> None:
    """Change who answers for a problem and by when; `shown` is the day that stood there before.

    Another day is the person's own; else new words are read anew.
    """
    item = outline.item(key)
    own = item.assignment.day if words.strip() == item.assignment.words else None
    if day != shown:
        own = day.isoformat() if day else ""
    before = item.assignment
    is_typed = before.is_typed or (
        bool({*leaders, *units, words.strip()} - {*before.leaders, *before.units, before.words, ""})
    )
    item.assignment = Assignment(leaders, units, words.strip(), own, is_begun_anew, is_typed)


def rename_aspect(outline: EditedOutline, key: str, *, title: str) -> None:
    _need(title, ASPECT_MAX, "查摆方面")
    outline.aspect(key).title = title.strip()


def add_aspect(outline: EditedOutline, *, title: str) -> EditedAspect:
    _need(title, ASPECT_MAX, "查摆方面")
    aspect = EditedAspect(outline.new_key("aspect"), title.strip())
    outline.aspects.append(aspect)
    return aspect


def drop_aspect(outline: EditedOutline, key: str) -> None:
    """The heading goes; its problems stay, in no aspect."""
    outline.aspect(key).dropped = True
    for item in outline.items:
        if item.aspect == key:
            item.aspect = None


def move(outline: EditedOutline, key: str, *, aspect: str) -> None:
    """Put a problem under another aspect; no aspect is one of the choices."""
    if aspect and outline.aspect(aspect).dropped:
        raise Incomplete("这个查摆方面已经删去，请另选一个。")
    outline.item(key).aspect = aspect or None


def turn(outline: EditedOutline, key: str, *, kind: str) -> None:
    """Make a problem a cause or a direction, or the other way round; its text and place stay."""
    if kind not in KINDS:
        raise Incomplete("请选择问题、根源或努力方向。")
    outline.item(key).kind = kind


def add(outline: EditedOutline, *, kind: str, title: str, text: str = "", aspect: str = "") -> Item:
    """An item that the parser did not see."""
    _need(title, TITLE_MAX, "名称")
    item = Item(outline.new_key(kind), PROBLEM, title.strip(), text.strip())
    outline.items.append(item)
    turn(outline, item.key, kind=kind)
    move(outline, item.key, aspect=aspect)
    return item


def drop(outline: EditedOutline, key: str) -> None:
    outline.item(key).dropped = True


def restore(outline: EditedOutline, key: str) -> None:
    outline.item(key).dropped = False


def merge(outline: EditedOutline, key: str) -> Item:
    """Join an item with the next of its kind; ties of both remain, each once."""
    item, rest = outline.item(key), outline.kept()
    following = [one for one in rest[rest.index(item) + 1 :] if one.kind == item.kind] if item in rest else []
    if not following:
        raise Incomplete(f"这是最后一条{KINDS[item.kind]}，后面没有可以合并的。")
    other = following[0]
    added = other.text if other.text.startswith(other.title) else f"{other.title}。{other.text}"
    item.text = f"{item.text}\n{added}".strip()
    item.manifestations += other.manifestations
    item.measures += other.measures
    item.assignment = item.assignment.joined(other.assignment)
    if other.end:
        item.start = min(item.start, other.start) if item.end else other.start
        item.end = max(item.end, other.end)
    for link in outline.links:
        link.problem = item.key if link.problem == other.key else link.problem
        link.other = item.key if link.other == other.key else link.other
    outline.links = _each_once(outline.links)
    outline.items.remove(other)
    return item


def sentences(text: str) -> list[str]:
    """The sentences of a text; joined they are the text again."""
    return SENTENCE.findall(text)


def split(outline: EditedOutline, key: str, *, at: int, source: str) -> Item:
    """Make two of one: from sentence `at` on (counted from 0) the text becomes an item of its own."""
    item = outline.item(key)
    parts = sentences(item.text)
    if not 0 < at < len(parts):
        raise Incomplete("请选择从哪一句起分成新的一条。")
    moved = "".join(parts[at:]).strip()
    new = replace(item, key=outline.new_key(item.kind), title=title_of(moved), text=moved)
    new.assignment = item.assignment.copy()
    new.manifestations, new.measures = [], []
    item.text = "".join(parts[:at]).strip()
    begin = source.find(parts[at].strip(), item.start, item.end) if item.end else -1
    if begin > item.start:
        new.start, item.end = begin, begin
        new.manifestations = [part for part in item.manifestations if part.start >= begin]
        item.manifestations = [part for part in item.manifestations if part.start < begin]
    else:
        new.start = new.end = 0
    outline.items.insert(outline.items.index(item) + 1, new)
    return new


def title_of(text: str) -> str:
    """The title a sentence gives: to its first stop, and no longer than a line."""
    first = re.split(r"[。：；！？\n]", text.strip(), maxsplit=1)[0].strip()
    if len(first) > 30:
        first = re.split(r"[，,]", first, maxsplit=1)[0]
    return first[:TITLE_MAX] or "（未命名）"


def decide(outline: EditedOutline, problem: str, other: str, *, confirm: bool) -> None:
    """Confirm or reject a tie that the parser proposes."""
    for link in outline.links:
        if (link.problem, link.other) == (problem, other):
            link.status = str(LinkStatus.CONFIRMED if confirm else LinkStatus.REJECTED)
            return
    raise Incomplete("这处对应已不在草稿里，请重新打开本页再改。草稿没有丢失。")


def tie(outline: EditedOutline, problem: str, other: str) -> None:
    """A tie that a person adds; who has read both counts it as given by the content."""
    if outline.item(problem).kind != PROBLEM or outline.item(other).kind == PROBLEM:
        raise Incomplete("请选择一个根源或努力方向。")
    known = [link for link in outline.links if (link.problem, link.other) == (problem, other)]
    if known:
        known[0].status = str(LinkStatus.CONFIRMED)
        return
    outline.links.append(EditedLink(problem, other, str(Basis.CONTENT), str(LinkStatus.CONFIRMED)))


def fill(outline: EditedOutline, values: dict[int, str]) -> int:
    """Set what placeholders stand for, by their position; returns how many are filled now."""
    for position, value in values.items():
        if 0 <= position < len(outline.gaps):
            outline.gaps[position].value = value.strip()[:100]
    return sum(bool(gap.value) for gap in outline.gaps)


def include(outline: EditedOutline, key: str, read: Callable[[Section, str], EditedOutline]) -> int:
    """Take a left-out section in; what was edited elsewhere stays. Returns how many items came.

    `read` gives its pieces, their keys beginning with what it is told.
    """
    section = next((one for one in outline.sections if one.key == key), None)
    if section is None:
        raise Incomplete("这一部分已不在草稿里，请重新打开本页再改。草稿没有丢失。")
    before = len(outline.items)
    if not section.included:
        # Keys stand in addresses: the position of the section, whatever its own key looks like.
        pieces = read(section, f"x{outline.sections.index(section) + 1}-")
        outline.aspects += pieces.aspects
        outline.items += pieces.items
        outline.links += pieces.links
        in_order(outline)
        section.included = True
    return len(outline.items) - before


def leave_out(outline: EditedOutline, key: str) -> None:
    """Leave a section out again, with what was made of it."""
    for section in outline.sections:
        if section.key == key:
            section.included = False
    outline.aspects = [aspect for aspect in outline.aspects if aspect.section != key]
    outline.items = [item for item in outline.items if item.section != key]
    held = {aspect.key for aspect in outline.aspects}
    for item in outline.items:
        if item.aspect not in held:
            item.aspect = None
    in_order(outline)


def _each_once(links: list[EditedLink]) -> list[EditedLink]:
    """Of two ties between the same two, the surer one."""
    rank = {LinkStatus.CONFIRMED: 0, LinkStatus.PENDING: 1, LinkStatus.REJECTED: 2}
    best: dict[tuple[str, str], EditedLink] = {}
    for link in sorted(links, key=lambda link: rank[LinkStatus(link.status)]):
        best.setdefault((link.problem, link.other), link)
    return list(best.values())


def _need(title: str, longest: int, what: str) -> None:
    if not title.strip():
        raise Incomplete(f"请填写{what}，其余内容没有丢失。", field="title")
    if len(title.strip()) > longest:
        raise Incomplete(
            f"{what}最多 {longest} 个字，现在 {len(title.strip())} 个字，请精简。", field="title"
        )
