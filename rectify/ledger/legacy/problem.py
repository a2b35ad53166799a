"""What an old sheet says of a problem, in the form in which it would be loaded, and what it says besides."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass, field

from rectify.choices import Kind, Source
from rectify.ledger.roundtrip.columns import KIND_WORDS
from rectify.ledger.roundtrip.plan import Fault
from rectify.papers.deadlines import Deadline

DEADLINE_MAX = 100
SOURCES = {str(source.label): str(source) for source in Source}
MAX_ENTRIES = 2_500  # a request is answered within ten seconds


@dataclass
class OldMeasure:
    """One measure, with the day of its own row and the words that name it."""

    text: str
    kind: str
    standard: str = ""
    deadline: dt.date | None = None
    deadline_words: str = ""


@dataclass
class OldDeadline:
    """What one cell of the deadline column says; `is_plain` when the words are that day and no more."""

    words: str
    said: Deadline
    is_plain: bool


@dataclass
class OldProblem:
    """One problem as an old sheet has it, in the form in which it would be loaded."""

    row: int
    title: str
    text: str = ""
    aspect: str = ""
    manifestations: list[str] = field(default_factory=list)
    causes: str = ""
    texts: dict[str, str] = field(default_factory=dict)  # what it says in fields of its own
    source: str = Source.OTHER
    leaders: list[str] = field(default_factory=list)
    units: list[str] = field(default_factory=list)
    supporting: list[str] = field(default_factory=list)
    responsible: str = ""
    kind: str = Kind.BY_DATE
    also_standing: bool = False
    deadlines: list[OldDeadline] = field(default_factory=list)
    progress: str = ""
    remark: str = ""
    measures: list[OldMeasure] = field(default_factory=list)
    marks: list[str] = field(default_factory=list)  # what its rows say of being finished
    sheet: str = ""
    rows: list[int] = field(default_factory=list)  # all of its sheet that speak of it
    history: str = "continue"  # what becomes of it: a History, once somebody was asked

    @property
    def source_words(self) -> str:
        return str(Source(self.source).label)

    @property
    def kind_words(self) -> str:
        return next(words for words, kind in KIND_WORDS.items() if kind == (self.kind, self.also_standing))

    @property
    def deadline(self) -> dt.date | None:
        """The last day that any of its rows names."""
        return max((cell.said.day for cell in self.deadlines if cell.said.day), default=None)

    @property
    def deadline_words(self) -> str:
        """What the sheet says, all of it."""
        return "；".join(dict.fromkeys(cell.words for cell in self.deadlines))

    @property
    def deadline_text(self) -> str:
        """The words to be shown instead of the day; none where they are that day and no more."""
        is_plain = len(self.deadlines) == 1 and self.deadlines[0].is_plain
        return "" if is_plain else self.deadline_words[:DEADLINE_MAX]

    def absorb(self, other: OldProblem) -> None:
        """What another sheet says of the same problem; what there is room for once stays as it was."""
        for name in ("text", "aspect", "causes", "responsible", "progress", "remark"):
            both = (getattr(self, name), getattr(other, name))
            setattr(self, name, _joined(*both) if name != "aspect" else both[0] or both[1])
        if self.aspect != other.aspect and other.aspect:
            self.add_remark(f"另一张表的方面：{other.aspect}")
        if other.source != Source.OTHER and other.source != self.source:
            self.add_source(other.source_words)
        for name, text in other.texts.items():
            self.texts[name] = _joined(self.texts.get(name, ""), text)
        for name in ("manifestations", "leaders", "units", "supporting", "marks"):
            setattr(self, name, _distinct([*getattr(self, name), *getattr(other, name)]))
        known = {measure.text for measure in self.measures}
        self.measures += [measure for measure in other.measures if measure.text not in known]
        words = {cell.words for cell in self.deadlines}
        self.deadlines += [cell for cell in other.deadlines if cell.words not in words]
        if self.deadline is None or self.kind == Kind.BY_DATE:
            self.kind, self.also_standing = other.kind, other.also_standing or self.also_standing

    def add_source(self, words: str) -> None:
        """Where it comes from: one of the known sources, and what there is besides as a remark."""
        source = SOURCES.get(words)
        if source and self.source in (Source.OTHER, source):
            self.source = source
        elif words:
            self.add_remark(f"问题来源：{words}")

    def add_remark(self, text: str) -> None:
        self.remark = _joined(self.remark, text)

    @property
    def review_months(self) -> int:
        """How many months lie between two looks at what stands for good; 0 where the words don't say."""
        return min((cell.said.every for cell in self.deadlines if cell.said.every), default=0)

    @property
    def has_own_days(self) -> bool:
        """Its measures are due at different times."""
        return len({(measure.deadline, measure.deadline_words) for measure in self.measures}) > 1


@dataclass(frozen=True)
class LeftOut:
    """What is in no problem: where it stands, what it says, and what it was taken for."""

    sheet: str
    row: int  # 0: the sheet as a whole
    text: str
    why: str
    heading: str = ""  # of the one column it stands in

    @property
    def where(self) -> str:
        row = f"第 {self.row} 行" if self.row else ""
        return f"“{self.sheet}”{row}" + (f"“{self.heading}”列" if self.heading else "")


@dataclass
class OldSheet:
    """What would be loaded, what is said about rows that are not quite clear, and what is in neither."""

    problems: list[OldProblem] = field(default_factory=list)
    notices: list[Fault] = field(default_factory=list)
    left_out: list[LeftOut] = field(default_factory=list)

    @property
    def entries(self) -> int:
        """What loading it writes: problems, measures and notes."""
        notes = sum(bool(problem.progress) for problem in self.problems)
        return len(self.problems) + self.measure_count + notes

    @property
    def too_many(self) -> str:
        """Why it is not loaded at once; empty when it can be."""
        if self.entries <= MAX_ENTRIES:
            return ""
        return (
            f"问题、措施和进展合计 {self.entries:,} 条，一次最多读入 {MAX_ENTRIES:,} 条，没有读入任何内容。"
            "请把原表按单位或按方面拆成几份，分别读入。"
        )

    @property
    def aspects(self) -> list[str]:
        return _distinct(problem.aspect for problem in self.problems if problem.aspect)

    @property
    def leader_names(self) -> list[str]:
        return _distinct(name for problem in self.problems for name in problem.leaders)

    @property
    def unit_names(self) -> list[str]:
        return _distinct(name for problem in self.problems for name in (*problem.units, *problem.supporting))

    @property
    def measure_count(self) -> int:
        return sum(len(problem.measures) for problem in self.problems)


def _joined(earlier: str, later: str) -> str:
    return earlier if later in earlier else "\n".join(filter(None, (earlier, later)))


def _distinct(names: Iterable[str]) -> list[str]:
    return list(dict.fromkeys(names))
