"""A form whose texts and files are looked through: what a person must decide about is shown first."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

from django import forms

from rectify.arrivals import sensitive
from rectify.arrivals.sensitive import Place
from rectify.choices import MarkAnswer, NumberAnswer

LOOKED = "looked_through"  # what the person was shown, as a digest: other findings are asked about again
ANSWERS: dict[str, Any] = {"mark_answer": MarkAnswer, "number_answer": NumberAnswer}
STOPPED = (
    "内容里有疑似密级标志或个人信息，请核对下面列出的每一处。确属涉密的严禁录入或上传：请删去，"
    "并按保密规定处理；可以保存的，请逐类选明理由后再次提交。"
)


@dataclass
class Question:
    """What was found, and what the person has said about it so far."""

    places: list[Place]
    given: dict[str, str] = field(default_factory=dict)

    @property
    def digest(self) -> str:
        return hashlib.sha256(repr(self.places).encode()).hexdigest()[:16]

    @property
    def words(self) -> list[str]:
        return [place.words for place in self.places]

    @property
    def asked(self) -> list[tuple[str, str, list[tuple[str, str, bool]]]]:
        """Name and heading of each question, with its choices and whether one is chosen."""
        headings = {"mark_answer": "密级标志", "number_answer": "身份证号、银行卡号"}
        return [
            (
                name,
                headings[name],
                [(value, label, value == self.given.get(name)) for value, label in choices],
            )
            for name in self._needed
            for choices in [ANSWERS[name].choices]
        ]

    @property
    def _needed(self) -> list[str]:
        sorts = {sort for sort, _, _ in self.places}
        needed = {"mark_answer": sensitive.MARK in sorts, "number_answer": bool(sorts - {sensitive.MARK})}
        return [name for name, is_needed in needed.items() if is_needed]

    @property
    def is_answered(self) -> bool:
        """Whether each sort has an answer, given in sight of these very places."""
        answered = all(self.given.get(name) in ANSWERS[name].values for name in self._needed)
        return answered and self.given.get(LOOKED) == self.digest

    @property
    def decision(self) -> dict[str, Any]:
        """What the record keeps: where something was found, and the person's word; no digit of it."""
        return {"places": [place.plain for place in self.places]} | {
            name: self.given[name] for name in self._needed
        }

    @property
    def hidden(self) -> list[tuple[str, str]]:
        """The answers as they travel with a form that only confirms."""
        return [(LOOKED, self.digest), *((name, self.given.get(name, "")) for name in self._needed)]


class CheckedForm(forms.Form):
    """Stops at what it finds until the person has decided; the decision is for the record. The fields
    named in `folded` may stay empty: they stand last, and fold on a phone."""

    question: Question | None = None
    folded: tuple[str, ...] = ()

    @property
    def standing_fields(self) -> list[forms.BoundField]:
        return [bound for bound in self.visible_fields() if bound.name not in self.folded]

    @property
    def folded_fields(self) -> list[forms.BoundField]:
        return [bound for bound in self.visible_fields() if bound.name in self.folded]

    @property
    def acknowledged(self) -> dict[str, Any] | None:
        """What the person decided, when there was something to decide."""
        return self.question.decision if self.question and self.question.is_answered else None

    def _post_clean(self) -> None:
        """After the form's own checks: findings are asked about beside its other errors."""
        super()._post_clean()  # type: ignore[misc]
        places = [*self._texts(), *_in_files(self._files())]
        if not places:
            return
        given = {name: str(self.data.get(name, "")) for name in (LOOKED, *ANSWERS)}
        self.question = Question(places[: sensitive.MOST], given)
        if not self.question.is_answered:
            self.add_error(None, STOPPED)

    def _texts(self) -> Iterator[Place]:
        """In what was typed here; a text that stood there before was decided about before."""
        for name in self.changed_data:
            input_field, value = self.fields[name], self.cleaned_data.get(name)
            if not isinstance(input_field, forms.CharField) or not isinstance(value, str):
                continue
            for finding in () if input_field.widget.is_hidden else sensitive.findings(value):
                line = f"第 {finding.line} 行" if "\n" in value else ""
                yield Place(finding.sort, f"{input_field.label}{line}", finding.shown)

    def _files(self) -> Iterator[Any]:
        """The chosen files; where some of them are refused, what the others hold is shown all the same."""
        for name, input_field in self.fields.items():
            if isinstance(input_field, forms.FileField) and hasattr(self.files, "getlist"):
                chosen: Any = self.cleaned_data.get(name) or self.files.getlist(self.add_prefix(name))
                yield from chosen if isinstance(chosen, list) else [chosen]


def _in_files(files: Iterable[Any]) -> Iterator[Place]:
    for file in files:
        for sort, where, shown in getattr(file, "findings", ()):
            yield Place(sort, f"“{file.name}”{where}", shown)
