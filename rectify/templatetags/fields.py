"""One form field: label, widget, help and error. Drawn in Python: most pages have several."""

from __future__ import annotations

from django import template
from django.forms import BoundField
from django.utils.safestring import SafeString, mark_safe

from rectify.marks import escaped, shown

register = template.Library()
OPTIONAL = ' <span class="optional">可不填</span>'
HIDDEN = ' class="visually-hidden"'


@register.simple_tag
def labelled(
    field: BoundField, label: str = "", help: str = "", hide_label: bool | str = False
) -> SafeString:
    """Django puts aria-describedby and aria-invalid on the widget; the ids below are the ones it names."""
    widget = str(field)
    if field.is_hidden:
        return mark_safe(widget)
    css = "field field-error" if field.errors else "field"
    words, hidden = shown(label or field.label), HIDDEN if hide_label else ""
    drawn = _drawn(field, widget, words, hidden)
    return mark_safe(f'<div class="{css}">\n{drawn}\n{_help(field, help)}{_errors(field)}</div>')


def _drawn(field: BoundField, widget: str, words: str, hidden: str) -> str:
    """The widget with its label: beside a box, above the rest."""
    optional = "" if field.field.required else OPTIONAL
    if field.widget_type == "checkbox":
        return f'<label class="check" for="{field.id_for_label}">{widget}<span>{words}</span></label>'
    if not field.use_fieldset:
        return f'<label for="{field.id_for_label}"{hidden}>{words}{optional}</label>\n{widget}'
    about = field.aria_describedby
    described = f' aria-describedby="{about}"' if about else ""
    return f"<fieldset{described}>\n<legend{hidden}>{words}{optional}</legend>\n{widget}\n</fieldset>"


def _help(field: BoundField, help: str) -> str:
    text = shown(help) if help else field.help_text
    return f'<p class="help" id="{field.auto_id}_helptext">{text}</p>\n' if text else ""


def _errors(field: BoundField) -> str:
    if not field.errors:
        return ""
    lines = "".join(f"<li>{escaped(error)}</li>" for error in field.errors)
    return f'<ul class="errors" id="{field.auto_id}_error">{lines}</ul>\n'
