"""Pages for what goes wrong: the right status, in Chinese, what happened, that nothing is lost, what next."""

from __future__ import annotations

import re
import sqlite3
from types import SimpleNamespace
from unittest.mock import Mock

import pytest
from django.db import DatabaseError, InterfaceError, OperationalError, connection
from django.http import HttpResponseBase
from django.test import Client

from rectify.errors import WrongState
from rectify.models import Problem, ProgressNote
from tests.builders import Cast, cast
from tests.views.rendered import check_page

pytestmark = [pytest.mark.django_db, pytest.mark.sqlite]


@pytest.fixture
def made() -> Cast:
    return cast()


def client_of(made: Cast, role: str, **options: bool) -> Client:
    client = Client(**options)  # type: ignore[arg-type]
    client.force_login(made[role])
    return client


def says(response: HttpResponseBase, status: int, *words: str) -> None:
    """A page of our own with this status: Chinese, safe, complete, naming no technique."""
    assert response.status_code == status
    check_page(response, str(status))
    text = response.content.decode()  # type: ignore[attr-defined]
    visible = re.sub(r"<!--.*?-->|<(script|style|title)\b.*?</\1>|<[^>]+>", " ", text, flags=re.S)
    assert "接下来" in visible
    assert re.search(r"没有|保存着|都在|未变", visible), "what became of the work"
    for technical in ("Traceback", "Exception", "Error", "SQL", "Forbidden", "Not Found", "Django"):
        assert technical not in visible, technical
    for one in words:
        assert one in visible, one


def failing(monkeypatch, error: Exception, where: str = "rectify.views.problems.list.problem_rows") -> None:
    """Let a view fail in the middle of its work."""

    def fail(*args: object, **kwargs: object) -> None:
        raise error

    monkeypatch.setattr(where, fail)


# -- 400 -----------------------------------------------------------------------------------------------


def test_a_foreign_host_is_refused(made: Cast) -> None:
    says(Client(HTTP_HOST="evil.example").get("/"), 400, "没有看懂这次请求")


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        (b"no boundary at all", "multipart/form-data"),
        (b"--x\r\nbroken", "multipart/form-data; boundary=" + "x" * 300),
        (b"--x\r\n", 'multipart/form-data; boundary="\xff"'),
        (b"text=a", "application/x-www-form-urlencoded; charset=utf-16"),
        (b"text=a", "application/x-www-form-urlencoded; charset=hex"),
        (
            b'--x\r\nContent-Disposition: form-data; name="text"\r\n\r\n+2AA-\r\n--x--',
            "multipart/form-data; boundary=x; charset=utf-7",
        ),
        (
            b'--x\r\nContent-Disposition: form-data; name="text"\r\n\r\n\\ud800\r\n--x--',
            "multipart/form-data; boundary=x; charset=unicode_escape",
        ),
        (
            b'--x\r\nContent-Disposition: form-data; name="text"\r\n\r\na\r\n--x--',
            "multipart/form-data; boundary=x; charset=rot13",
        ),
    ],
)
def test_a_body_that_cannot_be_read_is_refused_and_changes_nothing(
    made: Cast, body: bytes, kind: str
) -> None:
    url = f"/problems/{made.problem.pk}/progress/"
    response = client_of(made, "clerk").generic("POST", url, body, content_type=kind)
    says(response, 400, "没有变动")
    assert not ProgressNote.objects.exists()


def test_too_many_fields_are_refused(made: Cast) -> None:
    url = f"/problems/{made.problem.pk}/progress/"
    says(client_of(made, "clerk").post(url, {f"f{n}": "x" for n in range(1100)}), 400)


@pytest.mark.parametrize("body", [b"--x", b"--x--", b"--x\r\n\r\n\r\n--x--", b"\xff\xfe\x00", b""])
def test_a_body_with_nothing_in_it_is_an_empty_submit(made: Cast, body: bytes) -> None:
    url = f"/problems/{made.problem.pk}/progress/"
    response = client_of(made, "clerk").generic(
        "POST", url, body, content_type="multipart/form-data; boundary=x"
    )
    assert response.status_code == 422 and "请填写进展" in response.content.decode()


# -- 403, 404, 405 -------------------------------------------------------------------------------------


def test_what_one_may_not_do_is_said_with_the_reason(made: Cast) -> None:
    response = client_of(made, "clerk").get(f"/problems/{made.problem.pk}/assign/")
    says(response, 403, "这一步您不能做", "明确责任由本台账的整改办办理", "没有丢失")


def test_a_page_open_too_long_keeps_its_word(made: Cast) -> None:
    strict = client_of(made, "office", enforce_csrf_checks=True)
    says(strict.post("/people/hand-over/", {"reason": "岗位调整"}), 403, "打开得太久", "没有变动", "后退")


@pytest.mark.parametrize(
    "url",
    ["/nowhere/", "/problems/0/", "/problems/999999999999999999999999/", "/links/x/1/decide/", "/a%00b/"],
)
@pytest.mark.parametrize("role", ["office", "clerk", "auditor"])
def test_what_is_not_there_is_said(made: Cast, role: str, url: str) -> None:
    client = client_of(made, role)
    response = client.post(url) if url.endswith("decide/") else client.get(url)
    says(response, 404, "没有找到", "没有变动")


def test_what_is_not_there_for_those_signed_out() -> None:
    says(Client().get("/nowhere/"), 404, "没有找到")


