"""Behind nginx: it sends stored files itself when told so, and its configuration undoes no limit."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from django.test import Client

from rectify.models import Evidence
from rectify.operations import progress
from rectify.views.downloads import BY_NGINX, POLICY
from tests import builders

CONF = (Path(__file__).resolve().parents[2] / "deploy" / "nginx.conf").read_text(encoding="utf-8")

WORLD = builders.cast


@pytest.mark.django_db
def test_permission_is_checked_here_and_the_file_sent_by_nginx(made, settings):
    settings.NGINX_SENDS_FILES = True
    progress.add(made.problem, by=made["clerk"], text="已完成", files=[builders.pdf("验收单.pdf")])
    file = Evidence.objects.get()
    client = Client()
    client.force_login(made["clerk"])
    answer = client.get(file.get_absolute_url())
    assert answer["X-Accel-Redirect"] == f"{BY_NGINX}{file.stored[:2]}/{file.stored}"
    assert answer.content == b"" and answer["Content-Type"] == "application/pdf"
    assert answer["Cache-Control"] == "private, no-store" and "attachment" in answer["Content-Disposition"]
    without_content = Client()
    without_content.force_login(made["sysadmin"])
    assert without_content.get(file.get_absolute_url()).status_code == 404
    file.path.unlink()
    assert client.get(file.get_absolute_url()).status_code == 404


def directives(block: str) -> dict[str, str]:
    return dict(re.findall(r"^\s*([a-z_]+)\s+([^;#]+);", block, re.MULTILINE))


def test_the_files_location_opens_to_nobody_from_outside():
    block = CONF.partition(f"location {BY_NGINX} {{")[2].partition("}")[0]
    assert "internal;" in block and directives(block)["alias"].endswith("/evidence/")
    assert f'add_header Content-Security-Policy "{POLICY}" always;' in block
    assert "add_header X-Content-Type-Options  nosniff always;" in block


def test_slow_clients_are_held_by_nginx_and_pages_are_compressed_here_alone():
    found = directives(CONF)
    assert found["gzip"] == "off" and found["proxy_request_buffering"] == "on"
    assert {"client_header_timeout", "client_body_timeout", "send_timeout"} <= found.keys()
    zone = re.search(r"zone=(\w+):", found["limit_conn_zone"])[1]
    assert re.fullmatch(rf"{zone}\s+\d+", found["limit_conn"])
    assert "X-Forwarded-For   $remote_addr" in CONF, "replaced, not appended to"
