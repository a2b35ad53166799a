"""The columns of the official ledger: one `Column` each, and the column sets an office may choose."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum

from ..errors import Incomplete
from .row_types import MeasureRow, ProblemRow


class Level(StrEnum):
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
    level: Level = Level.PROBLEM
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


NUMBER = Column("number", "序号", 5, lambda p, m: p.number)
ASPECT = Column("aspect", "查摆方面", 16, lambda p, m: p.aspect, Level.ASPECT, prose=True)
PROBLEM = Column("problem", "存在问题", 18, lambda p, m: p.title, prose=True)
MANIFESTATIONS = Column("manifestations", "具体表现", 36, lambda p, m: p.manifestations, prose=True)
CAUSES = Column("causes", "原因剖析", 36, lambda p, m: p.causes, prose=True)
GOAL = Column("goal", "整改目标", 22, lambda p, m: p.goal, prose=True)
MEASURE = Column("measure", "整改措施", 48, _measure_words, Level.MEASURE, prose=True)
LEADER = Column("leader", "责任领导", 10, lambda p, m: p.leader)
LEAD_UNIT = Column("lead_unit", "责任单位", 10, lambda p, m: p.lead_unit)
SUPPORTING_UNITS = Column("supporting_units", "配合单位", 12, lambda p, m: p.supporting_units)
RESPONSIBLE = Column("responsible", "责任人", 10, lambda p, m: p.responsible)
KIND = Column("kind", "整改类型", 10, lambda p, m: p.kind)
DEADLINE = Column("deadline", "整改时限", 15, lambda p, m: p.deadline)
PROGRESS = Column("progress", "整改进展（截至{month}月{day}日）", 38, lambda p, m: p.progress, prose=True)
COMPLETION = Column("completion", "完成情况", 14, lambda p, m: p.completion, lit=True)
EVIDENCE = Column("evidence", "佐证材料", 20, lambda p, m: p.evidence, prose=True)
CLOSE_OUT = Column("close_out", "销号情况", 10, lambda p, m: p.close_out)
REMARK = Column("remark", "备注", 10, lambda p, m: p.remark, prose=True)

LEDGER = ColumnSet(
    "A",
    "整改台账",
    (
        NUMBER,
        ASPECT,
        PROBLEM,
        MANIFESTATIONS,
        CAUSES,
        GOAL,
        MEASURE,
        LEADER,
        LEAD_UNIT,
        SUPPORTING_UNITS,
        RESPONSIBLE,
        KIND,
        DEADLINE,
        PROGRESS,
        COMPLETION,
        EVIDENCE,
        CLOSE_OUT,
        REMARK,
    ),
)

COLUMN_SETS = {column_set.key: column_set for column_set in (LEDGER,)}


def column_set(key: str) -> ColumnSet:
    """The column set of that letter, or a refusal that names the known ones."""
    try:
        return COLUMN_SETS[key.strip().upper()]
    except KeyError:
        known = "、".join(f"{each.key}（{each.name}）" for each in COLUMN_SETS.values())
        raise Incomplete(f"没有表式“{key}”，可选：{known}。", field="columns") from None
