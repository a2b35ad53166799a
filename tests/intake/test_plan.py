"""The plan: what is new, changed, gone or the same, and what of last year is alike. It writes nothing."""

from __future__ import annotations

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from rectify.intake.load import load
from rectify.intake.parser.links.text_similarity import best_pairs, grams, resemblance, shared_words
from rectify.intake.plan import ledgers, likely_target, make_plan
from rectify.intake.review import editing
from rectify.intake.review.edited import EditedOutline
from rectify.models import Report
from rectify.operations import problems
from rectify.operations.exchange import intake_drafts
from tests import builders
from tests.intake import parsing
from tests.intake.conftest import edit, upload

pytestmark = pytest.mark.django_db


@pytest.fixture
def loaded(made) -> Report:
    draft = upload(made)
    return load(draft, by=made["office"], seen=draft.version, digest=make_plan(draft).digest)


def again(made, report, *changes):
    text = parsing.REPORT
    for old, new in changes:
        assert old in text
        text = text.replace(old, new)
    return upload(made, text, target=report)


def test_without_a_ledger_everything_is_new(made):
    plan = make_plan(upload(made))
    assert plan.counts == {"new": 3, "changed": 0, "same": 0, "locked": 0, "gone": 0}
    assert (len(plan.aspects), len(plan.causes), len(plan.directions)) == (2, 2, 2)
    assert not plan.idle and not plan.faults


def test_the_same_report_is_the_same(made, loaded):
    plan = make_plan(upload(made, target=loaded))
    assert plan.counts == {"new": 0, "changed": 0, "same": 3, "locked": 0, "gone": 0}
    assert plan.idle and not plan.links


def test_spaces_and_punctuation_are_no_change(made, loaded):
    draft = again(
        made, loaded, ("学用结合不紧。", "学用结合不紧 。"), ("学习抓得紧，用得少。", "学习抓得紧, 用得少.")
    )
    assert make_plan(draft).counts["same"] == 3


@pytest.mark.parametrize(
    ("change", "counts"),
    [
        (("督办不够经常", "督查督办不够经常"), {"changed": 1, "same": 2}),
        (("同志分管的事项督办少", "同志分管的事项很少督办"), {"changed": 1, "same": 2}),
        (("；开展调研x次", "；开展调研x次；走马观花"), {"changed": 1, "same": 2}),
        (("问题：督办不够经常。xx同志分管的事项督办少。\n", ""), {"same": 2, "gone": 1}),
        (("\n根源：理论", "\n问题：调研走过场。看点多。\n根源：理论"), {"new": 1, "same": 3}),
        (
            ("问题：督办不够经常。xx同志分管的事项督办少。", "问题：基层负担偏重。报表多。"),
            {"new": 1, "same": 2, "gone": 1},
        ),
    ],
)
def test_each_difference_is_counted_for_what_it_is(made, loaded, change, counts):
    plan = make_plan(again(made, loaded, change))
    assert {key: value for key, value in plan.counts.items() if value} == counts


def test_problems_in_another_order_are_the_same_problems(made, loaded):
    first = "问题：学用结合不紧。学习抓得紧，用得少。比如，研讨念稿多；开展调研x次\n"
    second = "问题：督办不够经常。xx同志分管的事项督办少。\n"
    draft = again(made, loaded, (first + second, second + first))
    assert [(step.state, step.row.number) for step in make_plan(draft).problems] == [
        ("same", 2),
        ("same", 1),
        ("same", 3),
    ]


def test_two_problems_of_one_title_are_told_apart(made):
    text = parsing.REPORT.replace("督办不够经常", "学用结合不紧")
    draft = upload(made, text)
    report = load(draft, by=made["office"], seen=draft.version, digest=make_plan(draft).digest)
    plan = make_plan(upload(made, text, target=report))
    assert plan.counts["same"] == 3
    assert len({step.row.pk for step in plan.problems}) == 3


def test_words_filled_in_the_ledger_agree_with_the_placeholder(made):
    draft = edit(made, upload(made), lambda outline: editing.fill(outline, {0: "6次", 1: "张三"}))
    report = load(draft, by=made["office"], seen=draft.version, digest=make_plan(draft).digest)
    plan = make_plan(upload(made, target=report))
    assert plan.counts["same"] == 3 and plan.unfilled == 2


