"""Who decides on a close-out or an extension, what an application lacks, and who looks again."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any

from django.db import models

from rectify.choices import Action, CloseKind, Kind, MeasureKind, MeasureStatus, Outcome, Role, Status, Step
from rectify.models import (
    CloseOut,
    Evidence,
    Extension,
    Measure,
    MeasureState,
    Problem,
    ProblemState,
    StandIn,
    User,
)
from rectify.models.closing import FOLLOWED, heads_of
from rectify.policies.decision import YES, Decision, Offer, runs
from rectify.transitions import BY_HAND, UNDER_WAY

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
ROLES = {Step.CONFIRM: Role.UNIT_HEAD, Step.REVIEW: Role.OFFICE, Step.SIGN: Role.LEADER}


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


def decide(user: User, act: str, obj: Any) -> Decision:
    """Whether the person may take this step of an application, or return it."""
    application = _application(act, obj)
    if application is None or not application.is_open:
        return Decision(False, f"现在没有等待办理的{NOUNS[MODELS[act]]}。")
    if application.problem.withdrawn:
        return Decision(False, "这一项已撤回，恢复后才能继续办理。")
    if (step := STEP_OF.get(act)) and step != application.waiting:
        waits = Step(application.waiting).label
        return Decision(False, f"这份{NOUNS[type(application)]}现在等{_whose(application)}{waits}。")
    found = capacity(user, application)
    return found if isinstance(found, Decision) else YES


def capacity(user: User, application: Reviewed) -> Capacity | Decision:
    """As what the person may take the step that is waited for, or why not."""
    step, problem = application.waiting, application.problem
    what = f"{Step(step).label}须由另一位同志办理。"
    if user.pk == application.applicant_id:
        return Decision(False, f"这是您自己提交的{NOUNS[type(application)]}，{what}")
    if (own := _own(user, step, problem)) is not None:
        steps = (one for one in application.steps.all() if one.by_id == user.pk and not one.on_paper)
        if (taken := next((one for one in steps if one.step != Step.APPLY), None)) is not None:
            return Decision(False, f"您已办理过这份申请的{taken.get_step_display()}，{what}")
        return own
    if runs(user, problem.report) and (signer := _paper_signer(step, problem)):
        return Capacity(Role.OFFICE, on_paper=True, signer=signer)
    return Decision(False, f"这份{NOUNS[type(application)]}等{_whose(application)}{Step(step).label}。")


def _own(user: User, step: str, problem: Problem) -> Capacity | None:
    """The person's own post first, then the posts of those they stand in for."""
    role, path = ROLES[Step(step)], problem.report.unit.path
    owner = problem.leader.account_id if problem.leader else None
    if step == Step.CONFIRM and problem.lead_unit_id in user.unit_ids(role):
        return Capacity(role)
    if step == Step.REVIEW and runs(user, problem.report):
        return Capacity(role)
    if step == Step.SIGN and owner == user.pk:
        return Capacity(role)
    for one in user.deputed:
        fits = {
            Step.CONFIRM: one.unit_id == problem.lead_unit_id,
            Step.REVIEW: path.startswith(one.path),
            Step.SIGN: one.user_id == owner,
        }
        if one.role == role and fits[Step(step)]:
            return Capacity(role, stands_for=one.user_id)
    return None


def _paper_signer(step: str, problem: Problem) -> str:
    """Who signs on paper because no account could do it on the screen."""
    if step == Step.CONFIRM and problem.lead_unit and not heads_of(problem.lead_unit).exists():
        return f"{problem.lead_unit}负责人"
    leader = problem.leader if step == Step.SIGN else None
    if leader and leader.active and (leader.user is None or not leader.user.is_active):
        return leader.post
    return ""


def _whose(application: Reviewed) -> str:
    return waits_for(application.waiting, application.problem)


def waits_for(step: str, problem: Problem) -> str:
    """Whose step it is, in words."""
    if step == Step.CONFIRM:
        return f"{problem.lead_unit}负责人" if problem.lead_unit else "单位负责人"
    if step == Step.REVIEW:
        return "整改办"
    if problem.leader and not problem.leader.active:
        return "新的责任领导（原责任领导已不在任，请整改办撤回申请，重新明确责任领导后再办）"
    return str(problem.leader) if problem.leader else "责任领导"


