"""In the limited child: a page of a file as a picture, or what stands in it as text; never the file."""

from __future__ import annotations

import io
import json
import sys
from pathlib import Path
from typing import Any

from rectify.arrivals.limited_child import limit
from rectify.evidence.kinds import Refused
from rectify.evidence.opening import MEMORY, reader_of

SECONDS = 10
WIDTH, HEIGHT = 1200, 2400  # of a picture, at most
LINES_MAX, CHARACTERS_MAX = 2000, 200_000
QUALITY = 82
PHOTOS = (".png", ".jpg", ".jpeg")


def facts(path: Path, suffix: str) -> dict[str, Any]:
    """How many pages can be drawn; of a document its lines with their places, and whether there are more."""
    if suffix in (".pdf", *PHOTOS) and not reader_of(".png").Image:
        return {"pages": 0}
    if suffix == ".pdf":
        document = reader_of(suffix).opened(path, suffix)
        return {"pages": len(document) if document else 0}
    if suffix in PHOTOS:
        return {"pages": 1}
    lines: list[list[str]] = []
    left = CHARACTERS_MAX
    for place, text in reader_of(suffix).texts(path, suffix):
        if left <= 0 or len(lines) >= LINES_MAX:
            return {"lines": lines, "cut": True}
        lines.append([place, text[:left]])
        left -= len(text)
    return {"lines": lines, "cut": False}


def picture(path: Path, suffix: str, number: int) -> bytes:
    """One page, counted from 1, drawn anew as a JPEG."""
    drawn = _page(path, number) if suffix == ".pdf" else _photo(path, suffix)
    out = io.BytesIO()
    drawn.convert("RGB").save(out, "JPEG", quality=QUALITY)
    return out.getvalue()


def _page(path: Path, number: int) -> Any:
    page = reader_of(".pdf").opened(path, ".pdf")[number - 1]
    width, height = page.get_size()
    return page.render(scale=min(WIDTH / max(width, 1), HEIGHT / max(height, 1), 4)).to_pil()


def _photo(path: Path, suffix: str) -> Any:
    from PIL import Image, ImageOps

    reader = reader_of(suffix)
    reader.opened(path, suffix)
    with Image.open(path, formats=[reader.FORMATS[suffix]]) as found:
        if found.width * found.height > reader.WHOLE_MAX and suffix == ".png":
            raise Refused("图片太大，不能预览")
        found.draft("RGB", (WIDTH, HEIGHT))
        upright = ImageOps.exif_transpose(found).convert("RGBA")
    upright.thumbnail((WIDTH, HEIGHT))
    white = Image.new("RGBA", upright.size, "white")
    white.alpha_composite(upright)
    return white


def main() -> None:
    """`-c "...main()" FILE SUFFIX facts|PAGE`: a line of JSON, or the bytes of a JPEG."""
    limit(memory=MEMORY, seconds=SECONDS)
    path, suffix, what = Path(sys.argv[1]), sys.argv[2], sys.argv[3]
    try:
        if what == "facts":
            print(json.dumps(facts(path, suffix)))
        else:
            sys.stdout.buffer.write(picture(path, suffix, int(what)))
    except (Refused, IndexError):
        return
