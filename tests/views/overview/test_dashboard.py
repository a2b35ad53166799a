"""The dashboard by report, branch and day, the matrix and the briefing: every number opens what it counts."""

from __future__ import annotations

import datetime as dt

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from rectify import clock, wording
from rectify.models import AuditEntry, Problem, ProblemCause, RootCause, User
from rectify.operations import problems
from rectify.selectors import matrix
from tests.builders import Cast, account
from tests.views.overview.hundred_days import history
from tests.views.overview.numbers import check_numbers, page

pytestmark = [pytest.mark.django_db, pytest.mark.once]
READERS = ["office", "leader", "unit_head", "clerk", "inspector"]
ASKED = [
    ("now", "office"),
    ("branch", "leader"),
    *(
        pytest.param(*asked, marks=pytest.mark.ci)
        for asked in [("now", role) for role in READERS[1:]]
        + [("past", "office"), ("past", "leader"), ("branch", "office")]
    ),
]


WORLD = history


@pytest.mark.ci
@pytest.mark.parametrize(("kind", "role"), ASKED)
def test_every_number_opens_the_list_it_counts(made: Cast, kind: str, role: str) -> None:
    past = clock.today() - dt.timedelta(days=8)
    asked = {"now": "", "past": f"&on={past}&vs={past - dt.timedelta(days=50)}"}
    asked["branch"] = f"&unit={made.bureau.pk}"
    _, text = page(made, role, f"/dashboard/?report={made.report.pk}{asked[kind]}")
    assert check_numbers(made[role], text) > 30
    _, text = page(made, role, f"/briefing/?report={made.report.pk}{asked[kind]}")
    assert check_numbers(made[role], text) > 5


def test_what_happened_is_said_in_words(made: Cast) -> None:
    since = clock.today() - dt.timedelta(days=7)
    _, text = page(made, "office", f"/dashboard/?report={made.report.pk}&vs={since}")
    for words in ("撤回 1 项", "转为逾期 1 项", "延期 1 项", "申请被退回 1 项", "比上次 +1", "最长 6 天"):
        assert words in text, words
    assert ">销号 1 项<" not in text, "closed long before"
    _, text = page(made, "office", f"/briefing/?report={made.report.pk}&vs={since}")
    assert "与那天相比，逾期多 1 项" in text
    assert "建立长效机制" in text, "the next step of the overdue item"
    assert "理论学习不系统" in text, "its cause"
    overdue = text[text.index("三、逾期事项") :].split("</table>")[0]
    assert "…" not in overdue and "前）" not in overdue, "nothing cut short, no day that has passed"


def test_a_past_day_shows_how_it_stood_then(made: Cast) -> None:
    past = clock.today() - dt.timedelta(days=8)
    url = f"/dashboard/?report={made.report.pk}&on={past}"
    client, text = page(made, "office", url)
    assert "当天结束时" in text
    with CaptureQueriesContext(connection) as caught:
        client.get(url)
    assert len(caught) <= 15
    assert "tile-overdue tile-zero" in text
    assert "7 项问题" in text, "the one withdrawn today was there"
    _, text = page(made, "office", f"/problems/?report={made.report.pk}&on={past}&light=overdue")
    assert "没有符合条件的事项" in text


@pytest.mark.ci
@pytest.mark.parametrize(
    "asked", ["on=abc", "on=2999-01-01", "on=0001-01-01", "vs=1", "unit=x", "unit=999999"]
)
def test_what_makes_no_sense_is_named_and_ignored(made: Cast, asked: str) -> None:
    for url in ("/dashboard/", "/briefing/"):
        assert "已忽略" in page(made, "office", f"{url}?{asked}")[1]
    name = asked.replace("unit", "within").replace("vs=", "since=")
    assert "已忽略" in page(made, "office", f"/problems/?{name}")[1]


@pytest.mark.ci
def test_the_tree_of_units_is_walked_down_and_back(made: Cast) -> None:
    account("city_office", made.city, "office")
    made.people["city_office"] = User.objects.get(username="city_office")
    other = Problem.objects.filter(report__unit__name="戊县").first()
    client, text = page(made, "city_office", "/dashboard/")
    problems.assign(other, by=made["city_office"], seen=other.version, lead_unit=other.report.unit)
    text = client.get("/dashboard/").content.decode()
    assert f'href="?unit={made.county.pk}#units"' in text
    assert check_numbers(made["city_office"], text) > 30
    text = client.get(f"/dashboard/?unit={made.county.pk}").content.decode()
    tree = text[text.index('id="units"') :].split("</section>")[0]
    assert "乙县丙局" in tree
    assert "戊县" not in tree
    assert 'href="?#units"' in tree, "the way back"
    assert check_numbers(made["city_office"], text) > 30


