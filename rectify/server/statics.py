"""Static files under names that carry the hash of their content, compressed beside themselves."""

from __future__ import annotations

from whitenoise.storage import CompressedManifestStaticFilesStorage


class CollectedStatics(CompressedManifestStaticFilesStorage):
    """Hashed names once `collectstatic` has run (`serve` does that first), plain names before."""

    manifest_strict = False

    def stored_name(self, name: str) -> str:
        return str(super().stored_name(name)) if self.hashed_files else name
