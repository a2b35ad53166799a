"""Which rows are headings: by their words, as a lead sentence, or as said in a speech."""

from __future__ import annotations

import re
from dataclasses import replace

from rectify.intake.parser import aspect_naming, headings, naming
from rectify.intake.parser.headings import CAUSES, DIRECTIONS, LEFT_OUT, PROBLEMS
from rectify.intake.parser.rows import Row, Text
from rectify.intake.parser.sections.section import LONGEST, UNMARKED, Heading, unknown

LONGEST_UNMARKED = 24
TITLE_LINES = 6
_MAIL = re.compile(r"-{3,}\s?.{0,4}(?:原始|转发)(?:邮件|的?消息).{0,4}-{3,}")
_PAPER = re.compile(r"(?:报告|方案|通报|公示|通知|材料|函|总结)$|^附(?:件|表|录)")
_SIGNS = re.compile("[ 。：；:;.．】\\]？?]*")
# What a line speaks of that belongs to all problems, wherever it stands.
_OF_ALL = re.compile(r".*(?:上述|以上|这些|存在的?问题)|(?:下一?步|今后|接下来|下一阶段)")
_LEAD_LINES = {
    PROBLEMS: re.compile(
        r"(?:问题|不足|差距|短板)(?:(?!原因|根源|措施)[^。]){0,16}[：:]$|做得(?:还)?(?:不够?好|不够|不到位)[^。]{0,10}[：:]$"
    ),
    CAUSES: re.compile(
        r"(?:原因|根源)(?:(?!问题)[^。]){0,30}(?:以下|如下|主要|几个?)(?:(?!问题)[^。]){0,16}[：:]$"
        r"|的(?:主要|根本|深层次?)*(?:原因|根源|成因)(?:分析|剖析)?[：:]$"
    ),
    DIRECTIONS: re.compile(
        r"(?:今后|下一?步|针对(?:上述|以上|存在|这些)).{0,40}(?:整改|努力|改进|做好|抓好|加强|措施|打算)[^。]{0,20}[：:]$"
        r"|^(?:今后|下一?步|下一?阶段|对此|为此)[^。]{0,24}[：:]$"
        r"|^(?:请|责令|要求)[^。，]{0,16}(?:整改|改正|落实)[^。]{0,12}[：:]$"
        r"|(?:采取|落实|制定|提出|抓好|做好)[^。，]{0,14}(?:措施|整改要求|工作|整改意见|整改建议)[：:]$"
    ),
}
# 想过。原因嘛，一是…: a word or two before it.
_REPLY = r"(?:[^。\n]{0,16}。){0,2}?"
_SPOKEN = {
    CAUSES: re.compile(
        rf"{_REPLY}[^。]{{0,30}}(?:原因|根源|症结)[^。]{{0,16}}?[：:，,]{naming.COUNTS}"
        rf"|(?:之所以|究其|归根|深挖)[^。]{{4,50}}[。：:，,]{naming.COUNTS}"
        rf"|[^。]{{0,20}}(?:毛病出在|问题出在|根子|病根|为啥|为什么)[^。]{{0,20}}?[：:，,？?]{naming.COUNTS}"
    ),
    DIRECTIONS: re.compile(
        rf"[^。]{{0,12}}(?:下一?步|今后|下一阶段|接下来|针对(?:这些|以上|上述))[^。]{{0,40}}?[：:，,]{naming.COUNTS}"
        rf"|[^。]{{0,20}}(?:[咋怎][么样]*[办改做干]|如何改)[^。]{{0,10}}?[：:，,？?]{naming.COUNTS}"
        rf"|{_REPLY}[^。]{{0,8}}我们?(?:打算|准备)[，,：:]{naming.COUNTS}"
    ),
    PROBLEMS: re.compile(
        rf"[^\n]{{0,120}}?(?:存在|有|查摆出)[^。]{{0,12}}(?:问题|不足|差距)[^。]{{0,8}}?[：:，,。]{naming.COUNTS}"
    ),
}


def heading_of(text: Text, rows: list[Row], index: int) -> Heading | None:
    """The heading a row is, when its words say so."""
    row = rows[index]
    stop = text.stop(row.body, row.end)
    title = _title(text, row, stop)
    verdict = headings.judge(title) if title else None
    if verdict is None or (verdict.kinds == (LEFT_OUT,) and _names_paper(rows, index, title)):
        return None
    behind = _SIGNS.match(text.text, stop, row.end)
    begin = behind.end() if behind else stop
    closing = text.text[stop : min(stop + 1, row.end)]
    rank = row.marker.rank if row.marker and row.marker.kind != "bullet" else UNMARKED
    if rank == UNMARKED and not _stands_by_itself(title, verdict, closing, inline=begin < row.end):
        return None
    words = headings.reduce(title)
    return Heading(index, row, verdict.kinds, words, begin, rank, verdict.residue == 0, closing == "。")


