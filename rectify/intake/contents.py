"""A contents list at the top repeats the headings: it is found and passed over."""

from __future__ import annotations

import re

from . import headings
from .rows import Row

_LEADER = re.compile(r"(?:[.．·…_\-—\s]{2,}|\s|\t)\d{1,4}$|[.．·…_]{3,}$")
_TITLE = re.compile(r"目\s?录|目\s?次|contents", re.IGNORECASE)
_SIGNS = re.compile(r"[\s.．·…_\-—、，,：:；;。（）()【】\[\]〔〕]+|\d{1,4}$")
LONGEST = 90


def passed(rows: list[Row]) -> int:
    """How many rows at the top end with the contents list; 0 when there is none."""
    candidates = rows[: min(len(rows), 400)]
    keys = [_key(row) for row in rows]
    last: dict[str, int] = {}
    for index, key in enumerate(keys):
        if key:
            last[key] = index
    begin = next((index for index, row in enumerate(candidates[:40]) if _TITLE.fullmatch(row.line.text.strip("【】[] "))), None)
    titled = begin is not None
    start = begin + 1 if begin is not None else 0
    best = 0
    index = start
    while index < len(candidates):
        end = _run(candidates, keys, last, index)
        if end - index >= (1 if titled else 3):
            best = end
            if titled:
                index = end
                continue
            break
        if titled and index > start + 3 or index > 30:
            break
        index += 1
    return best


def _run(rows: list[Row], keys: list[str], last: dict[str, int], start: int) -> int:
    """How far lines go on that are entries of a contents list: they repeat later, or end in a page number."""
    index = start
    repeated = 0
    while index < len(rows):
        row, key = rows[index], keys[index]
        if not key or len(row.line.text) > LONGEST:
            break
        listed = row.line.style == "contents" or bool(_LEADER.search(row.line.text))
        later = last.get(key, index)
        if not listed and (later <= index or later in range(start, index)):
            if not _begins_later(key, last, index):
                break
        elif later > index and not listed:
            repeated += 1
        # The second occurrence of the first entry is the text itself.
        if index > start and key == keys[start]:
            break
        index += 1
    numbered = sum(rows[at].line.style == "contents" or bool(_LEADER.search(rows[at].line.text)) for at in range(start, index))
    sections = sum(bool(headings.judge(_LEADER.sub("", rows[at].line.text[rows[at].body - rows[at].start :]))) for at in range(start, index))
    if numbered >= 2 or repeated >= 2 or (repeated >= 1 and sections >= 2):
        return index
    return start


def _begins_later(key: str, last: dict[str, int], index: int) -> bool:
    return False


def _key(row: Row) -> str:
    text = row.line.text
    if len(text) > LONGEST:
        # A heading that goes on with its text on the same line still is what the list repeats.
        text = re.split(r"[。：；]", text, maxsplit=1)[0]
    text = _LEADER.sub("", text)
    return _SIGNS.sub("", (row.line.marker or "") + text)[:60]
