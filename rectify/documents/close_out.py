"""销号单: one sheet a problem with its standard, its evidence and each step, with room for signatures."""

from __future__ import annotations

from collections.abc import Iterator

from rectify import clock
from rectify.choices import Step, StepOutcome
from rectify.documents.material import Item, Material
from rectify.docx.blocks import TABLE_SPACING, Block, Cell, PageBreak, Table, Title
from rectify.models import CloseOutStep
from rectify.wording import date

WIDTHS = (24, 54, 24, 54)
STEPS = (
    (Step.CONFIRM, "责任单位负责人意见"),
    (Step.REVIEW, "整改办审核意见"),
    (Step.SIGN, "责任领导验收意见"),
)
SIZES = (12, 10.5, 9)  # 小四, 五号, 小五
POINTS_A_MM, EDGES = 72 / 25.4, 11
ROOM = 552  # points: what title and number leave of the page, with some to spare
SIGN_HERE = "签字：　　　　　　　　　年　　月　　日"


def close_out_blocks(material: Material) -> Iterator[Block]:
    """A sheet for every item, each on a page of its own."""
    for number, item in enumerate(material.counted):
        if number:
            yield PageBreak()
        yield Title("整改事项销号单", below=f"编号：{item.row.code}", is_tight=True)
        rows = list(_rows(material, item))
        yield Table(WIDTHS, rows, size=size_of(rows))


def size_of(rows: list[list[Cell]]) -> float:
    """The largest type in which the sheet stands on one page; the smallest where none does."""
    return next((size for size in SIZES if sum(_height(row, size) for row in rows) <= ROOM), SIZES[-1])


def _height(row: list[Cell], size: float) -> float:
    """About how high a row becomes, in points, rather too high than too low."""
    place, highest = 0, 0.0
    for cell in row:
        width = sum(WIDTHS[place : place + cell.span]) * POINTS_A_MM - EDGES
        place += cell.span
        fit = max(1, int(width / size) - 1)
        lines = sum(-(-len(line) // fit) or 1 for line in cell.text.splitlines() or [""])
        highest = max(highest, lines * size * TABLE_SPACING, cell.height * POINTS_A_MM)
    return highest + 1


def _rows(material: Material, item: Item) -> Iterator[list[Cell]]:
    row, facts = item.row, item.facts
    yield [_label("填报单位"), Cell(material.report.unit.name), _label("截至日期"), Cell(date(material.day))]
    yield [_label("存在问题"), Cell(row.title, span=3)]
    yield [_label("责任领导"), Cell(row.leader), _label("责任单位"), Cell(row.lead_unit)]
    yield [_label("责任人"), Cell(row.responsible), _label("整改类型"), Cell(row.kind)]
    yield [_label("整改时限"), Cell(row.deadline), _label("销号情况"), Cell(row.close_out)]
    yield [_label("整改措施和完成标志"), Cell(_measures(item), span=3)]
    yield [_label("整改完成情况"), Cell(facts.statement or facts.note, span=3, height=12)]
    yield [_label("佐证材料"), Cell(_evidence(row.evidence.splitlines()), span=3)]
    applied = f"{facts.applicant}　{date(facts.applied)}" if facts.applied else SIGN_HERE
    yield [_label("申请人"), Cell(applied, span=3)]
    for step, label in STEPS:
        yield [_label(label), Cell(_opinion(facts.steps, step), span=3, height=15)]


def _evidence(names: list[str]) -> str:
    """The catalogue of files in running lines."""
    return f"共{len(names)}份：{'；'.join(names)}。" if names else "（无）"


def _measures(item: Item) -> str:
    lines = []
    for number, measure in enumerate(item.row.measures, 1):
        standard = f"（完成标志：{measure.standard}）" if measure.standard else ""
        lines.append(f"{number}. {measure.text}{standard}")
        if measure.status:
            lines[-1] += measure.status
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
