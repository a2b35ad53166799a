"""Loading: what stands in the ledger afterwards, the record of it, the kept source, and the refusals."""

from __future__ import annotations

import hashlib

import pytest
from django.core.management import call_command

from rectify.choices import Action, IntakeStatus, LinkStatus, Status
from rectify.errors import Incomplete, NotAllowed, Stale, WrongState
from rectify.evidence import storage
from rectify.intake.load import load
from rectify.intake.plan import make_plan
from rectify.intake.review import editing
from rectify.models import AuditEntry, IntakeDraft, Problem, ProblemCause, Report, SourcePassage, SourceText
from rectify.models.progress import PURGED
from rectify.operations import problems, purging
from rectify.operations.exchange import intake_drafts
from tests import builders
from tests.intake import parsing
from tests.intake.conftest import edit, upload

pytestmark = pytest.mark.django_db(databases=["default", "snapshot"])


def confirm(made: builders.Cast, draft: IntakeDraft) -> Report:
    digest = make_plan(draft).digest
    return load(draft, by=made["office"], seen=draft.version, digest=digest)


def corrected(made: builders.Cast, report: Report, *changes: tuple[str, str]) -> IntakeDraft:
    text = parsing.REPORT
    for old, new in changes:
        assert old in text
        text = text.replace(old, new)
    return upload(made, text, target=report)


# -- a new ledger -----------------------------------------------------------------------------------


def test_a_report_becomes_a_ledger(made):
    report = confirm(made, upload(made))
    rows = list(report.problems.order_by("number"))
    assert [row.title for row in rows] == ["学用结合不紧", "督办不够经常", "为群众办实事不够扎实"]
    assert [str(row.aspect) for row in rows] == ["带头学习方面", "带头学习方面", "带头服务群众方面"]
    assert [one.text for one in rows[0].manifestations.all()] == ["研讨念稿多", "开展调研x次"]
    assert [row.title for row in report.causes.all()] == ["理论学习不系统", "宗旨意识有差距"]
    assert [row.text for row in report.directions.all()] == ["坚持学习。", "逐项整改。"]
    links = {(link.problem.number, link.cause.number): link.status for link in ProblemCause.objects.all()}
    links = {key: status for key, status in links.items() if key in {(1, 1), (2, 1), (3, 2)}}
    assert links == {(1, 1): "confirmed", (2, 1): "confirmed", (3, 2): "pending"}
    assert {row.status for row in rows} == {Status.NOT_STARTED}
    call_command("verify_audit")


def test_the_source_is_kept_with_its_file_and_the_place_of_each_problem(made):
    draft = upload(made)
    report = confirm(made, draft)
    source = SourceText.objects.get()
    assert (source.report, source.edition, source.text) == (report, 1, parsing.REPORT)
    assert hashlib.sha256(source.path.read_bytes()).hexdigest() == source.sha256
    passage = SourcePassage.objects.get(problem__number=3)
    assert source.text[passage.start : passage.end] == "问题：为群众办实事不够扎实。回迁办证进展慢。"
    entry = AuditEntry.objects.get(act=Action.LOAD_SOURCE)
    assert entry.details["source"]["sha256"] == source.sha256
    assert "回迁" not in entry.payload
    draft.refresh_from_db()
    assert (draft.status, draft.report, draft.text, draft.outline) == ("loaded", report, "", {})


def test_what_was_edited_is_what_is_loaded(made):
    def act(outline):
        editing.rename(
            outline, "p1", title="学用脱节", text="改过的描述", manifestations=["研讨念稿多", "新写的"]
        )
        editing.drop(outline, "p2")
        editing.turn(outline, "d2", kind="cause")
        editing.decide(outline, "p3", "c2", confirm=True)
        editing.decide(outline, "p1", "d1", confirm=False)
        editing.move(outline, "p3", aspect="")

    report = confirm(made, edit(made, upload(made), act))
    one, three = report.problems.order_by("number")
    assert (one.title, one.text) == ("学用脱节", "改过的描述")
    assert [row.text for row in one.manifestations.all()] == ["研讨念稿多", "新写的"]
    assert (three.title, three.aspect) == ("为群众办实事不够扎实", None)
    assert report.causes.count() == 3 and report.directions.count() == 1
    link = three.cause_links.get()
    assert (link.status, link.decided_by) == (LinkStatus.CONFIRMED, made["office"])
    assert AuditEntry.objects.filter(report=report, act=Action.CONFIRM_LINK).count() == 1
    assert not one.direction_links.exists()
    call_command("verify_audit")


