"""How a numbered line names a problem outright: 关于“X”问题, 关于X的问题。, 问题：X, 存在差距：X."""

from __future__ import annotations

import re
from dataclasses import dataclass

from rectify.intake.parser import facts, headings, labels, markers
from rectify.intake.parser.aspect_naming import DEFICIENT
from rectify.intake.parser.rows import Row, Text

LABEL = 24  # signs within which a label ends
_ABOUT = re.compile(
    rf"(?:{'|'.join(headings.NAMING)})(?:[“\"「](?P<quoted>(?:[^“”\"」\n]|“[^“”\n]{{1,40}}”){{2,120}})[”\"」]的?|(?<!反馈)(?<!指出)(?P<plain>[^。；：:\n]{{3,80}}?)的?)问题"
    r"(?:(?:的)?(?:整改|办理|处理|整治)(?:工作)?(?:落实|完成|进展)?(?:情况|结果)?)?(?=[。．.：:；;（(\n ]|$)"
)
# What opens a list: 存在问题：一是…，二是… labels several problems, 存在问题：X one.
COUNTS = r"(?=(?:一是|一、|首先|第一[，,、]|其一|1[.．、]|①|[（(][1一][）)]|⑴|" + markers.ALOUD + "))"
_LIST = re.compile(COUNTS)
# “第一议题”制度执行不严格问题 alone on its line: a coined word, and 问题 without 的.
_TITLED = re.compile(
    r"(?=[^\n]*[“”不未缺无弱差])(?P<quoted>[^。；：:，\n]{4,60}?)(?<![的些个列类等存在主要突出])(?P<plain>)问题(?=\n|$)"
)
_NO_NAME = re.compile(
    r"(?:方面|存在|主要|突出|具体|反馈|指出|发现|查摆|这些|以下|上述|有关|相关)(?:出?的)?(?:主要|突出)?$"
)
OWN_LABEL = re.compile(
    r"[【\[]?(?:(?:(?:反映|反馈|检视|查摆|发现|指出)的?)?(?:存在|具体|主要)?的?(?:主要|突出)?(?:问题|差距|不足|隐患)(?:描述|表述|内容|名称)?|(?:主要|问题)表现)"
    r"(?:[】\]][：:]?|[：:])\s?"
)
_SHOWN = re.compile(r"(?:主要|具体|突出|问题)+的?表现(?:形式)?(?:[：:]|(?=\n|$))")
_NOTHING = re.compile(
    r"(?<=[。；;，,：:？?\n])\s?(?:经[^。，]{0,8}[，,]?)?(?:(?:未|没有)(?:发现|查出)|不存在|无此类?|没有(?:此类?|这方面))[^。；\n]{0,24}(?=[。；\n]|$)"
)
_WELL = re.compile(r"(?<=[。？?\n])\s?(?:能够?|已经?|做到了?)(?!不)[^。\n]{0,60}(?=[。\n]|$)")
_NONE = re.compile(
    r"(?:(?:经|对照)[^。，]{0,8}[，,]?)?(?:(?:目前|暂)?(?:未|没有)(?:发现|查出|存在)|不存在|暂?无)(?:此类|该类|这类|相关|上述|有关|违反[^，。；但]{2,16}的)?(?:问题|情况|现象|行为)?[。.]?"
    rf"|{markers.TICK}\s?[无否]\s?[□☐]\s?[有是]|[□☐]\s?[有是]\s?{markers.TICK}\s?[无否]"
)
_GAP = re.compile(
    r"(?<=\n)经[^。，]{0,8}[，,]|(?<=[。；？?\n])(?=(?:还|仍)?存在[^，。；：\n]{3,40}的问题[。；\n])"
    r"|(?<=[。；;！？!?，,\n])\s?(?:(?:还|仍|目前)?(?:存在|查摆|检视)(?:出)?的?(?:主要|具体)?(?:差距|问题|不足)|差距|不足)[：:]\s?"
)


