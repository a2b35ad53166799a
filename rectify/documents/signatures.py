"""Which signatures and stamps are still missing on paper: of ledger, report, close-out sheets, orders."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from rectify import clock
from rectify.choices import StepOutcome
from rectify.documents.close_out import STEPS
from rectify.documents.material import Item, Material
from rectify.models import CloseOutStep, Supervision
from rectify.wording import date

STAMP_HERE = "落款处盖章"


@dataclass(frozen=True)
class MissingSignature:
    """On which paper, of which item, whose signature; and what the record says of it."""

    paper: str
    code: str
    title: str
    whose: str
    standing: str


def missing_signatures(material: Material, *, reporter: str, reviewer: str) -> Iterator[MissingSignature]:
    """Everything that is printed with a place to sign and has no signature on a paper that was kept."""
    unit = material.report.unit.name
    yield MissingSignature("整改台账", "", "", f"{unit}（盖章）", "填报单位处盖章")
    for name, person in (("填报人", reporter), ("审核人", reviewer)):
        yield MissingSignature("整改台账", "", "", f"{name}{f'：{person}' if person else ''}", "表尾签字")
    yield MissingSignature("整改情况报告", "", "", f"{unit}（盖章）", STAMP_HERE)
    for item in material.counted:
        yield from _of_item(item)


def missing_receipts(orders: Iterable[Supervision]) -> Iterator[MissingSignature]:
    """Of every order: its stamp, and the receipts that nobody has signed."""
    for order in orders:
        yield MissingSignature("督办单", order.code, "", f"{order.report.unit.name}（盖章）", STAMP_HERE)
        for addressee in order.addressees.select_related("unit", "leader", "receipt"):
            if not hasattr(addressee, "receipt"):
                yield MissingSignature("督办单", order.code, "", f"签收：{addressee}", "尚未签收")


def _of_item(item: Item) -> Iterator[MissingSignature]:
    """An item that nobody has applied for needs no signature yet."""
    facts = item.facts
    if not facts.applied:
        return
    applicant = f"申请人：{facts.applicant}"
    yield _missing(item, applicant, f"系统内{date(facts.applied)}申请，纸面未签字")
    for step, label in STEPS:
        taken = [each for each in facts.steps if each.step == step and each.outcome == StepOutcome.PASS]
        if not taken:
            yield _missing(item, label, "尚未办理")
        elif not taken[-1].on_paper:
            yield _missing(item, f"{label}：{_signer(taken[-1])}", _in_system(taken[-1]))


def _missing(item: Item, whose: str, standing: str) -> MissingSignature:
    return MissingSignature("销号单", item.row.code, item.row.title, whose, standing)


def _signer(step: CloseOutStep) -> str:
    return step.signer or step.by_label


def _in_system(step: CloseOutStep) -> str:
    return f"系统内{date(step.signed_on or clock.day_of(step.at))}同意，纸面未签字"
