"""What a person may do with a problem now, and what not, grouped by the reason."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from rectify.choices import Action
from rectify.policies.closing import DECIDING
from rectify.policies.offers import Offer

# What is done seldom, or undoes something.
RARE = (
    *(Action.ASSIGN, Action.EDIT_PROBLEM, Action.CORRECT_DEADLINE),
    *(Action.WITHDRAW_CLOSE_OUT, Action.WITHDRAW_EXTENSION),
)


@dataclass(frozen=True)
class Buttons:
    """What may be done now, and what may not, grouped by the reason."""

    progress: Offer | None
    measure: Offer | None
    turn: Offer | None
    main: str  # the act of the one filled button
    rare: Sequence[Offer] = ()  # in the menu of the item
    open: Sequence[Offer] = ()
    closed: dict[str, list[Offer]] = field(default_factory=dict)
    locked: str = ""  # why nothing may be reported: said once, without the buttons it takes away

    @property
    def acts(self) -> bool:
        """Whether the page has anything to say of what is to be done."""
        return bool(self.progress or self.open or self.closed or self.locked)


def buttons_of(
    offered_now: Sequence[Offer], main: str, unassigned: bool, elsewhere: Sequence[str]
) -> Buttons:
    """What stands on the page itself (the progress form, the decisions, what is said `elsewhere`) is no
    button besides; of an item that is nobody's the first thing to do is to say whose it is."""
    offers = {o.act: o for o in offered_now if not (o.allowed and o.act in DECIDING)}
    progress = offers.pop(Action.ADD_PROGRESS, None)
    measure = offers.pop(Action.ADD_MEASURE, None)
    turn = offers.pop(Action.WITHDRAW, None) or offers.pop(Action.RESTORE, None)
    closed: dict[str, list[Offer]] = {}
    locked = progress.why if progress and not progress.allowed else ""
    for offer in (*offers.values(), measure, turn):
        if offer and not offer.allowed and offer.why != locked:
            closed.setdefault(offer.why, []).append(offer)
    allowed = [offer for offer in offers.values() if offer.allowed]
    seldom = set(RARE) - ({Action.ASSIGN} if unassigned else set())
    rare = [offer for offer in allowed if offer.act in seldom]
    return Buttons(
        _allowed(progress),
        _allowed(measure),
        _allowed(turn),
        main,
        rare,
        sorted(
            (one for one in allowed if one not in rare and one.act not in elsewhere),
            key=lambda one: one.act != main,
        ),
        closed,
        locked,
    )


def _allowed(offer: Offer | None) -> Offer | None:
    return offer if offer and offer.allowed else None
