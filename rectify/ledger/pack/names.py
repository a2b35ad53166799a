"""Names inside the evidence pack: what Windows, WPS and a hyperlink all take, cut safely, each once."""

from __future__ import annotations

import re
from pathlib import PurePosixPath

FOLDER_MAX, STEM_MAX = 30, 50  # characters: with the folder it is unpacked to, under Windows' 260
_REFUSED = re.compile(
    r'[\\/:*?"<>|#%\x00-\x1f\x7f-\x9f\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufeff\ud800-\udfff\ufffe\uffff]'
)
_DEVICES = re.compile(r"(con|prn|aux|nul|com\d|lpt\d)(\..*)?", re.IGNORECASE)


def safe(text: str, longest: int, otherwise: str) -> str:
    """One name without what file systems refuse; hyperlinks take it with spaces encoded."""
    name = re.sub(r"\s+", " ", _REFUSED.sub("", text)).strip(" .")[:longest].strip(" .")
    if not name or _DEVICES.fullmatch(name):
        return f"{otherwise}{name}"
    return name


def folder_name(number: int, title: str) -> str:
    """01 学用结合不紧."""
    return f"{number:02d} {safe(title, FOLDER_MAX, '问题')}"


class Names:
    """Gives each file of a folder a name of its own; case does not tell two names apart."""

    def __init__(self) -> None:
        self._used: set[str] = set()

    def take(self, name: str) -> str:
        path = PurePosixPath(_REFUSED.sub("", name))
        suffix = safe(path.suffix[:12], 12, "")
        suffix = f".{suffix}" if suffix else ""
        stem = safe(path.stem if suffix else name, STEM_MAX, "文件")
        chosen, number = f"{stem}{suffix}", 2
        while chosen.casefold() in self._used:
            chosen, number = f"{stem}（{number}）{suffix}", number + 1
        self._used.add(chosen.casefold())
        return chosen


def link_to(path: str) -> str:
    """The path as a relative link: nothing but spaces needs encoding in these names."""
    return path.replace(" ", "%20")
