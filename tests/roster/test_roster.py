"""A sheet becomes an office: previewed, loaded as one act, agreed to by a second person."""

from __future__ import annotations

import re

import pytest
from django.urls import reverse

from rectify.audit.verify import read_chains
from rectify.choices import Action, DutyStatus, Role
from rectify.models import AuditEntry, DutyRequest, Holiday, Leader, Membership, Unit, User
from rectify.roster.reader import read_roster
from rectify.selectors.roster.current import current_rows
from rectify.selectors.roster.plan import make_plan
from rectify.selectors.roster.rows import HOLIDAYS, LEADERS, PEOPLE, UNITS
from rectify.xlsx.reader import read_book
from tests import builders
from tests.roster.workbooks import written
from tests.views.access_things import sheet

pytestmark = pytest.mark.django_db
WORLD = builders.cast
ROWS = {
    UNITS: [["乙县戊镇", "乙县", "戊镇"], ["戊镇农业站", "乙县戊镇", ""], ["乙县丙局", "乙县", "丙局"]],
    PEOPLE: [
        ["站长", "zhanzhang", "戊镇农业站", "单位负责人", "0100-1", ""],
        ["站长", "zhanzhang", "乙县戊镇", "经办人", "", ""],
        ["副整改办", "fuban", "乙县", "整改办", "", ""],
        ["镇长", "zhenzhang", "乙县戊镇", "责任领导", "", "是"],
        ["乙县丁局经办人", "stranger", "乙县丁局", "经办人", "", "否"],
    ],
    LEADERS: [["镇长", "乙县戊镇", "zhenzhang", "3", ""], ["县委常委", "乙县", "", "", ""]],
    HOLIDAYS: [["2031.10.1", "国庆节", ""], ["2031-10-11", "调休", "是"]],
}


def planned(rows, by, tmp_path):
    path = tmp_path / "roster.xlsx"
    path.write_bytes(written(rows))
    return make_plan(read_roster(read_book(path)), by)


def uploaded(client, rows) -> str:
    answer = client.post(reverse("roster"), {"file": sheet(written(rows), "建账表.xlsx")})
    assert answer.status_code == 302, answer.content.decode()
    return answer.url


def confirmed(client, page: str, **values):
    digest = re.search(r'name="digest" value="(\w+)"', client.get(page).content.decode())[1]
    return client.post(page, {"digest": digest, "reason": "建账"} | values)


def test_the_whole_way(made, client, tmp_path):
    client.force_login(made["sysadmin"])
    page = uploaded(client, ROWS)
    text = client.get(page).content.decode()
    assert "新增单位 2 项、账号 3 项、任职 4 项、责任领导 2 项、节假日 2 项；改动单位 1 项、任职 1 项" in text
    assert "其中 1 项任职连同新账号" in text and not Unit.objects.filter(name="乙县戊镇").exists()
    assert confirmed(client, page, digest="0" * 64).status_code == 409, "another plan than was looked at"
    entries = AuditEntry.objects.count()
    answer = confirmed(client, page)
    slips = dict(
        re.findall(
            r'slip-code">([a-z]+)</dd><dt>一次性口令</dt><dd class="slip-code">([^<]+)<',
            answer.content.decode(),
        )
    )
    assert set(slips) == {"zhanzhang", "fuban", "zhenzhang"} and "no-store" in answer["Cache-Control"]
    assert AuditEntry.objects.count() == entries + 2, "one of the loading, one of what waits"
    assert AuditEntry.objects.filter(act=Action.LOAD_ROSTER).get().actor == made["sysadmin"]
    station = Unit.objects.get(name="戊镇农业站")
    assert (
        Unit.objects.get_parent(station).name == "乙县戊镇"
        and Unit.objects.get(name="乙县丙局").short == "丙局"
    )
    assert not Membership.objects.get(user__username="stranger").active, "the post that the sheet ends"
    assert Leader.objects.get(post="镇长").user.username == "zhenzhang"
    assert Holiday.objects.get(day="2031-10-11").is_workday
    head = User.objects.get(username="zhanzhang")
    assert head.must_change_password and head.check_password(slips["zhanzhang"])
    again = client.post(reverse("roster_slips")).content.decode()
    assert "口令条" in again and slips["zhanzhang"] not in again and "zhanzhang" in again
    assert not User.objects.get(username="zhanzhang").check_password(slips["zhanzhang"])
    assert DutyRequest.objects.waiting().count() == 3, "what waits already is not asked for twice"
    assert not Membership.objects.get(user__username="fuban", role=Role.OFFICE).active, "waits"

    client.force_login(made["office"])
    home, duties = (client.get(url).content.decode() for url in ("/", reverse("duties")))
    assert "批量提请 3 项：授予任职 1 项、启用账号 2 项" in home and "一次全部确认" in duties
    batch = DutyRequest.objects.waiting().first()
    assert client.post(reverse("duty_confirm_all", args=[batch.pk])).status_code == 302
    assert not DutyRequest.objects.waiting().exists()
    assert Membership.objects.get(user__username="fuban", role=Role.OFFICE).active
    assert not [fault for chain in read_chains("default") for fault in chain.breaks]

    assert not planned(current_rows(made["sysadmin"]), made["sysadmin"], tmp_path).steps, "what is there"
    again = client.post(reverse("duty_confirm_all", args=[batch.pk]))
    assert again.status_code == 409


