"""Sign-in, lock-out, the duty to change a password, idle time-out, sign-out, and where `next` leads."""

from __future__ import annotations

import datetime as dt
import re

import pytest
from axes.models import AccessAttempt
from django.conf import settings
from django.contrib.sessions.models import Session
from django.test import Client

from rectify import clock, middleware, sessions
from rectify.choices import Action
from rectify.models import AuditEntry, DutyRequest, User
from rectify.operations import duties, people
from rectify.selectors.sign_in_limits import FREE_FOR_ACCOUNT, FREE_FROM_ADDRESS, Failures
from tests.builders import Cast, cast
from tests.views.rendered import check_page

pytestmark = [pytest.mark.django_db, pytest.mark.sqlite]

PASSWORD = "ce-shi-mi-ma-1"
LOGIN = "/accounts/login/"
CHANGE = "/accounts/password/"
HERE, ELSEWHERE = "10.1.1.5", "10.1.1.6"


WORLD = cast


def sign_in(username: str, password: str = PASSWORD, address: str = HERE, **more: str):  # type: ignore[no-untyped-def]
    return Client(REMOTE_ADDR=address).post(LOGIN, {"username": username, "password": password, **more})


def change(client: Client, new: str, again: str | None = None, old: str = PASSWORD):  # type: ignore[no-untyped-def]
    data = {"old_password": old, "new_password1": new, "new_password2": new if again is None else again}
    return client.post(CHANGE, data)


def errors(text: str) -> str:
    """The sentences of the error lists, without tags."""
    return " ".join(
        re.sub(r"<[^>]+>", " ", part) for part in re.findall(r'role="alert".*?</div>', text, re.S)
    )


# -- sign-in -------------------------------------------------------------------------------------------


def test_the_right_password_opens_the_first_page(made: Cast) -> None:
    response = sign_in("clerk")
    assert response.status_code == 302 and response["Location"] == "/"
    assert "sessionid" in response.cookies
    assert response.cookies["sessionid"]["httponly"]
    assert response.cookies["sessionid"]["samesite"] == "Lax"


@pytest.mark.parametrize(
    ("username", "password"),
    [
        ("clerk", "wrong"),
        ("nobody", PASSWORD),
        ("clerk", ""),
        ("", ""),
        ("clerk' OR 1=1 --", "x"),
        ("长" * 200, "x"),
        ("clerk\x00", "x"),
        ("clerk", "\x00"),
        ("\ud800".encode("utf-8", "surrogatepass").decode("utf-8", "replace"), "x"),
    ],
)
def test_what_is_wrong_is_said_in_chinese_and_lets_nobody_in(
    made: Cast, username: str, password: str
) -> None:
    response = sign_in(username, password)
    assert response.status_code == 200
    assert "sessionid" not in response.cookies
    text = response.content.decode()
    assert re.search(r"请输入一个正确的|这个字段是必填项|最多|不允许", text)
    assert "Please" not in text and "This field" not in text


def test_the_same_words_for_a_wrong_name_and_a_wrong_password(made: Cast) -> None:
    unknown, wrong = sign_in("nobody", "x"), sign_in("clerk", "x")
    assert errors(unknown.content.decode()) == errors(wrong.content.decode()) != ""


def test_an_account_switched_off_does_not_sign_in_and_is_signed_out(made: Cast) -> None:
    client = Client()
    client.force_login(made["clerk"])
    people.close_account(made["clerk"], by=made["sysadmin"], reason="调离")
    assert client.get("/")["Location"].startswith(LOGIN)
    assert sign_in("clerk").status_code == 200


def test_a_sign_in_needs_the_token_of_its_page(made: Cast) -> None:
    strict = Client(enforce_csrf_checks=True)
    assert strict.post(LOGIN, {"username": "clerk", "password": PASSWORD}).status_code == 403
    strict.get(LOGIN)
    token = strict.cookies["csrftoken"].value
    data = {"username": "clerk", "password": PASSWORD, "csrfmiddlewaretoken": token}
    assert strict.post(LOGIN, data).status_code == 302


# -- lock-out ------------------------------------------------------------------------------------------


def test_five_wrong_passwords_lock_that_name_at_that_address_alone(made: Cast) -> None:
    answers = [sign_in("clerk", f"wrong{n}").status_code for n in range(5)]
    assert answers == [200, 200, 200, 200, 429]
    locked = sign_in("clerk")
    assert locked.status_code == 429, "even the right password has to wait"
    text = locked.content.decode()
    for words in ("暂时不能登录", "clerk", "15 分钟", "其他人不受影响", "都在", "系统管理员"):
        assert words in text
    check_page(locked, "locked")
    assert "sessionid" not in locked.cookies
    assert sign_in("clerk", address=ELSEWHERE).status_code == 302
    assert sign_in("unit_head").status_code == 302
    assert sign_in("CLERK").status_code == 200, "another name, which nobody has"


