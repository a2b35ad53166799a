"""django-tables2 classes: how a list looks, nothing else."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import django_tables2 as tables
from django.template.loader import get_template
from django_tables2.data import TableListData

PAGE_SIZES = (25, 50, 100)
URGENCY = ("rank", "due", "pk")
# What the list can be sorted by, each from an index however long the list is; all up or all down.
ORDERS = {"light": URGENCY, "deadline": ("due", "pk"), "number": ("report", "number", "pk")}
ALWAYS = ("pick", "number", "title", "action")
DEFAULT = ("light", "note", "percent")


class ProblemData(TableListData):
    """The rows of one page, already in their order."""

    def order_by(self, aliases: Any) -> None:
        """Nothing: only the database has the whole list."""


class FragmentColumn(tables.Column):
    """A cell drawn by a fragment that gets the row."""

    def __init__(self, template: str, label: str, css: str, orderable: bool = False) -> None:
        super().__init__(verbose_name=label, orderable=orderable, empty_values=(), attrs=_attrs(label, css))
        self.template_name = f"problems/_list_{template}.html"

    def render(self, record: Any) -> str:
        return get_template(self.template_name).render({"row": record})


class TextColumn(tables.Column):
    """A cell of one short text."""

    def __init__(self, label: str, accessor: str) -> None:
        super().__init__(
            verbose_name=label, accessor=accessor, orderable=False, default="—", attrs=_attrs(label, "")
        )


def _attrs(label: str, css: str) -> dict[str, dict[str, str]]:
    """Classes of a column, and the label its cells carry on a phone."""
    return {"td": {"class": css, "data-label": label}, "th": {"class": css, "scope": "col"}}


class ProblemTable(tables.Table):
    """The list of problems: three columns always, the others as chosen."""

    pick = FragmentColumn("pick", "选择", "col-pick")
    number = FragmentColumn("number", "序号", "col-no", orderable=True)
    title = FragmentColumn("title", "问题", "cell-wide")
    light = FragmentColumn("light", "时限", "col-light", orderable=True)
    status = TextColumn("状态", "problem__get_status_display")
    deadline = FragmentColumn("deadline", "到期日", "nowrap", orderable=True)
    leader = TextColumn("责任领导", "problem__leader")
    unit = TextColumn("责任单位", "problem__lead_unit")
    aspect = TextColumn("查摆方面", "problem__aspect")
    kind = TextColumn("整改类型", "kind")
    source = TextColumn("问题来源", "problem__get_source_display")
    clerk = TextColumn("经办人", "problem__clerk")
    note = FragmentColumn("note", "最近进展", "col-note")
    percent = FragmentColumn("percent", "完成", "col-bar")
    action = FragmentColumn("action", "操作", "col-action")

    class Meta:
        template_name = "problems/_table.html"
        attrs = {"class": "rows cards-on-phone"}


def columns() -> dict[str, str]:
    """The columns a person may choose, with their headings."""
    chosen = ProblemTable.base_columns.items()
    return {name: str(column.verbose_name) for name, column in chosen if name not in ALWAYS}


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
