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


POSTS = [
    *((1, "宣传部部长", ""), (2, "县委办公室主任", "钱某"), (3, "发改局局长", ""), (4, "宣传部副部长", "")),
    *((5, "丁镇党委书记", ""), (6, "政法委书记", ""), (7, "县人大常委会主任", ""), (8, "乙县县长", "")),
    *((9, "副部长", ""), (10, "公安局长", ""), (11, "法院院长", "")),
]


@pytest.mark.parametrize(
    ("words", "chosen"),
    [
        *(
            ("宣传部长", "1"),
            ("宣传部部长", "1"),
            ("县委办主任", "2"),
            ("县委办主任钱某", "2"),
            ("发改局长", "3"),
        ),
        *(("发改局长王某", "3"), ("宣传副部长", "4"), ("丁镇书记", "5"), ("政法委员会书记", "6")),
        *(("县人大主任", "7"), ("乙县长", "8"), ("副部长", "9"), ("公安局局长", "10"), ("法院长", "11")),
        *(("部长", NEW), ("局长", NEW), ("县长", NEW), ("书记", NEW), ("主任", NEW)),
        *(
            ("组织部长", NEW),
            ("宣传部常务副部长", NEW),
            ("县委办副主任", NEW),
            ("丁镇副书记", NEW),
            ("公安副局长", NEW),
        ),
    ],
)
def test_a_post_is_known_as_it_is_said(words: str, chosen: str) -> None:
    [match] = match_names([words], POSTS, "leader", {}, shortened=False)
    assert match.chosen == chosen


def test_a_post_said_in_two_ways_is_the_one_written_so() -> None:
    twice = [(1, "宣传部长", ""), (2, "宣传部部长", "")]
    assert [match_names([post], twice, "leader", {}, shortened=False)[0].chosen for _, post, _ in twice] == [
        "1",
        "2",
    ]
    [match] = match_names(
        ["宣传部长"], [(1, "宣传部部长", ""), (2, "宣传部部长", "")], "leader", {}, shortened=False
    )
    assert (match.chosen, match.several) == (NEW, True), "of two units: nobody until somebody chooses"


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
