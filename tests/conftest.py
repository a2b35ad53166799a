"""What every test shares: a data folder of its own, and triggers lifted while a database is flushed."""

from __future__ import annotations

import os
import tempfile

os.environ.setdefault("DATA_DIR", tempfile.mkdtemp(prefix="rectify-test-"))

import pytest
from django.core.management.commands import flush

_flush = flush.Command.handle


def _flush_without_triggers(self, **options):  # type: ignore[no-untyped-def]
    """Append-only tables refuse the flush after a transactional test; migrate puts the triggers back."""
    from rectify.models import guards

    database = options["database"]
    guards.lift(database)
    _flush(self, **options)
    guards.install(database)


flush.Command.handle = _flush_without_triggers


@pytest.fixture(autouse=True)
def data_folder(tmp_path, settings):  # type: ignore[no-untyped-def]
    """Evidence of one test never meets another's."""
    settings.EVIDENCE_DIR = tmp_path / "evidence"
    settings.UPLOAD_DIR = tmp_path / "uploads"
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    settings.SECURE_SSL_REDIRECT = False
    # Looked up when asked for: to list them all for each client costs more than the requests.
    settings.WHITENOISE_AUTOREFRESH = True
