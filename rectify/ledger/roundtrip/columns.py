"""The columns of the working copy: what identifies a row, what is shown, and what may be filled in."""

from __future__ import annotations

from dataclasses import dataclass

from rectify.choices import Action, Kind
from rectify.models.field_registry import ASSIGNED, REMARK, TEXTS, Field

KIND_WORDS = {
    "立行立改": (Kind.AT_ONCE, False),
    "立行立改，并长期坚持": (Kind.AT_ONCE, True),
    "限期整改": (Kind.BY_DATE, False),
    "限期整改，并长期坚持": (Kind.BY_DATE, True),
    "长期坚持": (Kind.STANDING, False),
}
# Hidden; an import trusts nothing else to say which row this is.
CODE, VERSION, EXPORT = "校验编号", "校验版本", "校验批次"
IDENTITY = (CODE, VERSION, EXPORT)
REASON = "未导入的原因"
ROWS_MAX = 20_000  # of one working copy


@dataclass(frozen=True)
class WorkingColumn:
    """`act` is what filling the cell in leads to; without one the cell is only shown."""

    key: str
    heading: str
    width: int
    act: str = ""
    choices: str = ""  # which list of the hidden sheet
    longest: int = 0
    hint: str = ""

    @property
    def adds(self) -> bool:
        """The cell starts empty, and what is filled in is added, never written over."""
        return self.act in (Action.ADD_PROGRESS, Action.ADD_MEASURE)


def _of_field(field: Field) -> WorkingColumn:
    return WorkingColumn(
        *(field.name, field.label, field.filled_width, field.act, field.options),
        longest=field.longest,
        hint=field.hint,
    )


SHOWN = (
    WorkingColumn("number", "序号", 6),
    WorkingColumn("code", "编号", 12),
    WorkingColumn("aspect", "查摆方面", 26),
    WorkingColumn("problem", "存在问题", 24),
    WorkingColumn("manifestations", "具体表现", 36),
    WorkingColumn("measures", "现有措施", 40),
    WorkingColumn("completion", "完成情况", 16),
    WorkingColumn("latest", "最近进展", 34),
)
FILLED = (
    WorkingColumn(
        "progress",
        "本次进展",
        44,
        Action.ADD_PROGRESS,
        longest=10_000,
        hint="写明做了什么、结果如何；导入后成为一条新的进展，不覆盖以前的",
    ),
    WorkingColumn(
        "percent", "完成比例（%）", 10, Action.ADD_PROGRESS, hint="0 到 100 的整数，随本次进展一起填"
    ),
    WorkingColumn(
        "new_measures",
        "新增措施",
        40,
        Action.ADD_MEASURE,
        longest=10_000,
        hint="一行一条（Alt+回车换行）；可在前面注明【当下改】或【长久立】",
    ),
    *(_of_field(field) for field in (*TEXTS, *ASSIGNED, REMARK) if field.filled_width),
)
# A sheet that leaves holds no person's account; the grid on the page does.
CLERK = WorkingColumn(
    "clerk", "经办人", 14, Action.ASSIGN, "clerks", hint="责任单位或配合单位的经办人、负责人"
)
MERGED = (*FILLED, CLERK)
BY_KEY = {column.key: column for column in (*SHOWN, *MERGED)}
# What is filled in on the page, in its order, and which of it may be emptied there.
GRID = tuple(
    BY_KEY[key]
    for key in (
        *("leader", "lead_unit", "clerk", "kind", "deadline"),
        *("goal", "progress", "percent", "remark"),
    )
)
CLEARABLE = frozenset({"leader", "lead_unit", "clerk", "goal", "remark"})
# In the order of the sheet: what is known, what the unit reports, what the office decides.
VISIBLE = (*SHOWN, *FILLED)
