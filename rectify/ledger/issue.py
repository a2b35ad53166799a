"""One ledger issued: its name and stamp, and its file written from one snapshot."""

from __future__ import annotations

import datetime as dt
import re
from typing import TYPE_CHECKING, BinaryIO

from .. import clock
from ..errors import Incomplete
from ..wording import date
from .columns import ColumnSet
from .kept_rows import Keeper
from .row_types import Fonts, Stamp, Written
from .rows import ledger_rows, snapshot
from .write_xlsx import write_ledger

if TYPE_CHECKING:
    from django.db.models import QuerySet

    from ..models import LedgerSettings, Problem, Report

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


def file_name(report: Report, as_of: dt.date) -> str:
    """The file's name in Chinese, without what file systems refuse."""
    name = _NOT_IN_FILE_NAMES.sub("", title_of(report))[:80].strip(" .") or "整改台账"
    return f"{name}（截至{date(as_of)}）.xlsx"


def stamp_of(
    report: Report, *, as_of: dt.date, exporter: str, head: str, selection: str, code: str = ""
) -> Stamp:
    """Whose ledger, of which day, taken out by whom, with which audit head and filter."""
    settings = _settings(report)
    return Stamp(
        title=title_of(report),
        unit=report.unit.name,
        as_of=as_of,
        exporter=exporter,
        exported_at=clock.now(),
        audit_head=head,
        selection=selection,
        phone=settings.contact_phone if settings else "",
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
    today = clock.today()
    with snapshot() as using:
        rows = ledger_rows(
            problems, today=today, on=stamp.as_of if stamp.as_of < today else None, using=using
        )
        kept = keeper.watch(rows) if keeper else rows
        return write_ledger(kept, columns.columns, stamp, out, _fonts(report))


def _fonts(report: Report) -> Fonts:
    settings, usual = _settings(report), Fonts()
    if settings is None:
        return usual
    return Fonts(settings.body_font or usual.body, settings.header_font or usual.header)


def _settings(report: Report) -> LedgerSettings | None:
    return getattr(report, "settings", None)
