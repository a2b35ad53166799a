"""Invented reports by kind, as data: `python -m tests.intake.by_kind` prints what is read of each kind.

A file of `kinds/` is a kind. In it a line of = parts the reports, a line of - a report and what it says:
aspects, problems (each behind the number of its aspect), causes, directions, measures.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from . import mutations, score

KINDS = Path(__file__).with_name("kinds")
PARTS = ("aspects", "problems", "causes", "directions")
SEEDS = 24


@dataclass(frozen=True)
class Report:
    """One report of a kind and the outline that a person would write down of it."""

    kind: str
    number: int
    text: str
    outline: dict[str, Any]

    @property
    def name(self) -> str:
        return f"{self.kind}-{self.number}"


def reports() -> Iterator[Report]:
    for path in sorted(KINDS.glob("*.txt")):
        for number, part in enumerate(re.split(r"^=+\n", path.read_text("utf-8"), flags=re.MULTILINE), 1):
            text, _, expected = part.partition("-----\n")
            yield Report(path.stem, number, text, _outline(expected))


def _outline(expected: str) -> dict[str, Any]:
    said = dict(line.split(":", 1) for line in expected.strip().splitlines())
    rows = {name: [row.strip() for row in said[name].split(" | ") if row.strip()] for name in PARTS}
    problems = [re.match(r"(?:(\d+)/)?(.+)", row) for row in rows["problems"]]
    titles = [{"title": row[2], "aspect": int(row[1]) if row[1] else None} for row in problems if row]
    measures = [row.strip() for row in said.get("measures", "").split(" | ") if row.strip()]
    return rows | {"problems": titles, "measures": measures}


def read(text: str) -> dict[str, Any]:
    """What is read of a report, in the same form; nothing of one that is refused."""
    from rectify.errors import Incomplete
    from rectify.intake.parser import outline
    from rectify.intake.parser.lines import text as lines

    try:
        (source, *_) = lines.read("报告.txt", text.encode())
        found = outline.as_json(outline.parse(source))
    except Incomplete:
        return {name: [] for name in (*PARTS, "measures")}
    problems = found["problems"]
    return {name: [row["title"] for row in found[name]] for name in PARTS} | {
        "problems": [{"title": row["title"], "aspect": row["aspect"]} for row in problems],
        "measures": [text for row in problems for text in row["measures"]],
    }


def compare(result: score.Score, report: Report, found: dict[str, Any]) -> None:
    for name in PARTS:
        wanted, got = report.outline[name], found[name]
        if name == "problems":
            pairs = [[(row["title"], row["aspect"]) for row in rows] for rows in (wanted, got)]
            result.add("nesting", report.name, *pairs)
            wanted, got = [row["title"] for row in wanted], [row["title"] for row in got]
        result.add(name, report.name, wanted, got)
    if report.outline["measures"]:
        result.add("measures", report.name, report.outline["measures"], found["measures"])


def measure() -> dict[str, score.Score]:
    """By kind."""
    scores: dict[str, score.Score] = {}
    for report in reports():
        compare(scores.setdefault(report.kind, score.Score()), report, read(report.text))
    return scores


def outcomes() -> Iterator[tuple[str, str, bool]]:
    """Of each mutant: the kind of its report, what was done to it, and whether the outline stayed."""
    texts = [(report.kind, report.text) for report in reports()] + [("corpus", text) for text in _corpus()]
    for kind, text in texts:
        before = read(text)
        for name, changed in mutations.of(text, SEEDS):
            yield kind, name, mutations.same(name, before, read(changed))


def survival() -> tuple[dict[str, float], dict[str, float]]:
    """The share of outlines that stay, by what was done to the text and by kind of report."""
    by_change: dict[str, list[bool]] = {}
    by_kind: dict[str, list[bool]] = {}
    for kind, name, same in outcomes():
        by_change.setdefault(name, []).append(same)
        by_kind.setdefault(kind, []).append(same)
    return _shares(by_change), _shares(by_kind)


def _shares(results: dict[str, list[bool]]) -> dict[str, float]:
    return {name: sum(same) / len(same) for name, same in results.items()}


def _corpus() -> Iterator[str]:
    """The plain texts of the corpus, of one report each."""
    for case in score.cases():
        if case.file_name.endswith(".txt") and len(case.expected) == 1:
            yield (score.CORPUS / f"{case.name}.txt").read_text("utf-8")


def total(scores: dict[str, score.Score]) -> score.Score:
    whole = score.Score()
    for one in scores.values():
        for counter in ("right", "extra", "missed"):
            getattr(whole, counter).update(getattr(one, counter))
        whole.faults += one.faults
    return whole


def main() -> int:
    import os
    import tempfile

    import django

    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "rectify.settings")
    os.environ.setdefault("DATA_DIR", tempfile.mkdtemp(prefix="rectify-score-"))
    django.setup()
    scores = measure()
    for kind, one in [*scores.items(), ("all", total(scores))]:
        shown = (
            f"{name} {one.precision(name):.2f}/{one.recall(name):.2f}"
            for name in (*score.MEASURED, "measures")
        )
        print(f"{kind:26}{'  '.join(shown)}")
    print("\nmutations that leave the outline as it was:")
    for shares in survival():
        print(*(f"{name:26}{share:.3f}" for name, share in shares.items()), "", sep="\n")
    print(*total(scores).faults, sep="\n")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
