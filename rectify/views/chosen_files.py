"""The evidence files of one submit: those just chosen, and those that an earlier, refused submit brought."""

from __future__ import annotations

from typing import Any

from django.core.files.uploadedfile import UploadedFile
from django.utils.datastructures import MultiValueDict

from rectify.choices import UploadKind
from rectify.models import KeptUpload
from rectify.operations.exchange import uploads
from rectify.views.request import AuthenticatedRequest

NAME, FILES = "kept_file", "files"


class KeptFile(UploadedFile):
    """A file that was chosen before, and was looked at when it came."""

    def __init__(self, row: KeptUpload) -> None:
        super().__init__(row.path.open("rb"), row.name, size=row.size)
        self.row = row
        self.refusal = ""
        self.findings = [tuple(place) for place in row.choices.get("findings", [])]


class GoneFile(UploadedFile):
    """A file that was chosen before and is kept no longer: said, never passed over."""

    refusal = f"之前选好的文件有的已超过 {uploads.HOURS} 小时，没有保留，请重新选择；文字没有丢失。"
    findings: list[Any] = []


def chosen_files(request: AuthenticatedRequest) -> MultiValueDict[str, Any]:
    """The files of the request, with the person's own that it names as chosen before."""
    files = request.FILES.copy()
    if keys := set(request.POST.getlist(NAME)):
        rows = [row for row in _kept(request) if str(row.key) in keys and row.path.exists()]
        before: list[UploadedFile] = [KeptFile(row) for row in rows]
        gone = [GoneFile(None, "未保留的文件", size=0)] if len(rows) < len(keys) else []
        files.setlist(FILES, [*gone, *before, *files.getlist(FILES)])
    return files


def keep_chosen(request: AuthenticatedRequest, form: Any) -> None:
    """A form that was not carried out forgets no file: those that may be taken are kept and shown by name."""
    if not form.is_bound or FILES not in form.fields:
        return
    kept = []
    for file in form.files.getlist(FILES):
        if getattr(file, "refusal", "?"):
            continue
        if isinstance(file, KeptFile):
            kept.append(file.row)
        else:
            kept.append(
                uploads.keep(request.user, kind=UploadKind.EVIDENCE, file=file, findings=file.findings)
            )
    form.kept_files = kept


def drop_chosen(request: AuthenticatedRequest) -> None:
    """Once the act is done its files lie among the evidence."""
    keys = set(request.POST.getlist(NAME))
    for row in _kept(request) if keys else ():
        if str(row.key) in keys:
            uploads.drop(row)


def _kept(request: AuthenticatedRequest) -> Any:
    return uploads.live(request.user, UploadKind.EVIDENCE).order_by("id")
