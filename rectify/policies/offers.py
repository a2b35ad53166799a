"""The buttons of the item page: what its state calls for, each allowed or with the reason why not."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple

from rectify import clock
from rectify.choices import Action, Status, Step
from rectify.models import CloseOut, Extension, Problem, User
from rectify.models.closing import FOLLOWED
from rectify.models.deciders import key_to
from rectify.models.rank import Rank
from rectify.policies import RULES, may, taking
from rectify.policies.case import Case
from rectify.policies.closing import NOUNS, STEP_ACTS, Reviewed, open_application
from rectify.policies.closing_needs import lacking
from rectify.policies.decision import runs
from rectify.roles import HOLDERS
from rectify.transitions import BY_HAND, REOPENED

DECIDE_URLS: dict[type[Reviewed], str] = {CloseOut: "close_out_decide", Extension: "extension_decide"}


@dataclass(frozen=True)
class Offer:
    """One button of the item page; one that is not allowed is shown grey with its reason."""

    act: str
    label: str
    url_name: str
    allowed: bool
    why: str
    gaps: int = 0  # what an application still lacks


class Button(NamedTuple):
    """What the page would show; without a label and a URL, those of the act."""

    act: Action
    label: str = ""
    url_name: str = ""


def offered(user: User, problem: Problem) -> list[Offer]:
    """The buttons for this person, in their order."""
    return [*_deciding(user, problem), *(_offer(user, problem, button) for button in _shown(user, problem))]


def _shown(user: User, problem: Problem) -> Iterator[Button]:
    """A button that is not allowed is explained only to people whose role could have it."""
    for button in _wanted(problem):
        rule = RULES[button.act].who
        told = runs(user, problem.report) or user.has_role(*set(HOLDERS).intersection(rule.roles))
        if told or rule.holds(Case(user, button.act, problem)):
            yield button


def _offer(user: User, problem: Problem, button: Button) -> Offer:
    decision = may(user, button.act, problem)
    label, url_name = button.label or str(button.act.label), button.url_name or str(button.act)
    applies = decision and button.act == Action.APPLY_CLOSE_OUT
    gaps = len(lacking(problem)) if applies else 0
    label += f"（还差 {gaps} 处）" if gaps else ""
    return Offer(button.act, label, url_name, decision.allowed, decision.why, gaps)


def _wanted(problem: Problem) -> Iterator[Button]:
    yield Button(Action.ADD_PROGRESS, "填报进展", "progress_add")
    yield Button(Action.ADD_MEASURE, "新增措施", "measure_add")
    yield Button(Action.SET_STATUS, "变更状态", "problem_status")
    yield Button(Action.INSTRUCT, "写批示", "instruct")
    if problem.rank == Rank.OPEN and problem.due < clock.today():
        yield Button(Action.URGE, "催办")
    yield Button(Action.ISSUE_SUPERVISION, "签发督办单", "supervise")
    yield from _procedures(problem)
    yield Button(Action.ASSIGN, "明确责任", "assign")
    yield Button(Action.EDIT_PROBLEM, "修改问题", "problem_edit")
    yield Button(Action.RESTORE if problem.withdrawn else Action.WITHDRAW)


def _procedures(problem: Problem) -> Iterator[Button]:
    """The buttons of the reviewed procedures that the state of the problem calls for."""
    if problem.status in (*BY_HAND, Status.STANDING):
        yield Button(Action.APPLY_CLOSE_OUT, "申请销号", "close_out_apply")
    if problem.status == Status.IN_REVIEW:
        yield Button(Action.WITHDRAW_CLOSE_OUT, "撤回申请", "close_out_withdraw")
    if problem.status in BY_HAND:
        yield Button(Action.APPLY_EXTENSION, "申请延期", "extension_apply")
        if open_application(Extension, problem):
            yield Button(Action.WITHDRAW_EXTENSION, "撤回延期申请", "extension_withdraw")
        yield Button(Action.CORRECT_DEADLINE, "更正时限", "deadline_correct")
    if problem.status in FOLLOWED:
        yield Button(Action.RECORD_FOLLOW_UP, "回头看", "follow_up")
    if problem.status in REOPENED:
        yield Button(Action.REOPEN, "重新整改", "reopen")


def _deciding(user: User, problem: Problem) -> Iterator[Offer]:
    """The step of each open application, for those who hold one of its steps."""
    for model, url_name in DECIDE_URLS.items():
        application = open_application(model, problem)
        if application is None:
            continue
        application.problem = problem
        as_what, step = taking(user, application), application.waiting
        if as_what is None:
            own = (one for one in application.path_steps if key_to(user, one, problem))
            if (step := next(own, "")) == "":
                continue
        act = STEP_ACTS[model][step]
        decision = may(user, act, application)
        label = f"{'代录' if as_what and as_what.on_paper else ''}{Step(step).label}{NOUNS[model]}"
        yield Offer(act, label, url_name, decision.allowed, decision.why)