def test_the_same_sheet_again_changes_nothing_and_a_batch_can_be_refused(made, client):
    client.force_login(made["sysadmin"])
    confirmed(client, uploaded(client, ROWS))
    before = AuditEntry.objects.count()
    page = uploaded(client, ROWS)
    text = client.get(page).content.decode()
    assert "与系统里的一致，没有要改动的内容" in text and "确认建账" not in text
    assert confirmed(client, page).url == reverse("roster") and AuditEntry.objects.count() == before
    client.force_login(made["auditor"])
    batch = DutyRequest.objects.waiting().first()
    url = reverse("duty_refuse_all", args=[batch.pk])
    assert client.post(url).status_code == 422
    assert client.post(url, {"reason": "人不对"}).status_code == 302
    assert not DutyRequest.objects.exclude(status=DutyStatus.REFUSED).exists()
    assert not User.objects.get(username="zhanzhang").is_active


@pytest.mark.parametrize(
    ("table", "row", "words"),
    [
        (UNITS, ["新局", "", ""], "最上级的单位只由管理全部单位"),
        (UNITS, ["新局", "乙县丙区", ""], "是不是“乙县丙局”"),
        (UNITS, ["新局", "新局", ""], "没有这个单位"),
        (UNITS, ["", "乙县", ""], "没有填写"),
        (UNITS, ["乙县戊镇", "甲市/乙县", ""], "没有这个单位"),
        (PEOPLE, ["甲", "zhao qian", "乙县", "经办人", "", ""], "登录名只能用"),
        (PEOPLE, ["甲", "jia", "乙县", "主任", "", ""], "不是可以选的内容"),
        (PEOPLE, ["甲", "jia", "丙丙丙", "经办人", "", ""], "没有这个单位"),
        (PEOPLE, ["甲", "office", "乙县", "安全审计员", "", ""], "三员分立"),
        (PEOPLE, ["甲", "inspector", "乙县", "整改办", "", ""], "不由您管理"),
        (PEOPLE, ["甲", "sysadmin", "乙县丙局", "系统管理员", "", ""], "不能自己改"),
        (LEADERS, ["丙", "乙县", "clerk", "", ""], "没有“责任领导”任职"),
        (LEADERS, ["丙", "乙县", "leader", "", ""], "已经是“常务副县长”的账号"),
        (LEADERS, ["丙", "乙县", "", "甲", ""], "应是 0 到 32767 的整数"),
        (HOLIDAYS, ["十月一日", "国庆", ""], "认不出是哪一天"),
        (HOLIDAYS, ["2031-10-01", "国庆", "也许"], "请从 是、否 里选"),
    ],
)
def test_a_fault_names_its_row_and_the_remedy(made, tmp_path, table, row, words):
    plan = planned({table: [row]}, made["sysadmin"], tmp_path)
    assert [fault.row for fault in plan.faults] == [4] and words in plan.faults[0].words, plan.faults


def test_whoever_is_in_a_unit_whose_row_is_wrong_is_sent_to_that_row(made, tmp_path):
    rows = {
        UNITS: [["新局", "没有", ""], ["新股", "新局", ""]],
        PEOPLE: [["甲", "jia", "新股", "经办人", "", ""]],
    }
    faults = planned(rows, made["sysadmin"], tmp_path).faults
    assert [fault.reason[:10] for fault in faults[1:]] == ["“单位”表第 4 行", "“单位”表第 5 行"], faults


def test_all_that_is_wrong_with_a_row_is_told_at_once(made, tmp_path):
    rows = {
        UNITS: [["新局", "没有", "长" * 31], ["新股", "新局", ""]],
        PEOPLE: [["甲", "zhao qian", "丙丙丙", "主任", "", "也许"]],
        LEADERS: [["丙", "丙丙丙", "", "甲", ""]],
    }
    faults = planned(rows, made["sysadmin"], tmp_path).faults
    assert [(fault.sheet, fault.row, fault.heading) for fault in faults] == [
        (UNITS, 4, "简称"), (UNITS, 4, "上级单位"), (UNITS, 5, "上级单位"),
        *((PEOPLE, 4, heading) for heading in ("角色", "在任", "单位", "登录名")),
        (LEADERS, 4, "排序"), (LEADERS, 4, "所在单位"),
    ]  # fmt: skip
    assert "“单位”表第 4 行" in faults[2].reason


