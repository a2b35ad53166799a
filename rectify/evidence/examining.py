"""Files as they arrive, opened in the limited child: what cannot be taken and why, what must be decided."""

from __future__ import annotations

import json
import tempfile
import time
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO

from rectify.arrivals import limited_child

CHILD = "rectify.evidence.opening"
SECONDS = 20.0  # for all files of one submit
CHUNK = 1024 * 1024
TOO_MUCH = "读取它超出了限度（内容过于复杂或文件有问题），请另存或重新导出后再选"
LATE = "服务器正忙，限时内没有读完，请稍后再试，或减少一次上传的文件"


@dataclass(frozen=True)
class Examined:
    """One file: why it cannot be taken (empty when it can), and (sort, place, shown) of its findings."""

    refusal: str = ""
    findings: list[tuple[str, str, str]] = field(default_factory=list)


def examine(files: Sequence[tuple[IO[bytes], str]]) -> list[Examined]:
    """Each file with its suffix (a key of KINDS), opened by a reader of its kind.

    A file at which the child dies is refused, unless it was its text that was too much; the ones after it
    get a child of their own.
    """
    until = time.monotonic() + SECONDS
    outcomes: list[Examined] = []
    with ExitStack() as stack:
        paths = [_on_disk(file, stack) for file, _ in files]
        while len(outcomes) < len(files) and (left := until - time.monotonic()) > 0:
            waiting = list(zip(paths, [suffix for _, suffix in files], strict=True))[len(outcomes) :]
            outcomes += _outcomes(waiting, left)
    return outcomes + [Examined(LATE)] * (len(files) - len(outcomes))


def _outcomes(waiting: Sequence[tuple[Path, str]], seconds: float) -> list[Examined]:
    arguments = [argument for path, suffix in waiting for argument in (str(path), suffix)]
    try:
        printed = limited_child.run(CHILD, arguments, seconds=seconds)
    except limited_child.OutOfTime as late:
        printed = late.printed
    outcomes: list[Examined] = []
    for line in printed.split(b"\n")[:-1]:  # the last one is not whole
        outcome = json.loads(line)
        if "refusal" in outcome:
            outcomes.append(Examined(outcome["refusal"]))
        else:
            outcomes[-1] = Examined(findings=[(sort, at, shown) for sort, at, shown in outcome["findings"]])
    return outcomes or [Examined(TOO_MUCH)]  # died at the first


def _on_disk(file: IO[bytes], stack: ExitStack) -> Path:
    """Where the child finds the file: a large upload lies on the disk already."""
    name = getattr(file, "name", None)
    if isinstance(name, str) and Path(name).is_file():
        return Path(name).resolve()
    copy = stack.enter_context(tempfile.NamedTemporaryFile())  # noqa: SIM115 (the stack closes it)
    file.seek(0)
    while chunk := file.read(CHUNK):
        copy.write(chunk)
    copy.flush()
    file.seek(0)
    return Path(copy.name)
