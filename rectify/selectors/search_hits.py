"""Where the words of a search stand: marked in a text, and the first other row of an item that holds one."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import reduce
from operator import or_

from django.apps import apps
from django.db.models import Q

from rectify.models import SearchText
from rectify.models.search_text import FIELDS, KINDS, fold

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
    chosen: dict[int, tuple[SearchText, list[str]]] = {}
    for row in sorted(rows, key=lambda row: KINDS.index(row.kind)):
        item = int(row.problem_id or 0)
        missing = [word for word in words if word not in fold(shown[item]) and word in row.text]
        if missing and item not in chosen:
            chosen[item] = (row, missing)
    texts = _as_written([row for row, _ in chosen.values()])
    return {item: Hit(LABELS[row.kind], _piece(texts[row.pk], said)) for item, (row, said) in chosen.items()}


def _as_written(rows: Sequence[SearchText]) -> dict[int, list[str]]:
    """The texts of the rows as they were typed; a query for each kind of row."""
    texts = {}
    for kind in {row.kind for row in rows}:
        found = {row.row: row.pk for row in rows if row.kind == kind}
        model = apps.get_model("rectify", kind)
        for pk, *said in model._base_manager.filter(pk__in=found).values_list("pk", *FIELDS[kind]):
            texts[found[pk]] = said
    return texts


def _piece(texts: Sequence[str], words: Sequence[str]) -> Parts:
    """The text that holds a word, cut to what stands around the first."""
    text = next((text for text in texts if any(word in fold(text) for word in words)), "")
    parts = parts_of(" ".join(text.split()), words)
    first = next((place for place, (_, is_hit) in enumerate(parts) if is_hit), 0)
    before = "".join(part for part, _ in parts[:first])
    if len(before) > AROUND:
        before = f"…{before[-AROUND:]}"
    piece, length = [(before, False)], 0
    for part, is_hit in parts[first:]:
        if length > AROUND:
            break
        cut = part if is_hit or len(part) <= AROUND else f"{part[:AROUND]}…"
        piece.append((cut, is_hit))
        length += len(part)
    return piece


def _places(text: str, word: str) -> Iterator[int]:
    start = text.find(word)
    while start >= 0:
        yield start
        start = text.find(word, start + 1)
