"""An office's old sheet: uploaded, its columns mapped, previewed, and loaded as a new ledger."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods
from openpyxl.utils import get_column_letter

from rectify import clock
from rectify.arrivals.sensitive import Place, places, shown_before
from rectify.audit.chain import decided
from rectify.choices import Action, ImportKind, Role
from rectify.errors import Incomplete, Refusal
from rectify.forms.fields import clean_text
from rectify.ledger.legacy.headings import (
    BY_KEY,
    MEANINGS,
    find_header,
    guess_columns,
    headings_of,
    title_above,
)
from rectify.ledger.legacy.match import Match, match_names
from rectify.ledger.legacy.sheet import OldSheet, read_old
from rectify.ledger.roundtrip.load import load_old
from rectify.models import ImportBatch, KeptUpload, Leader, Unit
from rectify.models.people import within
from rectify.operations.exchange import uploads
from rectify.operations.recording import require
from rectify.views.ledgers.imports import kept_upload, received, sheet_form
from rectify.views.request import AuthenticatedRequest
from rectify.xlsx.reader import TOO_MANY, Book, Sheet, read_book

SAMPLES = 3
SHOWN = 100
YEAR = re.compile(r"(?:19|20)\d{2}")
FORM = require_http_methods(["GET", "HEAD", "POST"])


@dataclass
class Reading:
    """How a file is read: which sheet, which header row, what each column means, for whom and when."""

    book: Book
    sheet: Sheet
    header: int
    columns: dict[int, str]
    unit: Unit
    year: int
    title: str

    def read(self) -> OldSheet:
        if self.sheet.too_many:
            raise Incomplete(TOO_MANY, field="file")
        return read_old(self.sheet, self.header, self.columns, self.year, self.book.date1904)


@FORM
def old_sheet(request: AuthenticatedRequest) -> HttpResponse:
    """Upload a sheet of one's own."""
    require(request.user, Action.CREATE_REPORT)
    form = sheet_form(request)
    if form.is_bound and (upload := received(request, form, ImportKind.OLD, _check)):
        return redirect("old_mapping", key=upload.key)
    return render(request, "ledger/old.html", {"form": form}, status=422 if form.errors else 200)


def _check(request: AuthenticatedRequest, upload: KeptUpload) -> None:
    if not any(sheet.rows for sheet in read_book(upload.path, kept=upload.parsed_path).sheets):
        raise Incomplete("文件里没有任何内容，没有导入。请核对后重新上传。", field="file")


@FORM
def old_mapping(request: AuthenticatedRequest, key: UUID) -> HttpResponse:
    """What each column means: guessed from its heading, corrected by the person."""
    require(request.user, Action.CREATE_REPORT)
    upload = kept_upload(request, key, ImportKind.OLD)
    if upload.batch_id:
        return redirect("import_batch", pk=upload.batch_id)
    book = read_book(upload.path, kept=upload.parsed_path)
    if request.method == "POST":
        uploads.choose(upload, _answers(request.POST))
    reading = _reading(request, upload, book)
    if request.method == "POST" and "again" not in request.POST:
        if "title" in reading.columns.values():
            return redirect("old_preview", key=key)
        messages.warning(request, "请指明哪一栏是“存在问题”，其余各栏可以不对应。内容没有丢失。")
    columns = _mapped(reading)
    context = {
        "upload": upload, "reading": reading, "columns": columns, "meanings": MEANINGS,
        "sheets": [sheet for sheet in book.sheets if sheet.rows], "units": _own_units(request),
        "guessed": sum(1 for column in columns if column["meaning"]),
    }  # fmt: skip
    return render(request, "ledger/mapping.html", context)


def _mapped(reading: Reading) -> list[dict[str, Any]]:
    """Each column with its heading, what it is taken for, and its first values."""
    sheet = reading.sheet
    rows = [number for number in sorted(sheet.rows) if number > reading.header][:SAMPLES]
    return [
        {
            "number": column,
            "heading": heading,
            "meaning": reading.columns.get(column, ""),
            "samples": [text for row in rows if (text := sheet.cell(row, column).shown.strip())],
        }
        for column, heading in headings_of(sheet, reading.header).items()
    ]


@FORM
def old_preview(request: AuthenticatedRequest, key: UUID) -> HttpResponse:
    """What would be loaded, with the names that nobody knows yet; confirmed, it becomes a ledger."""
    require(request.user, Action.CREATE_REPORT)
    upload = kept_upload(request, key, ImportKind.OLD)
    if upload.batch_id:
        return redirect("import_batch", pk=upload.batch_id)
    reading = _reading(request, upload, read_book(upload.path, kept=upload.parsed_path))
    old = reading.read()
    names = _names(request, reading, old)
    warning, status = old.too_many, 200
    if request.method == "POST":
        try:
            batch = _load(request, upload, reading, old, names)
        except Refusal as refusal:
            warning, status = refusal.message, refusal.status
        else:
            uploads.discard_file(upload)
            messages.success(request, f"已建立台账《{reading.title}》，读入 {len(old.problems)} 项问题。")
            return redirect("import_batch", pk=batch.pk)
    context = {"upload": upload, "reading": reading, "warning": warning} | _shown(old, names, reading.sheet)
    return render(request, "ledger/old_preview.html", context, status=status)


