"""Running a command as a person would: what it printed, or with what it refused."""

from __future__ import annotations

import io
from collections.abc import Callable

import pytest
from django.core.management import call_command


@pytest.fixture
def run() -> Callable[..., str]:
    """run("verify_audit", head=…) gives the text that was printed."""

    def command(name: str, /, *args, **options) -> str:
        out = io.StringIO()
        call_command(name, *args, stdout=out, stderr=out, **options)
        return out.getvalue()

    return command