def test_filled_placeholders_go_into_the_ledger_and_not_into_the_source(made):
    report = confirm(
        made, edit(made, upload(made), lambda outline: editing.fill(outline, {0: "6次", 1: "张三"}))
    )
    rows = list(report.problems.order_by("number"))
    assert rows[0].manifestations.last().text == "开展调研6次"
    assert rows[1].text == "张三同志分管的事项督办少。"
    assert "xx同志" in SourceText.objects.get().text


def test_a_second_load_of_the_same_draft_makes_nothing(made):
    draft = upload(made)
    digest = make_plan(draft).digest
    load(draft, by=made["office"], seen=draft.version, digest=digest)
    before = Report.objects.count()
    with pytest.raises(WrongState, match="已载入"):
        load(draft, by=made["office"], seen=draft.version, digest=digest)
    assert Report.objects.count() == before


def test_another_plan_than_the_one_shown_is_not_carried_out(made):
    draft = upload(made)
    digest = make_plan(draft).digest
    draft = edit(made, draft, lambda outline: editing.drop(outline, "p1"))
    with pytest.raises(WrongState, match="有变化"):
        load(draft, by=made["office"], seen=draft.version, digest=digest)
    with pytest.raises(Stale):
        load(draft, by=made["office"], seen=draft.version - 1, digest=make_plan(draft).digest)
    assert Report.objects.count() == 1 and not SourceText.objects.exists()
    draft.refresh_from_db()
    assert draft.status == IntakeStatus.OPEN


def test_nothing_is_half_loaded(made):
    draft = edit(made, upload(made), lambda outline: setattr(outline.item("c2"), "title", "长" * 201))
    with pytest.raises(Incomplete) as refused:
        confirm(made, draft)
    assert "第 2 条根源的名称有 201 个字" in refused.value.missing[0]
    assert Report.objects.count() == 1 and AuditEntry.objects.filter(act=Action.CREATE_REPORT).count() == 1


def test_only_the_office_of_the_unit_loads(made):
    draft = upload(made)
    for role in ("clerk", "leader", "inspector", "sysadmin"):
        with pytest.raises(NotAllowed):
            load(draft, by=made[role], seen=draft.version, digest=make_plan(draft).digest)
    assert Report.objects.count() == 1


# -- a corrected version -------------------------------------------------------------------------------


@pytest.fixture
def loaded(made) -> Report:
    report = confirm(made, upload(made))
    first = report.problems.get(number=1)
    builders.assign(made, first)
    return report


def test_the_same_report_again_changes_nothing(made, loaded):
    before = [(row.version, row.title, row.lead_unit_id) for row in loaded.problems.all()]
    entries = AuditEntry.objects.filter(report=loaded).count()
    draft = upload(made, target=loaded)
    assert make_plan(draft).idle
    assert confirm(made, draft) == loaded
    assert [(row.version, row.title, row.lead_unit_id) for row in loaded.problems.all()] == before
    assert AuditEntry.objects.filter(report=loaded).count() == entries + 1
    assert SourceText.objects.filter(report=loaded).count() == 2
    call_command("verify_audit")


def test_a_corrected_version_changes_texts_and_leaves_the_work_alone(made, loaded):
    draft = corrected(
        made,
        loaded,
        ("学用结合不紧。学习抓得紧，用得少。", "学用结合不够紧密。学习抓得紧，用得少。"),
        ("督办不够经常", "督查督办不够经常"),
        ("\n根源：理论学习不系统", "\n问题：调研走过场。看点多。\n根源：理论学习不够系统"),
        ("；开展调研x次", "；开展调研x次；联系实际少"),
    )
    confirm(made, draft)
    one, two, three, new = loaded.problems.order_by("number")
    assert (one.title, one.lead_unit, one.deadline.year) == ("学用结合不够紧密", made.bureau, 2099)
    assert [row.text for row in one.manifestations.all()][-1] == "联系实际少"
    assert (two.title, two.version) == ("督查督办不够经常", 2)
    assert three.version == 1
    assert (new.title, new.code) == ("调研走过场", f"{loaded.prefix}-04")
    assert loaded.causes.get(number=1).title == "理论学习不够系统"
    edits = AuditEntry.objects.filter(report=loaded, act=Action.EDIT_PROBLEM)
    assert {entry.reason for entry in edits} == {"载入修订稿：对照检查报告.txt"}
    assert set(SourceText.objects.get(edition=2).passages.values_list("problem", flat=True)) == {
        one.pk,
        two.pk,
        three.pk,
        new.pk,
    }
    call_command("verify_audit")