def _application(act: str, obj: Any) -> Reviewed | None:
    if isinstance(obj, CloseOut | Extension):
        return obj
    return open_application(MODELS[act], obj) if isinstance(obj, Problem) else None


# -- what an application needs ----------------------------------------------------------------------


def state(act: str, problem: Problem, obj: Any) -> Decision:
    """Whether things stand so that the act makes sense."""
    label = Status(problem.status).label
    if act == Action.APPLY_CLOSE_OUT:
        if problem.status == Status.STANDING:
            return Decision(False, "长期坚持的事项按期回头看，不直接销号；确需销号的，先由整改办重新整改。")
        if problem.status not in UNDER_WAY:
            return Decision(False, f"{label}的事项不能申请销号，要在整改中或基本完成之后。")
        return YES
    if act == Action.APPLY_EXTENSION:
        if problem.status not in BY_HAND:
            return Decision(False, f"{label}的事项不需要延期。")
        if problem.deadline is None:
            return Decision(False, "这一项还没有定整改时限，请由整改办先明确。")
        if open_application(Extension, problem):
            return Decision(False, "已有一份延期申请在办理，请等办结或先撤回。")
        most = problem.report.settings.max_extensions
        if granted_count(problem) >= most:
            return Decision(False, f"这一项已延期 {granted_count(problem)} 次，最多 {most} 次，不能再延。")
        return YES
    if act == Action.CORRECT_DEADLINE and problem.deadline is None:
        return Decision(False, "这一项还没有定整改时限，请在“明确责任”里填写。")
    if act in (Action.REOPEN, Action.RECORD_FOLLOW_UP) and problem.status not in FOLLOWED:
        return Decision(False, f"{label}的事项不需要{Action(act).label}，已销号或长期坚持的才需要。")
    if act in WITHDRAWING and _application(act, obj) is None:
        return Decision(False, f"现在没有等待办理的{NOUNS[MODELS[act]]}。")
    if act == Action.ADD_RULE and isinstance(obj, Measure):
        if obj.status != MeasureStatus.DONE or obj.kind != MeasureKind.LASTING:
            return Decision(False, "只有已完成的长久立措施才补录制度成果。")
        if obj.rule_name:
            return Decision(False, "这条措施已有制度成果。")
    return YES


def granted_count(problem: Problem) -> int:
    """How often the deadline was extended in this round, and before a carry-over."""
    passed = (one for one in problem.extensions.all() if one.outcome == Outcome.PASSED)
    granted = sum(one.round == problem.round for one in passed)
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
    kind = kind or kinds(problem)[0]
    since = round_began(problem)
    measures = [one for one in problem.measures.all() if one.status != MeasureStatus.DROPPED]
    done = [one for one in measures if one.status == MeasureStatus.DONE]
    finished = _done_since(problem, done, since) if problem.round > 1 else done
    proofs = [one for one in _proofs(problem) if not one.is_purged]
    proven = {one.measure_id for one in proofs} | {one.note.measure_id for one in proofs if one.note}
    notes = problem.reported_at is not None and problem.reported_at >= since
    lines = [
        "责任单位未明确" if problem.lead_unit_id is None else "",
        "责任领导未明确" if problem.leader_id is None else "",
        _counted(measures, lambda one: _unfinished(one, kind), "措施未完成"),
        "" if finished else ("本轮还没有完成的措施" if problem.round > 1 else "还没有完成的措施"),
        _counted(done, lambda one: one.pk not in proven, "措施缺佐证"),
        _counted(
            done, lambda one: one.kind == MeasureKind.LASTING and not one.rule_name, "长久立措施缺制度成果"
        ),
        "" if notes else "本轮还没有进展记录",
        "" if any(one.at >= since for one in proofs) else "本轮没有佐证材料",
        "延期申请还在办理" if open_application(Extension, problem) else "",
    ]
    return [line for line in lines if line]


