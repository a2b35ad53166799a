"""Draws the widgets of Django in Python, letter by letter as its templates do: a field took many of them."""

from __future__ import annotations

from typing import Any

from django.forms.renderers import DjangoTemplates
from django.utils.safestring import mark_safe

from rectify.marks import shown

PLACE = "django/forms/widgets/"
INPUTS = {
    f"{PLACE}{name}.html"
    for name in ("input", "hidden", "text", "number", "email", "password", "date", "checkbox", "file")
}
CHOICES = {f"{PLACE}{name}.html" for name in ("radio", "checkbox_select", "multiple_input")}
CHOICE = {f"{PLACE}{name}.html" for name in ("radio_option", "checkbox_option", "input_option")}
SELECT, OPTION, TEXTAREA = (f"{PLACE}{name}.html" for name in ("select", "select_option", "textarea"))


class DrawnWidgets(DjangoTemplates):
    """Any other widget, and whole forms, are left to Django."""

    def render(self, template_name: str, context: dict[str, Any], request: Any = None) -> str:
        drawn = self._drawn(template_name, context.get("widget"))
        return mark_safe(drawn) if drawn else super().render(template_name, context, request)

    def _drawn(self, template: str, widget: Any) -> str:
        if template in INPUTS:
            return _input(widget)
        if template == OPTION:
            return f"<option{_value(widget)}{_attrs(widget)}>{shown(widget['label'])}</option>"
        if template in CHOICE:
            return _choice(widget)
        if template == TEXTAREA:
            text = shown(widget["value"] or "")
            return f"<textarea{_name(widget)}{_attrs(widget)}>\n{text}</textarea>"
        if template == SELECT:
            return f"<select{_name(widget)}{_attrs(widget)}>{self._options(widget)}\n</select>"
        return self._choices(widget) if template in CHOICES else ""

    def _options(self, widget: Any) -> str:
        parts = []
        for group, options, _ in widget["optgroups"]:
            drawn = "".join(f"\n  {self._one(option)}\n" for option in options)
            if group:
                drawn = f'\n  <optgroup label="{shown(group)}">{drawn}\n  </optgroup>'
            parts.append(drawn)
        return "".join(parts)

    def _choices(self, widget: Any) -> str:
        parts, attrs = [], widget["attrs"]
        marked = "".join(f' {name}="{shown(attrs[name])}"' for name in ("id", "class") if attrs.get(name))
        for group, options, _ in widget["optgroups"]:
            drawn = "".join(f"<div>\n    {self._one(option)}\n\n</div>" for option in options)
            if group:
                drawn = f"\n  <div><label>{shown(group)}</label>{drawn}\n  </div>"
            parts.append(drawn)
        return f"<div{marked}>{''.join(parts)}\n</div>"

    def _one(self, option: Any) -> str:
        return self.render(option["template_name"], {"widget": option})


def _input(widget: Any) -> str:
    kind = shown(widget["type"])
    return f'<input type="{kind}"{_name(widget)}{_value(widget)}{_attrs(widget)}>'


def _choice(widget: Any) -> str:
    drawn = _input(widget)
    if not widget["wrap_label"]:
        return drawn
    key = widget["attrs"].get("id")
    target = f' for="{shown(key)}"' if key else ""
    return f"<label{target}>{drawn}\n {shown(widget['label'])}</label>"


def _name(widget: Any) -> str:
    return f' name="{shown(widget["name"])}"'


def _value(widget: Any) -> str:
    return "" if widget["value"] is None else f' value="{shown(widget["value"])}"'


def _attrs(widget: Any) -> str:
    return "".join(
        f" {shown(name)}" + ("" if value is True else f'="{shown(value)}"')
        for name, value in widget["attrs"].items()
        if value is not False
    )
