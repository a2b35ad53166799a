"""Is this the ledger that was issued? Told by its code, or by the file itself."""

from __future__ import annotations

import hashlib
import time
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from rectify.errors import TooLong
from rectify.ledger.archive import compare
from rectify.ledger.archive.alteration import Alterations, alterations, find_code
from rectify.ledger.archive.code import read_code
from rectify.ledger.archive.kept_rows import row_of
from rectify.ledger.archive.readers import reads_all
from rectify.models import IssuedLedger, LedgerExport, Problem, User
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
    blind: bool = False  # cells were compared for somebody who may not see them

    @property
    def facts(self) -> LedgerExport | None:
        return self.issued.export if self.issued else self.export

    @property
    def first_since(self) -> list[compare.ComparedProblem]:
        return self.since.lines[:FIRST] if self.since else []


def verdict_on(user: User, typed: str, file: Any) -> Verdict:
    """What the code or the file turns out to be, with as much as the person may see."""
    verdict = _verdict(user, typed, file)
    _complete(user, verdict)
    return verdict


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
    if one is None or one.is_purged:
        return
    if not reads_all(user, one):
        # Where it was altered, and how often, would tell which guesses are right.
        verdict.blind = verdict.outcome in (Outcome.ALTERED, Outcome.SAME)
        verdict.altered = Alterations()
        return
    verdict.reveals = True
    try:
        verdict.since = changes_since(user, one)
    except TooLong:
        verdict.since = None


def changes_since(user: User, ledger: IssuedLedger, using: str = "") -> compare.Comparison:
    """The filed rows against today's."""
    export = ledger.export
    problems = Problem.objects.visible_to(user).filter(report=export.report)
    return compare.since(problems, map(row_of, ledger.items), whole=not export.selection, using=using)


def _filed(user: User) -> Any:
    return IssuedLedger.objects.visible_to(user).select_related("export__report__unit", "export__by")


def _by_code(user: User, code: str | None) -> IssuedLedger | None:
    ledger: IssuedLedger | None = _filed(user).filter(code=code).first() if code else None
    return ledger


def _kept_cells(ledger: IssuedLedger, seconds: float) -> list[SheetCells] | None:
    """Our own file's cells; None when it is not there or not what it was."""
    try:
        data = ledger.path.read_bytes()
    except OSError:
        return None
    if hashlib.sha256(data).hexdigest() != ledger.export.sha256:
        return None
    return read_cells(data, seconds)


def _digest(file: Any) -> str:
    digest = hashlib.sha256()
    for chunk in file.chunks(CHUNK):
        digest.update(chunk)
    return digest.hexdigest()
