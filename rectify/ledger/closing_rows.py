"""Where the closing of each problem stands: its extensions, its application, and what each step said."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from rectify import clock
from rectify.choices import Status, Step, StepOutcome
from rectify.models import CloseOut, CloseOutStep, Extension, Problem
from rectify.models.many import MANY, ManyQuery
from rectify.wording import date, extended_words, lateness, numeral

WAITS = {Step.CONFIRM: "单位负责人确认", Step.REVIEW: "整改办审核", Step.SIGN: "责任领导签字"}
AGREED = "同意"


@dataclass(frozen=True, slots=True)
class Concluding:
    """The newest application of a problem's round in words: how far it is, who asked, who said what."""

    standing: str = ""
    applied: str = ""
    review: str = ""
    acceptance: str = ""


NOT_APPLIED = Concluding()


class ClosingReader:
    """Reads for a chunk of problems; `end` is the moment a past day ended, `turns` the round of each."""

    def __init__(self, *, end: dt.datetime | None, using: str) -> None:
        passed = Extension.objects.using(using).passed().filter(problem__in=MANY).order_by("pk")
        applied = CloseOut.objects.using(using).filter(problem__in=MANY).order_by("pk")
        steps = CloseOutStep.objects.using(using).filter(application__in=MANY).order_by("pk")
        if end:
            passed, applied = passed.filter(ended_at__lt=end), applied.filter(applied_at__lt=end)
            steps = steps.filter(at__lt=end)
        before = Problem.objects.using(using).filter(pk__in=MANY, extensions_before__gt=0).order_by()
        self._extended_before = ManyQuery(before.values_list("pk", "extensions_before"))
        self._passed = ManyQuery(passed)
        self._applied, self._steps = ManyQuery(applied), ManyQuery(steps)

    def extensions(self, ids: list[int], turns: Mapping[int, int]) -> dict[int, str]:
        """How often the deadline was extended in this round, and the days that had run before."""
        counts = {pk: count for pk, count in self._extended_before.rows(ids) if turns.get(pk) == 1}
        days: dict[int, int] = defaultdict(int)
        for each in self._passed.rows(ids):
            if each.round == turns.get(each.problem_id):
                counts[each.problem_id] = counts.get(each.problem_id, 0) + 1
                days[each.problem_id] += each.overdue_days
        return {pk: extended_words(count, days[pk]) for pk, count in counts.items()}

    def applications(self, ids: list[int], turns: Mapping[int, int]) -> dict[int, Concluding]:
        """The newest application of this round: its steps to that day decide."""
        applied: list[CloseOut] = self._applied.rows(ids)
        newest = {each.problem_id: each for each in applied if each.round == turns.get(each.problem_id)}
        taken: dict[int, list[CloseOutStep]] = defaultdict(list)
        for step in self._steps.rows([each.pk for each in newest.values()]):
            taken[step.application_id].append(step)
        return {pk: _concluding(each, taken[each.pk]) for pk, each in newest.items() if each.pk in taken}


def close_out_words(
    application: str,
    status: str,
    deadline: dt.date | None,
    original: dt.date | None,
    closed_on: dt.date | None,
    turn: int,
    carried: bool,
) -> str:
    """What the column on closing says."""
    words = "未销号"
    if closed_on is not None:
        words = f"{date(closed_on)}\n{lateness(closed_on, deadline, original)}"
    elif carried:
        words = "已结转"
    elif status == Status.FINISHED_BEFORE:
        words = str(Status.FINISHED_BEFORE.label)
    elif application:
        words = application
    return f"{words}\n（第{numeral(turn)}轮整改）" if turn > 1 else words


def _concluding(application: CloseOut, steps: list[CloseOutStep]) -> Concluding:
    """An application taken back says nothing: the next one will."""
    if steps[-1].outcome == StepOutcome.WITHDRAW:
        return Concluding("未销号")
    return Concluding(
        standing=_standing(application, steps[-1]),
        applied="\n".join([f"{date(clock.day_of(application.applied_at))}申请", *_said(steps, Step.CONFIRM)]),
        review="\n".join(_said(steps, Step.REVIEW)),
        acceptance="\n".join(_said(steps, Step.SIGN)),
    )


def _standing(application: CloseOut, last: CloseOutStep) -> str:
    """待审核：等签字, 未销号（申请曾退回）, 阶段成果已确认: from the last step that was taken."""
    if last.outcome == StepOutcome.RETURN:
        return f"未销号\n{date(clock.day_of(last.at))}申请退回"
    path = application.path_steps
    waiting = path[0] if last.step == Step.APPLY else application.step_after(last.step)
    if waiting:
        return f"待审核\n等{WAITS[Step(waiting)]}"
    return f"{date(application.decided_on)}\n阶段成果已确认"


def _said(steps: Iterable[CloseOutStep], which: Step) -> list[str]:
    """The opinion of a step, below it who gave it and when; on paper the day that stands there."""
    lines = []
    for step in steps:
        if step.step == which:
            words = step.comment or AGREED
            lines.append(f"退回：{words}" if step.outcome == StepOutcome.RETURN else words)
            lines.append(step.signer or step.by_label)
            lines.append(date(step.signed_on or clock.day_of(step.at)))
    return lines
