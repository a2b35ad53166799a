"""The pages of report intake: upload, preview with its edits, the plan, the load, and the kept source."""

from __future__ import annotations

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from rectify.choices import IntakeStatus, LinkStatus, Source
from rectify.intake.review.edited import EditedOutline
from rectify.models import AuditEntry, Draft, IntakeDraft, Problem, Report, SourceText
from rectify.operations import problems
from rectify.operations.exchange import intake_drafts
from tests import builders
from tests.builders import Cast
from tests.intake import parsing

pytestmark = [pytest.mark.django_db, pytest.mark.sqlite]

TOKEN = "11111111-2222-4333-8444-555555555555"


WORLD = builders.cast


@pytest.fixture(autouse=True)
def plain_parser(monkeypatch):
    """The pages are under test here; the reader and the parser have tests of their own."""
    monkeypatch.setattr("rectify.intake.reading.CHILD", "tests.intake.plain_opening")


@pytest.fixture
def office(made) -> Client:
    client = Client()
    client.force_login(made["office"])
    return client


def file(text: str = parsing.REPORT, name: str = "报告.txt") -> SimpleUploadedFile:
    return SimpleUploadedFile(name, text.encode())


def upload(client: Client, made: Cast, text: str = parsing.REPORT, **fields: object) -> IntakeDraft:
    data = {
        "file": file(text),
        "unit": made.county.pk,
        "year": 2026,
        "meeting": "2026年度民主生活会",
    } | fields
    response = client.post(reverse("intake"), data)
    assert response.status_code == 302, response.context["form"].errors
    return IntakeDraft.objects.order_by("-pk")[0]


def outline_of(draft: IntakeDraft) -> EditedOutline:
    draft.refresh_from_db()
    return EditedOutline.from_json(draft.outline)


def act(client: Client, draft: IntakeDraft, verb: str, **fields: object):
    draft.refresh_from_db()
    data = {"verb": verb, "version": draft.version} | fields
    return client.post(reverse("intake_edit", args=[draft.pk]), data, follow=True)


def piece(client: Client, draft: IntakeDraft, key: str, **fields: object):
    draft.refresh_from_db()
    where = reverse("intake_piece", args=[draft.pk, key])
    assert client.get(where).status_code == 200
    item = outline_of(draft).item(key)
    data = {
        "kind": item.kind,
        "title": item.title,
        "text": item.text,
        "aspect": item.aspect or "",
        "manifestations": "\r\n".join(part.text for part in item.manifestations),
        "version": draft.version,
    }
    return client.post(where, data | fields, follow=True)


def load(client: Client, draft: IntakeDraft, **fields: object):
    page = client.get(reverse("intake_load", args=[draft.pk]))
    data = {"version": page.context["draft"].version, "digest": page.context["plan"].digest}
    return client.post(reverse("intake_load", args=[draft.pk]), data | fields, follow=True)


# -- upload -----------------------------------------------------------------------------------------


def test_an_upload_becomes_a_draft_and_nothing_else(made, office):
    before = (Report.objects.count(), AuditEntry.objects.count())
    draft = upload(office, made)
    assert (draft.status, draft.user, draft.unit, draft.year) == ("open", made["office"], made.county, 2026)
    assert draft.text == parsing.REPORT and draft.path.read_bytes() == parsing.REPORT.encode()
    assert (Report.objects.count(), AuditEntry.objects.count()) == before
    page = office.get(reverse("intake"))
    assert draft.title in page.content.decode() and "继续核对" in page.content.decode()


def test_the_same_upload_twice_is_one_draft(made, office):
    for _ in range(2):
        upload(office, made, idempotency_key=TOKEN)
    assert IntakeDraft.objects.count() == 1


