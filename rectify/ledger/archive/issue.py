"""One ledger issued: its name and stamp, and its file written from one snapshot."""

from __future__ import annotations

import contextlib
import datetime as dt
import hashlib
import re
from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any, BinaryIO

from rectify import clock
from rectify.errors import Incomplete, TooLong
from rectify.ledger.archive.kept_rows import Keeper
from rectify.ledger.columns import FULL, LEDGER, ColumnSet
from rectify.ledger.print.row_spool import RowSpool
from rectify.ledger.print.sheet import Form
from rectify.ledger.print.writer import write_book
from rectify.ledger.roundtrip.columns import ROWS_MAX
from rectify.ledger.roundtrip.rows import Names, kept_rows, working_rows
from rectify.ledger.row_types import Fonts, ProblemRow, Stamp, Written
from rectify.ledger.rows import ledger_rows, snapshot
from rectify.wording import date

if TYPE_CHECKING:
    from django.db.models import QuerySet

    from rectify.models import LedgerSettings, Problem, Report

WORKING = "填报表"
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
_ISO_DAY = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)
_NOT_IN_FILE_NAMES = re.compile(r'[\\/:*?"<>|\x00-\x1f\x7f\u202a-\u202e\ud800-\udfff]')


def as_of_day(text: str, report: Report) -> dt.date:
    """The day a ledger shows, from YYYY-MM-DD (empty: today); refuses what the ledger cannot know."""
    today = clock.today()
    if not text.strip():
        return today
    try:
        day = dt.date.fromisoformat(text.strip() if _ISO_DAY.fullmatch(text.strip()) else "")
    except ValueError:
        raise Incomplete(f"截至日期“{text[:30]}”无法识别，应形如 2022-06-30。", field="as_of") from None
    if day > today:
        raise Incomplete(f"截至日期{date(day)}还没有到，最晚为今天（{date(today)}）。", field="as_of")
    first = clock.day_of(report.created_at)
    if day < first:
        raise Incomplete(f"这本台账建立于{date(first)}，没有{date(day)}的情况可以导出。", field="as_of")
    return day


def title_of(report: Report) -> str:
    """The title the office chose, otherwise made of unit, year and meeting."""
    settings = _settings(report)
    if settings and settings.ledger_title:
        return settings.ledger_title
    year = "" if str(report.year) in report.meeting else f"{report.year}年度"
    return f"{report.unit}{year}{report.meeting}整改台账"


def file_name(report: Report, as_of: dt.date, title: str = "") -> str:
    """The file's name in Chinese, without what file systems refuse."""
    return f"{plain_name(title or title_of(report))}（截至{date(as_of)}）.xlsx"


def plain_name(name: str) -> str:
    return _NOT_IN_FILE_NAMES.sub("", name)[:80].strip(" .") or LEDGER.name


def form_title(title: str, form: ColumnSet, alone: bool) -> str:
    """The title over one of several forms: the ledger's, with the form's own name."""
    if form.key in (LEDGER.key, FULL.key) or (alone and not title.endswith(LEDGER.name)):
        return title
    if title.endswith(LEDGER.name):
        return title.removesuffix(LEDGER.name) + form.name
    return f"{title}（{form.name}）"


def stamp_of(
    report: Report,
    *,
    as_of: dt.date,
    exporter: str,
    head: str,
    selection: str,
    scope: str = "",
    title: str = "",
    reporter: str = "",
    reviewer: str = "",
    phone: str = "",
    code: str = "",
) -> Stamp:
    """Whose ledger, of which day, taken out by whom, with which audit head and filter."""
    settings = _settings(report)
    return Stamp(
        title=title or title_of(report),
        unit=report.unit.name,
        as_of=as_of,
        exporter=exporter,
        exported_at=clock.now(),
        audit_head=head,
        selection=selection,
        scope=scope,
        reporter=reporter,
        reviewer=reviewer,
        phone=phone or (settings.contact_phone if settings else ""),
        code=code,
    )


def write_issue(
    report: Report,
    problems: QuerySet[Problem],
    columns: ColumnSet,
    stamp: Stamp,
    out: BinaryIO,
    keeper: Keeper | None = None,
) -> Written:
    """Write the ledger of these problems as the stamp's day shows them; a keeper holds on to its rows."""
    return write_forms(report, problems, [columns], stamp, out, keeper)


def write_forms(
    report: Report,
    problems: QuerySet[Problem],
    sets: Sequence[ColumnSet],
    stamp: Stamp,
    out: BinaryIO,
    keeper: Keeper | None = None,
) -> Written:
    """Write several forms of these problems, a sheet each, all from one state of the database."""
    today = clock.today()
    on = stamp.as_of if stamp.as_of < today else None
    with snapshot() as using:
        rows: Iterable[ProblemRow] = ledger_rows(problems, today=today, on=on, using=using)
        if keeper:
            rows = keeper.watch(rows)
        sheets = sheets_of(sets)
        with contextlib.closing(RowSpool(rows, [column for one in sheets for column in one.columns])) as kept:
            forms = [Form.of(one, _stamp(one, sets, stamp), kept, split=one is not FULL) for one in sheets]
            return write_book(forms, out, fonts_of(report))


def sheets_of(sets: Sequence[ColumnSet]) -> list[ColumnSet]:
    """Beside the printed ledger stands a sheet with everything in full, unless columns were left out."""
    sheets = []
    for chosen in sets:
        sheets += [chosen, FULL] if chosen is LEDGER else [chosen]
    return sheets


def _stamp(sheet: ColumnSet, sets: Sequence[ColumnSet], stamp: Stamp) -> Stamp:
    title = sheet.title or form_title(stamp.title, sheet, alone=len(sets) == 1)
    return replace(stamp, title=stamp.scoped(title), sheet_name=sheet.name)


def write_copy(
    report: Report, problems: QuerySet[Problem], opens: Any, stamp: Stamp, code: int, out: BinaryIO
) -> dict[str, Any]:
    """Write the fillable copy; returns what it holds, the base of the later comparison.

    Raises Incomplete when there is nothing in it for this person to fill in, or more than comes back.
    """
    from rectify.ledger.roundtrip.writer import Lists, write_working  # with openpyxl, when it is needed

    with snapshot() as using:
        names = Names(report)
        rows = working_rows(problems, names, opens=opens, today=clock.today(), using=using)
    if len(rows) > ROWS_MAX:
        raise TooLong(
            f"填报表一份最多 {ROWS_MAX:,} 项，现在有 {len(rows):,} 项，没有下载。请按单位筛选后分别下载。"
        )
    if not any(row.open for row in rows):
        raise Incomplete("其中没有您可以填报的事项，没有下载填报表。填报由责任单位和整改办办理。")
    write_working(rows, Lists(names.leaders, names.units), stamp, code, out, fonts_of(report))
    return kept_rows(rows)


def fonts_of(report: Report) -> Fonts:
    settings, usual = _settings(report), Fonts()
    if settings is None:
        return usual
    return Fonts(settings.body_font or usual.body, settings.header_font or usual.header)


def _settings(report: Report) -> LedgerSettings | None:
    return getattr(report, "settings", None)


def digest_of(file: BinaryIO) -> str:
    """SHA-256 of a file that has been written."""
    file.seek(0)
    digest = hashlib.sha256()
    while piece := file.read(1024 * 1024):
        digest.update(piece)
    return digest.hexdigest()