def test_the_matrix_shows_gaps_and_the_office_mends_them(made: Cast) -> None:
    url = f"/reports/{made.report.pk}/matrix/"
    client, text = page(made, "office", url)
    assert "根源未覆盖" in text
    second = Problem.objects.get(report=made.report, number=2)
    cause = RootCause.objects.get(report=made.report)
    offered = f"补：把第 2 项对应到根源 {cause.number} {cause}"
    assert f'value="cause:{cause.pk}"' in text
    assert offered in text
    response = client.post(url, {"problem": second.pk, "source": f"cause:{cause.pk}"})
    assert response.status_code == 302
    link = ProblemCause.objects.get(problem=second)
    assert (link.cause, link.status, link.decided_by) == (cause, "confirmed", made["office"])
    assert AuditEntry.objects.filter(problem=second).latest("id").target_kind == "problemcause"
    assert offered not in client.get(url).content.decode()
    _, text = page(made, "clerk", url)
    assert ">补</button>" not in text


def test_the_matrix_is_paged_and_finds_the_page_of_an_item(
    made: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(matrix, "PAGE", 1)
    url = f"/reports/{made.report.pk}/matrix/"
    client, text = page(made, "office", url)
    third = Problem.objects.get(report=made.report, number=3)
    row, total = f'id="problem-{third.pk}"', f"{made.report.problems.live().count()} 项问题"
    assert total in text and row not in text
    assert row in client.get(f"{url}?page=3").content.decode()
    text = client.get(f"{url}?problem={third.pk}").content.decode()
    assert total in text and row in text and text.count('id="problem-') == 1
    ProblemCause.objects.all().delete()
    lacking = client.get(f"{url}?gaps=1&problem={third.pk}").content.decode()
    sentence = lacking.split('<section class="card sentence">')[1].split("</p>")[0]
    assert f"{made.report.problems.live().count()} 项没有根源" in sentence and row in lacking


@pytest.mark.parametrize(
    ("source", "code"),
    [("", 422), ("cause:", 404), ("cause:x", 404), ("cause:999999", 404), ("other:1", 422)],
)
def test_the_matrix_refuses_what_it_does_not_know(made: Cast, source: str, code: int) -> None:
    client, _ = page(made, "office", f"/reports/{made.report.pk}/matrix/")
    before = AuditEntry.objects.count()
    second = Problem.objects.get(report=made.report, number=2)
    url = f"/reports/{made.report.pk}/matrix/"
    assert client.post(url, {"problem": second.pk, "source": source}).status_code == code
    assert client.post(url, {"problem": "x", "source": "cause:1"}).status_code == 404
    assert AuditEntry.objects.count() == before


def sign_in(client: Client) -> None:
    client.post("/accounts/login/", {"username": "leader", "password": "ce-shi-mi-ma-1"})


def test_a_leader_who_stays_signed_in_sees_what_changed_since_the_day_before(made: Cast) -> None:
    client = Client()
    with clock.pretend(clock.now() - dt.timedelta(days=2)):
        sign_in(client)
        assert "近一周" in client.get("/").content.decode()
        assert "近一周" in client.get("/").content.decode(), "not yet another day"
        day = clock.today()
    said = f"您上次来看（{wording.short_date(day, clock.today())}）以来"
    assert said in client.get("/").content.decode()
    assert said in client.get("/").content.decode()


def test_a_leader_sees_what_changed_since_the_sign_in_before(made: Cast) -> None:
    client = Client()
    with clock.pretend(clock.now() - dt.timedelta(days=3)):
        sign_in(client)
        assert "近一周" in client.get("/").content.decode()
        client.post("/accounts/logout/")
    sign_in(client)
    text = client.get("/").content.decode()
    assert "您上次来看" in text
    assert "有新进展 1 项" in text
    assert text.index("逾期 6 天") < text.index("剩 4 天")
    assert "乙县丙局承办；今天：已开工" in text
    assert "写批示：学用结合不紧" in text
    assert check_numbers(made["leader"], text) > 3
