"""The buttons of an item and the entries of the navigation, drawn in Python: each page has dozens."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django import template
from django.template import Context
from django.utils.safestring import SafeString, mark_safe

from rectify.addresses import address
from rectify.marks import escaped
from rectify.policies.offers import Offer
from rectify.selectors.item.buttons import Buttons

register = template.Library()


@register.simple_tag
def nav_items(entries: Iterable[Any]) -> SafeString:
    """The page one is on is marked."""
    lines = (
        f'<li><a href="{escaped(one.url)}"{_current(one)}>{escaped(one.label)}</a></li>'
        for one in entries or ()
    )
    return mark_safe("".join(lines))


def _current(entry: Any) -> str:
    return ' aria-current="page"' if entry.active else ""


@register.simple_tag(takes_context=True)
def acts(context: Context, buttons: Buttons, problem: int) -> SafeString:
    """What may be done; greyed what may not, with the reason."""
    token = escaped(context.get("csrf_token", ""))
    may = "".join(_button(offer, problem, offer.act == buttons.main, token) for offer in buttons.open)
    drawn = f'<div class="actions">{may}</div>\n' if may else ""
    drawn += f'<p class="reason mb-0">{escaped(buttons.locked)}</p>\n' if buttons.locked else ""
    reasons = enumerate(buttons.closed.items(), start=1)
    return mark_safe(drawn + "".join(_not_offered(n, why, offers) for n, (why, offers) in reasons))


def _button(offer: Offer, problem: int, is_main: bool, token: str) -> str:
    css, where = "btn btn-primary" if is_main else "btn", address(offer.url_name, problem)
    if offer.act != "urge":
        return f'<a class="{css}" href="{where}">{escaped(offer.label)}</a>'
    return (
        f'<form method="post" action="{where}">'
        f'<input type="hidden" name="csrfmiddlewaretoken" value="{token}">'
        f'<button class="{css}" type="submit">{escaped(offer.label)}</button></form>'
    )


def _not_offered(number: int, why: str, offers: Iterable[Offer]) -> str:
    """Grey buttons and what stands in their way."""
    key = f"why-{number}"
    grey = "".join(
        f'<button class="btn btn-small" type="button" disabled aria-describedby="{key}">'
        f"{escaped(offer.label)}</button>"
        for offer in offers
    )
    reason = f'<p class="reason" id="{key}">{escaped(why)}</p>'
    return f'<div class="not-offered"><div class="actions">{grey}</div>{reason}</div>\n'
