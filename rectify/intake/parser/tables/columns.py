"""Which column of a problem list holds what."""

from __future__ import annotations

import re

from rectify.intake.parser import headings

# Order matters: 问题根源 is a cause, 整改措施 a measure, 对照方面 an aspect; only then may 问题 decide.
_COLUMNS = (
    ("number", re.compile(r"序号|编号|序|号|No\.?|项")),
    # 整改措施及完成时限 is a column of measures; 措施完成时限 is not.
    (
        "measures",
        re.compile(r"(?:主要|具体|下一?步)*(?:整改|改进|解决)?(?:措施|举措|对策)(?:及其?|和|与|、|/|，).*"),
    ),
    ("due", re.compile(r".*(?:时限|期限|时间|截止|计划完成|何时).*")),
    ("who", re.compile(r".*(?:谁来?办|责任|牵头|配合|领导|部门|单位|落实人|整改人|负责人|联系).*")),
    (
        "status",
        re.compile(r".*(?:进展|完成情况|完成标志|目标|备注|销号|佐证|来源|类型|整改情况|成效|状态).*"),
    ),
    ("causes", re.compile(r".*(?:原因|根源|成因|症结).*")),
    (
        "measures",
        re.compile(
            r".*(?:措施|举措|对策|(?:整改|解决|改进|化解|处理|纠正)办法|努力方向|整改方向|改进方向|打算|整改意见|整改要求).*"
        ),
    ),
    ("manifestations", re.compile(r"(?:主要|具体|突出|问题|存在问题的?)*表现(?:形式)?|具体情况")),
    (
        "aspect",
        re.compile(r"(?!检查项目).*(?:方面|类别|领域|对照内容|查摆内容|检视内容|维度|项目|分类|带头)"),
    ),
    (
        "problems",
        re.compile(
            r".{0,8}(?:问题|查摆|检视|隐患|诉求|堵点|痛点).{0,8}|(?:存在的?|主要)?(?:不足|差距|短板)(?:之处)?(?:[和与、及](?:不足|差距|短板))*"
        ),
    ),
)
LISTED = ("problems", "causes", "measures")
LONGEST_NAME = 24
PEOPLE = re.compile(r"谁|领导|责任人|负责人|落实人|整改人|经办人|包案人|联系人")
UNITS = re.compile(r"单位|部门|科室|股室|处室|站所")


def header(cells: tuple[str, ...]) -> dict[str, int]:
    """Column by role, when this row names the columns of a list of problems, causes or directions."""
    if any(len(cell) > LONGEST_NAME for cell in cells):
        return {}
    roles: dict[str, int] = {}
    for index, cell in enumerate(cells):
        # A merged head is repeated for each column it covers: the first counts.
        if role := _role_with_who(cell):
            roles.setdefault(role, index)
    if "problems" not in roles and "manifestations" in roles:
        roles["problems"] = roles.pop("manifestations")
    return roles if len(roles) > 1 and not roles.keys().isdisjoint(LISTED) else {}


def _role_with_who(cell: str) -> str:
    """Of the columns that say who: leaders and people, else units."""
    role = role_of(cell) if cell else ""
    if role != "who":
        return role
    return "leaders" if PEOPLE.search(cell) else "units" if UNITS.search(cell) else role


def is_read(role: str, heading: str) -> bool:
    """Whether the words of a column go into the outline."""
    if role == "who":
        return bool(PEOPLE.search(heading) or UNITS.search(heading))
    return role not in ("", "status")


def role_of(cell: str) -> str:
    text = headings.reduce(cell)
    if not text or re.search(r"[。；，]|^[（(]?[一二三四五六七八九十\d]+[）)、.．是]", cell):
        return ""
    return next((role for role, pattern in _COLUMNS if pattern.fullmatch(text)), "")
