"""Two items of one list change places, and their numbers stay in order: a mutation that means nothing."""

from __future__ import annotations

import random
import re
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any

_CN = "一二三四五六七八九十"
_KINDS = {
    "part": rf"[{_CN}]、",
    "bracket": rf"[（(][{_CN}][）)]",
    "digit": r"\d{1,2}[.、．](?!\d)",
    "digit_bracket": r"[（(]\d{1,2}[）)]",
    "is": rf"[{_CN}]是",
    "circle": r"[①-⑳]",
}
_OPENS = re.compile("|".join(f"(?P<{kind}>{sign})" for kind, sign in _KINDS.items()))
_NUMBER = re.compile(rf"\d+|[{_CN}①-⑳]")
# What names a section and no item: sections stay where they are.
_SECTION = re.compile(
    r"问题|原因|根源|剖析|措施|方向|打算|情况|不足|差距|做法|要求|保障|成效|目标|任务|清单|症结|案例|安排|思路"
)
_WITHIN = re.compile(
    rf"(?P<first>[{_CN}]是)(?P<a>[^；。\n]+)(?P<stop>[；。])(?P<second>[{_CN}]是)(?P<b>[^；。\n]+)(?=[；。])"
)
_CLOSING = "。；;"


@dataclass
class _Item:
    """Lines `begin` to `end` under one number."""

    kind: str
    number: int
    begin: int
    end: int = 0
    inner: list[_Item] = field(default_factory=list)


def swapped(text: str, rnd: random.Random) -> str:
    """The text with two neighbours of one list in each other's place; the same text where there are none."""
    lines = text.split("\n")
    pairs = [pair for pair in _neighbours(_tree(lines)) if _are_free(lines, *pair)]
    within = [
        match for match in _WITHIN.finditer(text) if _value(match["second"]) == _value(match["first"]) + 1
    ]
    if within and (not pairs or rnd.random() < 0.3):
        return _swapped_within(text, rnd.choice(within))
    if not pairs:
        return text
    first, second = rnd.choice(pairs)
    one, other = lines[first.begin : first.end], lines[second.begin : second.end]
    one[0], other[0] = _with_number_of(one[0], other[0]), _with_number_of(other[0], one[0])
    one[-1], other[-1] = _closed_like(one[-1], other[-1]), _closed_like(other[-1], one[-1])
    return "\n".join([*lines[: first.begin], *other, *one, *lines[second.end :]])


def _swapped_within(text: str, pair: re.Match[str]) -> str:
    """一是甲；二是乙 in one line."""
    parts = (pair["first"], pair["b"], pair["stop"], pair["second"], pair["a"])
    return text[: pair.start()] + "".join(parts) + text[pair.end() :]


def unordered(outline: dict[str, Any]) -> dict[str, Any]:
    """An outline in which neither the order nor the number of an aspect says anything."""
    aspects = dict(enumerate(outline["aspects"], start=1))
    problems = sorted((row["title"], aspects.get(row["aspect"], "")) for row in outline["problems"])
    return {name: sorted(rows) for name, rows in outline.items() if name != "problems"} | {
        "problems": problems
    }


def _tree(lines: list[str]) -> list[_Item]:
    """The items of a text by their signs: a sign that was open goes on, a new one is inside."""
    top: list[_Item] = []
    path: list[_Item] = []
    for index, line in enumerate(lines):
        opened = _OPENS.match(line.strip())
        if not opened:
            continue
        item = _Item(str(opened.lastgroup), _value(opened.group()), index)
        while any(outer.kind == item.kind for outer in path):
            path.pop().end = index
        (path[-1].inner if path else top).append(item)
        path.append(item)
    for item in path:
        item.end = len(lines)
    return top


def _value(sign: str) -> int:
    number = _NUMBER.search(sign)
    token = number.group() if number else "0"
    if token.isdecimal():
        return int(token)
    return _CN.index(token) + 1 if token in _CN else ord(token) - ord("①") + 1


def _neighbours(items: list[_Item]) -> list[tuple[_Item, _Item]]:
    pairs = list(pairwise(items))
    pairs = [
        (one, other) for one, other in pairs if one.kind == other.kind and other.number == one.number + 1
    ]
    return pairs + [pair for item in items for pair in _neighbours(item.inner)]


def _are_free(lines: list[str], first: _Item, second: _Item) -> bool:
    """Neither is a section, and nothing stands in them that belongs to what follows or counts on."""
    for item in (first, second):
        title = re.split(r"[。：:；]", lines[item.begin].strip())[0]
        if _SECTION.search(title) and not title.endswith("方面"):
            return False
        if any(inner.number != place for place, inner in enumerate(item.inner, start=1)):
            return False
        if any(not _belongs(line) for line in lines[item.begin + 1 : item.end]):
            return False
    # 责任人：… behind the last of two measures is the problem's; what comes again is a contents list.
    alike = _is_labelled(lines, first) == _is_labelled(lines, second)
    return second.end < len(lines) and alike and lines.count(lines[first.begin]) == 1


def _is_labelled(lines: list[str], item: _Item) -> bool:
    return any(not _OPENS.match(line.strip()) for line in lines[item.begin + 1 : item.end])


def _belongs(line: str) -> bool:
    """A line that is surely part of the item above it: numbered, labelled or a sentence."""
    line = line.strip()
    labelled = re.match(r"(?:整改|责任|完成|具体|牵头)[^：:]{0,4}[：:]", line)
    return bool(_OPENS.match(line) or labelled)


def _with_number_of(line: str, other: str) -> str:
    sign = _OPENS.match(other.strip())
    return re.sub(_OPENS, sign.group() if sign else "", line, count=1)


def _closed_like(line: str, other: str) -> str:
    sign = other[-1:] if other[-1:] in _CLOSING else ""
    return line.rstrip(_CLOSING) + sign if sign and line[-1:] in _CLOSING else line
