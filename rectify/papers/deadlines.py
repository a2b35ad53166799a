"""The words of a deadline: the last day they leave, whether they stand for good, what is in doubt."""

from __future__ import annotations

import calendar
import datetime as dt
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace

from rectify.choices import Kind
from rectify.papers.numerals import with_digits
from rectify.papers.spans import SPAN, counted_from
from rectify.xlsx.values import EARLIEST, LATEST, half_width

LONGEST = 1_000  # characters: more are no deadline
NO_DAY = "认不出日期，文字照样保留"
NOT_COUNTED = "“{}”推算不出是哪一天，文字照样保留"
_TO = r"(?:至|到|[-~])"
_OFTEN = {"周": 1, "星期": 1, "月": 1, "季": 3, "学期": 6, "半年": 6, "年": 12}
_SPOKEN = {"今年": 0, "本年": 0, "当年": 0, "明年": 1, "来年": 1, "后年": 2, "去年": -1, "上年": -1}
# The first that matches at a place counts; groups are named after what they hold.
_TOKEN = re.compile(
    "|".join(
        (
            r"(?P<again>每个?(?P<often>半年|学期|星期|[月季周年])度?(?:\d{1,2}月份?)?(?:\d{1,2}[日号])?[底末初]?)",
            rf"(?P<stage>第?\d{{1,2}}(?:阶段|步|批))|(?P<span>{SPAN}|(?<!\d)\d年)",
            r"(?<!\d)(?P<full>(?:19|20)\d\d)年(?P<full_month>\d{1,2})月(?P<full_day>\d{1,2})(?!\d)[日号]?",
            r"(?<!\d)(?P<signed>(?:19|20)\d\d)(?P<sign>[./-])(?P<signed_month>\d{1,2})(?P=sign)"
            r"(?P<signed_day>\d{1,2})(?!\d)[日号]?",
            r"(?<!\d)(?P<compact>20\d\d)(?P<compact_month>0[1-9]|1[0-2])(?P<compact_day>[0-3]\d)?(?!\d)",
            rf"(?<!\d)(?P<dotted>(?:19|20)\d\d)[./-](?P<dotted_month>1[0-2]|0?[1-9])"
            rf"(?:{_TO}(?P<dotted_last>\d{{1,2}}))?(?![\d年]|[./-]\d)(?:月份?)?",
            r"(?<!\d)(?P<year>(?:19|20)\d\d)(?:年度?(?!初)|(?=[-~至到](?:19|20)\d\d)|(?=;|$))",
            r"(?<!\d)(?P<short>[1-5]\d)年(?!内|以)",
            r"(?P<spoken>今年|本年|当年|明年|来年|后年|去年|上年)度?",
            r"(?P<next>次年|翌年)",
            rf"第?(?P<quarter_from>[1-4])(?:季度?)?(?:{_TO}|、|和)第?(?P<quarter_to>[1-4])季度?[底末内]?",
            r"第?(?P<quarter>[1-4])季度?[底末内]?|[Qq](?P<q>[1-4])",
            r"(?P<half>[上下])半年[底末内]?",
            rf"(?:(?<!\d)(?P<first>\d{{1,2}})(?:月份?)?(?:{_TO}|、|和))?(?<!\d)(?P<month>\d{{1,2}})月份?"
            rf"(?:(?:\d{{1,2}}[日号]?(?:{_TO}|、))?(?P<day>\d{{1,2}})(?:[日号]|(?=前|之前|;|$)))?"
            r"(?P<part>底|末|初|上旬|中旬|下旬)?",
            r"(?<![\d.])(?P<point_month>\d{1,2})[./](?P<point_day>\d{1,2})(?![\d./])[日号]?",
            rf"(?<=[日号]){_TO}(?P<same>\d{{1,2}})[日号]|(?<=\d){_TO}(?P<same_month>\d{{1,2}})[日号]",
            r"(?P<end>(?:(?<=年)|(?<=年度))(?:年?[底末终]|年?度?内)|(?<!\d)年(?:[底末终]|度?内)|全年)",
        )
    )
)
_MONTHS = (
    *("full_month", "signed_month", "compact_month", "dotted_last", "dotted_month"),
    *("month", "point_month"),
)
_DAYS = ("full_day", "signed_day", "compact_day", "day", "point_day")
_ITEM = re.compile(r"(^|;)\s*(?:\(\d{1,2}\)|\d{1,2}[.、](?=(?:19|20)\d\d[年.]|\d{1,2}月|[^\d\s]))\s*")
_STANDING = re.compile(r"长期|持续|常态|经常|日常|定期|不间断|永久|一以贯之|坚持")
_AT_ONCE = re.compile(r"立行立改|立即|即知即改|即行即改|立整立改|立查立改|马上|即时|当场|边查边改|边整边改")
_DONE = re.compile(r"已(?:经)?(?:完成|整改|办结|销号|落实|解决|到位)")
_AFTER = re.compile(r"[一-鿿]{0,5}(?<!今)后(?!续)")
_STARTS = re.compile(rf"起|开始|以来|{_TO}(?:长期|今后|持续)")
_NOTHING = re.compile(r"[\W_]*(?:无|暂无)?[\W_]*")
_YEAR_ALONE = re.compile(rf"$|[^一-鿿\d(]|[(]|之?内|以?前|之前|完成|整改|底|末|并|{_TO}|长期|持续")
# Words that name a time which no calendar here can count.
_VAGUE = re.compile(
    rf"{SPAN}|[本下上当]个?(?:季度|学期)内?|"
    r"春节|元旦|国庆|中秋|端午|清明|五一|七一|八一|十一|劳动节|元宵|两会|汛期|暑[假期]|寒假|[开入]学|换届|入[冬汛]"
    r"|[麦秋夏冬春]收|\d*个?(?:工作日|星期|周|礼拜)|\d+(?:天|个月|日)|半个?[年月]|(?<!\d)\d年(?:之?内)?|年[中初]|[本下上次]?月[底末初中内]?"
    r"|会[前后]|[收接]到|(?<![以今])之?后(?![续期])|近期|尽快|抓紧|适时|节[前后]"
)
_RELATIVE = re.compile(SPAN)


