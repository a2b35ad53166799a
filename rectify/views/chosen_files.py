"""The evidence files of one submit: those just chosen, and those an earlier submit of the form brought."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from django.core.files.uploadedfile import UploadedFile
from django.utils.datastructures import MultiValueDict

from rectify.choices import UploadKind
from rectify.forms.evidence import EvidenceField, refusals_of
from rectify.models import KeptUpload, User
from rectify.operations.exchange import uploads
from rectify.views.request import AuthenticatedRequest

# The names of kept files travel beside their field: kept_file for files, kept_file-<field> for another.
NAME, FILES = "kept_file", "files"
# The kept files that a page showed with a tick: one that is not named any more was taken off. Of what
# was sent ahead from the same form in another window this page says nothing, and it stays.
SHOWN = "shown_file"
# The fields of evidence in all forms, by which files are kept before a form has looked at them.
FIELDS = re.compile(r"files|answer_files_[0-9]{1,9}|proof_[0-9]{1,18}")


class KeptFile(UploadedFile):
    """A file that was chosen before, and was looked at when it came."""

    def __init__(self, row: KeptUpload) -> None:
        super().__init__(row.path.open("rb"), row.name, size=row.size)
        self.row = row
        self.refusal = ""
        self.findings = [tuple(place) for place in row.choices.get("findings", [])]


class GoneFile(UploadedFile):
    """A file that was chosen before and is kept no longer: said, never passed over."""

    refusal = (
        f"之前选好的文件有的已在另一个窗口提交，或已超过 {uploads.HOURS} 小时，没有保留，请重新选择；"
        "文字没有丢失。"
    )
    findings: list[Any] = []


def chosen_files(request: AuthenticatedRequest) -> MultiValueDict[str, Any]:
    """The files of the request, with the person's own that it names as chosen before."""
    files = request.FILES.copy()
    named = dict(_named(request))
    live = {str(row.key): row for row in _kept(request) if row.path.exists()} if named else {}
    for field, keys in named.items():
        before: list[UploadedFile] = [KeptFile(live[key]) for key in keys if key in live]
        gone = [GoneFile(None, "未保留的文件", size=0)] if len(before) < len(keys) else []
        files.setlist(field, [*gone, *before, *files.getlist(field)])
    return files


def keep_chosen(request: AuthenticatedRequest, form: Any, key: str = "") -> None:
    """A form that was not carried out forgets no file: those that may be taken are kept and shown by name.

    `key` is the form's draft: under it a page that is opened again finds them.
    """
    if not form.is_bound or not hasattr(form.files, "getlist"):
        return
    for name in evidence_fields(form):
        form.fields[name].kept_files = [
            row
            for file in form.files.getlist(form.add_prefix(name))
            if (row := _keep(request.user, file, form=key, field=name)) is not None
        ]
    kept = {row.pk for name in evidence_fields(form) for row in form.fields[name].kept_files}
    _forget(request, kept)


def keep_sent(owner: User, sent: MultiValueDict[str, Any], key: str) -> list[KeptUpload]:
    """Files of a form that was not even looked at are kept for its draft, as far as they may be taken."""
    fields = [(field, files) for field, files in sent.lists() if FIELDS.fullmatch(field)]
    refusals_of([file for _, files in fields for file in files])
    kept = [_keep(owner, file, form=key, field=field) for field, files in fields for file in files]
    return [row for row in kept if row is not None]


def take_off(request: AuthenticatedRequest, key: str) -> None:
    """A file that the person removed again before the form was sent."""
    for row in _kept(request):
        if str(row.key) == key:
            uploads.drop(row)


def show_kept(request: AuthenticatedRequest, form: Any, key: str) -> None:
    """Files that were chosen before on a page that was left for another."""
    names = evidence_fields(form)
    if not names or form.is_bound:
        return
    for row in _kept(request):
        if row.choices.get("form") == key and row.choices.get("field") in names and row.path.exists():
            form.fields[row.choices["field"]].kept_files.append(row)


def keeps_files(request: AuthenticatedRequest, key: str) -> bool:
    """Whether files are kept for the form of this draft."""
    return _kept(request).filter(choices__form=key).exists()


def drop_chosen(request: AuthenticatedRequest) -> None:
    """Once the act is done its files lie among the evidence."""
    _forget(request, set())


def _forget(request: AuthenticatedRequest, kept: set[int]) -> None:
    """What this page named or showed, and does not keep."""
    keys = {named for _, names in _named(request) for named in names} | set(request.POST.getlist(SHOWN))
    for row in _kept(request) if keys else ():
        if str(row.key) in keys and row.pk not in kept:
            uploads.drop(row)


def evidence_fields(form: Any) -> list[str]:
    return [name for name, field in form.fields.items() if isinstance(field, EvidenceField)]


def _keep(owner: User, file: Any, **where: str) -> KeptUpload | None:
    """The row of a file that may be taken; nothing for one that was refused, or never looked at."""
    if getattr(file, "refusal", "?"):
        return None
    if isinstance(file, KeptFile):
        return file.row
    return uploads.keep(owner, kind=UploadKind.EVIDENCE, file=file, findings=file.findings, **where)


def _named(request: AuthenticatedRequest) -> Iterator[tuple[str, list[str]]]:
    """Each field with the keys of the files that were kept for it."""
    for name in request.POST:
        if name == NAME or name.startswith(f"{NAME}-"):
            yield name.partition("-")[2] or FILES, list(dict.fromkeys(request.POST.getlist(name)))


def _kept(request: AuthenticatedRequest) -> Any:
    return uploads.live(request.user, UploadKind.EVIDENCE).order_by("id")
