"""Shape of the reviewed procedures: apply, decide, withdraw, reopen, look again, extend, correct."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django import forms

from rectify import clock, wording
from rectify.choices import CloseKind, Finding, MeasureStatus
from rectify.forms.checked import CheckedForm
from rectify.forms.evidence import EvidenceField
from rectify.forms.fields import DayField, IdempotencyKeyField, LineField, TextField, VersionField, choose
from rectify.models import Measure, Problem
from rectify.policies.closing_needs import EXPLAINABLE, Need
from rectify.policies.points import WITH_FILE, Point

TEXT_MAX = 5000
DECISIONS = (("pass", "同意"), ("return", "退回"))


class AboutProblem(CheckedForm):
    """A form about a problem that carries the version its page showed; what is typed is kept as a draft."""

    version = VersionField()
    idempotency_key = IdempotencyKeyField()
    keeps_draft = True

    def __init__(self, *args: Any, problem: Problem, **kwargs: Any) -> None:
        # A draft brings back words, never the version they were written against.
        kwargs["initial"] = (kwargs.get("initial") or {}) | {"version": problem.version}
        super().__init__(*args, **kwargs)


class CloseOutForm(AboutProblem):
    """The application, with an answer to each point that came back, and for each measure that lacks
    something what mends it."""

    kind = choose("申请事项", CloseKind.choices, widget=forms.RadioSelect)
    statement = TextField("整改完成情况", longest=TEXT_MAX, rows=6)
    files = EvidenceField()  # type: ignore[assignment]

    field_order = ["kind", "statement", "files"]

    def __init__(
        self,
        *args: Any,
        problem: Problem,
        kinds: list[str],
        points: Sequence[Point] = (),
        lacking: Sequence[tuple[Measure, Sequence[Need]]] = (),
        **kwargs: Any,
    ) -> None:
        kwargs["initial"] = {"kind": kinds[0]} | (kwargs.get("initial") or {})
        super().__init__(*args, problem=problem, **kwargs)
        options = [(kind, str(CloseKind(kind).label)) for kind in kinds]
        self.fields["kind"].choices = options  # type: ignore[attr-defined]
        if len(options) == 1:
            self.fields["kind"].widget = forms.HiddenInput()
        self.fields["statement"].help_text = "对照整改目标和完成标志，写清做了什么、成效如何、凭什么算完成"
        self.points = points
        self.measures = [measure for measure, needed in lacking if set(needed) & set(EXPLAINABLE)]
        for point in points:
            self.fields[f"answer_{point.number}"] = TextField(
                f"答复第 {point.number} 条", longest=2000, rows=2
            )
            self.fields[f"answer_files_{point.number}"] = EvidenceField(f"第 {point.number} 条的材料")
        for measure in self.measures:
            label = f"措施 {measure.number} 的说明"
            self.fields[f"explain_{measure.pk}"] = TextField(label, longest=2000, rows=2, required=False)
            if measure.status == MeasureStatus.DONE:
                self.fields[f"proof_{measure.pk}"] = EvidenceField(f"措施 {measure.number} 的佐证")

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        for point in self.points:
            name = f"answer_files_{point.number}"
            if point.wants_file and name in data and not data[name]:
                self.add_error(name, "这一条要求附材料，请选择文件。")
        return data


class DecideForm(CheckedForm):
    decision = choose("办理意见", DECISIONS, widget=forms.RadioSelect)
    comment = TextField("意见", longest=TEXT_MAX, rows=2, required=False)
    signed_on = DayField(label="纸上签字日期")
    files = EvidenceField()  # type: ignore[assignment]
    application = forms.IntegerField(widget=forms.HiddenInput, min_value=1, max_value=2**53)
    step = forms.CharField(widget=forms.HiddenInput, max_length=10)
    idempotency_key = IdempotencyKeyField()

    keeps_draft = True

    def __init__(self, *args: Any, application: Any, on_paper: bool, signer: str = "", **kwargs: Any) -> None:
        given = {"application": application.pk, "step": application.waiting}
        kwargs["initial"] = (kwargs.get("initial") or {}) | given
        super().__init__(*args, **kwargs)
        self.fields["comment"].help_text = f"退回时写明要补什么，一行一条；要附材料的，行末写{WITH_FILE}"
        if on_paper:
            self.fields["signed_on"].help_text = f"{signer}在纸上签字的日期"
            self.fields["files"].label = "签字页扫描件"
        else:
            del self.fields["signed_on"]
            del self.fields["files"]

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if data.get("decision") == "return" and not data.get("comment"):
            self.add_error("comment", "退回请写明理由。")
        return data


class WithdrawForm(CheckedForm):
    reason = TextField("撤回理由", longest=500)
    idempotency_key = IdempotencyKeyField()

    keeps_draft = True


class ReopenForm(AboutProblem):
    reason = TextField("重新整改的理由", longest=500)
    deadline = DayField(label="新一轮整改时限", required=False)

    field_order = ["reason", "deadline"]
    folded = ("deadline",)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        del self.fields["idempotency_key"]
        self.fields["deadline"].help_text = "可以先不填，之后在“明确责任”里确定"


class FollowUpForm(CheckedForm):
    outcome = choose("结论", Finding.choices, widget=forms.RadioSelect)
    finding = TextField("检查情况", longest=TEXT_MAX, rows=4)
    done_on = DayField(label="检查日期")
    deadline = DayField(label="新一轮整改时限", required=False)
    files = EvidenceField()  # type: ignore[assignment]
    idempotency_key = IdempotencyKeyField()

    keeps_draft = True
    folded = ("deadline",)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs["initial"] = {"done_on": clock.today()} | (kwargs.get("initial") or {})
        super().__init__(*args, **kwargs)
        self.fields["finding"].help_text = "看了什么、问了谁、成效是否保持"
        self.fields["deadline"].help_text = "只在问题反弹、重新整改时填写，也可以之后再定"


class ExtensionForm(AboutProblem):
    new_date = DayField(label="申请延至")
    reason = TextField("延期理由", longest=TEXT_MAX, rows=3)
    progress = TextField("目前进展", longest=TEXT_MAX, rows=3)

    field_order = ["new_date", "reason", "progress"]

    def __init__(self, *args: Any, problem: Problem, **kwargs: Any) -> None:
        super().__init__(*args, problem=problem, **kwargs)
        self.fields["new_date"].help_text = f"现行时限是 {wording.date(problem.deadline)}"
        self.fields["progress"].help_text = "已经做到哪一步，还差什么"


class CorrectDeadlineForm(AboutProblem):
    deadline = DayField(label="正确的整改时限")
    deadline_text = LineField("时限文字", longest=100, required=False)
    reason = TextField("更正理由", longest=500, rows=2)

    field_order = ["deadline", "deadline_text", "reason"]
    folded = ("deadline_text",)

    def __init__(self, *args: Any, problem: Problem, **kwargs: Any) -> None:
        current = {"deadline": problem.deadline, "deadline_text": problem.deadline_text}
        kwargs["initial"] = current | (kwargs.get("initial") or {})
        super().__init__(*args, problem=problem, **kwargs)
        del self.fields["idempotency_key"]
        self.fields["deadline_text"].help_text = "台账上照此显示，例如：2022年6月底前；不填则显示日期"


class RuleForm(CheckedForm):
    rule_name = LineField("制度名称")
    rule_number = LineField("文号", longest=100)
    files = EvidenceField()  # type: ignore[assignment]
    version = VersionField()

    def __init__(self, *args: Any, measure: Measure, **kwargs: Any) -> None:
        kwargs["initial"] = {"version": measure.version} | (kwargs.get("initial") or {})
        super().__init__(*args, **kwargs)
        self.fields["rule_number"].help_text = "没有文号的请填“无”"
