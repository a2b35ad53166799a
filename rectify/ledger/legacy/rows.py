"""What a row below the headings is: a problem's, the name of an aspect, a sum or a signature, a note."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import StrEnum


class RowKind(StrEnum):
    """What is made of a row; the value says why it is no problem's."""

    ENTRY = ""
    SECTION = "方面的标题"
    SUM = "合计、小计"
    SIGNATURE = "填报、审核、签字"
    NOTE = "表下的说明"
    NUMBER = "只有序号"


_SUM = re.compile(r"(?:本页|本表|单位)?(?:合计|总计|小计|累计|共计)(?:$|[:：（(\d]).*|共\d+[项个条].{0,6}")
_SIGNATURE = re.compile(
    r"(?:填报|填表|制表|审核|审批|复核|经办|报送|联系|主要负责|单位负责|分管负责|责任领导签|分管领导签|签字|签名|盖章)"
    r"(?:人|单位|部门|领导|电话|时间|日期|责任人|人签字|人签名|字|名)?(?:[（(].{1,8}[)）])?[:：].*"
    r"|(?:填报|填表)(?:人|单位|日期|时间).*"
)
_NOTE = re.compile(r"(?:注|备注|说明|填表说明|填报说明|附注|提示)\d?[:：].*|[*＊※].+", re.DOTALL)
_LABELLED = re.compile(r".{1,10}[:：]|[*＊※]")
_NUMERALS = (
    re.compile(
        r"第[一二三四五六七八九十]+[部方章类]分?面?[、.．:：\s]*|[一二三四五六七八九十]{1,3}[、.．]\s*"
    ),
    re.compile(r"[（(][一二三四五六七八九十]{1,3}[)）][、.．]?\s*"),
    re.compile(r"\d{1,2}[、.．](?!\d)\s*"),
)
_ASPECT = re.compile(r".{1,80}(?:方面|领域|类|问题|情况|部分|环节)(?:[（(].{1,12}[)）])?[:：]?")
_SENTENCE = re.compile(r"[。；;]|[:：].")
LONGEST = 100


def kind_of(texts: Sequence[tuple[int, str]], title: int | None, number: int | None, spans: bool) -> RowKind:
    """`texts` are a row's own by column; `spans`: its only one is merged over several columns."""
    first = texts[0][1].strip()
    kind = _foot(first)
    is_labelled = all(_LABELLED.match(text.strip()) for _, text in texts)
    if kind == RowKind.SUM or (kind and (is_labelled or texts[0][0] != title)):
        return kind
    if len(texts) > 1:
        return RowKind.ENTRY
    column = texts[0][0]
    if column == number and re.fullmatch(r"[\d.、（()）\s]+", first):
        return RowKind.NUMBER
    if column == title and not spans:
        return RowKind.SECTION if level_of(first) == 0 and _ASPECT.fullmatch(first) else RowKind.ENTRY
    if not spans and column not in (number, 1):
        return RowKind.ENTRY
    return RowKind.SECTION if _names_aspect(first) else RowKind.NOTE


def _foot(first: str) -> RowKind | None:
    plain = re.sub(r"\s+", "", first)
    for pattern, kind in ((_SUM, RowKind.SUM), (_SIGNATURE, RowKind.SIGNATURE), (_NOTE, RowKind.NOTE)):
        if pattern.fullmatch(plain):
            return kind
    return None


def _names_aspect(text: str) -> bool:
    if len(text) > LONGEST:
        return False
    if level_of(text) is not None or _ASPECT.fullmatch(text):
        return not re.search(r"[。；;].", text)
    return not _SENTENCE.search(text) and len(text) <= LONGEST // 2


def level_of(text: str) -> int | None:
    """How deep its number stands: 一、 is 0, （一） 1, 1. 2; nothing without a number."""
    return next((level for level, pattern in enumerate(_NUMERALS) if pattern.match(text)), None)


def without_number(text: str) -> str:
    line = " ".join(text.split())
    for pattern in _NUMERALS:
        if match := pattern.match(line):
            line = line[match.end() :] or line
            break
    return line.rstrip("：:。；; ")


@dataclass
class Section:
    """One aspect that a row of its own names."""

    row: int
    level: int
    text: str
    is_used: bool = False  # a problem stands under it


@dataclass
class Sections:
    """The aspects named by rows of their own; those still open hold for the rows below."""

    all: list[Section] = field(default_factory=list)
    open: list[Section] = field(default_factory=list)

    def enter(self, row: int, text: str) -> None:
        """A new one closes those of its own level and below."""
        level = level_of(text) or 0
        section = Section(row, level, text)
        self.open = [above for above in self.open if above.level < level] + [section]
        self.all.append(section)

    def aspect_of_problem(self) -> str:
        for section in self.open:
            section.is_used = True
        return "：".join(without_number(section.text) for section in self.open)[:500]

    @property
    def unused(self) -> list[Section]:
        return [section for section in self.all if not section.is_used]
