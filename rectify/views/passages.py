"""A source text as HTML: its lines, and its passages as marked stretches that links lead to."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe


@dataclass(frozen=True)
class Passage:
    """A stretch of the text: the id links lead to, its class, and the label that leads back."""

    start: int
    end: int
    anchor: str = ""
    css: str = "passage"
    label: str = ""
    href: str = ""


def marked(text: str, passages: Iterable[Passage]) -> SafeString:
    """The text with every passage in an element of its own; one that crosses another is cut at its end."""
    rows = sorted(passages, key=lambda one: (one.start, -one.end))
    out = ['<span class="line" id="l1"></span>']
    open_ends: list[int] = []
    at, line = 0, 1

    def write(until: int) -> None:
        nonlocal at, line
        for number, part in enumerate(text[at:until].split("\n")):
            if number:
                line += 1
                out.append(f'<span class="line" id="l{line}"></span>')
            out.append(escape(part))
        at = max(at, until)

    def close(before: int) -> None:
        while open_ends and open_ends[-1] <= before:
            write(open_ends.pop())
            out.append("</span>")

    for one in rows:
        close(one.start)
        end = min(one.end, open_ends[-1] if open_ends else len(text))
        if one.start < at or end <= one.start:
            continue
        write(one.start)
        out.append(_opening(one))
        open_ends.append(end)
    close(len(text))
    write(len(text))
    return mark_safe("".join(out))  # every piece of the text went through escape


def highlighted(text: str, words: Iterable[str]) -> SafeString:
    """A short text with the given words marked."""
    spans: list[tuple[int, int]] = []
    for word in sorted(set(words), key=len, reverse=True):
        start = text.find(word) if word else -1
        while start >= 0:
            end = start + len(word)
            if all(end <= one or two <= start for one, two in spans):
                spans.append((start, end))
            start = text.find(word, end)
    out, at = [], 0
    for start, end in sorted(spans):
        out += [escape(text[at:start]), '<mark class="shared">', escape(text[start:end]), "</mark>"]
        at = end
    return mark_safe("".join([*out, escape(text[at:])]))  # escaped piece by piece


def _opening(one: Passage) -> str:
    anchor = f' id="{escape(one.anchor)}"' if one.anchor else ""
    label = f'<a class="passage-label" href="{escape(one.href)}">{escape(one.label)}</a>' if one.label else ""
    return f'<span class="{escape(one.css)}"{anchor}>{label}'
