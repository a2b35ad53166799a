"""From the database to the ledger's rows: today's, and those of a past day."""

from __future__ import annotations

import datetime as dt

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from rectify import clock
from rectify.choices import Source, Status
from rectify.ledger.row_types import ProblemRow
from rectify.ledger.rows import ledger_rows, snapshot
from rectify.models import Problem, ProblemCause
from rectify.operations import measures, problems, progress, reports
from tests.builders import OUTLINE, assign, cast, extended, stream

pytestmark = pytest.mark.django_db

START = dt.datetime(2025, 3, 1, 1, tzinfo=dt.UTC)
PDF = b"%PDF-1.4\n1 0 obj<<>>endobj\ntrailer<<>>\n%%EOF\n"


def day(number: int, hour: int = 2) -> dt.datetime:
    """The `number`th day of the story, ten in the morning in Shanghai."""
    return dt.datetime(2025, 3, number, hour, tzinfo=dt.UTC)


def rows(made, day_number: int = 20, on: dt.date | None = None, queryset=None) -> list[ProblemRow]:
    query = Problem.objects.filter(report=made.report) if queryset is None else queryset
    with snapshot("default") as using:  # a test's own transaction is not seen from another connection
        return list(ledger_rows(query, today=dt.date(2025, 3, day_number), on=on, using=using))


def first(made, **arguments) -> ProblemRow:
    return rows(made, **arguments)[0]


def current(problem: Problem) -> Problem:
    return Problem.objects.get(pk=problem.pk)


@pytest.fixture
def made(tmp_path):
    with clock.pretend(START):
        made = cast(assigned=False)
        assign(
            made,
            made.problem,
            deadline=dt.date(2025, 3, 31),
            supporting_units=[made.other_bureau, made.county],
            responsible="局长",
            kind="by_date",
            also_standing=True,
        )
        problems.edit(
            made.problem, by=made["office"], seen=made.problem.version, reason="补充", goal="学用结合。"
        )
    return made


def test_a_row_holds_the_problem_in_words(made):
    row = first(made)
    assert (row.number, row.code, row.title, row.aspect) == (
        1,
        made.problem.code,
        "学用结合不紧",
        "在带头学习方面",
    )
    assert (row.manifestations, row.causes, row.goal) == ("研讨联系实际少", "理论学习不系统", "学用结合。")
    assert (row.leader, row.lead_unit, row.responsible) == ("常务副县长", "乙县丙局", "局长")
    assert set(row.supporting_units.split("、")) == {"乙县丁局", "乙县"}
    assert (row.kind, row.deadline, row.due) == ("限期整改，并长期坚持", "2025年3月31日", "2025年3月31日")
    assert (row.completion, row.light, row.close_out) == ("未启动\n◆ 剩 11 天", "due_soon", "未销号")
    assert (row.source, row.progress, row.evidence, row.measures) == ("对照检查", "", "", ())


def test_rows_come_in_the_order_of_the_report_and_are_counted(made):
    with clock.pretend(day(2)):
        late = problems.add(
            made.report,
            by=made["office"],
            title="后补的问题",
            aspect=made.problem.aspect,
            source="other",
            kind="by_date",
        )
    shuffled = Problem.objects.filter(report=made.report).order_by("-title")
    found = rows(made, queryset=shuffled)
    assert [row.title for row in found] == ["学用结合不紧", "督办不够经常", late.title, "调研不深"]
    assert [row.number for row in found] == [1, 2, 3, 4]
    some = rows(made, queryset=shuffled.filter(title__contains="不"))
    assert [(row.number, row.title) for row in some] == [
        (1, "学用结合不紧"),
        (2, "督办不够经常"),
        (3, "调研不深"),
    ]


def test_responsible_falls_back_to_the_clerk(made):
    with clock.pretend(day(2)):
        assign(made, made.problem, responsible="")
    assert first(made).responsible == made["clerk"].name


