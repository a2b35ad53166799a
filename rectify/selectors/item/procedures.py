"""What the reviewed procedures of a problem look like: its rounds, steps and follow-ups, in words."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from operator import attrgetter
from typing import Any

from rectify import clock, wording
from rectify.choices import CloseKind, Outcome, Step, StepOutcome
from rectify.models import CloseOut, Evidence, Extension, FollowUp, Problem
from rectify.policies.closing import NOUNS, granted_count, waits_for
from rectify.policies.points import answered_in
from rectify.transitions import BY_HAND


@dataclass(frozen=True)
class StepRow:
    """One step in words: what, by whom, for whom, and what was said."""

    step: Any
    what: str
    who: str
    files: Sequence[Evidence]
    returned: bool = False


@dataclass(frozen=True)
class ApplicationRow:
    """An application with its steps and where it stands."""

    application: Any
    title: str
    words: str
    texts: Sequence[tuple[str, str]]
    steps: Sequence[StepRow]
    is_extension: bool = False


@dataclass
class RoundRow:
    """One round: its applications, the newest first, and its follow-ups."""

    number: int
    applications: list[ApplicationRow] = field(default_factory=list)
    follow_ups: list[FollowUp] = field(default_factory=list)


@dataclass(frozen=True)
class Procedures:
    """Everything of the reviewed procedures that the item page shows."""

    rounds: Sequence[RoundRow]
    open: Sequence[Any]
    returned: ApplicationRow | None
    state: str
    extended: str
    next_look: FollowUp | None
    corrections: int


def procedures(problem: Problem) -> Procedures:
    """The rounds of a problem that was read with its sets."""
    close_outs, extensions = list(problem.close_outs.all()), list(problem.extensions.all())
    follow_ups = list(problem.follow_ups.all())
    rounds = _rounds([*close_outs, *extensions], follow_ups, problem)
    open_ones = [application for application in (*close_outs, *extensions) if application.is_open]
    live = not problem.carried and not problem.withdrawn
    planned = [one for one in follow_ups if one.recorded_at is None and one.round == problem.round and live]
    concluded = bool(planned) and problem.status in ("closed", "standing")
    granted = [
        extension
        for extension in extensions
        if extension.outcome == Outcome.PASSED and extension.round == problem.round
    ]
    return Procedures(
        rounds=rounds,
        open=open_ones,
        returned=_returned(problem, rounds),
        state=" · ".join(f"{NOUNS[type(one)]}{outcome_words(one)}" for one in open_ones),
        extended=wording.extended_words(granted_count(problem), sum(one.overdue_days for one in granted)),
        next_look=planned[0] if concluded else None,
        corrections=problem.corrections or 0,  # type: ignore[attr-defined]
    )


def summary(application: Any, with_reason: bool = True) -> str:
    """What is asked for, in one sentence above the form."""
    who = f"{application.applicant_label}于 {wording.moment(application.applied_at, clock.today())} "
    if isinstance(application, Extension):
        late = "（逾期后申请）" if application.late else ""
        dates = f"由 {wording.date(application.old_date)} 延至 {wording.date(application.new_date)}"
        reason = f"理由：{application.reason}" if with_reason else ""
        return f"{who}申请{dates}{late}。{reason}"
    asks = "销号" if application.kind == CloseKind.CLOSE else "确认阶段成果、转入长期坚持"
    return f"{who}申请{asks}。"


def outcome_words(application: Any) -> str:
    """等整改办审核, 已退回, 已通过: where an application stands."""
    if application.is_open:
        return f"等{waits_for(application.waiting, application.problem)}{Step(application.waiting).label}"
    if application.outcome == Outcome.PASSED and isinstance(application, Extension):
        return f"已同意延至 {wording.date(application.new_date)}"
    if application.outcome == Outcome.PASSED:
        done = "已销号" if application.kind == CloseKind.CLOSE else "阶段成果已确认，转入长期坚持"
        return f"{wording.date(application.decided_on)}{done}"
    return str(Outcome(application.outcome).label)


def _rounds(applications: list[Any], follow_ups: list[FollowUp], problem: Problem) -> list[RoundRow]:
    rounds: dict[int, RoundRow] = {}
    newest_first = sorted(applications, key=attrgetter("applied_at", "pk"), reverse=True)
    for application in newest_first:
        rounds.setdefault(application.round, RoundRow(application.round)).applications.append(
            _row(application)
        )
    for look in follow_ups:
        rounds.setdefault(look.round, RoundRow(look.round)).follow_ups.append(look)
    return sorted(rounds.values(), key=lambda row: row.number, reverse=True)


def _row(application: Any) -> ApplicationRow:
    steps = [_step(step, application) for step in application.steps.all()]
    is_extension = isinstance(application, Extension)
    if is_extension:
        title = f"延期申请：{wording.date(application.old_date)} → {wording.date(application.new_date)}"
        title += "（逾期后申请）" if application.late else ""
    else:
        title = f"第 {application.number} 次{CloseKind(application.kind).label}申请"
    words = outcome_words(application)
    return ApplicationRow(application, title, words, texts_of(application), steps, is_extension)


def texts_of(application: Any) -> list[tuple[str, str]]:
    if isinstance(application, CloseOut):
        texts = [
            ("整改完成情况", application.statement),
            ("对退回意见的答复", answered_in(application)),
            ("措施说明", application.explanations),
        ]
        return [(label, text) for label, text in texts if text]
    return [("延期理由", application.reason), ("目前进展", application.progress)]


def _step(step: Any, application: Any) -> StepRow:
    label = str(Step(step.step).label)
    if step.outcome == StepOutcome.WITHDRAW:
        what = "撤回申请"
    elif step.outcome == StepOutcome.RETURN:
        what = f"{label}：退回"
    else:
        what = "提交申请" if step.step == Step.APPLY else f"{label}：同意"
    who = step.by_label
    if step.on_paper:
        who = f"{step.signer} {wording.date(step.signed_on)}纸质签字，{step.by_label}代录"
    elif step.stands_for:
        who = f"{step.by_label}（代{step.stands_for.name}）"
    return StepRow(step, what, who, step.files, step.outcome == StepOutcome.RETURN)


def _returned(problem: Problem, rounds: Sequence[RoundRow]) -> ApplicationRow | None:
    """The newest application of this round when it came back and nothing was done since: its reason
    stands on top of the page."""
    if problem.status not in BY_HAND or problem.withdrawn or problem.carried:
        return None
    current = [
        row for round_row in rounds if round_row.number == problem.round for row in round_row.applications
    ]
    newest: dict[bool, ApplicationRow] = {}
    for row in current:
        newest.setdefault(row.is_extension, row)
    back = [row for row in newest.values() if row.application.outcome == Outcome.RETURNED]
    back = [row for row in back if not row.is_extension or _still_asked(problem, row.application)]
    return max(back, key=lambda row: row.application.ended_at) if back else None


def _still_asked(problem: Problem, extension: Extension) -> bool:
    """Nothing was reported and no other date set since the extension came back."""
    noted = problem.notes.filter(at__gt=extension.ended_at).exists()
    return not noted and problem.deadline == extension.old_date