def test_a_withdrawn_problem_stays_as_it_is(made, loaded):
    two = loaded.problems.get(number=2)
    problems.withdraw(two, by=made["office"], seen=two.version, reason="重复")
    plan = make_plan(again(made, loaded, ("督办不够经常", "督查督办不够经常")))
    assert plan.counts["locked"] == 1 and "内容已锁定" in plan.problems[1].note


def test_a_problem_added_by_hand_is_never_called_gone(made, loaded):
    problems.add(loaded, by=made["office"], title="群众来信反映噪声扰民")
    assert make_plan(upload(made, target=loaded)).gone == []


def test_the_likely_ledger_is_proposed_and_no_other(made, loaded):
    draft = upload(made)
    reports = ledgers(draft, made["office"])
    assert reports == [loaded]
    assert likely_target(EditedOutline.from_json(draft.outline), reports) == loaded
    other = upload(made, "问题：停车难。车位少。\n问题：就医难。床位少。")
    assert likely_target(EditedOutline.from_json(other.outline), reports) is None
    one_of_three = upload(made, "问题：学用结合不紧。学得多。")
    assert likely_target(EditedOutline.from_json(one_of_three.outline), reports) is None


def test_ledgers_of_other_units_and_years_are_no_choice(made, loaded):
    assert ledgers(upload(made, year=2027), made["office"]) == []
    builders.another_ledger(made)
    assert ledgers(upload(made, year=2025), made["office"]) == [made.report]


def test_last_years_problems_are_pointed_out_with_their_resemblance(made):
    plan = make_plan(upload(made))
    row = next(one for one in plan.similar if one.number == 1)
    assert (row.problem, row.percent) == (made.problem, 100)
    assert row.shared == ["学用结合不紧"]
    assert not make_plan(upload(made, year=2027)).similar
    assert all(one.problem.report.year == 2025 for one in plan.similar)


def test_the_digest_follows_what_would_be_done(made, loaded):
    draft = upload(made, target=loaded)
    first = make_plan(draft).digest
    assert make_plan(draft).digest == first
    two = loaded.problems.get(number=2)
    problems.edit(two, by=made["office"], seen=two.version, title="督办不常", reason="精简")
    assert make_plan(draft).digest != first
    changed = intake_drafts.change(draft, by=made["office"], seen=draft.version, title="另一个名称")
    assert make_plan(changed).digest != make_plan(draft).digest


def test_what_stands_in_the_way_is_named(made):
    def act(outline):
        outline.item("p1").title = "长" * 201
        outline.item("p2").text = "长" * 10_001
        outline.item("p3").title = " "
        outline.aspect("a1").title = "长" * 501

    faults = "\n".join(make_plan(edit(made, upload(made), act)).faults)
    for words in (
        "第 1 条问题的名称有 201 个字",
        "第 2 条问题的内容有 10001 个字",
        "第 3 条问题的名称没有名称",
        "第 1 个查摆方面",
    ):
        assert words in faults or words.replace("的名称没有", "的名称没有") in faults, words


def test_a_plan_writes_nothing(made, loaded):
    draft = upload(made, target=loaded)
    with CaptureQueriesContext(connection) as caught:
        make_plan(draft)
    assert all(query["sql"].startswith("SELECT") for query in caught)


# -- resemblance ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("one", "two", "least", "most"),
    [
        ("学用结合不紧", "学用结合，不紧。", 1, 1),
        ("督办不够经常", "督查督办不够经常", 0.7, 0.99),
        ("停车难", "学用结合不紧", 0, 0),
        ("", "学用结合不紧", 0, 0),
    ],
)
def test_how_much_two_texts_resemble(one, two, least, most):
    assert least <= resemblance(grams(one), grams(two)) <= most


def test_each_is_paired_once_with_the_most_alike():
    new = {"a": "督办不够经常", "b": "督查督办不够经常"}
    assert best_pairs(new, {1: "督查督办不够经常"}, 0.5) == {"b": (1, 1.0)}


def test_shared_words_are_the_longest_stretches():
    assert shared_words("抓工作落实的闭环不紧", "工作落实没有形成闭环") == ["工作落实", "闭环"]
