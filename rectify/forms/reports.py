"""Shape of a ledger opened by hand, and of an aspect, a cause or a direction added to one."""

from __future__ import annotations

from typing import Any

from rectify.forms.checked import CheckedForm
from rectify.forms.fields import LineField, TextField, choose
from rectify.forms.intake import ReportFactsForm
from rectify.models import Report

PARTS = (("aspect", "查摆方面"), ("cause", "问题根源"), ("direction", "努力方向"))


class NewLedgerForm(CheckedForm, ReportFactsForm):
    """A ledger opened by hand: nothing of it is looked through later."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["title"].label = "台账名称"
        self.fields["title"].help_text = "例如：2026年度整改台账"


class PartForm(CheckedForm):
    kind = choose("类别", PARTS, initial="cause")
    title = LineField("标题", longest=200)
    text = TextField("说明", rows=3, required=False)

    def __init__(self, *args: Any, report: Report, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["text"].help_text = "查摆方面没有说明，可留空"
