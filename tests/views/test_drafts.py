"""Unsent input: whose it is, what is kept of it, and that nothing sent to it can break it."""

from __future__ import annotations

import pytest
from django.test import Client

from rectify.models import Draft, Problem
from rectify.operations.exchange import drafts as unsent
from rectify.views.drafts import SALT, draft_token, read_draft_token
from tests.builders import Cast, another_ledger, cast

pytestmark = [pytest.mark.django_db, pytest.mark.sqlite]


WORLD = cast


def client_of(made: Cast, role: str) -> Client:
    client = Client()
    client.force_login(made[role])
    return client


def keep(made: Cast, role: str, key: str, **fields: object):  # type: ignore[no-untyped-def]
    return client_of(made, role).post("/drafts/", {"draft_key": key, **fields})


def test_a_draft_is_one_persons(made: Cast) -> None:
    key = f"progress:{made.problem.pk}"
    assert keep(made, "clerk", key, text="我写的").status_code == 200
    assert keep(made, "unit_head", key, text="他写的").status_code == 200
    item = made.problem.get_absolute_url()
    for role, text in (("clerk", "我写的"), ("unit_head", "他写的")):
        page = client_of(made, role).get(item)
        assert page.context["form"]["text"].value() == text
        assert "没有提交的文字" in page.content.decode()
    assert client_of(made, "office").get(item).context["form"]["text"].value() in ("", None)


def test_it_is_kept_for_the_forms_of_the_ledger_too(made: Cast) -> None:
    assert made.report
    assert keep(made, "office", f"new:{made.report.pk}", title="写了一半").status_code == 200
    form = client_of(made, "office").get(f"/reports/{made.report.pk}/problems/add/").context["form"]
    assert form["title"].value() == "写了一半"


def test_another_ledgers_keys_are_not_taken(made: Cast) -> None:
    foreign = another_ledger(made)
    far = Problem.objects.filter(report=foreign).first()
    assert far
    for key in (f"new:{foreign.pk}", f"progress:{far.pk}", f"edit-1:{far.pk}"):
        response = keep(made, "office", key, text="别人的")
        assert response.status_code == 404 and "不属于您" in response.json()["error"]
    assert not Draft.objects.exists()


@pytest.mark.parametrize(
    "key",
    [
        "",
        "progress",
        "progress:",
        "progress:x",
        "progress:-1",
        "progress:²",
        "progress:٣",
        "progress:" + "9" * 19,
        "PROGRESS:1",
        "progress:1\n",
        "progress:1\x00",
        "a" * 500 + ":1",
        "progress-" + "9" * 500 + ":1",
        "'; DROP TABLE x; --:1",
    ],
)
def test_a_key_that_names_nothing_keeps_nothing(made: Cast, key: str) -> None:
    assert keep(made, "clerk", key, text="写了一半").status_code == 404
    assert not Draft.objects.exists()


def test_only_plain_fields_are_kept_and_secrets_are_not(made: Cast) -> None:
    key = f"progress:{made.problem.pk}"
    fields = {
        "text": "写了\x00一半",
        "csrfmiddlewaretoken": "secret",
        "idempotency_key": "11111111-2222-4333-8444-555555555555",
        "draft_token": "secret",
        "name\x00with nul": "x",
        "": "x",
        "n" * 41: "x",
        "<b>": "x",
        "percent": "",
    }
    assert keep(made, "clerk", key, **{"draft_key": key, **fields}).status_code == 200
    assert Draft.objects.get().fields == {"text": "写了一半"}


def test_what_is_emptied_is_forgotten(made: Cast) -> None:
    key = f"progress:{made.problem.pk}"
    keep(made, "clerk", key, text="写了一半")
    assert keep(made, "clerk", key, text="  ").status_code == 200
    assert not Draft.objects.exists()


def test_a_later_text_replaces_the_earlier_and_a_too_long_one_does_not(made: Cast) -> None:
    key = f"progress:{made.problem.pk}"
    for text in ("一", "一二", "一二三"):
        keep(made, "clerk", key, text=text)
    too_long = keep(made, "clerk", key, text="长" * 20_001)
    assert too_long.status_code == 422 and "20000" in too_long.json()["error"]
    assert Draft.objects.get().fields == {"text": "一二三"}


def test_a_draft_is_unsent_input_and_never_shown_to_anybody_else(made: Cast) -> None:
    unsent.keep(made["clerk"], key=f"progress:{made.problem.pk}", fields={"text": "<b>还没想好</b>"})
    text = client_of(made, "clerk").get(made.problem.get_absolute_url()).content.decode()
    assert "&lt;b&gt;还没想好" in text and "<b>还没想好" not in text
    for role in ("office", "leader", "unit_head", "inspector"):
        assert "还没想好" not in client_of(made, role).get(made.problem.get_absolute_url()).content.decode()


@pytest.mark.parametrize("kept", ["1", "part", "x", "%00", "<script>"])
def test_the_mark_in_the_address_says_only_what_is_known(made: Cast, kept: str) -> None:
    client, url = client_of(made, "clerk"), made.problem.get_absolute_url()
    text = client.get(f"{url}?kept={kept}").content.decode()
    assert "登录已过期" not in text and "<script>" not in text.replace("<script src", "")
    unsent.keep(made["clerk"], key=f"progress:{made.problem.pk}", fields={"text": "写了一半"})
    assert "登录已过期" in client.get(f"{url}?kept={kept}").content.decode()


def test_a_draft_token_is_bound_to_its_person_its_key_and_a_week(made: Cast) -> None:
    from django.core import signing

    one = draft_token(made["clerk"], "progress:1")
    assert read_draft_token(one) == (made["clerk"].pk, "progress:1")
    assert read_draft_token(one[:-1] + ("a" if one[-1] != "a" else "b")) is None
    assert read_draft_token(signing.dumps([made["clerk"].pk, "progress:1"], salt="another")) is None
    for odd in ("x", 1, None, [1], [1, 2, 3], {"a": 1}):
        assert read_draft_token(signing.dumps(odd, salt=SALT)) is None, odd
    old = signing.TimestampSigner(salt=SALT)
    old.timestamp = lambda: signing.b62_encode(0)  # type: ignore[method-assign]
    assert read_draft_token(old.sign_object([made["clerk"].pk, "progress:1"])) is None


def test_a_draft_token_of_somebody_who_has_left_keeps_nothing(made: Cast) -> None:
    key = f"progress:{made.problem.pk}"
    given = draft_token(made["clerk"], key)
    type(made["clerk"]).objects.filter(pk=made["clerk"].pk).update(is_active=False)
    sent = Client().post(f"/problems/{made.problem.pk}/progress/", {"text": "塞进去", "draft_token": given})
    assert sent.status_code == 302 and not Draft.objects.exists()
