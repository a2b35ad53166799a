"""The hand-over page: everything a person holds moves in one act, or nothing does."""

from __future__ import annotations

import pytest
from django.test import Client

from rectify.choices import Action, Role
from rectify.models import AuditEntry, Draft, Membership, Problem, User
from rectify.operations import people
from tests import builders
from tests.builders import Cast

pytestmark = [pytest.mark.django_db, pytest.mark.sqlite]
WHERE = "/people/hand-over/"


def history() -> Cast:
    made = builders.cast()
    made.people["successor"] = builders.account("successor", made.bureau, Role.CLERK)
    second = Problem.objects.get(report=made.report, number=2)
    builders.assign(made, second)
    return made


WORLD = history


@pytest.fixture
def office(made: Cast) -> Client:
    client = Client()
    client.force_login(made["office"])
    return client


def data(made: Cast, **more: object) -> dict[str, object]:
    return {"giver": made["clerk"].pk, "taker": made["successor"].pk, "reason": "岗位调整"} | more


def held(user: User) -> int:
    return Problem.objects.filter(clerk=user).count()


def test_all_of_it_moves_and_each_problem_says_so(made: Cast, office: Client) -> None:
    page = office.post(WHERE, data(made), follow=True)
    assert "经办的事项（乙县丙局）：2 项 → " in page.content.decode()
    assert (held(made["clerk"]), held(made["successor"])) == (0, 2)
    entries = AuditEntry.objects.filter(act=Action.HAND_OVER)
    assert entries.filter(problem__isnull=False).count() == 2 and entries.filter(problem=None).count() == 1
    assert {entry.reason for entry in entries} == {"岗位调整"}
    client = Client()
    client.force_login(made["successor"])
    assert "填报进展" in client.get(made.problem.get_absolute_url()).content.decode()


def test_sent_twice_it_happens_once(made: Cast, office: Client) -> None:
    assert office.post(WHERE, data(made)).status_code == 302
    count = AuditEntry.objects.count()
    again = office.post(WHERE, data(made))
    assert again.status_code == 422 and "不在可选范围内" in again.content.decode()
    assert AuditEntry.objects.count() == count


def test_who_has_left_can_still_be_taken_from_but_takes_nothing(made: Cast, office: Client) -> None:
    Membership.objects.filter(user=made["clerk"]).update(active=False)
    people.close_account(made["clerk"], by=made["sysadmin"], reason="退休")
    form = office.get(WHERE).context["form"]
    assert made["clerk"] in form.fields["giver"].queryset
    assert made["clerk"] not in form.fields["taker"].queryset
    assert office.post(WHERE, data(made)).status_code == 302
    assert held(made["successor"]) == 2


@pytest.mark.parametrize("field", ["giver", "taker"])
@pytest.mark.parametrize("value", ["", "0", "-1", "x", "9" * 30, "1 OR 1=1", "\x00", "²"])
def test_a_forged_person_is_an_error_of_the_form(made: Cast, office: Client, field: str, value: str) -> None:
    response = office.post(WHERE, data(made, **{field: value}))
    assert response.status_code == 422
    assert response.context["form"].errors[field]
    assert "不在可选范围内" in response.content.decode() or "请选择" in response.content.decode()
    assert response.context["form"]["reason"].value() == "岗位调整"
    assert held(made["clerk"]) == 2


def test_a_person_of_another_county_is_no_choice(made: Cast, office: Client) -> None:
    builders.another_ledger(made)
    other = User.objects.get(username="other_office")
    clerk = builders.account("far_clerk", other.memberships.get().unit, Role.CLERK)
    for field in ("giver", "taker"):
        assert office.post(WHERE, data(made, **{field: clerk.pk})).status_code == 422
    client = Client()
    client.force_login(other)
    assert client.post(WHERE, data(made)).status_code == 422
    assert held(made["clerk"]) == 2


@pytest.mark.parametrize(
    ("more", "words"),
    [
        ({"reason": ""}, "请填写理由"),
        ({"reason": "  "}, "请填写理由"),
        ({"reason": "长" * 501}, "最多 500 个字"),
        ({"taker": "giver"}, "不能是同一人"),
        ({"taker": "stranger"}, "不能接收"),
    ],
)
def test_what_cannot_be_is_refused_and_nothing_moves(
    made: Cast, office: Client, more: dict, words: str
) -> None:
    if taker := {"giver": "clerk", "stranger": "stranger"}.get(more.get("taker", "")):
        more = {"taker": made[taker].pk}
    response = office.post(WHERE, data(made, **more))
    assert response.status_code == 422 and words in response.content.decode()
    assert (held(made["clerk"]), held(made["successor"])) == (2, 0)
    assert not AuditEntry.objects.filter(act=Action.HAND_OVER).exists()


def test_an_empty_submit_is_answered(office: Client) -> None:
    response = office.post(WHERE, {})
    assert response.status_code == 422 and set(response.context["form"].errors) == {
        "giver",
        "taker",
        "reason",
    }


def test_an_expired_sign_in_keeps_what_was_chosen(made: Cast, office: Client) -> None:
    draft_token = office.get(WHERE).context["draft_token"]
    sent = Client().post(WHERE, data(made, draft_token=draft_token))
    assert sent.status_code == 302 and held(made["clerk"]) == 2
    form = office.get(f"{WHERE}?kept=1").context["form"]
    assert form["reason"].value() == "岗位调整"
    assert str(form["giver"].value()) == str(made["clerk"].pk)
    office.post(WHERE, data(made))
    assert not Draft.objects.exists()