@pytest.mark.parametrize(
    "url", ["/drafts/", "/purges/1/confirm/", "/links/cause/1/decide/", "/accounts/logout/"]
)
def test_an_address_that_only_takes_a_submit_explains_itself(made: Cast, url: str) -> None:
    """After an expired sign-in people are led back to such an address by a plain visit."""
    response = client_of(made, "office").get(url)
    says(response, 405, "只用来提交", "没有办成")
    assert "POST" in response["Allow"]


# -- 413 -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("length", [str(202 * 1024 * 1024), "9" * 40, "9" * 5000])
def test_a_request_too_large_is_answered_before_it_is_read(made: Cast, length: str) -> None:
    url = f"/problems/{made.problem.pk}/progress/"
    response = client_of(made, "clerk").post(url, {"text": "有附件"}, CONTENT_LENGTH=length)
    says(response, 413, "文件太大", "20 MB", "没有保存")
    assert not ProgressNote.objects.exists()


@pytest.mark.parametrize("length", ["x", "-1", "", "²", "1e9"])
def test_a_length_that_is_no_number_is_no_failure(made: Cast, length: str) -> None:
    url = f"/problems/{made.problem.pk}/progress/"
    response = client_of(made, "clerk").post(url, {"text": "有附件"}, CONTENT_LENGTH=length)
    assert response.status_code == (400 if length == "-1" else 422), "nothing is read, so the text is missing"
    assert not ProgressNote.objects.exists()


@pytest.mark.parametrize("kind", ["application/x-www-form-urlencoded", "multipart/form-data; boundary=x"])
@pytest.mark.parametrize("url", ["/people/hand-over/", "/problems/{pk}/progress/"])
def test_more_text_than_a_form_may_hold(made: Cast, kind: str, url: str) -> None:
    text = "字" * 1_000_000
    body = f"text={text}&reason=x"
    if kind.startswith("multipart"):
        body = f'--x\r\nContent-Disposition: form-data; name="text"\r\n\r\n{text}\r\n--x--\r\n'
    where = url.format(pk=made.problem.pk)
    response = client_of(made, "office").generic("POST", where, body.encode(), content_type=kind)
    says(response, 413, "2 MB", "没有保存")


# -- 409, 500, 503 -------------------------------------------------------------------------------------


def test_a_refusal_no_view_has_caught_becomes_a_page(made: Cast, monkeypatch) -> None:
    failing(monkeypatch, WrongState("这一项现在不能这样办理，内容没有改动。"))
    says(client_of(made, "office").get("/problems/"), 409, "不能这样办理", "没有改动")


@pytest.mark.parametrize("error", [RuntimeError("geheim"), KeyError("x"), DatabaseError("broken")])
def test_a_view_that_fails_gives_the_friendly_page(made: Cast, monkeypatch, error: Exception) -> None:
    failing(monkeypatch, error)
    response = client_of(made, "office", raise_request_exception=False).get("/problems/")
    says(response, 500, "系统这边出了差错", "不是您操作的问题", "都完整保存着", "系统管理员")
    assert "geheim" not in response.content.decode()


@pytest.mark.parametrize("error", [OperationalError("database is locked"), InterfaceError("closed")])
def test_a_database_that_does_not_answer_gives_503(made: Cast, monkeypatch, error: Exception) -> None:
    failing(monkeypatch, error)
    response = client_of(made, "office", raise_request_exception=False).get("/problems/")
    says(response, 503, "系统暂时不能使用", "过几分钟再提交一次", "都完整保存着")
    assert response["Retry-After"] == "60"


def test_a_database_lost_before_any_view_gives_503(made: Cast, monkeypatch) -> None:
    """The session is read long before a view, where no view's exception handling reaches."""
    client = client_of(made, "office", raise_request_exception=False)
    away = OperationalError("could not connect to server")
    failing(monkeypatch, away, "django.contrib.sessions.backends.db.SessionStore._get_session_from_db")
    says(client.get("/"), 503, "暂时不能使用")


def test_the_pages_for_failures_need_nothing_from_the_database(made: Cast, django_assert_num_queries) -> None:
    from django.template.loader import render_to_string

    with django_assert_num_queries(0):
        for name in ("500.html", "503.html"):
            assert "整改台账" in render_to_string(name)


def test_a_sign_of_life_fails_with_the_database(monkeypatch) -> None:
    assert Client().get("/healthz").json() == {"ok": True}
    for error in (OperationalError("gone"), InterfaceError("closed")):
        monkeypatch.setattr(
            "rectify.views.errors.connection", SimpleNamespace(cursor=Mock(side_effect=error))
        )
        response = Client().get("/healthz")
        assert response.status_code == 503 and response.json() == {"ok": False}


@pytest.mark.ci
@pytest.mark.django_db(transaction=True)
@pytest.mark.skipif(connection.vendor != "sqlite", reason="a second writer locks only SQLite as a whole")
def test_a_database_locked_by_another_writer_gives_503_and_loses_nothing() -> None:
    made = cast()
    client = client_of(made, "clerk", raise_request_exception=False)
    client.get("/help/")
    url = f"/problems/{made.problem.pk}/progress/"
    with connection.cursor() as cursor:
        cursor.execute("PRAGMA busy_timeout=50")
    other = sqlite3.connect(connection.settings_dict["NAME"], isolation_level=None)
    try:
        other.execute("BEGIN IMMEDIATE")
        says(client.post(url, {"text": "锁住的时候"}), 503, "暂时不能使用")
        assert not ProgressNote.objects.exists()
    finally:
        other.execute("ROLLBACK")
        other.close()
    assert client.post(url, {"text": "锁住的时候"}).status_code == 302
    assert ProgressNote.objects.get().text == "锁住的时候"
    assert Problem.objects.filter(notes__isnull=False).count() == 1
