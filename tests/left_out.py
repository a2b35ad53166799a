"""What a command of the tests did not run: skipped everywhere, left to a later command, or a whole run.

    python -m tests.left_out [--to-the-last] NAME=REPORT.xml ...

A test of one database alone is skipped on the other and counts as run. With REQUIRE_ALL=1
a skipped test or a missing run is a failure; with --to-the-last (there is no later command but
make test-long) so is what was left to .ci/run and is in no report.
"""

from __future__ import annotations

import os
import sys
from collections import Counter
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from defusedxml import ElementTree

LAST = "--to-the-last"
# The command that runs what a marker leaves out.
LATER = {"long": "make test-long", "ci": ".ci/run", "once": ".ci/run"}
LATER_ON_POSTGRES = {"sqlite": "make test-long", **LATER}


def note(path: Path, items: Iterable[Any]) -> None:
    """Adds tests that were deselected, each with the command it is left to; called by pytest."""
    path.parent.mkdir(parents=True, exist_ok=True)
    later = LATER
    if os.environ.get("DATABASE_URL", "").startswith("postgres"):
        items = [item for item in items if _belongs_on_postgres(item)]
        later = LATER_ON_POSTGRES
    with path.open("a", encoding="utf-8") as file:
        for item in items:
            command = next((later[mark] for mark in later if item.get_closest_marker(mark)), None)
            if command:
                file.write(f"{command}\t{name_of(item)}\n")


def _belongs_on_postgres(item: Any) -> bool:
    """A browser, and what asks no database, is asked on SQLite only."""
    asks = item.get_closest_marker("django_db") or "db" in item.fixturenames
    return bool(asks) and not item.get_closest_marker("browser")


def name_of(item: Any) -> str:
    """As the report calls it."""
    place, bracket, values = item.nodeid.partition("[")
    module, *inside = place.split("::")
    dotted = module.removesuffix(".py").replace("/", ".")
    return f"{'.'.join([dotted, *inside[:-1]])}::{inside[-1]}{bracket}{values}"


def skipped_and_run(report: Path) -> tuple[dict[str, str], set[str]]:
    skipped: dict[str, str] = {}
    ran: set[str] = set()
    for case in ElementTree.parse(report).iter("testcase"):
        name = f"{case.get('classname')}::{case.get('name')}"
        mark = case.find("skipped")
        if mark is not None and mark.get("type") != "pytest.xfail":
            skipped[name] = mark.get("message") or "no reason given"
        else:
            ran.add(name)
    return skipped, ran


def left(report: Path) -> dict[str, str]:
    """Every test that this run has left to a later command, by its name."""
    noted = Path(f"{report}.left")
    if not noted.exists():
        return {}
    lines = noted.read_text(encoding="utf-8").splitlines()
    return {name: command for command, _, name in (line.partition("\t") for line in lines)}


def main(arguments: list[str]) -> int:
    lines: list[str] = []
    skipped: dict[str, str] = {}
    ran: set[str] = set()
    later: dict[tuple[str, str], str] = {}
    here: set[tuple[str, str]] = set()
    for argument in arguments:
        if argument == LAST:
            continue
        database, _, path = argument.partition("=")
        if not Path(path).exists():
            lines.append(f"a whole run on {database} ({Path(path).stem})")
            continue
        skipped_here, ran_here = skipped_and_run(Path(path))
        skipped |= skipped_here
        ran |= ran_here
        here |= {(database, name) for name in (*skipped_here, *ran_here)}
        later |= {(database, name): command for name, command in left(Path(path)).items()}
    reasons = Counter(reason for name, reason in skipped.items() if name not in ran)
    lines += [f"{count} x {reason}" for reason, count in reasons.most_common()]
    waiting = Counter((command, one[0]) for one, command in later.items() if one not in here)
    for (command, database), count in sorted(waiting.items()):
        print(f"Left to {command}: {count} tests on {database}.")
    if LAST in arguments:
        lines += [f"{n} x left to {to}, on {where}" for (to, where), n in waiting.items() if to == ".ci/run"]
    if not lines:
        print(f"Nothing else was left out ({len(ran)} different tests were run).")
        return 0
    print(f"LEFT OUT ({len(ran)} different tests were run):")
    for line in lines:
        print(f"  - {line}")
    return 1 if os.environ.get("REQUIRE_ALL") == "1" else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
