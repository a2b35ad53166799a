"""What a person of one county is answered about a thing of another, and all the words of an answer."""

from __future__ import annotations

import io
import json
import zipfile
from typing import Any
from urllib.parse import unquote

from django.http import HttpResponseBase

from rectify.choices import Role
from tests.scope.planted import COUNTIES, Person, tokens
from tests.views.access_rows import NO_BUSINESS, PERSONAL, URLS, Row

# Who has brought what was uploaded: it is the bringer's own.
BRINGS = Role.OFFICE


def meets(person: Person, row: Row, county: str) -> str:
    """In which role a person meets the row's thing in a county: visible → as the role's row says; not
    visible → as whoever is outside."""
    about = row.thing or row.ask
    if not about:
        return person.role
    if county not in person.counties:
        return "outside"
    if about in PERSONAL and person.role != BRINGS:
        return "outside"
    if about == "duty" and person.role == Role.INSPECTOR:
        return "outside"
    return person.role


def expected(person: Person, row: Row, county: str, method: str) -> int:
    """The code that this person is answered with there."""
    asked = row.get if method == "get" else row.post
    assert asked is not None
    code = asked[meets(person, row, county)]
    if code == 405:
        return code
    if person.role in row.never:
        return 403
    if method == "get" and person.role in NO_BUSINESS and asked[person.role] == 403:
        return 403  # of every ledger, of one that there is not too
    if method == "get":
        return code
    if county in person.counties:
        return row.but.get(person.role, code)
    # A thing of another county in the form of a page about nothing in particular is a wrong choice.
    return row.but.get("other_office", code) if code < 400 else code


def every_visit() -> list[tuple[str, Row, str]]:
    return [(name, row, county) for name, row in URLS.items() for county in COUNTIES]


def words_of(response: HttpResponseBase) -> str:
    """Everything an answer says: its headers, its page, the parts of the files it holds, however deep."""
    headers = "\n".join(unquote(value) for value in response.headers.values())
    body = b"".join(response.streaming_content) if response.streaming else response.content  # type: ignore[attr-defined]
    return f"{headers}\n{_text(body)}"


def _text(body: bytes) -> str:
    if body.startswith(b"PK"):
        with zipfile.ZipFile(io.BytesIO(body)) as package:
            return "\n".join(f"{name}\n{_text(package.read(name))}" for name in package.namelist())
    text = body.decode("utf-8", "replace")
    if text.startswith(("{", "[")):
        return json.dumps(json.loads(text), ensure_ascii=False)
    return text


def leaks(person: Person, words: str, said: Any = ()) -> list[str]:
    """The words of counties out of the person's sight, but for those that the person has typed."""
    others = [county for county in COUNTIES if county not in person.counties]
    return [token for county in others for token in tokens(county) if token in words and token not in said]
