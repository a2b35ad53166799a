"""Names of an old sheet and those already known: the same, a longer form of it, or new."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from rectify.xlsx.values import normal

NEW, SKIP = "new", "skip"


@dataclass(frozen=True)
class Match:
    """One name of the sheet and what it is taken for: the id of a known one, NEW or SKIP."""

    name: str
    field: str
    chosen: str
    sure: bool


def match_names(
    names: Iterable[str],
    known: Iterable[tuple[int, str, str]],
    prefix: str,
    chosen: dict[str, str],
    *,
    shortened: bool,
) -> list[Match]:
    """Each name with its choice; `known` is id, name, short name; `chosen` what a person decided.

    Units go by shortened names (宣传部 for 县委宣传部); posts do not (副县长 is not 常务副县长).
    """
    entries = [(pk, normal(name), normal(short)) for pk, name, short in known]
    ids = {str(pk) for pk, _, _ in entries} | {NEW, SKIP}
    matches = []
    for index, name in enumerate(names):
        field = f"{prefix}-{index}"
        decided = chosen.get(field, "")
        exact = [pk for pk, full, short in entries if name in (full, short)]
        close = [pk for pk, full, _ in entries if full.endswith(name) or name.endswith(full)]
        guess = exact if len(exact) == 1 or not shortened else close
        answer = str(guess[0]) if len(guess) == 1 else NEW
        matches.append(Match(name, field, decided if decided in ids else answer, len(exact) == 1))
    return matches
