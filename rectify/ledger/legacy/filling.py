"""What a row adds to its problem: texts, people, days, measures, notes; nothing it says is dropped unsaid."""

from __future__ import annotations

import datetime as dt
import re

from rectify.choices import MeasureKind
from rectify.ledger.legacy.cells import Row, SheetText
from rectify.ledger.legacy.problem import DEADLINE_MAX, OldDeadline, OldMeasure, OldProblem
from rectify.models.field_registry import TEXTS
from rectify.papers.deadlines import Deadline, all_at_once, kind_of, read_deadline
from rectify.papers.holidays import holiday_words
from rectify.papers.persons import persons
from rectify.xlsx.reader import SheetCell
from rectify.xlsx.values import NotUnderstood, day_of, lines_of, names_of

TITLE_MAX, TEXT_MAX, MEASURE_MAX, NOTE_MAX = 200, 10_000, 5_000, 10_000
SHORT_TITLE = 60
_NUMBERED = re.compile(r"^\s*(?:\d{1,2}[.、．]|[（(]\d{1,2}[)）]|[一二三四五六七八九十]+[、.])", re.MULTILINE)
_WITHIN = re.compile(
    r"(?:^|(?<=[；;。]))\s*(?:\d{1,2}[.、．](?:(?!\d)|(?=20\d\d年))|[（(]\d{1,2}[)）]|[①-⑳])"
)
_CLOSED_LINE = re.compile(r"[；;][^\S\n]*\n(?=\s*\S)")
_SENTENCE = re.compile(r"[。；;\n]")
_TWO_WAYS = re.compile(r"\d{4}\.1|\d{1,2}\.[1-3]")  # a number drops its last nought: 2024.10, 6.30
_AT_ONCE = re.compile(r"立行立改|立即|即知即改|立整立改|马上改")
_KINDS = re.compile(
    r"立行立改|立即(?:整改)?|即知即改|立整立改|马上改|限期(?:整改|完成|办结)?|(?:并|需)?长期(?:坚持|整改|推进)?"
    r"|分阶段(?:整改|推进|完成)?|整改|[类型]"
)
_WORDS = re.compile(r"[^\W_]")
_STAGES = re.compile(r"第[一二三四五六1-6](?:阶段|步)[：:，,]?")
KIND_LABEL = re.compile(r"^【(当下改|长久立)】")
MEASURE_KINDS = {str(kind.label): str(kind) for kind in MeasureKind}
SHORTEN = "请把全文作为佐证材料上传，或在原表中精简后重新上传"
LATER = "读入后可在网页上修改"
PLEASE_DATE = "读入后请补上整改时限"
PLEASE_CHECK = "请与原表核对，不对的在读入后更正"


