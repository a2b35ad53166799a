"""Shape of a check of an issued ledger: its code, or the file, or both."""

from __future__ import annotations

from typing import Any

from django import forms
from django.core.exceptions import ValidationError

from rectify.forms.fields import LineField


class VerifyForm(forms.Form):
    code = LineField("台账编码", longest=40, required=False)
    file = forms.FileField(
        label="手上的台账文件",
        required=False,
        error_messages={"empty": "选的文件是空的，请核对后重新选择。"},
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["code"].help_text = "印在表尾和每页页脚，形如 2C4E-6H8K；大小写和短横不拘"
        self.fields["code"].widget.attrs |= {"autocomplete": "off", "autocapitalize": "characters"}
        self.fields["file"].widget.attrs["accept"] = ".xlsx"
        self.fields["file"].help_text = "只用来比对，不会保存；请选收到的原文件"

    def clean(self) -> dict[str, Any]:
        data: dict[str, Any] = super().clean() or {}
        if not self.errors and not data.get("code") and not data.get("file"):
            raise ValidationError("请输入台账编码，或者选择手上的台账文件。")
        return data