def test_measures_in_order_with_their_result_and_without_the_dropped(made):
    with clock.pretend(day(2)):
        steps = [
            measures.add(
                made.problem, by=made["office"], text=text, kind=kind, standard="有记录", deadline=due
            )
            for text, kind, due in (
                ("甲", "now", dt.date(2025, 3, 10)),
                ("乙", "now", None),
                ("丙", "lasting", dt.date(2025, 3, 31)),
            )
        ]
        measures.drop(steps[1], by=made["office"], seen=steps[1].version, reason="合并到甲")
    with clock.pretend(day(9)):
        measures.finish(
            steps[0],
            by=made["office"],
            seen=steps[0].version,
            result="已办结",
            files=[stream(PDF, "证明.pdf")],
        )
    row = first(made)
    assert [(step.text, step.kind, step.standard, step.deadline, step.status) for step in row.measures] == [
        ("甲", "当下改", "有记录", "2025年3月10日", "完成情况：已办结（2025年3月9日完成）"),
        ("丙", "长久立", "有记录", "2025年3月31日", ""),
    ]
    assert [step.when for step in row.measures] == ["2025年3月9日完成", "2025年3月31日"]
    assert [step.when for step in first(made, day_number=31, on=dt.date(2025, 3, 8)).measures] == [
        "2025年3月10日", "2025年3月31日",
    ]  # fmt: skip
    assert row.completion.endswith("\n措施完成 1/2")
    assert row.evidence == "证明.pdf"


def test_progress_is_the_newest_note_in_full_and_a_correction_replaces_what_it_corrects(made):
    problem = made.problem
    with clock.pretend(day(5)):
        older = progress.add(problem, by=made["clerk"], text="梳理了12项。", percent=20)
    with clock.pretend(day(8)):
        newest = progress.add(
            problem, by=made["clerk"], text="办结8项。\n还剩4项。", files=[stream(PDF, "清单.pdf")]
        )
    assert first(made).progress == f"2025年3月8日　{newest.author_label}：办结8项。\n还剩4项。"
    with clock.pretend(day(9)):
        progress.correct(older, by=made["clerk"], text="梳理了13项。", reason="笔误", percent=20)
    assert "办结8项" in first(made).progress  # the newest stays the newest
    assert first(made).earlier_notes == 1, "a correction is no further note"
    assert rows(made, on=dt.date(2025, 3, 6))[0].earlier_notes == 0
    with clock.pretend(day(10)):
        progress.correct(newest, by=made["clerk"], text="办结9项。", reason="笔误", percent=75)
    corrected = first(made).progress
    assert corrected.startswith("2025年3月8日　")
    assert corrected.endswith("：办结9项。（完成 75%）（2025年3月10日更正）")


def test_evidence_is_listed_by_name(made):
    with clock.pretend(day(5)):
        files = [stream(PDF, "甲.pdf"), stream(PDF, "乙.pdf")]
        progress.add(made.problem, by=made["clerk"], text="有材料", files=files)
    assert first(made).evidence == "1. 甲.pdf\n2. 乙.pdf"


def test_only_causes_that_a_person_confirmed_are_printed(made):
    outline = OUTLINE | {"links": [{"problem": 1, "cause": 1, "basis": "inferred"}]}
    with clock.pretend(day(2)):
        report = reports.load(
            reports.Outline.from_dict(outline), by=made["office"], unit=made.county, year=2026, title="又一份"
        )
    query = Problem.objects.filter(report=report)
    now = rows(made, queryset=query)
    assert now[0].causes == now[0].cause_titles == "", "waits for a person"
    assert {row.causes for row in now[1:]} == {"报告未写明"}, "the report ties none to them"
    Problem.objects.filter(pk=query.last().pk).update(source=Source.PUBLIC)
    assert rows(made, queryset=query)[-1].causes == "", "the report knows nothing of it"
    with clock.pretend(day(3)):
        problems.decide_link(
            ProblemCause.objects.get(problem__report=report), by=made["office"], confirm=True
        )
    assert rows(made, queryset=query)[0].causes == "理论学习不系统"
    assert rows(made, queryset=query, on=dt.date(2025, 3, 2))[0].causes == ""


def test_a_withdrawn_problem_is_left_out_from_that_day_on(made):
    second = Problem.objects.get(report=made.report, number=2)
    with clock.pretend(day(6)):
        problems.withdraw(second, by=made["office"], seen=second.version, reason="重复")
    assert [row.title for row in rows(made)] == ["学用结合不紧", "调研不深"]
    assert [row.title for row in rows(made, on=dt.date(2025, 3, 6))] == ["学用结合不紧", "调研不深"]
    assert len(rows(made, on=dt.date(2025, 3, 5))) == 3


def test_an_extension_leaves_the_original_date_in_sight(made):
    with clock.pretend(day(2)):
        extended(made, made.problem, new_date=dt.date(2025, 4, 15))
    row = first(made)
    assert row.due == "2025年4月15日"
    assert row.deadline == "2025年4月15日\n（原定2025年3月31日，延期 1 次）"
    assert first(made, on=dt.date(2025, 3, 1)).deadline == "2025年3月31日"