def _proofs(problem: Problem) -> list[Evidence]:
    """The files of a problem with their notes, where a page has not read them yet."""
    if "evidence" in getattr(problem, "_prefetched_objects_cache", {}):
        return list(problem.evidence.all())
    return list(problem.evidence.select_related("note"))


def _done_since(problem: Problem, done: list[Measure], since: dt.datetime) -> list[Measure]:
    """The measures that were finished in this round, whatever date was entered for it."""
    states = MeasureState.objects.filter(measure__problem=problem, status=MeasureStatus.DONE)
    first = dict(states.order_by().values_list("measure_id").annotate(models.Min("valid_from")))
    return [one for one in done if one.pk in first and first[one.pk] >= since]


def _unfinished(measure: Measure, kind: str) -> bool:
    return kind == CloseKind.CLOSE and measure.status == MeasureStatus.OPEN


def _counted(measures: list[Measure], wanted: Any, what: str) -> str:
    found = [str(one.number) for one in measures if wanted(one)]
    return f"{len(found)} 项{what}（措施 {'、'.join(found)}）" if found else ""


# -- stand-ins --------------------------------------------------------------------------------------


def stand_in(user: User, obj: StandIn | User | None) -> Decision:
    """Signers name who stands in for them; the office does so for the people of its units."""
    absent = obj.absent if isinstance(obj, StandIn) else obj
    if absent is None:
        if user.has_role(Role.OFFICE, Role.UNIT_HEAD, Role.LEADER):
            return YES
        return Decision(False, "代办人由签批人自己或整改办指定。")
    if absent.pk == user.pk and user.has_role(Role.OFFICE, Role.UNIT_HEAD, Role.LEADER):
        return YES
    paths = [post.path for post in absent.posts]
    if any(path.startswith(mine) for path in paths for mine in user.paths(Role.OFFICE)):
        return YES
    return Decision(False, "代办人由签批人自己或所在整改办指定。")


# -- the buttons ------------------------------------------------------------------------------------


def wanted(problem: Problem) -> list[tuple[str, str, str]]:
    """(act, label, url) of the buttons that the state of the problem calls for."""
    rows: list[tuple[str, str, str]] = []
    if problem.status in (*BY_HAND, Status.STANDING):
        rows.append((Action.APPLY_CLOSE_OUT, "申请销号", "close_out_apply"))
    if problem.status == Status.IN_REVIEW:
        rows.append((Action.WITHDRAW_CLOSE_OUT, "撤回申请", "close_out_withdraw"))
    if problem.status in BY_HAND:
        rows.append((Action.APPLY_EXTENSION, "申请延期", "extension_apply"))
        if open_application(Extension, problem):
            rows.append((Action.WITHDRAW_EXTENSION, "撤回延期申请", "extension_withdraw"))
        rows.append((Action.CORRECT_DEADLINE, "更正时限", "deadline_correct"))
    if problem.status in FOLLOWED:
        rows.append((Action.RECORD_FOLLOW_UP, "回头看", "follow_up"))
        rows.append((Action.REOPEN, "重新整改", "reopen"))
    return rows


def deciding_offers(user: User, problem: Problem) -> list[Offer]:
    """The step of each open application, for those who hold one of its steps."""
    offers = []
    urls: dict[type[Reviewed], str] = {CloseOut: "close_out_decide", Extension: "extension_decide"}
    for model, url_name in urls.items():
        application = open_application(model, problem)
        if application is None:
            continue
        application.problem = problem
        step = next((one for one in application.path_steps if _own(user, one, problem)), application.waiting)
        found = capacity(user, application)
        if isinstance(found, Capacity):
            step = application.waiting
        elif _own(user, step, problem) is None:
            continue
        act = STEP_ACTS[model][step]
        decision = decide(user, act, application)
        label = "代录" if isinstance(found, Capacity) and found.on_paper else ""
        label += f"{Step(step).label}{NOUNS[model]}"
        offers.append(Offer(act, label, url_name, decision.allowed, decision.why, main=decision.allowed))
    return offers
