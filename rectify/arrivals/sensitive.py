"""Marks of secrecy, ID-card and bank-card numbers in a text: where they stand, the numbers masked.

Pure: GB 11643 (the ID card and its check digit), ISO/IEC 7812 (Luhn), the marks as the rules on state
secrets print them (机密★10年). What only speaks of secrecy (保守秘密, 机密性) is no mark.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import islice
from typing import Any, NamedTuple

MARK, IDENTITY, BANK_CARD = "mark", "identity", "bank_card"
WORDS = {MARK: "密级标志", IDENTITY: "身份证号", BANK_CARD: "银行卡号"}
MOST = 20  # of one text: who sees twenty goes through it anyway

# Full-width digits, letters and stars as their plain ones; one character stays one character.
PLAIN = str.maketrans("０１２３４５６７８９Ｘｘ＊☆　－", "0123456789Xx*★ -")
LEVEL = r"(?:绝[ \t]?密|机[ \t]?密|秘[ \t]?密)"
TERM = r"(?:长期|(?:\d{1,3}|[一二三四五六七八九十]{1,3})\s?(?:年|个月))"
SPOKEN_OF = (
    r"(?<!保守)(?<!严守)(?<!商业)(?<!企业)(?<!技术)(?<!工作)(?<!个人)(?<!泄露)(?<!泄漏)(?<!国家)(?<!客户)"
)
MARKS = re.compile(
    rf"{LEVEL}\s?[★*]\s?{TERM}?"
    rf"|密\s?级\s?[:：]?\s?[【〔\[(（“]?\s?{LEVEL}"
    rf"|^[ \t]*[【〔\[(（]?{LEVEL}[】〕\])）]?[ \t]*{TERM}?[ \t]*$"
    rf"|{SPOKEN_OF}(?:绝密|机密|秘密)(?:级(?!别)|\s?{TERM})"
    rf"|{SPOKEN_OF}(?:绝密|机密)(?![性度级]|计算|★)",
    re.MULTILINE,
)
IDENTITIES = re.compile(r"(?<!\d)\d{6}[ -]?\d{8}[ -]?\d{3}[0-9Xx](?!\d)")
BANK_CARDS = re.compile(
    r"(?<![0-9A-Za-z])(?:\d{16,19}|\d{4}(?:[ -]\d{4}){3}(?:[ -]?\d{1,3})?)(?![0-9A-Za-z])"
)
ISSUERS = re.compile(r"62|60|4|5[1-5]|35|2[2-7]")  # 银联, Discover, Visa, MasterCard, JCB
LENGTHS = {"4": (16,), "5": (16,), "3": (16,), "2": (16,), "6": (16, 17, 18, 19)}
PROVINCES = {*range(11, 16), *range(21, 24), *range(31, 38), *range(41, 47), *range(50, 55), *range(61, 66)}
PROVINCES |= {71, 81, 82, 83}
WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
CHECK_DIGITS = "10X98765432"


def shown_before(places: list[Place]) -> dict[str, Any] | None:
    """For the record: what was pointed out to whoever then went on."""
    return {"places": [place.plain for place in places]} if places else None


@dataclass(frozen=True)
class Finding:
    """What stands in a text: of which sort, on which line, and what may be shown of it."""

    sort: str
    line: int
    shown: str


class Place(NamedTuple):
    """A finding where a person finds it again."""

    sort: str
    where: str
    shown: str

    @property
    def words(self) -> str:
        return f"{self.where}：{WORDS[self.sort]}（{self.shown}）"

    @property
    def plain(self) -> str:
        """For the record: no digit of it."""
        return f"{self.where}：{WORDS[self.sort]}"


def places(texts: Iterable[tuple[str, str]]) -> list[Place]:
    """The findings in texts that are given with their places, as many as a person goes through."""
    found = (Place(one.sort, where, one.shown) for where, text in texts for one in findings(text))
    return list(islice(found, MOST))


def findings(text: str) -> list[Finding]:
    """What a person must decide about before the text is kept or leaves; in the order of the text."""
    if not re.search(r"密|\d{4}", plain := text.translate(PLAIN)):
        return []
    places = sorted((*_marks(plain), *_identities(plain), *_bank_cards(plain)))
    return [Finding(sort, plain.count("\n", 0, at) + 1, shown) for at, sort, shown in places[:MOST]]


def _marks(text: str) -> Iterator[tuple[int, str, str]]:
    for match in MARKS.finditer(text):
        shown = match[0].strip()
        yield match.end() - len(match[0].lstrip()), MARK, shown


def _identities(text: str) -> Iterator[tuple[int, str, str]]:
    for match in IDENTITIES.finditer(text):
        number = re.sub("[ -]", "", match[0]).upper()
        if is_identity(number):
            yield match.start(), IDENTITY, _masked(number)


def _bank_cards(text: str) -> Iterator[tuple[int, str, str]]:
    for match in BANK_CARDS.finditer(text):
        number = re.sub("[ -]", "", match[0])
        if is_bank_card(number) and not is_identity(number):
            yield match.start(), BANK_CARD, _masked(number)


def is_identity(number: str) -> bool:
    """Whether 18 characters are a number of an ID card: a province, a day that was, the check digit."""
    if len(number) != 18 or int(number[:2]) not in PROVINCES:
        return False
    try:
        born = dt.datetime.strptime(number[6:14], "%Y%m%d").date()  # noqa: DTZ007 (a day has no zone)
    except ValueError:
        return False
    total = sum(weight * int(digit) for weight, digit in zip(WEIGHTS, number, strict=False))
    return born.year >= 1900 and CHECK_DIGITS[total % 11] == number[17]


def is_bank_card(number: str) -> bool:
    """Whether the digits begin as an issuer's, are as many, and pass Luhn's check."""
    if not ISSUERS.match(number) or len(number) not in LENGTHS[number[0]] or len(set(number)) == 1:
        return False
    digits = [int(digit) for digit in reversed(number)]
    return sum(digits[::2] + [sum(divmod(2 * digit, 10)) for digit in digits[1::2]]) % 10 == 0


def _masked(number: str) -> str:
    return f"{number[:3]}{'*' * (len(number) - 5)}{number[-2:]}"
