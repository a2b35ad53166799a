"""How a line names an aspect: by 方面, as a field that is looked at, or as a group of problems."""

from __future__ import annotations

import re

from rectify.intake.parser import headings, labels
from rectify.intake.parser.lines.cleaning import GAP
from rectify.intake.parser.rows import Row, Text

LONGEST = 400
TITLE = 30
DEFICIENT = re.compile(
    r"未(?!来|成年)|违规|违反|挪用|闲置|不(?!断|忘|仅|负|折不扣|懈|渝|移|敢腐|能腐|想腐|畏)|欠缺|缺乏|缺失|缺位|薄弱|滞后|差距|差$|有待|淡化|弱化|虚化|松懈|偏差|偏软|偏弱|偏低|短板|单一|脱节|流于形式|走过场|浮于表面|乏力|畏难|怕|慢|难以|没有|未能|仍需|还需|需要?(?:进一步)?(?:加强|提升|提高)|欠|少$|弱$|低$|浅$|软$|松$|宽$"
)
FAILING = "(?:问题|不足|差距|短板|薄弱环节)"
FAILINGS = f"{FAILING}(?:[和与、及]{FAILING})*"
HEADING = re.compile(
    rf"方面(?:(?:还|仍|中)?(?:存在|查摆|查找|检视)(?:出)?的(?:主要|突出|一些)*{FAILINGS}"
    rf"|(?:存在|查摆|检视)?(?:主要|突出)*问题|的(?:主要|突出)*{FAILINGS})?$"
)
# 方面还有差距 heads problems where some stand under it, and is one itself where none do.
SAID = re.compile(rf"方面(?:还|仍|也)*(?:有|存在)(?:着|一定|较大|明显|不小|一些)*的?{FAILINGS}$")
BREAK = re.compile(
    r"方面(?=[，,、\s]|(?:还|仍|主要|也)*(?:存在|有|是|表现))|(?<=[^，,])(?=[，,](?:存在的)?主要(?:问题|不足|差距)?(?:是|有|表现为|表现在)$)|(?<=[^，,])(?=[，,](?:主要|具体|突出)?(?:表现|体现)(?:在|为)$)"
)
_GROUPING = re.compile(rf"(?:的|查|找)(?:主要|突出)*{FAILING}$|{FAILING}的?整改(?:落实|进展|完成)*情况$")
_FIELD = re.compile(r"(?:在)?(?:对照|聚焦|围绕)(?!检查|材料).{2,40}$|在[^，,。：；]{2,20}上$")
# 【方面】X and 查摆方面：X name the aspect behind the label.
_SORT = re.compile(rf"[^，。：；“”]{{2,}}{FAILING}")
_PLAIN = re.compile(
    r"存在|主要|突出|具体|查摆|检视|查找|发现|出|的|问题|不足|差距|短板|薄弱环节|以下|如下|还有|有|仍|方面|[两三四五六七八九十\d]+[个大类]+|[和与及、]"
    r"|.*(?:检查|材料|清单|台账|报告)$"
)
LABEL = re.compile(
    r"[【\[]?(?:查摆|对照|检视|所属|问题)?(?:方面|领域|类别)[】\]]?[：:]?(?<=[】\]：:])\s?(?=[^\s一二三四五六七八九十1①])"
)
LEADS = re.compile(r"以下|如下|这些|几个|各个?方面$|[二两三四五六七八九十\d]个(?:大)?方面|主要有")


def named(text: Text, start: int, end: int) -> str:
    label = LABEL.match(text.text, start, end)
    start = label.end() if label else start
    return GAP.sub("", text.text[start:end].strip(" 。：；，、．.,;:【】"))


def names_aspect(words: str) -> bool:
    """A short text that ends in 方面 or 方面的问题."""
    return len(words) <= LONGEST and bool(HEADING.search(words.strip(" 。：；，、")))


def is_bracketed(text: Text, row: Row) -> bool:
    """【场站】 alone on its line."""
    label = labels.opening(text.text, row.start, row.end)
    return bool(label and label["bracketed"] and label.end() == row.end)


def names_sort(words: str) -> bool:
    """党员存在的问题, 共性问题: problems of some sort; 存在的主要问题 says of none."""
    return len(words) <= TITLE and bool(_SORT.fullmatch(words)) and bool(_PLAIN.sub("", words))


def title_end(text: Text, row: Row) -> int:
    """Where the aspect's name ends: with its 方面, or with the heading."""
    if label := LABEL.match(text.text, row.body, row.end):
        return text.stop(label.end(), row.end)
    stop = text.stop(row.body, row.end)
    words = text.text[row.body : stop]
    if not words or HEADING.search(words) or SAID.search(words):
        return stop
    match = BREAK.search(words)
    return row.body + match.end() if match else stop


def first_clause(text: Text, row: Row) -> str:
    return text.text[row.body : min(text.stop(row.body, row.end), row.body + LONGEST)]


def goes_on(text: Text, row: Row) -> bool:
    return row.body + len(first_clause(text, row)) < row.end - 1


def is_labelled(text: Text, row: Row) -> bool:
    """【方面】X"""
    return bool(LABEL.match(text.text, row.start, row.end))


def stands_for_aspect(text: Text, row: Row) -> bool:
    """思想建设方面： or 【方面】X on a line of its own, without a number."""
    words = first_clause(text, row)
    named = bool(HEADING.search(words)) and not LEADS.search(words) and not goes_on(text, row)
    return row.marker is None and (named or is_labelled(text, row))


def is_field(text: Text, row: Row) -> bool:
    """对照政治纪律 alone on its line: a field that is looked at, and no failing."""
    words = first_clause(text, row)
    return bool(_FIELD.match(words)) and not goes_on(text, row) and not DEFICIENT.search(words)


def is_topic(text: Text, row: Row) -> bool:
    """A heading alone on its line that names a field and no failing."""
    words = first_clause(text, row)
    alone = not goes_on(text, row)
    return alone and not DEFICIENT.search(words) and headings.judge(words) is None


def names_group(text: Text, row: Row) -> bool:
    """Alone on its line it ends in 的问题, 找差距 and their like."""
    words = first_clause(text, row)
    return row.body + len(words) >= row.end and bool(_GROUPING.search(words))


def is_said_alone(text: Text, row: Row) -> bool:
    return bool(SAID.search(first_clause(text, row))) and not goes_on(text, row)


def is_sentence(text: Text, row: Row) -> bool:
    """A short one, closed by a stop, that opens a paragraph."""
    clause = first_clause(text, row)
    return len(clause) <= TITLE and text.text[row.body + len(clause) : row.body + len(clause) + 1] == "。"
