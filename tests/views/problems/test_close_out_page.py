"""The page of the application: everything that is missing is mended on it, and nothing chosen is lost."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from rectify.choices import Status, Step
from rectify.models import CloseOut, KeptUpload, Problem, Report
from rectify.operations import measures, progress
from rectify.operations.closing import decisions
from tests import builders
from tests.builders import Cast

pytestmark = pytest.mark.django_db
WORLD = builders.cast


def client_of(made: Cast, role: str = "clerk") -> Client:
    client = Client()
    client.force_login(made[role])
    return client


def kept_in(page: str) -> dict[str, list[str]]:
    """The staged files that the page names, by field."""
    found: dict[str, list[str]] = {}
    for name, key in re.findall(r'name="(kept_file[\w-]*)" value="([0-9a-f-]{36})" checked', page):
        found.setdefault(name, []).append(key)
    return found


def test_what_is_chosen_outlives_a_refusal_and_a_measure_finished_in_between(made: Cast) -> None:
    problem = made.problem
    one, two = (measures.add(problem, by=made["clerk"], text=text) for text in ("建台账", "办入住"))
    measures.finish(two, by=made["clerk"], seen=two.version, result="全部入住")
    progress.add(problem, by=made["clerk"], text="入住完成")
    client, where = client_of(made), reverse("close_out_apply", args=[problem.pk])
    given: dict[str, Any] = {"version": problem.version, "kind": "close", "statement": "全部整改到位"}
    chosen = {"files": builders.pdf("总结.pdf"), f"proof_{two.pk}": builders.pdf("入住表.pdf")}
    refused = client.post(where, given | chosen)
    page = refused.content.decode()
    assert refused.status_code == 422 and "还差 1 处" in page and "1 项措施未完成（措施 1）" in page
    kept = kept_in(page)
    assert set(kept) == {"kept_file", f"kept_file-proof_{two.pk}"} and "入住表.pdf" in page
    away = client.post(where, given | kept | {"mend": f"finish-{one.pk}"})
    assert away.url == f"{reverse('measure_finish', args=[one.pk])}?back=close_out"
    back = client.post(away.url, {"version": one.version, "result": "台账已建", "files": [builders.pdf()]})
    assert back.url == where
    page = client.get(where).content.decode()
    assert "全部整改到位" in page and "总结.pdf" in page and kept_in(page) == kept
    assert client.post(where, given | kept).status_code == 302
    application = CloseOut.objects.get()
    assert [file.name for file in application.steps.get().evidence.all()] == ["总结.pdf"]
    assert two.evidence.get().name == "入住表.pdf" and not KeptUpload.objects.exists()


def test_a_second_application_is_filled_with_the_first_and_answers_each_point(made: Cast) -> None:
    application = builders.applied(made, statement="做完了")
    decisions.return_application(
        application, by=made["unit_head"], step=Step.CONFIRM, comment="补签到表（附材料）\n说明原因"
    )
    client, where = client_of(made), reverse("close_out_apply", args=[made.problem.pk])
    page = client.get(where).content.decode()
    assert "做完了" in page and page.index("补签到表") < page.index("对照完成标志") and "要附材料" in page
    given: dict[str, Any] = {"version": made.problem.version, "kind": "close", "statement": "做完了"}
    refused = client.post(where, given | {"answer_1": "已补"})
    assert refused.status_code == 422 and "这一条要求附材料" in refused.content.decode()
    answered = given | {"answer_1": "已补", "answer_2": "已办结", "answer_files_1": builders.pdf("签到.pdf")}
    assert client.post(where, answered).status_code == 302
    page = client_of(made, "unit_head").get(made.problem.get_absolute_url()).content.decode()
    for words in ("对退回意见的答复", "签到.pdf", "完成标志", "本轮退回 1 次", "没有相近的已销号问题"):
        assert words in page, words


def test_whoever_decides_sees_what_was_closed_in_an_earlier_year(made: Cast) -> None:
    earlier = builders.another_ledger(made)
    before = Problem.objects.filter(report=earlier).first()
    assert before is not None
    today = made.report.created_at.date()  # type: ignore[union-attr]
    Problem.objects.filter(pk=before.pk).update(
        title=made.problem.title, status=Status.CLOSED, closed_on=today
    )
    assert made.report
    Report.objects.filter(pk=earlier.pk).update(year=made.report.year - 1, unit=made.report.unit, prefix="早")
    application = builders.applied(made)
    decisions.decide(application, by=made["unit_head"], step=Step.CONFIRM)
    page = client_of(made, "office").get(made.problem.get_absolute_url()).content.decode()
    assert "1 项相近，已销号" in page and before.get_absolute_url() in page


def test_the_last_measure_offers_to_close_or_to_say_mostly_done(made: Cast) -> None:
    problem = builders.ready(made)
    client = client_of(made)
    assert "措施已全部完成" in client.get(problem.get_absolute_url()).content.decode()
    url = reverse("problem_status", args=[problem.pk])
    assert client.post(url, {"version": problem.version, "status": "mostly_done"}).status_code == 302
    assert made.problem.status == Status.MOSTLY_DONE
    assert reverse("close_out_apply", args=[problem.pk]) in client.get("/").content.decode()
