"""One call to a chat robot: what is sent, whom it may reach, and every way it can go wrong."""

from __future__ import annotations

import json
import threading
import time

import pytest

from rectify.delivery import template, webhook

# A robot that hangs or drips would take longer; a busy machine does not.
ENDLESS = 15
INSIDE = {"127.0.0.1": True, "localhost": True}


def test_the_robot_gets_the_json_and_the_outcome_is_said(robot):
    outcome = webhook.send(robot.url, template.fill('{"text": "{text}"}', {"text": "你好"}), INSIDE)
    assert outcome.succeeded and "200" in outcome.detail
    assert robot.bodies == [{"text": "你好"}]
    assert robot.requests[0].startswith(b"POST /robot/send?key=geheim-7f3a HTTP/1.1")


@pytest.mark.parametrize(
    "text",
    ['引号"与\\反斜杠', "换行\n与制表\t", "{url}", '"}, "evil": {"x": "'],
    ids=["quote", "line", "name", "break"],
)
def test_no_message_breaks_out_of_its_string(text):
    body = json.loads(template.fill('{"a": ["{text}", {"b": "[{text}]"}], "n": 1}', {"text": text}))
    assert body == {"a": [text, {"b": f"[{text}]"}], "n": 1}


@pytest.mark.parametrize("name, example", template.EXAMPLES)
def test_every_example_of_the_help_is_valid(name, example):
    values = {"text": "三项逾期", "url": "http://x/", "kind": "催报", "ledger": "台账"}
    assert "三项逾期" in template.fill(example, values).decode()


@pytest.mark.parametrize("status", [500, 502, 404, 403])
def test_a_refusal_is_tried_again(robot, status):
    robot.answer = f"HTTP/1.1 {status} No\r\nContent-Length: 0\r\n\r\n".encode()
    outcome = webhook.send(robot.url, b"{}", INSIDE)
    assert (outcome.succeeded, outcome.again) == (False, True) and str(status) in outcome.detail


def test_a_redirect_is_not_followed(robot):
    robot.answer = f"HTTP/1.1 302 Found\r\nLocation: {robot.url}\r\nContent-Length: 0\r\n\r\n".encode()
    outcome = webhook.send(robot.url, b"{}", INSIDE)
    assert not outcome.succeeded and not outcome.again and len(robot.requests) == 1


def test_a_robot_that_hangs_is_given_up(robot):
    robot.answer = b""
    start = time.monotonic()
    outcome = webhook.send(robot.url, b"{}", INSIDE, seconds=0.5)
    assert not outcome.succeeded and outcome.again and "没有回应" in outcome.detail
    assert time.monotonic() - start < ENDLESS


def test_a_robot_that_drips_is_given_up_too(robot):
    robot.answer, robot.drip = b"HTTP/1.1 200 OK\r\nX: " + b"y" * 200, 0.1
    start = time.monotonic()
    outcome = webhook.send(robot.url, b"{}", INSIDE, seconds=0.6)
    assert not outcome.succeeded and "没有回应" in outcome.detail
    assert time.monotonic() - start < ENDLESS


def test_nonsense_instead_of_http_is_a_failure(robot):
    robot.answer = b"\x00\x01 nothing\r\n\r\n"
    assert not webhook.send(robot.url, b"{}", INSIDE).succeeded


def test_nobody_listening_is_a_failure(robot):
    robot.ended.set()
    outcome = webhook.send("http://127.0.0.1:1/", b"{}", INSIDE)
    assert not outcome.succeeded and outcome.again


@pytest.mark.parametrize(
    "address",
    [
        "http://evil.example/",
        "ftp://127.0.0.1/",
        "file:///etc/passwd",
        "http://127.0.0.1@evil.example/",
        "http://evil.example#127.0.0.1",
        "http://[::1",
        "http://127.0.0.1:99999/",
        "",
        "nonsense",
    ],
)
def test_only_allowed_hosts_are_called(robot, address):
    outcome = webhook.send(address, b"{}", {"127.0.0.1": True})
    assert not outcome.succeeded and not outcome.again
    assert not robot.requests


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost"])
def test_an_internal_address_needs_to_be_allowed_as_one(robot, host):
    outcome = webhook.send(f"http://{host}:{robot.port}/", b"{}", {host: False})
    assert not outcome.succeeded and "内网" in outcome.detail and not robot.requests


@pytest.mark.parametrize(
    "numeric",
    [
        "10.1.2.3",
        "192.168.0.1",
        "172.16.0.1",
        "169.254.169.254",
        "0.0.0.0",
        "::1",
        "fe80::1",
        "::ffff:10.0.0.1",
    ],
)
def test_a_public_name_that_points_inside_is_not_called(monkeypatch, numeric):
    monkeypatch.setattr(webhook, "_resolve", lambda host, port, seconds: numeric)
    outcome = webhook.send("https://robot.example.com/", b"{}", {"robot.example.com": False})
    assert not outcome.succeeded and not outcome.again


@pytest.mark.parametrize(
    "address", ["http://evil.example/?key=geheim-7f3a", "http://127.0.0.1:1/?key=geheim-7f3a"]
)
def test_no_outcome_holds_the_secret(address):
    assert "geheim" not in webhook.send(address, b"{}", INSIDE).detail


@pytest.mark.parametrize(
    "said", [b'{"errcode":93000,"errmsg":"invalid"}', b'{"code":19001}', b'{"StatusCode":9499}']
)
def test_a_robot_that_refuses_with_200_is_a_failure(robot, said):
    robot.answer = b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % len(said) + said
    outcome = webhook.send(robot.url, b"{}", INSIDE)
    assert not outcome.succeeded and outcome.again and "错误码" in outcome.detail


@pytest.mark.parametrize(
    "said", [b'{"errcode":0,"errmsg":"ok"}', b'{"code":0}', b'{"code":200}', b"[1]", b"ok", b'{"code":"x"}']
)
def test_a_robot_that_accepts_is_a_success(robot, said):
    robot.answer = b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % len(said) + said
    assert webhook.send(robot.url, b"{}", INSIDE).succeeded


def test_a_name_server_that_hangs_is_given_up(monkeypatch):
    ended = threading.Event()

    def hang(*_, **__):
        ended.wait(20)
        raise OSError

    monkeypatch.setattr(webhook.socket, "getaddrinfo", hang)
    start = time.monotonic()
    outcome = webhook.send("https://robot.example.com/", b"{}", {"robot.example.com": False}, seconds=0.3)
    ended.set()
    assert not outcome.succeeded and outcome.again and "没有解析出主机名" in outcome.detail
    assert time.monotonic() - start < ENDLESS


@pytest.mark.parametrize("host", ["no-such-host.invalid", "a" * 70 + ".com"])
def test_a_name_without_an_address_is_a_failure(host):
    outcome = webhook.send(f"https://{host}/", b"{}", {host: True})
    assert (outcome.succeeded, outcome.detail) == (False, "主机名无法解析")
