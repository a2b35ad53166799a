"""Who and when: the leaders, units and deadline that a report names for a problem."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from rectify.papers.deadlines import read_deadline
from rectify.papers.persons import persons

ROLE = "(?:责任|牵头|配合|协助|分管|主管|包[保案联抓]|挂联|督[导办]|整改|承办|主办|协办|第一|直接|主要)"
_LABEL = (
    rf"[【\[]?(?:(?P<leaders>{ROLE}{{0,2}}(?:领导|责任人|负责人|负责同志|干部|[河林田路]长)|{ROLE}人)"
    rf"|(?P<units>(?!督[导办]){ROLE}{{1,2}}(?:单位|部门|科室|股室|处室|站所)|(?:整改|责任|实施)+主体)"
    r"|(?P<deadline>(?:整改|完成|办结|落实|办理|计划|化解|治理|整治|解决)+(?:的)?(?:时限|期限|时间|日期)|时限))(?:\s?[：:]|[】\]][：:]?)\s?"
)
_FACT = re.compile(rf"(?:(?<=[\n。；;！!，,（(【】\s—])|^){_LABEL}")
_WORDS = r"[^。；;\n）)【】\[]*"
_VALUE = re.compile(_WORDS)
_SAID = re.compile(rf"{_FACT.pattern}{_WORDS}[。；;】\]]?")
_EMPTY = re.compile(r"[（(【][\s。；;，,、]*[）)】]")
_NOTE = re.compile(rf"[（(【](?={_LABEL})[^（）()【】\n]*[）)】]")
# （柳河乡、县林业局）: units alone.
_UNIT = (
    r"[一-鿿]{1,20}?(?:[乡镇村县区市局办委部院校站所队馆处科股室厅]|街道|园区|中心|公司|政府|集团|支部|社区|工会"
    r"|[一二三四五六七八九][小中])"
)
_UNITS = re.compile(rf"[（(](?P<units>{_UNIT}(?:[、，,]\s?{_UNIT})*)[）)](?=[。：:\n]|$)")
_POST = re.compile(r"[（(][^（）()]*(?:[）)]|$)|\s[一-鿿]{2,6}[：:].*")
_MEMBER = re.compile("(?:常委|委员|成员|书记)$")
_POST_ALONE = re.compile(f"{_MEMBER.pattern}|(?:[县市区镇乡局院校部会处科所站]长|主任|主席|经理)$")
_NAMES = re.compile(r"[、，,；;/\s]+")
NO_YEAR = 0  # and none is guessed


@dataclass(frozen=True)
class Facts:
    """`deadline` is the last day the words name, or None; `deadline_text` are the words themselves."""

    leaders: tuple[str, ...] = ()
    units: tuple[str, ...] = ()
    deadline: date | None = None
    deadline_text: str = ""

    def joined(self, other: Facts) -> Facts:
        """With what the other knows besides; the later day."""
        days = [day for day in (self.deadline, other.deadline) if day]
        words = dict.fromkeys(filter(None, (self.deadline_text, other.deadline_text)))
        return Facts(
            tuple(dict.fromkeys(self.leaders + other.leaders)),
            tuple(dict.fromkeys(self.units + other.units)),
            max(days, default=None),
            "；".join(words),
        )


def find(text: str, start: int, end: int, year: int | None = None) -> Facts:
    """What the labels in a stretch of text say; a month without a year is one of the report's year."""
    named: dict[str, list[str]] = {"leaders": [], "units": [], "deadline": []}
    labels = list(_FACT.finditer(text, start, end))
    for label, following in zip(labels, [*labels[1:], None], strict=False):
        limit = following.start() if following else end
        value = _VALUE.match(text, label.end(), limit)
        named[str(label.lastgroup)].append(value.group().strip(" ，,、") if value else "")
    if not named["units"] and (units := unit_note(text, start, title_end(text, start, end))):
        named["units"].append(units["units"])
    words = "；".join(filter(None, named["deadline"]))
    return Facts(_people(named["leaders"]), _names(named["units"]), last_day(words, year), words)


def title_end(text: str, start: int, end: int) -> int:
    """Where the first sentence or line ends."""
    sign = re.compile(r"[。\n]").search(text, start, end)
    return sign.end() if sign else end


def of(leaders: str, units: str, words: str, year: int | None) -> Facts:
    """What the cells of a table say that are named so."""
    return Facts(_people([leaders]), _names([units]), last_day(words, year), words)


def note(text: str, start: int, end: int) -> re.Match[str] | None:
    """（责任领导：…；完成时限：…） behind a title: a note to it."""
    return _NOTE.search(text, start, end)


def notes(text: str, start: int, end: int) -> Iterator[re.Match[str]]:
    """All of them."""
    return _NOTE.finditer(text, start, end)


def without(text: str) -> str:
    """The text without what its labels say, for whoever is shown that beside it."""
    return _EMPTY.sub("", _SAID.sub(_closing, text)).strip()


def _closing(match: re.Match[str]) -> str:
    """The bracket that closes one which was opened before."""
    first, last = match.group()[0], match.group()[-1]
    return last if last in "】]" and first not in "【[" else ""


def outside_notes(pattern: re.Pattern[str], text: str, start: int, end: int) -> Iterator[re.Match[str]]:
    """The matches that stand in no bracket of who and when."""
    brackets = [note.span() for note in notes(text, start, end)]
    begins = [begin for begin, _ in brackets]
    for match in pattern.finditer(text, start, end):
        before = bisect_left(begins, match.start())
        if not before or match.start() >= brackets[before - 1][1]:
            yield match


def unit_note(text: str, start: int, end: int) -> re.Match[str] | None:
    """（柳河乡、县林业局） that ends a title: the units it is said of."""
    return _UNITS.search(text, start, end)


def names_somebody(text: str, start: int, end: int) -> bool:
    """A line that opens with such a label."""
    return bool(_FACT.match(text, start, end))


def last_day(words: str, year: int | None) -> date | None:
    """The last day that is named; a month without a year is one of the report's."""
    return read_deadline(words, year or NO_YEAR).day


def _names(values: list[str]) -> tuple[str, ...]:
    """Without a post behind the name, 孟某（副县长）, or the next label on the line, 县财政局 完成情况：…"""
    words = (_POST.sub("", value) for value in values)
    return tuple(dict.fromkeys(name for value in words for name in _NAMES.split(value) if name))


def _people(values: list[str]) -> tuple[str, ...]:
    """县委常委、副县长柯某 is one: a post without a name belongs to the name behind it."""
    words = (_POST.sub("", value) for value in values)
    out: list[str] = []
    for name in _names([person.said for value in words for person in persons(value)]):
        if out and _MEMBER.search(out[-1]) and not _POST_ALONE.search(name):
            out[-1] += f"、{name}"
        else:
            out.append(name)
    return tuple(out)
