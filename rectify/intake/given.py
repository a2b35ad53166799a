"""What loading gives the new problems of who answers for them and by when, and what stays words."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from rectify import wording
from rectify.intake.review.understood import Understood
from rectify.models import Problem


@dataclass(frozen=True)
class Given:
    """Of the new problems of which the report says something: their numbers, and what is understood."""

    rows: Sequence[tuple[int, Understood]]

    def __bool__(self) -> bool:
        return bool(self.rows)

    @property
    def counts(self) -> list[tuple[str, int]]:
        """How many get each."""
        given = [row for _, row in self.rows]
        return [
            ("责任领导", sum(bool(row.leaders or row.new_leaders) for row in given)),
            ("责任单位", sum(bool(row.units or row.new_units) for row in given)),
            ("整改时限", sum(bool(row.day) for row in given)),
        ]

    @property
    def unknown(self) -> list[str]:
        """Names that nobody is taken for, and that are kept as a remark."""
        return list(dict.fromkeys(name for _, row in self.rows for name in row.unknown))

    @property
    def new_leaders(self) -> list[str]:
        """Names of which leaders are made."""
        return list(dict.fromkeys(name for _, row in self.rows for name in row.new_leaders))

    @property
    def new_units(self) -> list[str]:
        """Names of which units are made."""
        return list(dict.fromkeys(name for _, row in self.rows for name in row.new_units))

    @property
    def new(self) -> list[str]:
        """Both, in words."""
        return [
            *(f"责任领导 {name}" for name in self.new_leaders),
            *(f"单位 {name}" for name in self.new_units),
        ]

    @property
    def is_typed(self) -> bool:
        """Some of it a person wrote, and not the report."""
        return any(row.said.is_typed for _, row in self.rows)

    @property
    def undated(self) -> list[tuple[int, str]]:
        """Numbers of problems with the words of their deadline, of which neither a day nor a type comes."""
        return [(number, row.said.words) for number, row in self.rows if row.is_undated]

    @property
    def sentences(self) -> list[str]:
        """What is filled in and what is not, for whoever confirms."""
        counts = "、".join(f"{label} {count} 项" for label, count in self.counts if count)
        words = "、".join(f"第 {number} 项“{said}”" for number, said in self.undated)
        standing = sum(row.is_standing for _, row in self.rows)
        lines = (
            (counts, f"{'按报告所写和核对时所填，' if self.is_typed else '按报告所写'}填上：{counts}。"),
            (self.new, f"台账里没有的，载入时新增：{wording.listed(self.new)}。"),
            (self.unknown, f"没有对应到台账里的名称，写入备注：{wording.listed(self.unknown)}。"),
            (standing, f"列为长期坚持、定期回头看：{standing} 项。"),
            (words, f"完成时限没有定下日期，文字照样保留：{words}。"),
        )
        return [line for holds, line in lines if holds]


def otherwise(row: Problem, given: Understood) -> str:
    """What the report says otherwise than the ledger, which keeps what people decided."""
    pairs = (
        ("责任领导", given.new_leaders or (given.leaders and given.leaders[0].pk != row.leader_id)),
        ("责任单位", given.new_units or (given.units and given.units[0].pk != row.lead_unit_id)),
        ("整改时限", given.day and given.day != row.deadline),
    )
    labels = wording.listed(label for label, differs in pairs if differs)
    return f"新稿写的{labels}与台账不同，不自动改动，请在事项页核对。" if labels else ""
