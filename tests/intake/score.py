"""Precision and recall of the outline over the corpus: `python -m tests.intake.score`."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

CORPUS = Path(__file__).with_name("corpus")
MEASURED = ("aspects", "problems", "causes", "directions", "nesting")


@dataclass
class Case:
    """A file of the corpus and what it should be understood as, one outline for each report in it."""

    name: str
    file_name: str
    data: bytes
    expected: list[dict[str, Any]]


@dataclass
class Score:
    """Hits, what was found too much, what was missed."""

    right: Counter[str] = field(default_factory=Counter)
    extra: Counter[str] = field(default_factory=Counter)
    missed: Counter[str] = field(default_factory=Counter)
    faults: list[str] = field(default_factory=list)

    def add(self, what: str, case: str, wanted: list[Any], found: list[Any]) -> None:
        want, got = Counter(wanted), Counter(found)
        self.right[what] += (want & got).total()
        self.extra[what] += (got - want).total()
        self.missed[what] += (want - got).total()
        if wanted != found:
            self.faults.append(f"{case} {what}: missed {list(want - got)}, too much {list(got - want)}")

    def precision(self, what: str) -> float:
        return self.right[what] / max(1, self.right[what] + self.extra[what])

    def recall(self, what: str) -> float:
        return self.right[what] / max(1, self.right[what] + self.missed[what])


def cases() -> Iterator[Case]:
    from .documents import DOCUMENTS

    for path in sorted(CORPUS.glob("*.json")):
        spec = json.loads(path.read_text(encoding="utf-8"))
        name = path.stem
        if name in DOCUMENTS:
            yield Case(name, f"{name}.docx", DOCUMENTS[name](), spec["reports"])
        else:
            text = path.with_suffix(".txt").read_text(encoding="utf-8")
            yield Case(name, f"{name}.txt", text.encode(spec.get("encoding", "utf-8")), spec["reports"])


def outlines(case: Case) -> list[tuple[dict[str, Any], list[str]]]:
    """The outline of each report of the file as printed, and the titles of what was left out."""
    from rectify.intake.parser import outline
    from rectify.intake.parser.lines import text

    out = []
    for source in text.read(case.file_name, case.data):
        report = outline.parse(source)
        out.append((outline.as_json(report), [one.title for one in report.left_out]))
    return out


def compare(
    score: Score, name: str, wanted: dict[str, Any], found: dict[str, Any], left_out: list[str]
) -> None:
    score.add("aspects", name, wanted["aspects"], [one["title"] for one in found["aspects"]])
    score.add(
        "problems",
        name,
        [one["title"] for one in wanted["problems"]],
        [one["title"] for one in found["problems"]],
    )
    score.add("causes", name, wanted["causes"], [one["title"] for one in found["causes"]])
    score.add("directions", name, wanted["directions"], [one["title"] for one in found["directions"]])
    score.add(
        "nesting", name,
        [(one["title"], one["aspect"]) for one in wanted["problems"]],
        [(one["title"], one["aspect"]) for one in found["problems"]],
    )  # fmt: skip
    for one, problem in zip(wanted["problems"], found["problems"], strict=False):
        for key in ("manifestations", "measures"):
            if key in one and one[key] != len(problem[key]):
                score.faults.append(
                    f"{name} {problem['title']}: {one[key]} {key} wanted, found {problem[key]}"
                )
        score.faults += [
            f"{name} {problem['title']}: {key} {problem[key]}, not {one[key]}"
            for key in ("leaders", "units", "deadline")
            if key in one and one[key] != problem[key]
        ]
    _compare_links(score, name, wanted, found)
    if "placeholders" in wanted and wanted["placeholders"] != [gap["text"] for gap in found["placeholders"]]:
        score.faults.append(f"{name} placeholders: {[gap['text'] for gap in found['placeholders']]}")
    said = "\n".join(one["message"] for one in found["warnings"])
    score.faults += [
        f"{name}: no warning “{part}” in {said}" for part in wanted.get("warnings", []) if part not in said
    ]
    score.faults += [
        f"{name}: warned of “{part}” in {said}" for part in wanted.get("no_warnings", []) if part in said
    ]
    if "left_out" in wanted and wanted["left_out"] != left_out:
        score.faults.append(f"{name} left out: {left_out}")


def _compare_links(score: Score, name: str, wanted: dict[str, Any], found: dict[str, Any]) -> None:
    ties = {(link["problem"], link["cause"]): link["basis"] for link in found["links"] if "cause" in link}
    explicit = sorted(pair for pair, basis in ties.items() if basis == "explicit")
    if "explicit" in wanted and sorted(map(tuple, wanted["explicit"])) != explicit:
        score.faults.append(f"{name} explicit links: {explicit}")
    elif "explicit" not in wanted and explicit:
        score.faults.append(f"{name} explicit links nobody wrote: {explicit}")
    score.faults += [
        f"{name}: link {pair} is {ties.get(tuple(pair))}, not by content"
        for pair in wanted.get("content", []) if ties.get(tuple(pair)) != "content"
    ]  # fmt: skip
    score.faults += [
        f"{name}: a link {pair} was made up" for pair in wanted.get("unlinked", []) if tuple(pair) in ties
    ]


def measure() -> Score:
    score = Score()
    for case in cases():
        found = outlines(case)
        if len(found) != len(case.expected):
            score.faults.append(f"{case.name}: {len(found)} reports, not {len(case.expected)}")
        for wanted, (outline, left_out) in zip(case.expected, found, strict=False):
            compare(score, case.name, wanted, outline, left_out)
    return score


def main() -> int:
    import os
    import tempfile

    import django

    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "rectify.settings")
    os.environ.setdefault("DATA_DIR", tempfile.mkdtemp(prefix="rectify-score-"))
    django.setup()
    score = measure()
    print(f"{'':12}{'precision':>10}{'recall':>10}{'right':>8}{'extra':>8}{'missed':>8}")
    for what in MEASURED:
        numbers = f"{score.right[what]:>8}{score.extra[what]:>8}{score.missed[what]:>8}"
        print(f"{what:12}{score.precision(what):>10.3f}{score.recall(what):>10.3f}{numbers}")
    print(f"{sum(1 for _ in cases())} files", *score.faults, sep="\n")
    return 1 if score.faults else 0


if __name__ == "__main__":
    raise SystemExit(main())
