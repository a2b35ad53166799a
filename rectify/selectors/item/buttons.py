"""What a person may do with a problem now, and what not, grouped by the reason."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from rectify.choices import Action
from rectify.policies.closing import DECIDING
from rectify.policies.offers import Offer


@dataclass(frozen=True)
class Buttons:
    """What may be done now, and what may not, grouped by the reason."""

    progress: Offer | None
    measure: Offer | None
    turn: Offer | None
    open: Sequence[Offer] = ()
    closed: dict[str, list[Offer]] = field(default_factory=dict)


def buttons_of(offered_now: Sequence[Offer]) -> Buttons:
    """What stands on the page itself (the progress form, the decisions) is no button besides."""
    offers = {o.act: o for o in offered_now if not (o.allowed and o.act in DECIDING)}
    progress = offers.pop(Action.ADD_PROGRESS, None)
    measure = offers.pop(Action.ADD_MEASURE, None)
    turn = offers.pop(Action.WITHDRAW, None) or offers.pop(Action.RESTORE, None)
    closed: dict[str, list[Offer]] = {}
    for offer in (*offers.values(), *([turn] if turn and not turn.allowed else [])):
        if not offer.allowed:
            closed.setdefault(offer.why, []).append(offer)
    allowed = [offer for offer in offers.values() if offer.allowed]
    return Buttons(progress, measure, turn if turn and turn.allowed else None, allowed, closed)
