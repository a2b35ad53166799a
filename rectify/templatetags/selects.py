"""The selects of a filter, drawn in Python: a page has fifteen, with hundreds of options in all."""

from __future__ import annotations

from django import template
from django.forms import BoundField
from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe

register = template.Library()


@register.filter
def as_select(field: BoundField) -> SafeString:
    """What `{{ field }}` draws of a select without groups; one that holds a mistake is left to Django."""
    if field.errors:
        return field.as_widget()
    given = field.value()
    chosen = "" if given is None else str(given)
    options = "".join(
        f'<option value="{escape(value)}"{_mark(value, chosen)}>{escape(label)}</option>\n'
        for value, label in field.field.widget.choices
    )
    select = f'<select name="{field.html_name}" id="{field.auto_id}">\n{options}</select>'
    return mark_safe(select)


def _mark(value: object, chosen: str) -> str:
    return " selected" if str(value) == chosen else ""
