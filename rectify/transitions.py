"""Which act may lead from which status to which: one table for each thing that has a status."""

from rectify.choices import Action, LinkStatus, MeasureStatus, Status

# The statuses a person may set by hand. Closing, review and standing come from the reviewed path.
BY_HAND = (Status.NOT_STARTED, Status.IN_PROGRESS, Status.MOSTLY_DONE)

# Where an application that ends without a conclusion leads back to.
UNDER_WAY = (Status.IN_PROGRESS, Status.MOSTLY_DONE)
CONCLUDED = (Status.CLOSED, Status.STANDING)
REOPENED = (*CONCLUDED, Status.FINISHED_BEFORE)
CONCLUSIONS: dict[str, tuple[str, ...]] = dict.fromkeys(CONCLUDED, (Status.IN_REVIEW,))
BACK: dict[str, tuple[str, ...]] = dict.fromkeys(UNDER_WAY, (Status.IN_REVIEW,))

PROBLEM: dict[str, dict[str, tuple[str, ...]]] = {
    Action.SET_STATUS: {target: tuple(s for s in BY_HAND if s != target) for target in BY_HAND},
    Action.APPLY_CLOSE_OUT: {Status.IN_REVIEW: BY_HAND},
    # The last step of a ledger's path concludes, whichever it is.
    **dict.fromkeys((Action.CONFIRM_CLOSE_OUT, Action.REVIEW_CLOSE_OUT, Action.SIGN_CLOSE_OUT), CONCLUSIONS),
    # An application that ends without a conclusion leads back to where it came from.
    **dict.fromkeys((Action.RETURN_CLOSE_OUT, Action.WITHDRAW_CLOSE_OUT), BACK),
    Action.REOPEN: {Status.IN_PROGRESS: REOPENED},
    Action.RECORD_FOLLOW_UP: {Status.IN_PROGRESS: CONCLUDED},
}

MEASURE: dict[str, dict[str, tuple[str, ...]]] = {
    Action.FINISH_MEASURE: {MeasureStatus.DONE: (MeasureStatus.OPEN,)},
    Action.DROP_MEASURE: {MeasureStatus.DROPPED: (MeasureStatus.OPEN,)},
    Action.EDIT_MEASURE: {MeasureStatus.OPEN: (MeasureStatus.OPEN,)},
    Action.ADD_RULE: {MeasureStatus.DONE: (MeasureStatus.DONE,)},
}

LINK: dict[str, dict[str, tuple[str, ...]]] = {
    Action.CONFIRM_LINK: {LinkStatus.CONFIRMED: (LinkStatus.PENDING, LinkStatus.REJECTED)},
    Action.REJECT_LINK: {LinkStatus.REJECTED: (LinkStatus.PENDING, LinkStatus.CONFIRMED)},
}

# Statuses in which work goes on: progress, measures and assignments may change.
# What was finished before still takes the evidence that an old sheet did not bring.
OPEN_FOR_WORK = (*BY_HAND, Status.STANDING, Status.FINISHED_BEFORE)
# How a problem may begin: what an old sheet calls finished or standing was so before it came here.
BEGINNINGS = (Status.NOT_STARTED, Status.STANDING, Status.FINISHED_BEFORE)


def allowed(table: dict[str, dict[str, tuple[str, ...]]], act: str, source: str, target: str) -> bool:
    """Whether the act may lead from `source` to `target`."""
    return source in table.get(act, {}).get(target, ())


def targets(table: dict[str, dict[str, tuple[str, ...]]], act: str, source: str) -> list[str]:
    """Where the act may lead from `source`."""
    return [target for target, sources in table.get(act, {}).items() if source in sources]
