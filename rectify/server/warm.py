"""A first request before anybody's: what Django loads at the first one is loaded when a worker is ready."""

from __future__ import annotations

import io
from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.urls import reverse


def warm(application: Callable[..., Any]) -> None:
    """Ask for the sign-in page once, as a browser on this machine would."""
    environ = {
        "REQUEST_METHOD": "GET",
        "PATH_INFO": reverse("login"),
        "SERVER_NAME": "localhost",
        "SERVER_PORT": str(settings.PORT),
        "SERVER_PROTOCOL": "HTTP/1.1",
        "HTTP_HOST": "localhost",
        "REMOTE_ADDR": "127.0.0.1",
        "wsgi.input": io.BytesIO(),
        "wsgi.errors": io.StringIO(),
        "wsgi.url_scheme": "https" if settings.IS_HTTPS else "http",
    }
    response = application(environ, lambda status, headers, error=None: None)
    response.close()
