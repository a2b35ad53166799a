"""Nothing that is kept is markup on a page: fonts, webhook templates, texts inside JSON."""

from __future__ import annotations

import json
from typing import Any
from unittest import mock

import pytest
from django.apps import apps
from django.db import models
from django.urls import reverse

from rectify.audit import append_only_triggers
from rectify.models import DeliverySettings, LedgerSettings
from tests.views.access_rows import URLS
from tests.views.access_things import World, make_world
from tests.views.visits import address, asked, signed_in

pytestmark = [
    pytest.mark.django_db(databases=["default", "snapshot"]),
    pytest.mark.usefixtures("one_connection", "still_session"),
    pytest.mark.once,
    pytest.mark.ci,
]
MARKUP = '"><img src=//x onerror=a(1)>'
ESCAPED = "&lt;img src=//x onerror=a(1)&gt;"


def world() -> World:
    with mock.patch("rectify.ledger.rows.SNAPSHOT", "default"):
        made = make_world()
    with append_only_triggers.lifted():
        LedgerSettings.objects.update(body_font=MARKUP, header_font=MARKUP)
        DeliverySettings.objects.update(template=json.dumps({"text": MARKUP + "{text}"}))
        for model in apps.get_app_config("rectify").get_models():
            for column in model._meta.concrete_fields:
                if isinstance(column, models.JSONField):
                    _plant(model, column.attname)
    return made


def _plant(model: Any, name: str) -> None:
    for row in model._base_manager.all():
        model._base_manager.filter(pk=row.pk).update(**{name: _marked(getattr(row, name))})


def _marked(value: Any) -> Any:
    """Texts are marked, what programs read (keys, kinds, dates) is not."""
    if isinstance(value, dict):
        return {key: _marked(inner) for key, inner in value.items()}
    if isinstance(value, list):
        return [_marked(inner) for inner in value]
    return value + MARKUP if isinstance(value, str) and not value.isascii() else value


WORLD = world


def test_no_page_shows_it_as_markup(made: World) -> None:
    office, own = signed_in(made["people"]["office"]), made["own"]
    settings = LedgerSettings.objects.get(report__problems=own["problem"]).pk
    pages = {name: address(name, row, own) for name, row in URLS.items()}
    pages["settings"] = reverse("admin:rectify_ledgersettings_change", args=[settings])
    escaped = set()
    for name, url in pages.items():
        response = asked(office, "get", url)
        if not response.streaming:
            text = response.content.decode("utf-8", "replace")
            assert "<img src=//x" not in text, url
            escaped |= {name} if ESCAPED in text else set()
    assert escaped >= {"delivery", "intake_draft", "intake_load", "intake_piece", "settings"}
