"""Who may do what: `may` for one act, `offered` for the buttons of a page, each with its reason."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from .choices import Act, LinkStatus, MeasureStatus, Role, Status
from .models import (
    Addressee,
    Evidence,
    Instruction,
    Leader,
    Measure,
    Membership,
    Problem,
    ProgressNote,
    Purge,
    Report,
    User,
)
from .models.analysis import Link
from .transitions import OPEN_FOR_WORK, PROBLEM, targets


@dataclass(frozen=True)
class Decision:
    """Whether an act is allowed, and why not."""

    allowed: bool
    why: str = ""

    def __bool__(self) -> bool:
        return self.allowed


@dataclass(frozen=True)
class Offer:
    """One button of the item page; one that is not allowed is shown grey with its reason."""

    act: str
    label: str
    url_name: str
    allowed: bool
    why: str
    main: bool = False


YES = Decision(True)

# Acts of the office that runs the ledger.
OFFICE = {
    Act.CREATE_REPORT,
    Act.EDIT_REPORT,
    Act.EDIT_SETTINGS,
    Act.ADD_PROBLEM,
    Act.EDIT_PROBLEM,
    Act.ASSIGN,
    Act.WITHDRAW,
    Act.RESTORE,
    Act.REGISTER_PAPER,
    Act.CONFIRM_LINK,
    Act.REJECT_LINK,
    Act.HAND_OVER,
    Act.REQUEST_PURGE,
    Act.ISSUE_SUPERVISION,
    Act.CHASE_UNREPORTED,
    Act.EDIT_DELIVERY,
    Act.TEST_DELIVERY,
}
# Acts of the responsible unit (unit head or clerk), and of the office on its behalf.
UNIT = {
    Act.ADD_PROGRESS,
    Act.CORRECT_NOTE,
    Act.ADD_MEASURE,
    Act.EDIT_MEASURE,
    Act.FINISH_MEASURE,
    Act.DROP_MEASURE,
    Act.SET_STATUS,
}
# Acts that only the lead unit may do, not a supporting one.
LEAD_ONLY = {Act.SET_STATUS}
# Acts that need a problem on which work goes on.
NEEDS_OPEN = UNIT | {Act.ASSIGN, Act.EDIT_PROBLEM, Act.WITHDRAW, Act.REGISTER_PAPER}
MEASURE_ACTS = (Act.EDIT_MEASURE, Act.FINISH_MEASURE, Act.DROP_MEASURE)
ACCOUNTS = {Act.ADD_ACCOUNT, Act.EDIT_ACCOUNT, Act.SET_PASSWORD, Act.EDIT_REFERENCE}


def may(user: User, act: str, obj: Any = None) -> Decision:
    """Whether the person may do the act on the thing, with the reason when not."""
    if not user.is_active:
        return Decision(False, "账号已停用，请联系系统管理员。")
    if act in ACCOUNTS:
        return _accounts(user, act)
    if act in (Act.CONFIRM_PURGE, Act.REFUSE_PURGE):
        return _second_person(user, obj)
    if act in (Act.EXPORT, Act.FILE_LEDGER):
        return _export(user, obj)
    if act in (Act.ACKNOWLEDGE_SUPERVISION, Act.REPLY_SUPERVISION):
        return _addressed(user, act, obj)
    if act == Act.INSTRUCT:
        return _instruct(user, obj)
    if act == Act.ACKNOWLEDGE_INSTRUCTION:
        return _handle(user, obj)
    report = _report(obj)
    if act in OFFICE and not _runs(user, report):
        return Decision(False, f"{Act(act).label}由本台账的整改办办理。")
    problem = _problem(obj)
    if act in UNIT and problem and not _works(user, act, obj, problem):
        return Decision(False, f"{Act(act).label}由责任单位或整改办办理，您不在其中。")
    return _state(act, obj, problem)


def offered(user: User, problem: Problem) -> list[Offer]:
    """The buttons of the item page, in their order."""
    buttons = [
        (Act.ADD_PROGRESS, "填报进展", "progress_add", True),
        (Act.ADD_MEASURE, "新增措施", "measure_add", False),
        (Act.SET_STATUS, "变更状态", "problem_status", False),
        (Act.INSTRUCT, "写批示", "instruct", False),
        (Act.ISSUE_SUPERVISION, "签发督办单", "supervise", False),
        (Act.ASSIGN, "明确责任", "assign", False),
        (Act.EDIT_PROBLEM, "修改问题", "problem_edit", False),
        (Act.RESTORE if problem.withdrawn else Act.WITHDRAW, "", "", False),
    ]
    offers = []
    for act, label, url_name, main in buttons:
        decision = may(user, act, problem)
        name = url_name or str(act)
        offers.append(Offer(act, label or str(act.label), name, decision.allowed, decision.why, main))
    return [offer for offer in offers if offer.allowed or _concerns(user, offer.act, problem)]


def _concerns(user: User, act: str, problem: Problem) -> bool:
    """A missing button is explained only to people whose role could have it."""
    if act == Act.INSTRUCT and user.has_role(Role.LEADER):
        return True
    return _runs(user, problem.report) or (act in UNIT and user.has_role(Role.UNIT_HEAD, Role.CLERK))


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
    if isinstance(obj, Measure | ProgressNote | Evidence | Link | Purge):
        return obj.problem  # type: ignore[union-attr]
    return None


def _runs(user: User, report: Report | None) -> bool:
    if report is None:
        return user.has_role(Role.OFFICE)
    return any(report.unit.path.startswith(path) for path in user.paths(Role.OFFICE))


def _works(user: User, act: str, obj: Any, problem: Problem) -> bool:
    if _runs(user, problem.report):
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
    return problem.supporting_units.filter(pk__in=units).exists()


def _state(act: str, obj: Any, problem: Problem | None) -> Decision:
    if problem is None:
        return YES
    if act == Act.RESTORE:
        return YES if problem.withdrawn else Decision(False, "这一项没有撤回，无需恢复。")
    if act in NEEDS_OPEN and problem.withdrawn:
        return Decision(False, "这一项已撤回，恢复后才能继续办理。")
    if act in NEEDS_OPEN and problem.status not in OPEN_FOR_WORK:
        return Decision(False, f"这一项{Status(problem.status).label}，内容已锁定。")
    if act == Act.ISSUE_SUPERVISION and (problem.withdrawn or problem.status == Status.CLOSED):
        return Decision(False, "这一项已撤回或已销号，不再督办。")
    if act == Act.SET_STATUS and not targets(PROBLEM, act, problem.status):
        return Decision(False, f"{Status(problem.status).label}的事项不能手工变更状态。")
    if act in MEASURE_ACTS and isinstance(obj, Measure) and obj.status != MeasureStatus.OPEN:
        return Decision(False, f"这条措施{MeasureStatus(obj.status).label}，不能再改。")
    if act == Act.CORRECT_NOTE and isinstance(obj, ProgressNote) and hasattr(obj, "correction"):
        return Decision(False, "这条进展已有更正，请在更正后的那一条上再更正。")
    if act == Act.CONFIRM_LINK and isinstance(obj, Link) and obj.status == LinkStatus.CONFIRMED:
        return Decision(False, "这一对应关系已确认。")
    if act == Act.REJECT_LINK and isinstance(obj, Link) and obj.status == LinkStatus.REJECTED:
        return Decision(False, "这一对应关系已否定。")
    return YES


def _addressed(user: User, act: str, addressee: Addressee) -> Decision:
    """Who a 督办单 is addressed to; the office for those who have no account."""
    units = user.unit_ids(Role.UNIT_HEAD, Role.CLERK)
    mine = addressee.unit_id in units if addressee.leader is None else addressee.leader.user_id == user.pk
    if not mine and not (_runs(user, addressee.report) and _has_nobody(addressee)):
        return Decision(False, f"发给{addressee}的督办单由对方签收和回复。")
    signed, replied = hasattr(addressee, "receipt"), hasattr(addressee, "reply")
    if act == Act.ACKNOWLEDGE_SUPERVISION:
        return Decision(False, "这张督办单已经签收。") if signed else YES
    if replied:
        return Decision(False, "这张督办单已经回复，回复不能再改。")
    return YES if signed else Decision(False, "请先签收，再回复。")


def _has_nobody(addressee: Addressee) -> bool:
    """Nobody with an account could sign for it."""
    if addressee.leader is not None:
        return addressee.leader.user is None or not addressee.leader.user.is_active
    posts = Membership.objects.filter(unit=addressee.unit_id, active=True, user__is_active=True)
    return not posts.filter(role__in=(Role.UNIT_HEAD, Role.CLERK)).exists()


def _instruct(user: User, problem: Problem) -> Decision:
    leads = user.has_role(Role.LEADER) and _leads(user, problem)
    if not leads and not _runs(user, problem.report):
        return Decision(False, "批示由负责这一项的领导填写，没有账号的领导由整改办代录。")
    if problem.withdrawn or problem.status == Status.CLOSED:
        return Decision(False, "这一项已撤回或已销号，不能再批示。")
    if leads or (problem.leader is not None and problem.leader.user_id is None):
        return YES
    if problem.leader is None:
        return Decision(False, "责任领导还没有明确，不能代录批示。")
    return Decision(False, f"{problem.leader}有账号，批示由本人填写。")


def _leads(user: User, problem: Problem) -> bool:
    own = Leader.objects.filter(user=user, active=True).first()
    if own is None:
        return False
    return problem.leader_id == own.pk or problem.supporting_leaders.filter(pk=own.pk).exists()


def _handle(user: User, instruction: Instruction) -> Decision:
    problem = instruction.problem
    units = user.unit_ids(Role.UNIT_HEAD, Role.CLERK)
    if problem.lead_unit_id not in units and not _runs(user, problem.report):
        return Decision(False, "批示由责任单位办理。")
    if hasattr(instruction, "handling"):
        return Decision(False, "这条批示已经办理。")
    return Decision(False, "这一项已撤回，不必再办理。") if problem.withdrawn else YES


def _accounts(user: User, act: str) -> Decision:
    if user.has_role(Role.SYSADMIN):
        return YES
    return Decision(False, f"{Act(act).label}由系统管理员办理。")


def _second_person(user: User, purge: Purge) -> Decision:
    if purge.requested_by_id == user.pk:
        return Decision(False, "清除须由两人办理，请另一位同志确认。")
    if _runs(user, purge.report) or user.has_role(Role.SYSADMIN):
        return YES
    return Decision(False, "清除由整改办申请，由另一位整改办人员或系统管理员确认。")


def _export(user: User, report: Report | None) -> Decision:
    roles = (Role.OFFICE, Role.LEADER, Role.UNIT_HEAD, Role.CLERK, Role.INSPECTOR)
    return YES if user.has_role(*roles) else Decision(False, "您的角色不接触业务内容，不能导出台账。")
