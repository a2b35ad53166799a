"""Signing in by two factors, what a session's end says, and what is known of the sign-in before."""

from __future__ import annotations

import datetime as dt

import pytest
from django.contrib.sessions.models import Session
from django.test import Client

from rectify import clock, sessions
from rectify.choices import Action, Role, SignInOutcome
from rectify.models import AuditEntry, DutyRequest, Membership, SecondFactor, SignInAttempt, User
from rectify.operations import duties, people, reference
from rectify.operations.sign_in import second_factor
from rectify.views.people.sign_in import CODE_SECONDS
from tests.builders import Cast, cast
from tests.one_time_codes import enrolled, shown, wrong
from tests.views.rendered import check_page

pytestmark = [pytest.mark.django_db, pytest.mark.sqlite]
WORLD = cast

PASSWORD = "ce-shi-mi-ma-1"
LOGIN, CODE, FACTOR, CHANGE = (
    "/accounts/login/",
    "/accounts/code/",
    "/accounts/second-factor/",
    "/accounts/password/",
)
HERE, ELSEWHERE = "10.0.0.7", "10.0.0.9"


def browser(address: str = HERE) -> Client:
    return Client(REMOTE_ADDR=address)


def sign_in(client: Client, username: str = "clerk", password: str = PASSWORD, **more: str):  # type: ignore[no-untyped-def]
    return client.post(LOGIN, {"username": username, "password": password, **more})


def signed_in(made: Cast, who: str) -> Client:
    client = browser()
    client.force_login(made[who])
    return client


def outcomes() -> list[tuple[str, str]]:
    return [(row.outcome, row.address) for row in SignInAttempt.objects.order_by("pk")]


# -- two factors ---------------------------------------------------------------------------------------


def test_a_password_alone_opens_nothing_where_there_is_a_second_factor(made: Cast) -> None:
    secret, _ = enrolled(made["clerk"])
    client = browser()
    assert sign_in(client, next="/problems/")["Location"] == CODE
    assert client.get("/")["Location"].startswith(LOGIN)
    page = client.get(CODE)
    assert page.status_code == 200 and "6 位数字" in page.content.decode()
    check_page(page, "code")
    refused = client.post(CODE, {"code": wrong(secret)})
    assert refused.status_code == 422 and "动态口令不对" in refused.content.decode()
    assert client.get("/")["Location"].startswith(LOGIN)
    assert client.post(CODE, {"code": shown(secret)})["Location"] == "/problems/"
    assert client.get("/").status_code == 200
    assert client.get(CODE)["Location"] == "/", "nothing is awaited any more"
    assert outcomes() == [(SignInOutcome.CODE, HERE), (SignInOutcome.SUCCESS, HERE)]


def test_the_same_code_does_not_sign_in_twice(made: Cast) -> None:
    secret, codes = enrolled(made["clerk"])
    code = shown(secret)
    for typed, answer in ((code, 302), (code, 422), (codes[3], 302), (codes[3], 422)):
        client = browser()
        sign_in(client)
        assert client.post(CODE, {"code": typed}).status_code == answer


def test_the_code_is_awaited_for_five_minutes_and_one_password(made: Cast, monkeypatch) -> None:
    secret, _ = enrolled(made["clerk"])
    late, changed = browser(), browser()
    for client in (late, changed):
        assert sign_in(client)["Location"] == CODE
    people.set_password(made["clerk"], by=made["clerk"], password="Huan-guo-de-mi-ma-1")
    assert changed.post(CODE, {"code": shown(secret)})["Location"] == LOGIN
    now = sessions.time.time()
    monkeypatch.setattr("rectify.views.people.sign_in.time.time", lambda: now + CODE_SECONDS + 2)
    assert late.post(CODE, {"code": shown(secret)})["Location"] == LOGIN
    assert SignInAttempt.objects.count() == 0


def test_nobody_gets_to_the_code_without_a_password(made: Cast) -> None:
    secret, _ = enrolled(made["clerk"])
    client = browser()
    assert client.get(CODE)["Location"] == LOGIN
    assert client.post(CODE, {"code": shown(secret)})["Location"] == LOGIN
    assert client.get("/")["Location"].startswith(LOGIN)


