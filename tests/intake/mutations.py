"""What a person does to a report without meaning anything by it: other numerals, spaces, lines, signs."""

from __future__ import annotations

import random
import re
from collections.abc import Callable, Iterator
from typing import Any

from .swapping import swapped, unordered

Change = Callable[[str, random.Random], str]
_IS_TABLE = re.compile(r"\t|^\|", re.MULTILINE)
# A long line that ends within a sentence, and what begins like the rest of it.
_WRAPPED = re.compile(r"^ *[^\n]{18,}[一-鿿，]\n(?= *[^\s（一二三四五六七八九\d：:]{5})", re.MULTILINE)
FULL = str.maketrans("0123456789().", "０１２３４５６７８９（）．")
REWORDED = {
    "存在的主要问题": "查摆出的突出问题",
    "存在的问题": "存在的突出问题",
    "存在问题": "存在的问题",
    "原因分析": "原因剖析",
    "原因剖析": "产生问题的原因",
    "整改措施": "下一步整改措施",
    "努力方向": "今后的努力方向",
}


def spaces(text: str, rnd: random.Random) -> str:
    """Blanks before lines and behind their numbers."""
    lines = [rnd.choice(("", "  ", "　　")) + line for line in text.split("\n")]
    return re.sub(r"^(\s*\d[.、])", r"\1 ", "\n".join(lines), flags=re.MULTILINE)


def blank_lines(text: str, rnd: random.Random) -> str:
    return "\n".join(line + "\n" * rnd.randint(0, 1) for line in text.split("\n"))


def wrapped(text: str, rnd: random.Random) -> str:
    """Every long line broken at one width, as pasted out of a mail or a terminal; no line of a table."""
    width = rnd.choice((26, 30, 38))
    cut = rnd.choice((_at_signs, _at_columns))
    if _IS_TABLE.search(text) or len(_WRAPPED.findall(text)) > 2:
        return text
    return "\n".join(part for line in text.split("\n") for part in cut(line, width))


def _at_signs(line: str, width: int) -> list[str]:
    return [line[at : at + width] for at in range(0, max(1, len(line)), width)]


def _at_columns(line: str, width: int) -> list[str]:
    """A Chinese sign takes two columns, and no line begins with a sign that closes."""
    parts = [""]
    wide = 0
    for char in line:
        columns = 1 if char < "\u2000" else 2
        if wide + columns > 2 * width and char not in "，。；：、）”！？":
            parts.append("")
            wide = 0
        parts[-1] += char
        wide += columns
    return parts


def full_width(text: str, rnd: random.Random) -> str:
    """The numbers that lines open with, typed in full width."""
    return re.sub(r"^\s*[\d(（]\d*[.)）]", lambda m: m.group().translate(FULL), text, flags=re.MULTILINE)


def other_numerals(text: str, rnd: random.Random) -> str:
    """1. as 1、 or (1) as （1）: what another writer prefers."""
    sign = rnd.choice(("、", "．"))
    return re.sub(r"^(\d{1,2})[.、](?!\d)", rf"\1{sign}", text, flags=re.MULTILINE)


def line_ends(text: str, rnd: random.Random) -> str:
    return text.replace("\n", rnd.choice(("\r\n", "\r")))


def reworded(text: str, rnd: random.Random) -> str:
    """A heading in other words of the same meaning."""
    known = [
        words for words in REWORDED if re.search(rf"^[（(]?[一二三四五][）)、].*{words}$", text, re.MULTILINE)
    ]
    if not known:
        return text
    words = rnd.choice(known)
    return re.sub(rf"^(.*){words}$", rf"\1{REWORDED[words]}", text, count=1, flags=re.MULTILINE)


CHANGES: tuple[Change, ...] = (
    *(spaces, blank_lines, wrapped, swapped, full_width, other_numerals, line_ends, reworded),
)


def of(text: str, seeds: int) -> Iterator[tuple[str, str]]:
    """Mutants by the name of what was done; what changes nothing is none."""
    for seed in range(seeds):
        change = CHANGES[seed % len(CHANGES)]
        changed = change(text, random.Random(seed))
        if changed != text:
            yield change.__name__, changed


def same(name: str, before: dict[str, Any], after: dict[str, Any]) -> bool:
    """Whether the outline stayed as it was; where items changed places, but for their order."""
    if name == swapped.__name__:
        before, after = unordered(before), unordered(after)
    return plain(before) == plain(after)


def plain(outline: dict[str, Any]) -> str:
    """An outline without what typing changes: blanks and the width of signs."""
    return re.sub(r"\s+", "", str(outline)).translate(FULL)
