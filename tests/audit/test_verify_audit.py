"""Every way of bending the record is found, and named by chain and number."""

from __future__ import annotations

import datetime as dt

import pytest
from django.core.management.base import CommandError
from django.db import connection
from django.test.utils import CaptureQueriesContext

from rectify import clock
from rectify.audit import anchors, append_only_triggers, chain
from rectify.choices import Action
from rectify.digests import GENESIS, PURGED_PAYLOAD, canonical
from rectify.models import (
    AuditEntry,
    ChainHead,
    LedgerExport,
    Measure,
    Problem,
    ProblemState,
    ProgressNote,
)
from rectify.models.progress import PURGED
from rectify.operations import measures, problems, progress, purging
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
        entry.payload_digest = entry.text_digest(entry.payload)
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


@pytest.mark.once
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


@pytest.mark.once
@pytest.mark.parametrize("change", STATE_EDITS, ids=str)
def test_an_edited_state_row_is_named(made, run, change):
    state = ProblemState.objects.filter(problem=made.problem).order_by("valid_from")[1]
    with append_only_triggers.lifted():
        ProblemState.objects.filter(pk=state.pk).update(**change)
    number = entry_of(made, Action.SET_STATUS).number  # the act that closed this state
    assert f"{state._meta.verbose_name}（编号 {state.pk}）：与第 {number} 条的记录不符" in refusal(run)


def test_an_edited_time_of_the_last_note_is_found(made, run):
    Problem.objects.filter(pk=made.problem.pk).update(reported_at=dt.datetime(2020, 1, 1, tzinfo=dt.UTC))
    assert "最近填报时间与进展记录不符" in refusal(run)


def test_an_edited_day_of_the_next_follow_up_is_found(made, run):
    Problem.objects.filter(pk=made.problem.pk).update(follow_up_on=dt.date(2020, 1, 1))
    assert "下次回头看的日期与计划不符" in refusal(run)


def test_a_state_row_too_many_or_too_few_is_found(made, run):
    with append_only_triggers.lifted():
        ProblemState.objects.filter(problem=made.problem).order_by("valid_from")[0].delete()
    assert "记录了这一行，现在不见了" in refusal(run)
    assert "版本号是 3，记录却有 2 次变更" in refusal(run)


def test_an_edited_version_is_found(made, run):
    Problem.objects.filter(pk=made.problem.pk).update(version=9)
    assert "版本号是 9" in refusal(run)


def test_an_edited_note_is_named(made, run):
    note = ProgressNote.objects.order_by("pk")[0]
    number = entry_of(made, Action.ADD_PROGRESS).number
    for change in ({"text": "改过"}, {"percent": 99}, {"text": PURGED}):
        with append_only_triggers.lifted():
            ProgressNote.objects.filter(pk=note.pk).update(**change)
        assert f"（编号 {note.pk}）：与第 {number} 条的记录不符" in refusal(run)


def rewrite(cast) -> None:
    """What whoever owns the disk and the code can do: another past, with a chain that fits it."""
    entry = entry_of(cast, Action.ASSIGN)
    payload = entry.details
    payload["changes"] = [change for change in payload["changes"] if change["field"] != "deadline"]
    with append_only_triggers.lifted():
        AuditEntry.objects.filter(pk=entry.pk).update(payload=canonical(payload))
        rehash(cast, entry.number)


def test_a_rewritten_chain_disagrees_with_a_head_that_was_printed(made, run):
    head = chain.head_of(made.report)
    rewrite(made)
    assert "记录被截断或替换过" in refusal(run, head=head)


def test_a_rewritten_and_a_truncated_chain_disagree_with_an_anchor(made, run):
    assert anchors.write_today() and not anchors.write_today()
    assert "核对通过" in run("verify_audit")
    last = chain_of(made).last()
    ChainHead.objects.filter(report=made.report).update(number=last.number - 1, digest=last.previous)
    with append_only_triggers.lifted():
        last.delete()
    told = f"锚点记到第 {last.number} 条，现在只到第 {last.number - 1} 条，记录的末尾被截断"
    assert told in refusal(run)
    with append_only_triggers.lifted():
        last.save(force_insert=True)
        ChainHead.objects.filter(report=made.report).update(number=last.number, digest=last.digest)
    rewrite(made)
    assert "锚点不符，记录被替换过" in refusal(run)


def test_an_anchor_cut_short_is_named_and_stops_nobody(made, run, settings):
    anchors.write_today()
    path = settings.ANCHOR_DIR / "heads.jsonl"
    path.write_bytes(path.read_bytes() + b'{"day":"2025-0\xe9')
    assert refusal(run).startswith("核对不通过。第一处：锚点文件第 2 行：读不出来")
    tomorrow = clock.now() + dt.timedelta(days=1)
    with clock.pretend(tomorrow):
        assert anchors.write_today()
    assert [anchor.day for anchor in anchors.read()] == [clock.today(), clock.today() + dt.timedelta(days=1)]
    assert anchors.unreadable() == [2]


def test_since_an_anchor_only_what_came_later_is_read(made, run):
    anchors.write_today()
    note = progress.add(made.problem, by=made["clerk"], text="锚点以后")
    AuditEntry.objects.filter(number=1).update(reason=PURGED)  # the triggers let this pass
    assert "部分核验通过" in run("verify_audit", since=clock.today())
    with append_only_triggers.lifted():
        ProgressNote.objects.filter(pk=note.pk).update(text="改过")
    assert f"进展记录（编号 {note.pk}）：与第" in refusal(run, since=clock.today())
    assert "没有锚点" in refusal(run, since=clock.today() - dt.timedelta(days=1))


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
    assert f"问题（编号 {problem.pk}）：与第" in refusal(run)


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
