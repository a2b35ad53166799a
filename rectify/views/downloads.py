"""A stored file as an attachment that no browser runs; where nginx may read the folder, nginx sends it."""

from __future__ import annotations

from pathlib import Path

from django.conf import settings
from django.http import FileResponse, HttpResponse, HttpResponseBase
from django.utils.http import content_disposition_header

POLICY = "default-src 'none'; sandbox"
# The internal location of deploy/nginx.conf.
BY_NGINX = "/stored-files/"


def download(path: Path, name: str, content_type: str) -> HttpResponseBase:
    """The file under the name its uploader gave it. Raises OSError when it is not there."""
    file = path.open("rb")
    if settings.NGINX_SENDS_FILES:
        file.close()
        response: HttpResponseBase = HttpResponse(content_type=content_type)
        response["Content-Disposition"] = content_disposition_header(True, name)
        response["X-Accel-Redirect"] = f"{BY_NGINX}{path.relative_to(settings.EVIDENCE_DIR)}"
    else:
        response = FileResponse(file, as_attachment=True, filename=name, content_type=content_type)
    response["X-Content-Type-Options"] = "nosniff"
    response["Content-Security-Policy"] = POLICY
    response["Cache-Control"] = "private, no-store"
    return response
