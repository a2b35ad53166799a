"""Every way of bending the record is found, and named by chain and number."""

from __future__ import annotations

import datetime as dt

import pytest
from django.core.management.base import CommandError
from django.db import connection
from django.test.utils import CaptureQueriesContext

from rectify.audit import append_only_triggers, chain
from rectify.choices import Action
from rectify.digests import GENESIS, PURGED_PAYLOAD, canonical, digest_of
from rectify.models import (
    AuditEntry,
    ChainHead,
    Evidence,
    LedgerExport,
    Measure,
    MeasureState,
    Problem,
    ProblemCause,
    ProblemState,
    ProgressNote,
)
from rectify.models.progress import PURGED
from rectify.operations import measures, problems, progress, purging, recording
from rectify.operations.exchange import exports
from tests import builders

pytestmark = pytest.mark.django_db


def history() -> builders.Cast:
    """A ledger with a history: assigned, worked on, a measure finished, a note corrected."""
    cast = builders.cast()
    problem = cast.problem
    problem = problems.set_status(problem, by=cast["office"], seen=problem.version, status="in_progress")
    measure = measures.add(problem, by=cast["clerk"], text="每月研讨一次", deadline=dt.date(2099, 5, 1))
    note = progress.add(problem, by=cast["clerk"], text="已研讨两次", percent=40, files=[builders.pdf()])
    progress.correct(note, by=cast["clerk"], text="已研讨一次", percent=20, reason="多数了一次")
    measures.finish(
        measure, by=cast["clerk"], seen=measure.version, result="已成制度", files=[builders.pdf()]
    )
    return cast


WORLD = history


def refusal(run, **options) -> str:
    with pytest.raises(CommandError) as caught:
        run("verify_audit", **options)
    return str(caught.value)


def chain_of(cast):
    return AuditEntry.objects.filter(report=cast.report).order_by("number")


def entry_of(cast, act: str) -> AuditEntry:
    return chain_of(cast).get(act=act)


def rehash(cast, start: int = 1) -> None:
    """What an attacker with the code does: make the chain consistent again from an entry on."""
    previous = chain_of(cast).filter(number=start - 1).values_list("digest", flat=True).first() or GENESIS
    for entry in chain_of(cast).filter(number__gte=start):
        entry.previous = previous
        entry.payload_digest = digest_of(entry.payload)
        entry.digest = previous = entry.compute_digest()
        entry.save()
    last = chain_of(cast).last()
    ChainHead.objects.filter(report=cast.report).update(number=last.number, digest=last.digest)


def test_a_whole_record_passes_and_shows_each_chain(made, run):
    text = run("verify_audit")
    assert "核对通过" in text
    for report in (None, made.report):
        head = ChainHead.objects.get(report=report)
        assert f"：{head.number} 条，链头 {head.digest}" in text


@pytest.mark.parametrize(
    "change",
    [
        {"act": Action.RESTORE},
        {"actor_label": "别人"},
        {"at": dt.datetime(2020, 1, 1, tzinfo=dt.UTC)},
        {"target_label": "别的"},
        {"target_id": 999},
        {"problem": None},
        {"payload": "{}"},
        {"payload": "不是 JSON"},
        {"reason": "别的理由"},
        {"previous": "1" * 64},
        {"digest": "1" * 64},
        {"payload_digest": "1" * 64},
    ],
    ids=str,
)
def test_an_edited_entry_is_named(made, run, change):
    entry = entry_of(made, Action.ASSIGN)
    with append_only_triggers.lifted():
        AuditEntry.objects.filter(pk=entry.pk).update(**change)
    assert f"台账 {made.report.pk}） 第 {entry.number} 条：" in refusal(run)


def test_a_removed_entry_is_named(made, run):
    with append_only_triggers.lifted():
        entry_of(made, Action.SET_STATUS).delete()
    number = chain_of(made).get(act=Action.ADD_MEASURE).number - 1
    assert f"第 {number} 条：这一条缺失" in refusal(run)


def test_entries_that_changed_places_are_named(made, run):
    one, two = entry_of(made, Action.ASSIGN), entry_of(made, Action.SET_STATUS)
    with append_only_triggers.lifted():
        AuditEntry.objects.filter(pk=one.pk).update(number=10_000)
        AuditEntry.objects.filter(pk=two.pk).update(number=one.number)
        AuditEntry.objects.filter(pk=one.pk).update(number=two.number)
    assert f"第 {one.number} 条：与上一条不相连" in refusal(run)


def test_an_inserted_entry_is_named(made, run):
    after = entry_of(made, Action.ASSIGN)
    with append_only_triggers.lifted():
        for entry in chain_of(made).filter(number__gt=after.number).reverse():
            AuditEntry.objects.filter(pk=entry.pk).update(number=entry.number + 1)
        forged = AuditEntry.objects.get(pk=after.pk)
        forged.pk, forged.number, forged.previous = None, after.number + 1, after.digest
        forged.digest = forged.compute_digest()
        forged.save(force_insert=True)
    assert f"第 {after.number + 2} 条：与上一条不相连" in refusal(run)


