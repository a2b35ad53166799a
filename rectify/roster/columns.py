"""The four tables of the workbook: headings, how each column is filled in, examples."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from rectify.choices import Role
from rectify.selectors.roster.rows import HOLIDAYS, LEADERS, PEOPLE, UNITS

YES, NO = "是", "否"
ROLE_OF: dict[str, str] = {str(role.label): str(role.value) for role in Role}


@dataclass(frozen=True)
class Column:
    key: str
    heading: str
    width: int
    longest: int = 0
    needed: bool = False
    hint: str = ""
    choices: Sequence[str] = ()
    from_units: bool = False  # offers the names that stand in the first table


@dataclass(frozen=True)
class Table:
    name: str
    says: str
    columns: tuple[Column, ...]
    examples: tuple[tuple[str, ...], ...]


_YES_NO = (YES, NO)
_UNIT = Column(
    "unit", "单位", 24, 300, True, "从“单位”表里选；有同名单位的，写成 某县/发改局", from_units=True
)
_ACTIVE = Column(
    "active", "在任", 8, hint="留空就是在任；填“否”停用这一项任职，本人的记录都保留", choices=_YES_NO
)
TABLES = (
    Table(
        UNITS,
        "一行一个单位，连同它的上级；最上级的单位，上级一栏留空。",
        (
            Column("name", "单位名称", 30, 100, True, "全称，同一上级下不能重复"),
            Column(
                "parent", "上级单位", 30, 300, False, "最上级留空；上级也要在本表里，或已在系统里", (), True
            ),
            Column("short", "简称", 14, 30, False, "可不填"),
        ),
        (
            ("某县", "", ""),
            ("某县发展和改革局", "某县", "县发改局"),
            ("某县住房和城乡建设局", "某县", "县住建局"),
        ),
    ),
    Table(
        PEOPLE,
        "一行一项任职；一人有两项任职的写两行，登录名和姓名相同。",
        (
            Column("name", "姓名或职务", 18, 50, True),
            Column(
                "username",
                "登录名",
                16,
                150,
                True,
                "字母、数字和 @ . + - _，例如姓名的拼音；一人一个，不能重复",
            ),
            _UNIT,
            Column("role", "角色", 14, 20, True, "从下拉列表选择", tuple(ROLE_OF)),
            Column("phone", "联系电话", 16, 30, False, "可不填"),
            _ACTIVE,
        ),
        (
            ("管理员甲", "guanli", "某县", "系统管理员", "", ""),
            ("整改办乙", "zhenggai", "某县", "整改办", "0100-1234567", ""),
            ("审计员丙", "shenji", "某县", "安全审计员", "", ""),
            ("副县长丁", "fuxianzhang", "某县", "责任领导", "", ""),
            ("局长戊", "juzhang", "某县发展和改革局", "单位负责人", "", ""),
            ("经办人己", "jingban", "某县发展和改革局", "经办人", "", ""),
        ),
    ),
    Table(
        LEADERS,
        "可以负责事项的领导；没有账号的，账号一栏留空，签字由整改办代录。",
        (
            Column("post", "姓名或职务", 24, 50, True),
            Column("unit", "所在单位", 24, 300, True, _UNIT.hint, from_units=True),
            Column(
                "username",
                "账号（登录名）",
                18,
                150,
                False,
                "有账号的填登录名，其“人员”表里须有“责任领导”一行",
            ),
            Column("rank", "排序", 8, 5, False, "数字，小的在前；可不填"),
            _ACTIVE,
        ),
        (("副县长丁", "某县", "fuxianzhang", "1", ""), ("县委常委庚", "某县", "", "2", "")),
    ),
    Table(
        HOLIDAYS,
        "软件自带的节假日之外，或与之不同的日子；没有就空着。",
        (
            Column("day", "日期", 16, 40, True, "例如 2026-10-01"),
            Column("name", "名称", 20, 50, True),
            Column("is_workday", "调休上班", 10, 2, False, "周末上班的填“是”，放假的留空", _YES_NO),
        ),
        (("2026-10-01", "国庆节", ""), ("2026-10-10", "国庆节调休", "是")),
    ),
)
BY_NAME = {table.name: table for table in TABLES}
