"""The one filled button of the item page: of every set of acts at most one, and the one that presses."""

from __future__ import annotations

from itertools import combinations

import pytest

from rectify.choices import Action
from rectify.policies.closing import DECIDING
from rectify.selectors.item.main_act import USUAL, main_act

REVIEW = next(act for act in sorted(DECIDING) if "review" in act)
FEW = (REVIEW, Action.APPLY_CLOSE_OUT, Action.URGE, Action.ISSUE_SUPERVISION, Action.ADD_PROGRESS)


def test_of_any_acts_the_main_one_is_one_of_them() -> None:
    for count in range(len(FEW) + 1):
        for acts in combinations(FEW, count):
            for pressing in (None, Action.URGE, Action.ISSUE_SUPERVISION):
                main = main_act(acts, pressing, ready=False, unassigned=False)
                assert (main in acts) if set(acts) - {Action.URGE} or pressing in acts else main == ""


@pytest.mark.parametrize(
    ("pressing", "ready", "unassigned", "main"),
    [
        (None, False, False, Action.ADD_PROGRESS),
        (None, True, False, Action.APPLY_CLOSE_OUT),
        (Action.URGE, False, False, Action.URGE),
        (Action.ISSUE_SUPERVISION, False, False, Action.ISSUE_SUPERVISION),
        (Action.ASSIGN, False, True, Action.ASSIGN),
        (None, False, True, Action.ASSIGN),
    ],
)
def test_what_presses_comes_first(
    pressing: Action | None, ready: bool, unassigned: bool, main: Action
) -> None:
    allowed = {*USUAL, Action.URGE, Action.ASSIGN}
    assert main_act(allowed, pressing, ready, unassigned) == main
    assert main_act({*allowed, REVIEW}, pressing, ready, unassigned) == REVIEW


def test_what_undoes_or_is_rare_is_never_the_main_one() -> None:
    seldom = {Action.REOPEN, Action.WITHDRAW, Action.EDIT_PROBLEM, Action.CORRECT_DEADLINE, Action.SET_STATUS}
    assert main_act(seldom, None, ready=False, unassigned=False) == ""
