"""django-tables2 classes: how a list looks, nothing else."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import django_tables2 as tables
from django.db.models import F, OuterRef, QuerySet, Subquery
from django.template.loader import get_template
from django_tables2.data import TableQuerysetData

from .models import ProgressNote

PAGE_SIZES = (25, 50, 100)
ALWAYS = ("pick", "number", "title", "action")
DEFAULT = ("light", "note", "percent")


class ProblemData(TableQuerysetData):
    """Ids of the page first, then the rows of these ids: a join never sorts the whole list."""

    def __init__(self, queryset: QuerySet, load: Callable[[list[int]], list[Any]]) -> None:
        super().__init__(queryset)
        self.load = load

    def __getitem__(self, key: slice) -> list[Any]:
        return self.load(list(self.data.values_list("pk", flat=True)[key]))


class Cell(tables.Column):
    """A cell drawn by a fragment that gets the row."""

    def __init__(self, template: str, label: str, css: str, orderable: bool = True) -> None:
        super().__init__(verbose_name=label, orderable=orderable, empty_values=(), attrs=_attrs(label, css))
        self.template_name = f"problems/_list_{template}.html"

    def render(self, record: Any) -> str:
        return get_template(self.template_name).render({"row": record})


class Text(tables.Column):
    """A cell of one short text."""

    def __init__(self, label: str, accessor: str, order_by: str) -> None:
        super().__init__(
            verbose_name=label, accessor=accessor, order_by=(order_by,), default="—", attrs=_attrs(label, "")
        )


def _attrs(label: str, css: str) -> dict[str, dict[str, str]]:
    """Classes of a column, and the label its cells carry on a phone."""
    return {"td": {"class": css, "data-label": label}, "th": {"class": css, "scope": "col"}}


class ProblemTable(tables.Table):
    """The list of problems: three columns always, the others as chosen."""

    pick = Cell("pick", "选择", "col-pick", orderable=False)
    number = Cell("number", "序号", "col-no")
    title = Cell("title", "问题", "cell-wide")
    light = Cell("light", "时限", "col-light")
    status = Text("状态", "problem__get_status_display", "status")
    deadline = Cell("deadline", "到期日", "nowrap")
    leader = Text("责任领导", "problem__leader", "leader__rank")
    unit = Text("责任单位", "problem__lead_unit", "lead_unit__path")
    aspect = Text("查摆方面", "problem__aspect", "aspect__number")
    kind = Text("整改类型", "kind", "kind")
    source = Text("问题来源", "problem__get_source_display", "source")
    clerk = Text("经办人", "problem__clerk", "clerk__name")
    note = Cell("note", "最近进展", "col-note")
    percent = Cell("percent", "完成", "col-bar")
    action = Cell("action", "操作", "col-action", orderable=False)

    class Meta:
        template_name = "problems/_table.html"
        attrs = {"class": "rows cards-on-phone"}

    def order_number(self, queryset: QuerySet, is_descending: bool) -> tuple[QuerySet, bool]:
        sign = "-" if is_descending else ""
        return queryset.order_by("-report__year", "report", f"{sign}number"), True

    def order_title(self, queryset: QuerySet, is_descending: bool) -> tuple[QuerySet, bool]:
        return _nulls_last(queryset, "title", is_descending)

    def order_light(self, queryset: QuerySet, is_descending: bool) -> tuple[QuerySet, bool]:
        return _nulls_last(queryset, "deadline", is_descending)

    order_deadline = order_light

    def order_note(self, queryset: QuerySet, is_descending: bool) -> tuple[QuerySet, bool]:
        return _nulls_last(queryset.annotate(noted=_newest("at")), "noted", is_descending)

    def order_percent(self, queryset: QuerySet, is_descending: bool) -> tuple[QuerySet, bool]:
        return _nulls_last(queryset.annotate(done=_newest("percent")), "done", is_descending)


def columns() -> dict[str, str]:
    """The columns a person may choose, with their headings."""
    chosen = ProblemTable.base_columns.items()
    return {name: str(column.verbose_name) for name, column in chosen if name not in ALWAYS}


def sortable() -> frozenset[str]:
    return frozenset(name for name, column in ProblemTable.base_columns.items() if column.orderable)


def _newest(field: str) -> Subquery:
    notes = ProgressNote.objects.in_force().filter(problem=OuterRef("pk")).newest_first()
    return Subquery(notes.values(field)[:1])


def _nulls_last(queryset: QuerySet, field: str, is_descending: bool) -> tuple[QuerySet, bool]:
    order = F(field).desc(nulls_last=True) if is_descending else F(field).asc(nulls_last=True)
    return queryset.order_by(order, "report", "number"), True
