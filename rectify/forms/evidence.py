"""Evidence files as they arrive: how many, how large, and whether the content is what the name says."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import PurePosixPath
from typing import IO, Any, cast

from django import forms
from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import UploadedFile

from rectify import wording
from rectify.evidence.examining import examine
from rectify.evidence.kinds import KINDS
from rectify.forms.checked import CheckedForm
from rectify.forms.fields import IdempotencyKeyField, clean_text

ACCEPT = ".pdf,.docx,.xlsx,.png,.jpg,.jpeg,.ofd"
KIND_WORDS = "PDF、Word（docx）、Excel（xlsx）、OFD、PNG、JPG"


class FilesInput(forms.ClearableFileInput):
    allow_multiple_selected = True

    def __init__(self) -> None:
        super().__init__(attrs={"accept": ACCEPT})


class EvidenceField(forms.FileField):
    """Several files; every one that is refused is named, and the others stay chosen."""

    kept_files: list[Any]  # chosen before on the same form, and shown by name

    def __init__(self, label: str = "佐证材料") -> None:
        self.kept_files = []
        super().__init__(
            label=label,
            required=False,
            widget=FilesInput,
            help_text=f"{KIND_WORDS}，单个不超过 {size_words()}，一次最多 {settings.EVIDENCE_MAX_FILES} 个",
        )

    def __deepcopy__(self, memo: dict[int, Any]) -> Any:
        copied = super().__deepcopy__(memo)
        copied.kept_files = []
        return copied

    def clean(self, data: Any, initial: Any = None) -> list[UploadedFile]:
        given: Sequence[Any] = data if isinstance(data, list | tuple) else [data]
        files = [file for file in given if isinstance(file, UploadedFile)]
        if len(files) > settings.EVIDENCE_MAX_FILES:
            raise ValidationError(
                f"一次最多上传 {settings.EVIDENCE_MAX_FILES} 个文件，现在选了 {len(files)} 个，请分次填报。"
            )
        problems = refusals_of(files)
        if problems:
            raise ValidationError(problems)
        return files


def size_words() -> str:
    return f"{settings.EVIDENCE_MAX_BYTES // 1024 // 1024} MB"


def refusals_of(files: Sequence[Any]) -> list[str]:
    """Why which file cannot be taken, each named. Every file keeps its own: `refusal`, `findings`."""
    new = [file for file in files if not hasattr(file, "refusal")]  # a kept file was looked at when it came
    for file in new:
        file.refusal, file.findings = _refused_by_name(file), []
    _open([file for file in new if not file.refusal])
    return [file.refusal for file in files if file.refusal]


def _open(files: Sequence[Any]) -> None:
    """What a reader of its kind says of each."""
    contents = [(cast("IO[bytes]", file.file or file), suffix_of(file)) for file in files]
    for file, outcome in zip(files, examine(contents), strict=True):
        file.refusal = f"“{file.name}”不能上传：{outcome.refusal}。" if outcome.refusal else ""
        file.findings = outcome.findings


def suffix_of(file: UploadedFile) -> str:
    return PurePosixPath(file.name or "").suffix.lower()


def _refused_by_name(file: UploadedFile) -> str:
    """Why this file cannot be taken whatever it holds, naming it; empty when it is to be opened."""
    file.name = PurePosixPath(clean_text(str(file.name)).replace("\n", " ").replace("\\", "/")).name.strip()
    shown = f"“{file.name}”"
    if not file.name:
        return "有一个文件没有文件名，请改名后再传。"
    if not file.size:
        return f"{shown}是空文件，请核对。"
    if file.size > settings.EVIDENCE_MAX_BYTES:
        return f"{shown}有 {wording.file_size(file.size)}，超过 {size_words()}，请压缩或拆分。"
    if suffix_of(file) not in KINDS:
        return f"{shown}的类型不能上传，只收 {KIND_WORDS}。"
    return ""


class FilesForm(CheckedForm):
    """Files alone: for a measure, or as a new version of another."""

    files = EvidenceField()  # type: ignore[assignment]
    idempotency_key = IdempotencyKeyField()
