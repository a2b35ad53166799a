"""The headings of an office's own sheets: what each of them probably means."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from rectify.models.field_registry import ASSIGNED, REMARK, TEXTS, Field
from rectify.models.field_registry import BY_NAME as FIELDS_BY_NAME
from rectify.xlsx.reader import Sheet
from rectify.xlsx.values import NotUnderstood, half_width, normal, text_of

HEADER_WITHIN = 25  # rows: titles and remarks stand above
FEWEST = 2  # headings that make a row a header
_IN_BRACKETS = re.compile(r"[（(【\[].*?[）)】\]]")
_SIGNS = re.compile(r"[\s:：、，,。.·*＊/／\-—_]+")


@dataclass(frozen=True)
class Meaning:
    """One thing a column may hold, and what offices call it; the first name is ours."""

    key: str
    names: tuple[str, ...]

    @property
    def label(self) -> str:
        return self.names[0]


def _of_field(field: Field) -> Meaning:
    return Meaning(field.name, field.synonyms)


MEANINGS = (
    Meaning("number", ("序号", "编号", "项次", "问题编号", "问题序号")),
    Meaning("aspect", ("查摆方面", "方面", "问题方面", "查摆问题方面", "问题类别", "类别", "领域")),
    _of_field(FIELDS_BY_NAME["title"]),
    Meaning("manifestations", ("具体表现", "问题表现", "表现形式", "主要表现")),
    Meaning("source", ("问题来源", "来源")),
    Meaning("causes", ("原因剖析", "原因分析", "产生原因", "问题原因", "问题根源", "原因", "根源")),
    *map(_of_field, TEXTS),
    Meaning(
        "measure",
        (
            *("整改措施", "措施", "具体措施", "整改举措", "工作措施", "整改落实措施", "整改任务", "任务"),
            *("改进措施", "解决措施"),
        ),
    ),
    Meaning("standard", ("完成标志", "完成标准", "验收标准", "整改标准", "销号标准")),
    *(_of_field(field) for field in ASSIGNED if field.synonyms),
    Meaning(
        "progress",
        (
            *("整改进展", "进展情况", "整改情况", "工作进展", "落实情况", "整改落实情况", "整改进展情况"),
            *("目前进展", "进展", "整改成效", "工作开展情况"),
        ),
    ),
    Meaning("completion", ("完成情况", "是否完成", "整改状态", "状态", "完成状态", "销号情况", "是否销号")),
    _of_field(REMARK),
)
BY_KEY = {meaning.key: meaning for meaning in MEANINGS}
_EXACT = {name: meaning.key for meaning in MEANINGS for name in meaning.names}
_LONGEST_FIRST = sorted(_EXACT, key=len, reverse=True)


def guess_heading(text: str) -> tuple[str, int]:
    """What a heading means and how sure that is: 100 for a known name, less for one that holds it."""
    plain = _SIGNS.sub("", _IN_BRACKETS.sub("", half_width(normal(text))))
    if plain in _EXACT:
        return _EXACT[plain], 100
    if not plain or len(plain) > 20:
        return "", 0
    for name in _LONGEST_FIRST:
        if len(name) > 1 and name in plain:
            return _EXACT[name], 50 + len(name) * 40 // len(plain) // 2
    return "", 0


def guess_columns(headings: Mapping[int, str]) -> dict[int, str]:
    """The meaning of each column; what two columns may mean goes to the surer one."""
    best: dict[str, tuple[int, int]] = {}
    for column, text in headings.items():
        key, sure = guess_heading(text)
        if key and sure > best.get(key, (0, 0))[0]:
            best[key] = (sure, column)
    return {column: key for key, (_, column) in best.items()}


def headings_of(sheet: Sheet, row: int) -> dict[int, str]:
    """The texts of a row, with those that merged cells pass down to it."""
    last = max((max(cells) for number, cells in sheet.rows.items() if number <= row + 1), default=0)
    found = {}
    for column in range(1, last + 1):
        try:
            text = text_of(sheet.cell(row, column))
        except NotUnderstood:
            continue
        if text:
            found[column] = text
    return found


def find_header(sheet: Sheet) -> int:
    """The row that says most about its columns; 0 when none does."""
    best, header = FEWEST - 1, 0
    for row in sorted(sheet.rows)[:HEADER_WITHIN]:
        count = len(guess_columns(headings_of(sheet, row)))
        if count > best:
            best, header = count, row
    return header


def title_above(sheet: Sheet, header: int) -> str:
    """The longest text above the header: what the sheet calls itself."""
    texts = [text for row in sheet.rows if row < header for _, text in sheet.texts(row)]
    titles = [normal(text) for text in texts if "：" not in text and ":" not in text]
    return max(titles, key=len, default="")[:200]
