"""What an application for close-out still lacks: of the item, and of each measure with what mends it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from django.db import models

from rectify.choices import CloseKind, MeasureKind, MeasureStatus
from rectify.models import Evidence, Extension, Measure, MeasureState, Problem, ProblemState
from rectify.policies.closing import kinds, open_application


class Need(models.TextChoices):
    """What a measure may lack before the item can be closed."""

    RESULT = "result", "未完成"
    PROOF = "proof", "缺佐证"
    RULE = "rule", "缺制度成果"


# What is accepted with an explanation in the application instead.
EXPLAINABLE = (Need.RESULT, Need.PROOF)
COUNTED = {Need.RESULT: "措施未完成", Need.PROOF: "措施缺佐证", Need.RULE: "长久立措施缺制度成果"}


@dataclass(frozen=True)
class Brought:
    """What the application itself brings: files of its own, measures it proves, and those it explains."""

    files: bool = False
    proven: frozenset[int] = frozenset()
    explained: frozenset[int] = frozenset()


NOTHING = Brought()


def round_began(problem: Problem) -> dt.datetime:
    """When the current round began: the first one with the problem."""
    if problem.round == 1:
        return problem.created_at
    states = ProblemState.objects.filter(problem=problem, round=problem.round).order_by("valid_from")
    return states.values_list("valid_from", flat=True).first() or problem.created_at


def lacking(problem: Problem, kind: str = "", brought: Brought = NOTHING) -> list[str]:
    """What is missing before a close-out can be applied for; empty when nothing is."""
    return [*measures_lacking(problem, kind, brought), *item_lacking(problem, kind, brought)]


def item_lacking(problem: Problem, kind: str = "", brought: Brought = NOTHING) -> list[str]:
    """What is missing of the item as a whole."""
    since = round_began(problem)
    proven = brought.files or brought.proven or any(file.at >= since for file in proofs(problem))
    done = _done_in_round(problem, since)
    # How a measure was finished says what was done: nobody is sent away to say it again in a note.
    reported = done or (problem.reported_at is not None and problem.reported_at >= since)
    lines = {
        "责任单位未明确": problem.lead_unit_id is None,
        "责任领导未明确": problem.leader_id is None,
        _nothing_done(problem): not done,
        "本轮还没有进展记录": not reported,
        "本轮没有佐证材料": not proven,
        "延期申请还在办理": open_application(Extension, problem) is not None,
    }
    return [words for words, holds in lines.items() if holds]


def measures_lacking(problem: Problem, kind: str = "", brought: Brought = NOTHING) -> list[str]:
    """The same of the measures, counted by what they lack: 2 项措施未完成（措施 1、3）."""
    found = needs(problem, kind, brought)
    return [
        _counted([measure for measure, which in found if need in which], words)
        for need, words in COUNTED.items()
        if any(need in which for _, which in found)
    ]


def needs(problem: Problem, kind: str = "", brought: Brought = NOTHING) -> list[tuple[Measure, list[Need]]]:
    """Each measure that is kept, with what it still lacks.

    A staged result does not need every measure: what goes on is what makes the problem standing.
    """
    proven = _proven(problem) | brought.proven
    closes = (kind or kinds(problem)[0]) == CloseKind.CLOSE
    return [
        (measure, [need for need in _needs(measure, proven, closes) if not _is_met(measure, need, brought)])
        for measure in kept(problem)
    ]


def kept(problem: Problem) -> list[Measure]:
    return [measure for measure in problem.measures.all() if measure.status != MeasureStatus.DROPPED]


def proofs(problem: Problem) -> list[Evidence]:
    """The files of a problem with their notes, where a page has not read them yet; without those purged."""
    if "evidence" in getattr(problem, "_prefetched_objects_cache", {}):
        files: Iterable[Evidence] = problem.evidence.all()
    else:
        files = problem.evidence.select_related("note")
    return [file for file in files if not file.is_purged]


def _proven(problem: Problem) -> set[int]:
    """The measures that a file proves, its own or that of a note on it."""
    measures = {file.measure_id for file in proofs(problem)}
    measures |= {file.note.measure_id for file in proofs(problem) if file.note}
    return {pk for pk in measures if pk is not None}


def _needs(measure: Measure, proven: set[int], closes: bool) -> Iterator[Need]:
    if measure.status == MeasureStatus.OPEN:
        yield from [Need.RESULT] if closes else []
        return
    if measure.pk not in proven:
        yield Need.PROOF
    if measure.kind == MeasureKind.LASTING and not measure.rule_name:
        yield Need.RULE


def _is_met(measure: Measure, need: Need, brought: Brought) -> bool:
    return need in EXPLAINABLE and measure.pk in brought.explained


def _nothing_done(problem: Problem) -> str:
    return "还没有完成的措施" if problem.round == 1 else "本轮还没有完成的措施"


def _done_in_round(problem: Problem, since: dt.datetime) -> bool:
    """Whether a measure was finished in this round, whatever date was entered for it."""
    done = [measure.pk for measure in kept(problem) if measure.status == MeasureStatus.DONE]
    if problem.round == 1 or not done:
        return bool(done)
    states = MeasureState.objects.filter(measure__in=done, status=MeasureStatus.DONE)
    first = dict(states.order_by().values_list("measure_id").annotate(models.Min("valid_from")))
    return any(first[pk] >= since for pk in done if pk in first)


def _counted(measures: list[Measure], what: str) -> str:
    numbers = [str(measure.number) for measure in measures]
    return f"{len(numbers)} 项{what}（措施 {'、'.join(numbers)}）"
