"""Shape of an uploaded sheet, and of the answers to an old one's columns."""

from __future__ import annotations

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import UploadedFile

SHEETS = ".xlsx"


class SheetForm(forms.Form):
    """One workbook; what is in it is checked when it is read, not here."""

    file = forms.FileField(
        label="表格文件",
        max_length=255,
        widget=forms.FileInput(attrs={"accept": SHEETS}),
        error_messages={
            "required": "没有收到文件，没有导入任何内容。请选择要上传的文件。",
            "empty": "文件是空的，没有导入任何内容。请核对后重新选择。",
            "missing": "文件没有传完整，没有导入任何内容。请重新选择后再上传。",
            "invalid": "文件没有传完整，没有导入任何内容。请重新选择后再上传。",
            "max_length": "文件名太长（最多 255 个字），请改短后再上传。",
        },
    )

    def clean_file(self) -> Any:
        file = self.cleaned_data["file"]
        if not isinstance(file, UploadedFile):
            raise ValidationError(self.fields["file"].error_messages["required"])
        return file
