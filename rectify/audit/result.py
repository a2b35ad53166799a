"""What a verification came to: what was checked, what does not hold, the verdict; kept beside the data."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Iterable
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any

from django.conf import settings

from rectify import clock
from rectify.audit.mismatch import Mismatch
from rectify.digests import GENESIS

NAME = "last_verification.json"
SYSTEM = 0  # the system's chain, where a ledger's has the ledger's id
NOWHERE = -1  # what belongs to no chain


@dataclass
class Chain:
    """One chain that was read: whose, what was checked, the last digest, and what does not hold."""

    name: str
    key: int = SYSTEM
    start: int = 0  # the number of the anchor that reading began behind
    count: int = 0
    head: str = GENESIS
    rows: dict[str, int] = field(default_factory=dict)  # by what people call the table
    files: int = 0
    breaks: list[Mismatch] = field(default_factory=list)
    more: bool = False  # there are breaks beyond those that are named

    @property
    def row_count(self) -> int:
        return sum(self.rows.values())


@dataclass
class VerifyResult:
    """One verification as an inspector files it; `others` are breaks that belong to no chain."""

    at: dt.datetime
    command: str
    version: str
    files: bool = True
    since: dt.date | None = None
    anchors: list[dt.date] = field(default_factory=list)
    chains: list[Chain] = field(default_factory=list)
    others: list[Mismatch] = field(default_factory=list)

    @property
    def breaks(self) -> list[Mismatch]:
        return [fault for chain in self.chains for fault in chain.breaks] + self.others

    @property
    def entries(self) -> int:
        return sum(chain.count - chain.start for chain in self.chains)

    @property
    def rows(self) -> int:
        return sum(chain.row_count for chain in self.chains)

    @property
    def file_count(self) -> int:
        return sum(chain.files for chain in self.chains)

    def only(self, chains: Iterable[int]) -> VerifyResult:
        """For who reads these chains, and of the system's no names: what is left out is counted."""
        keys = set(chains)
        shown = [chain for chain in self.chains if chain.key in keys]
        shown = [replace(chain, breaks=[]) if chain.key == SYSTEM else chain for chain in shown]
        part = replace(self, chains=shown, others=[])
        if hidden := len(self.breaks) - len(part.breaks):
            part.others.append(
                Mismatch("本份报告没有列出的部分", f"另有 {hidden} 处不相符，请看服务器上的完整报告")
            )
        return part


def keep(result: VerifyResult) -> None:
    """The newest verification, for the pages of auditor and administrator."""
    path = Path(settings.DATA_DIR) / NAME
    draft = path.with_suffix(".new")
    draft.write_text(json.dumps(asdict(result), ensure_ascii=False, default=str), encoding="utf-8")
    draft.replace(path)


def last() -> VerifyResult | None:
    """None when there has been none, or its note cannot be read."""
    try:
        return _from_json(json.loads((Path(settings.DATA_DIR) / NAME).read_text(encoding="utf-8")))
    except (OSError, ValueError, KeyError, TypeError):
        return None


def begun(command: str, version: str, **scope: Any) -> VerifyResult:
    return VerifyResult(clock.now(), command, version, **scope)


def _from_json(data: dict[str, Any]) -> VerifyResult:
    chains = [Chain(**chain | {"breaks": _breaks(chain["breaks"])}) for chain in data["chains"]]
    return VerifyResult(
        **data
        | {
            "at": dt.datetime.fromisoformat(data["at"]),
            "since": dt.date.fromisoformat(data["since"]) if data["since"] else None,
            "anchors": [dt.date.fromisoformat(day) for day in data["anchors"]],
            "chains": chains,
            "others": _breaks(data["others"]),
        }
    )


def _breaks(rows: list[dict[str, str]]) -> list[Mismatch]:
    return [Mismatch(**row) for row in rows]
