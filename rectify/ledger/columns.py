"""The columns of the official ledger: one `Column` each, and the column sets an office may choose."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from enum import StrEnum
from operator import attrgetter

from rectify.errors import Incomplete
from rectify.ledger.row_types import MeasureRow, ProblemRow
from rectify.models.field_registry import ASSIGNED, REMARK, TEXTS, Field, Shape


class MergeLevel(StrEnum):
    """Over which rows a cell is merged in the print layout."""

    ASPECT = "aspect"
    PROBLEM = "problem"
    MEASURE = "measure"


Getter = Callable[[ProblemRow, MeasureRow], str | int]


@dataclass(frozen=True)
class Column:
    """`width` is in units: a Latin character is one, a Chinese one two."""

    key: str
    heading: str
    width: int
    get: Getter
    level: MergeLevel = MergeLevel.PROBLEM
    prose: bool = False
    lit: bool = False  # filled with the colour of the problem's light

    def heading_on(self, day: dt.date) -> str:
        return self.heading.format(month=day.month, day=day.day)


@dataclass(frozen=True)
class ColumnSet:
    key: str
    name: str
    columns: tuple[Column, ...]


def _measure_words(problem: ProblemRow, measure: MeasureRow) -> str:
    """The step, then its standard, and its unit and deadline where they differ from the problem's."""
    if not measure.text:
        return ""
    words = f"【{measure.kind}】{measure.text}" if measure.kind else measure.text
    if measure.standard:
        words += f"\n完成标志：{measure.standard}"
    own = []
    if measure.unit and measure.unit != problem.lead_unit:
        own.append(f"责任单位：{measure.unit}")
    if measure.deadline and measure.deadline != problem.due:
        own.append(f"完成时限：{measure.deadline}")
    if own:
        words += "\n" + "　".join(own)
    if measure.status:
        words += f"\n{measure.status}"
    return words


def _step(problem: ProblemRow, measure: MeasureRow) -> str:
    return f"【{measure.kind}】{measure.text}" if measure.kind and measure.text else measure.text


def _problem_and_steps(problem: ProblemRow, measure: MeasureRow) -> str:
    """The problem, below it each of its measures, with its unit where that is another."""
    lines = [problem.title]
    for number, step in enumerate(problem.measures, 1):
        own = f"（{step.unit}）" if step.unit and step.unit != problem.lead_unit else ""
        lines.append(f"{number}. {step.text}{own}")
    return "\n".join(lines)


def _of_field(field: Field) -> Column:
    """The column of a field that the row holds under the same name."""
    get = attrgetter(field.name)
    prose = field.shape == Shape.TEXT
    return Column(field.name, field.label, field.width, lambda problem, measure: get(problem), prose=prose)


NUMBER = Column("number", "序号", 5, lambda p, m: p.number)
ASPECT = Column("aspect", "查摆方面", 16, lambda p, m: p.aspect, MergeLevel.ASPECT, prose=True)
PROBLEM = Column("problem", "存在问题", 18, lambda p, m: p.title, prose=True)
MANIFESTATIONS = Column("manifestations", "具体表现", 36, lambda p, m: p.manifestations, prose=True)
CAUSES = Column("causes", "原因剖析", 36, lambda p, m: p.causes, prose=True)
MEASURE = Column("measure", "整改措施", 48, _measure_words, MergeLevel.MEASURE, prose=True)
PROGRESS = Column("progress", "整改进展（截至{month}月{day}日）", 38, lambda p, m: p.progress, prose=True)
COMPLETION = Column("completion", "完成情况", 14, lambda p, m: p.completion, lit=True)
EVIDENCE = Column("evidence", "佐证材料", 20, lambda p, m: p.evidence, prose=True)
CLOSE_OUT = Column("close_out", "销号情况", 10, lambda p, m: p.close_out)

ISSUES = ColumnSet(
    "B",
    "问题清单",
    (
        NUMBER,
        Column("aspect", "方面", 22, lambda p, m: p.aspect, MergeLevel.ASPECT, prose=True),
        Column("problem", "问题", 26, lambda p, m: p.title, prose=True),
        Column("manifestations", "具体表现", 46, lambda p, m: p.manifestations, prose=True),
        Column("source", "问题来源", 10, lambda p, m: p.source),
        Column("causes", "原因", 38, lambda p, m: p.causes, prose=True),
    ),
)

