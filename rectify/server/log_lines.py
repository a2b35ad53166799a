"""One line of JSON for each entry of the log: time, level, request, where, what; a traceback inside it."""

from __future__ import annotations

import datetime as dt
import json
import logging

from rectify.clock import SHANGHAI


class JsonLine(logging.Formatter):
    """Whoever collects logs reads a line at a time: nothing in an entry may begin a line of its own."""

    def format(self, record: logging.LogRecord) -> str:
        entry = {
            "at": dt.datetime.fromtimestamp(record.created, SHANGHAI).isoformat(timespec="milliseconds"),
            "level": record.levelname,
            "request": getattr(record, "request_id", "-"),
            "logger": record.name,
            "message": record.getMessage(),
        }
        if record.exc_info and record.levelno >= logging.ERROR:  # a refusal is no fault
            entry["traceback"] = self.formatException(record.exc_info)
        return json.dumps(entry, ensure_ascii=False)
