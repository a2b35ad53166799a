"""The reports kept apart from the author of the parser; `python -m tests.kept_apart` measures them.

A file of `reports/` holds a report, a line of -, and what a careful clerk writes down of it. A Word document
is built by `documents.py`; its file holds only what is expected. Rows of one line are parted by ` | `;
a problem stands behind the number of its aspect; measures are judged where the report has any expected.
`given: facts`: measures, who and when are judged only of the problems for which they are written down.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.intake.kept_apart.documents import DOCUMENTS
from tests.intake.score import Score

REPORTS = Path(__file__).with_name("reports")
NAMED = ("leaders", "units")
MEASURED = ("aspects", "problems", "nesting", "causes", "directions", "measures", *NAMED, "deadlines")


@dataclass
class Expected:
    """What a clerk writes down; a problem is title, aspect, measures, leaders, units and deadline."""

    kind: str = ""
    encoding: str = "utf-8"
    given: str = ""
    aspects: list[str] = field(default_factory=list)
    causes: list[str] = field(default_factory=list)
    directions: list[str] = field(default_factory=list)
    problems: list[dict[str, Any]] = field(default_factory=list)

    def take(self, line: str) -> None:
        name, _, words = line.strip().partition(":")
        rows = [row.strip() for row in words.split(" | ") if row.strip()]
        if name == "problem":
            aspect, _, title = words.strip().partition("/")
            self.problems.append({"title": title, "aspect": int(aspect) if aspect else None})
        elif name in ("measures", "leaders", "units"):
            self.problems[-1][name] = rows
        elif name == "deadline":
            self.problems[-1][name] = words.strip()
        elif name in ("kind", "encoding", "given"):
            setattr(self, name, words.strip())
        else:
            setattr(self, name, rows)


@dataclass(frozen=True)
class Report:
    """A file as an office sends it, and what should be understood of it."""

    name: str
    file_name: str
    data: bytes
    expected: Expected


def reports() -> Iterator[Report]:
    for path in sorted(REPORTS.glob("*.txt")):
        text, _, lines = path.read_text("utf-8").rpartition("-----\n")
        expected = Expected()
        for line in lines.splitlines():
            expected.take(line)
        if path.stem in DOCUMENTS:
            yield Report(path.stem, f"{path.stem}.docx", DOCUMENTS[path.stem](), expected)
        else:
            yield Report(path.stem, path.name, text.encode(expected.encoding), expected)


def read(report: Report) -> dict[str, Any]:
    """The outline of the report's only part; an empty one where it is refused."""
    from rectify.errors import Incomplete
    from rectify.intake.parser import outline
    from rectify.intake.parser.lines import text

    try:
        (source, *_) = text.read(report.file_name, report.data)
        return outline.as_json(outline.parse(source))
    except Incomplete:
        return {"aspects": [], "problems": [], "causes": [], "directions": []}


def compare(result: Score, report: Report, found: dict[str, Any]) -> None:
    expected = report.expected
    for name in ("aspects", "causes", "directions"):
        result.add(name, report.name, getattr(expected, name), [row["title"] for row in found[name]])
    wanted, got = expected.problems, found["problems"]
    for what, pick in (("problems", ("title",)), ("nesting", ("title", "aspect"))):
        pairs = [[tuple(problem[key] for key in pick) for problem in rows] for rows in (wanted, got)]
        result.add(what, report.name, *pairs)
    measured = ["measures"] if any("measures" in problem for problem in wanted) else []
    for name in (*NAMED, *measured):
        judged = got if not expected.given else _with(got, wanted, name)
        result.add(name, report.name, _named(wanted, name), _named(judged, name))
    judged = got if not expected.given else _with(got, wanted, "deadline")
    dates = [
        [(row["title"], row["deadline"]) for row in rows if row.get("deadline")] for rows in (wanted, judged)
    ]
    result.add("deadlines", report.name, *dates)


def _with(got: list[dict[str, Any]], wanted: list[dict[str, Any]], name: str) -> list[dict[str, Any]]:
    """Those read of which this is written down."""
    titles = {problem["title"] for problem in wanted if problem.get(name)}
    return [problem for problem in got if problem["title"] in titles]


def _named(problems: list[dict[str, Any]], name: str) -> list[tuple[str, str]]:
    return [(problem["title"], value) for problem in problems for value in problem.get(name, [])]


def measure() -> dict[str, Score]:
    """By kind."""
    scores: dict[str, Score] = {}
    for report in reports():
        compare(scores.setdefault(report.expected.kind, Score()), report, read(report))
    return scores
