"""Every form and every list parameter against bad input: the right status, Chinese words, nothing changed."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from django.conf import settings
from django.db import transaction
from django.test import Client
from django.urls import reverse

from rectify.models import Problem
from rectify.operations import measures, progress
from tests import builders
from tests.builders import Cast
from tests.views.access_rows import URLS
from tests.views.access_things import World, make_world
from tests.views.rendered import check_page
from tests.views.visits import Writing, address, asked, browser, database, signed_in
from tests.views.wrong_values import (
    BLANK,
    DATES,
    FORMS,
    HARD,
    IDS,
    KEYS,
    LISTS,
    LONG,
    NEEDS,
    NUMBERS,
    PARTS,
    QUERIES,
    TAKES_ALL,
    TAKES_NOTHING,
    VALUES,
    VERBS,
    Wrong,
)

pytestmark = [
    pytest.mark.django_db(databases=["default", "snapshot"]),
    pytest.mark.usefixtures("still_session"),
    pytest.mark.sqlite,
]

OWN_FORMS = (
    *("assign", "problem_edit", "problem_status", "withdraw", "problem_add", "link_decide", "measure_add"),
    *("measure_edit", "measure_finish", "measure_drop", "progress_add", "note_correct", "purge_request"),
)


@pytest.fixture
def made() -> Cast:
    return builders.cast()


def each_value(fields: dict[str, tuple[Any, ...]]) -> Iterator[tuple[str, Any]]:
    """(field, wrong value) to try."""
    return ((field, value) for field, values in fields.items() for value in values)


def client_of(made: Cast, role: str = "office") -> Client:
    client = browser()
    client.cookies.clear()
    client.force_login(made[role])
    client.get("/help/")
    return client


def forms(made: Cast) -> dict[str, tuple[str, dict[str, Any], dict[str, tuple[str, ...]]]]:
    """Each form: its address, a valid body, and for each field the values that must be refused."""
    one = made.problem
    fresh = Problem.objects.get(report=made.report, number=2)  # a date that is set is no longer in the form
    note = progress.add(one, by=made["clerk"], text="印发方案")
    measure = measures.add(one, by=made["clerk"], text="建立制度")
    assert made.report
    version = {"version": Problem.objects.get(pk=one.pk).version}
    seen = {"version": measure.version}
    versions = {"version": tuple(value for value in NUMBERS)}
    reason = {"reason": (*BLANK, LONG)}
    return {
        "assign": (
            reverse("assign", args=[fresh.pk]),
            {"version": fresh.version}
            | {"kind": "by_date", "lead_unit": made.bureau.pk, "deadline": "2099-06-30"},
            versions
            | {
                "deadline": DATES,
                "kind": ("", "x", "by_date\x00"),
                "responsible": (LONG,),
                "deadline_text": (LONG,),
            }
            | dict.fromkeys(("leader", "lead_unit", "clerk", "supporting_units", "supporting_leaders"), IDS)
            | {"reason": (LONG,)},
        ),
        "problem_edit": (
            reverse("problem_edit", args=[one.pk]),
            version | {"title": "换个题目", "reason": "措辞"},
            versions
            | reason
            | {"title": (*BLANK, LONG), "text": (LONG,), "goal": (LONG,), "remark": (LONG,)},
        ),
        "problem_status": (
            reverse("problem_status", args=[one.pk]),
            version | {"status": "mostly_done"},
            versions | {"status": ("", "closed", "standing", "in_progress", "x", "\x00"), "reason": (LONG,)},
        ),
        "withdraw": (reverse("withdraw", args=[one.pk]), version | {"reason": "重复"}, versions | reason),
        "problem_add": (
            reverse("problem_add", args=[made.report.pk]),
            {"title": "新的问题", "source": "public", "kind": "at_once"},
            {"title": (*BLANK, LONG), "text": (LONG,), "aspect": IDS, "source": ("", "x"), "kind": ("", "x")},
        ),
        "link_decide": (
            reverse("link_decide", args=["direction", one.direction_links.get().pk]),
            {"confirm": "1"},
            {"confirm": ("", "2", "yes", "\x00", "²", "true")},
        ),
        "measure_add": (
            reverse("measure_add", args=[one.pk]),
            {"text": "立一项", "kind": "now"},
            {"text": (*BLANK, LONG), "kind": ("", "x"), "standard": (LONG,), "unit": IDS, "deadline": DATES},
        ),
        "measure_edit": (
            reverse("measure_edit", args=[measure.pk]),
            seen | {"text": "换个写法", "kind": "now"},
            versions
            | {"text": (*BLANK, LONG), "kind": ("", "x"), "unit": IDS, "deadline": DATES, "reason": (LONG,)},
        ),
        "measure_finish": (
            reverse("measure_finish", args=[measure.pk]),
            seen | {"result": "已建成"},
            versions | {"result": (*BLANK, LONG), "finished_on": (*DATES, "2099-01-01")},
        ),
        "measure_drop": (
            reverse("measure_drop", args=[measure.pk]),
            seen | {"reason": "并入"},
            versions | reason,
        ),
        "progress_add": (
            reverse("progress_add", args=[one.pk]),
            {"text": "已印发"},
            {"text": (*BLANK, LONG), "percent": ("-1", "101", "x", "1.5", "²", "9" * 5000), "measure": IDS},
        ),
        "note_correct": (
            reverse("note_correct", args=[note.pk]),
            {"text": "更正", "reason": "笔误"},
            reason | {"text": (*BLANK, LONG), "percent": ("-1", "101", "x", "\x00x")},
        ),
        "purge_request": (
            reverse("purge_request", args=["progressnote", note.pk]),
            {"reason": "误传"},
            reason,
        ),
    }


@pytest.mark.parametrize(
    "name", [*OWN_FORMS[:3], *(pytest.param(name, marks=pytest.mark.ci) for name in OWN_FORMS[3:])]
)
def test_a_form_refuses_each_wrong_value_and_changes_nothing(made: Cast, name: str) -> None:
    where, valid, wrong = forms(made)[name]
    client = client_of(made)
    before = database()
    for field, value in each_value(wrong):
        response = client.post(where, valid | {field: value})
        assert response.status_code == 422, (field, value[:40], response.status_code)
        check_page(response, f"{name} {field}")
        text = response.content.decode()
        assert re.search(r"没有丢失|没有改动", text), (field, value[:40])
        alert = re.sub(r"<[^>]+>", " ", text[text.index("<main") :])
        assert not ENGLISH.search(alert), (field, value[:40])
    missing = client.post(where, {})
    assert missing.status_code == 422, "an empty submit is answered"
    assert database() == before
    assert client.post(where, valid).status_code == 302, "and the valid one goes through"


@pytest.mark.ci
@pytest.mark.parametrize(
    "name", ["assign", "problem_edit", "withdraw", "measure_edit", "measure_finish", "measure_drop"]
)
@pytest.mark.parametrize("version", [0, 99, 2**31 - 1])
def test_a_version_that_is_not_the_newest_is_stale(made: Cast, name: str, version: int) -> None:
    where, valid, _ = forms(made)[name]
    client, before = client_of(made), database()
    response = client.post(where, valid | {"version": version})
    assert response.status_code == 409
    text = response.content.decode()
    assert "还没有保存" in text and "没有丢失" in text
    assert database() == before


@pytest.mark.parametrize(
    ("name", "code"),
    [
        ("withdraw", 403),
        ("measure_finish", 403),
        ("measure_drop", 403),
        ("purge_request", 409),
        ("link_decide", 403),
    ],
)
def test_the_same_submit_again_is_refused_in_words(made: Cast, name: str, code: int) -> None:
    where, valid, _ = forms(made)[name]
    client = client_of(made)
    assert client.post(where, valid).status_code == 302
    before = database()
    again = client.post(where, valid)
    assert again.status_code == code
    check_page(again, name)
    assert re.search(r"这一项|这条措施|这一对应关系|这项内容", again.content.decode())
    assert database() == before


# -- the forms of every other verb, from the access matrix ------------------------------------------------

TOKEN = "11111111-2222-4333-8444-555555555555"
KEPT = re.compile("没有丢失|没有改动|没有办理|没有导入|没有签发|没有变动|没有读取|没有看懂|还没有")
ENGLISH = re.compile(r"\b(Enter|Ensure|Select|This field|valid|Null)\b")


@pytest.fixture
def world(monkeypatch: pytest.MonkeyPatch) -> World:
    monkeypatch.setattr("rectify.ledger.rows.SNAPSHOT", "default")
    return make_world()


class Desk:
    """One person at one form of the matrix; whatever is sent is undone."""

    def __init__(self, world: World, one: Wrong) -> None:
        self.one, self.row, self.there = one, URLS[one.name], world["own"]
        self.session = signed_in(world["people"][one.who])
        self.before = database()
        self.uploads = {path: path.read_bytes() for path in Path(settings.UPLOAD_DIR).iterdir()}

    @contextmanager
    def undone(self) -> Iterator[None]:
        """Rolled back; an uploaded sheet that was loaded, and so thrown away, is put back as well."""
        with transaction.atomic():
            yield
            transaction.set_rollback(True)
        for path, content in self.uploads.items():
            path.write_bytes(content)

    def send(self, **change: Any) -> tuple[Any, bool]:
        """The answer to the valid body with this change, and whether anything is different then."""
        with self.undone():
            return self._post(self.before, self.body(**change))

    def send_twice(self) -> tuple[Any, bool, Any, bool]:
        with self.undone():
            return *self._post(self.before, self.body()), *self._post(database(), self.body())

    def send_bytes(self) -> Iterator[tuple[str, int]]:
        """Each field in turn a lone surrogate, a NUL and bytes that are no UTF-8; and no field at all."""
        kind = "application/x-www-form-urlencoded"
        plain = {
            name: value
            for name, value in self.body().items()
            if isinstance(value, str | int) and name != "idempotency_key"
        }
        url = address(self.one.name, self.row, self.there)
        for field in (*plain, ""):
            pairs = [f"{name}={quote(str(value))}" for name, value in plain.items() if name != field]
            sent = "&".join([*pairs, f"{field}=a%ED%A0%80%00%FFb"]) if field else ""
            with self.undone():
                yield field, browser().generic("POST", url, sent, content_type=kind).status_code

    def body(self, **change: Any) -> dict[str, Any]:
        made = {name: value() if callable(value) else value for name, value in change.items()}
        return {**self.row.body(self.there), "idempotency_key": TOKEN, **made}

    def _post(self, before: Any, body: dict[str, Any]) -> tuple[Any, bool]:
        with Writing() as writing:
            response = asked(self.session, "post", address(self.one.name, self.row, self.there), body)
        check_page(response, self.one.name)
        return response, writing.changed(before)


@pytest.mark.ci
@pytest.mark.parametrize("group", FORMS)
def test_every_other_form_refuses_what_is_wrong_stale_sent_again_or_no_text(world: World, group: str) -> None:
    for one in FORMS[group]:
        desk = Desk(world, one)
        refuses_each_wrong_value(desk, one)
        knows_what_is_stale_or_sent_again(desk, one)
        for field, code in desk.send_bytes():
            assert code == one.mangled(field or "-"), (one.name, field, code)


def refuses_each_wrong_value(desk: Desk, one: Wrong) -> None:
    for field, value in each_value(one.fields):
        where = (one.name, field, str(value)[:40])
        response, changed = desk.send(**{field: value})
        assert response.status_code == one.refusal(field, value), (*where, response.status_code)
        assert not changed, where
        text = response.content.decode()
        assert response.status_code == 404 or KEPT.search(text), where
        words = re.sub(r"<[^>]+>", " ", text[text.index("<main") :])
        assert not ENGLISH.search(words), where
    for code, fields in one.odd.items():
        for field, value in each_value(fields):
            response, changed = desk.send(**{field: value})
            where = (one.name, field, str(value)[:40])
            assert response.status_code == code, (*where, response.status_code)
            assert code < 400 or not changed, where


def knows_what_is_stale_or_sent_again(desk: Desk, one: Wrong) -> None:
    if one.stale:
        field, value = one.stale
        response, changed = desk.send(**{field: value.format(**desk.there)})
        assert response.status_code == 409 and not changed, one.name
        assert KEPT.search(response.content.decode()), one.name
    first, done, again, changed = desk.send_twice()
    assert first.status_code == (302 if desk.row.changes else 200) and done == desk.row.changes, one.name
    assert again.status_code == one.again(), (one.name, again.status_code)
    assert one.many or not changed, f"{one.name}: the same submit again has changed something"


@pytest.mark.ci
def test_no_button_of_the_preview_takes_nonsense(world: World) -> None:
    """Nonsense in every part at once, and in each part while the others make sense."""
    desk = Desk(world, Wrong("intake_edit"))
    assert {*TAKES_ALL, *TAKES_NOTHING, *NEEDS} == set(VERBS)
    for verb in VERBS:
        changes = [dict.fromkeys(PARTS, value) for value in KEYS[:2]] + [{part: "²"} for part in PARTS[:6]]
        for change in changes:
            response, changed = desk.send(verb=verb, **change)
            taken = verb in TAKES_ALL or (verb in NEEDS and NEEDS[verb] not in change)
            code = response.status_code
            assert code == (302 if taken else 422), (verb, str(change)[:60], code)
            assert taken or not changed, (verb, str(change)[:60])


@pytest.mark.ci
@pytest.mark.parametrize("page", LISTS)
def test_a_parameter_that_makes_no_sense_breaks_no_page(
    made: Cast, page: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The worst values in each parameter alone, and each value in all of them at once."""
    monkeypatch.setattr("rectify.ledger.rows.SNAPSHOT", "default")
    client = client_of(made)
    assert made.report
    builders.with_source(made.report)
    url = page.format(item=made.problem.get_absolute_url(), report=made.report.get_absolute_url())
    names = LISTS[page].split()
    queries = [f"{name}={value}" for name, value in each_value(dict.fromkeys(names, HARD))]
    queries += ["&".join(f"{name}={value}" for name in names) for value in VALUES]
    queries += ["&".join(f"{name}=x&{name}=y" for name in names)]
    for query in queries:
        response = client.get(f"{url}?{query}")
        right = next((code for pattern, code in QUERIES.get(page, ()) if re.search(pattern, query)), 200)
        assert response.status_code == right, (query[:80], response.status_code)
        check_page(response, f"{url}?{query[:80]}")
        if not response.streaming:
            assert "<script>alert" not in response.content.decode(), query[:80]