def _load(
    request: AuthenticatedRequest, upload: KeptUpload, reading: Reading, old: OldSheet, names: dict[str, Any]
) -> ImportBatch:
    with decided(shown_before(_looked_through(reading.sheet))):
        return load_old(
            old, by=request.user, unit=reading.unit, year=reading.year, title=reading.title,
            name=upload.name, sha256=upload.sha256, upload=upload, **names,
        )  # fmt: skip


def _looked_through(sheet: Sheet) -> list[Place]:
    """Marks and numbers in the cells of the sheet."""
    return places(
        (f"“{sheet.name}”{get_column_letter(column)}{row}", text)
        for row in sorted(sheet.rows)
        for column, text in sheet.texts(row)
    )


def _shown(old: OldSheet, names: dict[str, Any], sheet: Sheet) -> dict[str, Any]:
    """What was read from the sheet, and how many units and leaders are new."""
    return names | {
        "old": old, "problems": old.problems[:SHOWN], "shown": SHOWN, "notices": old.notices[:SHOWN],
        "sensitive": _looked_through(sheet),
        "known_units": names["known_units"].values(), "known_leaders": names["known_leaders"].values(),
        "new_units": _new(names["units"]), "new_leaders": _new(names["leaders"]),
    }  # fmt: skip


def _names(request: AuthenticatedRequest, reading: Reading, old: OldSheet) -> dict[str, Any]:
    """The sheet's units and leaders with what each is taken for, and those that are known."""
    chosen = {name: request.POST[name] for name in request.POST if re.fullmatch(r"(unit|leader)-\d+", name)}
    units = reading.unit.subtree().filter(active=True)
    leaders = Leader.objects.active().filter(unit__path__startswith=reading.unit.path)
    known = [(unit.pk, unit.name, unit.short) for unit in units]
    posts = [(leader.pk, leader.post, "") for leader in leaders]
    return {
        "units": match_names(old.unit_names, known, "unit", chosen, shortened=True),
        "leaders": match_names(old.leader_names, posts, "leader", chosen, shortened=False),
        "known_units": {unit.pk: unit for unit in units},
        "known_leaders": {leader.pk: leader for leader in leaders},
    }


def _new(matches: list[Match]) -> int:
    return sum(1 for match in matches if match.chosen == "new")


def _answers(data: QueryDict) -> dict[str, Any]:
    """What the person said about the file, as far as it makes sense."""
    columns = {
        name.removeprefix("column-"): value
        for name in data
        if re.fullmatch(r"column-\d{1,3}", name) and ((value := data[name]) in BY_KEY or not value)
    }
    answers = {name: clean_text(data.get(name, "")).strip()[:200] for name in ("sheet", "header", "title")}
    answers |= {name: clean_text(data.get(name, ""))[:10] for name in ("year", "unit")}
    return answers | ({} if "again" in data else {"columns": columns})


def _reading(request: AuthenticatedRequest, upload: KeptUpload, book: Book) -> Reading:
    said = upload.choices
    sheets = [sheet for sheet in book.sheets if sheet.rows]
    best = max(
        sheets,
        key=lambda sheet: (not sheet.hidden, len(guess_columns(headings_of(sheet, find_header(sheet))))),
    )
    sheet = next((sheet for sheet in sheets if sheet.name == said.get("sheet")), best)
    asked = str(said.get("header", ""))
    header = (
        int(asked) if asked.isascii() and asked.isdigit() and int(asked) in sheet.rows else find_header(sheet)
    )
    header = header or min(sheet.rows)
    columns = guess_columns(headings_of(sheet, header))
    if "columns" in said:
        columns = {int(column): key for column, key in said["columns"].items() if key}
        columns = {column: key for key, column in {key: column for column, key in columns.items()}.items()}
    title = said.get("title") or title_above(sheet, header) or upload.name.rpartition(".")[0]
    year = str(said.get("year", "")) or next(iter(YEAR.findall(title)), "")
    in_range = year.isascii() and year.isdigit() and 1949 <= int(year) <= 2200
    units = _own_units(request)
    unit = next((unit for unit in units if str(unit.pk) == said.get("unit")), units[0])
    return Reading(book, sheet, header, columns, unit, int(year) if in_range else clock.today().year, title)


def _own_units(request: AuthenticatedRequest) -> list[Unit]:
    """Where a ledger may be opened: the units whose office this person is, and those below."""
    posts = request.user.paths(Role.OFFICE)
    return list(Unit.objects.filter(within("path", posts), active=True))
