"""督办单: numbered, with place for the stamp, a receipt and a slip for the reply for each addressee."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from rectify import clock
from rectify.docx.blocks import Block, Cell, Line, PageBreak, Signature, Table, Text, Title
from rectify.models import Addressee, Problem, Supervision
from rectify.wording import date, deadline_words, listed

SHEET = (24, 54, 24, 54)
ITEMS = (14, 66, 34, 42)
SIGN_HERE = "（签字）\n　　　年　　月　　日"


def supervision_blocks(orders: Iterable[Supervision], problems: dict[int, list[Problem]]) -> Iterator[Block]:
    """Each order on pages of its own; `problems` holds the items that its reader may see."""
    for number, order in enumerate(orders):
        if number:
            yield PageBreak()
        yield from _order(order, problems.get(order.pk, []))


def _order(order: Supervision, problems: list[Problem]) -> Iterator[Block]:
    addressees = list(order.addressees.select_related("unit", "leader", "receipt", "reply"))
    yield Title("整改督办单", below=order.code)
    yield Line(f"{listed(str(addressee) for addressee in addressees)}：")
    yield Text(f"下列整改事项需要督办，请于{date(order.reply_by)}前书面回复办理情况。")
    yield Table(SHEET, list(_facts(order)))
    head = [Cell(words) for words in ("序号", "督办事项", "责任单位", "整改时限")]
    yield Table(ITEMS, [head, *(_item(number, problem) for number, problem in enumerate(problems, 1))], True)
    if hidden := order.problems.count() - len(problems):
        yield Text(f"另有{hidden}项不由您负责，没有列出。")
    yield Signature(f"{order.report.unit}（盖章）", date(clock.day_of(order.issued_at)))
    for addressee in addressees:
        yield PageBreak()
        yield from _slips(order, addressee)


def _facts(order: Supervision) -> Iterator[list[Cell]]:
    issued = date(clock.day_of(order.issued_at))
    yield [_label("督办级别"), Cell(order.get_level_display()), _label("签发日期"), Cell(issued)]
    yield [_label("签发人"), Cell(order.issued_by_label), _label("回复期限"), Cell(date(order.reply_by))]
    yield [_label("督办事由"), Cell(order.reason, span=3, height=20)]


def _item(number: int, problem: Problem) -> list[Cell]:
    deadline = deadline_words(problem.deadline, problem.deadline_text, problem.kind)
    unit = problem.lead_unit.name if problem.lead_unit else "尚未明确"
    return [
        Cell(str(number), centred=True),
        Cell(f"{problem.title}\n（{problem.code}）"),
        Cell(unit, centred=True),
        Cell(deadline or "尚未明确", centred=True),
    ]


def _slips(order: Supervision, addressee: Addressee) -> Iterator[Block]:
    receipt, reply = getattr(addressee, "receipt", None), getattr(addressee, "reply", None)
    signed = f"{receipt.by_label}　{date(clock.day_of(receipt.at))}" if receipt else SIGN_HERE
    yield Title("督办单签收回执", below=order.code)
    yield Table(SHEET, [[_label("督办对象"), Cell(str(addressee)), _label("签收"), Cell(signed, height=14)]])
    yield Title("督办单回复单", below=order.code)
    by = f"{reply.by_label}　{date(clock.day_of(reply.at))}" if reply else SIGN_HERE
    yield Table(
        SHEET,
        [
            [_label("督办对象"), Cell(str(addressee)), _label("回复期限"), Cell(date(order.reply_by))],
            [_label("办理情况"), Cell(reply.text if reply else "", span=3, height=80)],
            [_label("回复人"), Cell(by), _label("单位盖章"), Cell("", height=24)],
        ],
    )


def _label(text: str) -> Cell:
    return Cell(text, is_label=True)
