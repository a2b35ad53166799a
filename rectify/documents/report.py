"""整改情况报告: the outline of an official report, in full, of one unit, or as a draft for publication."""

from __future__ import annotations

from collections.abc import Iterator

from rectify.choices import Status, Step, StepOutcome
from rectify.documents import phrases
from rectify.documents.material import Item, Material
from rectify.docx.blocks import Block, Cell, Heading, Line, Signature, Table, Text, Title
from rectify.models import Unit
from rectify.models.progress import PURGED
from rectify.wording import date, numeral

OPINIONS = {Step.CONFIRM: "单位负责人意见", Step.REVIEW: "整改办审核意见", Step.SIGN: "责任领导意见"}
OPEN_COLUMNS = ("序号", "问题", "责任单位", "整改时限", "目前情况", "未完成原因")
OPEN_WIDTHS = (12, 38, 22, 28, 22, 40)


def report_blocks(material: Material, *, public: bool = False) -> Iterator[Block]:
    """The whole report from its title to its date."""
    report = material.report
    name = report.meeting or report.title
    yield Title(f"{material.whose}关于{name}查摆问题整改情况的{'公示' if public else '报告'}")
    if not public:
        yield Line(_addressee(material))
    yield Text(_lead(material, name, public))
    yield Heading(1, "一、总体情况")
    yield Text(phrases.overall(material))
    yield from _written(material, "overall")
    yield Heading(1, "二、主要做法")
    yield from _written(material, "practices", suggest_practices(material))
    yield Heading(1, "三、逐项整改情况")
    yield from _items(material, public)
    yield Heading(1, "四、未完成事项")
    yield from _open_items(material)
    yield Heading(1, "五、下一步打算")
    yield from _written(material, "next_steps", suggest_next(material))
    if not public:
        yield Text(f"附件：{material.whose}整改台账")
    yield Signature(material.whose, date(material.day))


def _addressee(material: Material) -> str:
    """To the unit above; a unit of the ledger reports to the ledger's own."""
    if material.unit and material.unit.pk != material.report.unit_id:
        return f"{material.report.unit.name}："
    above = Unit.objects.get_parent(material.report.unit)
    return f"{above.name}：" if above else "上级整改工作机构："


def _lead(material: Material, name: str, public: bool) -> str:
    """On what basis, and of which day."""
    words = "予以公示" if public else "报告如下"
    return f"根据{name}整改工作要求，现将{phrases.as_of(material)}的整改情况{words}。"


def _written(material: Material, part: str, suggestion: str = "") -> Iterator[Block]:
    """What the office wrote; where it wrote nothing, what the facts suggest."""
    if text := material.written(part) or suggestion:
        yield Text(text)


def suggest_practices(material: Material) -> str:
    """What was done, as far as the record shows it."""
    items = material.counted
    measures = [measure for item in items for measure in item.row.measures]
    done = sum(bool(measure.status) for measure in measures)
    lasting = sum(measure.kind == "长久立" and bool(measure.status) for measure in measures)
    units = {item.row.lead_unit for item in items if item.row.lead_unit}
    leaders = {item.row.leader for item in items if item.row.leader}
    told = []
    if leaders or units:
        who = [f"{len(leaders)}名责任领导" if leaders else "", f"{len(units)}个责任单位" if units else ""]
        told.append(f"明确责任，{'、'.join(filter(None, who))}分工负责")
    if measures:
        finished = f"，已完成{done}条" if done else ""
        told.append(f"细化措施，共制定整改措施{len(measures)}条{finished}")
    if lasting:
        told.append(f"建章立制，已形成制度成果{lasting}项")
    numbered = [f"{numeral(number)}是{text}。" for number, text in enumerate(told, 1)]
    if len(told) == 1:
        return f"{told[0]}。"
    return "".join(numbered) or "整改责任和措施正在明确。"


def suggest_next(material: Material) -> str:
    """What is still open, by when; never a day that has passed."""
    open_items = material.open
    standing = material.by_status[Status.STANDING]
    told = []
    if material.overdue:
        told.append(f"对已超过整改时限的{material.overdue}项，逐项分析原因、倒排工期，尽快完成整改")
    if rest := len(open_items) - material.overdue:
        told.append(f"对正在推进的{rest}项，按整改时限抓好落实，完成一项、审核一项、销号一项")
    if standing:
        told.append(f"对长期坚持的{standing}项，定期开展回头看，防止问题反弹")
    if material.closed:
        told.append(f"对已销号的{material.closed}项，巩固整改成效，完善长效机制")
    return "".join(phrases.sentence(text) for text in told)


def _items(material: Material, public: bool) -> Iterator[Block]:
    number = 0
    for place, (aspect, items) in enumerate(material.by_aspect, 1):
        if aspect:
            yield Heading(2, f"（{numeral(place)}）{aspect.rstrip(phrases.STOPS)}")
        for item in items:
            number += 1
            yield Heading(3, f"{number}. {item.row.title.rstrip(phrases.STOPS)}")
            yield from _item(item, public)


def _item(item: Item, public: bool) -> Iterator[Block]:
    row, facts = item.row, item.facts
    if row.lead_unit:
        leader = f"；责任领导：{row.leader}" if row.leader and not public else ""
        yield Text(f"{row.lead_unit}{leader}。", lead="责任单位：")
    if lines := [line for line in phrases.measure_lines(item) if not (public and PURGED in line)]:
        yield Text("\n".join(lines), lead="整改措施：")
    if facts.note and not (public and facts.note == PURGED):
        yield Text(facts.note, lead="整改进展：" if item.is_open else "整改成效：")
    if not public:
        yield from _proof(item)
    yield Text(phrases.standing_of(item), lead="完成情况：")
    if step := phrases.next_step(item):
        yield Text(step, lead="下一步：")


def _proof(item: Item) -> Iterator[Block]:
    """The evidence by number, and what each step said."""
    if files := [line for line in item.row.evidence.splitlines() if line]:
        yield Text(f"{len(files)}份，见佐证材料目录。", lead="佐证材料：")
    for step in item.facts.steps:
        if step.step in OPINIONS and step.outcome == StepOutcome.PASS:
            words = phrases.sentence(step.comment or "同意")
            yield Text(f"{words}（{step.signer or step.by_label}）", lead=f"{OPINIONS[Step(step.step)]}：")


def _open_items(material: Material) -> Iterator[Block]:
    """Open items are never hidden: each with its date and the reason."""
    items = material.open
    if not items:
        yield Text("没有未完成的整改事项。")
        return
    yield Text(f"尚未完成的整改事项共{len(items)}项，情况如下。")
    head = [Cell(words) for words in OPEN_COLUMNS]
    yield Table(OPEN_WIDTHS, [head, *(_open_row(number, item) for number, item in enumerate(items, 1))], True)


def _open_row(number: int, item: Item) -> list[Cell]:
    row = item.row
    over = f"，{phrases.days_over(row.completion)}" if item.is_overdue else ""
    return [
        Cell(str(number), centred=True),
        Cell(row.title),
        Cell(row.lead_unit or "尚未明确", centred=True),
        Cell(row.deadline or "尚未明确", centred=True),
        Cell(f"{item.facts.status_words}{over}", centred=True),
        Cell(phrases.reason_of(item)),
    ]
