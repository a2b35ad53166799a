"""Shape of a measure: added, changed, finished, dropped."""

from __future__ import annotations

from typing import Any

from django.db.models import Q

from rectify import clock
from rectify.choices import MeasureKind
from rectify.forms.checked import CheckedForm
from rectify.forms.evidence import EvidenceField
from rectify.forms.fields import (
    DayField,
    IdempotencyKeyField,
    LineField,
    TextField,
    VersionField,
    choose,
    pick,
)
from rectify.models import Measure, Problem, Unit

TEXT_MAX = 5000


class MeasureForm(CheckedForm):
    text = TextField("整改措施", longest=TEXT_MAX)
    kind = choose("类别", MeasureKind.choices, initial=MeasureKind.NOW)
    standard = LineField("完成标志", required=False)
    unit = pick("责任单位", empty_label="同本项责任单位")
    deadline = DayField(label="完成时限", required=False)
    idempotency_key = IdempotencyKeyField()

    folded = ("unit", "deadline", "reason")

    def __init__(self, *args: Any, problem: Problem, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        held = Q(pk=problem.lead_unit_id) | Q(pk__in=problem.supporting_units.values("pk"))
        self.fields["unit"].queryset = Unit.objects.filter(held)  # type: ignore[attr-defined]
        self.fields["standard"].help_text = "凭什么算完成，例如：验收单、印发文件、登记台账"


class MeasureEditForm(MeasureForm):
    reason = TextField("理由", longest=500, rows=2, required=False)
    version = VersionField()

    field_order = ["text", "kind", "standard", "unit", "deadline", "reason"]

    def __init__(self, *args: Any, measure: Measure, **kwargs: Any) -> None:
        names = ("text", "kind", "standard", "unit", "deadline", "version")
        current = {name: getattr(measure, name) for name in names}
        kwargs["initial"] = current | (kwargs.get("initial") or {})
        super().__init__(*args, problem=measure.problem, **kwargs)
        del self.fields["idempotency_key"]


class FinishForm(CheckedForm):
    result = TextField("完成情况", longest=TEXT_MAX)
    finished_on = DayField(label="完成日期", required=False)
    rule_name = LineField("制度名称")
    rule_number = LineField("文号", longest=100)
    files = EvidenceField()  # type: ignore[assignment]
    version = VersionField()

    def __init__(self, *args: Any, measure: Measure, **kwargs: Any) -> None:
        current = {"finished_on": clock.today(), "version": measure.version}
        kwargs["initial"] = current | (kwargs.get("initial") or {})
        super().__init__(*args, **kwargs)
        if measure.kind != MeasureKind.LASTING:
            del self.fields["rule_name"]
            del self.fields["rule_number"]
            return
        self.fields["rule_name"].help_text = "长久立的措施要有制度成果：印发的制度、办法、规程的名称"
        self.fields["rule_number"].help_text = "没有文号的请填“无”"


class DropForm(CheckedForm):
    reason = TextField("理由", longest=500)
    version = VersionField()

    def __init__(self, *args: Any, measure: Measure, **kwargs: Any) -> None:
        kwargs["initial"] = {"version": measure.version} | (kwargs.get("initial") or {})
        super().__init__(*args, **kwargs)
