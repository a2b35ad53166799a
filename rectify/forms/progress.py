"""Shape of a progress note and of its correction."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.utils.choices import CallableChoiceIterator

from rectify.choices import MeasureStatus
from rectify.forms.checked import CheckedForm
from rectify.forms.evidence import EvidenceField
from rectify.forms.fields import IdempotencyKeyField, PercentField, TextField, pick, pick_several
from rectify.models import Instruction, Problem, ProgressNote

PLACEHOLDER = "做了什么、取得什么成效、下一步做什么"


class ProgressForm(CheckedForm):
    text = TextField("进展", placeholder=PLACEHOLDER)
    percent = PercentField()
    measure = pick("对应措施", empty_label="整项工作")
    answers = pick_several("这次进展回应的批示")
    files = EvidenceField()  # type: ignore[assignment]
    idempotency_key = IdempotencyKeyField()

    def __init__(
        self, *args: Any, problem: Problem, instructions: Sequence[Instruction] = (), **kwargs: Any
    ) -> None:
        ids = [instruction.pk for instruction in instructions]
        kwargs["initial"] = {"answers": ids} | (kwargs.get("initial") or {})
        super().__init__(*args, **kwargs)
        measure: Any = self.fields["measure"]
        answers: Any = self.fields["answers"]
        measure.queryset = problem.measures.kept()
        measure.widget.choices = CallableChoiceIterator(
            lambda: _offered(measure, problem)
        )  # when it is drawn
        if not ids:
            del self.fields["answers"]
            return
        answers.queryset = Instruction.objects.filter(pk__in=ids).select_related("leader")
        answers.widget.choices = [(one.pk, instruction_words(one)) for one in instructions]


class CorrectionForm(CheckedForm):
    text = TextField("更正后的进展", rows=5)
    percent = PercentField()
    reason = TextField("更正理由", longest=500, rows=2)
    files = EvidenceField()  # type: ignore[assignment]
    idempotency_key = IdempotencyKeyField()

    folded = ("percent",)

    def __init__(self, *args: Any, note: ProgressNote, **kwargs: Any) -> None:
        kwargs["initial"] = {"text": note.text, "percent": note.percent} | (kwargs.get("initial") or {})
        super().__init__(*args, **kwargs)


def _offered(field: Any, problem: Problem) -> list[tuple[Any, str]]:
    kept = [measure for measure in problem.measures.all() if measure.status != MeasureStatus.DROPPED]
    return [("", field.empty_label), *((measure.pk, measure_words(measure)) for measure in kept)]


def instruction_words(instruction: Any) -> str:
    """An instruction in a choice: whose, and the beginning of its text."""
    text = instruction.text if len(instruction.text) <= 40 else f"{instruction.text[:40]}…"
    return f"{instruction.leader}：{text}"


def measure_words(measure: Any) -> str:
    """A measure in a choice: its number and the beginning of its text."""
    text = measure.text if len(measure.text) <= 40 else f"{measure.text[:40]}…"
    return f"{measure.number}. {text}"
