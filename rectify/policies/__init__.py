"""Who may do what: `may` for one act, `offered` for the buttons of a page, each with its reason."""

from __future__ import annotations

from typing import Any

from rectify.choices import Action, LinkStatus, MeasureStatus, Role, Status
from rectify.models import (
    CloseOut,
    Evidence,
    Extension,
    FollowUp,
    Manifestation,
    Measure,
    Problem,
    ProgressNote,
    Purge,
    Report,
    User,
)
from rectify.models.analysis import Link
from rectify.policies import administering, closing, supervising
from rectify.policies.decision import YES, Decision, Offer, runs
from rectify.transitions import OPEN_FOR_WORK, PROBLEM, targets

__all__ = ["Decision", "Offer", "may", "offered", "runs"]


# Acts of the office that runs the ledger.
OFFICE = {
    Action.CREATE_REPORT,
    Action.EDIT_REPORT,
    Action.LOAD_SOURCE,
    Action.EDIT_SETTINGS,
    Action.ADD_PROBLEM,
    Action.EDIT_PROBLEM,
    Action.ASSIGN,
    Action.WITHDRAW,
    Action.RESTORE,
    Action.CORRECT_DEADLINE,
    Action.REOPEN,
    Action.CARRY_OVER,
    Action.CONFIRM_LINK,
    Action.REJECT_LINK,
    Action.HAND_OVER,
    Action.REQUEST_PURGE,
    Action.ISSUE_SUPERVISION,
    Action.CHASE_UNREPORTED,
    Action.EDIT_DELIVERY,
    Action.TEST_DELIVERY,
    Action.SEND_AGAIN,
    Action.ADD_FROM_SHEET,
}
# Acts of the responsible unit (unit head or clerk), and of the office on its behalf.
UNIT = {
    Action.ADD_PROGRESS,
    Action.CORRECT_NOTE,
    Action.ADD_MEASURE,
    Action.EDIT_MEASURE,
    Action.FINISH_MEASURE,
    Action.DROP_MEASURE,
    Action.ADD_RULE,
    Action.SET_STATUS,
    Action.APPLY_CLOSE_OUT,
    Action.APPLY_EXTENSION,
    Action.WITHDRAW_CLOSE_OUT,
    Action.WITHDRAW_EXTENSION,
}
# Acts that only the lead unit may do, not a supporting one.
LEAD_ONLY = {
    Action.SET_STATUS,
    Action.APPLY_CLOSE_OUT,
    Action.APPLY_EXTENSION,
    Action.WITHDRAW_CLOSE_OUT,
    Action.WITHDRAW_EXTENSION,
}
# Acts that need a problem on which work goes on.
NEEDS_OPEN = (UNIT - closing.WITHDRAWING) | {
    Action.ASSIGN,
    Action.EDIT_PROBLEM,
    Action.WITHDRAW,
    Action.CORRECT_DEADLINE,
}
# Acts that a conclusion freezes too, though they are open while a problem is in review. The texts of a
# report are edited as before; what belongs to a concluded problem is not.
FROZEN = NEEDS_OPEN | {Action.CONFIRM_LINK, Action.REJECT_LINK, Action.EDIT_REPORT}
OF_PROBLEM = (Measure, ProgressNote, Evidence, Link, Purge, CloseOut, Extension, FollowUp, Manifestation)
MEASURE_ACTS = (Action.EDIT_MEASURE, Action.FINISH_MEASURE, Action.DROP_MEASURE)
ACCOUNTS = {Action.ADD_ACCOUNT, Action.EDIT_ACCOUNT, Action.SET_PASSWORD, Action.EDIT_REFERENCE}


def may(user: User, act: str, obj: Any = None) -> Decision:
    """Whether the person may do the act on the thing, with the reason when not."""
    if not user.is_active:
        return Decision(False, "账号已停用，请联系系统管理员。")
    if act in ACCOUNTS:
        return administering.decide(user, act, obj)
    if act in (Action.CONFIRM_PURGE, Action.REFUSE_PURGE):
        return _second_person(user, obj)
    if act in (Action.EXPORT, Action.FILE_LEDGER):
        return _export(user, obj)
    if act in supervising.ACTS:
        return supervising.decide(user, act, obj)
    if act in closing.DECIDING:
        return closing.decide(user, act, obj)
    if act in (Action.NAME_STAND_IN, Action.END_STAND_IN):
        return closing.stand_in(user, obj)
    if act == Action.IMPORT:
        return _import(user)
    report = _report(obj)
    if act == Action.RECORD_FOLLOW_UP and not (runs(user, report) or _inspects(user, report)):
        return Decision(False, "回头看由整改办或督查检查人员办理。")
    if act in OFFICE and not runs(user, report):
        return Decision(False, f"{Action(act).label}由本台账的整改办办理。")
    problem = _problem(obj)
    if act in UNIT and problem and not _works(user, act, obj, problem):
        return Decision(False, f"{Action(act).label}由责任单位或整改办办理，您不在其中。")
    return _state(act, obj, problem)


