"""What waits for a second person, put together as it was asked for: one act is one thing to decide."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from rectify.choices import DutyKind
from rectify.models import DutyRequest, User


@dataclass(frozen=True)
class DutyBatch:
    """The requests of one act; `row` stands for them all."""

    row: DutyRequest
    rows: list[DutyRequest]

    @property
    def is_one(self) -> bool:
        return len(self.rows) == 1

    @property
    def words(self) -> str:
        """批量提请 206 项：授予任职 6 项、启用账号 200 项."""
        if self.is_one:
            return str(self.row)
        kinds = [row.kind for row in self.rows]
        counts = "、".join(f"{kind.label} {kinds.count(kind)} 项" for kind in DutyKind if kind in kinds)
        return f"批量提请 {len(self.rows)} 项：{counts}"

    @property
    def posts(self) -> list[DutyRequest]:
        """The posts of the three, which deserve a look each."""
        return [row for row in self.rows if row.kind == DutyKind.POST]

    @property
    def others(self) -> list[DutyRequest]:
        return [row for row in self.rows if row.kind != DutyKind.POST]


def batches(rows: Iterable[DutyRequest], user: User) -> list[DutyBatch]:
    """In the order of their first rows. What is about the person themselves is for somebody else to decide:
    it does not stand for a batch."""
    found: dict[tuple[object, ...], list[DutyRequest]] = {}
    for row in rows:
        found.setdefault((row.requested_by_id, row.requested_at, row.status, row.decided_at), []).append(row)
    return [DutyBatch(_standing_for(many, user), many) for many in found.values()]


def _standing_for(rows: list[DutyRequest], user: User) -> DutyRequest:
    return next((row for row in rows if row.user_id != user.pk), rows[0])
