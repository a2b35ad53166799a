"""Whether a text says anything: stock phrases that name no thing, number or date, and copied texts."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator

SHORTEST_COPY = 12
LEAST_SAID = 6
# Phrases that may stand before any measure of any office; what is left after them is what is said.
STOCK = (
    "进一步加强", "进一步提高", "进一步强化", "进一步完善", "进一步增强", "进一步提升", "持续加强",
    "不断加强", "切实加强", "切实提高", "加大力度", "加强学习", "强化学习", "提高认识", "提高政治站位",
    "提高站位", "统一思想", "高度重视", "认真落实", "狠抓落实", "抓好落实", "严格落实", "扎实推进",
    "持续推进", "有序推进", "稳步推进", "加快推进", "积极推进", "统筹推进", "深入推进", "压实责任",
    "强化责任", "强化担当", "转变作风", "改进作风", "常抓不懈", "长期坚持", "取得实效", "取得成效",
    "正在推进", "正在整改", "正在落实", "推进中", "整改中", "进行中", "已完成", "完成", "按要求", "认真",
    "积极", "努力", "继续", "持续", "不断", "进一步", "加强", "强化", "提高", "推进", "落实", "工作",
    "整改", "学习", "领导", "意识", "力度", "水平", "能力",
)  # fmt: skip
_STOCK = re.compile("|".join(sorted(map(re.escape, STOCK), key=len, reverse=True)))
_SAYS = re.compile(r"[0-9０-９一二三四五六七八九十百千万]|《|“")
_NOTHING = re.compile(r"\W+")


def is_vague(text: str) -> bool:
    """Only stock phrases: no number, no document, and hardly a word besides."""
    said = _STOCK.sub("", text)
    return bool(text.strip()) and not _SAYS.search(said) and len(_NOTHING.sub("", said)) < LEAST_SAID


def normal(text: str) -> str:
    """A text without spaces and punctuation, for comparison."""
    return _NOTHING.sub("", text)


def copies(texts: Iterable[tuple[int, str]]) -> Iterator[list[int]]:
    """Keys whose texts are the same, each group in the order given; short texts do not count."""
    same: dict[str, list[int]] = defaultdict(list)
    for key, text in texts:
        plain = normal(text)
        if len(plain) >= SHORTEST_COPY and key not in same[plain]:
            same[plain].append(key)
    return (keys for keys in same.values() if len(keys) > 1)
