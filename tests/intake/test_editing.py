"""Edits of an outline: what each does to the pieces, their places and their ties."""

from __future__ import annotations

import pytest

from rectify.errors import Incomplete
from rectify.intake.opening import section_of
from rectify.intake.review import editing
from rectify.intake.review.edited import EditedOutline, Section, from_parsed
from rectify.intake.review.filled import fill_text, filled, gap_groups, unfilled
from tests.intake import parsing


@pytest.fixture
def outline() -> EditedOutline:
    return from_parsed(parsing.parse(parsing.source(parsing.REPORT)))


def test_json_and_back_is_the_same(outline):
    editing.fill(outline, {0: "6次"})
    assert EditedOutline.from_json(outline.to_json()) == outline


def test_every_piece_knows_its_place(outline):
    assert parsing.REPORT[outline.item("c2").start :].startswith("根源：宗旨意识有差距")
    assert parsing.REPORT[outline.aspect("a2").start :].startswith("方面：带头服务群众方面")


def test_a_merge_keeps_texts_and_ties_once(outline):
    editing.merge(outline, "p1")
    item = outline.item("p1")
    assert item.text.endswith("督办不够经常。xx同志分管的事项督办少。")
    assert parsing.REPORT[item.start : item.end].count("问题：") == 2
    assert [(link.problem, link.other) for link in outline.live_links()].count(("p1", "c1")) == 1
    with pytest.raises(Incomplete):
        outline.item("p2")


def test_a_merge_passes_over_what_was_dropped(outline):
    editing.drop(outline, "p2")
    editing.merge(outline, "p1")
    assert "回迁办证" in outline.item("p1").text
    with pytest.raises(Incomplete, match="最后一条问题"):
        editing.merge(outline, "p1")


def test_a_split_gives_both_halves_their_place(outline):
    item = outline.item("p2")
    item.text = "督办少。回头看更少。"
    source = parsing.REPORT.replace("督办少。", "督办少。回头看更少。")
    new = editing.split(outline, "p2", at=1, source=source)
    assert (new.title, new.text, item.text) == ("回头看更少", "回头看更少。", "督办少。")
    assert [one.key for one in outline.kept("problem")][1:3] == ["p2", new.key]
    assert new.end == 0 or source[new.start :].startswith("回头看更少")


@pytest.mark.parametrize(
    ("text", "title"),
    [
        ("学得不深。用得少。", "学得不深"),
        ("比如：学得不深", "比如"),
        ("学" * 20 + "，" + "用" * 20, "学" * 20),
        ("", "（未命名）"),
        ("学" * 300, "学" * 200),
    ],
)
def test_the_title_of_a_split_piece(text, title):
    assert editing.title_of(text) == title


@pytest.mark.parametrize("text", ["一句。两句！三句", "没有标点", "甲\n\n乙。\n", "。；", ""])
def test_sentences_joined_are_the_text(text):
    assert "".join(editing.sentences(text)) == text


def test_a_rejected_tie_may_be_added_again(outline):
    editing.decide(outline, "p3", "c2", confirm=False)
    assert ("p3", "c2") not in {(link.problem, link.other) for link in outline.standing_links()}
    editing.tie(outline, "p3", "c2")
    assert ("p3", "c2") in {(link.problem, link.other) for link in outline.standing_links()}


def test_a_section_is_taken_in_once_and_left_out_again(outline):
    given = parsing.source(parsing.REPORT)

    def pieces(section: Section, prefix: str) -> EditedOutline:
        return section_of(parsing.parse(given, frozenset({section.key})), section, prefix)

    for _ in range(2):
        editing.include(outline, "s7", pieces)
    keys = [item.key for item in outline.kept("problem")]
    assert keys == ["p1", "p2", "p3", "x1-p4"]
    editing.leave_out(outline, "s7")
    assert [item.key for item in outline.kept("problem")] == ["p1", "p2", "p3"]


# -- placeholders ---------------------------------------------------------------------------------------


def test_gaps_are_grouped_by_their_wording_with_the_words_around(outline):
    one, two = gap_groups(outline, parsing.REPORT)
    assert (one.text, two.text) == ("x次", "xx")
    assert two.occurrences[0].after.startswith("同志分管")
    assert unfilled(outline) == 2


def test_filled_texts_leave_the_outline_alone(outline):
    editing.fill(outline, {1: "张三"})
    assert filled(outline, parsing.REPORT).item("p2").text.startswith("张三同志")
    assert outline.item("p2").text.startswith("xx同志")
    assert unfilled(outline) == 1


@pytest.mark.parametrize(
    ("text", "values", "result"),
    [
        ("甲xx乙xx丙", ["A", "B"], "甲A乙B丙"),
        ("甲xx乙xx丙", ["", "B"], "甲xx乙B丙"),
        ("乙xx丙", ["A", "B"], "乙B丙"),
        ("甲xx乙", ["A", "B"], "甲A乙"),
        ("没有了", ["A", "B"], "没有了"),
    ],
)
def test_which_placeholder_is_which_after_an_edit(text, values, result):
    source = "甲xx乙xx丙"
    outline = from_parsed(parsing.parse(parsing.source(f"问题：{source}。无")))
    editing.fill(outline, dict(enumerate(values)))
    assert fill_text(text, outline.gaps, f"问题：{source}。无") == result


def test_values_out_of_range_are_ignored(outline):
    assert editing.fill(outline, {99: "x", -1: "y"}) == 0
