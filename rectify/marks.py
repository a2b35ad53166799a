"""The marks of pages as HTML: lights and bars. Drawn in Python: a list has a hundred, and a template for each
was most of what its page cost."""

from __future__ import annotations

import html
from collections.abc import Iterable
from typing import Any, Protocol

from rectify.wording import LightChip

TRACK = '<rect class="bar-track" width="100%" height="100%"/>'
PAPER_LIGHTS = {"overdue": "light light-overdue", "replied": "light light-normal"}
PAPER_SHAPES = {"overdue": "▲", "replied": "●"}


class Coloured(Protocol):
    """One colour of a bar, in percent."""

    value: str
    start: float
    width: float


def escaped(value: object) -> str:
    """As Django's `escape`, which asks of each text first whether it is still to be translated."""
    return html.escape(str(value))


def shown(value: Any) -> str:
    """As Django's `conditional_escape`: what is HTML already stays as it is."""
    return str(value.__html__()) if hasattr(value, "__html__") else html.escape(str(value))


def light(chip: LightChip, large: bool = False) -> str:
    """Shape, words and colour; what stands beside them under it."""
    css = f"light light-{chip.value}{' light-large' if large else ''}"
    beside = f'<span class="light-beside">{escaped(chip.beside)}</span>' if chip.beside else ""
    return (
        f'<span class="{css}" title="{escaped(chip.label)}"><span class="shape" aria-hidden="true">'
        f"{chip.shape}</span>{escaped(chip.words or chip.label)}</span>{beside}"
    )


def with_hits(parts: Iterable[tuple[str, bool]]) -> str:
    """A text in parts, the words that were searched marked."""
    return "".join(
        f'<mark class="hit">{escaped(text)}</mark>' if is_hit else escaped(text) for text, is_hit in parts
    )


def bar(percent: int | None, label: str = "完成") -> str:
    """A thin bar with its percent, 0 to 100; None for not reported."""
    if percent is None:
        return '<span class="bar-label">未填百分比</span>'
    said = f"{escaped(label)} {percent}%"
    return (
        f'<svg class="bar" width="100%" height="12" role="img" aria-label="{said}">{TRACK}'
        f'<rect class="bar-fill" width="{percent}%" height="100%"/></svg>'
        f'<span class="bar-label" aria-hidden="true">{percent}%</span>'
    )


def stacked_bar(parts: Iterable[Coloured], words: str) -> str:
    """One bar of several lights, said in words for those who cannot see it."""
    said = escaped(words)
    rects = "".join(
        f'<rect class="bar-{part.value}" x="{part.start}%" width="{part.width}%" height="100%"/>'
        for part in parts
    )
    return (
        f'<svg class="bar" width="100%" height="14" role="img" aria-label="{said}"><title>{said}</title>'
        f"{TRACK}{rects}</svg>"
    )


def paper_state(state: str, label: str) -> str:
    """Where a 督办单 stands: only what is overdue is red."""
    css = PAPER_LIGHTS.get(state, "tag tag-open")
    shape = PAPER_SHAPES.get(state, "")
    drawn = f'<span class="shape" aria-hidden="true">{shape}</span>' if shape else ""
    return f'<span class="{css}">{drawn}{escaped(label)}</span>'
