"""The administration: who opens what, every saving with a reason and an entry, wrong input, no deletion."""

from __future__ import annotations

from itertools import product
from typing import Any

import pytest
from django.contrib import admin
from django.contrib.admin.models import LogEntry
from django.test import Client
from django.urls import reverse

from rectify.audit import chain
from rectify.models import AllowedHost, AuditEntry, DutyRequest, Holiday, Membership, Report, Unit, User
from rectify.models.versioned_fields import MeasureFields, ProblemFields
from rectify.operations import duties, people, progress
from tests.admin.admin_rows import KEPT, Kept
from tests.builders import Cast, another_ledger, cast
from tests.views.access_rows import CAST
from tests.views.rendered import check_page

pytestmark = [pytest.mark.django_db, pytest.mark.sqlite]

QUERIES = (
    *("p=abc", "p=99999", "o=9.9.9", "o=x", "q=%00", "e=1", "all=", "role__exact=x"),
    "user__password__startswith=m",
)


# A filter that no list knows leads back to the list without it; one that is known is looked at.
LOOKED_UP = {
    ("membership", "role__exact=x"): 200,
    ("membership", "user__password__startswith=m"): 400,
    ("leader", "user__password__startswith=m"): 400,
}


def _listed(query: str) -> int:
    return 302 if "__" in query else 200


def history() -> Cast:
    made = cast()
    another_ledger(made)
    made.people["other_office"] = User.objects.get(username="other_office")
    Holiday.objects.create(day="2026-10-01", name="国庆节")
    AllowedHost.objects.create(host="mail.example.gov.cn")
    return made


WORLD = history


def client_of(made: Cast, person: str) -> Client:
    client = Client()
    client.force_login(made[person])
    return client


def url(kept: Kept, page: str, pk: Any = None) -> str:
    return reverse(f"admin:rectify_{kept.name}_{page}", args=[] if page in ("changelist", "add") else [pk])


def own(made: Cast, kept: Kept) -> Any:
    """A row of the cast's own ledger, or one of the system's."""
    rows = kept.model._default_manager.order_by("pk")
    if kept.model is Report:
        return rows.get(pk=made.report.pk)
    if kept.name == "manifestation":
        return rows.filter(problem__report=made.report).first()
    if kept.who == "office":
        return rows.filter(report=made.report).first()
    if kept.model in (Unit, Membership):
        path = "path" if kept.model is Unit else "unit__path"
        rows = rows.filter(**{f"{path}__startswith": made.county.path})
    return made["stranger"] if kept.model is User else rows.last()


def foreign(made: Cast, kept: Kept) -> Any:
    path = {"report": "pk", "manifestation": "problem__report"}.get(kept.name, "report")
    other = Report.objects.exclude(pk=made.report.pk).get()
    return kept.model._default_manager.filter(**{path: other.pk}).first()


def allowed(made: Cast, person: str, kept: Kept) -> bool:
    return person == kept.who or (kept.who == "office" and person == "other_office")


def snapshot() -> dict[str, list[tuple]]:
    return {kept.name: sorted(kept.model._base_manager.values_list(), key=repr) for kept in KEPT}


ids = pytest.mark.parametrize("kept", KEPT, ids=lambda kept: kept.name)


def test_every_registered_model_has_its_row() -> None:
    assert {kept.model for kept in KEPT} == set(admin.site._registry), (
        "one line each in tests/admin/admin_rows.py"
    )


def test_nothing_that_has_a_state_is_registered() -> None:
    for model in admin.site._registry:
        assert not issubclass(model, ProblemFields | MeasureFields)
    for kept in KEPT:
        fields = set(admin.site._registry[kept.model].fields or ())
        assert not fields & {
            "status",
            "version",
            "password",
            "is_superuser",
            "is_staff",
            "must_change_password",
        }
        assert "reason" in fields


# -- who opens what ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "person",
    [pytest.param(one, marks=[] if one in ("office", "sysadmin") else [pytest.mark.ci]) for one in CAST],
)
def test_who_opens_what(made: Cast, person: str) -> None:
    client, wrong = client_of(made, person), []
    before = snapshot()
    for kept in KEPT:
        row = own(made, kept)
        may = person == kept.who
        lists = allowed(made, person, kept)
        inside = person in ("office", "sysadmin", "other_office")
        expected = {
            "changelist": 200 if lists else 403,
            "add": 200 if lists and kept.adds else 403,
            # An office of another county finds no such row, and is led back to the start.
            "change": 200 if may else 302 if lists else 403,
            "delete": 403,
        }
        for page, code in expected.items():
            response = client.get(url(kept, page, row.pk))
            check_page(response, f"{person} {kept.name} {page}")
            if response.status_code != code:
                wrong.append(f"{kept.name} {page}: {response.status_code} instead of {code}")
            sent = client.post(url(kept, page, row.pk), {"post": "yes", "action": "delete_selected"})
            # Without a valid body, or with nothing picked, the same page is shown again.
            if sent.status_code != code:
                wrong.append(f"{kept.name} POST {page}: {sent.status_code} instead of {code}")
        assert inside or client.get("/admin/").status_code == 403
    assert not wrong, "\n".join(wrong)
    assert snapshot() == before, "a valid body is missing, so nothing was saved and nothing deleted"


