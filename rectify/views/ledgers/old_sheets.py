"""An office's old sheet: uploaded, its columns mapped, previewed, and loaded as a new ledger."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import islice
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from rectify import clock
from rectify.arrivals.sensitive import Place, places, shown_before
from rectify.audit.chain import decided
from rectify.choices import Action, ImportKind
from rectify.errors import Incomplete, Refusal
from rectify.forms.fields import clean_text
from rectify.forms.imports import OldSheetForm
from rectify.ledger.legacy.finished import HISTORY_WORDS, ask
from rectify.ledger.legacy.headings import BY_KEY, MEANINGS, SKIP
from rectify.ledger.legacy.load import load_old
from rectify.ledger.legacy.names import names_of_sheet, own_units, remembered_columns
from rectify.ledger.legacy.problem import OldSheet
from rectify.ledger.legacy.reading import BookReading, SheetReading, read_workbook
from rectify.models import ImportBatch, KeptUpload, Unit
from rectify.operations.exchange import uploads
from rectify.operations.recording import require
from rectify.papers.names import Names
from rectify.views.ledgers.imports import kept_upload, received, sheet_form
from rectify.views.request import AuthenticatedRequest
from rectify.xlsx.cells import letters_of
from rectify.xlsx.reader import read_book
from rectify.xlsx.structure import OLD

SAMPLES = 3
SHOWN = 100
NO_TITLE = "工作表“{}”还没有指明哪一栏是“存在问题”，请指明，或不读入这张工作表。内容没有丢失。"
UNDECIDED = "工作表“{}”还有 {} 栏没有定下含义（{}），请选一个含义、选“备注”保留，或选“不读入”。内容没有丢失。"
NO_SHEET = "没有选中任何工作表，请至少选一张读入。内容没有丢失。"
ANSWER = re.compile(r"(?:unit|leader|history)-\d{1,5}|history")
FORM = require_http_methods(["GET", "HEAD", "POST"])


@dataclass
class Target:
    """How a file is read, and the unit whose ledger it becomes."""

    reading: BookReading
    unit: Unit


@FORM
def old_sheet(request: AuthenticatedRequest) -> HttpResponse:
    """Upload a sheet of one's own."""
    require(request.user, Action.CREATE_REPORT)
    form = sheet_form(request, OldSheetForm)
    if form.is_bound and (upload := received(request, form, ImportKind.OLD, _check)):
        return redirect("old_mapping", key=upload.key)
    return render(request, "ledger/old.html", {"form": form}, status=422 if form.errors else 200)


def _check(request: AuthenticatedRequest, upload: KeptUpload) -> None:
    if not any(sheet.rows for sheet in read_book(upload.path, OLD, kept=upload.parsed_path).sheets):
        raise Incomplete("文件里没有任何内容，没有导入。请核对后重新上传。", field="file")


@FORM
def old_mapping(request: AuthenticatedRequest, key: UUID) -> HttpResponse:
    """What each column of each sheet means: guessed from its heading, corrected by the person."""
    require(request.user, Action.CREATE_REPORT)
    upload = kept_upload(request, key, ImportKind.OLD)
    if upload.batch:
        return redirect("report_next", pk=upload.batch.report_id)
    target = _target(request, upload, upload.choices)
    missing = ""
    if request.method == "POST":
        answers = _answers(request.POST, [reading.sheet.name for reading in target.reading.sheets])
        target = _target(request, upload, answers)
        missing = "" if "again" in request.POST else _missing(target.reading)
        if not missing:
            uploads.choose(upload, answers)
        if not missing and "again" not in request.POST:
            return redirect("old_preview", key=key)
    context = {
        "upload": upload, "reading": target.reading, "unit": target.unit, "units": own_units(request.user),
        "sheets": [_mapped(reading, number) for number, reading in enumerate(target.reading.sheets)],
        "meanings": MEANINGS, "skip": SKIP, "missing": missing,
    }  # fmt: skip
    return render(request, "ledger/mapping.html", context, status=422 if missing else 200)


def _missing(reading: BookReading) -> str:
    """What must be said before the next step, in words; empty when nothing is missing."""
    if not reading.chosen:
        return NO_SHEET
    for sheet in reading.chosen:
        if not sheet.names_problems:
            return NO_TITLE.format(sheet.sheet.name)
        if left := sheet.undecided:
            return UNDECIDED.format(sheet.sheet.name, len(left), "、".join(left[:5]))
    return ""