def test_trying_many_names_from_one_address_is_stopped(made: Cast) -> None:
    answers = [sign_in(f"name{n}", "wrong").status_code for n in range(FREE_FROM_ADDRESS)]
    assert answers == [200] * FREE_FROM_ADDRESS
    stopped = sign_in("unit_head")
    assert stopped.status_code == 429 and "已经登录的同志不受影响" in stopped.content.decode()
    check_page(stopped, "locked")
    assert sign_in("unit_head", address=ELSEWHERE).status_code == 302


def test_trying_one_account_from_many_addresses_is_slowed_down(made: Cast) -> None:
    answers = [sign_in("clerk", "wrong", f"10.3.0.{n}").status_code for n in range(FREE_FOR_ACCOUNT)]
    assert answers == [200] * FREE_FOR_ACCOUNT
    assert sign_in("clerk", address="10.3.1.1").status_code == 429
    assert sign_in("unit_head", address="10.3.1.1").status_code == 302
    AccessAttempt.objects.update(attempt_time=clock.now() - dt.timedelta(seconds=3))
    assert sign_in("clerk", address="10.3.1.1").status_code == 302


def test_each_further_wrong_password_doubles_the_wait() -> None:
    now = clock.now()
    waits = [round(Failures(FREE_FOR_ACCOUNT + n, now).wait(FREE_FOR_ACCOUNT)) for n in range(12)]
    assert waits[:4] == [2, 4, 8, 16] and waits[-1] == 900


def test_a_right_password_forgets_the_wrong_ones(made: Cast) -> None:
    for _ in range(2):
        assert {sign_in("clerk", "wrong").status_code for _ in range(4)} == {200}
        assert sign_in("clerk").status_code == 302


def test_the_name_on_the_locked_page_is_escaped(made: Cast) -> None:
    name = "<script>alert(1)</script>"
    text = [sign_in(name, "x") for _ in range(5)][-1].content.decode()
    assert "<script>alert" not in text and "&lt;script&gt;" in text


@pytest.mark.parametrize(
    ("sender", "forwarded", "address"),
    [
        ("127.0.0.1", "10.9.9.9", "127.0.0.1"),
        ("10.1.1.5", "10.9.9.9", "10.1.1.5"),
        ("10.0.0.2", "10.9.9.9", "10.9.9.9"),
        ("10.0.0.2", "10.8.8.8, 10.9.9.9", "10.9.9.9"),
        ("10.0.0.2", "2001:DB8::1", "2001:db8::1"),
        ("10.0.0.2", "", "10.0.0.2"),
        ("10.0.0.2", "not an address", "10.0.0.2"),
        ("10.0.0.2", "10.9.9.9\x00", "10.0.0.2"),
        ("10.0.0.2", "fe80::1%eth0", "10.0.0.2"),
        ("10.0.0.2", "9" * 500, "10.0.0.2"),
    ],
)
def test_only_our_own_proxy_names_an_address(
    made: Cast, rf, settings, sender: str, forwarded: str, address: str
) -> None:
    settings.TRUSTED_PROXIES = frozenset({"10.0.0.2"})
    request = rf.get("/", REMOTE_ADDR=sender, HTTP_X_FORWARDED_FOR=forwarded)
    assert middleware.client_address(request) == address
    client = Client(REMOTE_ADDR=sender, HTTP_X_FORWARDED_FOR=forwarded)
    assert client.post(LOGIN, {"username": "clerk", "password": "wrong"}).status_code == 200


# -- the first and every other change of password ------------------------------------------------------


def test_a_reset_password_must_be_changed_before_anything_else(made: Cast) -> None:
    people.set_password(made["clerk"], by=made["sysadmin"], password="Guan-li-yuan-gei-5")
    client = Client()
    client.force_login(made["clerk"])
    for url in (
        "/",
        "/problems/",
        f"/problems/{made.problem.pk}/",
        "/ledger/export/",
        "/admin/",
        "/nowhere/",
    ):
        response = client.get(url)
        assert response.status_code == 302 and response["Location"] == CHANGE, url
    sent = client.post(f"/problems/{made.problem.pk}/progress/", {"text": "抢先填报"})
    assert sent["Location"] == CHANGE and not made.problem.notes.exists()
    page = client.get(CHANGE)
    assert "请先换成您自己的密码" in page.content.decode()
    assert client.get("/help/").status_code == 200
    done = change(client, "Wo-zi-ji-de-mi-ma-7", old="Guan-li-yuan-gei-5")
    assert done.status_code == 302 and done["Location"] == "/"
    assert client.get("/").status_code == 200, "still signed in"
    assert not made["clerk"].must_change_password
    assert sign_in("clerk", "Guan-li-yuan-gei-5").status_code == 200
    assert sign_in("clerk", "Wo-zi-ji-de-mi-ma-7").status_code == 200, "the reset waits for a second person"
    duties.confirm(DutyRequest.objects.get(user=made["clerk"]), by=made["office"])
    assert sign_in("clerk", "Wo-zi-ji-de-mi-ma-7").status_code == 302


