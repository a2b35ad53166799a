"""The WSGI application the server runs: Django's own, with a request that a bad header cannot break."""

from __future__ import annotations

import os
from typing import Any

import django
from django.core.handlers.wsgi import WSGIHandler, WSGIRequest

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "rectify.settings")


class TolerantRequest(WSGIRequest):
    """Django's request raises before any middleware runs when the content type cannot be read."""

    def _set_content_type_params(self, meta: dict[str, Any]) -> None:
        try:
            super()._set_content_type_params(meta)  # type: ignore[misc]
        except ValueError:
            # No encoding that we know: the middleware answers that with a page of its own.
            self.content_type, self.content_params = "", {"charset": "unreadable"}


class Application(WSGIHandler):
    request_class = TolerantRequest


def get_application() -> Application:
    django.setup(set_prefix=False)
    return Application()


application = get_application()
