"""Shape of the carry-over wizard: where to, what, and why."""

from __future__ import annotations

from typing import Any

from rectify.forms.checked import CheckedForm
from rectify.forms.fields import LineField, TextField, pick, pick_several
from rectify.models import Problem, Report

NEW = "new"


class CarryForm(CheckedForm):
    target = pick("结转到", empty_label="新建一本台账")
    title = LineField("新台账名称", required=False)
    problems = pick_several("要结转的事项")
    reason = TextField("理由", longest=500, rows=2)

    def __init__(
        self, *args: Any, targets: Any, problems: list[Problem], report: Report, **kwargs: Any
    ) -> None:
        year = report.year + 1
        start = {"title": f"{year}年度整改台账", "reason": f"{report.year} 年度未完成和长期坚持的事项结转"}
        start["problems"] = [problem.pk for problem in problems]  # type: ignore[assignment]
        kwargs["initial"] = start | (kwargs.get("initial") or {})
        super().__init__(*args, **kwargs)
        self.fields["target"].queryset = targets  # type: ignore[attr-defined]
        pks = [problem.pk for problem in problems]
        self.fields["problems"].queryset = Problem.objects.filter(pk__in=pks)  # type: ignore[attr-defined]