@pytest.mark.parametrize(
    ("new", "again", "words"),
    [
        ("short", None, "至少"),
        ("837261945012", None, "只包含数字"),
        ("qwertyuiop", None, "常见"),
        ("clerk_of_b", None, "相似"),
        ("Yi-ge-hao-mi-ma-9", "ling-yi-ge-mi-ma", "不一致"),
        ("", None, "必填"),
        ("ge-hao-mi-ma\x00xx", None, "不允许"),
    ],
)
def test_a_weak_password_is_refused_in_chinese(made: Cast, new: str, again: str | None, words: str) -> None:
    User.objects.filter(pk=made["clerk"].pk).update(username="clerk_of_bureau")
    client = Client()
    client.force_login(made["clerk"])
    response = change(client, new, again)
    assert response.status_code == 422
    text = response.content.decode()
    assert words in errors(text) and "密码没有改动" in text
    assert not re.search(r"\b(password|must|contain|This|field)\b", errors(text))
    assert made["clerk"].check_password(PASSWORD)
    assert not AuditEntry.objects.filter(act=Action.SET_PASSWORD).exists()


def test_an_old_password_that_is_wrong_changes_nothing(made: Cast) -> None:
    client = Client()
    client.force_login(made["clerk"])
    assert change(client, "Yi-ge-hao-mi-ma-9", old="cuo-de").status_code == 422
    assert client.post(CHANGE, {}).status_code == 422, "an empty submit is answered"
    assert made["clerk"].check_password(PASSWORD)


def test_a_changed_password_is_recorded_without_it_and_ends_the_other_sessions(made: Cast) -> None:
    here, there = Client(), Client()
    here.force_login(made["clerk"])
    there.force_login(made["clerk"])
    assert change(here, "Yi-ge-hao-mi-ma-9").status_code == 302
    entry = AuditEntry.objects.get(act=Action.SET_PASSWORD)
    assert entry.actor == made["clerk"] and entry.report is None
    assert "Yi-ge-hao" not in entry.payload
    assert here.get("/").status_code == 200
    assert there.get("/").status_code == 302


# -- idle time-out and sign-out ------------------------------------------------------------------------


def test_a_session_ends_after_half_an_hour_without_a_request(made: Cast) -> None:
    assert settings.SESSION_COOKIE_AGE == 30 * 60
    client = Client()
    client.force_login(made["clerk"])
    first = client.get("/")
    assert first.cookies["sessionid"]["max-age"] == 30 * 60
    Session.objects.update(expire_date=dt.datetime.now(dt.UTC) - dt.timedelta(seconds=1))
    response = client.get("/problems/")
    assert response.status_code == 302 and response["Location"] == f"{LOGIN}?next=/problems/"


def test_a_session_is_renewed_at_most_once_a_minute(made: Cast, monkeypatch) -> None:
    client = Client()
    client.force_login(made["clerk"])
    client.get("/")
    start = client.session["seen"]
    for seconds, renewed in ((30, False), (60, False), (61, True)):
        monkeypatch.setattr(sessions.time, "time", lambda seconds=seconds: start + seconds)
        response = client.get("/help/")
        assert ("sessionid" in response.cookies) is renewed, seconds
        assert client.session["seen"] == (start + seconds if renewed else start)


def test_signing_out_ends_the_session(made: Cast) -> None:
    client = Client()
    client.force_login(made["clerk"])
    assert client.get("/accounts/logout/").status_code == 405
    assert client.get("/").status_code == 200, "a link alone signs nobody out"
    assert client.post("/accounts/logout/")["Location"] == LOGIN
    assert not Session.objects.exists()
    assert client.get("/").status_code == 302
    assert client.post("/accounts/logout/")["Location"] == LOGIN, "twice does no harm"


# -- where one is led ----------------------------------------------------------------------------------


@pytest.mark.parametrize("target", ["/problems/?light=overdue", "/ledger/"])
def test_after_signing_in_one_is_where_one_wanted_to_go(made: Cast, target: str) -> None:
    assert sign_in("clerk", next=target)["Location"] == target


@pytest.mark.parametrize(
    "target",
    [
        "https://evil.example/",
        "//evil.example/",
        "///evil.example",
        "http:evil.example",
        "javascript:alert(1)",
        "\\\\evil.example",
        "/\\evil.example",
        "https://testserver@evil.example/",
        "\x00/problems/",
    ],
)
def test_next_leads_to_no_other_host(made: Cast, target: str) -> None:
    assert sign_in("clerk", next=target)["Location"] == "/"
    client = Client()
    client.force_login(made["clerk"])
    assert client.get(LOGIN, {"next": target})["Location"] == "/"
    assert client.post("/accounts/logout/", {"next": target})["Location"] == LOGIN


def test_a_person_without_a_post_is_told_whom_to_ask(made: Cast) -> None:
    people.add_account(by=made["sysadmin"], username="new", name="新人", password=PASSWORD, must_change=False)
    client = Client()
    client.force_login(User.objects.get(username="new"))
    text = client.get("/").content.decode()
    assert "您的账号还没有任职" in text and "系统管理员" in text
    assert client.get("/problems/").context["page"].count == 0
