"""Shape of an upload, of what an uploaded report is called, and of one piece of its outline."""

from __future__ import annotations

from typing import Any

from django import forms
from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import UploadedFile

from rectify import clock, wording
from rectify.choices import Role
from rectify.forms.evidence import size_words
from rectify.forms.fields import (
    TEXT_MAX,
    DayField,
    IdempotencyKeyField,
    LineField,
    TextField,
    VersionField,
    choose,
    clean_text,
    pick,
)
from rectify.models import IntakeDraft, Unit, User
from rectify.models.people import within

KINDS = (("problem", "问题"), ("cause", "问题根源"), ("direction", "努力方向"))


class ReportFileField(forms.FileField):
    """One report; what it holds is for the reader to say."""

    def __init__(self) -> None:
        words = "请选择报告文件。"
        super().__init__(
            label="报告文件",
            error_messages=dict.fromkeys(("required", "invalid", "missing"), words)
            | {"empty": "这是空文件，请核对后重新选择。"},
            help_text=f"Word（.docx）或文本（.txt），不超过 {size_words()}。"
            ".doc、.wps、PDF 请先另存为 .docx。",
        )

    def clean(self, data: Any, initial: Any = None) -> UploadedFile:
        file: UploadedFile = super().clean(data, initial)
        file.name = (
            clean_text(str(file.name)).replace("\n", " ").replace("\\", "/").rpartition("/")[2].strip()
        )
        if not file.name:
            raise ValidationError("这个文件没有文件名，请改名后再传。")
        if (file.size or 0) > settings.EVIDENCE_MAX_BYTES:
            raise ValidationError(
                f"文件有 {wording.file_size(file.size or 0)}，超过 {size_words()}。报告通常只有几百 KB，"
                "请删去图片或拆分后再传。"
            )
        return file


class YearField(forms.IntegerField):
    def __init__(self) -> None:
        words = "请填写四位数的年度，例如 2026。"
        super().__init__(
            label="年度",
            min_value=1990,
            max_value=2100,
            initial=lambda: clock.today().year,
            error_messages=dict.fromkeys(("required", "invalid", "min_value", "max_value"), words),
        )


class ReportFactsForm(forms.Form):
    """Which unit, which year, which meeting."""

    unit = pick("填报单位", required=True, empty_label="请选择")
    year = YearField()
    title = LineField("报告名称")
    meeting = LineField("会议", required=False)

    def __init__(self, *args: Any, user: User, **kwargs: Any) -> None:
        kwargs["initial"] = {"unit": _first_unit(user)} | (kwargs.get("initial") or {})
        super().__init__(*args, **kwargs)
        units = Unit.objects.filter(within("path", user.paths(Role.OFFICE)))
        self.fields["unit"].queryset = units  # type: ignore[attr-defined]
        self.fields["meeting"].help_text = "例如：2025年度民主生活会"


class UploadForm(ReportFactsForm):
    file = ReportFileField()
    idempotency_key = IdempotencyKeyField()

    field_order = ["file", "unit", "year", "title", "meeting"]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["year"].required = self.fields["title"].required = False
        self.fields["year"].initial = None
        self.fields["year"].help_text = "不填则用报告标题里的年度，标题没写的用今年；编号以年度开头"
        self.fields["title"].help_text = "不填则用报告自己的标题"


class DraftFactsForm(ReportFactsForm):
    version = VersionField()

    def __init__(self, *args: Any, draft: IntakeDraft, **kwargs: Any) -> None:
        names = ("unit", "year", "title", "meeting", "version")
        kwargs["initial"] = {name: getattr(draft, name) for name in names} | (kwargs.get("initial") or {})
        super().__init__(*args, **kwargs)


class PieceForm(forms.Form):
    """One problem, cause or direction; only a problem has an aspect and manifestations."""

    kind = choose("这一条是", KINDS)
    title = LineField("名称")
    aspect = choose("查摆方面", (), required=False)
    text = TextField("内容", longest=TEXT_MAX, rows=6, required=False)
    manifestations = TextField("具体表现", longest=TEXT_MAX, rows=4, required=False)
    covers = forms.BooleanField(label="这个方向管全部问题，不逐项对应", required=False)
    leaders = LineField("责任领导", longest=500, required=False)
    units = LineField("责任单位", longest=1000, required=False)
    deadline_words = LineField("完成时限（文字）", longest=1000, required=False)
    deadline = DayField(label="整改时限（日期）", required=False)
    is_begun_anew = forms.BooleanField(label="长期坚持的，也先按一般问题办理", required=False)
    version = VersionField()

    assignment = ("leaders", "units", "deadline_words", "deadline", "is_begun_anew")

    def __init__(
        self, *args: Any, aspects: list[tuple[str, str]], is_problem: bool = False, **kwargs: Any
    ) -> None:
        """Somebody answers for a problem, by some day."""
        super().__init__(*args, **kwargs)
        self.fields["aspect"].choices = [("", "未分类"), *aspects]  # type: ignore[attr-defined]
        self.fields["manifestations"].help_text = "一行一条；不是问题的，不用填"
        self.fields["leaders"].help_text = "写台账里的姓名或职务；几位用顿号隔开，第一位牵头，其余配合"
        self.fields["units"].help_text = "几个用顿号隔开，第一个牵头，其余配合"
        self.fields["deadline"].help_text = "没有日期的（如长期坚持），留空"
        self.fields["is_begun_anew"].help_text = "不勾选的，直接列为长期坚持，定期回头看"
        if not is_problem:
            for name in self.assignment:
                del self.fields[name]


class NewPieceForm(forms.Form):
    kind = choose("新增的是", KINDS)
    title = LineField("名称")
    aspect = choose("查摆方面", (), required=False)
    text = TextField("内容", longest=TEXT_MAX, rows=3, required=False)
    version = VersionField()

    def __init__(self, *args: Any, aspects: list[tuple[str, str]], **kwargs: Any) -> None:
        kwargs["auto_id"] = "new_%s"  # the same fields stand on the page a second time
        super().__init__(*args, **kwargs)
        self.fields["aspect"].choices = [("", "未分类"), *aspects]  # type: ignore[attr-defined]


class VersionOnlyForm(forms.Form):
    """An act that needs no more than the version of what was seen."""

    version = VersionField()


def _first_unit(user: User) -> int | None:
    return next(iter(user.unit_ids(Role.OFFICE)), None)
