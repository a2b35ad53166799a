"""Static files under names that carry the hash of their content, compressed beside themselves."""

from __future__ import annotations

import os
from typing import Any

from django.conf import settings
from django.contrib.staticfiles.finders import get_finders
from django.core.management import call_command
from whitenoise.storage import CompressedManifestStaticFilesStorage

from rectify.digests import digest_of


class CollectedStatics(CompressedManifestStaticFilesStorage):
    """Hashed names once `collectstatic` has run (`serve` does that first), plain names before."""

    manifest_strict = False

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        self._urls: dict[str, str] = {}
        self._collected = 0
        super().__init__(*args, **kwargs)

    def url(self, name: str, force: bool = False) -> str:
        """Worked out once for each file: a page names fifteen."""
        if self._collected != len(self.hashed_files):
            self._urls, self._collected = {}, len(self.hashed_files)
        if name not in self._urls:
            self._urls[name] = str(super().url(name, force))
        return self._urls[name]

    def load_manifest(self) -> tuple[dict[str, str], str]:
        """One that a power failure has cut short is as none: `collect` writes it anew."""
        try:
            return super().load_manifest()
        except ValueError:
            return {}, ""

    def stored_name(self, name: str) -> str:
        return str(super().stored_name(name)) if self.hashed_files else name


def collect() -> None:
    """All statics into their folder, unless they lie there already: a full disk must not stop a start.

    The mark says of which files they were made, and that all lay on the disk. Where it is missing they are
    made from nothing: one that a power failure cut short would pass for whole by its name and time.
    """
    mark, made_of = settings.STATIC_ROOT / ".whole", _sources()
    kept = mark.read_text(encoding="ascii") if mark.exists() else ""
    if kept == made_of:
        return
    mark.unlink(missing_ok=True)
    call_command("collectstatic", interactive=False, verbosity=0, clear=not kept)
    os.sync()
    mark.write_text(made_of, encoding="ascii")


def _sources() -> str:
    """The digest of the names, sizes and times of all that is collected."""
    found = []
    for finder in get_finders():
        for name, storage in finder.list([]):
            stat = os.stat(storage.path(name))
            found.append(f"{name} {stat.st_size} {stat.st_mtime_ns}")
    return digest_of("\n".join(sorted(found)))
