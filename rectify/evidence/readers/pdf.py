"""A PDF opened by pdfium: its pages, their text and their pictures."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from rectify.evidence.kinds import DAMAGED, Refused

try:
    import pypdfium2
    from pypdfium2 import raw
except ImportError:  # no wheel for this machine: the structure alone has to do
    pypdfium2 = None

PAGES_MAX = 300  # whose text is looked through


def opened(path: Path, suffix: str) -> Any:
    """The document, or None where this machine has no reader. Raises Refused when it does not open.

    A font that the file names and does not hold is read from the machine's, the whole of it, for each
    document anew: a Chinese one takes longer than all else.
    """
    if pypdfium2 is None:
        return None
    try:
        document = pypdfium2.PdfDocument(path)
        if len(document):
            document[0].close()
            return document
    except pypdfium2.PdfiumError as error:
        if getattr(error, "err_code", None) == raw.FPDF_ERR_PASSWORD:
            raise Refused("文件设有打开密码，办理的同志打不开，请取消密码后再选") from None
    raise Refused(DAMAGED)


def texts(document: Any, suffix: str) -> Iterator[tuple[str, str]]:
    """The text of each page of what was opened."""
    for number in range(min(len(document), PAGES_MAX) if document else 0):
        page = document[number]
        yield f"第 {number + 1} 页", page.get_textpage().get_text_bounded()
        page.close()
