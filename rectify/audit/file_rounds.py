"""Every file is read again within thirty days: a slice at each round of the background work.

Where the pass is and which files are wrong is kept beside the data, so that a restart goes on there.
"""

from __future__ import annotations

import datetime as dt
import json
import time
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from django.conf import settings

from rectify import clock
from rectify.audit.checks.files import HOLDERS, after, fault, holders, name_of
from rectify.audit.mismatch import Mismatch

NAME = "file_rounds.json"
PASS = dt.timedelta(days=25)  # five days to spare: rounds are missed while the server stands
SECONDS = 20  # a round must not keep the messages waiting
MOST = 200  # wrong files that are remembered


@dataclass
class WrongFile:
    """A file that is gone or another: whose, and since when that is known."""

    holder: int
    pk: int
    report: int
    where: str
    what: str
    seen: str

    def __str__(self) -> str:
        return f"{Mismatch(self.where, self.what)}（{self.seen} 发现）"


@dataclass
class FileRounds:
    """A pass through all files: its beginning, how many there are and were read, the last one, the wrong."""

    begun: str
    total: int = 0
    read: int = 0
    holder: int = 0
    pk: int = 0
    finished: str = ""  # when the pass before ended
    wrong: list[WrongFile] = field(default_factory=list)

    @property
    def begun_on(self) -> dt.date:
        return clock.day_of(dt.datetime.fromisoformat(self.begun))

    @property
    def finished_on(self) -> dt.date | None:
        return dt.date.fromisoformat(self.finished) if self.finished else None

    @property
    def due(self) -> float:
        """How many files should have been read by now; all that there are once the time is over."""
        share = (clock.now() - dt.datetime.fromisoformat(self.begun)) / PASS
        return float("inf") if share >= 1 else self.total * share


def read_slice() -> int:
    """Read again what is due, and once more what was wrong; says how many files were read."""
    rounds = last() or _begun([], "")
    rounds.wrong = [wrong for wrong in rounds.wrong if _still(wrong)]
    count, until = 0, time.monotonic() + SECONDS
    for row in _from(rounds):
        if rounds.read >= rounds.due or time.monotonic() > until:
            break
        _read(row, rounds)
        count += 1
    else:
        if rounds.due == float("inf"):
            rounds = _begun(rounds.wrong, clock.today().isoformat())
    _keep(rounds)
    return count


def last() -> FileRounds | None:
    """None before the first round, or where its note cannot be read."""
    try:
        data = json.loads(_path().read_text(encoding="utf-8"))
        return FileRounds(**data | {"wrong": [WrongFile(**row) for row in data["wrong"]]})
    except (OSError, ValueError, KeyError, TypeError):
        return None


def _begun(wrong: list[WrongFile], finished: str) -> FileRounds:
    total = sum(holders(number, "default").count() for number in range(len(HOLDERS)))
    return FileRounds(clock.now().isoformat(), total, finished=finished, wrong=wrong)


def _from(rounds: FileRounds) -> Iterator[Any]:
    """The rows behind the last one read, kind by kind."""
    for number in range(rounds.holder, len(HOLDERS)):
        if number != rounds.holder:
            rounds.holder, rounds.pk = number, 0
        yield from after(holders(number, "default"), rounds.pk)


def _read(row: Any, rounds: FileRounds) -> None:
    what = fault(row, holders(rounds.holder, "default"))
    known = any((wrong.holder, wrong.pk) == (rounds.holder, row.pk) for wrong in rounds.wrong)
    if what and not known and len(rounds.wrong) < MOST:
        ledger, day = _ledger(rounds.holder, row.pk), clock.today().isoformat()
        rounds.wrong.append(WrongFile(rounds.holder, row.pk, ledger, name_of(row), what, day))
    rounds.read, rounds.pk = rounds.read + 1, row.pk


def _ledger(holder: int, pk: int) -> int:
    model, path = HOLDERS[holder]
    return int(model.objects.values_list(path, flat=True).get(pk=pk))


def _still(wrong: WrongFile) -> bool:
    rows = holders(wrong.holder, "default")
    row = rows.filter(pk=wrong.pk).first()
    return row is not None and bool(fault(row, rows))


def _keep(rounds: FileRounds) -> None:
    draft = _path().with_suffix(".new")
    draft.write_text(json.dumps(asdict(rounds), ensure_ascii=False), encoding="utf-8")
    draft.replace(_path())


def _path() -> Path:
    return Path(settings.DATA_DIR) / NAME