def test_an_appended_entry_is_named(made, run):
    last = chain_of(made).last()
    forged = AuditEntry.objects.get(pk=last.pk)
    forged.pk, forged.number, forged.previous = None, last.number + 1, last.digest
    forged.digest = forged.compute_digest()
    forged.save(force_insert=True)
    assert f"第 {last.number + 1} 条：链头记的是 {last.number} 条" in refusal(run)


def test_a_truncated_chain_is_named(made, run):
    last = chain_of(made).last()
    with append_only_triggers.lifted():
        last.delete()
    assert f"第 {last.number} 条：链头记的是 {last.number} 条，实有 {last.number - 1} 条" in refusal(run)


def test_a_removed_chain_head_is_found(made, run):
    ChainHead.objects.filter(report=made.report).delete()
    assert "链头记的是 0 条" in refusal(run)


def cut(cast, run) -> str:
    """Take the last entry away so well that nothing inside the database shows it."""
    problem = Problem.objects.get(report=cast.report, number=2)
    problems.edit(problem, by=cast["office"], seen=problem.version, goal="按月督办")
    head = chain.head_of(cast.report)
    with append_only_triggers.lifted():
        state = ProblemState.objects.filter(problem=problem).order_by("-valid_from").first()
        state.delete()
        ProblemState.objects.filter(problem=problem).update(valid_to=None)
        chain_of(cast).last().delete()
    Problem.objects.filter(pk=problem.pk).update(version=problem.version, goal="")
    last = chain_of(cast).last()
    ChainHead.objects.filter(report=cast.report).update(number=last.number, digest=last.digest)
    assert "核对通过" in run("verify_audit")
    return head


def test_truncation_with_its_head_shows_against_a_printed_head(made, run):
    head = cut(made, run)
    assert "记录被截断" in refusal(run, head=head)


def test_a_printed_head_may_be_typed_with_spaces_or_only_its_beginning(made, run):
    head = chain.head_of(made.report)
    progress.add(made.problem, by=made["clerk"], text="又一次")
    for typed in (head, head[:16], f" {head[:8].upper()} {head[8:].upper()} "):
        assert "核对通过" in run("verify_audit", head=typed)
    assert "链头应是" in refusal(run, head="链头")
    assert "链头应是" in refusal(run, head=head[:8])


def test_truncation_shows_against_a_recorded_export(made, run):
    exports.record(
        made.report,
        by=made["office"],
        as_of=dt.date(2025, 6, 1),
        columns="A",
        selection="",
        problems=3,
        sha256="0" * 64,
        head=chain.head_of(made.report),
    )
    LedgerExport.objects.update(head="f" * 64)
    assert "所印链头不在链中" in refusal(run)


def test_a_missing_trigger_is_named(made, run):
    name, table = append_only_triggers.expected()[0]
    on = f" ON {table}" if connection.vendor == "postgresql" else ""
    with connection.cursor() as cursor:
        cursor.execute(f"DROP TRIGGER {name}{on}")
    assert f"第一处：触发器：{name}" in refusal(run)
    append_only_triggers.install()


STATE_EDITS = [
    {"title": "改过的标题"},
    {"deadline": dt.date(2098, 1, 1)},
    {"status": "mostly_done"},
    {"text": PURGED},
]


@pytest.mark.parametrize("change", STATE_EDITS, ids=str)
def test_an_edited_state_row_is_named(made, run, change):
    state = ProblemState.objects.filter(problem=made.problem).order_by("valid_from")[1]
    with append_only_triggers.lifted():
        ProblemState.objects.filter(pk=state.pk).update(**change)
    number = entry_of(made, Action.ASSIGN).number
    assert f"第 {number} 条（明确责任），问题 {made.problem.code}的历史" in refusal(run)


@pytest.mark.parametrize("change", STATE_EDITS, ids=str)
def test_an_edited_problem_is_named(made, run, change):
    Problem.objects.filter(pk=made.problem.pk).update(**change)
    assert f"问题 {made.problem.code}的当前内容" in refusal(run)


def test_an_edited_time_of_the_last_note_is_found(made, run):
    Problem.objects.filter(pk=made.problem.pk).update(reported_at=dt.datetime(2020, 1, 1, tzinfo=dt.UTC))
    assert "最近填报时间与进展记录不符" in refusal(run)


def test_edited_sets_are_found(made, run):
    made.problem.supporting_units.add(made.other_bureau)
    assert "与最近一次记录不符" in refusal(run)


def test_an_edited_measure_and_its_history_are_found(made, run):
    Measure.objects.update(result="改过")
    assert "完成情况与最近一次记录不符" in refusal(run)
    with append_only_triggers.lifted():
        MeasureState.objects.update(standard="改过")
    assert "完成标志与这一条的记录不符" in refusal(run)


def test_a_moved_interval_is_found(made, run):
    state = ProblemState.objects.filter(problem=made.problem).order_by("valid_from")[0]
    with append_only_triggers.lifted():
        ProblemState.objects.filter(pk=state.pk).update(valid_from=state.valid_from - dt.timedelta(days=30))
    assert "起始时间与这一条的时间不符" in refusal(run)
    with append_only_triggers.lifted():
        ProblemState.objects.filter(pk=state.pk).update(valid_to=state.valid_to - dt.timedelta(seconds=1))
    with pytest.raises(CommandError):
        run("verify_audit")


