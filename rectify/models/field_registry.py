"""The fields of a problem, as data: what forms, the record, the ledger and the sheets that come back derive.

In the order in which a sheet shows them. A field of text needs, besides its row here, its column in
`versioned_fields` with a migration, and its place in `ledger/row_types.py`.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from rectify.choices import Action

TEXT_MAX = 10_000


class Shape(StrEnum):
    """What kind of value a field holds."""

    TEXT = "text"  # of several lines
    LINE = "line"
    CHOICE = "choice"
    FLAG = "flag"
    ROW = "row"  # another thing of ours: a person, a unit
    ROWS = "rows"
    DAY = "day"
    NUMBER = "number"


@dataclass(frozen=True)
class Field:
    """`act` changes it by hand; widths are those of its columns (0: none of its own), in Latin characters."""

    name: str
    label: str
    shape: Shape
    act: str = ""
    longest: int = 0
    lines: int = 0  # how high its box is in the form
    is_carried: bool = True  # goes on in the next ledger
    width: int = 0  # in the official ledger
    filled_width: int = 0  # in the working copy
    options: str = ""  # which list of the working copy it is chosen from
    hint: str = ""
    synonyms: tuple[str, ...] = ()  # what offices call it in sheets of their own, ours first

    @property
    def is_words(self) -> bool:
        """Kept and shown just as it was typed."""
        return self.shape in (Shape.TEXT, Shape.LINE)


FIELDS = (
    Field(
        *("title", "问题", Shape.LINE, Action.EDIT_PROBLEM),
        longest=200,
        synonyms=(
            *("存在问题", "存在的问题", "问题", "查摆问题", "主要问题", "查摆出的问题", "问题描述"),
            *("反馈问题", "整改问题", "问题清单", "整改事项", "突出问题", "具体问题", "问题表述", "问题内容"),
        ),
    ),
    Field("text", "问题描述", Shape.TEXT, Action.EDIT_PROBLEM, longest=TEXT_MAX, lines=6),
    Field(
        *("goal", "整改目标", Shape.TEXT, Action.EDIT_PROBLEM),
        longest=TEXT_MAX,
        lines=4,
        width=22,
        filled_width=28,
        synonyms=("整改目标", "目标", "预期目标", "工作目标", "整改成效目标"),
    ),
    Field(
        *("leader", "责任领导", Shape.ROW, Action.ASSIGN),
        width=10,
        filled_width=14,
        options="leaders",
        hint="从下拉列表选择",
        synonyms=(
            *("责任领导", "牵头领导", "分管领导", "包抓领导", "包保领导", "主管领导", "责任县领导", "领导"),
        ),
    ),
    Field(
        *("lead_unit", "责任单位", Shape.ROW, Action.ASSIGN),
        width=10,
        filled_width=18,
        options="units",
        hint="从下拉列表选择",
        synonyms=(
            *("责任单位", "牵头单位", "责任部门", "牵头部门", "主责单位", "整改单位", "责任科室", "单位"),
        ),
    ),
    Field(
        *("supporting_units", "配合单位", Shape.ROWS, Action.ASSIGN),
        width=12,
        filled_width=18,
        hint="几个单位之间用顿号隔开",
        synonyms=("配合单位", "配合部门", "协助单位", "协办单位", "参与单位", "参加单位"),
    ),
    Field("supporting_leaders", "配合领导", Shape.ROWS, Action.ASSIGN),
    Field("clerk", "经办人", Shape.ROW, Action.ASSIGN),
    Field(
        *("responsible", "责任人", Shape.LINE, Action.ASSIGN),
        longest=50,
        width=10,
        filled_width=12,
        synonyms=("责任人", "具体责任人", "整改责任人", "经办人", "责任人员", "联系人"),
    ),
    Field(
        *("kind", "整改类型", Shape.CHOICE, Action.ASSIGN),
        width=10,
        filled_width=18,
        options="kinds",
        hint="从下拉列表选择",
        synonyms=("整改类型", "整改类别", "整改方式"),
    ),
    Field("also_standing", "并长期坚持", Shape.FLAG, Action.ASSIGN),
    Field(
        *("deadline", "整改时限", Shape.DAY, Action.ASSIGN),
        width=15,
        filled_width=16,
        hint="完整的年月日，例如 2022-06-30",
        synonyms=(
            *("整改时限", "完成时限", "完成时间", "整改期限", "完成期限", "办结时限", "整改时间"),
            *("时限", "期限"),
        ),
    ),
    Field(
        *("deadline_text", "时限文字", Shape.LINE, Action.ASSIGN),
        longest=100,
        filled_width=16,
        hint="台账上照此显示，例如：2022年6月底前",
    ),
    Field(
        *("remark", "备注", Shape.TEXT, Action.EDIT_PROBLEM),
        longest=TEXT_MAX,
        lines=2,
        width=10,
        filled_width=18,
        synonyms=("备注", "说明", "备考"),
    ),
    Field("status", "状态", Shape.CHOICE, Action.SET_STATUS),
    Field("original_deadline", "原定时限", Shape.DAY),
    Field("closed_on", "销号日期", Shape.DAY, is_carried=False),
    Field("withdrawn", "已撤回", Shape.FLAG, is_carried=False),
    Field("round", "整改轮次", Shape.NUMBER, is_carried=False),
    Field("carried", "已结转", Shape.FLAG, is_carried=False),
)
BY_NAME = {field.name: field for field in FIELDS}
LABELS = {field.name: field.label for field in FIELDS}
EDITED = tuple(field for field in FIELDS if field.act == Action.EDIT_PROBLEM)
ASSIGNED = tuple(field for field in FIELDS if field.act == Action.ASSIGN)
REMARK = BY_NAME["remark"]  # stands at the end of every sheet
# What else a sheet says of a problem in words of its own: between its causes and its measures.
TEXTS = tuple(field for field in EDITED if field.width and field is not REMARK)


def names_of(fields: tuple[Field, ...]) -> tuple[str, ...]:
    return tuple(field.name for field in fields)
