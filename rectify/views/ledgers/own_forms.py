"""Forms of the ledger that an office makes for itself: its columns, their order and width, its title."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST

from rectify.choices import Action
from rectify.forms.documents import LedgerFormForm
from rectify.ledger.columns import COLUMN_SETS
from rectify.ledger.own_forms import offered_columns
from rectify.models import LedgerForm, Report
from rectify.operations.exchange import ledger_forms
from rectify.operations.recording import require
from rectify.views.process_form import posted, submit
from rectify.views.request import AuthenticatedRequest

BASES = tuple((key, form.name) for key, form in COLUMN_SETS.items())


@require_http_methods(["GET", "HEAD", "POST"])
def own_forms(request: AuthenticatedRequest) -> HttpResponse:
    """Those in use, and the form to make or change one; the address says from which it starts."""
    report = _report(request)
    offered = LedgerForm.objects.offered(report.unit)
    changed = _asked(request, offered)
    base = changed.base if changed else request.GET.get("base", "A")
    if base not in COLUMN_SETS:
        raise Http404
    columns = [(column.key, column.name, column.width) for column in offered_columns(base)]
    form = LedgerFormForm(posted(request), columns=columns, initial=_initial(base, changed))
    outcome = submit(
        form,
        lambda given: ledger_forms.keep(
            report, by=request.user, name=given["name"], base=base, title=given["title"], columns=form.chosen
        ),
    )
    if outcome.done:
        messages.success(request, f"已保存自用表式“{outcome.result}”，导出时可以选用，见审计记录。")
        return redirect(f"{reverse('ledger')}?report={report.pk}")
    context = {"report": report, "offered": offered, "bases": BASES, "base": base, "changed": changed}
    context |= {"form": outcome.form, "missing": outcome.missing}
    return render(request, "ledger/own_forms.html", context, status=outcome.status)


@require_POST
def own_form_drop(request: AuthenticatedRequest, pk: int) -> HttpResponse:
    """Out of use: offered no more."""
    require(request.user, Action.MAKE_FORM)
    seen = LedgerForm.objects.filter(report__in=Report.objects.visible_to(request.user), in_use=True)
    form = get_object_or_404(seen.select_related("report__unit"), pk=pk)
    ledger_forms.put_out_of_use(form, by=request.user)
    messages.success(request, f"已停用自用表式“{form}”，见审计记录。")
    return redirect(f"{reverse('own_forms')}?report={form.report_id}")


def _report(request: AuthenticatedRequest) -> Report:
    """The ledger asked for, otherwise the newest; its office makes forms."""
    require(request.user, Action.MAKE_FORM)
    reports = Report.objects.visible_to(request.user).select_related("unit").newest_first()
    asked = request.GET.get("report", "")
    if asked and not (asked.isascii() and asked.isdigit() and len(asked) < 12):
        raise Http404
    report = get_object_or_404(reports, pk=int(asked)) if asked else reports.first()
    if report is None:
        raise Http404
    require(request.user, Action.MAKE_FORM, report)
    return report


def _asked(request: AuthenticatedRequest, offered: Any) -> LedgerForm | None:
    asked = request.GET.get("form", "")
    if not asked:
        return None
    if not (asked.isascii() and asked.isdigit() and len(asked) < 12):
        raise Http404
    form: LedgerForm = get_object_or_404(offered, pk=int(asked))
    return form


def _initial(base: str, changed: LedgerForm | None) -> dict[str, Any]:
    """What stands in the form before anything is typed: the saved form, or the official one."""
    chosen = (
        changed.columns if changed else [[one.key, round(one.width)] for one in COLUMN_SETS[base].columns]
    )
    initial: dict[str, Any] = {"name": changed.name, "title": changed.title} if changed else {}
    for place, (key, width) in enumerate(chosen, 1):
        initial |= {f"order_{key}": place, f"width_{key}": width}
    return initial
