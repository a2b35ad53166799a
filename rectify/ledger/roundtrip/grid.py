"""What a grid posts, as the rows of a returned copy: what was typed, and what stood there before."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from rectify import clock, wording
from rectify.digests import canonical
from rectify.errors import Incomplete
from rectify.ledger.roundtrip.columns import BY_KEY, CLEARABLE, GRID, MERGED
from rectify.ledger.roundtrip.plan import Base, Fault
from rectify.ledger.roundtrip.reader import Returned, ReturnedRow
from rectify.models import Report
from rectify.papers.deadlines import read_deadline
from rectify.xlsx.reader import BLANK, SheetCell
from rectify.xlsx.values import normal, read_day

LIMIT = 500
SHEET = "表格填写"
KEYS = frozenset(column.key for column in GRID)
OPEN = sorted(column.key for column in MERGED)  # the policy is asked of each cell that was typed into
INCOMPLETE = "表格的内容没有传完整，没有保存。您填写的内容还在草稿里，请刷新本页，核对后再保存。"
NOT_EMPTIED = ("这一栏不能清空", "请按 Ctrl+Z 恢复原来的内容，或到这一项的页面办理")
NO_DAY_SAID = "“{}”没有说到哪一天"
SAY_KIND = "长期坚持、立行立改请选在“整改类型”一栏；时限留空，或写成 2026年6月底前 这样"
SAY_DAY = "请写成 2026年6月底前、2026-06-30 这样"


@dataclass
class GridRows:
    """What was posted, and the days read from words: a person looks at them before they are kept."""

    returned: Returned
    readings: list[Fault] = field(default_factory=list)


def read_grid(text: str, report: Report) -> GridRows:
    """{"at": moment, "rows": {code: {"version": n, "was": {key: text}, "now": {key: text}}}}: changed cells.

    Nobody gains by forging what stood there: it decides what is a conflict, and never who may do what.
    """
    posted = _posted(text)
    kept: dict[str, Any] = {}
    grid = GridRows(Returned())
    for number, (code, row) in enumerate(posted["rows"].items(), 1):
        was = {key: _standing(key, text) for key, text in row["was"].items() if key in KEYS}
        now = {key: text for key, text in row["now"].items() if key in KEYS}
        kept[code] = {"version": row["version"], "cells": was, "open": OPEN, "shown": {}}
        read = _Row(code, number, now, was, report.year)
        grid.returned.rows.append(read.returned(row["version"]))
        grid.returned.faults += read.faults
        grid.readings += read.readings
    grid.returned.base = Base(report, posted["at"], canonical(kept))
    return grid


def codes_in(text: str) -> list[str]:
    """Which items were typed into; none where the text is not ours."""
    try:
        return list(_posted(text)["rows"]) if text else []
    except Incomplete:
        return []


def _standing(key: str, text: str) -> str:
    """In the form in which it is compared."""
    day = read_day(text) if key == "deadline" else None
    return day.isoformat() if day else normal(text)


class _Row:
    """One row of the grid; what cannot be taken over is said of its cell."""

    def __init__(
        self, code: str, number: int, now: Mapping[str, str], was: Mapping[str, str], year: int
    ) -> None:
        self.code = code
        self.number = number
        self.now = now
        self.was = was
        self.year = year
        self.faults: list[Fault] = []
        self.readings: list[Fault] = []

    def returned(self, version: int) -> ReturnedRow:
        cells = dict(self._cells())
        emptied = frozenset(key for key, cell in cells.items() if cell.is_blank and self.was.get(key))
        for key in sorted(emptied - CLEARABLE):
            self.faults.append(self._fault(key, "", *NOT_EMPTIED))
        letters = {column.key: column.heading for column in MERGED}
        row = ReturnedRow(SHEET, self.number, self.code, version, 0, cells, letters)
        row.emptied = emptied & CLEARABLE
        return row

    def _cells(self) -> Iterator[tuple[str, SheetCell]]:
        for key, text in self.now.items():
            plain = normal(text)
            if key == "deadline" and plain and read_day(plain) is None:
                yield from self._in_words(plain)
            else:
                yield key, SheetCell("t", plain) if plain else BLANK

    def _in_words(self, words: str) -> Iterator[tuple[str, SheetCell]]:
        """Words become the day that they leave, and stay as they are in the column of words."""
        said = read_deadline(words, self.year)
        if said.day is None:
            reason = said.doubt if not said.says_when else NO_DAY_SAID.format(words[:40])
            self.faults.append(
                self._fault("deadline", words, reason, SAY_KIND if said.says_when else SAY_DAY)
            )
            return
        yield "deadline", SheetCell("t", said.day.isoformat())
        yield "deadline_text", SheetCell("t", words)
        remedy = said.doubt or (f"没有写年份，按台账的 {self.year} 年" if said.assumed else "请核对")
        self.readings.append(self._fault("deadline", words, f"按{wording.date(said.day)}读入", remedy))

    def _fault(self, key: str, value: str, reason: str, remedy: str) -> Fault:
        heading = BY_KEY[key].heading
        return Fault(SHEET, self.number, heading, heading, value[:60], reason, remedy, self.code)


def _posted(text: str) -> dict[str, Any]:
    """The posted rows, of the shape that the page sends. Raises Incomplete for any other."""
    try:
        posted = json.loads(text)
        at = dt.datetime.fromisoformat(posted["at"])
        rows = {str(code): _posted_row(row) for code, row in posted["rows"].items()}
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError):
        raise Incomplete(INCOMPLETE) from None
    if at.tzinfo is None:
        raise Incomplete(INCOMPLETE)
    if len(rows) > LIMIT:
        raise Incomplete(f"一次最多保存 {LIMIT} 项，现在有 {len(rows)} 项，没有保存。请筛选后分次填写。")
    return {"at": min(at, clock.now()), "rows": {code: row for code, row in rows.items() if row["now"]}}


def _posted_row(row: Mapping[str, Any]) -> dict[str, Any]:
    texts = {name: {str(key): str(text) for key, text in row[name].items()} for name in ("was", "now")}
    version = int(row["version"])
    if not 0 <= version < 2**31:
        raise ValueError(version)
    return {"version": version, **texts}
