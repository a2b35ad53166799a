"""What templates have drawn in Python: lights, bars, selects and addresses."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django import template
from django.forms import BoundField
from django.template import defaulttags
from django.template.base import Parser, Token
from django.utils.safestring import SafeString, mark_safe

from rectify import marks
from rectify.addresses import address
from rectify.marks import escaped
from rectify.wording import LightChip

register = template.Library()


@register.filter
def drawn(chip: LightChip, large: str = "") -> SafeString:
    """A light, or a large one."""
    return mark_safe(marks.light(chip, bool(large)))


@register.simple_tag
def bar(percent: int | None, label: str = "完成") -> SafeString:
    return mark_safe(marks.bar(percent, label))


@register.simple_tag
def stacked_bar(parts: Iterable[Any], words: str) -> SafeString:
    return mark_safe(marks.stacked_bar(parts, words))


@register.simple_tag
def paper_state(state: str, label: str) -> SafeString:
    return mark_safe(marks.paper_state(state, label))


@register.filter
def as_select(field: BoundField) -> SafeString:
    """What `{{ field }}` draws of a select without groups; one that holds a mistake is left to Django."""
    if field.errors:
        return field.as_widget()
    given = field.value()
    chosen = "" if given is None else str(given)
    options = "".join(
        f'<option value="{escaped(value)}"{_mark(value, chosen)}>{escaped(label)}</option>\n'
        for value, label in field.field.widget.choices
    )
    select = f'<select name="{field.html_name}" id="{field.auto_id}">\n{options}</select>'
    return mark_safe(select)


def _mark(value: object, chosen: str) -> str:
    return " selected" if str(value) == chosen else ""


class AddressNode(defaulttags.URLNode):
    """Django's own tag, which looks up a route that takes only ids once."""

    def render(self, context: template.Context) -> str:
        ids = [arg.resolve(context) for arg in self.args]
        if self.kwargs or not all(type(one) is int for one in ids):
            return str(super().render(context))
        where = address(self.view_name.resolve(context), *ids)
        if self.asvar:
            context[self.asvar] = where
            return ""
        return where


@register.tag
def url(parser: Parser, token: Token) -> AddressNode:
    """As Django's."""
    node = defaulttags.url(parser, token)
    return AddressNode(node.view_name, node.args, node.kwargs, node.asvar)