def test_a_role_that_requires_it_does_nothing_before_it_is_on(made: Cast, settings) -> None:
    settings.REQUIRE_SECOND_FACTOR = frozenset({"clerk"})
    client = browser()
    assert sign_in(client)["Location"] == "/"
    for url in ("/", f"/problems/{made.problem.pk}/", "/admin/", CHANGE):
        assert client.get(url)["Location"] == FACTOR, url
    sent = client.post(f"/problems/{made.problem.pk}/progress/", {"text": "抢先填报"})
    assert sent["Location"] == FACTOR and not made.problem.notes.exists()
    assert client.get("/help/").status_code == 200
    page = client.get(FACTOR)
    text = page.content.decode()
    assert "岗位登录必须使用动态口令" in text and "<svg" in text
    check_page(page, "enrol")
    secret = client.session["proposed_secret"]
    assert " ".join(secret[n : n + 4] for n in range(0, 32, 4)) in text
    refused = client.post(FACTOR, {"code": wrong(secret)})
    assert refused.status_code == 422 and client.session["proposed_secret"] == secret
    done = client.post(FACTOR, {"code": shown(secret)})
    assert done.status_code == 200 and "请收好恢复码" in done.content.decode()
    assert done.content.decode().count('class="key"') == 10
    check_page(done, "codes")
    assert client.get("/").status_code == 200, "still signed in"
    assert signed_in(made, "unit_head").get("/").status_code == 200, "another role"


def test_a_session_that_has_not_shown_the_factor_ends(made: Cast, settings) -> None:
    """One that began before the factor, or by any other door, is none."""
    enrolled(made["clerk"])
    settings.REQUIRE_SECOND_FACTOR = frozenset({"clerk"})
    client = signed_in(made, "clerk")
    client.get("/")
    assert client.get("/problems/")["Location"].startswith(LOGIN)


def test_it_is_given_up_on_the_page_with_a_code(made: Cast) -> None:
    secret, _ = enrolled(made["clerk"])
    client = signed_in(made, "clerk")
    page = client.get(FACTOR).content.decode()
    assert "恢复码还剩 10 个" in page and "停用动态口令" in page
    refused = client.post(f"{FACTOR}drop/", {"code": wrong(secret)})
    assert refused.status_code == 422 and "没有停用" in refused.content.decode()
    check_page(refused, "kept")
    assert client.post(f"{FACTOR}drop/", {"code": shown(secret)})["Location"] == "/"
    assert not SecondFactor.objects.exists()
    assert client.get("/").status_code == 200, "still signed in"


def test_a_new_telephone_is_taken_with_a_code_of_the_old(made: Cast) -> None:
    old, _ = enrolled(made["clerk"])
    client = signed_in(made, "clerk")
    client.get(FACTOR)
    secret = client.session["proposed_secret"]
    assert client.post(FACTOR, {"code": shown(secret)}).status_code == 422
    assert SecondFactor.objects.get().secret == old
    answer = client.post(FACTOR, {"code": shown(secret), "present": shown(old)})
    assert answer.status_code == 200 and SecondFactor.objects.get().secret == secret


def test_a_lost_one_is_reset_on_the_pages_by_two(made: Cast) -> None:
    enrolled(made["clerk"])
    admin = signed_in(made, "sysadmin")
    page = admin.get("/people/second-factor/").content.decode()
    assert made["clerk"].label in page and made["unit_head"].label not in page
    given = {"user": made["clerk"].pk, "reason": "手机丢了"}
    assert admin.post("/people/second-factor/", given | {"reason": ""}).status_code == 422
    assert admin.post("/people/second-factor/", given)["Location"] == "/people/second-factor/"
    row = DutyRequest.objects.get()
    office = signed_in(made, "office")
    assert "重设动态口令" in office.get("/").content.decode()
    assert office.post(f"/people/duties/{row.pk}/confirm/").status_code == 302
    assert not second_factor.has_factor(made["clerk"])


def test_the_administration_shows_no_trace_of_it(made: Cast) -> None:
    secret, _ = enrolled(made["clerk"])
    admin = signed_in(made, "sysadmin")
    for url in ("/admin/", f"/admin/rectify/user/{made['clerk'].pk}/change/"):
        text = admin.get(url).content.decode()
        assert secret not in text and "secondfactor" not in text and "recoverycode" not in text
    assert admin.get("/admin/rectify/secondfactor/").status_code == 404


