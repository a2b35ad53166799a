"""Report intake: upload, look over and edit, see what a load would do, load or give up."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST

from rectify.arrivals.sensitive import Place, places, shown_before
from rectify.audit.chain import decided
from rectify.choices import Action, IntakeStatus
from rectify.errors import Incomplete, Refusal, Stale, WrongState
from rectify.evidence import storage
from rectify.forms.intake import DraftFactsForm, NewPieceForm, PieceForm, UploadForm, VersionOnlyForm
from rectify.intake.load import load
from rectify.intake.names import names_of_report
from rectify.intake.parser.outline import year_in
from rectify.intake.plan import ledgers, likely_target, make_plan
from rectify.intake.reading import ReadReport, read_reports
from rectify.intake.review.preview import Preview
from rectify.models import IntakeDraft, Unit, User
from rectify.operations.exchange import drafts as unsent
from rectify.operations.exchange import intake_drafts as intake_acts
from rectify.operations.recording import require
from rectify.views.drafts import draft_token, keeps_text, restored
from rectify.views.process_form import FormResult, key_of, submit
from rectify.views.reports.intake_edits import carry_out, may_add_names, save_piece
from rectify.views.request import AuthenticatedRequest

form_methods = require_http_methods(["GET", "HEAD", "POST"])
UPLOAD = "intake:0"
OPEN_SHOWN = 50


@keeps_text
@form_methods
def intake(request: AuthenticatedRequest) -> HttpResponse:
    """Upload a report; below, the reports that one has not finished looking over."""
    require(request.user, Action.CREATE_REPORT)
    form = UploadForm(
        request.POST or None,
        request.FILES or None,
        user=request.user,
        initial=restored(request, UPLOAD),
    )
    outcome = submit(form, lambda data: _start(request, data))
    if outcome.done:
        unsent.drop(request.user, UPLOAD)
        return _after_upload(request, outcome.result)
    mine = IntakeDraft.objects.visible_to(request.user).open().select_related("unit")
    context = {
        "form": form,
        "missing": outcome.missing,
        "drafts": mine.defer("text", "outline")[:OPEN_SHOWN],
        "draft_token": draft_token(request.user, UPLOAD),
        "max_bytes": settings.EVIDENCE_MAX_BYTES,
    }
    return render(request, "reports/import.html", context, status=outcome.status)


@form_methods
def intake_draft(request: AuthenticatedRequest, pk: int) -> HttpResponse:
    """The source beside the outline; a POST changes what the report is called and whose it is."""
    draft = _mine(request, pk)
    if closed := _closed(request, draft):
        return closed
    if request.method != "POST":
        return _preview(request, draft)
    form = DraftFactsForm(request.POST, user=request.user, draft=draft)
    outcome = submit(form, lambda data: _rename(request, draft, data))
    if not outcome.done:
        return _preview(request, _mine(request, pk), outcome=outcome, facts_form=form)
    messages.success(request, "已保存报告的名称、单位、年度和会议。")
    return redirect("intake_draft", pk)


@keeps_text
@form_methods
def intake_piece(request: AuthenticatedRequest, pk: int, key: str) -> HttpResponse:
    """The same page with one piece open for editing."""
    draft = _mine(request, pk)
    if closed := _closed(request, draft):
        return closed
    page = Preview.of(draft, opened=key)
    if key not in page.numbers:
        messages.info(request, "这一条已合并或删去，下面是现在的提纲。")
        return redirect("intake_draft", pk)
    kept = f"piece-{key}:{pk}"
    initial = page.piece_values(key) | restored(request, kept)
    form = PieceForm(
        request.POST or None, aspects=page.aspects(), is_problem=page.is_problem(key), initial=initial
    )
    outcome = submit(form, lambda data: save_piece(draft, key, data, by=request.user))
    if not outcome.done:
        return _preview(request, _mine(request, pk), opened=key, outcome=outcome, form=form)
    unsent.drop(request.user, kept)
    messages.success(request, f"已保存“{form.cleaned_data['title']}”。")
    return _back(draft, key)


@require_POST
def intake_edit(request: AuthenticatedRequest, pk: int) -> HttpResponse:
    """One edit of the outline by a button: merge, split, drop, decide a tie, fill, include."""
    draft = _mine(request, pk)
    if closed := _closed(request, draft):
        return closed
    form = VersionOnlyForm(request.POST)
    outcome = submit(form, lambda data: carry_out(draft, request.POST, by=request.user, seen=data["version"]))
    if not outcome.done:
        return _preview(request, _mine(request, pk), outcome=outcome)
    messages.success(request, outcome.result.words)
    if request.POST.get("then") == "load":
        return redirect("intake_load", pk)
    return _back(draft, outcome.result.key)


@form_methods
def intake_load(request: AuthenticatedRequest, pk: int) -> HttpResponse:
    """What a load would do, in numbers and in detail; the POST is the confirmation."""
    draft = _mine(request, pk)
    if closed := _closed(request, draft):
        return closed
    form = VersionOnlyForm(request.POST if request.method == "POST" else None)
    refusal: Refusal | None = None
    if form.is_valid():
        seen, digest = form.cleaned_data["version"], request.POST.get("digest", "")
        try:
            with decided(shown_before(_looked_through(draft))):
                report = load(draft, by=request.user, seen=seen, digest=digest)
        except (Stale, WrongState, Incomplete) as error:
            refusal, draft = error, _mine(request, pk)
        else:
            words = f"已载入《{report}》：{report.problems.count()} 项问题。下面是接下来要办的。"
            messages.success(request, words)
            return redirect("report_next", pk=report.pk)
    return _closed(request, draft) or _load_page(request, draft, form, refusal)


def _load_page(
    request: AuthenticatedRequest, draft: IntakeDraft, form: VersionOnlyForm, refusal: Refusal | None
) -> HttpResponse:
    plan = make_plan(draft)
    context = {
        "draft": draft,
        "plan": plan,
        "sensitive": _looked_through(draft),
        "counts": plan.counts,
        "ledgers": ledgers(draft, request.user),
        "refusal": refusal,
        "form": form,
    }
    status = refusal.status if refusal else 422 if form.errors else 200
    return render(request, "reports/import_load.html", context, status=status)


def _looked_through(draft: IntakeDraft) -> list[Place]:
    """Marks and numbers in the text of the report, and in what was typed while it was looked over."""
    lines = enumerate(draft.text.split("\n"), start=1)
    in_text = places((f"报告第 {number} 行", line) for number, line in lines)
    typed = places(("核对后的提纲", text) for text in _strings(draft.outline))
    known = {place.shown for place in in_text}
    return [*in_text, *(place for place in typed if place.shown not in known)]


def _strings(value: Any) -> Iterator[str]:
    """Every text inside a value of JSON."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict | list):
        for inner in value.values() if isinstance(value, dict) else value:
            yield from _strings(inner)


