"""Static files under names that carry the hash of their content, compressed beside themselves."""

from __future__ import annotations

import os

from django.conf import settings
from django.core.management import call_command
from whitenoise.storage import CompressedManifestStaticFilesStorage


class CollectedStatics(CompressedManifestStaticFilesStorage):
    """Hashed names once `collectstatic` has run (`serve` does that first), plain names before."""

    manifest_strict = False

    def load_manifest(self) -> tuple[dict[str, str], str]:
        """One that a power failure has cut short is as none: `collect` writes it anew."""
        try:
            return super().load_manifest()
        except ValueError:
            return {}, ""

    def stored_name(self, name: str) -> str:
        return str(super().stored_name(name)) if self.hashed_files else name


def collect() -> None:
    """All statics into their folder; from nothing where the last time did not come to its end.

    Files are left as they are where their names and times agree, so that one cut short by a power failure
    would stay so for ever: the mark says that all lay on the disk.
    """
    mark = settings.STATIC_ROOT / ".whole"
    is_whole = mark.exists()
    mark.unlink(missing_ok=True)
    call_command("collectstatic", interactive=False, verbosity=0, clear=not is_whole)
    os.sync()
    mark.touch()
