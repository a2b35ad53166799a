"""Filled-in rosters as files."""

from __future__ import annotations

import io
from collections.abc import Mapping
from typing import Any

from rectify.roster.writer import write_roster


def written(rows: Mapping[str, Any]) -> bytes:
    """The workbook with these rows by table."""
    out = io.BytesIO()
    write_roster(out, rows)
    return out.getvalue()
