"""The log: one line of JSON an entry, with the id of its request and without what anybody typed."""

from __future__ import annotations

import json
import logging
from types import SimpleNamespace

from django.core.exceptions import PermissionDenied

from rectify.middleware import RequestIdFilter
from rectify.server.log_lines import JsonLine


def line_of(record: logging.LogRecord) -> dict[str, str]:
    RequestIdFilter().filter(record)
    line = JsonLine().format(record)
    assert "\n" not in line
    return dict(json.loads(line))


def test_an_entry_is_one_line_whatever_stands_in_it():
    record = logging.LogRecord(
        "rectify.serve", logging.ERROR, __file__, 1, "第一行\n第二行 %s", ("值",), None
    )
    entry = line_of(record)
    assert entry["message"] == "第一行\n第二行 值" and entry["level"] == "ERROR" and entry["request"] == "-"
    assert entry["at"].endswith("+08:00")


def test_a_traceback_stands_inside_its_entry():
    try:
        raise ValueError("坏了")
    except ValueError as error:
        given = (type(error), error, error.__traceback__)
    entry = line_of(logging.LogRecord("rectify", logging.ERROR, __file__, 1, "没有做完", (), given))
    assert "ValueError: 坏了" in entry["traceback"]


def test_a_refusal_has_its_request_and_no_traceback():
    """Django tells of it when the middleware has left the request, with the exception that it was."""
    try:
        raise PermissionDenied
    except PermissionDenied as error:
        given = (type(error), error, error.__traceback__)
    record = logging.LogRecord("django.request", logging.WARNING, __file__, 1, "Forbidden", (), given)
    record.request = SimpleNamespace(request_id="0f64ff8889ea")
    entry = line_of(record)
    assert entry["request"] == "0f64ff8889ea" and "traceback" not in entry
