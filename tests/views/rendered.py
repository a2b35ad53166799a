"""What every answer must be, whatever page it is: safe headers, and nothing inline in the HTML."""

from __future__ import annotations

import re
from html.parser import HTMLParser

from django.http import HttpResponseBase

HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
}
DATA = "application/json"
CARRIES_URL = ("href", "src", "action", "formaction", "data", "srcset", "poster")
# Without any of these nothing is inline; parsing every page would take as long as making it.
SUSPECT = re.compile(
    r"<style|<script(?![^>]*\ssrc=)|[\s/\"'](?:style|on\w+)\s*="
    rf"|(?:{'|'.join(CARRIES_URL)})\s*=[\s\"']*(?:javascript:|https?:|//|&)",
    re.IGNORECASE,
)


class Inline(HTMLParser):
    """Collects whatever the content security policy would refuse."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []
        self.tags = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags += 1
        given = {name: value or "" for name, value in attrs}
        if tag == "style":
            self.found.append("<style>")
        if tag == "script" and "src" not in given and given.get("type") != DATA:
            self.found.append("<script> without src")
        for name, value in given.items():
            if name == "style" or name.startswith("on"):
                self.found.append(f"{name} on <{tag}>")
            if name in CARRIES_URL and _leads_out(value):
                self.found.append(f"{name}={value[:60]}")


def _leads_out(value: str) -> bool:
    start = value.strip().lower()
    return start.startswith(("javascript:", "http:", "https:", "//"))


def inline(html: str) -> list[str]:
    if not SUSPECT.search(html):
        return []
    parser = Inline()
    parser.feed(html)
    return parser.found


def check_page(response: HttpResponseBase, where: str) -> None:
    """Raises AssertionError when an answer lacks a header, or its HTML holds something inline."""
    for name, value in HEADERS.items():
        assert response.headers.get(name) == value, f"{where}: {name} is {response.headers.get(name)}"
    policy = response.headers.get("Content-Security-Policy", "")
    assert "default-src 'self'" in policy or "default-src 'none'" in policy, f"{where}: {policy}"
    assert "unsafe" not in policy and "*" not in policy, f"{where}: {policy}"
    assert response.headers.get("X-Request-Id"), where
    if response.headers.get("Content-Type", "").startswith("text/html") and not response.streaming:
        text = response.content.decode()  # type: ignore[attr-defined]
        assert not inline(text), f"{where}: {inline(text)}"
        if response.status_code not in (301, 302):
            assert '<html lang="zh-Hans"' in text or '<html lang="zh-hans"' in text, where
            assert "<h1" in text, where
