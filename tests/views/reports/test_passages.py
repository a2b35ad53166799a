"""A source text as HTML: lines to link to, passages that nest, cross or lie, and nothing unescaped."""

from __future__ import annotations

import re

import pytest

from rectify.intake.review.source_spans import Passage, highlighted, marked


def test_lines_are_places_to_link_to():
    html = marked("一\n二", [])
    assert html == (
        '<span id="l1" class="line-start"></span>一<span class="line"></span>'
        '<span id="l2" class="line-start"></span>二'
    )


def test_lines_of_the_file_may_lie_within_a_line():
    html = marked("一二", [], [(0, 3), (1, 4)])
    assert re.sub(r' class="line-start"', "", html) == '<span id="l3"></span>一<span id="l4"></span>二'


@pytest.mark.parametrize(
    ("passages", "expected"),
    [
        ([(0, 4), (1, 2)], "[一[二]三四]五"),
        ([(0, 3), (2, 5)], "[一二[三]]四五"),
        ([(0, 2), (2, 4)], "[一二][三四]五"),
        ([(0, 3), (2, 9), (4, 5)], "[一二[三]]四[五]"),
        ([(3, 3), (4, 2), (9, 12)], "一二三四五"),
        ([(1, 99)], "一[二三四五]"),
    ],
)
def test_passages_nest_and_never_cross(passages, expected):
    html = marked("一二三四五", [Passage(start, end) for start, end in passages])
    html = html.replace('<span id="l1" class="line-start"></span>', "")
    assert html.replace('<span class="passage">', "[").replace("</span>", "]") == expected


def test_what_is_written_is_never_markup():
    nasty = '<b onclick="x">&'
    assert "<b" not in marked(nasty, [Passage(0, 5, anchor='"><i>', label="<u>", href='"')])
    assert "<b" not in highlighted(nasty, ["onclick"])


def test_shared_words_are_marked_the_longest_first():
    assert highlighted("学习不深学习", ["学", "学习"]) == (
        '<mark class="shared">学习</mark>不深<mark class="shared">学习</mark>'
    )
