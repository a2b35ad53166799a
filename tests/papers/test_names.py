"""Which leader or unit a paper means: by post, by the name of the account, or by both together."""

from __future__ import annotations

import pytest

from rectify.papers.names import NEW, match_names

LEADERS = [(1, "常务副县长", "吕某"), (2, "副县长", ""), (3, "县委副书记", "副县长"), (4, "局长", "王某某")]


def taken_for(words: str) -> str:
    [match] = match_names([words], LEADERS, "leader", {}, shortened=False)
    return match.chosen


@pytest.mark.parametrize(
    ("words", "chosen"),
    [
        ("常务副县长", "1"),
        ("吕某", "1"),
        ("副县长吕某", "1"),  # the name is said, whatever the post
        ("局长王某某", "4"),
        ("副县长柯某", "2"),  # nobody is known of that name: the post without an account
        ("局长柯某", NEW),  # that post has another holder
        ("县长", NEW),
        ("柯某", NEW),
    ],
)
def test_a_leader_is_known_by_name_or_by_post(words: str, chosen: str) -> None:
    assert taken_for(words) == chosen


def test_two_of_one_name_are_nobody_until_somebody_chooses() -> None:
    twins = [(1, "副县长", "吕某"), (2, "副书记", "吕某")]
    [match] = match_names(["副县长吕某"], twins, "leader", {}, shortened=False)
    assert (match.chosen, match.several, match.sure) == (NEW, True, False)
    [match] = match_names(["副县长吕某"], twins, "leader", {"leader-0": "2"}, shortened=False)
    assert match.chosen == "2"


def test_a_unit_is_known_by_a_shortened_name_and_no_post_parts_it() -> None:
    units = [(1, "县委宣传部", "宣传部"), (2, "县文化旅游局", "文旅局")]
    names = ["宣传部", "县文化旅游局", "文旅局局长王某"]
    chosen = [match.chosen for match in match_names(names, units, "unit", {}, shortened=True)]
    assert chosen == ["1", "2", NEW]
