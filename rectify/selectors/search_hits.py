"""Where the words of a search stand: marked in a text, and the first other row of an item that holds one."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import reduce
from itertools import groupby
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
    spans = ((start, start + len(word)) for word in words for start in _places(plain, word))
    marked = {place for start, end in spans for _, place in letters[start:end]}
    runs = groupby(enumerate(text), key=lambda each: each[0] in marked)
    return [("".join(letter for _, letter in run), is_hit) for is_hit, run in runs]


def hits_of(ids: Sequence[int], words: Sequence[str], shown: dict[int, str]) -> dict[int, Hit]:
    """For each of these items a piece of the first row with a word that what is shown of it does not hold."""
    seen = {pk: fold(text) for pk, text in shown.items()}
    chosen: dict[int, tuple[SearchText, list[str]]] = {}
    for row in _holding(ids, words):
        item = int(row.problem_id or 0)
        missing = [word for word in words if word not in seen[item] and word in row.text]
        if missing:
            chosen.setdefault(item, (row, missing))
    texts = _as_written([row for row, _ in chosen.values()])
    return {item: Hit(LABELS[row.kind], _piece(texts[row.pk], said)) for item, (row, said) in chosen.items()}


def _holding(ids: Sequence[int], words: Sequence[str]) -> list[SearchText]:
    """The rows of these items with a word, in the order of their kinds."""
    if not words or not ids:
        return []
    any_word = reduce(or_, (Q(text__contains=word) for word in words))
    rows = SearchText.objects.filter(any_word, problem__in=ids).order_by("pk")
    return sorted(rows, key=lambda row: KINDS.index(row.kind))


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
    before = parts[first - 1][0] if first else ""
    after = parts[first + 1 : first + 4]  # the next hit, if it is near
    if after and len(after[0][0]) > AROUND:
        after = [(f"{after[0][0][:AROUND]}…", False)]
    elif len(after) == 3:
        after[2] = (after[2][0][:AROUND], False)
    return [
        (f"…{before[-AROUND:]}" if len(before) > AROUND else before, False),
        *parts[first : first + 1],
        *after,
    ]


def _places(text: str, word: str) -> Iterator[int]:
    start = text.find(word)
    while start >= 0:
        yield start
        start = text.find(word, start + 1)