def _mapped(reading: SheetReading, number: int) -> dict[str, Any]:
    """A sheet's columns with their headings, what each is taken for, and its first values."""
    sheet = reading.sheet
    entries = (row for row in sorted(sheet.rows) if row > reading.header and len(sheet.rows[row]) > 1)
    rows = list(islice(entries, SAMPLES))
    columns = [
        {
            "number": column,
            "heading": heading,
            "meaning": reading.columns.get(column, ""),
            "samples": [text for row in rows if (text := sheet.cell(row, column).shown.strip())],
        }
        for column, heading in reading.headings.items()
    ]
    guessed = sum(column["meaning"] not in ("", SKIP) for column in columns)
    return {"number": number, "reading": reading, "columns": columns, "guessed": guessed}


@FORM
def old_preview(request: AuthenticatedRequest, key: UUID) -> HttpResponse:
    """What would be loaded, with the names that nobody knows yet; confirmed, it becomes a ledger."""
    require(request.user, Action.CREATE_REPORT)
    upload = kept_upload(request, key, ImportKind.OLD)
    if upload.batch:
        return redirect("report_next", pk=upload.batch.report_id)
    target = _target(request, upload, upload.choices)
    old = target.reading.read()
    said = {name: request.POST[name] for name in request.POST if ANSWER.fullmatch(name)}
    asked = ask(old, clock.today(), said)
    names = names_of_sheet(old, target.unit, said)
    warning, status = old.too_many, 200
    if request.method == "POST":
        try:
            batch = _load(request, upload, target, old, names)
        except Refusal as refusal:
            warning, status = refusal.message, refusal.status
        else:
            uploads.discard_file(upload)
            messages.success(
                request, f"已建立台账《{target.reading.title}》，读入 {len(old.problems)} 项问题。"
            )
            return redirect("report_next", pk=batch.report_id)
    context = {
        "upload": upload, "reading": target.reading, "unit": target.unit, "warning": warning, "old": old,
        "names": names, "problems": old.problems[:SHOWN], "shown": SHOWN, "notices": old.notices[:SHOWN],
        "asked": asked, "histories": HISTORY_WORDS.items(), "whole": said.get("history", ""),
        "left_out": old.left_out[:SHOWN], "sensitive": _looked_through(target.reading),
    }  # fmt: skip
    return render(request, "ledger/old_preview.html", context, status=status)


def _load(
    request: AuthenticatedRequest, upload: KeptUpload, target: Target, old: OldSheet, names: Names
) -> ImportBatch:
    reading = target.reading
    with decided(shown_before(_looked_through(reading))):
        return load_old(
            old, by=request.user, unit=target.unit, year=reading.year, title=reading.title,
            name=upload.name, sha256=upload.sha256, upload=upload, names=names, columns=reading.decided,
        )  # fmt: skip


def _looked_through(reading: BookReading) -> list[Place]:
    """Marks and numbers in the cells of the sheets that are read."""
    return places(
        (f"“{chosen.sheet.name}”{letters_of(column)}{row}", text)
        for chosen in reading.chosen
        for row in sorted(chosen.sheet.rows)
        for column, text in chosen.sheet.texts(row)
    )


def _answers(data: QueryDict, names: list[str]) -> dict[str, Any]:
    """What the person said about the file, as far as it makes sense."""
    answers: dict[str, Any] = {
        "title": clean_text(data.get("title", "")).strip()[:200],
        "year": clean_text(data.get("year", ""))[:10],
        "unit": clean_text(data.get("unit", ""))[:10],
        "sheets": {},
    }
    for number, name in enumerate(names):
        about: dict[str, Any] = {
            "read": data.get(f"read-{number}") == "1",
            "header": clean_text(data.get(f"header-{number}", ""))[:6],
        }
        if data.get("again") != str(number):
            about["columns"] = _columns(data, number)
        answers["sheets"][name] = about
    return answers


def _columns(data: QueryDict, number: int) -> dict[str, str]:
    pattern = re.compile(rf"column-{number}-(\d{{1,3}})")
    return {
        match[1]: str(data[name])
        for name in data
        if (match := pattern.fullmatch(name)) and (data[name] in BY_KEY or data[name] in ("", SKIP))
    }


def _target(request: AuthenticatedRequest, upload: KeptUpload, said: Mapping[str, Any]) -> Target:
    units = own_units(request.user)
    unit = next((unit for unit in units if str(unit.pk) == said.get("unit")), units[0])
    book = read_book(upload.path, OLD, kept=upload.parsed_path)
    return Target(read_workbook(book, upload.name, said, remembered_columns(unit)), unit)