def test_several_reports_of_a_file_are_offered_one_by_one(made, office):
    text = f"篇一\n{parsing.REPORT}\n篇二\n{parsing.REPORT}\n篇三\n没有条目的一篇"
    response = office.post(
        reverse("intake"), {"file": file(text), "unit": made.county.pk, "year": 2026}, follow=True
    )
    words = response.content.decode()
    assert "这个文件里有 3 份报告" in words and "文件中第 2 份，共 3 份" in words
    parts = list(IntakeDraft.objects.order_by("part"))
    assert [draft.title for draft in parts] == ["第1篇", "第2篇", "第3篇"]
    assert len({draft.stored for draft in parts}) == 1
    page = office.get(parts[2].get_absolute_url()).content.decode()
    assert "没有找到问题" in page


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"file": file(name="旧稿.doc")}, "另存为 .docx"),
        ({"file": file("今天天气很好")}, "没有找到问题。我们找的是"),
        ({"file": SimpleUploadedFile("空.txt", b"")}, "这是空文件"),
        ({}, "请选择报告文件"),
        ({"file": file(), "year": "二〇二六"}, "四位数的年度"),
        ({"file": file(), "year": "99999"}, "四位数的年度"),
        ({"file": file(), "unit": "99999999999999999999"}, "不在可选范围内"),
        ({"file": file(), "title": "长" * 201}, "最多 200 个字"),
        ({"file": file(), "meeting": "会\x00议" * 200}, "最多 200 个字"),
    ],
)
def test_a_refused_upload_says_why_and_keeps_what_was_typed(made, office, given, words):
    data = {"unit": made.county.pk, "year": 2026, "meeting": "民主生活会"} | given
    response = office.post(reverse("intake"), data)
    assert response.status_code == 422
    assert words in response.content.decode()
    assert response.context["form"]["meeting"].value() == data["meeting"]
    assert not IntakeDraft.objects.exists()


def test_more_items_than_a_person_looks_over_are_refused(made, office):
    text = "\n".join(f"问题：第{number}号事项。说明" for number in range(301))
    response = office.post(reverse("intake"), {"file": file(text), "unit": made.county.pk, "year": 2026})
    assert response.status_code == 422
    assert "读出 301 项问题，一份报告最多 300 项" in response.content.decode()
    assert not IntakeDraft.objects.exists()


def test_a_file_too_large_is_refused_with_its_limit(made, office, settings):
    settings.EVIDENCE_MAX_BYTES = 100
    response = office.post(
        reverse("intake"), {"file": file(), "unit": made.county.pk, "year": 2026, "meeting": ""}
    )
    assert response.status_code == 422 and "超过" in response.content.decode()


def test_a_unit_that_is_not_ones_own_is_refused(made, office):
    other = builders.another_ledger(made).unit
    response = office.post(reverse("intake"), {"file": file(), "unit": other.pk, "year": 2026})
    assert response.status_code == 422 and not IntakeDraft.objects.exists()


@pytest.mark.parametrize("role", ["leader", "unit_head", "clerk", "inspector", "sysadmin", "auditor"])
def test_only_the_office_imports(made, role):
    client = Client()
    client.force_login(made[role])
    data = {"file": file(), "unit": made.county.pk, "year": 2026}
    assert client.post(reverse("intake"), data).status_code == 403
    draft = builders.uploaded(made["office"], made.county)
    for name in ("intake_edit", "intake_drop", "intake_load"):
        assert client.post(reverse(name, args=[draft.pk]), {"version": 1}).status_code == 404
    assert "导入报告" not in client.get(reverse("reports")).content.decode()
    assert IntakeDraft.objects.open().count() == 1


def test_an_expired_sign_in_keeps_the_typed_words(made, office):
    draft_token = office.get(reverse("intake")).context["draft_token"]
    data = {"unit": made.county.pk, "year": 2025, "meeting": "民主生活会", "draft_token": draft_token}
    response = Client().post(reverse("intake"), data | {"file": file()})
    assert "/accounts/login/" in response["Location"]
    form = office.get(reverse("intake") + "?kept=1").context["form"]
    assert (form["meeting"].value(), form["year"].value()) == ("民主生活会", "2025")


# -- the preview -----------------------------------------------------------------------------------


def test_the_preview_shows_the_source_beside_the_outline(made, office):
    draft = upload(office, made)
    words = office.get(draft.get_absolute_url()).content.decode()
    assert 'id="s-p1"' in words and 'href="#s-p1"' in words and 'href="#p1"' in words
    assert words.index("请您留意") < words.index("未覆盖")
    for said in (
        "读出 2 个查摆方面、3 项问题、2 个根源、2 个努力方向",
        "建议，待确认",
        "原文点明",
        "两处都写到",
    ):
        assert said in words, said
    assert '<mark class="shared">学习</mark>' in words
    assert " style=" not in words and "onclick" not in words