def test_words_for_the_deadline_come_before_the_date(made):
    with clock.pretend(day(2)):
        assign(made, made.problem, deadline=dt.date(2025, 3, 31), deadline_text="2025年3月底前")
    assert (first(made).deadline, first(made).due) == ("2025年3月底前", "2025年3月31日")


def test_working_days_stand_beside_the_days_where_the_office_counts_so(made):
    assert "剩 11 天\n" in f"{first(made).completion}\n"
    reports.edit_settings(made.report, by=made["office"], day_count="working")
    assert "剩 11 天（7 个工作日）" in first(made).completion
    assert "剩 11 天（7 个工作日）" in first(made, on=dt.date(2025, 3, 20)).completion


def test_a_past_day_is_shown_as_it_was_when_it_ended(made):
    problem = made.problem
    with clock.pretend(day(3)):
        step = measures.add(problem, by=made["office"], text="原来的措施", kind="now")
        progress.add(problem, by=made["clerk"], text="三日的进展", files=[stream(PDF, "三日.pdf")])
    before = first(made, on=dt.date(2025, 3, 4))
    with clock.pretend(day(5)):
        problems.edit(
            current(problem),
            by=made["office"],
            seen=current(problem).version,
            reason="改",
            title="改过的标题",
        )
        problems.set_status(
            current(problem), by=made["clerk"], seen=current(problem).version, status=Status.MOSTLY_DONE
        )
        assign(made, current(problem), supporting_units=[], deadline=dt.date(2025, 6, 30))
        measures.edit(step, by=made["office"], seen=step.version, reason="改", text="后来的措施")
        measures.add(current(problem), by=made["office"], text="后加的措施", kind="now")
        note = progress.add(problem, by=made["clerk"], text="五日的进展", files=[stream(PDF, "五日.pdf")])
    with clock.pretend(day(7)):
        progress.correct(note, by=made["clerk"], text="五日的进展，已更正", reason="笔误")

    assert first(made, on=dt.date(2025, 3, 4)) == before
    assert (before.title, [step.text for step in before.measures]) == ("学用结合不紧", ["原来的措施"])
    assert "三日的进展" in before.progress
    assert before.evidence == "三日.pdf"
    assert before.completion == "整改中\n● 剩 27 天\n措施完成 0/1"

    uncorrected = first(made, on=dt.date(2025, 3, 6))
    assert uncorrected.title == "改过的标题"
    assert uncorrected.progress.endswith("五日的进展")
    assert [step.text for step in uncorrected.measures] == ["后来的措施", "后加的措施"]
    assert uncorrected.supporting_units == ""
    assert first(made, on=dt.date(2025, 3, 7)) == first(made, day_number=7)


def test_nothing_is_listed_for_a_day_before_the_ledger(made):
    assert rows(made, on=dt.date(2025, 2, 1)) == []


@pytest.mark.parametrize("on", [None, dt.date(2025, 3, 15)])
def test_queries_do_not_grow_with_the_problems(made, on):
    def count() -> int:
        with CaptureQueriesContext(connection) as queries:
            rows(made, on=on)
        return len(queries)

    few = count()
    with clock.pretend(day(2)):
        for number in range(12):
            problem = problems.add(
                made.report, by=made["office"], title=f"问题{number}", source="other", kind="by_date"
            )
            measures.add(problem, by=made["office"], text="措施", kind="now")
    assert len(rows(made, on=on)) == 15
    assert count() == few


@pytest.mark.ci
@pytest.mark.django_db(transaction=True, databases=["default", "snapshot"])
def test_an_export_reads_one_state_and_keeps_no_writer_waiting(made, monkeypatch):
    monkeypatch.setattr("rectify.ledger.rows.CHUNK", 1)
    query = Problem.objects.filter(report=made.report)
    with snapshot() as using:
        export = ledger_rows(query, today=dt.date(2025, 3, 20), using=using)
        titles = [next(export).title]
        with clock.pretend(day(6)):  # another person writes meanwhile
            last = Problem.objects.get(report=made.report, number=3)
            problems.edit(last, by=made["office"], seen=last.version, reason="改", title="导出途中改的标题")
        titles += [row.title for row in export]
    assert titles == ["学用结合不紧", "督办不够经常", "调研不深"]
    with snapshot() as using:
        assert [row.title for row in ledger_rows(query, today=dt.date(2025, 3, 20), using=using)][
            -1
        ] == "导出途中改的标题"