@pytest.mark.parametrize("person", CAST)
def test_only_those_who_may_save(made: Cast, person: str) -> None:
    client = client_of(made, person)
    for kept in KEPT:
        if person == kept.who:
            continue
        before = snapshot()
        data = kept.valid(made) | {"reason": "越权"}
        client.post(url(kept, "add"), data)
        client.post(url(kept, "change", own(made, kept).pk), data)
        assert snapshot() == before, kept.name


@pytest.mark.parametrize("kept", [kept for kept in KEPT if kept.who == "office"], ids=lambda kept: kept.name)
def test_an_office_changes_only_its_own_ledger(made: Cast, kept: Kept) -> None:
    client, row, before = client_of(made, "office"), foreign(made, kept), snapshot()
    listed = client.get(url(kept, "changelist")).context["cl"].queryset
    assert row not in listed and own(made, kept) in listed
    response = client.post(url(kept, "change", row.pk), kept.valid(made) | {"reason": "越权"})
    assert response.status_code == 302 and response["Location"] == "/admin/"
    assert snapshot() == before


def test_the_front_page_lists_what_one_keeps(made: Cast) -> None:
    for person in ("office", "sysadmin"):
        page = client_of(made, person).get("/admin/")
        shown = {model["model"] for app in page.context["app_list"] for model in app["models"]}
        assert shown == {kept.model for kept in KEPT if kept.who == person}, person
        check_page(page, person)


def test_the_administrator_sees_no_business_text(made: Cast) -> None:
    progress.add(made.problem, by=made["clerk"], text="业务内容")
    client = client_of(made, "sysadmin")
    for kept in KEPT:
        if kept.who == "sysadmin":
            text = client.get(url(kept, "changelist")).content.decode()
            assert "学用结合不紧" not in text and "业务内容" not in text


def test_there_is_one_door_and_one_change_of_password(made: Cast) -> None:
    for inside in ("/admin/", "/admin/rectify/user/"):
        led = Client().get(inside, follow=True)
        assert led.redirect_chain[-1][0] == f"/accounts/login/?next={inside}" and led.status_code == 200
    assert Client().get("/admin/login/")["Location"].startswith("/accounts/login/")
    tried = {"username": "sysadmin", "password": "ce-shi-mi-ma-1"}
    sent = Client().post("/admin/login/", tried)
    assert sent.status_code == 302 and "sessionid" not in sent.cookies
    client = client_of(made, "sysadmin")
    assert client.get("/admin/login/")["Location"] == "/admin/"
    assert client.get("/admin/password_change/")["Location"] == "/accounts/password/"
    refused = client_of(made, "clerk").get("/admin/login/")
    assert refused.status_code == 403 and "这一步您不能做" in refused.content.decode()
    assert client.post("/admin/logout/").status_code == 302
    assert client.get("/admin/").status_code == 302


# -- saving --------------------------------------------------------------------------------------------


@ids
def test_a_change_needs_a_reason_and_leaves_one_entry_in_the_right_chain(made: Cast, kept: Kept) -> None:
    client, row = client_of(made, kept.who), own(made, kept)
    data = kept.valid(made)
    data.pop("new_password", None)
    where = url(kept, "change", row.pk)
    chain.append_waiting(None)  # the rows that this world made without an act
    before, entries = snapshot(), AuditEntry.objects.count()
    for reason in ("", "  ", "长" * 201, "空\x00"):
        refused = client.post(where, data | {"reason": reason})
        assert refused.status_code == 200 and refused.context["adminform"].form.errors["reason"]
    assert snapshot() == before and AuditEntry.objects.count() == entries
    response = client.post(where, data | {"reason": "核对后更正"})
    assert response.status_code == 302, response.context["adminform"].form.errors
    assert snapshot() != before
    made_known = AuditEntry.objects.exclude(act="request_duty")  # beside it where a second person is asked
    entry = made_known.get(pk__gt=0, reason="核对后更正")
    assert made_known.count() == entries + 1
    assert entry.report == (made.report if kept.who == "office" else None)
    assert (entry.act, entry.actor, entry.target_id) == (kept.act, made[kept.who], row.pk)
    assert entry.details["changes"] and all(
        {"field", "old", "new", "old_text", "new_text"} <= set(change) for change in entry.details["changes"]
    )
    assert "改过的" not in entry.target_label, "the record names a thing by code, never by its text"
    assert not LogEntry.objects.exists()


