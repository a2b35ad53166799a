"""Style sheets and scripts use nothing that Chromium 86 does not understand; offices run engines that old."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.conf import settings

STATIC = Path(settings.BASE_DIR) / "static"
DATA = Path(__file__).parent / "vendor" / "browser-compat-data-8.1.9" / "chromium-86.json"
KNOWN = json.loads(DATA.read_text("utf-8"))
SHEETS = sorted((STATIC / "css").glob("*.css"))
SCRIPTS = sorted((STATIC / "js").glob("*.js"))
UNITS = set(re.findall(r"\w+", "px em rem ch ex vh vw vmin vmax mm cm in pt pc s ms deg turn fr dpi dppx"))
# A query an old engine does not know never holds, so that it loses the extra and nothing else.
EXTRAS = {"prefers-contrast", "forced-colors"}
# Page numbers on paper: an older engine prints the same page without its number.
MARGIN_BOXES = {"bottom-right"}
OF_A_PAGE = {"size"}  # what only @page declares, no property of an element
OF_AN_EXTRA = {"forced-color-adjust"}  # says nothing where the query that it stands in never holds
OLD_AND_UNLISTED = {"-webkit-details-marker", "-webkit-file-upload-button"}
OUR_OWN = {"ink"}  # keys of our own objects that the engine uses as a name too
# Syntax of scripts after Chromium 86, which no list of names tells.
NEWER_SYNTAX = {
    "static block": r"\bstatic\s*\{",
    "private brand check": r"#\w+\s+in\s",
    "flag d or v of a regular expression": r"/[gimsuy]*[dv][gimsuydv]*\.(?:test|exec)\b",
    "error cause": r"new \w*Error\([^)]*\{\s*cause",
    "import attributes": r"\bimport\b[^;]*\bwith\s*\{",
}


def without_comments(text: str) -> str:
    return re.sub(r"/\*.*?\*/", " ", text, flags=re.S)


def without_strings(text: str) -> str:
    return re.sub(r"\"(?:\\.|[^\"\\])*\"|'(?:\\.|[^'\\])*'", '""', text)


def rules(text: str) -> Iterator[tuple[str, str]]:
    """(prelude, declarations) of each block, the inner ones of at-rules too; a nested rule is refused."""
    stack: list[list[str]] = [["", ""]]
    piece = ""
    for char in text:
        if char == "{":
            before, _, prelude = piece.rpartition(";")
            stack[-1][1] += before + ";"
            stack.append([prelude.strip(), ""])
            piece = ""
        elif char == "}":
            prelude, declared = stack.pop()
            yield prelude, declared + piece
            piece = ""
        else:
            piece += char
    assert len(stack) == 1, "a brace is missing"


def newer_css(text: str) -> list[str]:
    """What of a sheet an engine of that age does not understand."""
    found = []
    text = without_strings(without_comments(text))
    for prelude, declared in rules(text):
        if prelude.startswith("@"):
            name = prelude[1:].split()[0].split("(")[0].replace("-webkit-", "")
            found += [] if name in KNOWN["css_at_rules"] or name in MARGIN_BOXES else [f"@{name}"]
            if name == "media":
                asked = {
                    word.removeprefix("min-").removeprefix("max-")
                    for word in re.findall(r"\(\s*([\w-]+)", prelude)
                }
                found += [f"media {word}" for word in sorted(asked - set(KNOWN["css_media"]) - EXTRAS)]
                found += ["media range"] if re.search(r"[<>]", prelude) else []
        else:
            known = OLD_AND_UNLISTED.union(KNOWN["css_pseudos"])
            pseudos = re.findall(r"::?(-?[a-z][\w-]*)", prelude)
            found += [f":{word} in {prelude}" for word in pseudos if word not in known]
            found += [f"nested {prelude}"] if "&" in prelude else []
        for declaration in declared.split(";"):
            name, colon, value = (part.strip() for part in declaration.partition(":"))
            if not colon or name in OF_AN_EXTRA or (prelude.startswith("@page") and name in OF_A_PAGE):
                continue
            found += newer_declaration(name.lower(), value)
    return found


def newer_declaration(name: str, value: str) -> Iterator[str]:
    if not name.startswith("--") and name not in KNOWN["css_properties"]:
        yield name
    for word in re.findall(r"(?<![\w-])([a-z-]+)(?:\s|$|,|!|/)", value):
        if word in KNOWN["css_newer_values"].get(name, ()):
            yield f"{name}: {word}"
    for function in re.findall(r"([a-z-]+)\(", value):
        if function in KNOWN["css_newer_functions"]:
            yield f"{function}()"
    for unit in re.findall(r"(?<![\w#-])[\d.]+([a-zA-Z]+)\b", value):
        if unit not in UNITS:
            yield f"unit {unit}"


def newer_js(text: str) -> list[str]:
    text = without_strings(re.sub(r"(?m)(?<![:\"'])//.*$", " ", without_comments(text)))
    names = set(re.findall(r"\.\s*([A-Za-z]\w+)|\bnew ([A-Z]\w+)", text))
    newer = {word for pair in names for word in pair} & set(KNOWN["js_newer_names"]) - OUR_OWN
    newer |= set(re.findall(r"(?<![.\w])([a-z]\w+)\(", text)) & set(KNOWN["js_newer_globals"])
    return sorted(newer) + [name for name, shape in NEWER_SYNTAX.items() if re.search(shape, text)]


@pytest.mark.parametrize("sheet", SHEETS, ids=lambda path: path.name)
def test_style_sheets_use_what_chromium_86_knows(sheet: Path) -> None:
    assert newer_css(sheet.read_text("utf-8")) == []


@pytest.mark.parametrize("script", SCRIPTS, ids=lambda path: path.name)
def test_scripts_use_what_chromium_86_knows(script: Path) -> None:
    assert newer_js(script.read_text("utf-8")) == []


@pytest.mark.parametrize(
    ("text", "word"),
    [
        (".a:has(> .b) { color: red; }", ":has in .a:has(> .b)"),
        (".a { inset: 0; }", "inset"),
        (".a { aspect-ratio: 1; }", "aspect-ratio"),
        (".a { color: color-mix(in srgb, red, blue); }", "color-mix()"),
        (".a { height: 100dvh; }", "unit dvh"),
        (".a { overflow: clip; }", "overflow: clip"),
        ("@layer base { .a { color: red; } }", "@layer"),
        ("@media (width >= 600px) { .a { color: red; } }", "media range"),
        (".a { color: red; & .b { color: blue; } }", "nested & .b"),
    ],
)
def test_newer_styles_are_found(text: str, word: str) -> None:
    assert word in newer_css(text)


@pytest.mark.parametrize(
    ("text", "word"),
    [
        ("list.at(-1);", "at"),
        ("Object.hasOwn(a, b);", "hasOwn"),
        ("const b = structuredClone(a);", "structuredClone"),
        ("class A { static { go(); } }", "static block"),
    ],
)
def test_newer_scripts_are_found(text: str, word: str) -> None:
    assert word in newer_js(text)


def test_what_was_known_then_passes() -> None:
    assert newer_css(".a:not(.b)::before { display: grid; gap: 4px; width: calc(100% - 1rem); }") == []
    assert (
        newer_js("a?.b ?? c.closest('x'); list.forEach((one) => one.flatMap(go)); d.replaceAll('a', 'b');")
        == []
    )
