"""Close-outs and extensions: their acts and words, as what a person decides, and what one still lacks."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass

from django.db import models

from rectify.choices import Action, CloseKind, Kind, MeasureKind, MeasureStatus, Outcome, Role, Step
from rectify.models import (
    CloseOut,
    Evidence,
    Extension,
    Measure,
    MeasureState,
    Problem,
    ProblemState,
    User,
)
from rectify.models.deciders import DECIDERS, key_to, paper_signer
from rectify.policies.decision import runs

Reviewed = CloseOut | Extension
STEP_ACTS: dict[type, dict[str, str]] = {
    CloseOut: {
        Step.CONFIRM: Action.CONFIRM_CLOSE_OUT,
        Step.REVIEW: Action.REVIEW_CLOSE_OUT,
        Step.SIGN: Action.SIGN_CLOSE_OUT,
    },
    Extension: {
        Step.CONFIRM: Action.CONFIRM_EXTENSION,
        Step.REVIEW: Action.REVIEW_EXTENSION,
        Step.SIGN: Action.SIGN_EXTENSION,
    },
}
RETURN_ACTS: dict[type, str] = {CloseOut: Action.RETURN_CLOSE_OUT, Extension: Action.RETURN_EXTENSION}
WITHDRAW_ACTS: dict[type, str] = {CloseOut: Action.WITHDRAW_CLOSE_OUT, Extension: Action.WITHDRAW_EXTENSION}
NOUNS: dict[type, str] = {CloseOut: "销号申请", Extension: "延期申请"}
MODELS: dict[str, type[Reviewed]] = {
    act: model
    for model in (CloseOut, Extension)
    for act in (*STEP_ACTS[model].values(), RETURN_ACTS[model], WITHDRAW_ACTS[model])
}
STEP_OF = {act: step for acts in STEP_ACTS.values() for step, act in acts.items()}
DECIDING = frozenset(STEP_OF) | frozenset(RETURN_ACTS.values())
WITHDRAWING = frozenset(WITHDRAW_ACTS.values())


@dataclass(frozen=True)
class Capacity:
    """As what a person takes a step: in their own right, for one who is away, or registering a paper."""

    role: str
    stands_for: int | None = None
    on_paper: bool = False
    signer: str = ""


def open_application(model: type[Reviewed], problem: Problem) -> Reviewed | None:
    of = problem.close_outs if model is CloseOut else problem.extensions
    return next((one for one in of.all() if one.is_open), None)


def own_capacity(user: User, step: str, problem: Problem) -> Capacity | None:
    """The person's own post first, then the posts of those they stand in for."""
    key = key_to(user, step, problem)
    return Capacity(DECIDERS[step].role, stands_for=key.stands_for) if key else None


def paper_capacity(user: User, step: str, problem: Problem) -> Capacity | None:
    """The office registers what is signed on paper by one without an account."""
    signer = paper_signer(step, problem) if runs(user, problem.report) else ""
    return Capacity(Role.OFFICE, on_paper=True, signer=signer) if signer else None


def waits_for(step: str, problem: Problem) -> str:
    """Whose step it is, in words."""
    if step == Step.CONFIRM:
        return f"{problem.lead_unit}负责人" if problem.lead_unit else "单位负责人"
    if step == Step.REVIEW:
        return "整改办"
    if problem.leader and not problem.leader.active:
        return "新的责任领导（原责任领导已不在任，请整改办撤回申请，重新明确责任领导后再办）"
    return str(problem.leader) if problem.leader else "责任领导"


# -- what an application needs ----------------------------------------------------------------------


def granted_count(problem: Problem) -> int:
    """How often the deadline was extended in this round, and before a carry-over."""
    passed = (extension for extension in problem.extensions.all() if extension.outcome == Outcome.PASSED)
    granted = sum(extension.round == problem.round for extension in passed)
    return granted + (problem.extensions_before if problem.round == 1 else 0)


def kinds(problem: Problem) -> list[str]:
    """What may be applied for: a standing problem reaches a staged result first."""
    if problem.kind == Kind.STANDING or problem.also_standing:
        return [CloseKind.STANDING, CloseKind.CLOSE]
    return [CloseKind.CLOSE]


def round_began(problem: Problem) -> dt.datetime:
    """When the current round began: the first one with the problem."""
    if problem.round == 1:
        return problem.created_at
    states = ProblemState.objects.filter(problem=problem, round=problem.round).order_by("valid_from")
    return states.values_list("valid_from", flat=True).first() or problem.created_at


def lacking(problem: Problem, kind: str = "") -> list[str]:
    """What is missing before a close-out can be applied for; empty when nothing is.

    A staged result does not need every measure: what goes on is what makes the problem standing.
    """
    since = round_began(problem)
    proofs = [file for file in _proofs(problem) if not file.is_purged]
    reported = problem.reported_at is not None and problem.reported_at >= since
    proven = any(file.at >= since for file in proofs)
    lines = [
        "责任单位未明确" if problem.lead_unit_id is None else "",
        "责任领导未明确" if problem.leader_id is None else "",
        *_measures_lacking(problem, kind or kinds(problem)[0], since, proofs),
        "" if reported else "本轮还没有进展记录",
        "" if proven else "本轮没有佐证材料",
        "延期申请还在办理" if open_application(Extension, problem) else "",
    ]
    return [line for line in lines if line]


def _measures_lacking(
    problem: Problem, kind: str, since: dt.datetime, proofs: list[Evidence]
) -> Iterator[str]:
    measures = [measure for measure in problem.measures.all() if measure.status != MeasureStatus.DROPPED]
    done = [measure for measure in measures if measure.status == MeasureStatus.DONE]
    proven = {file.measure_id for file in proofs} | {file.note.measure_id for file in proofs if file.note}
    if kind == CloseKind.CLOSE:
        yield _counted([measure for measure in measures if measure not in done], "措施未完成")
    if problem.round == 1:
        yield "" if done else "还没有完成的措施"
    else:
        yield "" if _done_since(problem, done, since) else "本轮还没有完成的措施"
    yield _counted([measure for measure in done if measure.pk not in proven], "措施缺佐证")
    yield _counted([measure for measure in done if _lacks_rule(measure)], "长久立措施缺制度成果")


def _proofs(problem: Problem) -> list[Evidence]:
    """The files of a problem with their notes, where a page has not read them yet."""
    if "evidence" in getattr(problem, "_prefetched_objects_cache", {}):
        return list(problem.evidence.all())
    return list(problem.evidence.select_related("note"))


def _done_since(problem: Problem, done: list[Measure], since: dt.datetime) -> list[Measure]:
    """The measures that were finished in this round, whatever date was entered for it."""
    states = MeasureState.objects.filter(measure__problem=problem, status=MeasureStatus.DONE)
    first = dict(states.order_by().values_list("measure_id").annotate(models.Min("valid_from")))
    return [measure for measure in done if measure.pk in first and first[measure.pk] >= since]


def _lacks_rule(measure: Measure) -> bool:
    return measure.kind == MeasureKind.LASTING and not measure.rule_name


def _counted(measures: list[Measure], what: str) -> str:
    numbers = [str(measure.number) for measure in measures]
    return f"{len(numbers)} 项{what}（措施 {'、'.join(numbers)}）" if numbers else ""
