"""Requests that Django's own constructor cannot read, through the WSGI application itself."""

from __future__ import annotations

import io
from typing import Any

import pytest

from rectify.wsgi import application

pytestmark = [pytest.mark.django_db, pytest.mark.sqlite]


def answer(
    content_type: str, method: str = "POST", body: bytes = b"username=a"
) -> tuple[str, dict[str, str], str]:
    """Status line, headers and text of what the application answers."""
    told: dict[str, Any] = {}
    environ = {
        "REQUEST_METHOD": method,
        "PATH_INFO": "/accounts/login/",
        "SERVER_NAME": "127.0.0.1",
        "SERVER_PORT": "8000",
        "HTTP_HOST": "127.0.0.1:8000",
        "REMOTE_ADDR": "127.0.0.1",
        "wsgi.input": io.BytesIO(body),
        "wsgi.url_scheme": "http",
        "CONTENT_TYPE": content_type,
        "CONTENT_LENGTH": str(len(body)),
    }
    response = application(environ, lambda status, headers: told.update(status=status, headers=dict(headers)))
    return told["status"], told["headers"], b"".join(response).decode()


@pytest.mark.parametrize(
    "content_type",
    [
        "text/plain; charset*=nope''x",
        "multipart/form-data; boundary*=nope''x",
        "application/x-www-form-urlencoded; charset*=utf-8'zh'%ff",
        "application/x-www-form-urlencoded; charset=utf-7",
        "application/x-www-form-urlencoded; charset=a\x00b",
    ],
)
@pytest.mark.parametrize("method", ["GET", "POST"])
def test_an_unreadable_content_type_is_answered_with_a_page(content_type: str, method: str) -> None:
    status, headers, text = answer(content_type, method)
    assert status == "400 Bad Request"
    assert "没有看懂这次请求" in text
    assert "原来的内容没有变动" in text
    assert "default-src 'self'" in headers["Content-Security-Policy"]
    assert headers["X-Request-Id"]


def test_an_ordinary_request_is_read_as_before() -> None:
    assert answer("", "GET")[0] == "200 OK"
    status, _, text = answer("application/x-www-form-urlencoded; charset=utf-8")
    assert status == "403 Forbidden"  # without a token against forgery
    assert "没有看懂这次请求" not in text
