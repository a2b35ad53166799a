"""The columns of the official forms: one `Column` each, and the column sets an office may choose."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from operator import attrgetter

from rectify.errors import Incomplete
from rectify.ledger import cell_words as words
from rectify.ledger.row_types import MeasureRow, ProblemRow
from rectify.models.field_registry import ASSIGNED, REMARK, TEXTS, Field, Shape


class RowLevel(StrEnum):
    """What a cell is about: a form with columns of measures has a row for each measure."""

    PROBLEM = "problem"
    MEASURE = "measure"


class Paper(StrEnum):
    A3 = "A3"
    A4 = "A4"


Getter = Callable[[ProblemRow, MeasureRow], str | int]
A3_FROM_COLUMNS = 12


@dataclass(frozen=True)
class Column:
    """`width` is in units: a Latin character is one, a Chinese one two. It is a share of the page's."""

    key: str
    heading: str
    width: float
    get: Getter
    level: RowLevel = RowLevel.PROBLEM
    prose: bool = False
    lit: bool = False  # filled with the colour of the problem's light
    by_hand: bool = False  # stays when nothing stands in it: for the pen

    def heading_on(self, day: dt.date) -> str:
        return self.heading.format(month=day.month, day=day.day)

    @property
    def name(self) -> str:
        """The heading in one line, without its day."""
        return self.heading.partition("（")[0].strip().replace("\n", "／")


@dataclass(frozen=True)
class ColumnSet:
    """`sections`: the full name of each aspect stands in a row of its own over its problems."""

    key: str
    name: str
    columns: tuple[Column, ...]
    paper: Paper = Paper.A4
    sections: bool = False
    title: str = ""  # the office's own, of a form that it made

    @property
    def label(self) -> str:
        """How an export names it: the letter of an official form, the name of an office's own."""
        return self.key if self.key in COLUMN_SETS else self.name

    def reduced(self, kept: Iterable[str]) -> ColumnSet:
        """The same with some of its columns; less than a wide sheet is printed on the smaller paper."""
        names = {*kept, *ALWAYS}
        left = tuple(column for column in self.columns if column.key in names)
        if left == self.columns:
            return self
        wide = len(left) >= min(A3_FROM_COLUMNS, len(self.columns))
        return replace(self, columns=left, paper=self.paper if wide else Paper.A4)


def _of_field(field: Field) -> Column:
    """The column of a field that the row holds under the same name."""
    get = attrgetter(field.name)
    prose = field.shape == Shape.TEXT
    return Column(field.name, field.label, field.width, lambda problem, measure: get(problem), prose=prose)


NUMBER = Column("number", "序号", 4, lambda p, m: p.number)
ASPECT = Column("aspect", "查摆方面", 12, lambda p, m: p.aspect_short or p.aspect, prose=True)
PROBLEM = Column("problem", "存在问题", 16, lambda p, m: p.title, prose=True)
MANIFESTATIONS = Column("manifestations", "具体表现", 25, lambda p, m: p.manifestations, prose=True)
CAUSES = Column("causes", "原因剖析", 34, lambda p, m: p.causes, prose=True)
GOAL = Column("goal", "整改目标", 19, lambda p, m: p.goal, prose=True)
PROGRESS_HEADING = "整改进展\n（截至{month}月{day}日）"
WHOLE_ASPECT = Column("aspect", "查摆方面", 26, lambda p, m: p.aspect, prose=True)

# Of eighteen columns side by side on A3 those of names and dates are as narrow as they can be.
NARROW = {"leader": 9, "lead_unit": 10, "supporting_units": 11, "responsible": 9, "kind": 8, "deadline": 11}

# As printed: one row a problem, twelve columns, and a thirteenth where there are remarks.
LEDGER = ColumnSet(
    "A",
    "整改台账",
    (
        NUMBER,
        PROBLEM,
        MANIFESTATIONS,
        Column("causes", "原因剖析", 13, lambda p, m: p.cause_titles, prose=True),
        GOAL,
        Column(
            "measure",
            "整改措施\n（完成标志 · 责任单位 · 时限）",
            50,
            lambda p, m: words.measures_in_brief(p),
            prose=True,
        ),
        Column("leader", "责任领导\n责任人", 10, lambda p, m: words.stacked(p.leader, p.responsible)),
        Column(
            "lead_unit", "责任单位\n配合单位", 13, lambda p, m: words.stacked(p.lead_unit, p.supporting_units)
        ),
        Column("deadline", "整改类型\n整改时限", 11, lambda p, m: words.kind_and_deadline(p)),
        Column("progress", PROGRESS_HEADING, 25, lambda p, m: words.progress_in_brief(p), prose=True),
        Column("completion", "完成情况", 12, lambda p, m: words.completion_and_close_out(p), lit=True),
        Column("evidence", "佐证材料", 9, lambda p, m: words.evidence_in_brief(p)),
        _of_field(REMARK),
    ),
    paper=Paper.A3,
    sections=True,
)

