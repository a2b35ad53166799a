"""One row by its id, as far as a person sees it: compiled once for each person and sort of row."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet
from django.http import Http404

from rectify.models import User
from rectify.models.compiled import compiled


def read_visible(model: Any, user: User, pk: int, *related: str) -> Any:
    """The row with what it belongs to; 404 for what one may not see. Its `visible_to` asks of a person no
    more than their `scope` holds."""

    def build(pk: int) -> QuerySet:
        return model.objects.visible_to(user).select_related(*related).filter(pk=pk).order_by()

    found = compiled(("visible", model, user.scope, related), build, pk)
    if not found:
        raise Http404
    return found[0]
