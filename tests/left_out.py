"""What `make test` did not run: tests skipped in every run they belong to, and runs that were left out.

    python -m tests.left_out NAME=REPORT.xml ...

A test of one database alone is skipped on the other and counts as run. With REQUIRE_ALL=1
anything left out is a failure.
"""

import os
import sys
from collections import Counter
from pathlib import Path

from defusedxml import ElementTree


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


def main(arguments: list[str]) -> int:
    lines: list[str] = []
    skipped: dict[str, str] = {}
    ran: set[str] = set()
    for argument in arguments:
        name, _, path = argument.partition("=")
        if not Path(path).exists():
            lines.append(f"the whole run on {name}")
            continue
        skipped_here, ran_here = skipped_and_run(Path(path))
        skipped |= skipped_here
        ran |= ran_here
    reasons = Counter(reason for name, reason in skipped.items() if name not in ran)
    lines += [f"{count} x {reason}" for reason, count in reasons.most_common()]
    if not lines:
        print(f"Nothing was left out ({len(ran)} different tests).")
        return 0
    print(f"LEFT OUT ({len(ran)} different tests were run):")
    for line in lines:
        print(f"  - {line}")
    return 1 if os.environ.get("REQUIRE_ALL") == "1" else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
