"""What an application for close-out brings: files that count, explanations, answers to what was returned."""

from __future__ import annotations

import pytest

from rectify.choices import Status, Step
from rectify.errors import Incomplete
from rectify.models import CloseOut, Evidence, Problem
from rectify.operations import measures, progress
from rectify.operations.closing import close_out, decisions
from rectify.operations.closing.application import Answer
from rectify.policies.closing_needs import lacking
from rectify.policies.points import answered_in, explained_in, points_in
from tests import builders
from tests.builders import Cast

pytestmark = pytest.mark.django_db
WORLD = builders.cast


def reported(made: Cast) -> Problem:
    """Two measures, one done without proof and one not done; a note, and no file anywhere."""
    problem = made.problem
    measures.add(problem, by=made["clerk"], text="未完成的")
    done = measures.add(problem, by=made["clerk"], text="没有佐证的")
    measures.finish(done, by=made["clerk"], seen=done.version, result="做了")
    progress.add(problem, by=made["clerk"], text="全部完成")
    return made.problem


def apply(made: Cast, problem: Problem, **given: object) -> CloseOut:
    return close_out.apply_close_out(
        problem, by=made["clerk"], seen=problem.version, statement="已完成", **given
    )


def test_files_of_the_application_count_and_prove_the_measure_they_are_chosen_for(made: Cast, run) -> None:
    problem = reported(made)
    one, two = problem.measures.all()
    with pytest.raises(Incomplete) as refusal:
        apply(made, problem, files=[builders.pdf()], explained={one.pk: " "})
    assert refusal.value.missing == ["1 项措施未完成（措施 1）", "1 项措施缺佐证（措施 2）"]
    assert "还差 2 处" in refusal.value.message and not Evidence.objects.exists()
    explained = {one.pk: "上级文件未下达，转下一年"}
    application = apply(
        made, problem, explained=explained, measure_files={two.pk: [builders.pdf("验收.pdf")]}
    )
    assert application.explanations == "措施 1：上级文件未下达，转下一年"
    assert explained_in(application.explanations) == {1: "上级文件未下达，转下一年"}
    assert two.evidence.get().name == "验收.pdf" and made.problem.status == Status.IN_REVIEW
    assert run("verify_audit")


def test_what_a_note_brought_and_what_is_brought_later_proves_a_measure(made: Cast, run) -> None:
    problem = reported(made)
    two = problem.measures.get(number=2)
    progress.add(problem, by=made["clerk"], text="附验收单", measure=two, files=[builders.pdf()])
    assert lacking(made.problem) == ["1 项措施未完成（措施 1）"]
    one = problem.measures.get(number=1)
    with pytest.raises(Incomplete, match="请选择佐证材料"):
        measures.add_evidence(one, by=made["clerk"], files=[])
    for _ in range(2):
        measures.add_evidence(one, by=made["clerk"], files=[builders.pdf()], idempotency_key="same")
    assert one.evidence.count() == 1 and run("verify_audit")


def test_every_point_of_a_return_is_answered_with_a_file_where_one_is_asked_for(made: Cast) -> None:
    application = builders.applied(made)
    comment = "补入住登记的签到表（附材料）\n\n说明 9 户未办结的原因"
    decisions.return_application(application, by=made["unit_head"], step=Step.CONFIRM, comment=comment)
    problem = made.problem
    for answers, words in (
        ({}, "2 条没有答复"),
        ({1: Answer("已补", [builders.pdf()]), 2: Answer(" ")}, "1 条没有答复"),
        ({1: Answer("已补"), 2: Answer("已办结")}, "要求附材料"),
    ):
        with pytest.raises(Incomplete, match=words) as refusal:
            apply(made, problem, answers=answers)
        assert refusal.value.missing
    signed = Answer("已补", [builders.pdf("签到表.pdf")])
    again = apply(made, problem, answers={1: signed, 2: Answer("7月1日全部办结")})
    assert again.answers == "第 1 条：已补（附：签到表.pdf）\n第 2 条：7月1日全部办结"
    assert answered_in(again).startswith("1. 补入住登记的签到表\n答复：已补（附：签到表.pdf）\n2. 说明 9 户")
    assert again.steps.get().evidence.get().name == "签到表.pdf"


@pytest.mark.parametrize(
    ("reason", "points"),
    [
        ("补签到表", [(1, "补签到表", False)]),
        ("补签到表(附材料)\n\n 写明原因。", [(1, "补签到表", True), (2, "写明原因", False)]),
        ("（附材料）", [(1, "（附材料）", True)]),
        ("〔内容已按程序清除〕", []),
    ],
)
def test_a_reason_is_read_line_by_line(reason: str, points: list[tuple[int, str, bool]]) -> None:
    assert [(point.number, point.text, point.wants_file) for point in points_in(reason)] == points