@require_POST
def intake_drop(request: AuthenticatedRequest, pk: int) -> HttpResponse:
    """Give a draft up."""
    draft = _mine(request, pk)
    form = VersionOnlyForm(request.POST)
    outcome = submit(form, lambda data: intake_acts.drop(draft, by=request.user, seen=data["version"]))
    if not outcome.done:
        return _preview(request, _mine(request, pk), outcome=outcome)
    messages.success(request, f"已放弃“{draft.title}”，台账没有改动。")
    return redirect("intake")


def _start(request: AuthenticatedRequest, data: dict[str, Any]) -> list[IntakeDraft]:
    """Read the file, keep it, and make a draft of each report in it."""
    file = data["file"]
    file.seek(0)
    year = data["year"] or year_in(data["title"]) or year_in(data["meeting"])
    found = read_reports(str(file.name), file.read(), title=data["title"], year=year)
    new = [_new_draft(request.user, data["unit"], one) for one in found]
    key = key_of("intake", data["unit"].pk, {**data, "name": file.name, "size": file.size})
    with storage.keeping([file]) as kept:
        return intake_acts.start(
            kept[0],
            new,
            by=request.user,
            unit=data["unit"],
            year=found[0].year,
            meeting=data["meeting"],
            idempotency_key=key,
        )


def _new_draft(user: User, unit: Unit, one: ReadReport) -> intake_acts.NewDraft:
    target = likely_target(one.outline, list(ledgers(IntakeDraft(unit=unit, year=one.year), user)))
    return intake_acts.NewDraft(one.text, one.title, one.outline.to_json(), target, year=one.year)


def _after_upload(request: AuthenticatedRequest, made: list[IntakeDraft]) -> HttpResponse:
    if len(made) == 1:
        return redirect(made[0])
    messages.success(request, f"这个文件里有 {len(made)} 份报告，已分别列在下面，请逐份核对、分别载入。")
    return redirect(f"{reverse('intake')}#drafts")


def _rename(request: AuthenticatedRequest, draft: IntakeDraft, data: dict[str, Any]) -> IntakeDraft:
    """Another unit or year is another choice of ledgers to update."""
    fields = {name: data[name] for name in ("unit", "year", "title", "meeting")}
    if (data["unit"].pk, data["year"]) != (draft.unit_id, draft.year):
        moved = IntakeDraft(unit=data["unit"], year=data["year"])
        outline = Preview.of(draft).outline
        fields["target"] = likely_target(outline, ledgers(moved, request.user))
    return intake_acts.change(draft, by=request.user, seen=data["version"], **fields)


def _preview(
    request: AuthenticatedRequest,
    draft: IntakeDraft,
    *,
    opened: str = "",
    outcome: FormResult | None = None,
    form: PieceForm | None = None,
    facts_form: DraftFactsForm | None = None,
) -> HttpResponse:
    page = Preview.of(draft, opened)
    page.names = names_of_report(page.shown, draft.unit)
    context = page.context() | {
        "piece_form": form,
        "piece_draft_token": draft_token(request.user, f"piece-{opened}:{draft.pk}"),
        "facts_form": facts_form or DraftFactsForm(user=request.user, draft=draft),
        "new_form": NewPieceForm(aspects=page.aspects(), initial={"version": draft.version}),
        "outcome": outcome,
        "adding": may_add_names(request.user, draft),
    }
    return render(request, "reports/import_draft.html", context, status=outcome.status if outcome else 200)


def _mine(request: AuthenticatedRequest, pk: int) -> IntakeDraft:
    rows = IntakeDraft.objects.visible_to(request.user).select_related("unit", "target", "report")
    draft = get_object_or_404(rows, pk=pk)
    require(request.user, Action.CREATE_REPORT)
    return draft


def _closed(request: AuthenticatedRequest, draft: IntakeDraft) -> HttpResponse | None:
    """Where to go when the draft is no longer open."""
    if draft.status == IntakeStatus.OPEN:
        return None
    if draft.status == IntakeStatus.LOADED and draft.report is not None:
        messages.info(request, f"“{draft.title}”已经载入，没有重复载入。下面就是载入的台账。")
        return redirect(draft.report)
    messages.info(request, f"“{draft.title}”已经放弃。需要时请重新上传。")
    return redirect("intake")


def _back(draft: IntakeDraft, key: str) -> HttpResponse:
    """To the page, at the piece that was changed."""
    return redirect(f"{draft.get_absolute_url()}#{key}" if key else draft.get_absolute_url())