def test_a_piece_is_opened_and_saved(made, office):
    draft = upload(office, made)
    page = office.get(reverse("intake_piece", args=[draft.pk, "p1"])).content.decode()
    assert "passage-problem is-open" in page
    response = piece(
        office,
        draft,
        "p1",
        title="学用脱节",
        text="改过\r\n的描述",
        manifestations="研讨念稿多\r\n\r\n新的一条",
        aspect="a2",
    )
    assert "已保存“学用脱节”" in response.content.decode()
    item = outline_of(draft).item("p1")
    assert (item.title, item.text, item.aspect) == ("学用脱节", "改过\n的描述", "a2")
    assert [(part.text, part.end > 0) for part in item.manifestations] == [
        ("研讨念稿多", True),
        ("新的一条", False),
    ]


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"title": " "}, "请填写名称"),
        ({"title": "长" * 201}, "最多 200 个字"),
        ({"kind": "else"}, "不在可选范围内"),
        ({"aspect": "a9"}, "不在可选范围内"),
        ({"version": "x"}, "页面缺少版本信息"),
    ],
)
def test_a_refused_edit_keeps_what_was_typed(made, office, fields, words):
    draft = upload(office, made)
    response = piece(office, draft, "p1", text="刚刚写的", **fields)
    assert response.status_code == 422
    page = response.content.decode()
    assert words in page and "刚刚写的" in page
    assert outline_of(draft).item("p1").text.startswith("学习抓得紧")


def test_an_edit_of_an_old_page_is_refused_with_both_texts(made, office):
    draft = upload(office, made)
    piece(office, draft, "p1", title="第一个窗口")
    response = piece(office, draft, "p1", title="第二个窗口", version=1)
    assert response.status_code == 409
    page = response.content.decode()
    assert "另一个窗口" in page and "第一个窗口" in page and 'value="第二个窗口"' in page
    assert outline_of(draft).item("p1").title == "第一个窗口"
    assert act(office, draft, "drop", key="p1", version=1).status_code == 409
    assert not outline_of(draft).item("p1").dropped


def test_a_piece_becomes_a_cause_and_back(made, office):
    draft = upload(office, made)
    piece(office, draft, "p2", kind="cause")
    assert [item.key for item in outline_of(draft).kept("cause")] == ["p2", "c1", "c2"]
    assert {link.problem for link in outline_of(draft).live_links()} == {"p1", "p3"}
    piece(office, draft, "p2", kind="problem")
    assert {link.problem for link in outline_of(draft).live_links()} == {"p1", "p2", "p3"}


def test_merge_split_drop_restore(made, office):
    draft = upload(office, made)
    act(office, draft, "merge", key="p2")
    item = outline_of(draft).item("p2")
    assert "为群众办实事不够扎实。回迁办证进展慢。" in item.text
    assert {link.problem for link in outline_of(draft).live_links()} == {"p1", "p2"}
    assert draft.text[item.start : item.end].endswith("回迁办证进展慢。")
    act(office, draft, "split", key="p2", at=1)
    titles = [one.title for one in outline_of(draft).kept("problem")]
    assert titles == ["学用结合不紧", "督办不够经常", "为群众办实事不够扎实"]
    act(office, draft, "drop", key="p1")
    assert "删去的" in office.get(draft.get_absolute_url()).content.decode()
    act(office, draft, "restore", key="p1")
    assert len(outline_of(draft).kept("problem")) == 3


def test_links_are_confirmed_rejected_and_added(made, office):
    draft = upload(office, made)
    act(office, draft, "link", problem="p3", other="c2", confirm="1")
    act(office, draft, "link", problem="p1", other="c1", confirm="0")
    act(office, draft, "tie", problem="p3", other="d2")
    status = {(link.problem, link.other): link.status for link in outline_of(draft).links}
    assert status["p3", "c2"] == LinkStatus.CONFIRMED
    assert status["p1", "c1"] == LinkStatus.REJECTED
    assert status["p3", "d2"] == LinkStatus.CONFIRMED


def test_aspects_are_named_added_and_dropped(made, office):
    draft = upload(office, made)
    act(office, draft, "aspect", key="a1", title="带头讲政治方面")
    act(office, draft, "aspect", title="新的方面")
    act(office, draft, "aspect_drop", key="a2")
    outline = outline_of(draft)
    assert [one.title for one in outline.kept_aspects()] == ["带头讲政治方面", "新的方面"]
    assert outline.item("p3").aspect is None
    assert "未分类" in office.get(draft.get_absolute_url()).content.decode()