def test_a_problem_the_new_version_lacks_is_kept(made, loaded):
    confirm(made, corrected(made, loaded, ("问题：督办不够经常。xx同志分管的事项督办少。\n", "")))
    assert loaded.problems.filter(withdrawn=False).count() == 3


def test_a_decided_link_stands(made, loaded):
    link = ProblemCause.objects.get(problem__report=loaded, problem__number=1)
    problems.decide_link(link, by=made["office"], confirm=False)
    confirm(made, upload(made, target=loaded))
    link.refresh_from_db()
    assert link.status == LinkStatus.REJECTED


def test_a_new_tie_of_the_corrected_version_is_added_once(made, loaded):
    confirm(made, corrected(made, loaded, ("抓好整改。", "抓好整改（2、3？）。")))
    pairs = {(link.problem.number, link.status) for link in loaded.directions.get(number=2).links.all()}
    assert pairs == {(2, "confirmed"), (3, "pending")}
    call_command("verify_audit")


def test_somebody_working_meanwhile_is_not_overwritten(made, loaded):
    draft = corrected(made, loaded, ("督办不够经常", "督查督办不够经常"))
    digest = make_plan(draft).digest
    two = loaded.problems.get(number=2)
    problems.edit(two, by=made["office"], seen=two.version, title="督办不常", reason="精简")
    with pytest.raises(WrongState):
        load(draft, by=made["office"], seen=draft.version, digest=digest)
    assert loaded.problems.get(number=2).title == "督办不常"


# -- drafts and their files ---------------------------------------------------------------------------


@pytest.mark.django_db(transaction=True, databases=["default", "snapshot"])
def test_a_dropped_draft_takes_its_file_along_unless_another_needs_it(made):
    kept = storage.keep(builders.stream("两篇".encode(), "合集.txt"))
    parts = [intake_drafts.NewDraft("一", "第一篇"), intake_drafts.NewDraft("二", "第二篇")]
    one, two = intake_drafts.start(kept, parts, by=made["office"], unit=made.county, year=2026)
    path = one.path
    intake_drafts.drop(one, by=made["office"], seen=one.version)
    assert path.exists()
    intake_drafts.drop(two, by=made["office"], seen=two.version)
    assert not path.exists()
    one.refresh_from_db()
    assert (one.status, one.text, one.outline) == (IntakeStatus.DROPPED, "", {})


@pytest.mark.django_db(transaction=True, databases=["default", "snapshot"])
def test_a_purged_problem_takes_the_source_and_its_file_along(made):
    report = confirm(made, upload(made))
    again = upload(made, year=2027)
    source = SourceText.objects.get()
    path = source.path
    purge = purging.request(report.problems.get(number=2), by=made["office"], reason="误传个人信息")
    second = builders.account("second_office", made.county, "office")
    purging.confirm(purge, by=second)
    source.refresh_from_db()
    assert (source.text, source.name) == (PURGED, PURGED)
    assert not path.exists() and not again.path.exists()
    again.refresh_from_db()
    assert (again.status, again.text) == (IntakeStatus.DROPPED, "")
    assert not AuditEntry.objects.filter(payload__contains="对照检查报告.txt").exists()
    call_command("verify_audit")


@pytest.mark.parametrize("field", ["text", "sha256", "name"])
def test_a_bent_source_is_found(made, field):
    from django.core.management.base import CommandError

    from rectify.audit import append_only_triggers

    confirm(made, upload(made))
    with append_only_triggers.lifted():
        SourceText.objects.update(**{field: "改过"})
    with pytest.raises(CommandError, match=r"报告原文（编号 1）.*记录不符"):
        call_command("verify_audit")


def test_a_moved_passage_is_found(made):
    from django.core.management.base import CommandError

    from rectify.audit import append_only_triggers

    confirm(made, upload(made))
    with append_only_triggers.lifted():
        SourcePassage.objects.filter(problem__number=1).update(start=0)
    with pytest.raises(CommandError, match=r"原文段落（编号 1）.*记录不符"):
        call_command("verify_audit")


def test_the_database_itself_keeps_the_source(made):
    from django.db import DatabaseError, transaction

    confirm(made, upload(made))
    for act in (
        lambda: SourceText.objects.update(text="改过"),
        lambda: SourcePassage.objects.update(start=0),
        lambda: SourcePassage.objects.all()._raw_delete("default"),
    ):
        with pytest.raises(DatabaseError), transaction.atomic():
            act()
    assert Problem.objects.filter(passages__isnull=False).count() == 3