@dataclass(frozen=True)
class Deadline:
    """`day` is the last one that the words leave; `doubt` says what a person should look at."""

    day: dt.date | None = None
    days: tuple[dt.date, ...] = ()
    at_once: bool = False
    standing: bool = False
    every: int = 0  # months between two reviews of what stands for good, where the words say
    is_done: bool = False
    assumed: bool = False  # no year was written: the ledger's was taken
    doubt: str = ""

    @property
    def says_when(self) -> bool:
        return bool(self.day or self.at_once or self.standing or self.is_done)


def read_deadline(text: str, year: int) -> Deadline:
    """What the words say; without a year they mean the last one named before, or else the ledger's."""
    plain = _plain(text)
    if _NOTHING.fullmatch(plain):
        return Deadline()
    if len(plain) > LONGEST:
        return Deadline(doubt=NO_DAY)
    reader = _Reader(plain, year)
    reader.read()
    left = reader.left
    result = Deadline(
        day=max(reader.days, default=None),
        days=tuple(reader.days),
        at_once=bool(_AT_ONCE.search(left)),
        standing=bool(reader.every or _STANDING.search(left)),
        every=reader.every,
        is_done=bool(_DONE.search(left)),
        assumed=reader.assumed,
    )
    return replace(result, doubt=_doubt(result, reader.doubts, left))


def all_at_once(said: Iterable[Deadline]) -> bool:
    """Something is to be put right at once, and no day is named for anything else."""
    rows = list(said)
    return any(row.at_once for row in rows) and not any(row.day and not row.at_once for row in rows)


def kind_of(*, at_once: bool, standing: bool, dated: bool) -> tuple[Kind, bool] | None:
    """The type of a problem, and whether it also stands for good; None where the words say neither."""
    if not (at_once or standing or dated):
        return None
    only_standing = standing and not at_once and not dated
    kind = Kind.AT_ONCE if at_once else Kind.STANDING if only_standing else Kind.BY_DATE
    return kind, standing and not only_standing


def _doubt(result: Deadline, doubts: list[str], left: str) -> str:
    if doubts:
        return doubts[0]
    vague = _VAGUE.search(_AT_ONCE.sub("", left))
    if vague and (result.day or not result.standing or _RELATIVE.fullmatch(vague.group())):
        return NOT_COUNTED.format(vague.group())
    return "" if result.says_when else NO_DAY


def _plain(text: str) -> str:
    """Half-width, numerals as digits, one kind of dash, a sign where a line ended."""
    plain = re.sub(r"[—–―−﹣]+|-{2,}", "-", half_width(text).replace("〜", "~").strip())
    plain = re.sub(r"[ T]\d{1,2}:\d{2}(?::\d{2})?(?:\.0+)?", "", plain)
    plain = re.sub(r"\s*\n\s*", ";", plain)
    plain = _ITEM.sub(r"\1", plain)
    plain = re.sub(r"(?<=\d)\s*-\s*(?=(?:19|20)\d\d)", "~", plain)  # 2024.5.1-2024.8.31
    plain = re.sub(r"(?<=[^\x00-\x7f])\s+|\s+(?=[^\x00-\x7f])|(?<=[~-])\s+|\s+(?=[~-])", "", plain)
    return with_digits(re.sub(r"\s+", ";", plain))