# 既有X的问题，也有Y的问题; 主要是X的问题; 是否…。存在X的问题
_TOLD = re.compile(
    r"(?:既|也|又|还|仍|主要)*(?:是|有|存在)(?P<title>[^，。；：\n]{3,40}?)的?问题(?=[，。；\n]|$)"
)
_COUPLED = ("既有", "既存在", "也有", "也存在", "又有", "主要是", "主要存在")


@dataclass(frozen=True)
class Name:
    """The title of a problem, and where the text behind it begins."""

    title: str
    after: int


def about(text: str, start: int, end: int) -> Name | None:
    """关于“X”问题的整改 and “X”不严格问题 name X; 关于班子存在的问题 names none."""
    match = _ABOUT.match(text, start, end) or _TITLED.match(text, start, end)
    if not match:
        return None
    title = match["quoted"] or match["plain"]
    return None if _NO_NAME.search(title) and not match["quoted"] else Name(title, match.end())


def named(text: str, start: int, end: int) -> Name | None:
    """A problem that is named outright, or the first of a pair."""
    coupling = coupled(text, start, end)
    return about(text, start, end) or (coupling[0][1] if coupling else None)


def gap(text: str, start: int, end: int) -> int | None:
    """Where the failing begins in 是否X。存在差距：Y."""
    found = _GAP.search(text, start, end) if text.startswith("是否", start) else None
    return found.end() if found else None


def told(text: str, start: int, end: int) -> Name | None:
    """存在X的问题 names X where a question or an aspect stands before it."""
    match = _TOLD.match(text, start, end)
    return Name(match["title"], match.end()) if match and not _NO_NAME.search(match["title"]) else None


def coupled(text: str, start: int, end: int) -> list[tuple[int, Name]]:
    """既有X的问题，也有Y的问题 at the beginning of a paragraph: where each is told."""
    out: list[tuple[int, Name]] = []
    while text.startswith(_COUPLED, start) and (name := told(text, start, end)):
        out.append((start, name))
        start = name.after + 1
    return out


def finds_nothing(text: str, start: int, end: int) -> bool:
    """是否X。未发现存在差距 or 能够做到: a question that was answered well."""
    if not text.startswith("是否", start):
        return False
    well = _WELL.search(text, start, end)
    if well and not DEFICIENT.search(text, well.start(), end):
        return True
    answer = _NOTHING.search(text, start, end)
    apart = answer is not None and text[answer.start() - 1] in "。？?\n"
    return answer is not None and (apart or not text.startswith("是否存在", start))


def says_nothing_found(words: str) -> bool:
    """未发现此类问题。 and nothing else."""
    return bool(_NONE.fullmatch(words.strip()))


def labelled(text: Text, row: Row) -> str:
    """The label before a single problem (问题：X), or nothing."""
    label = None if row.line.cells else OWN_LABEL.match(text.text, row.body, row.end)
    if label is None or label.end() == row.end or _LIST.match(text.text, label.end(), row.end):
        return ""
    return label.group()


def shown(text: Text, row: Row) -> str:
    """问题表现 alone on its line or before a colon, or nothing."""
    return "" if row.line.cells or not _SHOWN.match(text.text, row.body, row.end) else "表现"


def names_problem(text: Text, row: Row) -> bool:
    """A numbered line that is a problem by its own words, whatever section it stands in."""
    if row.marker is None or row.line.cells:
        return False
    return (
        (row.marker.kind == "prob" and row.body < row.end)
        or bool(labelled(text, row))
        or about(text.text, row.body, row.end) is not None
        or gap(text.text, row.body, row.end) is not None
        or facts.note(text.text, row.body, row.end) is not None
    )


def is_labelled(text: Text, rows: list[Row], index: int) -> bool:
    """A numbered line with labels right under it: 责任单位：…, 存在问题：…"""
    row = rows[index]
    if row.marker is None:
        return False
    for below in rows[index + 1 : index + 13]:
        if below.marker is not None and labels.opens(text.text[below.body : below.body + LABEL]):
            return below.marker.rank > row.marker.rank  # 1.整改措施：… 2.责任领导：…
        if below.marker is not None or below.line.cells:
            return False
        if labelled(text, below) or facts.names_somebody(text.text, below.start, below.end):
            return True
    return False
