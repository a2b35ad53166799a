"""What was understood of an old sheet, as `import_sheet --dry-run` prints it."""

from __future__ import annotations

import datetime as dt
from typing import Any

from rectify.ledger.legacy.finished import is_finished
from rectify.ledger.legacy.headings import SKIP
from rectify.ledger.legacy.problem import OldMeasure, OldProblem, OldSheet
from rectify.ledger.legacy.reading import BookReading


def as_json(reading: BookReading, sheet: OldSheet) -> dict[str, Any]:
    """Plain values; a column that is left out has no field, a day that is not known is null."""
    return {
        "title": reading.title,
        "year": reading.year,
        "columns": {heading: _field(key) for heading, key in reading.meanings.items()},
        "problems": [_problem(problem) for problem in sheet.problems],
        "notices": _notices(sheet),
    }


def _field(key: str) -> str | None:
    return key if key and key != SKIP else None


def _problem(problem: OldProblem) -> dict[str, Any]:
    return {
        "row": problem.row,
        "aspect": problem.aspect,
        "title": problem.title,
        "measures": [_measure(measure) for measure in problem.measures],
        "leaders": problem.leaders,
        "units": problem.units,
        "responsible": problem.responsible,
        "kind": problem.kind_words,
        "deadline": _day(problem.deadline),
        "deadline_text": problem.deadline_words,
        "progress": problem.progress,
        "finished": is_finished(problem),
    }


def _measure(measure: OldMeasure) -> dict[str, Any]:
    return {
        "text": measure.text,
        "deadline": _day(measure.deadline),
        "deadline_text": measure.deadline_words,
    }


def _day(day: dt.date | None) -> str | None:
    return day.isoformat() if day else None


def _notices(sheet: OldSheet) -> list[dict[str, Any]]:
    """What a person should look at, and the cells that are in no problem."""
    told = [
        {
            "row": fault.row,
            "column": fault.heading,
            "value": fault.value,
            "message": f"{fault.reason}。{fault.remedy}。",
        }
        for fault in sheet.notices
    ]
    left_out = [
        {
            "row": max(part.row, 1),
            "column": part.heading,
            "value": part.text,
            "message": f"{part.why}，没有读入。",
        }
        for part in sheet.left_out
    ]
    return sorted([*told, *left_out], key=lambda notice: notice["row"])
