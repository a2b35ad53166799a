"""Manifestations: what a problem's text gives after 比如, 主要表现在 and their like, separated by ；."""

from __future__ import annotations

import re

from rectify.intake.parser import markers
from rectify.intake.parser.parsed import Piece
from rectify.intake.parser.rows import Text

_CUE = re.compile(
    r"(?:再|又)?(?:比如|例如|譬如)(?:说)?|诸如(?=[：:])|[再又]如(?=[，,：:])|(?<=[。；，,])如(?=[：:，,])"
    r"|(?:主要|具体|突出|集中|(?<=[\n）)、．.])问题)(?:的)?(?:表现|体现)(?:形式)?(?:在|为|是|有)?(?:以下|如下)?(?:几个?)?(?:方面|几点)?|(?<=[。；，,\n])表现(?:在|为)"
)
_OPEN = re.compile(r"[，,：:】\]\s]+")
_SPLIT = re.compile(r"[；;\n]")
_CONCLUSION = re.compile(
    r"\s*(?:这|上述|以上|究其|归根|原因|说明|反映|对此|为此|因此|所以|总之|班子|我们|今后|下一步|整改)"
)
_SUMMED_UP = re.compile(
    r"[，,；;]\s?(?:等)?(?:这些?|上述|以上)(?:问题|现象|情况)?(?:都|也|充分|均|足以)*(?:说明|表明|反映|暴露|显示|折射)"
)
_PARALLEL = re.compile(r"\s*(?:在|有的|有时|个别|部分|少数|一些|还有|同时|此外|另外|也有|对)")
_NUMBER = re.compile(
    rf"^\s*(?:{markers.CN}是|[（(](?:{markers.CN}|{markers.NUM})[）)]|{markers.NUM}[.．、](?!\d)|[{markers.CIRCLED}]|[●■◆•·▪-]|第{markers.CN}[，、]|其{markers.CN}[，、是]|{markers.CN}、)[：:，,、\s]*"
)
_TAIL = re.compile(r"(?:等(?:等)?(?:问题|现象|情况)?)?$")


def find(text: Text, start: int, end: int) -> tuple[Piece, ...]:
    """The manifestations in a stretch of a problem's text, each with its place."""
    cues = [match for match in _CUE.finditer(text.text, start, end) if _is_cue(text, match, start, end)]
    pieces: list[Piece] = []
    for cue, following in zip(cues, [*cues[1:], None], strict=False):
        begin = cue.end()
        opened = _OPEN.match(text.text, begin, end)
        if opened:
            begin = opened.end()
        limit = following.start() if following else end
        stop = _stop(text, begin, limit)
        summed_up = _SUMMED_UP.search(text.text, begin, stop)
        pieces += _pieces(text, begin, summed_up.start() if summed_up else stop)
    return tuple(pieces)


def listed(text: Text, start: int, end: int) -> tuple[Piece, ...]:
    """All of a stretch as manifestations: the cell of a table."""
    pieces: list[Piece] = []
    words = text.text[start:end]
    begin = start
    # In a cell without ； its paragraphs are the manifestations.
    for sign in re.finditer(
        r"$" if re.search(r"[；;]\S", words) else r"(?<=[\u4e00-\u9fff。；]) (?=\S)|$", words
    ):
        pieces += _pieces(text, begin, start + sign.start())
        begin = start + sign.end()
    return tuple(pieces)


def _is_cue(text: Text, cue: re.Match[str], start: int, end: int) -> bool:
    word = cue.group()
    after = text.text[cue.end() : cue.end() + 1] if cue.end() < end else ""
    if "如" in word:
        return True
    # 主要体现在政治站位上 is prose; 主要表现在：, 具体表现为以下 open a list.
    if "体现" in word or word in ("主要表现", "突出表现", "集中表现", "问题表现"):
        return after in "：:】]，,\n"
    return True


def _stop(text: Text, begin: int, limit: int) -> int:
    """The end of the sentence; further ones belong where they go on in the same manner."""
    found = _sentence_end(text, begin, limit)
    first = text.text[begin:found]
    position = found
    if "；" in first or ";" in first or "\n" in first:
        # A list that goes on in numbered lines goes on over full stops.
        while position < limit and _numbered_next(text, position, limit):
            position = _sentence_end(text, _after(text, position, limit), limit)
        return position
    numbered = bool(_NUMBER.match(first))
    while position < limit:
        following = _after(text, position, limit)
        if following >= limit:
            break
        if numbered or "\n" in text.text[position:following]:
            if not _NUMBER.match(text.text[following : following + 12]):
                break
        elif not _PARALLEL.match(text.text, following, limit) or _CONCLUSION.match(
            text.text, following, limit
        ):
            break
        position = _sentence_end(text, following, limit)
    return position


def _numbered_next(text: Text, position: int, limit: int) -> bool:
    following = _after(text, position, limit)
    return following < limit and bool(_NUMBER.match(text.text[following : following + 12]))


def _sentence_end(text: Text, begin: int, limit: int) -> int:
    """The next full stop; a line end counts only where the next line is not numbered."""
    position = begin
    while position < limit:
        match = re.compile(r"[。！？\n]").search(text.text, position, limit)
        if not match:
            return limit
        if match.group() == "\n" and _NUMBER.match(text.text[match.end() : match.end() + 12]):
            position = match.end()
            continue
        return match.start()
    return limit


def _after(text: Text, position: int, limit: int) -> int:
    while position < limit and text.text[position] in "。！？\n ":
        position += 1
    return position


def _pieces(text: Text, begin: int, end: int) -> list[Piece]:
    out: list[Piece] = []
    position = begin
    raw = text.text[begin:end]
    separators = r"[；;\n]|。(?=.)" if re.search(r"[；;\n]", raw) is None else r"[；;\n]|。(?=\S)"
    for part in re.split(f"({separators})", raw):
        if part and not re.fullmatch(separators, part):
            start, stop = position, position + len(part)
            number = _NUMBER.match(part)
            if number:
                start += number.end()
            start, stop = text.stripped(start, stop)
            if stop > start:
                out.append(Piece(text.text[start:stop], text.place(start, stop)))
        position += len(part)
    return out