def test_a_piece_is_added_by_hand(made, office):
    draft = upload(office, made)
    act(office, draft, "add", kind="problem", title="漏读的问题", text="说明", aspect="a2")
    item = outline_of(draft).kept("problem")[-1]
    assert (item.title, item.aspect, item.end) == ("漏读的问题", "a2", 0)
    assert "手工新增" in office.get(draft.get_absolute_url()).content.decode()
    response = act(office, draft, "add", kind="problem", title="")
    assert response.status_code == 422 and "名称：请填写名称。" in response.content.decode()


def test_placeholders_are_filled_at_once_or_place_by_place(made, office):
    draft = upload(office, made, parsing.REPORT.replace("督办少。", "督办少，xx局配合不够。"))
    act(office, draft, "fill", **{"all-0": "6次", "all-1": "张三", "gap-2": "县住建"})
    assert [gap.value for gap in outline_of(draft).gaps] == ["6次", "张三", "县住建"]
    page = office.get(draft.get_absolute_url()).content.decode()
    assert "张三同志分管的事项督办少，县住建局配合不够。" in page
    piece(office, draft, "p2", title="督办不常", text="张三同志分管的事项督办少，县住建局配合不够。")
    assert outline_of(draft).item("p2").text.startswith("xx同志")
    act(office, draft, "fill", **{"all-0": "", "all-1": "李四"})
    assert [gap.value for gap in outline_of(draft).gaps] == ["", "李四", "李四"]


def test_a_left_out_section_is_taken_in_and_edits_stay(made, office):
    draft = upload(office, made)
    piece(office, draft, "p1", title="学用脱节")
    section = outline_of(draft).sections[0]
    response = act(office, draft, "include", key=section.key, included="1")
    assert "从中识别出 1 条" in response.content.decode()
    titles = [item.title for item in outline_of(draft).kept("problem")]
    assert titles == ["学用脱节", "督办不够经常", "为群众办实事不够扎实", "去年整改情况不到位"]
    piece(office, draft, outline_of(draft).kept("problem")[-1].key, title="去年的事没有办完")
    act(office, draft, "include", key=section.key)
    assert len(outline_of(draft).kept("problem")) == 3


def test_a_lost_file_says_what_can_be_done(made, office):
    draft = upload(office, made)
    draft.path.unlink()
    response = act(office, draft, "include", key=outline_of(draft).sections[0].key, included="1")
    assert response.status_code == 422 and "草稿没有丢失，可以手工新增" in response.content.decode()


@pytest.mark.parametrize(
    "fields",
    [
        {"verb": "nonsense"},
        {"verb": "merge", "key": "p99"},
        {"verb": "merge", "key": "p3"},
        {"verb": "split", "key": "p1", "at": "x"},
        {"verb": "split", "key": "p1", "at": "99"},
        {"verb": "drop"},
        {"verb": "restore", "key": "../"},
        {"verb": "link", "problem": "p1", "other": "p2"},
        {"verb": "tie", "problem": "p1", "other": "p2"},
        {"verb": "include", "key": "s99", "included": "1"},
        {"verb": "aspect", "title": ""},
        {"verb": "aspect", "key": "a1", "title": "长" * 501},
        {"verb": "aspect_drop", "key": "a99"},
        {"verb": "target", "target": "99999"},
        {"verb": "apart", "key": ""},
        {"verb": "drop", "key": "p1", "version": ""},
    ],
)
def test_a_wrong_button_changes_nothing(made, office, fields):
    draft = upload(office, made)
    before = draft.outline
    response = act(office, draft, fields["verb"], **{k: v for k, v in fields.items() if k != "verb"})
    assert response.status_code == 422
    assert "草稿没有丢失" in response.content.decode()
    draft.refresh_from_db()
    assert draft.outline == before


def test_what_is_written_in_the_report_is_text_and_never_markup(made, office):
    nasty = "<script>alert(1)</script>"
    draft = upload(office, made, parsing.REPORT.replace("学用结合不紧", nasty))
    for where in (draft.get_absolute_url(), reverse("intake_piece", args=[draft.pk, "p1"])):
        assert nasty not in office.get(where).content.decode()
    assert nasty not in office.get(reverse("intake_load", args=[draft.pk])).content.decode()


