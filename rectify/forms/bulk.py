"""Shape of an act on many problems: blank leaves a field as it is, 清空 empties it where that is allowed."""

from __future__ import annotations

import json
from typing import Any

from django import forms

from rectify.forms.checked import CheckedForm
from rectify.forms.fields import ClerkSelect, DayField, IdempotencyKeyField, TextField, choose
from rectify.models.field_registry import LABELS

UNCHANGED = ("", "不改动")
CLEAR = "clear"
NAMES = ("leader", "lead_unit", "clerk", "kind", "deadline", "status")
CLEARABLE = ("leader", "lead_unit", "clerk")
ITEMS_MAX = 20_000  # characters: five hundred ids with their versions, and room


class BulkForm(CheckedForm):
    """`choices` says what may be chosen: rows for people and units, pairs for type and status."""

    leader = choose(LABELS["leader"], (), required=False)
    lead_unit = choose(LABELS["lead_unit"], (), required=False)
    clerk = choose(LABELS["clerk"], (), required=False, widget=ClerkSelect)
    kind = choose(LABELS["kind"], (), required=False)
    deadline = DayField(label=LABELS["deadline"], required=False)
    status = choose(LABELS["status"], (), required=False)
    reason = TextField("理由", longest=500, rows=2)
    idempotency_key = IdempotencyKeyField()

    def __init__(self, *args: Any, choices: dict[str, Any], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.rows: dict[str, dict[str, Any]] = {}
        labels = {str(pk): label for pk, label, _ in json.loads(choices["workers"])}
        for name in CLEARABLE:
            self.rows[name] = {str(row.pk): row for row in choices[name]}
            options = [
                (pk, (labels.get(pk) if name == "clerk" else "") or str(row))
                for pk, row in self.rows[name].items()
            ]
            self._offer(name, [(CLEAR, "清空"), *options])
        self.fields["clerk"].widget.people(choices["workers"], choices["units"])
        for name in ("kind", "status"):
            self._offer(name, choices[name])
        self.fields["deadline"].help_text = "只填到还没有时限的事项；已有时限的不动"
        self.fields["reason"].help_text = "写入每一项的变更记录"

    def _offer(self, name: str, options: Any) -> None:
        self.fields[name].choices = [UNCHANGED, *options]  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        data: dict[str, Any] = super().clean() or {}
        if not self.errors and not any(data.get(name) for name in NAMES):
            raise forms.ValidationError("请至少选择一项要改的内容；不改动的留空即可。")
        return data

    @property
    def wanted(self) -> dict[str, Any]:
        """The fields that are to change, None for one that is to be emptied."""
        fields: dict[str, Any] = {}
        for name in NAMES:
            if value := self.cleaned_data.get(name):
                rows = self.rows.get(name)
                fields[name] = value if rows is None else rows.get(value)
        return fields


class ItemsForm(forms.Form):
    """The rows an act is about, each with the version that was shown: 12:3,15:1."""

    items = forms.CharField(max_length=ITEMS_MAX, widget=forms.HiddenInput)

    def clean_items(self) -> dict[int, int]:
        found: dict[int, int] = {}
        for part in self.cleaned_data["items"].split(","):
            pk, _, version = part.partition(":")
            if not all(text.isascii() and text.isdigit() and len(text) < 10 for text in (pk, version)):
                raise forms.ValidationError("页面的内容不完整，没有办理。请回到列表重新勾选。")
            found[int(pk)] = int(version)
        return found