ISSUES = ColumnSet(
    "B",
    "问题清单",
    (
        NUMBER,
        Column("aspect", "方面", 14, lambda p, m: p.aspect_short or p.aspect, prose=True),
        Column("problem", "问题", 28, lambda p, m: p.title, prose=True),
        Column("manifestations", "具体表现", 52, lambda p, m: p.manifestations, prose=True),
        Column("source", "问题来源", 10, lambda p, m: p.source),
        Column("causes", "原因", 30, lambda p, m: p.causes, prose=True),
    ),
    sections=True,
)

TASKS = ColumnSet(
    "C",
    "任务清单",
    (
        NUMBER,
        Column("problem", "对应问题", 26, lambda p, m: p.title, prose=True),
        Column("goal", "整改目标", 26, lambda p, m: p.goal, prose=True),
        Column("measure", "整改措施", 46, lambda p, m: words.step(m), RowLevel.MEASURE, prose=True),
        Column("standard", "完成标志", 24, lambda p, m: m.standard, RowLevel.MEASURE, prose=True),
        Column("deadline", "时限", 15, lambda p, m: m.deadline or p.deadline, RowLevel.MEASURE),
    ),
)

DUTIES = ColumnSet(
    "D",
    "责任清单",
    (
        NUMBER,
        Column("problem", "对应问题／措施", 48, lambda p, m: words.problem_and_steps(p), prose=True),
        Column("leader", "责任领导", 12, lambda p, m: p.leader),
        Column("lead_unit", "责任单位", 14, lambda p, m: p.lead_unit),
        Column("chief", "主要负责人", 14, lambda p, m: p.chief),
        Column("responsible", "具体责任人", 14, lambda p, m: p.responsible),
        Column("supporting_units", "配合单位", 18, lambda p, m: p.supporting_units),
        Column("contact", "联络员及电话", 18, lambda p, m: p.contact),
    ),
)

# What the record does not hold is written in by hand: signatures, opinions of steps that were not taken.
CLOSINGS = ColumnSet(
    "E",
    "销号清单",
    (
        NUMBER,
        Column("problem", "问题", 24, lambda p, m: p.title, prose=True),
        Column("completion", "完成情况", 14, lambda p, m: p.completion, lit=True),
        Column("evidence", "佐证目录", 30, lambda p, m: p.evidence, prose=True),
        Column("applied", "申请单位／时间", 17, lambda p, m: p.applied, by_hand=True),
        Column("review", "审核意见", 17, lambda p, m: p.review, by_hand=True),
        Column("acceptance", "验收意见", 17, lambda p, m: p.acceptance, by_hand=True),
        Column("closed", "销号时间", 14, lambda p, m: p.closed, by_hand=True),
        Column("signature", "签字", 9, lambda p, m: "", by_hand=True),
    ),
)

# All columns apart, for an inspection that wants them so.
APART = ColumnSet(
    "F",
    "整改台账（分栏）",
    (
        NUMBER,
        ASPECT,
        PROBLEM,
        MANIFESTATIONS,
        CAUSES,
        *map(_of_field, TEXTS),
        Column("measure", "整改措施", 66, lambda p, m: words.measures_in_full(p), prose=True),
        *(replace(_of_field(field), width=NARROW[field.name]) for field in ASSIGNED if field.width),
        Column("progress", PROGRESS_HEADING, 36, lambda p, m: words.progress_in_full(p), prose=True),
        Column("completion", "完成情况", 14, lambda p, m: p.completion, lit=True),
        Column("evidence", "佐证材料", 28, lambda p, m: p.evidence, prose=True),
        Column("close_out", "销号情况", 12, lambda p, m: p.close_out),
        _of_field(REMARK),
    ),
    paper=Paper.A3,
    sections=True,
)

# Everything in full, a row a problem, for who filters in Excel: stands beside the printed ledger.
FULL = replace(
    APART,
    key="全",
    name="全部内容",
    columns=tuple(WHOLE_ASPECT if column is ASPECT else column for column in APART.columns),
    sections=False,
)

COLUMN_SETS = {each.key: each for each in (LEDGER, ISSUES, TASKS, DUTIES, CLOSINGS, APART)}
ALWAYS = ("number", "problem")  # without them a row says nothing


def column_set(key: str) -> ColumnSet:
    """The column set of that letter, or a refusal that names the known ones."""
    try:
        return COLUMN_SETS[key.strip().upper()]
    except KeyError:
        known = "、".join(f"{each.key}（{each.name}）" for each in COLUMN_SETS.values())
        raise Incomplete(f"没有表式“{key}”，可选：{known}。", field="columns") from None


def chosen_sets(
    keys: Iterable[str], columns: Iterable[str] = (), own: Mapping[str, ColumnSet] | None = None
) -> list[ColumnSet]:
    """The sets of these letters in their order, each once, behind them the office's own; A is the default.

    `columns` names single ones as `A.remark`: a set of which some are named is reduced to them.
    """
    own, asked = own or {}, list(dict.fromkeys(keys))
    letters = sorted({column_set(key).key for key in asked if key not in own})
    theirs = [own[key] for key in asked if key in own]
    wanted = [name.partition(".") for name in columns]
    sets = []
    for letter in letters or ([] if theirs else [LEDGER.key]):
        kept = {column for of, _, column in wanted if of == letter}
        sets.append(COLUMN_SETS[letter].reduced(kept) if kept else COLUMN_SETS[letter])
    return sets + theirs
