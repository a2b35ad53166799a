"""Shape of what a grid posts, and of the form that fills in one item after another without scripts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django import forms

from rectify.forms.fields import LineField, TextField, choose

ROWS_MAX = 600_000  # characters: five hundred rows, with what stood there
REASON_MAX = 200
LINE_MAX = 100
LINES = {"goal": 3, "progress": 4, "remark": 2}
WAS = "was-"


@dataclass(frozen=True)
class GridCell:
    """One cell that may be filled in: what it holds, and what it may hold where that is a list."""

    key: str
    heading: str
    value: str
    hint: str = ""
    longest: int = 0
    options: Sequence[str] | None = None
    may_be_emptied: bool = True


class GridForm(forms.Form):
    """`shown` is the digest of what was pointed out on the page before: then it is carried out."""

    rows = TextField("表格的内容", longest=ROWS_MAX, strip=False, required=False)
    reason = LineField("理由", longest=REASON_MAX, required=False)
    shown = forms.CharField(required=False, max_length=64)


class GridItemForm(forms.Form):
    """The cells of one item; each carries along what stood there when the page was opened."""

    version = forms.IntegerField(min_value=0, max_value=2**31 - 1, widget=forms.HiddenInput)
    at = forms.CharField(max_length=40, widget=forms.HiddenInput)
    shown = forms.CharField(required=False, max_length=64, widget=forms.HiddenInput)
    reason = LineField("理由", longest=REASON_MAX, required=False)

    def __init__(self, *args: Any, cells: Sequence[GridCell], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.keys = [cell.key for cell in cells]
        for cell in cells:
            self.fields[cell.key] = _field(cell)
            # A text box out of sight: unlike a hidden input it is kept with the draft of what was typed.
            unseen = forms.Textarea(attrs={"hidden": True})
            self.fields[WAS + cell.key] = forms.CharField(
                required=False, strip=False, widget=unseen, initial=cell.value
            )
        self.order_fields([*self.keys, "reason"])

    @property
    def cells(self) -> list[forms.BoundField]:
        return [self[key] for key in self.keys]

    @property
    def carried(self) -> list[forms.BoundField]:
        return [self[WAS + key] for key in self.keys]

    @property
    def typed(self) -> dict[str, dict[str, str]]:
        """What was changed against what stood there."""
        data = {name: str(value or "") for name, value in self.cleaned_data.items()}
        was = {key: data[WAS + key] for key in self.keys}
        changed = [key for key in self.keys if data[key].strip() != was[key].replace("\r\n", "\n").strip()]
        return {"was": was, "now": {key: data[key] for key in changed}}


def _field(cell: GridCell) -> forms.Field:
    kept: dict[str, Any] = {"required": False, "initial": cell.value, "help_text": cell.hint}
    if cell.options is not None:
        names = list(dict.fromkeys(filter(None, [cell.value, *cell.options])))
        empty = [("", "未定")] if cell.may_be_emptied or not cell.value else []
        return choose(cell.heading, [*empty, *((name, name) for name in names)], **kept)
    if cell.key in LINES:
        return TextField(cell.heading, longest=cell.longest, rows=LINES[cell.key], **kept)
    return LineField(cell.heading, longest=LINE_MAX, **kept)