def test_a_draft_belongs_to_who_uploaded_it(made, office):
    draft = upload(office, made)
    builders.account("second_office", made.county, "office")
    other = Client()
    other.force_login(made["office"].__class__.objects.get(username="second_office"))
    assert other.get(draft.get_absolute_url()).status_code == 404
    assert other.get(reverse("intake_piece", args=[draft.pk, "p1"])).status_code == 404
    assert act(other, draft, "drop", key="p1").status_code == 404


def test_unsent_words_of_a_piece_are_kept(made, office):
    draft = upload(office, made)
    key = f"piece-p1:{draft.pk}"
    assert office.post("/drafts/", {"draft_key": key, "text": "写了一半"}).status_code == 200
    page = office.get(reverse("intake_piece", args=[draft.pk, "p1"])).content.decode()
    assert "写了一半" in page
    stranger = Client()
    stranger.force_login(made["clerk"])
    assert stranger.post("/drafts/", {"draft_key": key, "text": "塞进去"}).status_code == 404
    piece(office, draft, "p1", text="写完了")
    assert not Draft.objects.exists()


def test_a_draft_is_given_up_with_its_file(made, office):
    draft = upload(office, made)
    page = office.get(draft.get_absolute_url()).content.decode()
    assert "将放弃这份草稿" in page
    response = office.post(reverse("intake_drop", args=[draft.pk]), {"version": draft.version}, follow=True)
    assert "台账没有改动" in response.content.decode()
    draft.refresh_from_db()
    assert (draft.status, draft.text) == (IntakeStatus.DROPPED, "")
    assert office.get(draft.get_absolute_url(), follow=True).redirect_chain[-1][0] == reverse("intake")


def test_name_unit_year_and_meeting_may_be_changed(made, office):
    draft = upload(office, made)
    data = {"unit": made.bureau.pk, "year": 2025, "title": "改过的名称", "meeting": "", "version": 1}
    assert office.post(draft.get_absolute_url(), data).status_code == 302
    draft.refresh_from_db()
    assert (draft.unit, draft.year, draft.title) == (made.bureau, 2025, "改过的名称")
    response = office.post(draft.get_absolute_url(), data | {"title": "", "version": 2})
    assert response.status_code == 422 and "请填写报告名称" in response.content.decode()


# -- the plan and the load -----------------------------------------------------------------------------


def test_the_plan_is_shown_and_writes_nothing(made, office):
    draft = upload(office, made)
    before = Report.objects.count()
    page = office.get(reverse("intake_load", args=[draft.pk])).content.decode()
    assert "将新建一本台账：3 项问题、2 个查摆方面、2 个根源、2 个努力方向" in page
    assert "2 处空白没有填" in page and "处对应没有确认" in page
    assert Report.objects.count() == before


def test_where_nothing_is_left_open_no_empty_notice_stands(made, office):
    text = (
        "问题：夜间巡查次数偏少。每周一次。\n问题：档案归集不够及时。\n根源：人手紧张（1、2）\n略：上年整改"
    )
    draft = upload(office, made, text)
    page = office.get(reverse("intake_load", args=[draft.pk])).content.decode()
    assert "将新建一本台账：2 项问题" in page and "notice-warn" not in page


def test_a_load_leads_to_the_ledger_ready_to_be_assigned(made, office):
    draft = upload(office, made)
    response = load(office, draft)
    report = Report.objects.get(year=2026)
    assert response.redirect_chain[-1][0] == reverse("report_next", args=[report.pk])
    words = response.content.decode()
    assert "3 项问题。下面是接下来要办的" in words and "3 项问题都还要明确责任、时限或措施" in words
    assert [(step.label, step.count) for step in response.context["steps"]] == [
        (what, 3) for what in ("责任领导", "责任单位", "整改时限", "整改措施")
    ]
    for step in response.context["steps"][:3]:
        assert f"共 {step.count} 项" in office.get(step.url).content.decode()
        assert office.get(step.at_once).status_code == 200
    whole = office.get(report.get_absolute_url()).content.decode()
    for problem in report.problems.all():
        assert reverse("assign", args=[problem.pk]) in words
        assert f"#problem-{problem.pk}" in whole


