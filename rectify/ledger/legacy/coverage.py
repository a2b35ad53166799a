"""The law of reading a sheet: a cell that is in no problem, in nothing left out and in no notice is named."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from rectify.ledger.legacy.cells import SheetText
from rectify.ledger.legacy.problem import LeftOut, OldProblem, OldSheet
from rectify.xlsx.cells import letters_of
from rectify.xlsx.values import half_width

UNREAD = "有文字没有录入任何一项"
CODES = "原表的编号，读入后另行编号"
SHOWN = 10
_RUN = re.compile(r"[^\W_]+")
_COUNT = re.compile(r"[\d\s.、（()）一二三四五六七八九十]+")
_LISTED = re.compile(
    r"(?:^|[\n；;。])\s*(?:\d{1,2}[.、．](?!\d)|[（(][\d一二三四五六七八九十]{1,3}[)）]|[①-⑳]|[一二三四五六七八九十]+[、.])"
    r"|^【(?:当下改|长久立)】",
    re.MULTILINE,
)


def unread_cells(text: SheetText, outcome: OldSheet) -> Iterator[LeftOut]:
    """Below the headings, in the order of the sheet; the codes of a number's column are named as one."""
    kept = _Kept.of(outcome, text.sheet.name)
    numbers = set(text.columns.get("number", ()))
    codes: list[str] = []
    for row, column, words in _decided(text):
        if (column in numbers and _COUNT.fullmatch(words)) or kept.holds(row, column, words):
            continue
        if column in numbers:
            codes.append(words)
        else:
            yield LeftOut(text.sheet.name, row, words, UNREAD, text.headings.get(column, ""))
    if codes:
        words = "、".join(codes[:SHOWN]) + (f"等 {len(codes)} 个" if len(codes) > SHOWN else "")
        yield LeftOut(text.sheet.name, text.header, words, CODES, text.headings[min(numbers)])


def _decided(text: SheetText) -> Iterator[tuple[int, int, str]]:
    """The cells below the headings in columns that mean something."""
    decided = {column for columns in text.columns.values() for column in columns}
    for row in sorted(text.sheet.rows):
        if row > text.header and not text.is_heading(row):
            yield from ((row, *cell) for cell in text.own_texts(row) if cell[0] in decided)


@dataclass(frozen=True)
class _Kept:
    """The words of each row's problem and of what is said of the row, and the cells that a notice names."""

    by_row: dict[int, Words]
    told: set[tuple[int, str]]
    aspects: Words

    @classmethod
    def of(cls, outcome: OldSheet, name: str) -> _Kept:
        texts: dict[int, list[str]] = {}
        for problem in outcome.problems:
            words = words_of(problem)
            for row in problem.rows:
                texts.setdefault(row, []).append(words)
        for part in outcome.left_out:
            texts.setdefault(part.row, []).append(part.text)
        for notice in outcome.notices:
            texts.setdefault(notice.row, []).append(notice.value)
        told = {(notice.row, notice.letter) for notice in outcome.notices if notice.sheet == name}
        rows = {row: Words.of("\n".join(words)) for row, words in texts.items()}
        return cls(rows, told, Words.of("\n".join(outcome.aspects)))

    def holds(self, row: int, column: int, words: str) -> bool:
        known = self.by_row.get(row, self.aspects)
        return known.hold(words) or (row, letters_of(column)) in self.told


@dataclass(frozen=True)
class Words:
    """Runs of letters and digits: a figure counts as a whole, words also within others."""

    runs: frozenset[str]
    all: str

    @classmethod
    def of(cls, text: str) -> Words:
        runs = _RUN.findall(half_width(text))
        return cls(frozenset(runs), "|".join(runs))

    def hold(self, text: str) -> bool:
        """Each run of the text; the number of an entry in a list is none."""
        return all(map(self._holds, _RUN.findall(half_width(_LISTED.sub("\n", text)))))

    def _holds(self, run: str) -> bool:
        if run in self.runs:
            return True
        if run.isdecimal():
            return bool(re.search(rf"(?<!\d){run}(?!\d)", self.all))
        return run in self.all


def words_of(problem: OldProblem) -> str:
    """Everything of a problem that is loaded."""
    measures = [f"{step.text}\n{step.standard}\n{step.deadline_words}" for step in problem.measures]
    people = (*problem.leaders, *problem.units, *problem.supporting)
    texts = (
        *(problem.title, problem.text, problem.aspect, problem.causes, *problem.texts.values()),
        *(problem.source_words, problem.responsible, problem.kind_words, problem.deadline_words),
        *(problem.progress, problem.remark),
    )
    return "\n".join((*texts, *problem.manifestations, *measures, *people))