def send_named(made: Cast, disposition: bytes):
    """A note with one file whose header says `disposition` after the field's name."""
    text = b'--x\r\nContent-Disposition: form-data; name="text"\r\n\r\nok\r\n'
    head = b'--x\r\nContent-Disposition: form-data; name="files"; ' + disposition
    body = text + head + b"\r\n\r\n" + builders.PDF + b"\r\n--x--\r\n"
    where = reverse("progress_add", args=[made.problem.pk])
    return client_of(made).generic("POST", where, body, content_type="multipart/form-data; boundary=x")


def test_a_file_name_in_another_encoding_is_kept_as_text(made: Cast) -> None:
    assert send_named(made, 'filename="验收单.pdf"'.encode("gb18030")).status_code == 302
    assert made.problem.evidence.get().name == "验收单.pdf"
    assert made.problem.evidence.get().path.read_bytes() == builders.PDF


@pytest.mark.parametrize("name", ["..", "///", "&#8203;"])
def test_a_name_of_which_nothing_is_left_is_refused_with_the_text_kept(made: Cast, name: str) -> None:
    response = send_named(made, f'filename="{name}"'.encode())
    page = response.content.decode()
    assert response.status_code == 422 and "“未命名”的类型不能上传" in page and "ok</textarea>" in page
    assert not made.problem.notes.exists()