class Filling:
    """Puts rows into problems; what does not fit, or is in doubt, is told."""

    def __init__(self, text: SheetText, year: int, is_year_known: bool) -> None:
        self.text = text
        self.year = year
        self.is_year_known = is_year_known

    def fill(self, problem: OldProblem, row: Row) -> None:
        problem.rows.append(row.number)
        self._aspect(problem, row)
        problem.causes = self._joined(row, "causes", problem.causes, TEXT_MAX)
        for field in TEXTS:
            problem.texts[field.name] = self._joined(
                row, field.name, problem.texts.get(field.name, ""), field.longest
            )
        for text in split(row.says("manifestations")):
            if text not in problem.manifestations:
                problem.manifestations.append(text)
        self._people(problem, row)
        deadline = self._deadline(row)
        if deadline and deadline.words not in {cell.words for cell in problem.deadlines}:
            problem.deadlines.append(deadline)
            self.cut(row, "deadline", problem.deadline_words, DEADLINE_MAX)
        self._kind(problem, row)
        self._measures(problem, row, deadline)
        self._notes(problem, row)

    def _aspect(self, problem: OldProblem, row: Row) -> None:
        text = self.cut(row, "aspect", row.says("aspect"), 500)
        if text and problem.aspect and text != problem.aspect:
            reason = f"与同一问题前面的方面“{problem.aspect[:30]}”不同，没有读入"
            self.text.tell(row.number, "aspect", text, reason, LATER)
        problem.aspect = problem.aspect or text

    def _joined(self, row: Row, key: str, earlier: str, longest: int) -> str:
        text = row.says(key)
        if not text or text in earlier:
            return earlier
        return self.cut(row, key, "\n".join(filter(None, (earlier, text))), longest)

    # -- who ---------------------------------------------------------------------------------------------

    def _people(self, problem: OldProblem, row: Row) -> None:
        people = persons(row.says("leader"))
        leaders = (self.cut(row, "leader", person.said, 50) for person in people)
        problem.leaders = list(dict.fromkeys([*problem.leaders, *leaders]))
        for person in people:
            if person.post and not person.leads:
                problem.add_remark(f"责任领导职务：{person.name}，{person.post}")
        problem.units = self._names(row, "lead_unit", problem.units, 100)
        problem.supporting = self._names(row, "supporting_units", problem.supporting, 100)
        earlier = names_of(problem.responsible)
        added = [name for name in names_of(row.says("responsible")) if name not in earlier]
        if added:
            problem.responsible = self.cut(row, "responsible", "、".join([*earlier, *added]), 50)

    def _names(self, row: Row, key: str, earlier: list[str], longest: int) -> list[str]:
        names = (self.cut(row, key, name, longest) for name in names_of(row.says(key)))
        return list(dict.fromkeys([*earlier, *names]))

    # -- when --------------------------------------------------------------------------------------------

    def _deadline(self, row: Row) -> OldDeadline | None:
        words = " ".join(row.says("deadline").split())
        if not words:
            return None
        cell = self.text.cell(row.number, "deadline")
        try:
            return OldDeadline(words, _of_day(day_of(_result(cell), self.text.date1904)), is_plain=True)
        except NotUnderstood:
            return self._said(row, row.says("deadline"), words, is_number=_result(cell).kind == "n")

    def _said(self, row: Row, text: str, words: str, is_number: bool) -> OldDeadline:
        said = read_deadline(text, self.year)
        if is_number and _TWO_WAYS.fullmatch(words):
            said = Deadline(doubt=f"“{words}”是数字，可能少了末尾的 0，认不准是哪一天")
        if said.doubt:
            remedy = PLEASE_CHECK if said.day else self._please_date(words)
            self.text.tell(row.number, "deadline", words, said.doubt, remedy)
        elif said.assumed and not self.is_year_known:
            reason = f"原表没有写明年份，按 {self.year} 年读入"
            self.text.tell(row.number, "deadline", words, reason, "请核对台账的年度")
        return OldDeadline(words, said, is_plain=False)

    def _please_date(self, words: str) -> str:
        """With the day of the holiday that the words name, for whoever fills the date in."""
        holiday = holiday_words(words, self.year)
        return f"{PLEASE_DATE}（{holiday}）" if holiday else PLEASE_DATE

    def _kind(self, problem: OldProblem, row: Row) -> None:
        """By the column of kinds where there is one, else by the words of the deadlines."""
        said = [cell.said for cell in problem.deadlines]
        standing = any(cell.standing for cell in said)
        dated = problem.deadline is not None
        at_once = all_at_once(said)
        if words := row.says("kind"):
            if not (_AT_ONCE.search(words) or "限期" in words or "长期" in words or "分阶段" in words):
                self.text.tell(row.number, "kind", words, "认不出整改类型，按整改时限的文字读入", LATER)
            at_once = at_once or bool(_AT_ONCE.search(words))
            standing = standing or "长期" in words
            dated = dated or "限期" in words or "阶段" in words
        if kind := kind_of(at_once=at_once, standing=standing, dated=dated):
            problem.kind, problem.also_standing = kind

    # -- what is done ------------------------------------------------------------------------------------

    def _measures(self, problem: OldProblem, row: Row, deadline: OldDeadline | None) -> None:
        standard = self.cut(row, "standard", " ".join(row.says("standard").split()), 200)
        steps = [step for text in row.alone.get("measure", ()) for step in split(text)]
        known = {measure.text: measure for measure in problem.measures}
        days = self._own_days(row.says("deadline"), deadline, len(steps))
        for step, (day, words) in zip(steps, days, strict=True):
            label = KIND_LABEL.match(step)
            kind = MEASURE_KINDS[label[1]] if label else str(MeasureKind.NOW)
            text = self.cut(row, "measure", KIND_LABEL.sub("", step).strip(), MEASURE_MAX)
            if text in known:
                known[text].standard = known[text].standard or standard
            elif text:
                problem.measures.append(OldMeasure(text, kind, standard, day, words))
        if standard and standard not in {measure.standard for measure in problem.measures}:
            problem.add_remark(f"完成标志：{standard}")

    def _own_days(
        self, text: str, deadline: OldDeadline | None, count: int
    ) -> list[tuple[dt.date | None, str]]:
        """The day of each measure of a row: its own where the deadlines are a list as long, else the last."""
        if deadline is None:
            return [(None, "")] * count
        parts = _STAGES.split(text.strip())[1:] if _STAGES.match(text.strip()) else split(text)
        if count > 1 and len(parts) == count:
            return [(read_deadline(part, self.year).day, part.strip("；;，, \n")) for part in parts]
        return [(deadline.said.day, deadline.words)] * count

    def _notes(self, problem: OldProblem, row: Row) -> None:
        marks = [text for text in row.alone.get("completion", ()) if text]
        marks = marks or [text for text in row.alone.get("progress", ()) if text]
        said = [cell.words for cell in problem.deadlines if cell.said.is_done]
        problem.marks += [mark for mark in (*marks, *said) if mark not in problem.marks]
        problem.progress = self._joined(row, "progress", problem.progress, NOTE_MAX)
        if done := row.says("completion"):
            done = f"原台账{done}"
            if done not in problem.progress:
                whole = "\n".join(filter(None, (problem.progress, done)))
                problem.progress = self.cut(row, "completion", whole, NOTE_MAX)
        problem.add_remark(row.says("remark"))
        if proof := row.says("evidence"):
            problem.add_remark(f"佐证材料：{proof}")
        problem.add_source(row.says("source"))
        if _WORDS.search(_KINDS.sub("", row.says("kind"))):
            problem.add_remark(f"整改类型：{row.says('kind')}")
        problem.remark = self.cut(row, "remark", problem.remark, TEXT_MAX)

    def cut(self, row: Row, key: str, text: str, longest: int) -> str:
        if len(text) <= longest:
            return text
        reason = f"有 {len(text):,} 个字，超过 {longest:,} 个，后面的没有读入"
        self.text.tell(row.number, key, text[:60], reason, SHORTEN)
        return text[:longest]