def offered(user: User, problem: Problem) -> list[Offer]:
    """The buttons of the item page, in their order."""
    buttons = [
        (Action.ADD_PROGRESS, "填报进展", "progress_add", True),
        (Action.ADD_MEASURE, "新增措施", "measure_add", False),
        (Action.SET_STATUS, "变更状态", "problem_status", False),
        (Action.INSTRUCT, "写批示", "instruct", False),
        (Action.ISSUE_SUPERVISION, "签发督办单", "supervise", False),
        *((act, label, url_name, False) for act, label, url_name in closing.wanted(problem)),
        (Action.ASSIGN, "明确责任", "assign", False),
        (Action.EDIT_PROBLEM, "修改问题", "problem_edit", False),
        (Action.RESTORE if problem.withdrawn else Action.WITHDRAW, "", "", False),
    ]
    offers = closing.deciding_offers(user, problem)
    for act, label, url_name, main in buttons:
        decision = may(user, act, problem)
        if decision and act == Action.APPLY_CLOSE_OUT and (lacking := closing.lacking(problem)):
            decision = Decision(False, f"申请销号还差：{'，'.join(lacking)}。")
        name = url_name or str(act)
        offers.append(Offer(act, label or str(Action(act).label), name, decision.allowed, decision.why, main))
    return [offer for offer in offers if offer.allowed or _concerns(user, offer.act, problem)]


def _concerns(user: User, act: str, problem: Problem) -> bool:
    """A missing button is explained only to people whose role could have it."""
    if act in closing.DECIDING:
        return True
    if act == Action.INSTRUCT and user.has_role(Role.LEADER):
        return True
    if act == Action.RECORD_FOLLOW_UP and _inspects(user, problem.report):
        return True
    return runs(user, problem.report) or (act in UNIT and user.has_role(Role.UNIT_HEAD, Role.CLERK))


def _report(obj: Any) -> Report | None:
    if isinstance(obj, Report):
        return obj
    problem = _problem(obj)
    if problem is not None:
        return problem.report
    return getattr(obj, "report", None)


def _problem(obj: Any) -> Problem | None:
    if isinstance(obj, Problem):
        return obj
    if isinstance(obj, OF_PROBLEM):
        return obj.problem  # type: ignore[union-attr]
    return None


def _inspects(user: User, report: Report | None) -> bool:
    return report is not None and any(
        report.unit.path.startswith(path) for path in user.paths(Role.INSPECTOR)
    )


def _works(user: User, act: str, obj: Any, problem: Problem) -> bool:
    if runs(user, problem.report):
        return True
    units = set(user.unit_ids(Role.UNIT_HEAD, Role.CLERK))
    if not units:
        return False
    if problem.lead_unit_id in units:
        return True
    if act in LEAD_ONLY:
        return False
    if isinstance(obj, Measure):
        return obj.unit_id in units
    return any(unit.pk in units for unit in problem.supporting_units.all())


def _state(act: str, obj: Any, problem: Problem | None) -> Decision:
    if problem is None:
        return YES
    if act == Action.RESTORE:
        return YES if problem.withdrawn else Decision(False, "这一项没有撤回，无需恢复。")
    if act in (*NEEDS_OPEN, Action.REOPEN, Action.RECORD_FOLLOW_UP) and problem.withdrawn:
        return Decision(False, "这一项已撤回，恢复后才能继续办理。")
    if act in (*FROZEN, Action.REOPEN, Action.RECORD_FOLLOW_UP) and problem.carried:
        return Decision(False, f"这一项已结转到{_carried_to(problem)}，请在那里继续办理。")
    if act in FROZEN and problem.status == Status.CLOSED:
        return Decision(False, "这一项已销号，内容已锁定。要继续整改，须由整改办写明理由重新整改。")
    if act in NEEDS_OPEN and problem.status not in OPEN_FOR_WORK:
        return Decision(False, f"这一项{Status(problem.status).label}，内容已锁定。要补充，请先撤回申请。")
    if act == Action.ISSUE_SUPERVISION and (problem.withdrawn or problem.carried or problem.is_closed):
        return Decision(False, "这一项已撤回、已结转或已销号，不再督办。")
    if (decision := closing.state(act, problem, obj)) is not YES:
        return decision
    if act == Action.SET_STATUS and not targets(PROBLEM, act, problem.status):
        return Decision(False, f"{Status(problem.status).label}的事项不能手工变更状态。")
    if act in MEASURE_ACTS and isinstance(obj, Measure) and obj.status != MeasureStatus.OPEN:
        return Decision(False, f"这条措施{MeasureStatus(obj.status).label}，不能再改。")
    if act == Action.CORRECT_NOTE and isinstance(obj, ProgressNote) and hasattr(obj, "correction"):
        return Decision(False, "这条进展已有更正，请在更正后的那一条上再更正。")
    if act == Action.CONFIRM_LINK and isinstance(obj, Link) and obj.status == LinkStatus.CONFIRMED:
        return Decision(False, "这一对应关系已确认。")
    if act == Action.REJECT_LINK and isinstance(obj, Link) and obj.status == LinkStatus.REJECTED:
        return Decision(False, "这一对应关系已否定。")
    return YES


def _carried_to(problem: Problem) -> str:
    later = getattr(problem, "carried_to", None)
    return f"“{later.report}”第 {later.number} 项" if later else "新的台账"


def _second_person(user: User, purge: Purge) -> Decision:
    if purge.requested_by_id == user.pk:
        return Decision(False, "清除须由两人办理，请另一位同志确认。")
    if runs(user, purge.report) or administering.reaches(user, purge.report.unit.path):
        return YES
    return Decision(False, "清除由整改办申请，由另一位整改办人员或系统管理员确认。")


def _export(user: User, report: Report | None) -> Decision:
    roles = (Role.OFFICE, Role.LEADER, Role.UNIT_HEAD, Role.CLERK, Role.INSPECTOR)
    return YES if user.has_role(*roles) else Decision(False, "您的角色不接触业务内容，不能导出台账。")


def _import(user: User) -> Decision:
    """Who may bring a filled-in sheet back; each row is decided by the act it leads to."""
    if user.has_role(Role.OFFICE, Role.UNIT_HEAD, Role.CLERK):
        return YES
    return Decision(False, "填报表由责任单位或整改办填写和导入。")
