"""Chinese numerals where a date stands: 二〇二四年六月 is 2024年6月, 一至三季度 is 1至3季度."""

from __future__ import annotations

import re

_DIGITS = {character: index for index, character in enumerate("〇一二三四五六七八九")} | {"零": 0, "两": 2}
_NUMERAL = "[〇零一二两三四五六七八九十]+"
_DATED = re.compile(
    rf"{_NUMERAL}(?=(?:(?:月份?)?(?:[至到、~-]|和)第?{_NUMERAL})?(?:年|月|日|号|季|周|天|个|阶段|步|批))"
)


def with_digits(text: str) -> str:
    """The text with the numerals of its dates as digits; others stay."""
    return _DATED.sub(lambda match: _number(match.group()), text)


def _number(numeral: str) -> str:
    if "十" not in numeral:
        return "".join(str(_DIGITS[character]) for character in numeral)
    tens, _, ones = numeral.partition("十")
    if any(len(part) > 1 or part == "十" for part in (tens, ones)):
        return numeral
    return str((_DIGITS[tens] if tens else 1) * 10 + (_DIGITS[ones] if ones else 0))
