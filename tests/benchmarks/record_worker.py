"""Verifies the record of one database without its files; prints CPU seconds and the peak of memory.

python -m tests.benchmarks.record_worker
"""

from __future__ import annotations

import json
import os
import resource
import time

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "rectify.settings")

import django

django.setup()

from rectify.audit.verify import read_chains


def main() -> None:
    before, begun = peak(), time.process_time()
    chains = list(read_chains("snapshot", files=False))
    figures = {
        "entries": sum(chain.count for chain in chains),
        "rows": sum(chain.row_count for chain in chains),
        "breaks": [str(fault) for chain in chains for fault in chain.breaks],
        "cpu": round(time.process_time() - begun, 2),
        "started_mib": before,
        "peak_mib": peak(),
    }
    print(json.dumps(figures, ensure_ascii=False))


def peak() -> int:
    """MiB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024


if __name__ == "__main__":
    main()
