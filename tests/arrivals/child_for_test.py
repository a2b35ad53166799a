"""What the limited child is told to do in its tests."""

from __future__ import annotations

import json
import os
import sys
import time

from rectify.arrivals.limited_child import limit


def main() -> None:
    limit(memory=256 * 1024 * 1024, seconds=5)
    what = sys.argv[1]
    if what == "tell":
        print(json.dumps({"arguments": sys.argv[1:], "secret": os.environ.get("SECRET_KEY")}))
    elif what == "sleep":
        print(os.getpid(), flush=True)
        time.sleep(60)
    else:
        print("before", flush=True)
        print(len(b" " * 1024**3))