def test_what_is_wrong_between_rows(made, tmp_path):
    rows = {
        UNITS: [
            ["一局", "二局", ""],
            ["二局", "一局", ""],
            ["三局", "乙县", ""],
            ["三局", "甲市/乙县", ""],
            ["三局", "乙县", ""],
        ],
        PEOPLE: [
            ["甲", "jia", "三局", "经办人", "", ""],
            ["乙", "jia", "三局", "单位负责人", "", ""],
            ["丙", "bing", "三局", "系统管理员", "", ""],
            ["丙", "bing", "三局", "安全审计员", "", ""],
            ["丙", "bing", "乙县丙局", "经办人", "", ""],
            ["甲", "jia", "乙县/三局", "经办人", "", "否"],
            ["甲", "jia2", "三局", "经办人", "", ""],
            ["丁", "ding", "三局", "责任领导", "0100-1", ""],
            ["丁", "ding", "乙县", "责任领导", "0100-2", ""],
            ["戊", "wu", "三局", "责任领导", "", ""],
            ["乙县整改办", "office", "三局", "安全审计员", "", ""],
            ["乙县整改办", "office", "三局", "经办人", "", ""],
        ],
        LEADERS: [
            ["丁", "三局", "ding", "", ""],
            ["戊", "三局", "ding", "", ""],
            ["丁", "乙县", "wu", "", ""],
            ["常务副县长", "乙县", "", "", ""],
            ["副县长", "乙县", "leader", "", ""],
            ["前县长", "乙县", "nobody", "", "否"],
        ],
        HOLIDAYS: [["2031-10-01", "国庆", ""], ["2031.10.1", "国庆", ""]],
    }
    faults = planned(rows, made["sysadmin"], tmp_path).faults
    assert [(fault.sheet, fault.row, fault.reason) for fault in faults] == [
        (UNITS, 4, "上级单位互为上下级，排不出先后"), (UNITS, 5, "上级单位互为上下级，排不出先后"),
        (UNITS, 7, "没有这个单位，或者不在您管理的范围内"), (UNITS, 8, "与第 6 行重复"),
        (PEOPLE, 5, "与第 4 行的登录名相同，姓名却不同"),
        (PEOPLE, 7, "三员分立：与第 6 行的“系统管理员”不能由同一人担任"),
        (PEOPLE, 8, "三员分立：与第 6 行的“系统管理员”不能由同一人担任"),
        (PEOPLE, 9, "与第 4 行重复"),
        (PEOPLE, 10, "与第 4 行的姓名、单位、角色都相同，登录名却不同（jia）"),
        (PEOPLE, 12, "与第 11 行是同一个账号，电话却不同"),
        (PEOPLE, 14, "三员分立：与已有的“整改办”任职不能由同一人担任"),
        (PEOPLE, 15, "三员分立：与第 14 行的“安全审计员”不能由同一人担任"),
        (LEADERS, 5, "与第 4 行是同一个账号"),
        (LEADERS, 6, "这个账号是“戊”的，不是“丁”的"),
        (LEADERS, 8, "这个账号已经是“常务副县长”的账号"),
        (HOLIDAYS, 5, "与第 4 行重复"),
    ]  # fmt: skip
    assert all(fault.remedy for fault in faults)


def test_who_leaves_office_keeps_the_account_on_record(made, tmp_path):
    rows = {LEADERS: [["常务副县长", "乙县", "nobody", "", "否"]]}
    plan = planned(rows, made["sysadmin"], tmp_path)
    assert not plan.faults and [step.username for step in plan.leaders] == [""]


def test_a_fault_in_any_row_and_nothing_is_written(made, client):
    client.force_login(made["sysadmin"])
    more = [["乙县整改办", "office", "乙县丙局", "安全审计员", "", ""], ROWS[PEOPLE][0]]
    rows = ROWS | {PEOPLE: ROWS[PEOPLE] + more, LEADERS: [["县委常委", "乙县", "leader", "", ""]]}
    page, before = uploaded(client, rows), AuditEntry.objects.count()
    text = client.get(page).content.decode()
    assert "有 3 处要改正" in text and "确认建账" not in text
    for where, why in (
        ("“人员”第 9 行", "三员分立：与已有的“整改办”任职不能由同一人担任"),
        ("“人员”第 10 行", "与第 4 行重复"),
        ("“责任领导”第 4 行", "这个账号已经是“常务副县长”的账号"),
    ):
        assert re.search(f"{where}</td>.*?{why}。", text), why
    assert confirmed(client, page).status_code == 422
    assert AuditEntry.objects.count() == before
    assert not Unit.objects.filter(name="乙县戊镇").exists()
    other = client.post(reverse("roster"), {"file": sheet(b"PK\x03\x04 no", "x.xlsx")})
    assert other.status_code == 422
