"""An uploaded file as reports to look over: read and parsed in a limited child."""

from __future__ import annotations

import json
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from rectify import clock
from rectify.arrivals import limited_child
from rectify.errors import Incomplete
from rectify.intake.review.edited import EditedOutline, Remark, Section
from rectify.models import IntakeDraft

CHILD = "rectify.intake.opening"
TITLE_MAX = 200
SECONDS = 20.0
TOO_MUCH = (
    "读取它超出了限度（内容太多、过于复杂或文件有问题），没有录入任何内容。"
    "请在 WPS 或 Word 中打开它，删去与报告无关的内容，另存为 .docx 后再上传；几份报告合在一起的，请分开上传。"
)


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
    with tempfile.NamedTemporaryFile() as copy:
        copy.write(data)
        copy.flush()
        found = _asked(Path(copy.name), name)["reports"]
    if all("refusal" in report for report in found):
        raise Incomplete(found[0]["refusal"], field="file")
    return [_ready(report, title, year, len(found)) for report in found]


def _ready(report: dict[str, Any], title: str, year: int | None, parts: int) -> ReadReport:
    of_year = year or report["named"] or clock.today().year
    if "refusal" in report:
        outline = EditedOutline(remarks=[Remark(1, report["refusal"])])
    else:
        outline = EditedOutline.from_json(report["outline"])
    return ReadReport(report["text"], _title(report, title, of_year, parts), of_year, outline)


def read_section(draft: IntakeDraft, section: Section, prefix: str) -> EditedOutline:
    """The pieces of a left-out section of the draft's own report, from the file that was kept."""
    if not draft.path.exists():
        raise Incomplete("服务器上找不到上传的文件，无法重新识别。草稿没有丢失，可以手工新增这一部分。")
    where = section.key, str(section.start), str(section.end)
    answer = _asked(draft.path, draft.name, str(draft.part), *where, prefix)
    return EditedOutline.from_json(answer["pieces"])


def _asked(path: Path, *arguments: str) -> dict[str, Any]:
    """What the child says. Raises Incomplete with its refusal, or when it reached a limit."""
    try:
        printed = limited_child.run(CHILD, [str(path.resolve()), *arguments], seconds=SECONDS)
        answer: dict[str, Any] = json.loads(printed)
    except (limited_child.OutOfTime, ValueError):  # a child killed at a limit leaves its answer short
        raise Incomplete(TOO_MUCH, field="file") from None
    if "refusal" in answer:
        raise Incomplete(answer["refusal"], field=answer["field"])
    return answer


def _title(report: dict[str, Any], given: str, year: int, parts: int) -> str:
    """What the user typed; of several reports in a file each has its own title."""
    own = report["own_title"].strip()
    title = given or own or f"{year}年度对照检查报告"
    if parts > 1:
        title = own or f"{title}（第 {report['part']} 份）"
    return str(title[:TITLE_MAX])