# -- how long it lasts ---------------------------------------------------------------------------------


def at(monkeypatch: pytest.MonkeyPatch, seconds: float) -> None:
    monkeypatch.setattr("rectify.sessions.time.time", lambda: seconds)


def test_after_half_an_hour_of_nothing_the_page_says_so_and_leads_back(made: Cast, monkeypatch) -> None:
    client = browser()
    sign_in(client)
    client.get("/")
    Session.objects.update(expire_date=dt.datetime.now(dt.UTC) - dt.timedelta(seconds=1))
    at(monkeypatch, sessions.time.time() + 30 * 60)
    led = client.get("/problems/")
    assert led["Location"] == f"{LOGIN}?next=/problems/"
    page = client.get(led["Location"]).content.decode()
    assert "您已 30 分钟没有操作" in page and "自动带回来" in page
    assert sign_in(client, next="/problems/")["Location"] == "/problems/"


def test_after_twelve_hours_of_work_it_ends_and_the_page_says_so(made: Cast, monkeypatch) -> None:
    client, start = browser(), sessions.time.time()
    sign_in(client)
    client.get("/")
    for minutes in range(20, 12 * 60, 20):
        at(monkeypatch, start + minutes * 60)
        assert client.get("/help/").status_code == 200
    assert client.get("/").status_code == 200
    at(monkeypatch, start + 12 * 3600 + 2)
    led = client.get("/problems/")
    assert led["Location"] == f"{LOGIN}?next=/problems/"
    assert "已满 12 小时" in client.get(led["Location"]).content.decode()
    assert sign_in(client)["Location"] == "/" and client.get("/").status_code == 200, "a new one begins"


def test_text_sent_after_the_end_is_kept(made: Cast, monkeypatch) -> None:
    client, start = browser(), sessions.time.time()
    sign_in(client)
    page = client.get(f"/problems/{made.problem.pk}/").content.decode()
    draft_token = page.partition('name="draft_token" value="')[2].partition('"')[0]
    assert draft_token
    at(monkeypatch, start + 13 * 3600)
    given = {"text": "写了一上午的进展", "draft_token": draft_token}
    sent = client.post(f"/problems/{made.problem.pk}/progress/", given)
    assert sent["Location"].startswith(LOGIN)
    sign_in(client)
    again = client.get(f"/problems/{made.problem.pk}/").content.decode()
    assert "写了一上午的进展" in again and not made.problem.notes.exists()


@pytest.mark.parametrize("trace", ["", "x.y", "1", "²." + "9" * 30, "1.2.3", "-1.-1"])
def test_a_trace_that_is_nonsense_says_nothing(made: Cast, trace: str) -> None:
    client = browser()
    client.cookies["trace"] = trace
    page = client.get(f"{LOGIN}?next=/problems/")
    assert page.status_code == 200 and "自动退出" not in page.content.decode()


def test_whoever_signs_out_or_comes_anew_is_told_nothing(made: Cast) -> None:
    client = browser()
    assert "自动退出" not in client.get(f"{LOGIN}?next=/").content.decode()
    sign_in(client)
    client.get("/")
    client.post("/accounts/logout/")
    page = client.get(f"{LOGIN}?next=/").content.decode()
    assert "自动退出" not in page and "已经结束" not in page


def test_taking_a_post_ends_the_sessions_of_the_person_alone(made: Cast) -> None:
    clerk, head = signed_in(made, "clerk"), signed_in(made, "unit_head")
    assert clerk.get("/").status_code == 200
    post = Membership(user=made["clerk"], unit=made.bureau, role=Role.UNIT_HEAD)
    reference.store(post, by=made["sysadmin"], reason="主持工作")
    led = clerk.get("/")
    assert led["Location"].startswith(LOGIN)
    assert "密码、任职或动态口令有了变动" in clerk.get(led["Location"]).content.decode()
    assert head.get("/").status_code == 200
    assert sign_in(browser()).status_code == 302


def test_a_post_confirmed_by_a_second_person_ends_them_too(made: Cast) -> None:
    client = signed_in(made, "clerk")
    post = Membership(user=made["clerk"], unit=made.county, role=Role.OFFICE)
    reference.store(post, by=made["sysadmin"], reason="调入整改办")
    client = signed_in(made, "clerk")
    duties.confirm(DutyRequest.objects.get(), by=made["auditor"])
    assert client.get("/")["Location"].startswith(LOGIN)


