"""The states in which acts make sense: each with its test of one thing, its query of many, and its sentence.

Most are about a problem: an act on a whole ledger, or on none, finds them fulfilled.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from django.db.models import Exists, OuterRef, Q

from rectify.choices import ENDED, Action, LinkStatus, MeasureKind, MeasureStatus, Status
from rectify.models import Extension, Measure, ProgressNote
from rectify.models.analysis import Link
from rectify.models.closing import FOLLOWED
from rectify.policies.closing import STEP_OF, open_application
from rectify.policies.rule import Condition
from rectify.transitions import BY_HAND, OPEN_FOR_WORK, PROBLEM, REOPENED, targets


def _problem(holds: Callable[[Any], bool], why: str, query: Q | None = None) -> Condition:
    """A condition of the problem the act is about."""
    return Condition(
        lambda case: case.problem is None or holds(case.problem),
        why,
        None if query is None else lambda case: query,
    )


def _in_status(statuses: tuple[str, ...], why: str) -> Condition:
    return _problem(lambda problem: problem.status in statuses, why, Q(status__in=statuses))


# -- problems -----------------------------------------------------------------------------------------

WITHDRAWN = _problem(lambda problem: problem.withdrawn, "这一项没有撤回，无需恢复。", Q(withdrawn=True))
NOT_WITHDRAWN = _problem(
    lambda problem: not problem.withdrawn, "这一项已撤回，恢复后才能继续办理。", Q(withdrawn=False)
)
NOT_CARRIED = _problem(
    lambda problem: not problem.carried,
    "这一项已结转到{case.carried_to}，请在那里继续办理。",
    Q(carried=False),
)
NOT_CLOSED = _problem(
    lambda problem: problem.status != Status.CLOSED,
    "这一项已销号，内容已锁定。要继续整改，须由整改办写明理由重新整改。",
    ~Q(status=Status.CLOSED),
)
OPEN = _in_status(OPEN_FOR_WORK, "这一项{case.status}，内容已锁定。要补充，请先撤回申请。")
STATUS_BY_HAND = _in_status(
    tuple(status for status in Status if targets(PROBLEM, Action.SET_STATUS, status)),
    "{case.status}的事项不能手工变更状态。",
)
HAS_DEADLINE = _problem(
    lambda problem: problem.deadline is not None,
    "这一项还没有定整改时限，请在“明确责任”里填写。",
    Q(deadline__isnull=False),
)
CONCLUDED = _in_status(FOLLOWED, "{case.status}的事项不需要{case.label}，已销号或长期坚持的才需要。")

# What a conclusion freezes, though it is open while a problem is in review; and what needs a problem on
# which work goes on.
NOT_FROZEN = (NOT_CARRIED, NOT_CLOSED)
WORK_GOES_ON = (NOT_WITHDRAWN, *NOT_FROZEN, OPEN)
IS_CONCLUDED = (NOT_WITHDRAWN, NOT_CARRIED, CONCLUDED)
CAN_BE_REOPENED = (
    *(NOT_WITHDRAWN, NOT_CARRIED),
    _in_status(REOPENED, "{case.status}的事项不需要{case.label}，已办结或长期坚持的才需要。"),
)

# -- applying -----------------------------------------------------------------------------------------

NOT_STANDING = _problem(
    lambda problem: problem.status != Status.STANDING,
    "长期坚持的事项按期回头看，不直接销号；确需销号的，先由整改办重新整改。",
    ~Q(status=Status.STANDING),
)
CLOSABLE = (
    NOT_STANDING,
    _in_status(BY_HAND, "{case.status}的事项不能申请销号。"),
)
EXTENSIBLE = (
    _in_status(BY_HAND, "{case.status}的事项不需要延期。"),
    replace(HAS_DEADLINE, why="这一项还没有定整改时限，请由整改办先明确。"),
    _problem(
        lambda problem: open_application(Extension, problem) is None,
        "已有一份延期申请在办理，请等办结或先撤回。",
        ~Q(Exists(Extension.objects.open().filter(problem=OuterRef("pk")))),
    ),
    Condition(
        lambda case: case.problem is None or case.granted < case.most,
        "这一项已延期 {case.granted} 次，最多 {case.most} 次，不能再延。",
    ),
)

# -- deciding -----------------------------------------------------------------------------------------

APPLIED_FOR = Condition(
    lambda case: case.problem is None or case.application is not None, "现在没有等待办理的{case.noun}。"
)
_WAITS = Condition(
    lambda case: case.application is not None and case.application.is_open,
    APPLIED_FOR.why,
    lambda case: Q(ended_at__isnull=True),
)
_AT_STEP = Condition(
    lambda case: STEP_OF.get(case.act, case.application.waiting) == case.application.waiting,
    "这份{case.noun}现在等{case.waits_for}{case.step}。",
    lambda case: Q(waiting=STEP_OF[case.act]),
)
_NOT_THE_APPLICANT = Condition(
    lambda case: case.user.pk != case.application.applicant_id,
    "这是您自己提交的{case.noun}，{case.step}须由另一位同志办理。",
    lambda case: ~Q(applicant=case.user),
)
_NO_OTHER_STEP = Condition(
    lambda case: case.own_capacity is None or not case.taken,
    "您已办理过这份申请的{case.taken}，{case.step}须由另一位同志办理。",
    lambda case: Q(),  # the query of the decider leaves them out
)
# Every step is taken by another person than the one before it.
ANOTHER_PERSON = (_NOT_THE_APPLICANT, _NO_OTHER_STEP)
WAITS_FOR_THE_STEP = (
    _WAITS,
    replace(NOT_WITHDRAWN, query=lambda case: Q(problem__withdrawn=False)),
    _AT_STEP,
    *ANOTHER_PERSON,
)

# -- measures, notes, links ---------------------------------------------------------------------------

MEASURE_OPEN = Condition(
    lambda case: not isinstance(case.thing, Measure) or case.thing.status == MeasureStatus.OPEN,
    "这条措施{case.measure_status}，不能再改。",
)
LACKS_RULE = (
    Condition(
        lambda case: (
            not isinstance(case.thing, Measure)
            or (case.thing.status == MeasureStatus.DONE and case.thing.kind == MeasureKind.LASTING)
        ),
        "只有已完成的长久立措施才补录制度成果。",
    ),
    Condition(
        lambda case: not isinstance(case.thing, Measure) or not case.thing.rule_name,
        "这条措施已有制度成果。",
    ),
)
NOT_CORRECTED = Condition(
    lambda case: not isinstance(case.thing, ProgressNote) or not hasattr(case.thing, "correction"),
    "这条进展已有更正，请在更正后的那一条上再更正。",
)
NOT_CONFIRMED = Condition(
    lambda case: not isinstance(case.thing, Link) or case.thing.status != LinkStatus.CONFIRMED,
    "这一对应关系已确认。",
)
NOT_REJECTED = Condition(
    lambda case: not isinstance(case.thing, Link) or case.thing.status != LinkStatus.REJECTED,
    "这一对应关系已否定。",
)

# -- what chases --------------------------------------------------------------------------------------

_DONE_WITH = Q(withdrawn=True) | Q(carried=True) | Q(status__in=ENDED)


def _still_chased(problem: Any) -> bool:
    return not (problem.withdrawn or problem.carried or problem.status in ENDED)


TO_SUPERVISE = _problem(_still_chased, "这一项已撤回、已结转或已销号，不再督办。", ~_DONE_WITH)
INSTRUCTED_ON_PAPER = (
    Condition(
        lambda case: case.leads or case.problem.leader is not None, "责任领导还没有明确，不能代录批示。"
    ),
    Condition(
        lambda case: case.leads or case.problem.leader.user_id is None,
        "{case.problem.leader}有账号，批示由本人填写。",
    ),
)
INSTRUCTABLE = (
    replace(TO_SUPERVISE, why="这一项已撤回、已结转或已销号，不能再批示。"),
    *INSTRUCTED_ON_PAPER,
)
NOT_HANDLED = Condition(lambda case: not hasattr(case.thing, "handling"), "这条批示已经办理。")
STILL_TO_HANDLE = (NOT_HANDLED, replace(NOT_WITHDRAWN, why="这一项已撤回，不必再办理。"))
NOT_SIGNED_FOR = Condition(lambda case: not hasattr(case.thing, "receipt"), "这张督办单已经签收。")
TO_REPLY = (
    Condition(lambda case: not hasattr(case.thing, "reply"), "这张督办单已经回复，回复不能再改。"),
    Condition(lambda case: hasattr(case.thing, "receipt"), "请先签收，再回复。"),
)

# -- the house ----------------------------------------------------------------------------------------

SECOND_PERSON = Condition(
    lambda case: case.thing.requested_by_id != case.user.pk, "清除须由两人办理，请另一位同志确认。"
)
