"""Numbers that open an item: what kind they are, which number they say, and where the words begin."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass

DIGITS = {char: value for value, char in enumerate("〇一二三四五六七八九")} | {"零": 0, "两": 2}
DIGITS |= {char: value for value, char in enumerate("零壹贰叁肆伍陆柒捌玖")}
# 五一, 三八 are days, not numbers: two digits have 十 between or beside them.
_N = "[一二三四五六七八九]"
_TENS = f"(?:{_N}?十{_N}?|{_N})"
CN = f"(?:(?:{_N}千零?)?(?:{_N}百零?)?{_TENS}|(?:{_N}千零?)?{_N}百|{_N}千)"
NUM = r"[0-9０-９]{1,5}"
TICK = "[☑√✓✔]"  # □无 ☑有: the box that is ticked
CIRCLED = "①-⑳㉑-㉟㊱-㊿❶-❿➀-➓⓵-⓾"
ROMAN = {
    "I": 1,
    "II": 2,
    "III": 3,
    "IV": 4,
    "V": 5,
    "VI": 6,
    "VII": 7,
    "VIII": 8,
    "IX": 9,
    "X": 10,
    "XI": 11,
    "XII": 12,
}
SEQUENCE = {"首先": 1, "其次": 2, "再次": 3}
# As people count aloud: 一条呢，… 再一条呢，…
ALOUD = "一[条个点](?:呢[，,]|就?是)"

# The lower the rank, the further out; kinds of the last rank stand wherever the writer put them.
RANK = {
    "part": 0,
    "rom": 8,
    "cap": 9,
    "cn": 10,
    "inner": 12,  # Ⅰ. below 一、
    "cat": 15,
    "cnp": 20,
    "let": 25,
    "code": 33,
    "num": 30,
    "dec2": 35,
    "dec3": 36,
    "dec4": 37,
    "dec": 35,
    "nump": 40,
    "low": 42,
    "outer": 45,  # a bullet that heads bullets of another sign
    "under": 46,  # one that does so below such a bullet
    "circ": 50,
}
LOOSE = 60
KINDS = (
    "part", "cat", "rom", "cap", "cn", "cnp", "let", "low", "code", "num", "dec", "nump", "circ", "shi",
    "yao", "ord", "prob", "said", "bullet",
)  # fmt: skip
BULLET = 70
INLINE = ("shi", "cn", "ord", "prob", "said", "yao", "nump", "circ", "num", "cnp")

_START = re.compile(
    rf"""
    (?P<part>第(?P<part_n>{CN})(?:(?:部分|章|节)[：:、，,．.\s]*|个?(?:大)?方面[：:、，,\s]))
  | (?P<cat>第(?P<cat_n>{CN})类(?:问题)?[：:、，,．.\s])
  | (?P<prob>[【\[（(]?
        (?:(?:存在|主要|突出|具体|反馈|检视|查摆)?(?:问题|隐患)|(?:整改|反馈)?(?:任务|事项)|(?:案件|事件|序号)[：:]?)
        \s?[（(]?(?P<prob_n>{CN}|{NUM})[）)]?
        \s?(?:[】\]）)][：:]?|[：:、．.→]|\s→?|$))
  | (?P<said>(?:主要|具体)?(?:原因|根源|成因|(?:整改|改进|努力)?(?:措施|方向))
        \s?[（(]?(?P<said_n>{CN}|{NUM})[）)]?\s?[：:、．])
  | (?P<ord>第(?P<ord_n>{CN})(?:[，,、：:．]|\s)
        |第(?P<ord_b>{CN}|{NUM})(?:条|项|点)(?:[，,、：:．]|\s)|(?P<ord_f>头一)(?:条|项|点|个)[，,、：:]|其(?P<its_n>{CN})[，,、：:是]
        |(?P<ord_w>首先|其次|再次|再者|最后)[，,、：:是])
  | (?P<shi>(?!([一二三四五六七八九])是\1\s?[，,、。；])(?P<shi_n>{CN})\s?是)
  | (?P<yao>(?P<yao_n>{CN})要(?!求|素|点|务|件|害|领|义))
  | (?P<cap>(?P<cap_n>[壹贰叁肆伍陆柒捌玖拾]{{1,3}})[、．.：:\s])
  | (?P<cn>(?P<cn_n>{CN})
        (?:[、．.：:](?!{_TENS}[、季级期线])|[，,](?=[\u4e00-\u9fff])|\s))
  | (?P<cnp>[（(〔\[【]\s?(?P<cnp_n>{CN})\s?[）)〕\]】][、．.，,：:]?|(?P<cnp_s>[㈠-㈩])|(?P<cnp_t>{CN})[）)])
  | (?P<dec>(?P<dec_n>{NUM}(?:[.．]{NUM}){{1,3}})
        (?:[、．.]|\s|(?=[^\W\d_])(?![万亿个倍元吨年月度]|公里|平方|千克|小时|[a-zA-Z%％])))
  | (?P<nump>[（(]{{1,2}}\s?(?P<nump_n>{NUM})\s?[）)]{{1,2}}[、．.]?
        |(?P<nump_t>{NUM})[）)][、．.]?|(?P<nump_s>[⑴-⒇]))
  | (?P<num>(?P<num_n>{NUM})\s?[.．、。﹒](?:(?![0-9０-９])|(?=(?:19|20)[0-9]{{2}}年))
        |(?P<num_c>[0-9]{{1,2}})\s?[，,](?=[\u4e00-\u9fff])
        |(?P<num_s>[⒈-⒛])|(?P<num_b>[0-9]{{1,2}})\s(?=[\u4e00-\u9fff]))
  | (?P<circ>(?P<circ_n>[{CIRCLED}]))
  | (?P<rom>(?P<rom_n>[IVX]{{2,5}}|[IV]|[Ⅰ-Ⅻ])(?:\s?[.．、]|(?<=[Ⅰ-Ⅻ])\s?)(?=\s?[\u4e00-\u9fff]))
  | (?P<code>[A-Z](?P<code_n>[0-9]{{1,2}})(?:[.．、：:]|\s)\s?(?=[\u4e00-\u9fff“]))
  | (?P<let>(?P<let_n>[A-HJ-Q])(?:\s?(?:[.．、](?=\s?[\u4e00-\u9fff])|[)）])|\s(?=[\u4e00-\u9fff0-9])))
  | (?P<low>(?P<low_n>[a-hj-q])\s?(?:[.．、](?=\s?[\u4e00-\u9fff])|[)）]))
  | (?P<bullet>[□☐]\s?[无否]\s?{TICK}\s?[有是]\s?|{TICK}\s?[有是]\s?[□☐]\s?[无否]\s?
        |〇(?=\s?[\u4e00-\u9fff])|[☑●■◆◇□○◎◉※•·▪★☆▲△▶▷►➤➢❖✓√]|[-*—]\s|——(?=[^—\s]))
    """,
    re.VERBOSE,
)
_PATTERNS = {
    "shi": re.compile(rf"(?!([一二三四五六七八九])是\1\s?[，,、。；])(?P<n>{CN})\s?是"),
    "cn": re.compile(rf"(?<=[：:。；;])(?P<n>{CN})、(?!{_TENS}[、季级期线])"),
    "yao": re.compile(rf"(?P<n>{CN})要(?!求|素|点|务|件|害|领|义)"),
    "ord": re.compile(
        rf"第(?P<n>{CN})[，,、：:]|其(?P<m>{CN})[，,、：:是]|(?P<once>{ALOUD})|(?:再|另|还有){ALOUD}|(?P<w>首先|其次|再次|再者|此外|另外|最后)[，,、：:是]"
    ),
    "prob": re.compile(rf"问题\s?(?P<n>{CN}|{NUM})[：:]"),
    "said": re.compile(rf"(?:原因|根源|成因|措施|方向)\s?(?P<n>{CN}|{NUM})[：:]"),
    "nump": re.compile(rf"[（(]\s?(?P<n>{NUM})\s?[）)][、．.]?|(?P<s>[⑴-⒇])"),
    "cnp": re.compile(rf"[（(]\s?(?P<n>{CN})\s?[）)][、．.，,：:]?|(?P<s>[㈠-㈩])"),
    "circ": re.compile(rf"(?P<s>[{CIRCLED}])"),
    "num": re.compile(rf"(?<![0-9０-９.．])(?P<n>{NUM})[.．、](?![0-9０-９])|(?P<s>[⒈-⒛])"),
}
_BOUNDARY = "。；;！!？?：:，,、 \n\t“”（(…"
_STYLE = re.compile(r"heading (\d)")


@dataclass(frozen=True)
class Marker:
    """`number` is what the text says, or None; `at` is where it stands, `after` where the words begin."""

    kind: str
    number: int | None
    at: int
    after: int

    @property
    def rank(self) -> int:
        return rank_of(self.kind)


def rank_of(kind: str) -> int:
    if kind.startswith("h") and kind[1:].isdigit():
        return int(kind[1:]) * 10 - 5
    return BULLET if kind == "bullet" else RANK.get(kind, LOOSE)


def number_of(text: str) -> int | None:
    """一 … 九十九, 一百二十, 壹, 12, １２, 3.1 (its last part)."""
    text = text.strip()
    if not text:
        return None
    if text[-1].isdigit() and text[-1] not in DIGITS:
        digits = re.findall(r"\d+", text)
        return int(digits[-1]) if digits else None
    total, digit = 0, 0
    for char in text.replace("拾", "十"):
        if char in "百千":
            total, digit = total + (digit or 1) * (100 if char == "百" else 1000), 0
        elif char == "十":
            total, digit = total + (digit or 1) * 10, 0
        elif char in DIGITS:
            digit = digit * 10 + DIGITS[char]
        else:
            return None
    return total + digit


def at_start(text: str, start: int, end: int, style: str = "", automatic: str = "") -> Marker | None:
    """The number a line opens with: its own, one the document gives, or its heading style."""
    found = _match(text, start, end)
    if automatic:
        given = _match(automatic + " ", 0, len(automatic) + 1)
        if given and not (given.kind == "bullet" and found):
            return Marker(given.kind, given.number, start, start)
        if given is None and found is None:
            return Marker("other", None, start, start)
    if found is None or found.kind == "bullet":
        level = _STYLE.fullmatch(style)
        if level:
            return Marker(f"h{level.group(1)}", None, start, found.after if found else start)
    return found


def _match(text: str, start: int, end: int) -> Marker | None:
    match = _START.match(text, start, min(end, start + 24))
    if not match:
        return None
    kind = str(match.lastgroup).split("_")[0]
    kind = next(name for name in KINDS if match.group(name) is not None)
    after = match.end()
    number = _number(match, kind)
    if kind == "dec":
        kind = f"dec{len(re.findall(NUM, match.group('dec_n')))}"
    while after < end and text[after] in " ：:，,、．" and kind != "bullet":
        after += 1
    while after < end and text[after] == " ":
        after += 1
    return Marker(kind, number, start, after)


def _number(found: re.Match[str], kind: str) -> int | None:
    groups = found.groupdict()
    if kind == "ord" and groups["ord_f"]:
        return 1
    if kind == "ord" and groups["ord_w"]:
        return SEQUENCE.get(groups["ord_w"])
    words = [
        groups.get(f"{kind}_n"),
        groups.get(f"{kind}_t"),
        groups.get(f"{kind}_b"),
        groups.get(f"{kind}_c"),
        groups["its_n"] if kind == "ord" else None,
    ]
    if kind in ("let", "low"):
        return ord(groups[f"{kind}_n"].upper()) - ord("A") + 1
    if kind == "rom":
        return ROMAN.get(unicodedata.normalize("NFKC", groups["rom_n"]))
    for word in words:
        if word:
            return circled(word) or number_of(word)
    sign = groups.get(f"{kind}_s")
    return circled(sign) if sign else None


def circled(sign: str) -> int | None:
    """①, ⑴, ⒈, ㈠ and their like."""
    if len(sign) != 1:
        return None
    for first, last, base in (
        ("①", "⑳", 1), ("㉑", "㉟", 21), ("㊱", "㊿", 36), ("❶", "❿", 1), ("➀", "➉", 1), ("➊", "➓", 1),
        ("⓵", "⓾", 1), ("⑴", "⒇", 1), ("⒈", "⒛", 1), ("㈠", "㈩", 1),
    ):  # fmt: skip
        if first <= sign <= last:
            return ord(sign) - ord(first) + base
    return None


def inside(text: str, kind: str, start: int, end: int) -> Iterator[Marker]:
    """Numbers of this kind within a line, where a clause begins: never in 统一是, 唯一是, 第一是."""
    pattern = _PATTERNS.get(kind)
    if pattern is None:
        return
    for match in pattern.finditer(text, start, end):
        if match.start() > start and kind != "circ" and text[match.start() - 1] not in _BOUNDARY:
            continue
        number = _number_inside(match.groupdict())
        after = match.end()
        while after < end and text[after] in " ：:，,、":
            after += 1
        yield Marker(kind, number, match.start(), after)


def _number_inside(groups: dict[str, str | None]) -> int | None:
    if word := groups.get("w"):
        return SEQUENCE.get(word)
    if sign := groups.get("s"):
        return circled(sign)
    return 1 if groups.get("once") else number_of(groups.get("n") or groups.get("m") or "")
