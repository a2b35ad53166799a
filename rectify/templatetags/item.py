"""What the page of an item repeats, drawn in Python: moments, changed fields and files."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence

from django import template
from django.template.defaultfilters import linebreaksbr, truncatechars
from django.urls import reverse
from django.utils.safestring import SafeString, mark_safe

from rectify import clock, wording
from rectify.addresses import address
from rectify.marks import escaped
from rectify.models import Evidence
from rectify.selectors.item.history import Change, HistoryLine

register = template.Library()
LONG, BEGINNING = 140, 90


@register.filter
def timed(at: dt.datetime) -> SafeString:
    """A moment as people say it, with the exact one."""
    return exactly(at, wording.moment(at, clock.today()))


def exactly(at: dt.datetime, words: str, css: str = "") -> SafeString:
    """Words for a moment, with the exact one."""
    when, exact = clock.local(at).isoformat(), escaped(wording.full_moment(at))
    drawn = f' class="{css}"' if css else ""
    return mark_safe(f'<time{drawn} datetime="{when}" title="{exact}">{escaped(words)}</time>')


@register.filter
def folded(text: str) -> SafeString:
    """A text; a long one folds behind its beginning."""
    whole = linebreaksbr(text)
    if len(text) <= LONG:
        return mark_safe(whole)
    start = f'{escaped(truncatechars(text, BEGINNING))} <span class="link">全文</span>'
    return mark_safe(f'<details class="more whole"><summary>{start}</summary>{whole}</details>')


@register.filter
def history_lines(lines: Iterable[HistoryLine]) -> SafeString:
    """Who did what, and the old and new values."""
    return mark_safe("".join(_line(line) for line in lines))


def _line(line: HistoryLine) -> str:
    reason = f"。理由：{escaped(line.entry.reason)}" if line.entry.reason else ""
    who = escaped(line.entry.actor_label)
    return (
        f'<li class="is-quiet">\n<div class="timeline-meta">{timed(line.entry.at)} · {who}</div>\n'
        f'<div class="timeline-text">{escaped(line.what)}{reason}</div>\n'
        f"{changed(line.changes)}</li>\n"
    )


@register.filter
def changed(changes: Sequence[Change]) -> SafeString:
    """Old and new values."""
    if not changes:
        return mark_safe("")
    return mark_safe(f'<ul class="changes">\n{"".join(map(_change, changes))}\n</ul>')


def _change(change: Change) -> str:
    label, old, new = escaped(change.label), escaped(change.old), escaped(change.new)
    if not change.is_long:
        return f"<li>{label}：<del>{old}</del> → <ins>{new}</ins></li>"
    return (
        f'<li><details class="more"><summary>{label}：查看原来的和现在的</summary>'
        f"<p><del>{old}</del></p><p><ins>{new}</ins></p></details></li>"
    )


@register.simple_tag
def files(rows: Sequence[Evidence], may_purge: bool | str = False) -> SafeString:
    """Each file to look at and to download, pictures in the page."""
    if not rows:
        return mark_safe("")
    return mark_safe(f'<ul class="files">\n{"".join(_file(row, bool(may_purge)) for row in rows)}\n</ul>')


def _file(file: Evidence, may_purge: bool) -> str:
    name = escaped(file.name)
    if file.is_purged:
        return f'<li><span class="file file-gone">{name}</span></li>'
    version = getattr(file, "version", 1)
    edition = f" <strong>第 {version} 版</strong>" if version > 1 else ""
    size = escaped(wording.file_size(file.size))
    purge = _purge(file, name) if may_purge else ""
    return (
        f'<li><a class="file" href="{address("evidence", file.pk)}" data-download>{name}{edition}'
        f'<span class="file-size">{size}</span></a> {_look(file, name)}{purge}</li>'
    )


def _look(file: Evidence, name: str) -> str:
    whole = address("evidence_preview", file.pk)
    if not file.is_pictured:
        return f'<a class="small no-print" href="{whole}" aria-label="预览 {name}">预览</a>'
    return (
        f'<details class="look no-print"><summary aria-label="预览 {name}">预览</summary><a href="{whole}">'
        f'<img src="{address("evidence_page", file.pk, 1)}" alt="{name} 第 1 页，点开看全部" loading="lazy"'
        f' width="600"></a></details>'
    )


def _purge(file: Evidence, name: str) -> str:
    where = reverse("purge_request", args=["evidence", file.pk])
    return f' <a class="small no-print" href="{where}" aria-label="申请清除 {name}">清除</a>'
