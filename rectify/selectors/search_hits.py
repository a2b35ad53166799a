"""Where the words of a search stand: marked in a text, and the first other row of an item that holds one."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import reduce
from operator import or_

from django.db.models import Q

from rectify.models import SearchText
from rectify.models.search_text import BETWEEN, KINDS, fold

AROUND = 24  # characters shown on either side of a hit
LABELS = {
    "problem": "问题内容",
    "measure": "整改措施",
    "progressnote": "进展",
    "evidence": "佐证材料",
    "manifestation": "具体表现",
}
Parts = list[tuple[str, bool]]


@dataclass(frozen=True)
class Hit:
    """A piece of a text around a word: its parts, and whether each is the word."""

    label: str
    parts: Parts


def parts_of(text: str, words: Sequence[str]) -> Parts:
    """A text cut where the words begin and end."""
    letters = [(letter, place) for place, each in enumerate(text) for letter in fold(each) or " "]
    plain = "".join(letter for letter, _ in letters)
    marked = [False] * len(text)
    for word in words:
        for start in _places(plain, word):
            for _, place in letters[start : start + len(word)]:
                marked[place] = True
    parts: Parts = []
    for letter, is_hit in zip(text, marked, strict=True):
        if parts and parts[-1][1] == is_hit:
            parts[-1] = (parts[-1][0] + letter, is_hit)
        else:
            parts.append((letter, is_hit))
    return parts


def hits_of(ids: Sequence[int], words: Sequence[str], shown: dict[int, str]) -> dict[int, Hit]:
    """For each of these items a piece of the first row with a word that what is shown of it does not hold."""
    if not words or not ids:
        return {}
    holding = reduce(or_, (Q(text__contains=word) for word in words))
    rows = SearchText.objects.filter(holding, problem__in=ids).order_by("pk")
    hits: dict[int, Hit] = {}
    for row in sorted(rows, key=lambda row: KINDS.index(row.kind)):
        item = int(row.problem_id or 0)
        missing = [word for word in words if word not in fold(shown[item]) and word in row.text]
        if missing and item not in hits:
            hits[item] = Hit(LABELS[row.kind], _piece(row.text, missing))
    return hits


def _piece(text: str, words: Sequence[str]) -> Parts:
    line = next(line for line in text.split(BETWEEN) if any(word in line for word in words))
    start = min(line.find(word) for word in words if word in line)
    begin, end = max(0, start - AROUND), start + len(words[0]) + AROUND
    before, after = "…" if begin else "", "…" if end < len(line) else ""
    return parts_of(f"{before}{line[begin:end]}{after}", words)


def _places(text: str, word: str) -> Iterator[int]:
    start = text.find(word)
    while start >= 0:
        yield start
        start = text.find(word, start + 1)
