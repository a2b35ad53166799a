"""The lines of what waits, drawn in Python: home has dozens."""

from __future__ import annotations

from django import template
from django.template import Context
from django.utils.safestring import SafeString, mark_safe

from rectify import marks
from rectify.marks import escaped
from rectify.selectors.inbox.lines import Group, Line
from rectify.templatetags.rectify_words import shortened

register = template.Library()
NOTE_SHOWN = 60


@register.simple_tag(takes_context=True)
def todo_lines(context: Context, group: Group) -> SafeString:
    """Each with its light or tag, what it is, and its button; a form where the button itself does it."""
    token = escaped(context.get("csrf_token", ""))
    return mark_safe("".join(_line(line, token) for line in group.lines))


def _line(line: Line, token: str) -> str:
    light = (
        marks.light(line.light) if line.light else f'<span class="tag tag-open">{escaped(line.tag)}</span>'
    )
    mark = f'<span class="todo-no">{escaped(line.mark)}</span>' if line.mark else ""
    return (
        f'<li><div class="todo-light">{light}{mark}</div>\n'
        f'<div class="todo-title"><a href="{escaped(line.url)}">{escaped(line.title)}</a></div>\n'
        f'<div class="todo-note">{escaped(shortened(line.note, NOTE_SHOWN))}</div>\n'
        f'<div class="todo-action">{_button(line, token)}</div></li>\n'
    )


def _button(line: Line, token: str) -> str:
    words = escaped(line.action)
    label = f'aria-label="{words}：{escaped(line.title)}"'
    if not line.posts:
        css = "btn btn-primary" if line.main else "btn"
        return f'<a class="{css}" href="{escaped(line.action_url or line.url)}" {label}>{words}</a>'
    return (
        f'<form method="post" action="{escaped(line.action_url)}">'
        f'<input type="hidden" name="csrfmiddlewaretoken" value="{token}">'
        '<input type="hidden" name="back" value="home">'
        f'<button class="btn btn-primary" type="submit" {label}>{words}</button></form>'
    )
