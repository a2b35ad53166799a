"""A source text as HTML: its lines, and its passages as marked stretches that links lead to."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
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


def marked(text: str, passages: Iterable[Passage], lines: Sequence[tuple[int, int]] = ()) -> SafeString:
    """The text with every passage in an element of its own; one that crosses another is cut at its end.

    `lines` gives places and numbers that links by line lead to; without it each line has its position.
    """
    ordered = sorted(passages, key=lambda passage: (passage.start, -passage.end))
    out: list[str] = []
    open_ends: list[int] = []
    at = 0
    numbers = iter(lines or each_line(text))
    next_line = next(numbers, None)

    def write(until: int) -> None:
        nonlocal at, next_line
        while next_line is not None and next_line[0] <= until:
            place, number = next_line
            out.append(_lines_as_html(text[at:place]))
            out.append(f'<span id="l{number}" class="line-start"></span>')
            at, next_line = max(at, place), next(numbers, None)
        out.append(_lines_as_html(text[at:until]))
        at = max(at, until)

    def close(before: int) -> None:
        while open_ends and open_ends[-1] <= before:
            write(open_ends.pop())
            out.append("</span>")

    for passage in ordered:
        close(passage.start)
        end = min(passage.end, open_ends[-1] if open_ends else len(text))
        if passage.start < at or end <= passage.start:
            continue
        write(passage.start)
        out.append(_opening(passage))
        open_ends.append(end)
    close(len(text))
    write(len(text))
    return mark_safe("".join(out))  # every piece of the text went through escape


def each_line(text: str) -> list[tuple[int, int]]:
    starts = [0, *(place + 1 for place, letter in enumerate(text) if letter == "\n")]
    return [(start, number) for number, start in enumerate(starts, start=1)]


def _lines_as_html(text: str) -> str:
    return escape(text).replace("\n", '<span class="line"></span>')


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


def _opening(passage: Passage) -> str:
    anchor = f' id="{escape(passage.anchor)}"' if passage.anchor else ""
    label = (
        f'<a class="passage-label" href="{escape(passage.href)}">{escape(passage.label)}</a>'
        if passage.label
        else ""
    )
    return f'<span class="{escape(passage.css)}"{anchor}>{label}'
