"""Small old sheets by other writers (`write.py` and `write.js` make them of `sheets.json`) are understood."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from rectify.ledger.legacy.as_json import as_json
from rectify.ledger.legacy.reading import read_workbook
from rectify.xlsx.reader import read_book
from rectify.xlsx.structure import OLD

WRITERS = Path(__file__).with_name("writers")
SHEETS = json.loads((WRITERS / "sheets.json").read_text("utf-8"))


@pytest.mark.parametrize("name", SHEETS)
def test_a_sheet_is_understood_whoever_wrote_it(name):
    reading = read_workbook(
        read_book(WRITERS / name, OLD), name, {"year": 2021 if "history" in name else None}
    )
    outline = as_json(reading, reading.read())
    assert [
        [row["title"], row["aspect"] or "", row["deadline"], [measure["text"] for measure in row["measures"]]]
        for row in outline["problems"]
    ] == SHEETS[name]["problems"], outline["notices"]