class _Reader:
    """Walks through the words once; `left` is what no time was read from."""

    def __init__(self, words: str, year: int) -> None:
        self.words = words
        self.ledger_year = self.year = year
        self.is_written = False  # a year was
        self.every = 0
        self.assumed = False
        self.days: list[dt.date] = []
        self.doubts: list[str] = []
        self.left = words
        self.before: dt.date | None = None
        self.start: int | None = None  # of what is being read: its year may be a token of its own

    def read(self) -> None:
        matches = list(_TOKEN.finditer(self.words))
        for match, following in zip(matches, [*matches[1:], None], strict=False):
            token = {name: value for name, value in match.groupdict().items() if value}
            self.start = match.start() if self.start is None else self.start
            if "span" in token:
                pass  # counted from a day that nobody names; one that is named took it along
            elif "stage" in token:
                self._blank(match)
            elif often := token.get("often"):
                self._blank(match)
                self.every = min(self.every or 12, _OFTEN[often])
            elif token.keys() & {"year", "short", "spoken", "next"}:
                self._take_year(token)
                if following is not None and following.start() == match.end():
                    self._blank(match)
                    continue
                if _YEAR_ALONE.match(self.words, match.end()):
                    self._take_day(match, token)
            else:
                self._take_day(match, token)
            self.start = None

    def _blank(self, match: re.Match[str]) -> None:
        self.left = self.left[: match.start()] + ";" * len(match.group()) + self.left[match.end() :]

    def _take_year(self, token: dict[str, str]) -> None:
        """The year that is named becomes the one of what follows."""
        if "next" in token:
            self.year += 1
        elif spoken := token.get("spoken"):
            self.year = self.ledger_year + _SPOKEN[spoken]
        else:
            written = token.get("year") or f"20{token['short']}"
            self.year, self.is_written = int(written), True

    def _take_day(self, match: re.Match[str], token: dict[str, str]) -> None:
        self._blank(match)
        for name in ("full", "signed", "compact", "dotted"):
            if name in token:
                self.year, self.is_written = int(token[name]), True
        day = self._day(token)
        if day is None:
            self.doubts.append(f"“{match.group()}”不是一个日期，文字照样保留")
        elif token.keys() & set(_DAYS) and (counted := counted_from(day, self.words, match.end())):
            words, last = counted
            self.doubts.append(
                f"“{match.group()}{words}”按{last.year}年{last.month}月{last.day}日读入，请核对"
            )
            self.assumed = self.assumed or not self.is_written
            self.days.append(last)
        elif not self._only_starts(match):
            self.assumed = self.assumed or not self.is_written
            if doubt := self._doubt(match, token, day):
                self.doubts.append(doubt)
            self.days.append(day)
        self.before = day

    def _day(self, token: dict[str, str]) -> dt.date | None:
        if quarter := token.get("quarter") or token.get("quarter_to") or token.get("q"):
            return _last_of(self.year, int(quarter) * 3)
        if half := token.get("half"):
            return _last_of(self.year, 6 if half == "上" else 12)
        if same := token.get("same") or token.get("same_month"):
            return _date(self.before.year, self.before.month, int(same)) if self.before else None
        month = next((token[name] for name in _MONTHS if name in token), "12")
        day = next((token[name] for name in _DAYS if name in token), "")
        day = day or {"上旬": "10", "初": "10", "中旬": "20"}.get(token.get("part", ""), "")
        return _date(self.year, int(month), int(day)) if day else _last_of(self.year, int(month))

    def _only_starts(self, match: re.Match[str]) -> bool:
        """Something begins that day, or is counted from it: no deadline."""
        words, end = self.words, match.end()
        if _STARTS.match(words, end):
            return True
        if words[: self.start].endswith(("自", "从")) and not re.compile(_TO).match(words, end):
            return True
        if event := _AFTER.match(words, end):
            self.doubts.append(NOT_COUNTED.format(match.group() + event.group()))
            return True
        return False

    def _doubt(self, match: re.Match[str], token: dict[str, str], day: dt.date) -> str:
        shown, taken = match.group(), f"{day.month}月{day.day}日"
        is_before = bool(re.compile("(?:之|以)?前").match(self.words, match.end()))
        rules: tuple[tuple[Callable[[], bool], str], ...] = (
            (lambda: token.get("part") == "初", f"“{shown}”按{taken}读入"),
            (
                lambda: is_before and day.day > 27 and _is_whole(token),
                f"“{shown}前”按{day.year}年{taken}读入，也可能指在此以前",
            ),
            (lambda: self._is_backwards(match, day), f"“{self.words}”的起止日期前后颠倒"),
            (lambda: int(token.get("first", 0)) > day.month, f"“{shown}”跨了年度，按{day.year}年读入"),
            (lambda: int(token.get("dotted_month", 0)) > day.month, f"“{shown}”跨了年度，按{day.year}年读入"),
        )
        return next((f"{words}，请核对" for holds, words in rules if holds()), "")

    def _is_backwards(self, match: re.Match[str], day: dt.date) -> bool:
        is_range = self.words[: self.start].endswith(("至", "到", "-", "~"))
        return bool(is_range and self.before and self.before > day)


def _is_whole(token: dict[str, str]) -> bool:
    """A month or a year without 底: before its beginning or before its end?"""
    named = token.keys() & {"month", "dotted_month", "year", "short", "spoken"}
    return bool(named) and not token.keys() & {"day", "part", "end"}


def _date(year: int, month: int, day: int) -> dt.date | None:
    try:
        return dt.date(year, month, day) if EARLIEST <= year <= LATEST else None
    except ValueError:
        return None


def _last_of(year: int, month: int) -> dt.date | None:
    if not (1 <= month <= 12 and EARLIEST <= year <= LATEST):
        return None
    return dt.date(year, month, calendar.monthrange(year, month)[1])
