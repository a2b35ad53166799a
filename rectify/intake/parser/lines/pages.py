"""What stands on every page and belongs to none of its text: page numbers, running heads and feet."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import replace

from rectify.intake.parser import markers
from rectify.intake.parser.lines.raw import Raw

_PAGE = re.compile(
    r"[-—–－_·.\s]*\d{1,4}[-—–－_·.\s]*|第\s?[\d一二三四五六七八九十百]{1,5}\s?页(?:[，,/\s]*共\s?\d+\s?页)?|[Pp]age\s?\d+(?:\s?of\s?\d+)?|\d{1,4}\s?/\s?\d{1,4}"
)


def without_pages(raws: list[Raw]) -> list[Raw]:
    """Drops page numbers, and the head or foot that stands beside them page after page."""
    filled = [raw for raw in raws if raw.text]
    pages = [is_page(raw) for raw in filled]
    beside: Counter[str] = Counter()
    for index, turns in enumerate(pages):
        if turns:
            around = filled[max(0, index - 1) : index] + filled[index + 1 : index + 2]
            beside.update({raw.text for raw in around if len(raw.text) <= 40})
    heads = {text for text, count in beside.items() if count >= 3 and _may_be_head(text)}
    kept: list[Raw] = []
    turned = False
    for raw, turns in zip(filled, pages, strict=True):
        if turns or raw.text in heads:
            turned = True
            continue
        kept.append(replace(raw, turned=True) if turned else raw)
        turned = False
    return kept


def is_page(raw: Raw) -> bool:
    """A page number alone on its line."""
    return bool(_PAGE.fullmatch(raw.text)) and not raw.cells and not raw.style


def _may_be_head(text: str) -> bool:
    """What stands at the top of every page is no sentence and has no number."""
    return not re.search(r"[。；，：;,:]", text) and not markers.at_start(text, 0, len(text))
