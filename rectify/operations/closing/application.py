"""What an application for close-out brings: statement, answers to what was returned, explanations, files."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from rectify.choices import CloseKind
from rectify.errors import Incomplete
from rectify.models import Measure
from rectify.policies.closing_needs import Brought
from rectify.policies.points import Point

TEXT_MAX = 2000


@dataclass(frozen=True)
class Answer:
    """What is said to one point, and the files that show it."""

    text: str
    files: Sequence[Any] = ()


@dataclass(frozen=True)
class Application:
    """What the unit sends in: its statement, answers to what was returned, explanations, and files; those of
    a measure prove it from now on."""

    statement: str
    kind: str = CloseKind.CLOSE
    files: Sequence[Any] = ()
    answers: Mapping[int, Answer] = field(default_factory=dict)
    explained: Mapping[int, str] = field(default_factory=dict)
    measure_files: Mapping[int, Sequence[Any]] = field(default_factory=dict)

    @property
    def parcels(self) -> list[tuple[int | None, Any]]:
        """Each file, with the measure it is for."""
        own = [*self.files, *(file for answer in self.answers.values() for file in answer.files)]
        return [(None, file) for file in own] + [
            (measure, file) for measure, files in self.measure_files.items() for file in files
        ]

    @property
    def brought(self) -> Brought:
        explained = frozenset(pk for pk, text in self.explained.items() if text.strip())
        proven = frozenset(pk for pk, files in self.measure_files.items() if files)
        return Brought(any(pk is None for pk, _ in self.parcels), proven, explained)


def answers_text(points: Sequence[Point], answers: Mapping[int, Answer]) -> str:
    """The answer to each point, by its number; what was asked is not copied, so that a purge finds it once.

    Raises Incomplete when one is not answered, or comes without the file that was asked for.
    """
    given = {number: answer for number, answer in answers.items() if answer.text.strip()}
    _require([point for point in points if point.number not in given], "退回意见还有 {} 条没有答复。")
    bare = [point for point in points if point.wants_file and not given[point.number].files]
    _require(bare, "退回意见有 {} 条要求附材料，请在该条下选择文件。")
    return "\n".join(_answered(point, given[point.number]) for point in points)


def _require(missing: Sequence[Point], words: str) -> None:
    if missing:
        lines = [f"{point.number}. {point.text}" for point in missing]
        raise Incomplete(words.format(len(missing)), lines)


def explanations_text(measures: Sequence[Measure], explained: Mapping[int, str]) -> str:
    """Why a measure is not finished, or has no file: 措施 2：……"""
    lines = [(measure, explained[measure.pk].strip()) for measure in measures if measure.pk in explained]
    return "\n".join(f"措施 {measure.number}：{_short(text, '说明')}" for measure, text in lines if text)


def _answered(point: Point, answer: Answer) -> str:
    names = "、".join(str(file.name) for file in answer.files)
    proof = f"（附：{names}）" if names else ""
    return f"第 {point.number} 条：{_short(answer.text.strip(), '答复')}{proof}"


def _short(text: str, what: str) -> str:
    if len(text) > TEXT_MAX:
        raise Incomplete(f"每条{what}最多 {TEXT_MAX} 个字，有一条是 {len(text)} 个字，请精简。")
    return text
