"""The kept source of a ledger: its text at the place of a problem, and the file it came in."""

from __future__ import annotations

from django.http import Http404, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_safe

from rectify.intake.review.source_spans import Passage, marked
from rectify.models import Problem, Report, SourcePassage, SourceText
from rectify.selectors.visible import read_visible
from rectify.views.downloads import download
from rectify.views.request import AuthenticatedRequest


@require_safe
def report_source(request: AuthenticatedRequest, pk: int) -> HttpResponse:
    """The whole text for those who see the whole ledger; the others see the passages of their problems."""
    report = read_visible(Report, request.user, pk, "unit")
    editions = list(report.sources.defer("text").select_related("by").order_by("-edition"))
    asked = request.GET.get("edition", "")
    source = next(
        (edition for edition in editions if str(edition.edition) == asked), editions[0] if editions else None
    )
    if source is None:
        raise Http404
    sees_all = _sees_all(request, report)
    seen = Problem.objects.visible_to(request.user)
    passages = list(source.passages.filter(problem__in=seen).select_related("problem").order_by("start"))
    context = {
        "report": report,
        "source": source,
        "editions": editions,
        "sees_all": sees_all,
        "text": marked(source.text, map(_passage, passages)) if sees_all and not source.is_purged else "",
        "parts": [] if sees_all or source.is_purged else _parts(source, passages),
    }
    return render(request, "reports/source.html", context)


@require_safe
def report_source_file(request: AuthenticatedRequest, pk: int, edition: int) -> HttpResponseBase:
    """The file as it was uploaded, for those who see the whole ledger."""
    report = read_visible(Report, request.user, pk)
    if not _sees_all(request, report):
        raise Http404
    source = get_object_or_404(report.sources.defer("text"), edition=edition)
    try:
        return download(source.path, source.name, "application/octet-stream")
    except OSError:
        words = "服务器上找不到这份报告的文件，记录仍在。请联系系统管理员从备份恢复。"
        if source.is_purged:
            words = "这份报告的内容已按程序清除，不能再下载。清除的理由和时间留在审计记录里。"
        context = {"reason": words, "back": report.get_absolute_url(), "heading": "文件不能下载"}
        return render(request, "refused.html", context, status=410 if source.is_purged else 404)


def _sees_all(request: AuthenticatedRequest, report: Report) -> bool:
    return Report.objects.auditable_by(request.user).filter(pk=report.pk).exists()


def _passage(passage: SourcePassage) -> Passage:
    problem = passage.problem
    label = f"第 {problem.number} 项"
    return Passage(
        passage.start,
        passage.end,
        f"problem-{problem.pk}",
        "passage passage-problem",
        label,
        problem.get_absolute_url(),
    )


def _parts(source: SourceText, passages: list[SourcePassage]) -> list[tuple[Problem, str]]:
    return [(passage.problem, source.text[passage.start : passage.end]) for passage in passages]
