"""Shape of an uploaded sheet, and of a check of an issued ledger: its code, or the file, or both."""

from __future__ import annotations

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.core.files.base import ContentFile
from django.core.files.uploadedfile import UploadedFile

from rectify.forms.fields import LineField, TextField

SHEETS = ".xlsx"
OLD_SHEETS = ".xlsx,.xls,.csv"
PASTED_NAME = "粘贴的表格.csv"
PASTED_MAX = 300_000  # what a form may carry
FILE_ERRORS = {
    "required": "没有收到文件，没有导入任何内容。请选择要上传的文件。",
    "empty": "文件是空的，没有导入任何内容。请核对后重新选择。",
    "missing": "文件没有传完整，没有导入任何内容。请重新选择后再上传。",
    "invalid": "文件没有传完整，没有导入任何内容。请重新选择后再上传。",
    "max_length": "文件名太长（最多 255 个字），请改短后再上传。",
}


class SheetForm(forms.Form):
    """One workbook; what is in it is checked when it is read, not here."""

    file = forms.FileField(
        label="表格文件",
        max_length=255,
        widget=forms.FileInput(attrs={"accept": SHEETS}),
        error_messages=FILE_ERRORS,
    )

    def clean_file(self) -> Any:
        file = self.cleaned_data["file"]
        if not isinstance(file, UploadedFile):
            raise ValidationError(self.fields["file"].error_messages["required"])
        return file


class OldSheetForm(SheetForm):
    """An office's own sheet: a file, or cells copied out of one and pasted."""

    file = forms.FileField(
        label="表格文件",
        max_length=255,
        required=False,
        widget=forms.FileInput(attrs={"accept": OLD_SHEETS}),
        error_messages=FILE_ERRORS,
    )
    pasted = TextField("粘贴的单元格", longest=PASTED_MAX, rows=4, required=False, strip=False)

    def clean_file(self) -> Any:
        return self.cleaned_data["file"]

    def clean(self) -> dict[str, Any]:
        """Pasted cells become the file that they were copied from, as far as they go."""
        data: dict[str, Any] = super().clean() or {}
        if self.errors or data.get("file"):
            return data
        if not (data.get("pasted") or "").strip():
            raise ValidationError({"file": FILE_ERRORS["required"]})
        return data | {"file": ContentFile(data["pasted"].encode(), name=PASTED_NAME)}


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