def test_a_double_submit_makes_one_ledger(made, office):
    draft = upload(office, made)
    page = office.get(reverse("intake_load", args=[draft.pk]))
    data = {"version": page.context["draft"].version, "digest": page.context["plan"].digest}
    for _ in range(2):
        response = office.post(reverse("intake_load", args=[draft.pk]), data, follow=True)
        assert response.status_code == 200
    assert "已经载入，没有重复载入" in response.content.decode()
    assert Report.objects.filter(year=2026).count() == 1


def test_a_load_of_another_plan_is_shown_again(made, office):
    draft = upload(office, made)
    response = load(office, draft, digest="0" * 64)
    assert response.status_code == 409
    assert "还没有载入" in response.content.decode()
    response = load(office, draft, version=99)
    assert response.status_code == 409 and not SourceText.objects.exists()
    assert office.post(reverse("intake_load", args=[draft.pk]), {}).status_code == 422


def test_faults_stand_in_the_way_and_are_named(made, office):
    draft = upload(office, made)
    for key in ("p1", "p2", "p3"):
        act(office, draft, "drop", key=key)
    page = office.get(reverse("intake_load", args=[draft.pk]))
    assert "还没有一条问题" in page.content.decode()
    assert load(office, draft).status_code == 422
    assert not Report.objects.filter(year=2026).exists()


def test_a_corrected_version_is_recognised_and_shown_as_such(made, office):
    load(office, upload(office, made))
    report = Report.objects.get(year=2026)
    again = upload(office, made, parsing.REPORT.replace("督办不够经常", "督查督办不够经常"))
    assert again.target == report
    page = office.get(reverse("intake_load", args=[again.pk])).content.decode()
    assert "新增 0 项，文字有改动 1 项，相同 2 项，新稿里没有 0 项" in page
    assert "<del>督办不够经常</del>" in page and "<ins>督查督办不够经常</ins>" in page
    load(office, again)
    assert report.problems.get(number=2).title == "督查督办不够经常"
    assert Report.objects.filter(year=2026).count() == 1


def test_who_wants_a_ledger_of_its_own_says_so(made, office):
    load(office, upload(office, made))
    again = upload(office, made)
    act(office, again, "target", target="", then="load")
    again.refresh_from_db()
    assert again.target is None
    load(office, again)
    assert Report.objects.filter(year=2026).count() == 2


def test_a_problem_may_be_called_another_one(made, office):
    load(office, upload(office, made))
    again = upload(office, made, parsing.REPORT.replace("督办不够经常", "督查督办不够经常"))
    act(office, again, "apart", key="p2", apart="1", then="load")
    page = office.get(reverse("intake_load", args=[again.pk]))
    assert page.context["counts"] == {"new": 1, "changed": 0, "same": 2, "locked": 0, "gone": 1}


def test_similar_problems_of_last_year_are_pointed_out_for_carry_over(made, office):
    draft = upload(office, made)
    page = office.get(reverse("intake_load", args=[draft.pk]))
    similar = {row.item.key: row for row in page.context["plan"].similar}
    assert similar["p1"].problem == made.problem and similar["p1"].percent == 100
    assert "与上一年度相似的问题" in page.content.decode()
    act(office, draft, "carry", carry=["p1"], then="load")
    load(office, draft)
    problem = Problem.objects.get(report__year=2026, number=1)
    assert problem.source == Source.CARRIED
    entry = AuditEntry.objects.get(act="add_problem", target_id=problem.pk)
    assert entry.reason == f"上年结转：2025 年度 {made.problem.code}"


def test_the_pages_take_a_fixed_number_of_queries(made, office):
    def text(count: int) -> str:
        rows = [f"问题：第{number}号事项推进缓慢。说明{number}。" for number in range(1, count + 1)]
        return "\n".join(["方面：带头方面", *rows, "根源：理论学习不系统（1？、2？）。学习不深。"])

    def queries(draft: IntakeDraft) -> list[int]:
        found = []
        for where in ("intake_draft", "intake_load"):
            with CaptureQueriesContext(connection) as caught:
                assert office.get(reverse(where, args=[draft.pk])).status_code == 200
            found.append(len(caught))
        with CaptureQueriesContext(connection) as caught:
            assert office.get(reverse("intake")).status_code == 200
        return [*found, len(caught)]

    office.get(upload(office, made, text(3)).get_absolute_url())
    few, many = upload(office, made, text(3)), upload(office, made, text(300))
    assert queries(few) == queries(many)
    load(office, few)
    load(office, upload(office, made, text(60), year=2030))
    few, many = upload(office, made, text(3)), upload(office, made, text(60), year=2030)
    assert few.target and many.target
    assert queries(few) == queries(many)


