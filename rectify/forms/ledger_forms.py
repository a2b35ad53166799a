"""Shape of a ledger form that an office makes for itself: its name, and place and width of each column."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django import forms

from rectify.forms.checked import CheckedForm
from rectify.forms.fields import LineField

WIDTH_MIN, WIDTH_MAX = 4, 120
ALWAYS_FIRST = {"number": 1, "problem": 2}


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