def _of_day(day: dt.date) -> Deadline:
    return Deadline(day=day, days=(day,))


def _result(cell: SheetCell) -> SheetCell:
    """A formula counts by its last result."""
    return SheetCell(cell.cached, cell.value) if cell.kind == "f" else cell


def title_and_text(full: str) -> tuple[str, str]:
    """A name of the problem, and its whole text where that is longer than a name may be."""
    line = " ".join(full.split())
    if len(line) <= TITLE_MAX:
        return line, full if full != line else ""
    first = _SENTENCE.split(full.strip(), maxsplit=1)[0].strip()
    return first if 0 < len(first) <= TITLE_MAX else f"{line[:SHORT_TITLE]}…", full


def split(text: str) -> list[str]:
    """A numbered list in lines or in one, or lines that close with a semicolon, as its entries; else all as
    one."""
    if not text.strip():
        return []
    if len(_NUMBERED.findall(text)) > 1:
        return lines_of(text)
    if len(_WITHIN.findall(text)) > 1:
        return [part.strip().rstrip("；;") for part in _WITHIN.split(text) if part.strip()]
    if _CLOSED_LINE.search(text):
        return [line.strip().rstrip("；;") for line in re.split(_CLOSED_LINE, text) if line.strip()]
    return [text.strip()]