def test_enrolling_ends_the_other_sessions(made: Cast) -> None:
    here, there = signed_in(made, "clerk"), signed_in(made, "clerk")
    here.get(FACTOR)
    here.post(FACTOR, {"code": shown(here.session["proposed_secret"])})
    assert here.get("/").status_code == 200
    assert there.get("/")["Location"].startswith(LOGIN)


def test_a_password_past_its_age_is_changed_first(made: Cast, settings) -> None:
    settings.PASSWORD_MAX_DAYS = 90
    client = signed_in(made, "clerk")
    assert client.get("/").status_code == 200
    User.objects.filter(username="clerk").update(password_set_at=clock.now() - dt.timedelta(days=91))
    assert client.get("/")["Location"] == CHANGE
    assert "用得太久" in client.get(CHANGE).content.decode()
    new = "Huan-guo-de-mi-ma-1"
    data = {"old_password": PASSWORD, "new_password1": new, "new_password2": new}
    assert client.post(CHANGE, data)["Location"] == "/"
    assert client.get("/").status_code == 200
    settings.PASSWORD_MAX_DAYS = 0
    User.objects.filter(username="unit_head").update(password_set_at=None)
    assert signed_in(made, "unit_head").get("/").status_code == 200, "off by default"


# -- who was here --------------------------------------------------------------------------------------


def test_home_says_when_and_from_where_one_was_here_and_what_failed_since(made: Cast) -> None:
    first = browser()
    sign_in(first)
    assert "这是您第一次登录" in first.get("/").content.decode()
    for n in range(2):
        sign_in(browser(ELSEWHERE), password=f"wrong{n}")
    second = browser(ELSEWHERE)
    sign_in(second)
    text = second.get("/").content.decode()
    assert "上次登录：今天" in text and f"来自 {HERE}" in text
    assert "有 2 次用您的用户名登录没有成功" in text and f"来自 {ELSEWHERE}" in text
    third = browser()
    sign_in(third)
    text = third.get("/").content.decode()
    assert f"来自 {ELSEWHERE}" in text and "没有成功" not in text


def test_every_outcome_is_on_the_auditors_page(made: Cast) -> None:
    for n in range(5):
        sign_in(browser(), password=f"wrong{n}")
    sign_in(browser(), username="hunter2-typed-as-a-name", password="x")
    people.set_password(made["unit_head"], by=made["sysadmin"], password="Guan-li-yuan-gei-5", reason="忘记")
    sign_in(browser(), username="unit_head", password="Guan-li-yuan-gei-5")
    sign_in(browser(ELSEWHERE))
    sign_in(browser(), password="")
    assert outcomes() == [
        (SignInOutcome.PASSWORD, HERE),
        (SignInOutcome.LIMITED, HERE),
        (SignInOutcome.PASSWORD, HERE),
        (SignInOutcome.WAITING, HERE),
        (SignInOutcome.SUCCESS, ELSEWHERE),
    ]
    auditor = signed_in(made, "auditor")
    page = auditor.get("/audit/sign-ins/")
    text = page.content.decode()
    check_page(page, "sign-ins")
    assert "hunter2" not in text and "不存在的用户名" in text
    assert all(words in text for words in ("密码不对", "暂停登录", "账号待第二人确认", "登录成功", ELSEWHERE))
    assert "登录成功</td>" not in auditor.get("/audit/sign-ins/?outcome=failed").content.decode()
    assert "已忽略" in auditor.get("/audit/sign-ins/?outcome=x").content.decode()
    assert 'href="/audit/sign-ins/"' in auditor.get("/audit/").content.decode()
    assert 'href="/audit/sign-ins/"' not in signed_in(made, "office").get("/audit/").content.decode()


def test_signing_in_stores_no_password_anew_and_leaves_no_entry(made: Cast) -> None:
    before, entries = made["clerk"].password, AuditEntry.objects.count()
    assert sign_in(browser()).status_code == 302
    assert made["clerk"].password == before and AuditEntry.objects.count() == entries
    assert not AuditEntry.objects.filter(act=Action.NAME_ROWS, target_label="账号 clerk").exists()
