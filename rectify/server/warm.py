"""A worker before its first request: what Django loads at one is loaded, and its memory is kept together."""

from __future__ import annotations

import ctypes
import gc
import io
import sys
from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.urls import reverse

ARENA_MAX = -8  # of glibc's mallopt


def share_one_heap() -> None:
    """Threads take turns in Python anyway: a heap for each of them is memory that nobody else can have."""
    if sys.platform == "linux" and hasattr(libc := ctypes.CDLL(None), "mallopt"):
        libc.mallopt(ARENA_MAX, 1)


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
    gc.collect()
    gc.freeze()  # what is loaded stays: it is not looked through again for what nobody needs
