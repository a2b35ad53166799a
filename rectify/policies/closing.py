"""Close-outs and extensions: their acts and words, and as what a person decides."""

from __future__ import annotations

from dataclasses import dataclass

from rectify.choices import Action, CloseKind, Kind, Outcome, Role, Step
from rectify.models import (
    CloseOut,
    Extension,
    Problem,
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


def path_of(applicant: User, problem: Problem) -> list[str]:
    """The steps of the ledger's path; a unit head who applies has confirmed by applying."""
    steps = str(problem.report.settings.review_path).split(",")
    if problem.lead_unit_id in applicant.unit_ids(Role.UNIT_HEAD) and len(steps) > 1:
        steps = [step for step in steps if step != Step.CONFIRM]
    return steps


# -- what may be applied for --------------------------------------------------------------------------


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
