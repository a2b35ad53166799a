"""Forms of the ledger that an office makes for itself: saved under a name, changed, put out of use."""

from __future__ import annotations

from django.db import transaction

from rectify.audit import chain, field_values
from rectify.choices import Action
from rectify.errors import Incomplete
from rectify.models import LedgerForm, Report, User
from rectify.operations import recording

FORMS_MAX = 20  # of one office


def keep(
    report: Report, *, by: User, name: str, base: str, title: str, columns: list[list[object]]
) -> LedgerForm:
    """Keep a form under its name; the one that had the name becomes this one."""
    with transaction.atomic():
        chain.lock([report])
        recording.require(by, Action.MAKE_FORM, report)
        offered = LedgerForm.objects.offered(report.unit)
        form = offered.filter(name=name).first()
        if form is None and offered.count() >= FORMS_MAX:
            raise Incomplete(f"自用表式最多 {FORMS_MAX} 种，没有保存。请先停用不再需要的。", field="name")
        form = form or LedgerForm(report=report)
        _change(form, by, name=name, base=base, title=title, columns=columns)
        return form


def put_out_of_use(form: LedgerForm, *, by: User) -> None:
    """It is offered no more; what was printed in it stays as it was."""
    with transaction.atomic():
        chain.lock([form.report])
        recording.require(by, Action.MAKE_FORM, form.report)
        _change(form, by, in_use=False)


def _change(form: LedgerForm, by: User, **fields: object) -> None:
    changes = [
        {
            "field": name, "label": field_values.label(form, name),
            "old": getattr(form, name) if form.pk else None, "new": value,
            "old_text": _shown(getattr(form, name)) if form.pk else "（空）", "new_text": _shown(value),
        }
        for name, value in fields.items()
        if form.pk is None or getattr(form, name) != value
    ]  # fmt: skip
    if not changes:
        return
    for name, value in fields.items():
        setattr(form, name, value)
    form.save()
    chain.append_entry(
        by=by,
        act=Action.MAKE_FORM,
        report=form.report,
        target=form,
        label=f"自用表式 {form.name}",
        payload={"changes": changes},
    )


def _shown(value: object) -> str:
    if isinstance(value, bool):
        return "是" if value else "否"
    if isinstance(value, list):
        return "，".join(f"{key} {width}" for key, width in value)
    return str(value) or "（空）"
