"""Who answers for a problem and by when: read with the report, kept in the draft, changed by a person."""

from __future__ import annotations

import datetime as dt

import pytest

from rectify.choices import Kind
from rectify.intake.parser.lines.text import read
from rectify.intake.parser.outline import parse
from rectify.intake.review import editing
from rectify.intake.review.assignment import Assignment
from rectify.intake.review.edited import EditedOutline, Gap, from_parsed
from rectify.intake.review.filled import filled
from rectify.intake.review.understood import own_deadline, understand
from tests.intake.assigned import IN_BRACKETS, LABELLED


def read_in(text: str) -> EditedOutline:
    return from_parsed(parse(read("报告.txt", text.encode())[0]))


@pytest.fixture
def outline() -> EditedOutline:
    return read_in(IN_BRACKETS)


def said(outline: EditedOutline, key: str) -> Assignment:
    return outline.item(key).assignment


def test_the_draft_keeps_what_the_report_says(outline):
    assert said(outline, "p1") == Assignment(["常务副县长", "李某"], ["丙局"], "2026年6月底前")
    days = [own_deadline(part, 2026) for part in outline.item("p1").measures]
    assert days == [dt.date(2026, 3, 31), None]
    assert said(outline, "p2") == Assignment([], ["丁局"], "春节前")
    assert not said(outline, "p3").is_named
    labelled = read_in(LABELLED)
    assert said(labelled, "p1") == Assignment(["常务副县长"], [], "2026年8月底")
    assert said(labelled, "p2") == Assignment(["李某"], [], "长期坚持")


def test_json_and_back_is_the_same_and_drafts_of_before_are_read(outline):
    editing.assign(
        outline, "p2", leaders=[], units=["丁局"], words="春节前", day=dt.date(2026, 2, 10), shown=None
    )
    outline.chosen["leader:李某"] = "7"
    data = outline.to_json()
    assert EditedOutline.from_json(data) == outline
    del data["chosen"]
    for row in data["items"]:
        del row["assignment"]
    before = EditedOutline.from_json(data)
    assert before.chosen == {} and not any(item.assignment.is_named for item in before.items)


def test_edits_take_who_and_when_along(outline):
    text = outline.item("p1").text
    outline.item("p1").text = f"{text}清得慢。拖得久。"
    new = editing.split(outline, "p1", at=1, source=IN_BRACKETS)
    assert new.assignment == said(outline, "p1") and new.assignment.leaders is not said(outline, "p1").leaders
    editing.assign(
        outline, new.key, leaders=["王某"], units=[], words="9月底", day=dt.date(2026, 6, 30),
        shown=dt.date(2026, 6, 30),
    )  # fmt: skip
    editing.merge(outline, "p1")
    assert said(outline, "p1") == Assignment(
        ["常务副县长", "李某", "王某"], ["丙局"], "2026年6月底前；9月底", is_typed=True
    )
    editing.turn(outline, "p1", kind="cause")
    editing.turn(outline, "p1", kind="problem")
    editing.drop(outline, "p2")
    editing.restore(outline, "p2")
    assert len(said(outline, "p1").leaders) == 3 and said(outline, "p2").words == "春节前"


def test_a_day_of_the_person_stands_until_the_words_change(outline):
    def assign(words: str, day: dt.date | None, shown: dt.date | None) -> dt.date | None:
        editing.assign(outline, "p2", leaders=[], units=[], words=words, day=day, shown=shown)
        return understand(said(outline, "p2"), None, 2026).day

    own = dt.date(2026, 2, 10)
    assert assign("春节前", None, None) is None and said(outline, "p2").day is None
    assert assign("春节前", own, None) == own
    assert assign("春节前", own, own) == own
    assert assign("3月底", own, own) == dt.date(2026, 3, 31)
    assert assign("3月底", None, dt.date(2026, 3, 31)) is None
    assert assign("4月底", dt.date(2026, 4, 1), None) == dt.date(2026, 4, 1)


@pytest.mark.parametrize(
    ("words", "kind", "day", "shown", "note"),
    [
        ("2026年6月30日", (Kind.BY_DATE, False), "2026-06-30", "2026年6月30日", ""),
        ("6月底前", (Kind.BY_DATE, False), "2026-06-30", "2026年6月30日", "没有写年份，按 2026 年理解"),
        ("立行立改", (Kind.AT_ONCE, False), "", "立行立改", ""),
        ("长期坚持", (Kind.STANDING, False), "", "长期坚持", "定期回头看"),
        ("2026年6月底，并长期坚持", (Kind.BY_DATE, True), "2026-06-30", "2026年6月30日，长期坚持", ""),
        ("春节前", (Kind.BY_DATE, False), "", "", "没有日期"),
        ("按上级要求", (Kind.BY_DATE, False), "", "", "没有日期"),
    ],
)
def test_words_of_a_deadline_as_old_sheets_read_them(words, kind, day, shown, note):
    given = understand(Assignment(words=words), None, 2026)
    assert (given.kind, given.day and given.day.isoformat()) == (kind, day or None)
    [(_, [reading])] = given.lines
    assert (reading.said, reading.taken, reading.note) == (words, shown, note)
    assert given.fields.get("deadline_text", "") == ("" if words == "2026年6月30日" else words)


def test_nothing_that_no_field_holds_is_lost():
    given = understand(Assignment(["李某"], ["各科室"], "长" * 120), None, 2026)
    assert given.unknown == ["李某", "各科室"]
    assert given.remark == f"报告写明责任领导：李某；责任单位：各科室；完成时限：{'长' * 120}。"
    assert given.fields["deadline_text"] == "长" * 100 and "leader" not in given.fields
    assert understand(Assignment(), None, 2026).fields == {}


def test_a_filled_gap_is_filled_in_the_names_too(outline):
    item = outline.item("p1")
    item.assignment.leaders = ["xx同志"]
    outline.gaps = [Gap("xx", item.start + 1, item.start + 3, 3, "李某")]
    assert filled(outline, IN_BRACKETS).item("p1").assignment.leaders == ["李某同志"]
    assert item.assignment.leaders == ["xx同志"]
