"""What was done about an item, drawn in Python: its templates were a quarter of the page's cost."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django import template
from django.template import Context
from django.template.defaultfilters import linebreaksbr
from django.urls import reverse
from django.utils.safestring import SafeString, mark_safe

from rectify import clock, marks, wording
from rectify.addresses import address
from rectify.marks import escaped
from rectify.selectors.item.history import HistoryLine
from rectify.selectors.item.procedures import ApplicationRow, StepRow
from rectify.selectors.item.timeline import Moment
from rectify.templatetags.item import changed, exactly, files, timed

register = template.Library()
FOLDED = 3  # of so many changes only the number is shown at first


@dataclass(frozen=True, slots=True)
class Reader:
    """What the reader may do about each moment; the token of their forms."""

    may_correct: bool
    may_purge: bool
    token: str


@register.simple_tag(takes_context=True)
def moments(context: Context, rows: Iterable[Moment]) -> SafeString:
    """Each as a line of its kind."""
    may_correct, may_purge = (bool(context.get(name)) for name in ("may_correct", "may_purge"))
    reader = Reader(may_correct, may_purge, escaped(context.get("csrf_token", "")))
    return mark_safe("".join(_moment(row, reader) for row in rows))


def _moment(row: Moment, reader: Reader) -> str:
    if row.note:
        return _note(row, row.note, reader)
    if row.application:
        return _application(row, row.application, reader)
    if row.look:
        return _look(row, row.look, reader)
    if row.instruction:
        return _instruction(row, row.instruction.instruction, row.instruction.handle, reader)
    if row.paper:
        return _paper(row, *row.paper)
    return _decision(row, row.decision) if row.decision else ""


def _line(css: str, key: str, *parts: str) -> str:
    """One line of the timeline; what is empty takes no room."""
    marked = (f' class="{css}"' if css else "") + (f' id="{key}"' if key else "")
    return f"<li{marked}>\n" + "\n".join(filter(None, parts)) + "\n</li>\n"


def _meta(*parts: str, last: str = "") -> str:
    return f'<div class="timeline-meta">{" · ".join(filter(None, parts))}{last}</div>'


def _text(words: str) -> str:
    return f'<div class="timeline-text">{words}</div>'


def _round(row: Moment) -> str:
    return f"第{wording.numeral(row.round)}轮" if row.round else ""


def _purge(reader: Reader, kind: str, pk: int, words: str, label: str = "") -> str:
    """The way to have a text removed, for whoever asked for it."""
    if not reader.may_purge:
        return ""
    named = f' aria-label="{escaped(label)}"' if label else ""
    return f'<a href="{reverse("purge_request", args=[kind, pk])}"{named}>{words}</a>'


def _small(link: str, css: str = "small mb-0 no-print") -> str:
    return f'<p class="{css}">{link}</p>' if link else ""


def _aside(link: str) -> str:
    return f'<div class="timeline-meta no-print">{link}</div>' if link else ""


# -- notes ------------------------------------------------------------------------------------------------


def _note(row: Moment, note: Any, reader: Reader) -> str:
    when = wording.moment(note.at, clock.today())
    meta = _meta(
        timed(note.at),
        escaped(note.author_label),
        f"完成 {note.percent}%" if note.percent is not None else "",
        f"措施 {note.measure.number}" if note.measure else "",
        "已更正" if row.older else "",
        last=_correct(note, when) if reader.may_correct else "",
    )
    return _line(
        "",
        f"note-{note.pk}",
        meta,
        _text(escaped(note.text)),
        files(note.files, reader.may_purge),
        *(_corrected(old, reader) for old in row.older),
        _aside(_purge(reader, "progressnote", note.pk, "申请清除", f"申请清除 {when} 的进展")),
    )


def _correct(note: Any, when: str) -> str:
    where, label = address("note_correct", note.pk), f"更正 {escaped(when)} 的进展"
    return f'<span class="no-print"> · <a href="{where}" aria-label="{label}">更正</a></span>'


def _corrected(old: Any, reader: Reader) -> str:
    """What a note said before."""
    when = escaped(wording.moment(old.at, clock.today()))
    return (
        f'<details class="more" id="note-{old.pk}"><summary>更正前（{when} · {escaped(old.author_label)}）'
        f'</summary>\n<div class="is-corrected">{_text(escaped(old.text))}</div>\n'
        f"{files(old.files, reader.may_purge)}\n"
        f"{_small(_purge(reader, 'progressnote', old.pk, '申请清除这段文字'), 'small mb-0')}\n</details>"
    )


# -- procedures -------------------------------------------------------------------------------------------


def _application(row: Moment, one: ApplicationRow, reader: Reader) -> str:
    kind, pk = ("extension" if one.is_extension else "closeout"), one.application.pk
    in_round = f' <span class="muted small">{_round(row)}</span>' if row.round else ""
    tag = f'<span class="tag{" tag-open" if one.application.is_open else ""}">{escaped(one.words)}</span>'
    texts = "".join(f"<dt>{escaped(label)}</dt><dd>{linebreaksbr(text)}</dd>" for label, text in one.texts)
    return _line(
        "is-decision",
        f"{kind}-{pk}",
        _text(f"<strong>{escaped(one.title)}</strong>{in_round} {tag}"),
        f'<ul class="steps">{"".join(_step(step, reader) for step in one.steps)}\n</ul>',
        f'<details class="more"><summary>{"理由和进展" if one.is_extension else "申请内容"}</summary>\n'
        f'<dl class="facts">{texts}</dl>',
        _small(_purge(reader, kind, pk, "申请清除这份申请的文字")),
        "</details>",
    )


def _step(one: StepRow, reader: Reader) -> str:
    step, comment = one.step, ""
    if step.comment:
        comment = f"。{'理由：' if one.returned else ''}{escaped(step.comment)}"
    when = exactly(step.at, wording.moment(step.at, clock.today()), "muted")
    shown = files(one.files, reader.may_purge)
    return f"\n<li>{when} {escaped(one.who)} {escaped(one.what)}{comment}{shown}</li>"


def _look(row: Moment, look: Any, reader: Reader) -> str:
    when = exactly(look.recorded_at, wording.date(look.done_on)) if look.recorded_at else ""
    planned = f"计划 {wording.short_date(look.planned_on, clock.today())}" if look.planned_on else ""
    return _line(
        "is-decision" if look.outcome == "relapsed" else "is-quiet",
        f"look-{look.pk}",
        _meta(when, escaped(look.by_label), _round(row), planned),
        _text(f"回头看：{escaped(look.get_outcome_display())}。{escaped(look.finding)}"),
        files(look.files, reader.may_purge),
        _small(_purge(reader, "followup", look.pk, "申请清除这段文字")),
    )


# -- chasing and decisions --------------------------------------------------------------------------------


def _instruction(row: Moment, one: Any, handle: Any, reader: Reader) -> str:
    on_behalf = f"（{escaped(one.by_label)}代录）" if one.is_on_behalf else ""
    waits = ' <strong class="is-due_soon">等待办理</strong>' if row.waits else ""
    return _line(
        "is-decision",
        f"instruction-{one.pk}",
        _meta(timed(one.at), f"{escaped(one.leader)}批示{on_behalf}"),
        _text(escaped(one.text) + waits),
        _handling(row, one, handle, reader),
        _aside(_purge(reader, "instruction", one.pk, "申请清除")),
    )


def _handling(row: Moment, one: Any, handle: Any, reader: Reader) -> str:
    """How it was handled, the way to handle it, or why the reader may not."""
    if not row.waits:
        done = one.handling
        how = f'<a href="#note-{done.note_id}">用进展回应</a>' if done.note_id else "签收"
        return _meta(f"{escaped(done.by_label)} {escaped(wording.moment(done.at, clock.today()))} {how}")
    if not handle:
        return f'<div class="timeline-meta">{escaped(handle.why)}</div>'
    where, label = address("instruction_acknowledge", one.pk), f"签收{escaped(one.leader)}的批示"
    return (
        f'<form class="actions no-print" method="post" action="{where}">'
        f'<input type="hidden" name="csrfmiddlewaretoken" value="{reader.token}">'
        f'<button class="btn btn-small" type="submit" aria-label="{label}">签收</button>'
        '<span class="muted small">也可以填报进展一并回应</span></form>'
    )


def _paper(row: Moment, paper: Any, label: str) -> str:
    due = wording.short_date(paper.reply_by, clock.today())
    link = f'<a class="link" href="{escaped(paper.get_absolute_url())}">{escaped(paper)}</a>'
    state = marks.paper_state(paper.state, label)
    return _line("is-decision", "", _meta(timed(row.at), "签发督办单"), _text(f"{link}，{due}前回复 {state}"))


def _decision(row: Moment, line: HistoryLine) -> str:
    reason = f"。理由：{escaped(line.entry.reason)}" if line.entry.reason else ""
    shown = changed(line.changes)
    if len(line.changes) >= FOLDED:
        count = f"<summary>改了 {len(line.changes)} 处</summary>"
        shown = mark_safe(f'<details class="more">{count}{shown}</details>')
    return _line(
        "is-decision",
        "",
        _meta(timed(row.at), escaped(line.entry.actor_label)),
        _text(escaped(line.what) + reason),
        shown,
    )
