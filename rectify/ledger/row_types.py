"""What one row of a ledger holds, and what its sheet is stamped with: plain values, no database."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import NamedTuple


class MeasureRow(NamedTuple):
    """One measure, in words ready to print."""

    text: str = ""
    kind: str = ""
    standard: str = ""
    unit: str = ""
    deadline: str = ""
    status: str = ""
    when: str = ""  # the day it was finished, otherwise its deadline


NO_MEASURE = MeasureRow()


class ProblemRow(NamedTuple):
    """One problem with its measures, in words ready to print; `light` is a value of `choices.RagStatus`."""

    number: int
    code: str
    title: str
    aspect: str = ""
    aspect_short: str = ""
    source: str = ""
    manifestations: str = ""
    causes: str = ""
    cause_titles: str = ""
    goal: str = ""
    leader: str = ""
    lead_unit: str = ""
    supporting_units: str = ""
    responsible: str = ""
    kind: str = ""
    deadline: str = ""
    due: str = ""
    progress: str = ""
    earlier_notes: int = 0  # before the newest, which is told
    completion: str = ""
    light: str = ""
    evidence: str = ""
    close_out: str = ""
    remark: str = ""
    chief: str = ""
    contact: str = ""
    applied: str = ""
    review: str = ""
    acceptance: str = ""
    closed: str = ""
    measures: tuple[MeasureRow, ...] = ()


@dataclass(frozen=True, slots=True)
class Stamp:
    """Whose ledger this is, how things stood when, and who took it out: printed on the sheet."""

    title: str
    unit: str
    as_of: dt.date
    exporter: str
    exported_at: dt.datetime
    audit_head: str
    selection: str = ""
    scope: str = ""  # stands in the title of an export that holds a part
    reporter: str = ""
    reviewer: str = ""
    phone: str = ""
    sheet_name: str = "整改台账"
    code: str = ""  # printed when the ledger is filed

    def scoped(self, title: str) -> str:
        """The title with the scope behind it."""
        return f"{title}（{self.scope}）" if self.scope else title


@dataclass(frozen=True, slots=True)
class Fonts:
    """Fonts are named, never embedded: a machine without them shows its own."""

    body: str = "仿宋"
    header: str = "黑体"


@dataclass(frozen=True, slots=True)
class Written:
    """What was issued: how much, and the file's digest."""

    problems: int
    measures: int
    rows: int
    size: int
    sha256: str
