"""How much two Chinese texts have in common: pairs of characters, and the words both share."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Hashable
from difflib import SequenceMatcher
from typing import TypeVar

Row = TypeVar("Row", bound=Hashable)

NOISE = re.compile(r"[\s，。、；：！？,.;:!?“”‘’\"'（）()《》〈〉【】\[\]—…·-]+")
# Pairs that stand in a large part of all texts tell nothing and cost most.
COMMON_AT_LEAST = 40
COMMON_SHARE = 0.1
SHARED_MIN, SHARED_MOST = 2, 8
LONGEST = 400


def plain(text: str) -> str:
    """Without spaces and punctuation: what counts when two texts are called the same."""
    return NOISE.sub("", text)


def grams(text: str) -> frozenset[str]:
    letters = plain(text)[:LONGEST]
    return frozenset(letters[place : place + 2] for place in range(len(letters) - 1)) or frozenset(letters)


def resemblance(one: frozenset[str], two: frozenset[str]) -> float:
    """0 for nothing in common, 1 for the same pairs of characters."""
    return 2 * len(one & two) / (len(one) + len(two)) if one and two else 0.0


def best_pairs(new: dict[str, str], old: dict[Row, str], floor: float) -> dict[str, tuple[Row, float]]:
    """The most alike go together first, each once; pairs below the floor stay apart."""
    known = {key: grams(text) for key, text in old.items()}
    holders: dict[str, list[Row]] = defaultdict(list)
    for holder, pairs in known.items():
        for pair in pairs:
            holders[pair].append(holder)
    most = max(COMMON_AT_LEAST, int(len(old) * COMMON_SHARE))
    scores: list[tuple[float, int, str, Row]] = []
    for order, (key, text) in enumerate(new.items()):
        mine = grams(text)
        candidates: Counter[Row] = Counter()
        for pair in mine:
            if len(holders.get(pair, ())) <= most:
                candidates.update(holders.get(pair, ()))
        for other in candidates:
            score = resemblance(mine, known[other])
            if score >= floor:
                scores.append((-score, order, key, other))
    scores.sort(key=lambda row: row[:2])
    paired: dict[str, tuple[Row, float]] = {}
    taken: set[Row] = set()
    for score, _, key, other in scores:
        if key not in paired and other not in taken:
            paired[key] = (other, -score)
            taken.add(other)
    return paired


def shared_words(one: str, two: str) -> list[str]:
    """The longest stretches both texts have, for a person to judge why they are called alike."""
    one, two = plain(one)[:LONGEST], plain(two)[:LONGEST]
    blocks = SequenceMatcher(None, one, two, autojunk=False).get_matching_blocks()
    words = {one[block.a : block.a + block.size] for block in blocks if block.size >= SHARED_MIN}
    return sorted(words, key=lambda word: (-len(word), word))[:SHARED_MOST]