def _title(text: Text, row: Row, stop: int) -> str:
    """Its first clause, of a numbered line rightly spelt; nothing of what is no heading by its kind."""
    if row.line.cells or row.line.style in ("contents", "title") or stop - row.body > LONGEST:
        return ""
    words = text.text[row.body : stop]
    return (headings.misspelt(words) if row.marker else "") or words


def _stands_by_itself(title: str, verdict: headings.Verdict, closing: str, *, inline: bool) -> bool:
    """A line without a number is a heading when it says nothing else, or leaves out what is below it."""
    leaves_out = verdict.kinds == (LEFT_OUT,) and closing in ("：", ":") and not inline
    return _stands_alone(title, closing, inline=inline) and (leaves_out or not verdict.residue)


def _names_paper(rows: list[Row], index: int, title: str) -> bool:
    """审计查出问题整改情况的报告 or 附件2 at the top is the paper's name, and no part of it."""
    return index < TITLE_LINES and rows[index].marker is None and bool(_PAPER.search(title))


def _stands_alone(title: str, closing: str, *, inline: bool) -> bool:
    """Short and no sentence; only a colon or a bracket parts it from text on its line."""
    if len(title) > LONGEST_UNMARKED or closing in ("。", "；", ";", ".", "．"):
        return False
    return not inline or closing in "：:】]"


def beside(text: Text, rows: list[Row], known: list[Heading], main: int) -> list[Heading]:
    """Headings by what stands around them: 附件 or an earlier mail below the problems; 【也请您配合】 beside
    【我们承诺】."""
    first = next((heading.index for heading in known if PROBLEMS in heading.kinds), None)
    if first is None:
        return []
    bracketed = {index for index, row in enumerate(rows) if aspect_naming.is_bracketed(text, row)}
    pictured = {index for index in range(len(rows)) if _is_pictured(rows, index)}
    indexes = {heading.index for heading in known}
    alike = {index for like in (bracketed, pictured) if len(like & indexes) > 1 for index in like - indexes}
    out = []
    for index, row in enumerate(rows[first + 1 :], start=first + 1):
        if _is_appended(text, row):
            out.append(replace(unknown(text, row, index), kinds=(LEFT_OUT,), rank=main, begin=row.end))
        elif index in alike:
            out.append(replace(unknown(text, row, index), rank=main))
    return out


def _is_appended(text: Text, row: Row) -> bool:
    words = text.text[row.start : row.end]
    return row.marker is None and bool(headings.is_annex(words) or _MAIL.fullmatch(words))


def _is_pictured(rows: list[Row], index: int) -> bool:
    """📌 and a few words on a line of their own, over a list."""
    row = rows[index]
    is_short = row.marker is None and row.line.pictured and row.end - row.start <= LONGEST_UNMARKED
    return is_short and index + 1 < len(rows) and rows[index + 1].marker is not None


def spoken(text: Text, row: Row, index: int) -> Heading | None:
    """我还存在以下问题：第一，… in a speech without headings."""
    if row.marker is not None or row.line.cells:
        return None
    for kind, pattern in _SPOKEN.items():
        match = pattern.match(text.text, row.start, row.end)
        if match:
            title = headings.reduce(match.group())[:LONGEST]
            return Heading(index, row, (kind,), title, match.end(), UNMARKED, True)
    return None


def leads(text: Text, rows: list[Row], known: list[Heading], main: int) -> list[Heading]:
    """Causes and directions that only a sentence announces: 产生上述问题的原因，主要有以下几点："""
    announced = []
    last = next((heading.index for heading in known if PROBLEMS in heading.kinds), -1)
    sources = max((heading.index for heading in known if heading.kinds == (CAUSES,)), default=-1)
    for kind, pattern in _LEAD_LINES.items():
        if any(kind in heading.kinds for heading in known):
            continue
        headed = {heading.index for heading in known}
        candidates = (index for index in range(last + 1, len(rows) - 1) if index not in headed)
        index = next((index for index in candidates if _announces(text, rows, index, pattern)), None)
        if index is not None:
            row = rows[index]
            title = headings.reduce(text.text[row.start : row.end])
            announced.append(Heading(index, row, (kind,), title, row.end, main, False))
            last = index
        elif told := _told_of_all(text, rows, max(last, sources) + 1, kind):
            announced.append(replace(told, rank=main, strict=False))
            last = told.index
    return announced


def _told_of_all(text: Text, rows: list[Row], begin: int, kind: str) -> Heading | None:
    """针对以上问题，剖析原因如下：一是…；二是… in one line."""
    if kind == PROBLEMS or not begin:
        return None
    for index in range(begin, len(rows)):
        told = spoken(text, rows[index], index)
        if told and told.kinds == (kind,) and _OF_ALL.match(told.title):
            return told
    return None


def _announces(text: Text, rows: list[Row], index: int, pattern: re.Pattern[str]) -> bool:
    """A line without a number, before number one or a bullet, that says what is listed."""
    row, following = rows[index], rows[index + 1].marker
    begins = following and (following.number == 1 or following.kind in ("bullet", "outer", "under"))
    if row.marker is not None or not begins or row.end - row.start > 2 * LONGEST:
        return False
    return bool(pattern.search(text.text[row.start : row.end]))
