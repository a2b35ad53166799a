"""Automatic numbers of a Word document: its lists and styles, and how far each list has counted."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from rectify.intake.parser.word.xml_events import local

DIGITS = "〇一二三四五六七八九"
FORMAL = "零壹贰叁肆伍陆柒捌玖"
STEMS = "甲乙丙丁戊己庚辛壬癸"
_HEADING = re.compile(r"(?:heading|标题)\s?([1-9])", re.IGNORECASE)
_CONTENTS = re.compile(r"(?:toc|目录)\s?\d?.*", re.IGNORECASE)


@dataclass
class Style:
    """`number` and `level` are None where the style says nothing and its base decides."""

    name: str = ""
    based_on: str = ""
    number: str | None = None
    level: int | None = None
    outline: int | None = None


@dataclass
class Level:
    start: int = 1
    format: str = "decimal"
    text: str = ""
    restart: int | None = None


@dataclass
class Styles:
    """Reader of styles.xml."""

    styles: dict[str, Style] = field(default_factory=dict)
    default: str = ""
    _now: Style | None = None
    _skip: int = 0

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        attributes = local(attributes)
        if self._skip or tag == "pPrChange":
            self._skip += 1
        elif tag == "style":
            self._now = Style()
            name = attributes.get("styleId", "")
            if attributes.get("type", "paragraph") in ("paragraph", "numbering"):
                self.styles[name] = self._now
                if attributes.get("default") in ("1", "true", "on") and attributes.get("type") == "paragraph":
                    self.default = name
        elif self._now is not None:
            value = attributes.get("val", "")
            if tag == "name":
                self._now.name = value
            elif tag == "basedOn":
                self._now.based_on = value
            elif tag == "numId":
                self._now.number = value
            elif tag == "ilvl":
                self._now.level = whole(value, 0)
            elif tag == "outlineLvl":
                self._now.outline = whole(value, 9)

    def end(self, tag: str) -> None:
        if self._skip:
            self._skip -= 1
        elif tag == "style":
            self._now = None

    def data(self, text: str) -> None:
        pass

    def chain(self, name: str) -> list[Style]:
        """The style and those it is based on, nearest first."""
        styles: list[Style] = []
        seen: set[str] = set()
        while name in self.styles and name not in seen and len(styles) < 20:
            seen.add(name)
            styles.append(self.styles[name])
            name = self.styles[name].based_on
        return styles

    def role(self, name: str, outline: int | None) -> str:
        """heading 1 … heading 9, contents, title, or nothing."""
        chain = self.chain(name or self.default)
        for style in chain:
            heading = _HEADING.fullmatch(style.name.strip())
            if heading:
                return f"heading {heading.group(1)}"
            if _CONTENTS.fullmatch(style.name.strip()):
                return "contents"
            if style.name.strip().lower() in ("title", "标题"):
                return "title"
        level = (
            outline
            if outline is not None
            else next((one.outline for one in chain if one.outline is not None), None)
        )
        return f"heading {level + 1}" if level is not None and level < 9 else ""


@dataclass
class Numbering:
    """Reader of numbering.xml, and the counters of a document that is read from top to bottom."""

    abstract: dict[str, dict[int, Level]] = field(default_factory=dict)
    links: dict[str, str] = field(default_factory=dict)
    of: dict[str, str] = field(default_factory=dict)
    starts: dict[str, dict[int, int]] = field(default_factory=dict)
    own: dict[str, dict[int, Level]] = field(default_factory=dict)
    _levels: dict[int, Level] | None = None
    _abstract: str = ""
    _num: str = ""
    _override: int = 0
    _level: Level | None = None
    _counts: dict[str, dict[int, int]] = field(default_factory=dict)
    _begun: set[str] = field(default_factory=set)

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        attributes = local(attributes)
        value = attributes.get("val", "")
        if tag == "abstractNum":
            self._abstract = attributes.get("abstractNumId", "")
            self._levels = self.abstract.setdefault(self._abstract, {})
        elif tag == "num":
            self._num = attributes.get("numId", "")
            self._levels = None
        elif tag == "abstractNumId" and self._num:
            self.of[self._num] = value
        elif tag == "lvlOverride":
            self._override = whole(attributes.get("ilvl", ""), 0)
            self._levels = self.own.setdefault(self._num, {})
        elif tag == "startOverride":
            self.starts.setdefault(self._num, {})[self._override] = whole(value, 1)
        elif tag == "numStyleLink":
            self.links[self._abstract] = value
        elif tag == "lvl" and self._levels is not None:
            self._level = self._levels[whole(attributes.get("ilvl", ""), 0)] = Level()
        elif self._level is not None:
            if tag == "start":
                self._level.start = whole(value, 1)
            elif tag == "numFmt":
                self._level.format = value
            elif tag == "lvlText":
                self._level.text = value[:40]
            elif tag == "lvlRestart":
                self._level.restart = whole(value, 0)

    def end(self, tag: str) -> None:
        if tag == "lvl":
            self._level = None
        elif tag in ("abstractNum", "num"):
            self._levels, self._num = None, ""

    def data(self, text: str) -> None:
        pass

    def next(self, number: str, level: int, styles: Styles) -> str:
        """The number of the next paragraph of this list and level, as Word would print it."""
        abstract = self.of.get(number)
        if number == "0" or abstract is None or not 0 <= level <= 8:
            return ""
        levels = self.abstract.get(abstract, {})
        if not levels and abstract in self.links:
            link = next((one.number for one in styles.chain(self.links[abstract]) if one.number), None)
            abstract = self.of.get(link or "", abstract)
            levels = self.abstract.get(abstract, {})
        levels = {**levels, **self.own.get(number, {})}
        if level not in levels:
            return ""
        counts = self._counts.setdefault(abstract, {})
        if number not in self._begun:
            self._begun.add(number)
            for depth in self.starts.get(number, {}):
                counts.pop(depth, None)
        first = self.starts.get(number, {}).get(level, levels[level].start)
        counts[level] = counts[level] + 1 if level in counts else first
        for deeper in [depth for depth in counts if depth > level]:
            restart = levels[deeper].restart if deeper in levels else None
            if restart != 0 and (restart is None or level < restart):
                del counts[deeper]
        return self._printed(levels, counts, level)

    def _printed(self, levels: dict[int, Level], counts: dict[int, int], level: int) -> str:
        if levels[level].format == "bullet":
            return "•"
        if levels[level].format == "none" and "%" not in levels[level].text:
            return levels[level].text

        def place(found: re.Match[str]) -> str:
            depth = int(found.group(1)) - 1
            if depth not in levels:
                return ""
            return counted(counts.get(depth, levels[depth].start), levels[depth].format)

        return re.sub(r"%([1-9])", place, levels[level].text).strip()


def whole(text: str, otherwise: int) -> int:
    """A number of the file, which may be anything."""
    try:
        value = int(text)
    except ValueError:
        return otherwise
    return value if 0 <= value < 100_000 else otherwise


def counted(value: int, form: str) -> str:
    if form.startswith(("chinese", "japanese", "taiwanese", "ideographDigital", "ideographLegal", "korean")):
        return chinese(value, formal="Legal" in form)
    if form == "ideographTraditional":
        return STEMS[value - 1] if 1 <= value <= 10 else str(value)
    if form.startswith("decimalEnclosedCircle"):
        return chr(0x2460 + value - 1) if 1 <= value <= 20 else f"({value})"
    if form == "decimalEnclosedParen":
        return f"({value})"
    if form == "decimalEnclosedFullstop":
        return f"{value}."
    if form in ("upperLetter", "lowerLetter"):
        letter = chr(65 + (value - 1) % 26)
        return letter if form == "upperLetter" else letter.lower()
    return str(value)


def chinese(value: int, *, formal: bool = False) -> str:
    digits, ten = (FORMAL, "拾") if formal else (DIGITS, "十")
    if not 1 <= value <= 99:
        return str(value)
    tens, ones = divmod(value, 10)
    head = "" if tens == 0 else ten if tens == 1 else digits[tens] + ten
    return head + (digits[ones] if ones else "")