def test_a_gap_between_states_is_found(made, run):
    state = ProblemState.objects.filter(problem=made.problem).order_by("valid_from")[1]
    with append_only_triggers.lifted():
        ProblemState.objects.filter(pk=state.pk).update(valid_to=state.valid_to + dt.timedelta(seconds=1))
    assert "起止时间不相接" in refusal(run)


def test_a_state_row_too_many_or_too_few_is_found(made, run):
    with append_only_triggers.lifted():
        ProblemState.objects.filter(problem=made.problem).order_by("valid_from")[0].delete()
    assert "历史有 2 段，记录却有 3 次变更" in refusal(run)


def test_an_edited_version_is_found(made, run):
    Problem.objects.filter(pk=made.problem.pk).update(version=9)
    assert "版本号是 9" in refusal(run)


def test_an_edited_note_is_named(made, run):
    note = ProgressNote.objects.order_by("pk")[0]
    number = entry_of(made, Action.ADD_PROGRESS).number
    for change in ({"text": "改过"}, {"percent": 99}, {"text": PURGED}):
        with append_only_triggers.lifted():
            ProgressNote.objects.filter(pk=note.pk).update(**change)
        assert f"第 {number} 条（填报进展）" in refusal(run)


def test_edited_or_removed_evidence_is_found(made, run):
    for evidence in Evidence.objects.all():
        with append_only_triggers.lifted():
            Evidence.objects.filter(pk=evidence.pk).update(sha256="0" * 64)
        assert "佐证材料与记录不符" in refusal(run)
        with append_only_triggers.lifted():
            Evidence.objects.filter(pk=evidence.pk).update(sha256=evidence.sha256)
    assert "核对通过" in run("verify_audit")


def test_a_removed_problem_measure_or_note_is_found(made, run):
    problem = Problem.objects.get(report=made.report, number=3)
    with append_only_triggers.lifted():
        ProblemState.objects.filter(problem=problem).delete()
        AuditEntry.objects.filter(problem=problem).update(problem=None)
        entry = AuditEntry.objects.get(target_kind="problem", target_id=problem.pk)
        rehash(made, entry.number)
        problem.delete()
    assert f"第 {entry.number} 条（新增问题）：{problem.code}不见了" in refusal(run)


def test_a_problem_nobody_recorded_is_found(made, run):
    problem = Problem.objects.create(
        report=made.report, number=9, code="X-9", title="悄悄加的", created_at=dt.datetime.now(dt.UTC)
    )
    recording.open_state(problem)
    assert "问题 X-9：没有新增的记录" in refusal(run)


def test_a_link_decided_without_a_record_is_found(made, run):
    ProblemCause.objects.update(status="rejected")
    assert "确认情况与记录不符" in refusal(run)


def test_a_rewritten_chain_still_disagrees_with_the_rows(made, run):
    entry = entry_of(made, Action.ASSIGN)
    payload = entry.details
    payload["changes"] = [change for change in payload["changes"] if change["field"] != "deadline"]
    with append_only_triggers.lifted():
        AuditEntry.objects.filter(pk=entry.pk).update(payload=canonical(payload))
        rehash(made, entry.number)
    assert f"问题 {made.problem.code}" in refusal(run)


def test_a_purge_keeps_the_chain_true(made, run):
    for target in (ProgressNote.objects.order_by("pk")[0], Measure.objects.get(), made.problem):
        asked = purging.request(target, by=made["office"], reason="误传涉密内容")
        purging.confirm(asked, by=made["sysadmin"])
        assert "核对通过" in run("verify_audit")
    problem = made.problem
    problems.edit(
        problem, by=made["office"], seen=problem.version, title="重新拟定的题目", reason="清除后补写"
    )
    assert "核对通过" in run("verify_audit")
    Problem.objects.filter(pk=problem.pk).update(title="悄悄再改")
    assert "与最近一次记录不符" in refusal(run)


def test_a_marker_without_a_purge_is_found(made, run):
    entry = entry_of(made, Action.ADD_PROGRESS)
    AuditEntry.objects.filter(pk=entry.pk).update(payload=PURGED_PAYLOAD)  # the triggers let this pass
    assert f"第 {entry.number} 条：内容被抹去，却没有清除记录" in refusal(run)


def test_the_queries_do_not_follow_the_number_of_entries(made, run, django_assert_num_queries):
    with CaptureQueriesContext(connection) as few:
        run("verify_audit")
    for number in range(30):
        measures.add(made.problem, by=made["clerk"], text=f"第 {number} 条")
        note = progress.add(made.problem, by=made["clerk"], text=f"第 {number} 次", files=[builders.pdf()])
        progress.correct(note, by=made["clerk"], text=f"又 {number} 次", reason="多数了一次")
    with django_assert_num_queries(len(few)):
        run("verify_audit")
