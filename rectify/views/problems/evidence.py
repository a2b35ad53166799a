"""One evidence file: downloaded, looked at in the page, or followed by a new version."""

from __future__ import annotations

from typing import Any

from django.http import Http404, HttpResponse, HttpResponseBase, HttpResponseNotModified
from django.shortcuts import render
from django.views.decorators.http import require_safe

from rectify.choices import Action
from rectify.evidence import previews
from rectify.forms.evidence import FilesForm
from rectify.models import Evidence
from rectify.operations import evidence as acts
from rectify.policies import may
from rectify.selectors.visible import read_visible
from rectify.views.action_form import ActionFormView
from rectify.views.downloads import download
from rectify.views.request import AuthenticatedRequest

GONE = "这份材料的内容已按程序清除，不能再查看。清除的理由和时间留在审计记录里。"
MISSING = "服务器上找不到这份材料的文件，记录仍在。请联系系统管理员从备份恢复。"


@require_safe
def evidence(request: AuthenticatedRequest, pk: int) -> HttpResponseBase:
    """The file under the name its uploader gave it, as an attachment that no browser runs."""
    one = _visible(request, pk)
    if one.is_purged:
        return _gone(request, one, 410, GONE.replace("查看", "下载"))
    try:
        return download(one.path, one.name, one.content_type)
    except OSError:
        return _gone(request, one, 404, MISSING)


@require_safe
def preview(request: AuthenticatedRequest, pk: int) -> HttpResponse:
    """What can be seen of the file, its versions, and the way to the file itself."""
    one = _visible(request, pk)
    if one.is_purged:
        return _gone(request, one, 410, GONE)
    if not one.path.exists():
        return _gone(request, one, 404, MISSING)
    versions = one.versions()
    context = {
        "file": one,
        "seen": previews.preview(one),
        "versions": versions,
        "number": versions.index(one) + 1,
        "may_replace": versions[-1] == one and bool(may(request.user, Action.REPLACE_EVIDENCE, one)),
    }
    return render(request, "problems/evidence.html", context)


@require_safe
def page(request: AuthenticatedRequest, pk: int, number: int) -> HttpResponse:
    """One page as a picture; a browser that has it asks again whether it may show it."""
    one = _visible(request, pk)
    tag = f'"{one.sha256[:32]}-{number}"'
    if one.is_purged:
        raise Http404
    if request.headers.get("If-None-Match") == tag:
        return HttpResponseNotModified()
    if not (drawn := previews.picture(one, number)):
        raise Http404
    headers = {"ETag": tag, "Cache-Control": "private, no-cache", "X-Content-Type-Options": "nosniff"}
    return HttpResponse(drawn, content_type="image/jpeg", headers=headers)


class EvidenceReplace(ActionFormView):
    """A new version in the place of the newest one."""

    action = Action.REPLACE_EVIDENCE
    form_class = FilesForm
    form_object_name = ""
    operation = staticmethod(acts.replace)
    title, button = "更换为新版本", "保存新版本"
    intro = "旧版本仍然保留并可查看，页面上显示新版本。"
    success = "已保存新版本：{result.name}。旧版本仍可查看。"

    def get_object(self) -> Evidence:
        return _visible(self.request, self.kwargs["pk"])

    def get_success_url(self, result: Any) -> str:
        return f"{result.get_absolute_url()}preview/"


def _visible(request: AuthenticatedRequest, pk: int) -> Evidence:
    found: Evidence = read_visible(Evidence, request.user, pk, "problem__report__unit")
    return found


def _gone(request: AuthenticatedRequest, one: Evidence, status: int, words: str) -> HttpResponse:
    context = {"reason": words, "back": one.problem.get_absolute_url(), "heading": "材料不能查看"}
    return render(request, "refused.html", context, status=status)
