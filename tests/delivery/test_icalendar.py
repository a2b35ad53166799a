"""The calendar as RFC 5545 wants it: lines, folding, escaping, whole days."""

from __future__ import annotations

import datetime as dt

from rectify.delivery.icalendar import Day, calendar, escaped, folded


def test_lines_are_folded_between_characters_and_unfold_to_the_same():
    for text in ("短", "整改时限" * 40, "a" * 300, "a" * 74 + "限" + "b" * 80):
        lines = folded(text).split("\r\n")
        assert all(len(line.encode()) <= 75 for line in lines)
        assert all(line.startswith(" ") for line in lines[1:])
        assert "".join([lines[0], *(line[1:] for line in lines[1:])]) == text


def test_text_is_escaped():
    assert escaped("一;二,三\\四\r\n五") == "一\\;二\\,三\\\\四\\n五"


def test_a_day_is_whole_and_its_end_is_the_next():
    day = Day("item-1@x", dt.date(2026, 12, 31), "2026-03, 整改时限", "http://x/1")
    at = dt.datetime(2026, 6, 1, 8, tzinfo=dt.timezone(dt.timedelta(hours=8)))
    text = calendar("整改时限", [day], at)
    assert text.startswith("BEGIN:VCALENDAR\r\nVERSION:2.0\r\n") and text.endswith("END:VCALENDAR\r\n")
    event = text.partition("BEGIN:VEVENT\r\n")[2].partition("END:VEVENT")[0].split("\r\n")
    assert event == [
        "UID:item-1@x", "DTSTAMP:20260601T000000Z", "DTSTART;VALUE=DATE:20261231",
        "DTEND;VALUE=DATE:20270101", "SUMMARY:2026-03\\, 整改时限", "URL:http://x/1",
        "TRANSP:TRANSPARENT", "",
    ]  # fmt: skip
