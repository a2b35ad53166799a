"""An office's own sheet to problems with their measures: blank rows skipped, merged cells passed on."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from openpyxl.utils import get_column_letter

from rectify.choices import Kind, MeasureKind, Source
from rectify.ledger.legacy.headings import BY_KEY
from rectify.ledger.roundtrip.columns import KIND_WORDS
from rectify.ledger.roundtrip.plan import Fault
from rectify.models.field_registry import TEXTS
from rectify.xlsx.reader import Sheet
from rectify.xlsx.values import NotUnderstood, day_of, day_of_words, half_width, lines_of, names_of, text_of

TITLE_MAX, TEXT_MAX, MEASURE_MAX, NOTE_MAX = 200, 10_000, 5_000, 10_000
MAX_ENTRIES = 2_500  # a request is answered within ten seconds
SHORT_TITLE = 60
_FOOT = re.compile(
    r"^(填报人|填表人|审核人|审批人|联系电话|联系人|制表|合计|总计|注[:：]|备注[:：]|说明[:：])"
)
_NUMBERED = re.compile(r"^\s*(?:\d{1,2}[.、．]|[（(]\d{1,2}[)）]|[一二三四五六七八九十]+[、.])", re.MULTILINE)
_SENTENCE = re.compile(r"[。；;\n]")
KIND_LABEL = re.compile(r"^【(当下改|长久立)】")
SOURCES = {str(source.label): str(source) for source in Source}
MEASURE_KINDS = {str(kind.label): str(kind) for kind in MeasureKind}


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
    deadline: dt.date | None = None
    deadline_text: str = ""
    progress: str = ""
    remark: str = ""
    measures: list[tuple[str, str, str]] = field(default_factory=list)  # text, kind, standard

    @property
    def kind_words(self) -> str:
        return next(words for words, kind in KIND_WORDS.items() if kind == (self.kind, self.also_standing))


@dataclass
class OldSheet:
    """What would be loaded, and what is said about rows that are not quite clear."""

    problems: list[OldProblem] = field(default_factory=list)
    notices: list[Fault] = field(default_factory=list)

    @property
    def entries(self) -> int:
        """What loading it writes: problems, measures and notes."""
        return (
            len(self.problems) + self.measure_count + sum(bool(problem.progress) for problem in self.problems)
        )

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
        return list(dict.fromkeys(problem.aspect for problem in self.problems if problem.aspect))

    @property
    def leader_names(self) -> list[str]:
        return list(dict.fromkeys(name for problem in self.problems for name in problem.leaders))

    @property
    def unit_names(self) -> list[str]:
        names = (name for problem in self.problems for name in (*problem.units, *problem.supporting))
        return list(dict.fromkeys(names))

    @property
    def measure_count(self) -> int:
        return sum(len(problem.measures) for problem in self.problems)


def read_old(sheet: Sheet, header: int, columns: Mapping[int, str], year: int, date1904: bool) -> OldSheet:
    """The problems below the header row, by what each column means."""
    return _Reader(sheet, header, columns, year, date1904).read()


class _Reader:
    def __init__(
        self, sheet: Sheet, header: int, columns: Mapping[int, str], year: int, date1904: bool
    ) -> None:
        self.sheet = sheet
        self.header = header
        self.columns = {key: column for column, key in columns.items() if key}
        self.year = year
        self.date1904 = date1904
        self.found = OldSheet()
        self.number = ""

    def read(self) -> OldSheet:
        headings = {key: self._text(self.header, key) for key in self.columns}
        for row in sorted(self.sheet.rows):
            if row <= self.header:
                continue
            own = {key for key, column in self.columns.items() if column in self.sheet.rows[row]}
            values = {key: self._text(row, key) for key in self.columns}
            if not own or not any(values.values()) or values == headings:
                continue
            first = next(text for _, text in self.sheet.texts(row))
            if _FOOT.match(first.strip()):
                continue
            self._row(row, own, values)
        return self.found

    def _row(self, row: int, own: set[str], values: dict[str, str]) -> None:
        last = self.found.problems[-1] if self.found.problems else None
        full = self._title_source(values)
        again = last is not None and full in (last.title, last.text) and self._same_number(own, values)
        if full and "title" in own and not again:
            last = OldProblem(row, *_title_and_text(full))
            self.found.problems.append(last)
        elif last is None or (
            full and not again and "title" not in own and full not in (last.title, last.text)
        ):
            self._notice(row, "title", "", "这一行没有问题名称，没有读入", "如需读入，请在原表中补上问题")
            return
        self.number = values.get("number", "") or self.number
        self._fill(last, row, values)

    def _title_source(self, values: dict[str, str]) -> str:
        return values.get("title", "")

    def _same_number(self, own: set[str], values: dict[str, str]) -> bool:
        number = values.get("number", "")
        return not number or number == self.number

    def _fill(self, problem: OldProblem, row: int, values: dict[str, str]) -> None:
        for key, longest in (("aspect", 500), ("causes", TEXT_MAX)):
            if not getattr(problem, key) and values.get(key):
                setattr(problem, key, self._cut(row, key, values[key], longest))
        for own in TEXTS:
            if not problem.texts.get(own.name) and values.get(own.name):
                problem.texts[own.name] = self._cut(row, own.name, values[own.name], own.longest)
        for text in _split(values.get("manifestations", "")):
            if text not in problem.manifestations:
                problem.manifestations.append(text)
        self._people(problem, row, values)
        self._when(problem, row, values)
        self._measures(problem, row, values)
        self._notes(problem, row, values)

    def _people(self, problem: OldProblem, row: int, values: dict[str, str]) -> None:
        problem.leaders = problem.leaders or self._names(row, "leader", values, 50)
        problem.units = problem.units or self._names(row, "lead_unit", values, 100)
        problem.supporting = problem.supporting or self._names(row, "supporting_units", values, 100)
        if not problem.responsible and values.get("responsible"):
            problem.responsible = self._cut(
                row, "responsible", "、".join(names_of(values["responsible"])), 50
            )

    def _names(self, row: int, key: str, values: dict[str, str], longest: int) -> list[str]:
        return list(
            dict.fromkeys(self._cut(row, key, name, longest) for name in names_of(values.get(key, "")))
        )

    def _when(self, problem: OldProblem, row: int, values: dict[str, str]) -> None:
        words = values.get("kind", "")
        if words and not self._kind_of(problem, words):
            self._notice(row, "kind", words, "认不出整改类型，按限期整改读入", "读入后可在网页上修改")
        text = values.get("deadline", "")
        if not text or problem.deadline or problem.deadline_text:
            return
        cell = self.sheet.cell(row, self.columns["deadline"])
        try:
            problem.deadline = day_of(cell, self.date1904)
        except NotUnderstood:
            problem.deadline = day_of_words(text, self.year)
            problem.deadline_text = self._cut(row, "deadline", " ".join(text.split()), 100)
            if not words:
                self._kind_of(problem, text)
            if problem.deadline is None and problem.kind != Kind.STANDING and not problem.also_standing:
                self._notice(row, "deadline", text, "认不出日期，文字照样保留", "读入后请补上整改时限")

    def _kind_of(self, problem: OldProblem, words: str) -> bool:
        standing = "长期" in words
        if "立行立改" in words or "立即" in words or "即知即改" in words:
            problem.kind, problem.also_standing = Kind.AT_ONCE, standing
        elif "限期" in words or re.search(r"\d年|\d月", half_width(words)):
            problem.kind, problem.also_standing = Kind.BY_DATE, standing
        elif standing:
            problem.kind, problem.also_standing = Kind.STANDING, False
        else:
            return False
        return True

    def _measures(self, problem: OldProblem, row: int, values: dict[str, str]) -> None:
        standard = self._cut(row, "standard", " ".join(values.get("standard", "").split()), 200)
        known = {text for text, _, _ in problem.measures}
        for step in _split(values.get("measure", "")):
            label = KIND_LABEL.match(step)
            kind = MEASURE_KINDS[label[1]] if label else str(MeasureKind.NOW)
            text = self._cut(row, "measure", KIND_LABEL.sub("", step).strip(), MEASURE_MAX)
            if text and text not in known:
                problem.measures.append((text, kind, standard))

    def _notes(self, problem: OldProblem, row: int, values: dict[str, str]) -> None:
        text, done = values.get("progress", ""), values.get("completion", "")
        said = [text] if text and text not in problem.progress else []
        if done and f"原台账完成情况：{done}" not in problem.progress:
            said.append(f"原台账完成情况：{done}")
        if said:
            whole = "\n".join(filter(None, [problem.progress, *said]))
            problem.progress = self._cut(row, "progress", whole, NOTE_MAX)
        remarks = [values.get("remark", "")]
        if source := values.get("source", ""):
            problem.source = SOURCES.get(source, Source.OTHER)
            remarks.append(f"问题来源：{source}" if source not in SOURCES else "")
        for remark in remarks:
            if remark and remark not in problem.remark:
                whole = "\n".join(filter(None, [problem.remark, remark]))
                problem.remark = self._cut(row, "remark", whole, TEXT_MAX)

    # -- cells -------------------------------------------------------------------------------------------

    def _text(self, row: int, key: str) -> str:
        """What the cell says; a formula counts by its last result: an old sheet has no other."""
        cell = self.sheet.cell(row, self.columns[key])
        if cell.kind == "f" and cell.value and cell.cached not in ("e", ""):
            cell = type(cell)(cell.cached, cell.value)
        try:
            return text_of(cell, self.date1904) if cell.kind else ""
        except NotUnderstood as problem:
            if row > self.header:
                self._notice(row, key, cell.shown, *problem.args)
            return ""

    def _cut(self, row: int, key: str, text: str, longest: int) -> str:
        if len(text) <= longest:
            return text
        words = f"有 {len(text):,} 个字，超过 {longest:,} 个，后面的没有读入"
        self._notice(row, key, text[:60], words, "请把全文作为佐证材料上传，或在原表中精简后重新上传")
        return text[:longest]

    def _notice(self, row: int, key: str, value: str, reason: str, remedy: str) -> None:
        letter = get_column_letter(self.columns[key]) if key in self.columns else ""
        fault = Fault(self.sheet.name, row, letter, BY_KEY[key].label, value, reason, remedy)
        if fault not in self.found.notices:
            self.found.notices.append(fault)


def _title_and_text(full: str) -> tuple[str, str]:
    """A name of the problem, and its whole text where that is longer than a name may be."""
    line = " ".join(full.split())
    if len(line) <= TITLE_MAX:
        return line, full if full != line else ""
    first = _SENTENCE.split(full.strip(), maxsplit=1)[0].strip()
    return first if 0 < len(first) <= TITLE_MAX else f"{line[:SHORT_TITLE]}…", full


def _split(text: str) -> list[str]:
    """A numbered list as its entries, anything else as one."""
    if not text.strip():
        return []
    if len(_NUMBERED.findall(text)) > 1:
        return lines_of(text)
    return [text.strip()]
