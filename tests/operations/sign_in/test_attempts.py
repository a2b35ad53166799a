"""Attempts to sign in are counted in bounded room, and shown to whom they concern."""

from __future__ import annotations

import datetime as dt

import pytest

from rectify import clock
from rectify.choices import SignInOutcome
from rectify.models import AuditEntry, SignInAttempt
from rectify.operations.sign_in import attempts
from rectify.selectors.last_sign_in import LastSignIn, last_sign_in
from tests.builders import Cast, another_ledger, cast

pytestmark = pytest.mark.django_db
WORLD = cast
HERE, THERE = "10.0.0.7", "10.0.0.9"
WRONG, SUCCESS, LIMITED = SignInOutcome.PASSWORD, SignInOutcome.SUCCESS, SignInOutcome.LIMITED


def counts() -> list[tuple[str, str, int]]:
    return [(row.address, row.outcome, row.count) for row in SignInAttempt.objects.order_by("pk")]


def test_failures_of_an_hour_share_a_row_and_a_success_ends_it(made: Cast) -> None:
    clerk = made["clerk"]
    for address in (HERE, HERE, THERE):
        attempts.note(WRONG, user=clerk, address=address)
    attempts.note(SUCCESS, user=clerk, address=HERE)
    attempts.note(WRONG, user=clerk, address=HERE)
    assert counts() == [(HERE, WRONG, 2), (THERE, WRONG, 1), (HERE, SUCCESS, 1), (HERE, WRONG, 1)]
    with clock.pretend(clock.now() + dt.timedelta(minutes=61)):
        attempts.note(WRONG, user=clerk, address=HERE)
    assert counts()[-1] == (HERE, WRONG, 1) and len(counts()) == 5


def test_whoever_is_told_to_wait_and_asks_on_writes_once_a_minute(made: Cast) -> None:
    for _ in range(50):
        attempts.note(LIMITED, user=made["clerk"], address=HERE)
    assert counts() == [(HERE, LIMITED, 1)]
    with clock.pretend(clock.now() + dt.timedelta(seconds=61)):
        attempts.note(LIMITED, user=made["clerk"], address=HERE)
    assert counts() == [(HERE, LIMITED, 2)]


def test_spraying_from_everywhere_fills_no_table(made: Cast, monkeypatch) -> None:
    monkeypatch.setattr(attempts, "MOST_UNKNOWN", 5)
    for n in range(20):
        attempts.note(WRONG, user=None, address=f"10.2.0.{n}")
    attempts.note(WRONG, user=None, address="10.2.0.1")
    assert len(counts()) == 6 and counts()[-1] == ("", WRONG, 15)
    assert ("10.2.0.1", WRONG, 2) in counts()


def test_signing_in_takes_no_lock_of_the_record(made: Cast) -> None:
    entries = AuditEntry.objects.count()
    for outcome in SignInOutcome.values:
        attempts.note(outcome, user=made["clerk"], address=HERE)
    assert AuditEntry.objects.count() == entries


def test_what_is_older_than_half_a_year_goes(made: Cast) -> None:
    with clock.pretend(clock.now() - dt.timedelta(days=184)):
        attempts.note(SUCCESS, user=made["clerk"], address=HERE)
    with clock.pretend(clock.now() - dt.timedelta(days=182)):
        attempts.note(SUCCESS, user=made["clerk"], address=THERE)
    assert attempts.drop_old() == 1
    assert counts() == [(THERE, SUCCESS, 1)]


# -- what a person is told -----------------------------------------------------------------------------


def test_the_person_learns_of_the_sign_in_before_and_of_failures_since(made: Cast) -> None:
    clerk = made["clerk"]
    assert last_sign_in(clerk) == LastSignIn()
    attempts.note(WRONG, user=clerk, address=THERE)
    attempts.note(SUCCESS, user=clerk, address=HERE)
    for _ in range(3):
        attempts.note(WRONG, user=clerk, address=THERE)
    attempts.note(WRONG, user=made["office"], address=THERE)
    known = last_sign_in(clerk)
    assert (known.address, known.failures, known.failed_from) == (HERE, 3, THERE)
    assert known.at and known.failed_at and known.failed_at > known.at
    assert LastSignIn.from_json(known.as_json()) == known


def test_being_kept_out_counts_even_without_a_wrong_password(made: Cast) -> None:
    attempts.note(LIMITED, user=made["clerk"], address=THERE)
    assert last_sign_in(made["clerk"]).failures == 1


# -- what the auditor reads ----------------------------------------------------------------------------


def test_an_auditor_reads_the_own_county_and_names_that_nobody_has(made: Cast) -> None:
    another_ledger(made)
    other = made["clerk"].__class__.objects.get(username="other_office")
    for user in (made["clerk"], other, None):
        attempts.note(WRONG, user=user, address=HERE)
    seen = {row.user_id for row in SignInAttempt.objects.visible_to(made["auditor"])}
    assert seen == {made["clerk"].pk, None}
    assert not SignInAttempt.objects.visible_to(made["office"]).exists()