@ids
def test_a_saving_that_changes_nothing_leaves_no_entry(made: Cast, kept: Kept) -> None:
    client, row = client_of(made, kept.who), own(made, kept)
    where = url(kept, "change", row.pk)
    form = client.get(where).context["adminform"].form
    data = {name: form[name].value() for name in form.fields if form[name].value() not in (None, False)}
    entries = AuditEntry.objects.count()
    assert client.post(where, data | {"reason": "看一看"}).status_code == 302
    assert AuditEntry.objects.count() == entries


@pytest.mark.parametrize("kept", [kept for kept in KEPT if kept.adds], ids=lambda kept: kept.name)
def test_a_new_row_is_stored_with_its_reason(made: Cast, kept: Kept) -> None:
    client, count = client_of(made, kept.who), kept.model._default_manager.count()
    data = kept.valid(made)
    assert client.post(url(kept, "add"), data).status_code == 200, "without a reason"
    assert kept.model._default_manager.count() == count
    response = client.post(url(kept, "add"), data | {"reason": "按文件新增"}, follow=True)
    assert response.status_code == 200
    row = kept.model._default_manager.latest("pk")
    assert kept.model._default_manager.count() == count + 1
    for name in ("name", "short", "post", "phone", "username", "role", "rank"):
        if name in data and hasattr(row, name):
            assert str(getattr(row, name)) == str(data[name]), name
    entry = AuditEntry.objects.exclude(act="request_duty").get(reason="按文件新增")
    assert (entry.act, entry.target_id, entry.report) == (kept.adding_act or kept.act, row.pk, None)
    again = client.post(url(kept, "add"), data | {"reason": "又提交一次"})
    assert again.status_code == 200 and again.context["adminform"].form.errors, "the same twice is refused"
    assert kept.model._default_manager.count() == count + 1


@pytest.mark.ci
@ids
def test_wrong_input_is_an_error_of_the_form(made: Cast, kept: Kept) -> None:
    client, row, before = client_of(made, kept.who), own(made, kept), snapshot()
    places = [url(kept, "change", row.pk), *([url(kept, "add")] if kept.adds else [])]
    for where in places:
        empty = client.post(where, {})
        assert empty.status_code == 200 and empty.context["adminform"].form.errors
        for name, value in kept.wrong:
            response = client.post(where, kept.valid(made) | {"reason": "测试", name: value})
            assert response.status_code == 200, (where, name, value)
            assert name in response.context["adminform"].form.errors, (where, name, value)
            text = response.content.decode()
            assert "This field" not in text and "Ensure" not in text and "Enter a" not in text
        assert snapshot() == before


@pytest.mark.ci
@ids
def test_a_forged_id_leads_back_to_the_start(made: Cast, kept: Kept) -> None:
    client = client_of(made, kept.who)
    base = url(kept, "changelist")
    for pk, page in product(
        ("0", "-1", "x", "9" * 30, "%00", "_3F", "1'--"), ("change", "delete", "history")
    ):
        for response in (
            client.get(f"{base}{pk}/{page}/"),
            client.post(f"{base}{pk}/{page}/", {"reason": "测试"}),
        ):
            assert response.status_code == (403 if page == "delete" else 302), (pk, page)
            check_page(response, pk)


@pytest.mark.ci
@ids
def test_a_tampered_list_is_no_failure(made: Cast, kept: Kept) -> None:
    client = client_of(made, kept.who)
    for query in QUERIES:
        response = client.get(f"{url(kept, 'changelist')}?{query}")
        assert response.status_code == LOOKED_UP.get((kept.name, query), _listed(query)), query
        check_page(response, query)


@pytest.mark.parametrize("to_field", ["password", "id", "nonsense"])
def test_no_field_is_guessed_through_a_reference(made: Cast, to_field: str) -> None:
    response = client_of(made, "sysadmin").get(f"/admin/rectify/user/?_to_field={to_field}&_popup=1")
    assert response.status_code == (200 if to_field == "id" else 400)


# -- a new person can really work ----------------------------------------------------------------------


