"""Download of one evidence file: permission checked, as an attachment that no browser runs."""

from __future__ import annotations

from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_safe

from rectify.models import Evidence
from rectify.views.downloads import download
from rectify.views.request import AuthenticatedRequest


@require_safe
def evidence(request: AuthenticatedRequest, pk: int) -> HttpResponseBase:
    """The file under the name its uploader gave it."""
    one = get_object_or_404(Evidence.objects.visible_to(request.user), pk=pk)
    if one.is_purged:
        return _gone(
            request, one, 410, "这份材料的内容已按程序清除，不能再下载。清除的理由和时间留在审计记录里。"
        )
    try:
        return download(one.path, one.name, one.content_type)
    except OSError:
        return _gone(
            request, one, 404, "服务器上找不到这份材料的文件，记录仍在。请联系系统管理员从备份恢复。"
        )


def _gone(request: AuthenticatedRequest, one: Evidence, status: int, words: str) -> HttpResponse:
    context = {"reason": words, "back": one.problem.get_absolute_url(), "heading": "材料不能下载"}
    return render(request, "refused.html", context, status=status)
