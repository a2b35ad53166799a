"""Is this the ledger that was issued? Told by its code, or by the file itself."""

from __future__ import annotations

import hashlib
import time
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_http_methods

from rectify.errors import TooLong
from rectify.forms.issued import VerifyForm
from rectify.ledger.archive import compare
from rectify.ledger.archive.alteration import Alterations, alterations, find_code
from rectify.ledger.archive.code import read_code
from rectify.ledger.archive.kept_rows import row_of
from rectify.models import IssuedLedger, LedgerExport, Problem, User
from rectify.views.ledgers.issued import may_read, reads_all, require_reader
from rectify.views.request import AuthenticatedRequest
from rectify.xlsx.foreign import FILE_MAX, SECONDS, SheetCells, Unreadable, read_cells

CHUNK = 1024 * 1024
FIRST = 10  # changes since then that the page shows; the others are behind a link


class Outcome(StrEnum):
    """What became of a check; the page has one opening for each."""

    FOUND = "found"  # by code alone
    IDENTICAL = "identical"
    SAME = "same"  # the same cells, saved again by another program
    ALTERED = "altered"
    PLAIN = "plain"  # the file of an export that was recorded but not filed
    UNKNOWN = "unknown"
    MALFORMED = "malformed"  # no code can be that
    NO_CODE = "no_code"  # a workbook without one
    UNREADABLE = "unreadable"
    PURGED = "purged"  # the content is gone: only the digest can still be compared
    LOST = "lost"  # our own file is missing or damaged


@dataclass
class Verdict:
    outcome: str
    issued: IssuedLedger | None = None
    export: LedgerExport | None = None
    altered: Alterations = field(default_factory=Alterations)
    reveals: bool = False
    words: str = ""
    sha256: str = ""
    since: compare.Comparison | None = None

    @property
    def facts(self) -> LedgerExport | None:
        return self.issued.export if self.issued else self.export

    @property
    def first_since(self) -> list[compare.ComparedProblem]:
        return self.since.lines[:FIRST] if self.since else []


@require_http_methods(["GET", "HEAD", "POST"])
def verify(request: AuthenticatedRequest) -> HttpResponse:
    """Type the code or upload the file; nothing that is uploaded is kept."""
    require_reader(request.user)
    verdict: Verdict | None = None
    if request.method == "POST":
        form = VerifyForm(request.POST, request.FILES)
    else:
        form = VerifyForm(request.GET if request.GET.get("code") else None)
    if form.is_valid():
        verdict = _verdict(request.user, form.cleaned_data["code"], form.cleaned_data["file"])
        _complete(request.user, verdict)
    status = 422 if form.is_bound and verdict is None else 200
    context = {"form": form, "verdict": verdict, "max_bytes": FILE_MAX, "may_read": may_read(request.user)}
    return render(request, "ledger/verify.html", context, status=status)


def _verdict(user: User, typed: str, file: Any) -> Verdict:
    code = read_code(typed) if typed else None
    if typed and code is None:
        return Verdict(Outcome.MALFORMED, words=typed)
    if file is None:
        one = _by_code(user, code)
        return Verdict(Outcome.FOUND, one) if one else Verdict(Outcome.UNKNOWN, words=code or "")
    sha256 = _digest(file)
    if exact := _filed(user).filter(export__sha256=sha256).first():
        return Verdict(Outcome.IDENTICAL, exact, sha256=sha256)
    plain = LedgerExport.objects.visible_to(user).filter(sha256=sha256)
    if export := plain.select_related("report__unit", "by").first():
        return Verdict(Outcome.PLAIN, export=export, sha256=sha256)
    try:
        verdict = _by_cells(user, code, file)
    except Unreadable as why:
        known = _by_code(user, code)
        verdict = Verdict(Outcome.UNREADABLE, known, words=why.message)
    verdict.sha256 = sha256
    return verdict


def _by_cells(user: User, typed: str | None, file: Any) -> Verdict:
    """Not the same bytes: compare what the cells hold with the file that was kept."""
    if file.size > FILE_MAX:
        raise Unreadable(
            f"文件超过 {FILE_MAX // 1024 // 1024} MB，与任何签发的文件都不是同一份，也不逐格比对。"
        )
    file.seek(0)
    began = time.monotonic()
    sheets = read_cells(file.read())
    code = typed or find_code(sheets)
    if code is None:
        return Verdict(Outcome.NO_CODE)
    one = _by_code(user, code)
    if one is None:
        return Verdict(Outcome.UNKNOWN, words=code)
    if one.is_purged:
        return Verdict(Outcome.PURGED, one)
    ours = _kept_cells(one, max(1.0, SECONDS - (time.monotonic() - began)))
    if ours is None:
        return Verdict(Outcome.LOST, one)
    found = alterations(ours, sheets)
    return Verdict(Outcome.ALTERED if found.count else Outcome.SAME, one, altered=found)


def _complete(user: User, verdict: Verdict) -> None:
    """Who may see the problems sees values, and what has changed since."""
    one = verdict.issued
    if one is None or one.is_purged or not reads_all(user, one):
        return
    verdict.reveals = True
    try:
        verdict.since = changes_since(user, one)
    except TooLong:
        verdict.since = None


def changes_since(user: User, one: IssuedLedger) -> compare.Comparison:
    """The filed rows against today's."""
    export = one.export
    problems = Problem.objects.visible_to(user).filter(report=export.report)
    return compare.since(problems, map(row_of, one.items), whole=not export.selection)


def _filed(user: User) -> Any:
    return IssuedLedger.objects.visible_to(user).select_related("export__report__unit", "export__by")


def _by_code(user: User, code: str | None) -> IssuedLedger | None:
    found: IssuedLedger | None = _filed(user).filter(code=code).first() if code else None
    return found


def _kept_cells(one: IssuedLedger, seconds: float) -> list[SheetCells] | None:
    """Our own file's cells; None when it is not there or not what it was."""
    try:
        data = one.path.read_bytes()
    except OSError:
        return None
    if hashlib.sha256(data).hexdigest() != one.export.sha256:
        return None
    return read_cells(data, seconds)


def _digest(file: Any) -> str:
    digest = hashlib.sha256()
    for chunk in file.chunks(CHUNK):
        digest.update(chunk)
    return digest.hexdigest()
