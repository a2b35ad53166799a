"""Every way in which work passes to somebody: one row each, read by the inbox and by the messages.

A row says where the work waits (`group`, `query`, `roles`, `button`), and after which acts who is told what
(`acts`, `changed`, `to`, `kind`, `message`). Without a query it waits among 请知悉 until it is read.
"""

from __future__ import annotations

from dataclasses import dataclass

from rectify.choices import Action, NoticeKind, RagStatus, Role, SupervisionState, Todo
from rectify.roles import REPORTING


@dataclass(frozen=True)
class HandOver:
    """Work that passes to somebody."""

    group: str
    query: str = ""  # the list in which it waits and is counted
    list: str = "problems"
    roles: tuple[str, ...] = ()  # whose inbox asks for it; everybody's without
    button: str = ""
    anchor: str = ""  # where on the page of the item the work is done
    page: str = ""  # or the page of its own on which it is
    kind: str = ""
    acts: tuple[str, ...] = ()
    changed: tuple[str, ...] = ()  # of the item's fields one has to change; any act without
    to: tuple[str, ...] = ()  # names of Directory
    message: str = ""

    def follows(self, act: str, changed: set[str]) -> bool:
        """Whether this act, which changed these fields, hands the work over."""
        return act in self.acts and (not self.changed or not changed.isdisjoint(self.changed))


READ = "请知悉"
PAPERS = "supervisions"
UNIT, ALL = ("clerks", "heads"), ("clerks", "heads", "leaders")
_ASSIGNING = (Action.ASSIGN, Action.ADD_PROBLEM)
_CLOSING = (Action.CONFIRM_CLOSE_OUT, Action.REVIEW_CLOSE_OUT, Action.SIGN_CLOSE_OUT)
_EXTENDING = (Action.CONFIRM_EXTENSION, Action.REVIEW_EXTENSION, Action.SIGN_EXTENSION)
_STEPS = (Action.APPLY_CLOSE_OUT, Action.APPLY_EXTENSION, *_CLOSING, *_EXTENDING)

# -- what waits for a decision; `TO_DECIDE` tells whoever the next step waits for

SIGN = HandOver("待我签字", f"todo={Todo.SIGN}", button="签字或退回", anchor="#decide")
REVIEW = HandOver("待我审核", f"todo={Todo.REVIEW}", button="审核", anchor="#decide")
CONFIRM = HandOver("待我确认", f"todo={Todo.CONFIRM}", button="确认", anchor="#decide")
TO_DECIDE = HandOver(
    "待我办理",
    kind=NoticeKind.TO_DECIDE,
    acts=_STEPS,
    to=("deciders",),
    message="{code} 的{noun}等您{step}。",
)

# -- what the responsible unit has to do

RETURNED = HandOver(
    str(Todo.RETURNED.label),
    f"todo={Todo.RETURNED}",
    roles=REPORTING,
    button="查看并补充",
    anchor="#returned",
    kind=NoticeKind.RETURNED,
    acts=(Action.RETURN_CLOSE_OUT, Action.RETURN_EXTENSION),
    to=("applicant", *UNIT),
    message="{code} 的{noun}被退回，请按退回意见补充后重新申请。",
)
ASSIGNED = HandOver(
    str(Todo.ASSIGNED.label),
    f"todo={Todo.ASSIGNED}",
    roles=REPORTING,
    button="拟定措施",
    page="measure_add",
    kind=NoticeKind.ASSIGNED,
    acts=_ASSIGNING,
    changed=("lead_unit", "clerk"),
    to=UNIT,
    message="{code} 交由{unit}整改{until}，请拟定整改措施。",
)
REOPENED = HandOver(
    str(Todo.REOPENED.label),
    f"todo={Todo.REOPENED}",
    roles=REPORTING,
    button="填报进展",
    anchor="#progress",
    kind=NoticeKind.REOPENED,
    acts=(Action.REOPEN, Action.RECORD_FOLLOW_UP),
    changed=("round",),
    to=ALL,
    message="{code} 重新整改，开始第 {round} 轮{until}。",
)
MEASURE_DUE = HandOver(
    str(Todo.MEASURE_DUE.label),
    f"todo={Todo.MEASURE_DUE}",
    roles=REPORTING,
    button="办理措施",
    anchor="#measures",
)
FINISHED = HandOver(
    str(Todo.FINISHED.label),
    f"todo={Todo.FINISHED}",
    roles=REPORTING,
    button="申请销号",
    page="close_out_apply",
)
INSTRUCTED = HandOver(
    "批示待办理",
    "instruction=mine",
    roles=REPORTING,
    button="办理批示",
    anchor="#instructions",
    kind=NoticeKind.INSTRUCTION,
    to=UNIT,
    message="{leader}对 {code} 作了批示，请办理。",
)
FOLLOW_UP = HandOver("到期回头看", f"todo={Todo.FOLLOW_UP}", button="登记", anchor="#rounds")

# -- 督办单 addressed to the person

PAPER_LATE = HandOver("督办单逾期未回复", f"state={SupervisionState.OVERDUE}", PAPERS, button="回复")
PAPER_NEW = HandOver("督办单待签收", f"state={SupervisionState.TO_ACKNOWLEDGE}", PAPERS, button="签收")
PAPER_OPEN = HandOver("督办单待回复", f"state={SupervisionState.TO_REPLY}", PAPERS, button="回复")