# -- the kept source ---------------------------------------------------------------------------------


@pytest.fixture
def loaded(made, office) -> Report:
    load(office, upload(office, made))
    report = Report.objects.get(year=2026)
    builders.assign(made, report.problems.get(number=1))
    return report


def test_the_source_opens_at_the_problem(made, office, loaded):
    problem = loaded.problems.get(number=3)
    item = office.get(problem.get_absolute_url()).content.decode()
    link = f"{reverse('report_source', args=[loaded.pk])}?edition=1#problem-{problem.pk}"
    assert link in item
    page = office.get(link).content.decode()
    assert f'id="problem-{problem.pk}"' in page and "回迁办证进展慢" in page
    file = office.get(reverse("report_source_file", args=[loaded.pk, 1]))
    assert b"".join(file.streaming_content) == parsing.REPORT.encode()
    assert "attachment" in file["Content-Disposition"] and "sandbox" in file["Content-Security-Policy"]


def test_who_sees_some_problems_sees_their_passages_only(made, office, loaded):
    client = Client()
    client.force_login(made["clerk"])
    page = client.get(reverse("report_source", args=[loaded.pk])).content.decode()
    assert "学习抓得紧，用得少" in page and "回迁办证" not in page and "下载原件" not in page
    assert client.get(reverse("report_source_file", args=[loaded.pk, 1])).status_code == 404


def test_every_edition_stays_viewable(made, office, loaded):
    again = upload(office, made, parsing.REPORT.replace("回迁办证进展慢", "回迁办证已有进展"))
    load(office, again)
    where = reverse("report_source", args=[loaded.pk])
    assert "回迁办证已有进展" in office.get(where).content.decode()
    assert "回迁办证进展慢" in office.get(where + "?edition=1").content.decode()
    assert office.get(where + "?edition=x").status_code == 200


def test_a_report_without_a_source_has_no_link_and_no_page(made, office):
    assert "看原文" not in office.get(made.report.get_absolute_url()).content.decode()
    assert office.get(reverse("report_source", args=[made.report.pk])).status_code == 404


def test_a_lost_file_is_said_and_the_text_stays(made, office, loaded):
    SourceText.objects.get().path.unlink()
    assert office.get(reverse("report_source_file", args=[loaded.pk, 1])).status_code == 404
    assert office.get(reverse("report_source", args=[loaded.pk])).status_code == 200


def test_a_closed_problem_is_not_touched_by_a_corrected_version(made, office, loaded):
    two = loaded.problems.get(number=2)
    problems.withdraw(two, by=made["office"], seen=two.version, reason="重复")
    again = upload(office, made, parsing.REPORT.replace("督办不够经常", "督查督办不够经常"))
    page = office.get(reverse("intake_load", args=[again.pk])).content.decode()
    assert "已锁定不改 1 项" in page and "已撤回，内容已锁定" in page
    load(office, again)
    assert loaded.problems.get(number=2).title == "督办不够经常"


def test_a_draft_whose_ledger_is_chosen_keeps_it_when_only_the_title_changes(made, office, loaded):
    again = upload(office, made)
    data = {"unit": made.county.pk, "year": 2026, "title": "新名称", "meeting": "", "version": again.version}
    office.post(again.get_absolute_url(), data)
    again.refresh_from_db()
    assert (again.target, again.title) == (loaded, "新名称")
    intake_drafts.change(again, by=made["office"], seen=again.version, target=None)


def test_a_report_that_is_too_much_for_its_child_keeps_what_was_typed(made, office, monkeypatch):
    monkeypatch.setattr("rectify.intake.reading.SECONDS", 0.001)
    body = {
        "file": SimpleUploadedFile("报告.txt", b"x"),
        "unit": made.county.pk,
        "year": 2026,
        "title": "某报告",
    }
    refused = office.post(reverse("intake"), body)
    page = refused.content.decode()
    assert refused.status_code == 422 and "读取它超出了限度" in page and 'value="某报告"' in page
    assert not IntakeDraft.objects.exists()
