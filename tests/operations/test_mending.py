"""一键修复: answers that follow from a fact, shown first, carried out in one batch or not at all."""

from __future__ import annotations

import pytest
from django.test import Client

from rectify.choices import Action, Role
from rectify.errors import Incomplete
from rectify.models import AuditEntry, BulkAct, Leader, Membership, Notice, Problem
from rectify.operations import bulk, mending, people
from rectify.selectors.health.findings import CheckedLedgers
from rectify.views.overview.health import scope_of
from tests import builders

pytestmark = pytest.mark.django_db
WORLD = builders.cast


@pytest.fixture
def gone(made: builders.Cast) -> builders.Cast:
    """Two items whose leader and clerk have left; the post has a new holder, the unit one new clerk."""
    second = Problem.objects.get(report=made.report, number=2)
    builders.assign(made, second)
    Leader.objects.filter(pk=made.leader.pk).update(active=False)
    people.add_leader(by=None, post=made.leader.post, unit=made.leader.unit, user=None)
    Membership.objects.filter(user=made["clerk"]).update(active=False)
    builders.account("newcomer", made.bureau, Role.CLERK)
    return made


def scope(made: builders.Cast) -> CheckedLedgers:
    return scope_of(made["office"], made.report)


def proposed(made: builders.Cast, rule: str = "") -> mending.Proposal:
    return mending.propose(scope(made), rule, by=made["office"])


def carried_out(made: builders.Cast, marks: set[str], **more: str) -> BulkAct:
    return mending.mend(
        made.report, scope(made), "", marks, by=made["office"], reason="体检后一并改定", **more
    )


def test_each_item_is_shown_and_mended_in_one_batch_and_told(gone: builders.Cast) -> None:
    entries, notices = AuditEntry.objects.count(), Notice.objects.count()
    shown = proposed(gone)
    assert [[change.label for change in line.changes] for line in shown.plan.lines] == [
        ["责任领导", "经办人"]
    ] * 2
    assert AuditEntry.objects.count() == entries
    done = carried_out(gone, shown.marks, idempotency_key="once")
    assert (done.applied, done.what) == (2, "一键修复：责任领导已不在任、经办人打不开这一项")
    assert carried_out(gone, shown.marks, idempotency_key="once") == done
    assert {one.clerk.username for one in Problem.objects.filter(number__lt=3)} == {"newcomer"}
    assert all(one.leader.active for one in Problem.objects.filter(number__lt=3))
    written = AuditEntry.objects.filter(pk__gt=done.first_entry - 1, act=Action.ASSIGN)
    assert {entry.reason for entry in written} == {"体检后一并改定"} and written.count() == 2
    assert Notice.objects.count() > notices
    assert not proposed(gone).plan.lines


def test_what_is_no_fact_is_not_proposed(gone: builders.Cast) -> None:
    builders.account("another", gone.bureau, Role.CLERK)
    assert not proposed(gone, "lost_clerk").plan.lines  # two could be it
    Leader.objects.filter(active=True).update(post="副县长")
    assert not proposed(gone, "leader_gone").plan.lines  # nobody holds that post
    with pytest.raises(Incomplete):
        mending.mend(gone.report, scope(gone), "", set(), by=gone["office"], reason="x")


def test_what_has_changed_since_is_shown_again_and_nothing_is_done(gone: builders.Cast) -> None:
    marks = proposed(gone).marks
    changed = Problem.objects.get(report=gone.report, number=2)
    wanted = bulk.Wanted({"kind": "at_once"})
    bulk.apply({changed.pk: changed.version}, wanted, by=gone["office"], reason="改类型")
    client = Client()
    client.force_login(gone["office"])
    page = client.get("/health/", {"report": gone.report.pk}).content.decode()
    assert "一键修复 2 项" in page
    there = f"/health/{gone.report.pk}/mend/?rule=leader_gone"
    sent = {"reason": "我写的理由", "shown": ",".join(one for one in marks if "leader" in one)}
    answer = client.post(there, sent)
    said = answer.content.decode()
    assert answer.status_code == 409 and "刚刚被更新" in said and "我写的理由" in said
    assert not Problem.objects.filter(leader__active=True).exists()
    # Nothing is lost: confirmed once more it is done; what is no mark is refused.
    assert client.post(there, sent | {"shown": "1:x"}).status_code == 422
    assert client.post(there, sent | {"shown": answer.context["shown"]}).status_code == 302
    assert Problem.objects.filter(leader__active=True).count() == 2
    again = client.post(there, sent)
    assert again.status_code == 409 and f"{changed.code}" in again.content.decode()


def test_a_refusal_of_the_form_is_the_same_here(gone: builders.Cast) -> None:
    """An item in review may not be assigned: it is shown with the sentence and stays."""
    Problem.objects.filter(number=2).update(status="in_review")
    accepted = [line.is_accepted for line in proposed(gone, "leader_gone").plan.lines]
    assert accepted.count(False) == accepted.count(True) == 1
