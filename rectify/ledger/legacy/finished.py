"""What an old sheet says of being finished, and what is therefore asked about a problem once."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from rectify.choices import Kind
from rectify.ledger.legacy.problem import OldProblem, OldSheet
from rectify.xlsx.values import half_width

LONG_PAST = 180  # days: a date so old is hardly still meant


class History(StrEnum):
    """What becomes of a problem that the sheet calls finished, standing, or that was due long ago."""

    CONTINUE = "continue"
    FINISHED = "finished"
    STANDING = "standing"


HISTORY_WORDS = {
    History.CONTINUE: "继续办理",
    History.FINISHED: "原已办结（补登佐证）",
    History.STANDING: "长期坚持",
}
_DONE = re.compile(
    r"(?:目前|现|均|全部|都|该问题|问题|此问题|该项|整改|任务)*(?:已|已经|均已|已全部|已全面|全部|按期|按时|如期)*"
    r"(?:整改|落实)?(?:完成|办结|销号|整改|解决|化解|落实|完毕|到位|闭环)(?:整改|销号|到位|完成|完毕|办结)?(?:了|并销号|任务)?"
    r"|是|对|√|✓|✔|100%|已关闭|已消除|已清零"
)
_OPEN = re.compile(r"未|尚|没有|正在|推进中|整改中|办理中|进行中|部分|基本|下一步|继续|拟|计划|待|持续")
_STANDING = re.compile(
    r"(?:已完成|整改完成|完成)?[，,、；;（(]?(?:并|需|须)?"
    r"(?:长期坚持|持续(?:整改|推进|坚持)|常态化坚持|长期整改)[)）]?"
)
_NEARLY = re.compile(r"基本(?:完成|整改|办结|到位).*|阶段性完成.*")


def says_finished(mark: str) -> bool:
    """The words say that nothing is left to be done."""
    plain = re.sub(r"\s+", "", half_width(mark)).strip("。.;；")
    if _DONE.fullmatch(plain):
        return not _OPEN.search(plain)
    first = re.split(r"[,，。;；:：\n]", plain)[0]
    return len(first) > 1 and bool(_DONE.fullmatch(first)) and not _OPEN.search(plain)


def is_finished(problem: OldProblem) -> bool:
    """Every row that says something of it says that it is finished."""
    return bool(problem.marks) and all(says_finished(mark) for mark in problem.marks)


def why_asked(problem: OldProblem, today: dt.date) -> str:
    """Why somebody should say what becomes of it; empty when it simply goes on."""
    marks = [re.sub(r"\s+", "", half_width(mark)) for mark in problem.marks]
    if is_finished(problem):
        return "原表记为已完成"
    if any(_STANDING.fullmatch(mark) for mark in marks) or problem.kind == Kind.STANDING:
        return "原表记为长期坚持"
    if any(_NEARLY.fullmatch(mark) for mark in marks):
        return "原表记为基本完成"
    if problem.deadline and (today - problem.deadline).days > LONG_PAST:
        return "时限早已过去"
    return ""


def suggested(problem: OldProblem) -> History:
    """What is offered first; a person decides."""
    if is_finished(problem):
        return History.FINISHED
    return History.STANDING if problem.kind == Kind.STANDING else History.CONTINUE


@dataclass(frozen=True)
class Asked:
    """A problem of which somebody should say what becomes of it; `chosen` is empty where nobody did."""

    field: str
    problem: OldProblem
    why: str
    suggested: History
    chosen: str = ""

    @property
    def outcome(self) -> History:
        return History(self.problem.history)


def ask(old: OldSheet, today: dt.date, said: Mapping[str, str]) -> list[Asked]:
    """What must be asked, and what becomes of each: as was said of it, of the whole sheet, or suggested."""
    asked = []
    for number, problem in enumerate(old.problems):
        if why := why_asked(problem, today):
            field = f"history-{number}"
            own = _known(said.get(field, ""))
            problem.history = own or _known(said.get("history", "")) or suggested(problem)
            asked.append(Asked(field, problem, why, suggested(problem), own))
    return asked


def _known(answer: str) -> str:
    return answer if answer in set(map(str, History)) else ""
