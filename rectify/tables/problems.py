"""django-tables2 classes: how a list looks, nothing else."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

import django_tables2 as tables
from django.utils.safestring import SafeString, mark_safe
from django_tables2.data import TableListData

from rectify.tables import cells

PAGE_SIZES = (25, 50, 100)
URGENCY = ("rank", "due", "pk")
# What the list can be sorted by, each from an index however long the list is; all up or all down.
ORDERS = {"light": URGENCY, "deadline": ("due", "pk"), "number": ("report", "number", "pk")}
FIRST, LAST = ("pick", "number", "title"), "action"
ALWAYS = (*FIRST, LAST)
DEFAULT = ("light", "note", "percent")


class ProblemData(TableListData):
    """The rows of one page, already in their order."""

    def order_by(self, aliases: Any) -> None:
        """Nothing: only the database has the whole list."""


class Column(tables.Column):
    """A column whose cells `draw` makes of a row."""

    def __init__(
        self, label: str, draw: Callable[[Any], str], css: str = "", orderable: bool = False
    ) -> None:
        super().__init__(verbose_name=label, orderable=orderable, attrs=_attrs(label, css))
        self.draw = draw


def _text(label: str, accessor: str) -> Column:
    """A column of one short text."""
    path = tables.A(accessor)
    return Column(label, lambda row: cells.text(path.resolve(row, quiet=True)))


def _attrs(label: str, css: str) -> dict[str, dict[str, str]]:
    """Classes of a column, and the label its cells carry on a phone."""
    return {"td": {"class": css, "data-label": label}, "th": {"class": css, "scope": "col"}}


class ProblemTable(tables.Table):
    """The list of problems: number and title first, its act last, between them the columns as chosen."""

    pick = Column("选择", cells.pick, "col-pick")
    number = Column("序号", cells.number, "col-no", orderable=True)
    title = Column("问题", cells.title, "cell-wide")
    light = Column("时限", cells.light, "col-light", orderable=True)
    status = _text("状态", "problem__get_status_display")
    deadline = Column("到期日", cells.deadline, "nowrap", orderable=True)
    leader = _text("责任领导", "problem__leader")
    unit = _text("责任单位", "problem__lead_unit")
    aspect = _text("查摆方面", "problem__aspect")
    kind = _text("整改类型", "kind")
    source = _text("问题来源", "problem__get_source_display")
    clerk = _text("经办人", "problem__clerk")
    note = Column("最近进展", cells.note, "col-note")
    percent = Column("完成", cells.percent, "col-bar")
    action = Column("操作", cells.action, "col-action")

    class Meta:
        template_name = "problems/_table.html"
        attrs = {"class": "rows cards-on-phone"}

    @property
    def body(self) -> SafeString:
        """The rows, without the library's own reading of each cell."""
        shown = [(f"<td {column.attrs['td'].as_html()}>", column.column.draw) for column in self.columns]
        rows = ("".join(f"{opening}{draw(row)}</td>" for opening, draw in shown) for row in self.data)
        return mark_safe("".join(f"<tr>{row}</tr>\n" for row in rows))


def headings() -> dict[str, str]:
    """Each column with what stands over it."""
    return {name: str(column.verbose_name) for name, column in ProblemTable.base_columns.items()}


def columns() -> dict[str, str]:
    """The columns a person may choose, with their headings."""
    return {name: heading for name, heading in headings().items() if name not in ALWAYS}


def chosen_columns(asked: Iterable[str]) -> list[str]:
    """The columns that the URL asks for, in its order and each once; without any those of every day."""
    known = columns()
    return list(dict.fromkeys(name for name in asked if name in known)) or list(DEFAULT)


def arranged(asked: Iterable[str], move: str) -> list[str]:
    """The same with one column a place further on, or back where `move` is -NAME."""
    chosen, name = chosen_columns(asked), move.removeprefix("-")
    if name in chosen:
        at = chosen.index(name)
        chosen.insert(max(0, at - 1 if move.startswith("-") else at + 1), chosen.pop(at))
    return chosen


def order_of(asked: Iterable[str]) -> list[str]:
    """The order that the URL asks for, or that of urgency."""
    for name in asked:
        if fields := ORDERS.get(name.removeprefix("-")):
            return [f"-{field}" for field in fields] if name.startswith("-") else list(fields)
    return list(URGENCY)


def name_of(order: Iterable[str]) -> str:
    """What an order is called in the URL, whichever way it runs."""
    fields = tuple(field.removeprefix("-") for field in order)
    return next(name for name, known in ORDERS.items() if known == fields)
