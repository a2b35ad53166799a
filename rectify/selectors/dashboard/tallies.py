"""How many problems of each light: the tally behind tiles, bars and sentences."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field

from rectify.choices import RagStatus

ORDER = (
    RagStatus.OVERDUE,
    RagStatus.DUE_SOON,
    RagStatus.UNREPORTED,
    RagStatus.UNDATED,
    RagStatus.NORMAL,
    RagStatus.STANDING,
    RagStatus.CLOSED,
    RagStatus.FINISHED_BEFORE,
)
YELLOW = (RagStatus.DUE_SOON, RagStatus.UNREPORTED)


@dataclass(frozen=True)
class Part:
    """One colour of a bar."""

    value: str
    label: str
    count: int
    start: float
    width: float


@dataclass
class Tally:
    """How many problems of each light; `key` and `label` say of what. What was carried over counts in its new
    ledger and is told beside the others."""

    key: int | None = None
    label: str = "未明确"
    rank: tuple = ()
    lights: Counter[str] = field(default_factory=Counter)
    stale: int = 0
    path: str = ""  # of a unit, in the tree
    value: str = ""  # what a link names it by, where that is not its key

    @property
    def total(self) -> int:
        return sum(self.lights.values()) - self.carried

    @property
    def carried(self) -> int:
        return self.lights[RagStatus.CARRIED]

    @property
    def param(self) -> str:
        return self.value or ("none" if self.key is None else str(self.key))

    @property
    def overdue(self) -> int:
        return self.lights[RagStatus.OVERDUE]

    @property
    def yellow(self) -> int:
        return sum(self.lights[light] for light in YELLOW)

    @property
    def closed(self) -> int:
        return self.lights[RagStatus.CLOSED]

    @property
    def by_light(self) -> list[tuple[str, str, int]]:
        """(value, label, count) of the lights that occur, the worst first."""
        return [(str(light), str(light.label), self.lights[light]) for light in ORDER if self.lights[light]]

    @property
    def words(self) -> str:
        said = "，".join(f"{label} {count}" for _, label, count in self.by_light)
        words = f"{self.total} 项：{said}" if said else "0 项"
        return f"{words}；另已结转 {self.carried} 项" if self.carried else words

    @property
    def parts(self) -> list[Part]:
        parts, start = [], 0.0
        for value, label, count in self.by_light:
            width = round(100 * count / self.total, 3)
            parts.append(Part(value, label, count, round(start, 3), width))
            start += width
        return parts

    @property
    def closed_percent(self) -> int:
        """Closed of all live problems, rounded down: 100 is said only of all.

        What was finished before it came here is neither above nor below the line.
        """
        rated = self.total - self.lights[RagStatus.FINISHED_BEFORE]
        return 100 * self.closed // rated if rated else 0
