"""What is being found while a text is read: problems, causes, directions in order, and their ties."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from rectify.choices import Basis
from rectify.intake.parser import facts, items, labels, manifestations, naming, titles
from rectify.intake.parser.facts import Facts
from rectify.intake.parser.items import Item
from rectify.intake.parser.parsed import (
    Notice,
    ParsedAspect,
    ParsedLink,
    ParsedProblem,
    ParsedSource,
    Piece,
    Place,
)
from rectify.intake.parser.rows import CLOSING, Row, Text

_SIGNS = re.compile(r"[\s，。：；、“”‘’（）()《》,.:;!?！？]+")
_CLAUSE = re.compile(r"[；;]\S")
_CLAUSES = re.compile("[；;]")
_PARAGRAPHS = re.compile(r"[；;]|\n|(?<=[\u4e00-\u9fff。]) (?=[\u4e00-\u9fff])")


def key_of(title: str) -> str:
    """Titles that differ in punctuation only are one."""
    return _SIGNS.sub("", title)


@dataclass
class Draft:
    """A problem before its numbers are known."""

    title: str
    aspect: int | None
    text: str
    start: int
    end: int
    manifestations: list[Piece] = field(default_factory=list)
    measures: list[Piece] = field(default_factory=list)
    facts: Facts = field(default_factory=Facts)


@dataclass
class Assembly:
    text: Text
    year: int | None = None
    aspects: list[ParsedAspect] = field(default_factory=list)
    problems: list[Draft] = field(default_factory=list)
    causes: list[ParsedSource] = field(default_factory=list)
    directions: list[ParsedSource] = field(default_factory=list)
    warnings: list[Notice] = field(default_factory=list)
    ties: list[tuple[int, int]] = field(default_factory=list)  # problem, cause: as the text's build says
    tied: set[int] = field(default_factory=set)  # causes that belong to a problem by the text's build
    near: list[tuple[int, int]] = field(default_factory=list)  # problem, cause under one aspect heading
    by_row: dict[str, int] = field(default_factory=dict)  # problem by its row's number; 0: came twice
    _by_title: dict[str, int] = field(default_factory=dict)
    _causes_by_title: dict[tuple[str, str], int] = field(default_factory=dict)
    _aspects_by_title: dict[str, int] = field(default_factory=dict)

    def warn(self, line: int, message: str) -> None:
        notice = Notice(line, message)
        if notice not in self.warnings[-20:]:
            self.warnings.append(notice)

    def aspect(self, title: str, start: int, end: int, *, shared: bool = False) -> int:
        """The number of an aspect; with `shared` one of the same name is used again."""
        known = self._aspects_by_title.get(key_of(title))
        if shared and known:
            return known
        number = len(self.aspects) + 1
        self.aspects.append(ParsedAspect(number, title, self.text.place(start, end)))
        self._aspects_by_title[key_of(title)] = number
        return number

    def problem(self, item: Item, aspect: int | None, *, shared: bool = False) -> int:
        """Add a problem with all that its text holds; with `shared` one of the same title is completed."""
        line = self.text.line_at(item.start).number
        if naming.finds_nothing(self.text.text, item.body, item.end):
            self.warn(line, "这一条写明没有发现问题，没有录入，请核对")
            return 0
        parts = labels.parts(self.text, item.body, item.end)
        first_end = parts[0].end if parts and parts[0].kind == "" else item.end
        title, rest = titles.of_problem(self.text, item.body, first_end, item.end)
        if not title:
            self.warn(line, "这里有编号但没有找到问题的文字，没有录入，请核对")
            return 0
        if title.startswith("是否"):
            self.warn(line, "这一条以“是否”开头，写的可能是对照内容而不是查摆出的问题，请核对")
        number = self._by_title.get(key_of(title)) if shared else None
        if number is None:
            body = [(max(rest, part.at), part.end) for part in parts if part.kind == "" and part.end > rest]
            number = self._draft(title, aspect, item, body)
        self._add_parts(number, parts)
        return number

    def _draft(self, title: str, aspect: int | None, item: Item, body: list[tuple[int, int]]) -> int:
        """A new problem whose text stands in the stretches of `body`."""
        words = "\n".join(filter(None, (self.prose(*span) for span in body)))
        said = facts.find(self.text.text, item.start, item.end, self.year)
        shown = [piece for span in body for piece in manifestations.find(self.text, *span)]
        end = self._trim(item.end)
        self.problems.append(Draft(title, aspect, words, item.start, end, manifestations=shown, facts=said))
        self._by_title.setdefault(key_of(title), len(self.problems))
        return len(self.problems)

    def _add_parts(self, number: int, parts: list[labels.Part]) -> None:
        for part in parts:
            if part.kind == "causes":
                self.causes_of(number, part.start, part.end)
            elif part.kind == "measures":
                self.problems[number - 1].measures += self.pieces(part.start, part.end)

    def known(self, title: str) -> int | None:
        return self._by_title.get(key_of(title))

    def causes_of(self, problem: int, start: int, end: int) -> None:
        """Causes that stand inside a problem: tied to it as the text's build says."""
        for item in self.items_in(start, end, "原因"):
            cause = self.cause(item, shared=True)
            if cause:
                self.tied.add(cause)
                if (problem, cause) not in self.ties:
                    self.ties.append((problem, cause))

    def cause(self, item: Item, *, shared: bool = False) -> int:
        title, text = self._titled(item)
        if not title:
            return 0
        known = self._causes_by_title.get((title, text))
        if shared and known:
            return known
        number = len(self.causes) + 1
        self.causes.append(ParsedSource(number, title, text, self._place(item)))
        self._causes_by_title[title, text] = number
        return number

    def direction(self, item: Item) -> int:
        title, text = self._titled(item)
        if not title:
            return 0
        self.directions.append(ParsedSource(len(self.directions) + 1, title, text, self._place(item)))
        return len(self.directions)

    def pieces(self, start: int, end: int) -> list[Piece]:
        """Measures: by their numbers, else separated by ；."""
        found = self.items_in(start, end, "措施")
        spans = [(item.body, item.end) for item in found]
        if len(spans) == 1:
            begin, end = spans[0]
            note = self._note_behind(begin, end)
            spans = self._parted(begin, note.start() if note else end)
        return [piece for span in spans if (piece := self._measure(*span)).text]

    def _measure(self, begin: int, end: int) -> Piece:
        """Without the bracket at its end that says who and when."""
        note = self._note_behind(begin, end)
        begin, stop = self.text.stripped(begin, note.start() if note else end)
        words = facts.find(self.text.text, note.start(), note.end()).deadline_text if note else ""
        return Piece(self.prose(begin, stop), self.text.place(begin, stop), words)

    def _parted(self, begin: int, end: int) -> list[tuple[int, int]]:
        """By ；; in a cell without it its paragraphs are the measures."""
        separator = _CLAUSES if _CLAUSE.search(self.text.text, begin, end) else _PARAGRAPHS
        signs = list(facts.outside_notes(separator, self.text.text, begin, end))
        begins = [begin, *(sign.end() for sign in signs)]
        return list(zip(begins, [*(sign.start() for sign in signs), end], strict=True))

    def _note_behind(self, start: int, end: int) -> re.Match[str] | None:
        notes = facts.notes(self.text.text, start, end)
        return next((note for note in notes if not self.text.text[note.end() : end].strip(CLOSING)), None)

    def items_in(self, start: int, end: int, what: str) -> list[Item]:
        rows = self.rows_in(start, end)
        found = items.find(self.text, rows, lambda line, message: None, what)
        if found:
            return found
        begin, stop = self.text.stripped(start, end)
        return [Item(None, begin, begin, end)] if begin < stop else []

    def rows_in(self, start: int, end: int) -> list[Row]:
        out = []
        position = start
        while position < end:
            line = self.text.line_at(position)
            row = self.text.row(line, position)
            stop = min(row.end, end)
            if row.start < stop:
                out.append(Row(line, row.start, stop, row.marker))
            position = line.start + len(line.text) + 1
        return out

    def _titled(self, item: Item) -> tuple[str, str]:
        title, rest = titles.title(self.text, item.body, item.end)
        return title, self.prose(rest, item.end)

    def _place(self, item: Item) -> Place:
        return self.text.place(item.start, self._trim(item.end))

    def prose(self, start: int, end: int) -> str:
        return titles.prose(self.text.text[start:end])

    def _trim(self, end: int) -> int:
        while end > 0 and self.text.text[end - 1 : end] in ("\n", " ", "\t"):
            end -= 1
        return end

    def parsed_problems(self) -> tuple[ParsedProblem, ...]:
        return tuple(
            ParsedProblem(
                number, draft.aspect, draft.title, draft.text, self.text.place(draft.start, draft.end),
                tuple(draft.manifestations), tuple(draft.measures), draft.facts,
            )
            for number, draft in enumerate(self.problems, start=1)
        )  # fmt: skip

    def built_links(self) -> list[ParsedLink]:
        """Ties that the text's build says: a cause inside a problem, or in its row of a table."""
        return [ParsedLink(problem, cause, None, Basis.EXPLICIT.value) for problem, cause in self.ties]
