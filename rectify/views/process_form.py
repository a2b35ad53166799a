"""One submit of a form: checked, carried out, or shown again with everything that was typed."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, cast

from django import forms
from django.http import HttpRequest, QueryDict

from rectify.audit.chain import decided
from rectify.errors import Incomplete, Stale


@dataclass
class FormResult:
    """What became of a form: done with its result, or to be shown again."""

    form: forms.Form
    result: Any = None
    done: bool = False
    stale: Stale | None = None
    missing: list[str] = field(default_factory=list)

    @property
    def status(self) -> int:
        if self.stale:
            return 409
        return 422 if self.form.is_bound and not self.done else 200


def posted(request: HttpRequest) -> QueryDict | None:
    """What was sent, even when it is nothing at all: an empty submit is answered, not taken for a visit."""
    return request.POST if request.method == "POST" else None


def submit(form: forms.Form, act: Callable[[dict[str, Any]], Any]) -> FormResult:
    """Carry the act out with the form's values; a refusal goes back into the form."""
    outcome = FormResult(form)
    if not form.is_valid():
        return outcome
    try:
        with decided(getattr(form, "acknowledged", None)):
            outcome.result = act(form.cleaned_data)
        outcome.done = True
    except Stale as refusal:
        outcome.stale = refusal
        _show_version(form, refusal.version)
    except Incomplete as refusal:
        known = refusal.field in form.fields
        form.add_error(refusal.field if known else None, refusal.message)
        outcome.missing = [] if known else refusal.missing
    return outcome


def key_of(act: str, owner: object, data: dict[str, Any]) -> str | None:
    """The same words sent twice from one page are one row; other words from that page are another."""
    if not data.get("idempotency_key"):
        return None
    texts = [name for name in sorted(data) if name != "idempotency_key" and not _holds_files(data[name])]
    said = [str(data.get(name)) for name in texts]
    return hashlib.sha256("\x1f".join([act, str(owner), data["idempotency_key"], *said]).encode()).hexdigest()


def _holds_files(value: Any) -> bool:
    return isinstance(value, list) and all(hasattr(row, "chunks") for row in value)


def _show_version(form: forms.Form, version: int) -> None:
    """The form shown again carries the newer version, so that a second submit is a decision."""
    data = cast(QueryDict, form.data).copy()
    data[form.add_prefix("version")] = str(version)
    form.data = data
