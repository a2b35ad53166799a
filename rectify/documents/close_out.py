"""销号单: one sheet a problem with its standard, its evidence and each step, with room for signatures."""

from __future__ import annotations

from collections.abc import Iterator

from rectify import clock
from rectify.choices import Step, StepOutcome
from rectify.documents.material import Item, Material
from rectify.docx.blocks import Block, Cell, PageBreak, Table, Title
from rectify.models import CloseOutStep
from rectify.wording import date

WIDTHS = (24, 54, 24, 54)
STEPS = (
    (Step.CONFIRM, "责任单位负责人意见"),
    (Step.REVIEW, "整改办审核意见"),
    (Step.SIGN, "责任领导验收意见"),
)
SIGN_HERE = "签字：　　　　　　　　　年　　月　　日"


def close_out_blocks(material: Material) -> Iterator[Block]:
    """A sheet for every item, each on a page of its own."""
    for number, item in enumerate(material.counted):
        if number:
            yield PageBreak()
        yield Title("整改事项销号单", below=f"编号：{item.row.code}")
        yield Table(WIDTHS, list(_rows(material, item)))


def _rows(material: Material, item: Item) -> Iterator[list[Cell]]:
    row, facts = item.row, item.facts
    yield [_label("填报单位"), Cell(material.report.unit.name), _label("截至日期"), Cell(date(material.day))]
    yield [_label("存在问题"), Cell(row.title, span=3)]
    yield [_label("责任领导"), Cell(row.leader), _label("责任单位"), Cell(row.lead_unit)]
    yield [_label("责任人"), Cell(row.responsible), _label("整改类型"), Cell(row.kind)]
    yield [_label("整改时限"), Cell(row.deadline), _label("销号情况"), Cell(row.close_out)]
    yield [_label("整改措施和完成标志"), Cell(_measures(item), span=3, height=20)]
    yield [_label("整改完成情况"), Cell(facts.statement or facts.note, span=3, height=24)]
    yield [_label("佐证材料"), Cell(row.evidence or "（无）", span=3)]
    applied = f"{facts.applicant}　{date(facts.applied)}" if facts.applied else SIGN_HERE
    yield [_label("申请人"), Cell(applied, span=3)]
    for step, label in STEPS:
        yield [_label(label), Cell(_opinion(facts.steps, step), span=3, height=20)]


def _measures(item: Item) -> str:
    lines = []
    for number, measure in enumerate(item.row.measures, 1):
        standard = f"（完成标志：{measure.standard}）" if measure.standard else ""
        lines.append(f"{number}. {measure.text}{standard}")
        if measure.status:
            lines.append(measure.status)
    return "\n".join(lines)


def _opinion(steps: list[CloseOutStep], which: Step) -> str:
    """What the step said, by whom and when; room to sign where nobody has."""
    taken = [step for step in steps if step.step == which]
    if not taken:
        return SIGN_HERE
    step = taken[-1]
    words = f"退回：{step.comment}" if step.outcome == StepOutcome.RETURN else step.comment or "同意"
    paper = "（纸质签字，已附扫描件）" if step.on_paper else ""
    day = step.signed_on or clock.day_of(step.at)
    return f"{words}\n{step.signer or step.by_label}　{date(day)}{paper}"


def _label(text: str) -> Cell:
    return Cell(text, is_label=True)