TASKS = ColumnSet(
    "C",
    "任务清单",
    (
        NUMBER,
        Column("problem", "对应问题", 24, lambda p, m: p.title, prose=True),
        Column("goal", "整改目标", 26, lambda p, m: p.goal, prose=True),
        Column("measure", "整改措施", 48, _step, MergeLevel.MEASURE, prose=True),
        Column("standard", "完成标志", 24, lambda p, m: m.standard, MergeLevel.MEASURE, prose=True),
        Column("deadline", "时限", 16, lambda p, m: m.deadline or p.deadline, MergeLevel.MEASURE),
    ),
)

DUTIES = ColumnSet(
    "D",
    "责任清单",
    (
        NUMBER,
        Column("problem", "对应问题／措施", 46, _problem_and_steps, prose=True),
        Column("leader", "责任领导", 12, lambda p, m: p.leader),
        Column("lead_unit", "责任单位", 16, lambda p, m: p.lead_unit),
        Column("chief", "主要负责人", 14, lambda p, m: p.chief),
        Column("responsible", "具体责任人", 14, lambda p, m: p.responsible),
        Column("supporting_units", "配合单位", 18, lambda p, m: p.supporting_units),
        Column("contact", "联络员及电话", 20, lambda p, m: p.contact),
    ),
)

# What the record does not hold is written in by hand: signatures, opinions of steps that were not taken.
CLOSINGS = ColumnSet(
    "E",
    "销号清单",
    (
        NUMBER,
        Column("problem", "问题", 26, lambda p, m: p.title, prose=True),
        Column("completion", "完成情况", 14, lambda p, m: p.completion, lit=True),
        Column("evidence", "佐证目录", 28, lambda p, m: p.evidence, prose=True),
        Column("applied", "申请单位／时间", 16, lambda p, m: p.applied),
        Column("review", "审核意见", 16, lambda p, m: p.review),
        Column("acceptance", "验收意见", 16, lambda p, m: p.acceptance),
        Column("closed", "销号时间", 15, lambda p, m: p.closed),
        Column("signature", "签字", 10, lambda p, m: ""),
    ),
)

LEDGER = ColumnSet(
    "A",
    "整改台账",
    (
        NUMBER,
        ASPECT,
        PROBLEM,
        MANIFESTATIONS,
        CAUSES,
        *map(_of_field, TEXTS),
        MEASURE,
        *(_of_field(field) for field in ASSIGNED if field.width),
        PROGRESS,
        COMPLETION,
        EVIDENCE,
        CLOSE_OUT,
        _of_field(REMARK),
    ),
)

COLUMN_SETS = {each.key: each for each in (LEDGER, ISSUES, TASKS, DUTIES, CLOSINGS)}
ALWAYS = ("number", "problem")  # without them a row says nothing


def column_set(key: str) -> ColumnSet:
    """The column set of that letter, or a refusal that names the known ones."""
    try:
        return COLUMN_SETS[key.strip().upper()]
    except KeyError:
        known = "、".join(f"{each.key}（{each.name}）" for each in COLUMN_SETS.values())
        raise Incomplete(f"没有表式“{key}”，可选：{known}。", field="columns") from None


def chosen_sets(keys: Iterable[str], columns: Iterable[str] = ()) -> list[ColumnSet]:
    """The sets of these letters in the order of the letters, each once; the first is the default.

    `columns` names single ones as `A.remark`: a set of which some are named is reduced to them.
    """
    known = {column_set(key).key: column_set(key) for key in keys} or {LEDGER.key: LEDGER}
    wanted = [name.partition(".") for name in columns]
    sets = []
    for one in sorted(known.values(), key=lambda each: each.key):
        kept = {column for letter, _, column in wanted if letter == one.key}
        left = tuple(each for each in one.columns if not kept or each.key in kept or each.key in ALWAYS)
        sets.append(ColumnSet(one.key, one.name, left))
    return sets
