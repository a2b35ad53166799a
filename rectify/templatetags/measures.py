"""The measures of an item and its ties to causes and directions, drawn in Python."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django import template
from django.template import Context
from django.template.defaultfilters import linebreaksbr
from django.urls import reverse
from django.utils.safestring import SafeString, mark_safe

from rectify import clock, marks, wording
from rectify.addresses import address
from rectify.choices import Basis, LinkStatus, MeasureKind, MeasureStatus
from rectify.marks import escaped
from rectify.models import Measure, Problem
from rectify.selectors.item.analysis_rows import LinkRow
from rectify.selectors.item.measure_rows import MeasureRow
from rectify.templatetags.item import files

register = template.Library()
DOUBTS = {LinkStatus.PENDING: "，待确认", LinkStatus.REJECTED: "，不成立"}


@register.simple_tag
def measure_lines(rows: Iterable[MeasureRow], problem: Problem, may_purge: bool | str = False) -> SafeString:
    """Each with its light and verbs; what it was and came to folds once it is done."""
    return mark_safe("".join(_measure(row, row.measure, problem, bool(may_purge)) for row in rows))


def _measure(row: MeasureRow, measure: Measure, problem: Problem, may_purge: bool) -> str:
    dropped = ' class="is-dropped"' if measure.status == MeasureStatus.DROPPED else ""
    return (
        f'<li id="measure-{measure.pk}"{dropped}>\n<div class="item-main">\n'
        f'<span class="item-title">{measure.number}. {linebreaksbr(measure.text)}</span>\n'
        f"{_sub(' · '.join(_facts(measure, problem)))}\n{files(row.evidence, may_purge)}\n"
        f"{_result(measure)}\n{_lacks(row, measure)}{_verbs(row, measure, may_purge)}</div>\n"
        f'<div class="item-side">{marks.light(row.light)}</div>\n</li>\n'
    )


def _sub(words: str, css: str = "item-sub") -> str:
    return f'<span class="{css}">{words}</span>'


def _facts(measure: Measure, problem: Problem) -> Iterable[str]:
    """Of which kind, whose, until when, and what shows that it is done."""
    yield escaped(MeasureKind(measure.kind).label) if measure.kind else ""
    if measure.unit and measure.unit_id != problem.lead_unit_id:
        yield escaped(measure.unit)
    if measure.finished_on:
        yield f"{wording.short_date(measure.finished_on, clock.today())}完成"
    elif measure.deadline:
        yield f"{wording.short_date(measure.deadline, clock.today())}前"
    if measure.standard and not measure.result:
        yield f"完成标志：{escaped(measure.standard)}"


def _result(measure: Measure) -> str:
    rule = ""
    if measure.rule_name:
        rule = _sub(f"制度成果：{escaped(measure.rule_name)}（{escaped(measure.rule_number)}）")
    if not measure.result:
        return rule
    standard = _sub(f"完成标志：{escaped(measure.standard)}") if measure.standard else ""
    return (
        f'<details class="more"><summary>完成情况{"、制度成果" if rule else ""}</summary>\n{standard}\n'
        f"{_sub(f'完成情况：{linebreaksbr(measure.result)}')}\n{rule}</details>"
    )


def _lacks(row: MeasureRow, measure: Measure) -> str:
    """What may still be brought to a measure that is done."""
    wanted = [("measure_rule", "补录制度成果")] if row.lacks_rule else []
    wanted += [("measure_evidence", "补充佐证")] if row.lacks_proof else []
    return "".join(
        _sub(
            f'<a class="btn btn-small" href="{address(name, measure.pk)}"'
            f' aria-label="{words}：措施 {measure.number}">{words}</a>',
            "item-sub no-print",
        )
        for name, words in wanted
    )


def _verbs(row: MeasureRow, measure: Measure, may_purge: bool) -> str:
    verbs = [("measure_finish", "完成"), ("measure_edit", "修改"), ("measure_drop", "不再实施")]
    links = [(address(name, measure.pk), words) for name, words in verbs] if row.able else []
    if may_purge:
        links.append((reverse("purge_request", args=["measure", measure.pk]), "申请清除"))
    if not links:
        return ""
    number = measure.number
    drawn = (f'<a href="{where}" aria-label="{words}措施 {number}">{words}</a>' for where, words in links)
    return _sub(" · ".join(drawn), "item-sub no-print")


# -- why and whither --------------------------------------------------------------------------------------


@register.simple_tag(takes_context=True)
def tie(context: Context, row: LinkRow) -> SafeString:
    """A cause or direction with its basis, and the buttons to decide."""
    link: Any = row.link
    basis, doubt = escaped(Basis(link.basis).label), DOUBTS.get(link.status, "")
    form = _decide(row, escaped(context.get("csrf_token", ""))) if row.may_confirm or row.may_reject else ""
    if link.status == LinkStatus.CONFIRMED and row.may_reject:
        form = f'<details class="more no-print"><summary>更改</summary>\n{form}\n</details>'
    return mark_safe(f'{escaped(row.title)} <span class="muted small">{basis}{doubt}</span>\n{form}')


def _decide(row: LinkRow, token: str) -> str:
    where = reverse("link_decide", args=[row.kind, row.link.pk])
    buttons = (
        (f'<button class="btn btn-small" type="submit" name="confirm" value="{value}"'
         f' aria-label="{words}：{escaped(row.title)}">{words}</button>')
        for value, words, offered in (("1", "确认", row.may_confirm), ("0", "否定", row.may_reject))
        if offered
    )  # fmt: skip
    return (
        f'<form class="actions no-print" method="post" action="{where}">\n'
        f'<input type="hidden" name="csrfmiddlewaretoken" value="{token}">\n{"".join(buttons)}\n</form>'
    )
