"""Characters of a line made uniform: spaces, invisible signs, look-alikes that PDF copies bring along."""

from __future__ import annotations

import re
import unicodedata

CJK = r"\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff"
WIDE = CJK + r"\u3001-\u301f\uff01-\uff0f\uff1a-\uff1f\uff5e\u2014\u2018\u2019\u201c\u201d\u2026\u2460-\u249b"
SPACE = re.compile(r"[\t \u00a0\u1680\u2000-\u200a\u202f\u205f\u3000]+")
INVISIBLE = re.compile(
    r"[\x00-\x08\x0e-\x1f\x7f-\x84\x86-\x9f\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u2064"
    r"\u2066-\u206f\ufe00-\ufe0f\ufeff\ufff9-\uffff\ud800-\udfff]"
)
# Kangxi radicals look like characters and are none: copies from PDF have ⼀是 for 一是.
RADICALS = {code: unicodedata.normalize("NFKC", chr(code)) for code in range(0x2F00, 0x2FD6)}
LOOK_ALIKES = {**RADICALS, 0xFF64: "、", 0xFF61: "。", 0xFE52: ".", 0xFE50: "，", 0xFE55: "："}
NUMERAL = "一二三四五六七八九十"
# A space after these stands for the punctuation of a number, and before these for the end of a sentence.
KEEP_AFTER = re.compile(
    rf"^(?:第?[{NUMERAL}]{{1,3}}|第[{NUMERAL}\d]{{1,3}}(?:条|项|点)|首先|其次|再次|最后"
    rf"|(?:存在)?问题[{NUMERAL}]{{1,3}}|篇[{NUMERAL}]+) "
)
GAP = re.compile(
    rf"(?<=[{WIDE}]) (?=[{WIDE}])(?![{NUMERAL}]{{1,2}} ?[是、]|第[{NUMERAL}]|[①-⑳]"
    rf"|[（(][{NUMERAL}\d]{{1,3}}[）)]|首先|其次|再次|最后|比如|例如|[\u4e00-\u9fff]{{2,4}}(?:领导|单位|部门|科室|股室|处室|人|河长|时限|期限|时间|日期|情况|进展|目标)[：:])"
)
ANY_GAP = re.compile(rf"(?<=[{WIDE}]) (?=[{WIDE}])")
FENCE = re.compile(
    r"^\*\*\s*((?:[一二三四五六七八九十]+[、是]|[（(][一二三四五六七八九十\d]+[）)]|\d+[.、]).*?)\*\*"
)
BOLD = re.compile(r"\*\*(?=[^*]*[\u4e00-\u9fff]{2})([^*]{2,})\*\*")
CHECKBOX = re.compile(r"^([-*+] )\[[ xX√✓]?\] ?")
QUOTED = re.compile(r"^(?:> ?)+(?=\S)")
KEYCAP = re.compile(r"^(\d{1,2})\ufe0f?\u20e3 ?")
PICTURE = re.compile(
    r"^(?:[\U0001f300-\U0001faff\u2757\u2755\u2705\u274c\u27a1\u2b50\u26a0]\ufe0f? ?)+(?=\S)"
)
HASHES = re.compile(r"^#{1,6} +")
PIECES = re.compile(r"\r\n|[\n\r\x0b\x85\u2028\u2029]")


def split_lines(text: str) -> list[str]:
    """Lines as an editor counts them."""
    return PIECES.split(text)


def clean(raw: str) -> str:
    """One line without invisible signs, with single spaces and none between Chinese characters."""
    raw = PICTURE.sub("", KEYCAP.sub(r"\1.", raw.lstrip()))
    text = INVISIBLE.sub("", raw.replace("\x0c", "")).translate(LOOK_ALIKES)
    text = SPACE.sub(" ", text).strip()
    if " " not in text:
        return text
    if len(ANY_GAP.findall(text)) > 0.35 * len(text):
        return text.replace(" ", "")  # letter-spaced: no gap means anything
    lead = KEEP_AFTER.match(text)
    if lead:
        return lead.group() + GAP.sub("", text[lead.end() :])
    return GAP.sub("", text)


def without_markup(text: str) -> str:
    """Without the signs of Markdown and of quoted mail; a lone ** is a placeholder and stays."""
    text = QUOTED.sub("", HASHES.sub("", text))
    return BOLD.sub(r"\1", CHECKBOX.sub(r"\1", FENCE.sub(r"\1", text)))


def is_pictured(raw: str) -> bool:
    """❗ or 📌 stands before its words."""
    return bool(PICTURE.match(raw.lstrip()))


def indent(raw: str) -> int:
    """Columns of white space before the first sign."""
    width = 0
    for char in raw:
        if char in "\u3000":
            width += 2
        elif char == "\t":
            width += 4
        elif char in " \u00a0\u2002\u2003":
            width += 1
        elif char not in "\x0c\ufeff\u200b":
            break
    return width


def columns(text: str) -> int:
    """Width of a line where a Chinese character takes two columns."""
    return sum(1 if char < "\u2000" else 2 for char in text)
