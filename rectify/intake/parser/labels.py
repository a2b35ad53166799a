"""Labels inside a problem: 具体表现：, 原因：, 整改措施：. They part its text."""

from __future__ import annotations

import itertools
import re
import sys
from dataclasses import dataclass

from rectify.intake.parser import facts, markers
from rectify.intake.parser.rows import Text

_NUMBER = rf"(?:(?:[（(]?(?:{markers.CN}|{markers.NUM})[）)、．.]|[{markers.CIRCLED}]|[●■◆•·▪-]|——)\s?)?"
_LABEL = re.compile(
    rf"(?:(?<=\n)|(?<=[。；;！!\s])|^){_NUMBER}[【\[〔<]?"
    r"(?:(?P<causes>(?:究其|其|主要|产生|存在|问题|深层次?|根本|思想|主观|产生问题的|问题产生的|存在问题的)*(?:成因|原因|根源)(?:分析|剖析)?(?:主要)?(?:是|在于|有)?(?:{markers.CN}|{markers.NUM})?)"
    r"|(?P<measures>(?:下一?步|针对性?|具体|主要)*(?:整改|改进|解决|化解|对策|治理|整治|办理|处置|防范|防治)?(?:措施|举措|对策)(?:建议)?(?:{markers.CN}|{markers.NUM})?|整改(?:方向|打算|思路|意见)|改进方向|努力方向|下一步(?:打算|工作))"
    r"|(?P<manifestations>(?:主要|具体|突出|问题)+(?:的)?表现(?:形式)?)"
    rf"|(?P<facts>{facts.ROLE}(?:领导|单位|部门|人|科室|股室|处室)|(?:整改|完成|办结|化解|治理|整治|办理|解决)(?:时限|期限|时间|情况|进度|目标)|(?:问题|线索)?来源|整改(?:进展|成效|结果|要求)|办理(?:情况|结果)|(?:主要|具体)?责任人)"
    r"|(?P<problem>(?:(?:反映|反馈|检视|查摆|发现|指出)的?)?(?:存在|具体|主要)?问题(?:描述|表述)?))"
    r"(?:[】\]〕>]\s?[：:]?|\s?[：:]|(?<=[。；\s]原因是)|(?<=[。；\s]原因在于)|(?<=[\u4e00-\u9fff])(?=\n))\s?"
)


# 【表现】, 办理单位：, 处置 →: whatever the words, a line that opens so is labelled.
_OPENING = re.compile(
    r"(?:【(?P<bracketed>[^】]{1,16})】|(?P<plain>[一-鿿]{2,10})\s?[：:]|[一-鿿]{2,6} ?→)\s?"
)


@dataclass(frozen=True)
class Part:
    """A stretch of a problem: its kind ("" for the plain text), where its label and where its words begin."""

    kind: str
    at: int
    start: int
    end: int


def opening(text: str, start: int = 0, end: int = sys.maxsize) -> re.Match[str] | None:
    """The label a line opens with, `bracketed` or `plain`."""
    return _OPENING.match(text, start, end)


def opens(line: str) -> bool:
    """Whether a line begins with such a label: it is never the rest of the line before it."""
    return bool(_LABEL.match(line))


def kind_of(words: str) -> str:
    """The kind of label they begin with, or nothing."""
    match = _LABEL.match(words)
    return str(match.lastgroup) if match else ""


def parts(text: Text, start: int, end: int) -> list[Part]:
    """A problem's text, cut at its labels; 具体表现 stays in the text, where manifestations are read."""
    cuts: list[tuple[str, int, int]] = []
    for match in facts.outside_notes(_LABEL, text.text, start, end):
        kind = str(match.lastgroup)
        if kind in ("causes", "measures"):
            cuts.append((kind, match.start(), match.end()))
        elif cuts and cuts[-1][0]:
            # 具体表现 or 责任人 behind the causes: the problem's own text goes on.
            cuts.append(("", match.start(), match.start()))
    bounds = [*cuts, ("", end, end)]
    out = [Part("", start, start, bounds[0][1])]
    for (kind, at, begin), (_, following, _) in itertools.pairwise(bounds):
        out.append(Part(kind, at, begin, following))
    return [part for part in out if part.start < part.end]
