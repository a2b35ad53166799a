"""What an application says besides its statement: answers to what was returned, and what is explained."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from rectify.errors import Incomplete
from rectify.models import Measure
from rectify.policies.points import Point

TEXT_MAX = 2000


@dataclass(frozen=True)
class Answer:
    """What is said to one point, and the files that show it."""

    text: str
    files: Sequence[Any] = ()


def answers_text(points: Sequence[Point], answers: Mapping[int, Answer]) -> str:
    """Each point with its answer.

    Raises Incomplete when one is not answered, or comes without the file that was asked for.
    """
    given = {number: answer for number, answer in answers.items() if answer.text.strip()}
    missing = [f"{point.number}. {point.text}" for point in points if point.number not in given]
    if missing:
        raise Incomplete(f"退回意见还有 {len(missing)} 条没有答复。", missing)
    bare = [point for point in points if point.wants_file and not given[point.number].files]
    if bare:
        lines = [f"{point.number}. {point.text}" for point in bare]
        raise Incomplete("退回意见要求附材料的，请在该条下选择文件。", lines)
    return "\n".join(_answered(point, given[point.number]) for point in points)


def explanations_text(measures: Sequence[Measure], explained: Mapping[int, str]) -> str:
    """Why a measure is not finished, or has no file: 措施 2：……"""
    lines = [(measure, explained[measure.pk].strip()) for measure in measures if measure.pk in explained]
    return "\n".join(f"措施 {measure.number}：{_short(text, '说明')}" for measure, text in lines if text)


def _answered(point: Point, answer: Answer) -> str:
    names = "、".join(str(file.name) for file in answer.files)
    proof = f"（附：{names}）" if names else ""
    return f"{point.number}. {point.text}\n答复：{_short(answer.text.strip(), '答复')}{proof}"


def _short(text: str, what: str) -> str:
    if len(text) > TEXT_MAX:
        raise Incomplete(f"每条{what}最多 {TEXT_MAX} 个字，有一条是 {len(text)} 个字，请精简。")
    return text
