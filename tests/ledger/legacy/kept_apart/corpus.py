"""The old sheets kept apart from the author of the reader; `python -m tests.kept_apart` measures them.

`expected/` holds the JSON of `import_sheet` as a careful clerk would write it, with the keys that are judged.
A measure is its text without the closing sign, or that and its own day. `told` names rows, columns or
worksheets that need a notice, `quiet` rows that need none.
"""

from __future__ import annotations

import json
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.intake.score import Score

from .sheets import SHEETS

EXPECTED = Path(__file__).with_name("expected")
FACTS = ("row", "aspect", "leaders", "units", "responsible", "kind", "deadline", "deadline_text", "finished")
MEASURED = ("head", "columns", "problems", "measures", *FACTS, "progress", "told", "quiet")


@dataclass(frozen=True)
class Sheet:
    """A file of an office and what should be understood of it."""

    file_name: str
    data: bytes
    expected: dict[str, Any]

    @property
    def name(self) -> str:
        return self.file_name.partition(".")[0]


def sheets() -> Iterator[Sheet]:
    for file_name, build in SHEETS.items():
        path = EXPECTED / f"{file_name.partition('.')[0]}.json"
        yield Sheet(file_name, build(), json.loads(path.read_text("utf-8")))


def read(sheet: Sheet) -> dict[str, Any]:
    """The JSON of the sheet; an empty one where it is refused."""
    from rectify.errors import Incomplete
    from rectify.ledger.legacy.as_json import as_json
    from rectify.ledger.legacy.reading import read_workbook
    from rectify.xlsx.reader import read_book
    from rectify.xlsx.structure import OLD

    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / sheet.file_name
        path.write_bytes(sheet.data)
        try:
            reading = read_workbook(read_book(path, OLD), sheet.file_name, {})
            return as_json(reading, reading.read())
        except Incomplete:
            return {"title": None, "year": None, "columns": {}, "problems": [], "notices": []}


def compare(result: Score, sheet: Sheet, found: dict[str, Any]) -> None:
    """Facts are held against the problem of the same title, the next one of several."""
    wanted, got = sheet.expected, found["problems"]
    for key in ("title", "year"):
        if key in wanted:
            result.add("head", sheet.name, [wanted[key]], [found[key]])
    for heading, field in wanted.get("columns", {}).items():
        result.add(
            "columns", sheet.name, [(heading, field)], [(heading, found["columns"].get(heading, "missing"))]
        )
    result.add(
        "problems",
        sheet.name,
        *([problem["title"] for problem in rows] for rows in (wanted["problems"], got)),
    )
    for problem in wanted["problems"]:
        _compare_facts(
            result, sheet.name, problem, next((row for row in got if row["title"] == problem["title"]), {})
        )
    _compare_notices(result, sheet, found["notices"])


def _compare_facts(result: Score, name: str, problem: dict[str, Any], found: dict[str, Any]) -> None:
    case = f"{name} {problem['title']}"
    for key in FACTS:
        if key in problem:
            result.add(key, case, [str(problem[key])], [str(found.get(key))])
    measures = [measure if isinstance(measure, list) else [measure] for measure in problem["measures"]]
    pairs = [[row["text"].rstrip("；。"), row["deadline"]] for row in found.get("measures", [])]
    size = max(map(len, measures))
    result.add("measures", case, [tuple(row) for row in measures], [tuple(row[:size]) for row in pairs])
    if "progress" in problem:
        said = problem["progress"] in (found.get("progress") or "")
        result.add("progress", case, [problem["progress"]], [problem["progress"]] if said else [])


def _compare_notices(result: Score, sheet: Sheet, notices: list[dict[str, Any]]) -> None:
    rows = {notice["row"] for notice in notices if notice["message"]}
    words = " ".join(f"{notice['column']} {notice['value']}" for notice in notices)
    told = sheet.expected["told"]
    heard = [place for place in told if (place in rows if isinstance(place, int) else place in words)]
    result.add("told", sheet.name, told, heard)
    quiet = sheet.expected["quiet"]
    result.add("quiet", sheet.name, quiet, [row for row in quiet if row not in rows])


def measure() -> dict[str, Score]:
    """By sheet."""
    scores: dict[str, Score] = {}
    for sheet in sheets():
        compare(scores.setdefault(sheet.name, Score()), sheet, read(sheet))
    return scores