def test_a_header_that_cannot_be_read_is_refused_not_passed_over(made: Cast) -> None:
    response = send_named(made, b"filename*=no-such-charset''a.pdf")
    assert response.status_code == 400 and not made.problem.notes.exists()


@pytest.mark.parametrize("field", ["text", "reason", "title"])
def test_characters_no_file_may_hold_are_taken_out(made: Cast, field: str) -> None:
    name = {"text": "progress_add", "reason": "withdraw", "title": "problem_add"}[field]
    where, valid, _ = forms(made)[name]
    assert client_of(made).post(where, valid | {field: "前\x00\x0b\x1f\ufffe\uffff\x85后"}).status_code == 302
    stored = {
        "text": lambda: made.problem.notes.latest("pk").text,
        "reason": lambda: made.problem.entries.latest("pk").reason,
        "title": lambda: Problem.objects.latest("pk").title,
    }[field]()
    assert stored == "前后"


@pytest.mark.parametrize("encoded", ["%ED%A0%80", "%FF", "%C0%80", "%F5%80%80%80", "%E4%B8"])
def test_bytes_that_are_no_utf8_are_replaced_and_stored(made: Cast, encoded: str) -> None:
    """A lone surrogate cannot arrive as such; what replaces it can be stored and exported."""
    where = reverse("progress_add", args=[made.problem.pk])
    kind = "application/x-www-form-urlencoded"
    assert client_of(made).generic("POST", where, f"text=a{encoded}b", content_type=kind).status_code == 302
    assert re.fullmatch("a\ufffd+b", made.problem.notes.get().text)


@pytest.mark.parametrize(
    "name", ["\ud800.pdf", "a\x00b.pdf", ".pdf", "..pdf", "长" * 300 + ".pdf", "CON.pdf", "x.PDF "]
)
def test_a_file_name_of_any_kind_is_taken_or_refused_in_words(made: Cast, name: str) -> None:
    raw = name.encode("utf-8", "surrogatepass")
    text = b'--x\r\nContent-Disposition: form-data; name="text"\r\n\r\nok\r\n'
    head = b'--x\r\nContent-Disposition: form-data; name="files"; filename="'
    body = text + head + raw + b'"\r\n\r\n' + builders.PDF + b"\r\n--x--\r\n"
    where = reverse("progress_add", args=[made.problem.pk])
    response = client_of(made).generic("POST", where, body, content_type="multipart/form-data; boundary=x")
    assert response.status_code == (422 if name == ".pdf" else 302), "a bare ending is no name of a PDF"
    assert made.problem.evidence.exists() == (name != ".pdf"), "no file is lost silently"
    for file in made.problem.evidence.all():
        assert len(file.name) <= 255 and not re.search(r"[\x00/\\\ud800]", file.name)
        assert client_of(made).get(file.get_absolute_url()).status_code == 200