def test_an_account_made_here_can_work_after_changing_its_password(made: Cast) -> None:
    admin_client = client_of(made, "sysadmin")
    account = {
        "username": "xin_ren",
        "name": "新经办人",
        "phone": "0000-9",
        "new_password": "chu-shi-mi-ma-1",
        "unit": made.bureau.pk,
        "role": "clerk",
    }
    made_it = admin_client.post("/admin/rectify/user/add/", account | {"reason": "新到岗"})
    assert made_it.status_code == 302
    person = User.objects.get(username="xin_ren")
    assert person.must_change_password and person.is_active and not person.is_superuser
    client = Client()
    duties.confirm(DutyRequest.objects.get(), by=made["auditor"])
    signed = client.post("/accounts/login/", {"username": "xin_ren", "password": "chu-shi-mi-ma-1"})
    assert signed.status_code == 302
    item = made.problem.get_absolute_url()
    assert client.get(item)["Location"] == "/accounts/password/"
    new = {
        "old_password": "chu-shi-mi-ma-1",
        "new_password1": "zi-ji-de-mi-ma-2",
        "new_password2": "zi-ji-de-mi-ma-2",
    }
    assert client.post("/accounts/password/", new)["Location"] == "/"
    assert client.post(f"{item}progress/", {"text": "到岗后的第一条"}).status_code == 302
    assert made.problem.notes.get().author == person
    assert "xin_ren" not in made.problem.notes.get().text


def test_a_reset_password_must_be_changed_again(made: Cast) -> None:
    where = f"/admin/rectify/user/{made['clerk'].pk}/change/"
    data = {"username": "clerk", "name": made["clerk"].name, "is_active": "on", "reason": "忘记密码"}
    client = client_of(made, "sysadmin")
    assert client.post(where, data | {"new_password": "chong-she-mi-ma-1"}).status_code == 302
    assert made["clerk"].must_change_password and made["clerk"].check_password("chong-she-mi-ma-1")
    assert AuditEntry.objects.get(act="set_password").reason == "忘记密码"
    assert "chong-she" not in "".join(AuditEntry.objects.values_list("payload", flat=True))
    assert "chong-she" not in client.get(where).content.decode()


def test_a_post_that_ends_ends_what_one_may_see(made: Cast) -> None:
    one = Membership.objects.get(user=made["clerk"])
    data = {"user": one.user_id, "unit": one.unit_id, "role": "clerk", "reason": "调离"}
    assert (
        client_of(made, "sysadmin").post(f"/admin/rectify/membership/{one.pk}/change/", data).status_code
        == 302
    )
    assert client_of(made, "clerk").get(made.problem.get_absolute_url()).status_code == 404


def test_an_account_switched_off_is_out(made: Cast) -> None:
    data = {"username": "clerk", "name": made["clerk"].name, "reason": "调离"}
    where = f"/admin/rectify/user/{made['clerk'].pk}/change/"
    signed_in = client_of(made, "clerk")
    assert client_of(made, "sysadmin").post(where, data).status_code == 302
    assert signed_in.get("/").status_code == 302


def test_a_unit_is_named_once_among_its_sisters(made: Cast) -> None:
    client = client_of(made, "sysadmin")
    data = {"name": made.bureau.name, "short": "", "parent": made.county.pk, "reason": "测试"}
    assert "同一上级下已有" in client.post("/admin/rectify/unit/add/", data).content.decode()
    assert client.post("/admin/rectify/unit/add/", data | {"parent": made.other_bureau.pk}).status_code == 302
    where = f"/admin/rectify/unit/{made.other_bureau.pk}/change/"
    renamed = {"name": made.bureau.name, "short": "", "active": "on", "reason": "测试"}
    assert "同一上级下已有" in client.post(where, renamed).content.decode()
    assert Unit.objects.get(pk=made.other_bureau.pk).name == made.other_bureau.name
    for parent in ("x", "0", "9" * 30):
        refused = client.post("/admin/rectify/unit/add/", data | {"name": "新局", "parent": parent})
        assert refused.context["adminform"].form.errors["parent"]


def test_two_leaders_of_one_post_or_account_are_refused(made: Cast) -> None:
    client = client_of(made, "sysadmin")
    data = {
        "post": made.leader.post,
        "unit": made.county.pk,
        "user": "",
        "rank": "5",
        "active": "on",
        "reason": "测",
    }
    assert client.post("/admin/rectify/leader/add/", data).context["adminform"].form.errors
    taken = data | {"post": "另一职务", "user": made["leader"].pk}
    assert client.post("/admin/rectify/leader/add/", taken).context["adminform"].form.errors["user"]


def test_the_record_still_verifies_after_it_all(made: Cast) -> None:
    from django.core.management import call_command

    chain.append_waiting(None)  # the rows that this world made without an act
    for kept in KEPT:
        data = kept.valid(made) | {"reason": "测试"}
        assert (
            client_of(made, kept.who).post(url(kept, "change", own(made, kept).pk), data).status_code == 302
        )
    people.set_password(made["clerk"], by=made["sysadmin"], password="ce-shi-mi-ma-9")
    call_command("verify_audit", verbosity=0)
