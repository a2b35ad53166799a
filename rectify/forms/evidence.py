"""Evidence files as they arrive: how many, how large, and whether the content is what the name says."""

from __future__ import annotations

import zipfile
from collections.abc import Sequence
from pathlib import PurePosixPath
from typing import Any

from django import forms
from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import UploadedFile

from rectify import wording
from rectify.forms.fields import clean_text

ACCEPT = ".pdf,.docx,.xlsx,.png,.jpg,.jpeg,.ofd"
KINDS = "PDF、Word（docx）、Excel（xlsx）、OFD、PNG、JPG"
MEMBERS_MAX = 20_000
# What a zip must hold to be what its name says.
MEMBERS = {
    ".docx": ("[Content_Types].xml", "word/document.xml"),
    ".xlsx": ("[Content_Types].xml", "xl/workbook.xml"),
    ".ofd": ("OFD.xml",),
}
PNG = b"\x89PNG\r\n\x1a\n"
JPEG = b"\xff\xd8\xff"


class FilesInput(forms.ClearableFileInput):
    allow_multiple_selected = True

    def __init__(self) -> None:
        super().__init__(attrs={"accept": ACCEPT})


class EvidenceField(forms.FileField):
    """Several files; every one that is refused is named."""

    def __init__(self) -> None:
        super().__init__(
            label="佐证材料",
            required=False,
            widget=FilesInput,
            help_text=f"{KINDS}，单个不超过 {size_words()}，一次最多 {settings.EVIDENCE_MAX_FILES} 个",
        )

    def clean(self, data: Any, initial: Any = None) -> list[UploadedFile]:
        given: Sequence[Any] = data if isinstance(data, list | tuple) else [data]
        files = [file for file in given if isinstance(file, UploadedFile)]
        if len(files) > settings.EVIDENCE_MAX_FILES:
            raise ValidationError(
                f"一次最多上传 {settings.EVIDENCE_MAX_FILES} 个文件，现在选了 {len(files)} 个，请分次填报。"
            )
        problems = [words for file in files if (words := refusal(file))]
        if problems:
            raise ValidationError(problems)
        return files


def size_words() -> str:
    return f"{settings.EVIDENCE_MAX_BYTES // 1024 // 1024} MB"


def refusal(file: UploadedFile) -> str:
    """Why this file cannot be taken, naming it; empty when it can."""
    file.name = PurePosixPath(clean_text(str(file.name)).replace("\n", " ").replace("\\", "/")).name.strip()
    shown = f"“{file.name}”"
    suffix = PurePosixPath(file.name or "").suffix.lower()
    if not file.name:
        return "有一个文件没有文件名，请改名后再传。"
    if not file.size:
        return f"{shown}是空文件，请核对。"
    if file.size > settings.EVIDENCE_MAX_BYTES:
        return f"{shown}有 {wording.file_size(file.size)}，超过 {size_words()}，请压缩或拆分。"
    if suffix not in CHECKS:
        return f"{shown}的类型不能上传，只收 {KINDS}。"
    file.seek(0)
    right = CHECKS[suffix](file, suffix)
    file.seek(0)
    return "" if right else f"{shown}的内容与扩展名 {suffix} 不符或文件已损坏，请核对后重新选择。"


def _is_pdf(file: UploadedFile, suffix: str) -> bool:
    return b"%PDF-" in bytes(file.read(1024))


def _is_image(file: UploadedFile, suffix: str) -> bool:
    return bytes(file.read(8)).startswith(PNG if suffix == ".png" else JPEG)


def _is_package(file: UploadedFile, suffix: str) -> bool:
    """A zip with the members of its kind. Only the directory is read; nothing is unpacked."""
    if bytes(file.read(4)) != b"PK\x03\x04":
        return False
    file.seek(0)
    try:
        with zipfile.ZipFile(file.file or file) as package:
            names = set(package.namelist())
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError, RuntimeError, EOFError):
        return False
    return len(names) <= MEMBERS_MAX and names.issuperset(MEMBERS[suffix]) and not _has_macros(names)


def _has_macros(names: set[str]) -> bool:
    return any(name.lower().endswith("vbaproject.bin") for name in names)


CHECKS = {
    ".pdf": _is_pdf,
    ".png": _is_image,
    ".jpg": _is_image,
    ".jpeg": _is_image,
    **dict.fromkeys(MEMBERS, _is_package),
}
