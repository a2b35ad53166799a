"""Where the words of a search stand: marked in a text, and the first other row of an item that holds one."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import reduce
from operator import or_

from django.apps import apps
from django.db.models import Q

from rectify.models import SearchText
from rectify.models.search.texts import FIELDS, KINDS, fold

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
    marked = _marked(text, words)
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
    first = _first_rows(ids, words, shown)
    texts = _texts(row for row, _ in first.values())
    return {
        item: Hit(LABELS[row.kind], _piece(texts[row.pk], missing)) for item, (row, missing) in first.items()
    }


def _first_rows(
    ids: Sequence[int], words: Sequence[str], shown: dict[int, str]
) -> dict[int, tuple[SearchText, list[str]]]:
    holding = reduce(or_, (Q(text__contains=word) for word in words))
    rows = SearchText.objects.filter(holding, problem__in=ids).order_by("pk")
    first: dict[int, tuple[SearchText, list[str]]] = {}
    for row in sorted(rows, key=lambda row: KINDS.index(row.kind)):
        item = int(row.problem_id or 0)
        missing = [word for word in words if word not in fold(shown[item]) and word in row.text]
        if missing:
            first.setdefault(item, (row, missing))
    return first


def _texts(rows: Iterable[SearchText]) -> dict[int, list[str]]:
    """The texts of each row as they were written, not as they are compared."""
    wanted: dict[str, dict[int, int]] = defaultdict(dict)
    for row in rows:
        wanted[row.kind][row.row] = row.pk
    texts: dict[int, list[str]] = {}
    for kind, ids in wanted.items():
        model = apps.get_model("rectify", kind)
        for pk, *values in model._base_manager.filter(pk__in=ids).values_list("pk", *FIELDS[kind]):
            texts[ids[pk]] = [line for value in values if value for line in value.splitlines()]
    return texts


def _piece(lines: Sequence[str], words: Sequence[str]) -> Parts:
    """Around the first word that stands in one of the lines."""
    for line in lines:
        marked = _marked(line, words)
        if True in marked:
            start = marked.index(True)
            begin, end = max(0, start - AROUND), start + len(words[0]) + AROUND
            before, after = "…" if begin else "", "…" if end < len(line) else ""
            return parts_of(f"{before}{line[begin:end]}{after}", words)
    return []


def _marked(text: str, words: Sequence[str]) -> list[bool]:
    """For each character whether it belongs to one of the words."""
    letters = [(letter, place) for place, each in enumerate(text) for letter in fold(each) or " "]
    plain = "".join(letter for letter, _ in letters)
    marked = [False] * len(text)
    for word in words:
        for start in _places(plain, word):
            for _, place in letters[start : start + len(word)]:
                marked[place] = True
    return marked


def _places(text: str, word: str) -> Iterator[int]:
    start = text.find(word)
    while start >= 0:
        yield start
        start = text.find(word, start + 1)
