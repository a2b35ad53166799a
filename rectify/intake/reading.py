"""An uploaded file as reports to look over: read, parsed, and few enough to be looked over."""

from __future__ import annotations

from dataclasses import dataclass

from rectify import clock
from rectify.errors import Incomplete
from rectify.intake.parser.lines.text import read
from rectify.intake.parser.outline import parse
from rectify.intake.parser.parsed import ParsedReport, Source
from rectify.intake.review.edited import KINDS, EditedOutline, Remark, from_parsed
from rectify.models import IntakeDraft

TITLE_MAX = 200
ITEMS_MAX = 300


@dataclass(frozen=True)
class ReadReport:
    """One report of a file, ready for a draft."""

    text: str
    title: str
    year: int
    outline: EditedOutline


def read_reports(name: str, data: bytes, *, title: str, year: int | None) -> list[ReadReport]:
    """Every report of the file; without a year given, of the year its title names, otherwise of this one.

    Raises Incomplete when none of them can be understood.
    """
    sources = read(name, data)
    reports: list[ReadReport] = []
    refusals: list[Incomplete] = []
    for source in sources:
        named: int | None = None
        text = source.text
        try:
            parsed = parse(source)
            outline, named = from_parsed(parsed), parsed.year
            text = parsed.source.text  # of cards: the rows they became
            _require_manageable(outline)
        except Incomplete as refusal:
            refusals.append(refusal)
            outline = EditedOutline(remarks=[Remark(1, refusal.message)])
        of_year = year or named or clock.today().year
        own_title = _title(source, title, of_year, len(sources))
        reports.append(ReadReport(text, own_title, of_year, outline))
    if refusals and len(refusals) == len(sources):
        raise refusals[0]
    return reports


def _require_manageable(outline: EditedOutline) -> None:
    """No person looks a thousand items over: such a file is something else, or several reports in one."""
    for kind, label in KINDS.items():
        count = len(outline.kept(kind))
        if count > ITEMS_MAX:
            raise Incomplete(
                f"读出 {count} 项{label}，一份报告最多 {ITEMS_MAX} 项。没有录入任何内容。"
                "请核对选的是不是一份对照检查报告；几份报告合在一起的，请分开上传。"
            )


def parse_again(draft: IntakeDraft, include: frozenset[str]) -> ParsedReport:
    """The draft's own report with left-out sections taken in, from the file that was kept."""
    try:
        sources = read(draft.name, draft.path.read_bytes())
    except OSError as error:
        words = "服务器上找不到上传的文件，无法重新识别。草稿没有丢失，可以手工新增这一部分。"
        raise Incomplete(words) from error
    source = next((one for one in sources if one.part == draft.part), None)
    if source is None:
        raise Incomplete("无法重新识别这一部分。草稿没有丢失，可以手工新增。")
    parsed = parse(source, include)
    _require_manageable(from_parsed(parsed))
    return parsed


def _title(source: Source, given: str, year: int, parts: int) -> str:
    """What the user typed; of several reports in a file each has its own title."""
    own = source.title.strip()
    title = given or own or f"{year}年度对照检查报告"
    if parts > 1:
        title = own or f"{title}（第 {source.part} 份）"
    return title[:TITLE_MAX]
