"""Headers and cookies: of pages, static files and downloads; what changes when the site runs under https."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.test import Client

from rectify.middleware import POLICY
from rectify.operations import progress
from tests import builders
from tests.views.rendered import check_page, inline

pytestmark = [pytest.mark.django_db, pytest.mark.sqlite]

ROOT = Path(__file__).resolve().parents[2]
# Runs in a process of its own, because the address of the site is read once, at the start.
HTTPS = """
import json, os, django
os.environ["DJANGO_SETTINGS_MODULE"] = "rectify.settings"
os.environ["TRUSTED_PROXIES"] = "127.0.0.1"
django.setup()
from django.apps import apps
from django.conf import settings
from django.core.management import call_command
settings.MIGRATION_MODULES = dict.fromkeys(app.label for app in apps.get_app_configs())
call_command("migrate", run_syncdb=True, verbosity=0)
from django.test import Client
from rectify.operations import people
from rectify.choices import Role
unit = people.add_unit(by=None, name="县")
people.add_account(by=None, username="clerk", name="经办人", password="ce-shi-mi-ma-1",
                   memberships=[(unit, Role.CLERK)], must_change=False)
host = {"HTTP_HOST": "zhenggai.example.gov.cn"}
plain = Client(**host).get("/accounts/login/")
behind = Client(HTTP_X_FORWARDED_PROTO="https", **host)
page = behind.get("/accounts/login/")
done = behind.post("/accounts/login/", {"username": "clerk", "password": "ce-shi-mi-ma-1"})
home = behind.get("/")
print(json.dumps({
    "plain": [plain.status_code, plain.headers.get("Location")],
    "page": [page.status_code, dict(page.headers)],
    "cookies": {name: [bool(c["secure"]), bool(c["httponly"]), c["samesite"]]
                for name, c in {**page.cookies, **done.cookies}.items()},
    "done": done.status_code,
    "warns": "http 运行" in home.content.decode(),
    "healthz": Client(**host).get("/healthz").status_code,
    "stranger": Client(HTTP_X_FORWARDED_PROTO="https", REMOTE_ADDR="10.9.9.9", **host)
                .get("/accounts/login/").status_code,
}))
"""


def test_the_policy_allows_nothing_inline_and_nothing_from_outside() -> None:
    rules = dict(part.strip().split(" ", 1) for part in POLICY.split(";"))
    assert rules["default-src"] == "'self'"
    assert rules["object-src"] == rules["base-uri"] == rules["frame-ancestors"] == "'none'"
    assert rules["form-action"] == "'self'"
    for name, sources in rules.items():
        assert "unsafe" not in sources and "http" not in sources and "*" not in sources, name
    assert "script-src" not in rules and "style-src" not in rules, "both follow default-src"


def test_what_counts_as_inline() -> None:
    """The scanner that the access matrix lets every page pass finds what it must."""
    for bad in (
        '<p style="color:red">',
        '<a onclick="x()">',
        "<script>x()</script>",
        "<style>p{}</style>",
        '<script src="https://cdn.example/x.js"></script>',
        '<link href="//cdn.example/x.css">',
        '<a href="javascript:x()">',
        '<svg onload="x()">',
        '<script type="module">x()</script>',
    ):
        assert inline(bad), bad
    for good in (
        '<script src="/static/x.js" defer></script>',
        '<script id="d" type="application/json">{}</script>',
        '<a class="x" href="/problems/?light=overdue">',
    ):
        assert not inline(good), good


def test_a_static_file_is_what_it_says() -> None:
    response = Client().get("/static/css/app.css")
    assert response.status_code == 200
    assert response["Content-Type"].startswith("text/css")
    assert response["X-Content-Type-Options"] == "nosniff"


@pytest.mark.ci
@pytest.mark.parametrize(
    "name", ["<script>.pdf", '"; filename="a.exe.pdf', "行\n尾.pdf", "../../etc/passwd.pdf"]
)
def test_a_download_runs_in_no_browser_whatever_it_is_called(name: str) -> None:
    made = builders.cast()
    client = Client()
    client.force_login(made["clerk"])
    problem = made.problem
    client.post(f"/problems/{problem.pk}/progress/", {"text": "好", "files": [builders.pdf(name)]})
    note = problem.notes.first() or progress.add(problem, by=made["clerk"], text="好", files=[builders.pdf()])
    response = client.get(note.evidence.get().get_absolute_url())
    check_page(response, name)
    assert response["Content-Security-Policy"] == "default-src 'none'; sandbox"
    assert response["Content-Disposition"].startswith("attachment;")
    assert "\n" not in response["Content-Disposition"] and "../" not in response["Content-Disposition"]
    assert response["Content-Type"] == "application/pdf"
    assert response["Cache-Control"] == "private, no-store"


def test_under_http_the_cookies_are_sent_and_the_page_says_so() -> None:
    assert not settings.IS_HTTPS and not settings.SESSION_COOKIE_SECURE and not settings.SECURE_HSTS_SECONDS
    assert "本站以 http 运行" in Client().get("/accounts/login/").content.decode()


@pytest.fixture(scope="module")
def https(tmp_path_factory) -> dict[str, Any]:  # type: ignore[no-untyped-def]
    """What a site with an https address answers, from a process of its own with a database of its own."""
    environment = {name: value for name, value in os.environ.items() if name != "DATABASE_URL"} | {
        "SITE_URL": "https://zhenggai.example.gov.cn",
        "DATA_DIR": str(tmp_path_factory.mktemp("https")),
        "PYTHONPATH": str(ROOT),
    }
    run = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", HTTPS],
        env=environment,
        capture_output=True,
        text=True,
        timeout=300,
    )
    assert run.returncode == 0, run.stderr[-2000:]
    return dict(json.loads(run.stdout.strip().splitlines()[-1]))


@pytest.mark.ci
def test_under_https_everything_is_secure(https: dict[str, Any]) -> None:
    assert https["plain"] == [301, "https://zhenggai.example.gov.cn/accounts/login/"]
    status, headers = https["page"]
    assert status == 200 and https["done"] == 302
    assert headers["Strict-Transport-Security"].startswith("max-age=31536000")
    assert headers["X-Frame-Options"] == "DENY"
    assert headers["Content-Security-Policy"] == POLICY
    assert https["cookies"]["sessionid"] == [True, True, "Lax"]
    assert https["cookies"]["csrftoken"][0] is True and https["cookies"]["csrftoken"][2] == "Lax"
    assert not https["warns"]
    assert https["stranger"] == 301, "who is no proxy of ours is not believed"
    assert https["healthz"] == 200, "a monitor asks by http from inside"
