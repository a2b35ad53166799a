"""A report loaded from the command line: the same reading, plan and load as on the pages, at once."""

from __future__ import annotations

import io
from pathlib import Path

from rectify.errors import Incomplete
from rectify.evidence import storage
from rectify.intake.load import load
from rectify.intake.plan import Plan, ledgers, likely_target, make_plan
from rectify.intake.reading import read_reports
from rectify.models import IntakeDraft, Report, Unit, User
from rectify.operations.exchange import intake_drafts

EARLIEST, LATEST = 1990, 2100


def load_report(file: Path, part: int, *, unit: str, year: int, username: str) -> str:
    """Load one report of a file; returns in words what was done. Raises a Refusal, and nothing is loaded.

    A ledger of the same unit and year that holds most of its problems is updated, otherwise a new one
    is made: on the pages a person decides that, here the words say which.
    """
    if not EARLIEST <= year <= LATEST:
        raise Incomplete(f"年度 {year} 不对，应在 {EARLIEST} 到 {LATEST} 之间。没有录入任何内容。")
    by = _user(username)
    where = _unit(unit)
    data = file.read_bytes()
    reading = read_reports(file.name, data, title="", year=year)[part - 1]
    if not reading.outline.items:
        raise Incomplete(reading.outline.remarks[0].message)
    target = likely_target(reading.outline, ledgers(IntakeDraft(unit=where, year=year), by))
    stream = io.BytesIO(data)
    stream.name = file.name
    new = intake_drafts.NewDraft(reading.text, reading.title, reading.outline.to_json(), target, part)
    with storage.keeping([stream]) as kept:
        draft = intake_drafts.start(kept[0], [new], by=by, unit=where, year=year)[0]
    plan = make_plan(draft)
    try:
        report = load(draft, by=by, seen=draft.version, digest=plan.digest)
    except Exception:
        intake_drafts.drop(draft, by=by, seen=draft.version)
        raise
    return _words(plan, report)


def _words(plan: Plan, report: Report) -> str:
    counts = plan.counts
    open_ends = f"还有 {plan.pending} 处对应待确认，{plan.unfilled} 处空白没有填。"
    notes = [f"第 {step.number} 项：{step.note}" for step in plan.problems if step.note]
    left = "\n".join([open_ends, *plan.given.sentences, *notes])
    if plan.target is None:
        return f"已新建台账《{report}》（编号 {report.prefix}）：{counts['new']} 项问题。{left}"
    return (
        f"已更新台账《{report}》（编号 {report.prefix}）：新增 {counts['new']} 项，"
        f"文字改动 {counts['changed']} 项，相同 {counts['same']} 项，"
        f"新稿里没有 {counts['gone']} 项（保留不动）。{left}"
    )


def _user(username: str) -> User:
    user = User.objects.filter(username=username, is_active=True).first()
    if user is None:
        raise Incomplete(f"没有可用的账号“{username}”，没有录入任何内容。")
    return user


def _unit(name: str) -> Unit:
    """The unit of this name; of several, nobody can tell which was meant."""
    found = list(Unit.objects.filter(name=name, active=True)[:2])
    if len(found) != 1:
        what = "不止一个" if found else "没有"
        raise Incomplete(f"{what}名为“{name}”的单位，没有录入任何内容。请核对单位全称。")
    return found[0]
