"""What the cells of the printed forms say, several facts in one cell where paper is short."""

from __future__ import annotations

from rectify.ledger.row_types import MeasureRow, ProblemRow

STOPS = "。；;，,"
UNTOUCHED = "未销号"  # goes without saying where the status stands


def measures_in_brief(problem: ProblemRow) -> str:
    """Each measure on a line: its sign of completion, its unit where that is another, its day."""
    return _lines([_brief(problem, measure) for measure in problem.measures])


def measures_in_full(problem: ProblemRow) -> str:
    """Each measure with everything that is known of it, what came of it too."""
    return _lines([_whole(problem, measure) for measure in problem.measures])


def problem_and_steps(problem: ProblemRow) -> str:
    """The problem, below it each of its measures, with its unit where that is another."""
    lines = [problem.title]
    for number, step in enumerate(problem.measures, 1):
        own = f"（{step.unit}）" if step.unit and step.unit != problem.lead_unit else ""
        lines.append(f"{number}. {step.text}{own}")
    return "\n".join(lines)


def step(measure: MeasureRow) -> str:
    return f"【{measure.kind}】{measure.text}" if measure.kind and measure.text else measure.text


def progress_in_brief(problem: ProblemRow) -> str:
    """The newest note with its day, without its author, and how many there were before."""
    day, parted, rest = problem.progress.partition("　")
    _author, colon, text = rest.partition("：")
    words = f"{day}：{text}" if parted and colon else problem.progress
    return f"{words}（此前 {problem.earlier_notes} 次）" if problem.earlier_notes else words


def progress_in_full(problem: ProblemRow) -> str:
    more = f"（此前 {problem.earlier_notes} 次）" if problem.earlier_notes else ""
    return f"{problem.progress}{more}"


def evidence_in_brief(problem: ProblemRow) -> str:
    """How many files, with their numbers in the index of the pack."""
    count = len(problem.evidence.splitlines())
    if not count:
        return ""
    last = f"～\n{problem.number}-{count}" if count > 1 else ""
    return f"{count} 份\n{problem.number}-1{last}"


def kind_and_deadline(problem: ProblemRow) -> str:
    """整改类型 above 整改时限; said once where the deadline is the kind in words."""
    return stacked("" if problem.deadline.startswith(problem.kind) else problem.kind, problem.deadline)


def completion_and_close_out(problem: ProblemRow) -> str:
    """How far it is, and below it what became of its closing; no line twice."""
    lines = problem.completion.splitlines()
    closing = "" if problem.close_out == UNTOUCHED else problem.close_out
    return stacked(*lines, *(line for line in closing.splitlines() if line not in lines))


def stacked(*parts: str) -> str:
    return "\n".join(filter(None, parts))


def _brief(problem: ProblemRow, measure: MeasureRow) -> str:
    unit = measure.unit if measure.unit != problem.lead_unit else ""
    facts = " · ".join(filter(None, [measure.standard.strip().rstrip(STOPS), unit, measure.when]))
    words = step(measure)
    return f"{words.rstrip().rstrip(STOPS)}（{facts}）。" if facts else words


def _whole(problem: ProblemRow, measure: MeasureRow) -> str:
    facts = [f"完成标志：{measure.standard.strip().rstrip(STOPS)}" if measure.standard else ""]
    if measure.unit != problem.lead_unit:
        facts.append(f"责任单位：{measure.unit}" if measure.unit else "")
    if measure.deadline != problem.due:
        facts.append(f"完成时限：{measure.deadline}" if measure.deadline else "")
    words = step(measure)
    if told := "；".join(filter(None, facts)):
        words = f"{words.rstrip().rstrip(STOPS)}（{told}）。"
    return f"{words}{measure.status}" if measure.status else words


def _lines(texts: list[str]) -> str:
    """Numbered where there are several."""
    if len(texts) < 2:
        return "".join(texts)
    return "\n".join(f"{number}. {text}" for number, text in enumerate(texts, 1))
