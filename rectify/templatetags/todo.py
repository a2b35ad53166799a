"""The lines of what waits, drawn in Python: home has dozens."""

from __future__ import annotations

from django import template
from django.template import Context
from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe

from rectify import marks
from rectify.selectors.inbox.lines import Group, Line
from rectify.templatetags.rectify_words import shortened

register = template.Library()
NOTE_SHOWN = 60


@register.simple_tag(takes_context=True)
def todo_lines(context: Context, group: Group) -> SafeString:
    """Each with its light or tag, what it is, and its button; a form where the button itself does it."""
    token = escape(context.get("csrf_token", ""))
    return mark_safe("".join(_line(line, token) for line in group.lines))


def _line(line: Line, token: str) -> str:
    light = marks.light(line.light) if line.light else f'<span class="tag tag-open">{escape(line.tag)}</span>'
    mark = f'<span class="todo-no">{escape(line.mark)}</span>' if line.mark else ""
    return (
        f'<li><div class="todo-light">{light}{mark}</div>\n'
        f'<div class="todo-title"><a href="{escape(line.url)}">{escape(line.title)}</a></div>\n'
        f'<div class="todo-note">{escape(shortened(line.note, NOTE_SHOWN))}</div>\n'
        f'<div class="todo-action">{_button(line, token)}</div></li>\n'
    )


def _button(line: Line, token: str) -> str:
    words = escape(line.action)
    label = f'aria-label="{words}：{escape(line.title)}"'
    if not line.posts:
        css = "btn btn-primary" if line.main else "btn"
        return f'<a class="{css}" href="{escape(line.action_url or line.url)}" {label}>{words}</a>'
    return (
        f'<form method="post" action="{escape(line.action_url)}">'
        f'<input type="hidden" name="csrfmiddlewaretoken" value="{token}">'
        '<input type="hidden" name="back" value="home">'
        f'<button class="btn btn-primary" type="submit" {label}>{words}</button></form>'
    )