# -- what time brings; the daily reminder tells

OVERDUE = HandOver("逾期", f"light={RagStatus.OVERDUE}&arrears=recent")
ARREARS = HandOver("逾期超过一年", f"light={RagStatus.OVERDUE}&arrears=old")
DUE_SOON = HandOver("临期", f"light={RagStatus.DUE_SOON}")
UNREPORTED = HandOver("本期未报", f"light={RagStatus.UNREPORTED}")
UNDATED = HandOver("未定整改时限", f"light={RagStatus.UNDATED}", roles=(Role.OFFICE,))

# -- what the office has to give to somebody

OPEN_LIGHTS = (
    *(RagStatus.OVERDUE, RagStatus.DUE_SOON, RagStatus.UNREPORTED, RagStatus.UNDATED, RagStatus.NORMAL),
)
_OPEN = "".join(f"&light={light}" for light in OPEN_LIGHTS)
NO_LEADER = HandOver("未明确责任领导", f"leader=none{_OPEN}", roles=(Role.OFFICE,))
NO_UNIT = HandOver("未明确责任单位", f"unit=none{_OPEN}", roles=(Role.OFFICE,))
SUGGESTED = HandOver("建议督办", "suggest=1", roles=(Role.OFFICE,))

# -- what somebody should know; gone once it is read

LEADS = HandOver(
    READ,
    kind=NoticeKind.CHANGED,
    acts=_ASSIGNING,
    changed=("leader",),
    to=("leaders",),
    message="{code} 由您负责，{unit}承办{until}。",
)
SUPPORTS = HandOver(
    READ,
    kind=NoticeKind.CHANGED,
    acts=_ASSIGNING,
    changed=("supporting_units",),
    to=("supporters",),
    message="{code} 由{unit}牵头，贵单位配合整改{until}。",
)
LEFT = HandOver(
    READ,
    kind=NoticeKind.CHANGED,
    acts=(Action.ASSIGN,),
    changed=("lead_unit",),
    to=("former",),
    message="{code} 已改由{unit}整改，贵单位不再承办。",
)
DATED = HandOver(
    READ,
    kind=NoticeKind.CHANGED,
    acts=(Action.ASSIGN, Action.CORRECT_DEADLINE),
    changed=("deadline",),
    to=ALL,
    message="{code} 的整改时限：{deadline}。",
)
STOPPED = HandOver(
    READ, kind=NoticeKind.CHANGED, acts=(Action.WITHDRAW,), to=ALL, message="{code} 已撤回，不必再办理。"
)
RESUMED = HandOver(
    READ, kind=NoticeKind.CHANGED, acts=(Action.RESTORE,), to=ALL, message="{code} 已恢复，请继续办理。"
)
CONCLUDED = HandOver(
    READ,
    kind=NoticeKind.DECIDED,
    acts=_CLOSING,
    changed=("status",),
    to=("applicant", *ALL),
    message="{code} {status}。",
)
EXTENDED = HandOver(
    READ,
    kind=NoticeKind.DECIDED,
    acts=_EXTENDING,
    changed=("deadline",),
    to=("applicant", *UNIT),
    message="{code} 已同意延期{until}。",
)
ANSWERED = HandOver(READ, kind=NoticeKind.ANSWER, message="{who}{how}您对 {code} 的批示。")
REPLIED = HandOver(READ, kind=NoticeKind.REPLY, message="{who}已回复{paper}。")
POST = HandOver(READ, kind=NoticeKind.POST, message="您的任职有变更：{post}{change}。")
TAKEN_OVER = HandOver(READ, kind=NoticeKind.HAND_OVER)
ANSWERED_DUTY = HandOver(READ, kind=NoticeKind.DUTY)

# What has to be decided stands first, whatever the colour of the rest.
DECISIONS = (SIGN, REVIEW, CONFIRM)
LIT = {
    OVERDUE: RagStatus.OVERDUE,
    ARREARS: RagStatus.OVERDUE,
    DUE_SOON: RagStatus.DUE_SOON,
    UNREPORTED: RagStatus.UNREPORTED,
    UNDATED: RagStatus.UNDATED,
}
WAITING = (
    *DECISIONS,
    *(RETURNED, OVERDUE, REOPENED, INSTRUCTED, PAPER_LATE, PAPER_NEW, PAPER_OPEN),
    *(MEASURE_DUE, DUE_SOON, UNREPORTED, ASSIGNED, FINISHED, FOLLOW_UP, ARREARS),
)
TO_ASSIGN = (UNDATED, NO_LEADER, NO_UNIT)
TOLD = (
    *(TO_DECIDE, LEADS, SUPPORTS, LEFT, DATED, STOPPED, RESUMED, CONCLUDED, EXTENDED),
    *(ANSWERED, REPLIED, POST, TAKEN_OVER, ANSWERED_DUTY),
)
HAND_OVERS = (*WAITING, *TO_ASSIGN, SUGGESTED, *TOLD)
# What is no work but to be known.
TO_READ = tuple(dict.fromkeys(row.kind for row in HAND_OVERS if row.group == READ))


def following(act: str, changed: set[str]) -> list[HandOver]:
    """The hand-overs of an act that changed these fields, in their order: a person is told of the first."""
    return [row for row in HAND_OVERS if row.follows(act, changed)]
