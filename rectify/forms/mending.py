"""Shape of a confirmed mend: the answers that were shown, and why."""

from __future__ import annotations

import re

from django import forms

from rectify.forms.checked import CheckedForm
from rectify.forms.fields import IdempotencyKeyField, TextField

SHOWN_MAX = 60_000  # characters: two answers for each of five hundred items, and room
MARK = re.compile(r"[0-9]{1,18}:[0-9]{1,9}:[a-z_]{1,20}:[0-9]{1,18}")
INCOMPLETE = "页面的内容不完整，没有修复。请回到台账体检重新打开。"


class MendForm(CheckedForm):
    """`shown` are marks of the proposal, as the page carries them: 12:3:leader:45,15:1:clerk:7."""

    reason = TextField("理由", longest=500, rows=2, help_text="写入每一项的变更记录")
    shown = forms.CharField(
        max_length=SHOWN_MAX, widget=forms.HiddenInput,
        error_messages={"required": INCOMPLETE, "max_length": INCOMPLETE},
    )  # fmt: skip
    idempotency_key = IdempotencyKeyField()

    def clean_shown(self) -> list[str]:
        marks = str(self.cleaned_data["shown"]).split(",")
        if not all(MARK.fullmatch(mark) for mark in marks):
            raise forms.ValidationError(INCOMPLETE)
        return marks
