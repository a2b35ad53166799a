"""Which forms are looked through: every one that takes typed text, but for those named here with a reason."""

from __future__ import annotations

import importlib
import inspect
import pkgutil

from django import forms as django_forms

from rectify import forms
from rectify.forms.checked import CheckedForm
from rectify.forms.evidence import EvidenceField
from rectify.forms.fields import LineField, TextField

LEFT_OUT = {
    "CodeForm": "a code of the second factor, never kept",
    "DeliveryForm": "addresses of a robot and the shape of its messages",
    "DocumentForm": "a day and choices of a file to download, never kept",
    "DraftFactsForm": "a report is looked through whole before it is loaded",
    "GridForm": "its cells are looked through with the plan, before anything is written",
    "GridItemForm": "its cells are looked through with the plan, before anything is written",
    "EnrolForm": "codes of the second factor, never kept",
    "NewPieceForm": "a report is looked through whole before it is loaded",
    "OldSheetForm": "a sheet is looked through whole before it is loaded",
    "PieceForm": "a report is looked through whole before it is loaded",
    "ReasonForm": "why a request about accounts or a purge is decided so; nothing of it leaves",
    "RelaxForm": "why separation of duties is switched off",
    "ReportFactsForm": "a report is looked through whole before it is loaded",
    "RosterForm": "why a roster is loaded",
    "UploadForm": "a report is looked through whole before it is loaded",
    "VerifyForm": "only compared, never kept",
}


def text_forms() -> dict[str, type]:
    found = {}
    for module in pkgutil.walk_packages(forms.__path__, f"{forms.__name__}."):
        members = vars(importlib.import_module(module.name)).items()
        for name, member in members:
            if inspect.isclass(member) and issubclass(member, django_forms.BaseForm):
                fields = member.base_fields.values()
                if any(isinstance(field, LineField | TextField | EvidenceField) for field in fields):
                    found[f"{member.__module__}.{name}"] = member
    return found


def test_every_form_of_typed_text_is_looked_through() -> None:
    unchecked = {name for name, form in text_forms().items() if not issubclass(form, CheckedForm)}
    assert {name.rpartition(".")[2] for name in unchecked} == set(LEFT_OUT)


def test_many_are() -> None:
    assert sum(issubclass(form, CheckedForm) for form in text_forms().values()) >= 20
