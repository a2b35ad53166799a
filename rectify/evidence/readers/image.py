"""A picture opened by Pillow: decoded whole where it is of a bearable size."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from rectify.evidence.kinds import DAMAGED, Refused

try:
    from PIL import Image
except ImportError:  # no wheel for this machine: the structure alone has to do
    Image = None  # type: ignore[assignment]

PIXELS_MAX = 250_000_000
WHOLE_MAX = 40_000_000  # of a PNG, which has no small form: beyond, its checksums have to do
FORMATS = {".png": "PNG", ".jpg": "JPEG", ".jpeg": "JPEG"}
SMALL = 8  # a JPEG decodes at an eighth of its size


def opened(path: Path, suffix: str) -> None:
    """Raises Refused unless the picture can be decoded."""
    if Image is None:
        return
    Image.MAX_IMAGE_PIXELS = None  # the bound is ours, with words
    try:
        with Image.open(path, formats=[FORMATS[suffix]]) as picture:
            width, height = picture.size
            if width * height > PIXELS_MAX:
                raise Refused(f"图片有 {width} × {height} 个像素，超过限度，请缩小后再选")
            if suffix != ".png":
                picture.draft(None, (width // SMALL, height // SMALL))
            if suffix != ".png" or width * height <= WHOLE_MAX:
                picture.load()
    except Refused:
        raise
    except Exception:  # what a decoder raises for a broken file is not documented
        raise Refused(DAMAGED) from None


def texts(picture: None, suffix: str) -> Iterator[tuple[str, str]]:
    """A picture has none that anything here could read."""
    return iter(())
