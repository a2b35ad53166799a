"""Shape of a document that is asked for, and of what an office makes for its papers: texts and forms."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django import forms

from rectify.choices import DocumentKind
from rectify.forms.checked import CheckedForm
from rectify.forms.fields import LineField, TextField, VersionField, choose, pick
from rectify.models import Problem, Report, Unit

LONGEST = 20_000
WIDTH_MIN, WIDTH_MAX = 4, 120
ALWAYS_FIRST = {"number": 1, "problem": 2}


class DocumentForm(forms.Form):
    """Which document, of which items; the day is read by the ledger's own rule."""

    kind = choose("文件", DocumentKind.choices, required=False)
    unit = pick("只写这个单位负责的", required=False)
    problem = pick("只写这一项", required=False)
    public = forms.BooleanField(label="公示稿", required=False)
    as_of = LineField("截至日期", longest=10, required=False)

    def __init__(self, data: Any, *, report: Report, problems: Any, units: Any) -> None:
        super().__init__(data)
        self.fields["unit"].queryset = units  # type: ignore[attr-defined]
        self.fields["problem"].queryset = problems  # type: ignore[attr-defined]
        self.report = report

    def clean(self) -> dict[str, Any]:
        """What belongs to another kind of document is named, not left out silently."""
        given = super().clean() or {}
        kind = given["kind"] = given.get("kind") or DocumentKind.REPORT
        if kind != DocumentKind.REPORT and (given.get("unit") or given.get("public")):
            self.add_error("kind", "只有整改情况报告能按单位生成或生成公示稿。")
        if kind in (DocumentKind.REPORT, DocumentKind.BULLETIN) and given.get("problem"):
            self.add_error("kind", "只有督办单和销号单能按一项生成。")
        return given


class NarrativeForm(CheckedForm):
    """The parts that facts cannot write; what is left empty is built from facts."""

    overall = TextField("总体情况（数字后面接着写）", longest=LONGEST, rows=4, required=False)
    practices = TextField("主要做法", longest=LONGEST, rows=6, required=False)
    next_steps = TextField("下一步打算", longest=LONGEST, rows=6, required=False)
    version = VersionField()


class LedgerFormForm(CheckedForm):
    """`columns` are those that may be chosen, as (key, name, usual width); two are always in it."""

    name = LineField("表式名称", longest=30)
    title = LineField("标题", longest=100, required=False)

    def __init__(self, data: Any, *, columns: Sequence[tuple[str, str, float]], **more: Any) -> None:
        super().__init__(data, **more)
        self.columns = columns
        for key, name, width in columns:
            order = forms.IntegerField(
                label=f"{name}的次序", min_value=1, max_value=99, required=key in ALWAYS_FIRST
            )
            wide = forms.IntegerField(
                label=f"{name}的宽度",
                min_value=WIDTH_MIN,
                max_value=WIDTH_MAX,
                initial=round(width),
                required=False,
            )
            self.fields[f"order_{key}"], self.fields[f"width_{key}"] = order, wide

    @property
    def rows(self) -> list[tuple[str, Any, Any]]:
        """Each column's name with its two boxes."""
        return [(name, self[f"order_{key}"], self[f"width_{key}"]) for key, name, _ in self.columns]

    @property
    def chosen(self) -> list[list[object]]:
        """[key, width] in the order that was given; columns of one place as they stand in the list."""
        given = self.cleaned_data
        usual = {key: round(width) for key, _, width in self.columns}
        kept = [key for key in usual if given[f"order_{key}"]]
        kept.sort(key=lambda key: given[f"order_{key}"])
        return [[key, given[f"width_{key}"] or usual[key]] for key in kept]


def items_of(problems: Any) -> Any:
    """The items a person may choose from, in the order of the report."""
    rows: Any = Problem.objects.filter(pk__in=problems.order_by().values("pk"), withdrawn=False)
    return rows.order_by("number")


def units_of(problems: Any) -> Any:
    """The units that answer for an item."""
    return Unit.objects.filter(pk__in=problems.order_by().values("lead_unit")).order_by("path")
