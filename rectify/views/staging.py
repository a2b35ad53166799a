"""A chosen file sent ahead of its form: looked at and kept, whatever befalls the form."""

from __future__ import annotations

from django.http import JsonResponse
from django.utils.datastructures import MultiValueDict
from django.views.decorators.http import require_POST

from rectify.forms.evidence import refusals_of
from rectify.views.chosen_files import FIELDS, keep_sent, take_off
from rectify.views.drafts import read_draft_token
from rectify.views.request import AuthenticatedRequest


@require_POST
def stage(request: AuthenticatedRequest) -> JsonResponse:
    """Keep one file for a form that this person was given, or forget one that was removed from it."""
    given = read_draft_token(request.POST.get("draft_token", ""))
    if given is None or given[0] != request.user.pk:
        return _refused("这个页面打开得太久了，请刷新后再选文件。", 403)
    if "drop" in request.POST:
        take_off(request, request.POST["drop"])
        return JsonResponse({})
    field, file = request.POST.get("field", ""), request.FILES.get("file")
    if file is None or not FIELDS.fullmatch(field):
        return _refused("没有收到文件，请重新选择。", 400)
    if refused := refusals_of([file]):
        return _refused(refused[0], 422)
    row = keep_sent(request.user, MultiValueDict({field: [file]}), given[1])[0]
    return JsonResponse({"key": str(row.key)})


def _refused(words: str, status: int) -> JsonResponse:
    return JsonResponse({"error": words}, status=status, json_dumps_params={"ensure_ascii": False})
