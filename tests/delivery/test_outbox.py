"""From the act to the robot and the letter box: written with the act, delivered later, failures kept."""

from __future__ import annotations

import datetime as dt
import logging

import pytest
from django.core import mail
from django.core.management import call_command

from rectify import clock
from rectify.choices import Action, Channel, NoticeKind, NoticeState, SupervisionLevel
from rectify.delivery import outbox_round
from rectify.errors import Incomplete, NotAllowed, Stale, WrongState
from rectify.models import AllowedHost, AuditEntry, DeliverySettings, Notice, NoticeAttempt, User
from rectify.notifications import outbox as notices
from rectify.notifications import reminders
from rectify.notifications.outbox import compose, post
from rectify.notifications.recipients import Directory, Told
from rectify.operations import delivery_settings, supervision
from tests import builders

pytestmark = pytest.mark.django_db
TEMPLATE = '{"text": "{text}", "link": "{url}"}'


WORLD = builders.cast


def configure(cast: builders.Cast, **changes) -> DeliverySettings:
    current = DeliverySettings.objects.filter(report=cast.report).first()
    given = {"email_on": False, "webhook_on": False, "template": TEMPLATE, "reason": "启用"} | changes
    given.setdefault("seen", current.version if current else 1)
    return delivery_settings.edit_delivery(cast.report, by=given.pop("by", cast["office"]), **given)


def robot_on(cast: builders.Cast, robot) -> None:
    AllowedHost.objects.create(host="127.0.0.1", is_internal=True)
    configure(cast, webhook_on=True, webhook_url=robot.url)


def mail_on(cast: builders.Cast) -> None:
    """With one message on its way."""
    User.objects.filter(username="office").update(email="office@example.com")
    configure(cast, email_on=True)
    delivery_settings.send_test(cast.report, by=User.objects.get(username="office"))


def issue(cast: builders.Cast):
    return supervision.issue(
        [cast.problem],
        by=cast["office"],
        level=SupervisionLevel.NORMAL,
        reason="请说明原因",
        reply_by=clock.today() + dt.timedelta(days=3),
        units=[cast.bureau],
    )


def waiting(channel: str) -> Notice:
    return Notice.objects.get(channel=channel)


def later(minutes: int) -> dict[str, int]:
    with clock.pretend(clock.now() + dt.timedelta(minutes=minutes)):
        return outbox_round.deliver()


def test_an_act_is_told_to_the_robot_in_codes_only(cast, robot):
    robot_on(cast, robot)
    issue(cast)
    assert outbox_round.deliver() == {"delivered": 1, "failed": 0}
    assert robot.bodies[0]["text"].startswith("督办〔") and "学用结合" not in str(robot.bodies)
    assert robot.bodies[0]["link"].endswith("/supervision/1/") or "/supervision/" in robot.bodies[0]["link"]
    assert waiting(Channel.WEBHOOK).state == NoticeState.SENT
    assert outbox_round.deliver() == {"delivered": 0, "failed": 0}


def test_a_failing_robot_is_tried_again_with_growing_pauses_and_then_given_up(cast, robot):
    robot_on(cast, robot)
    robot.answer = b"HTTP/1.1 500 Oops\r\nContent-Length: 0\r\n\r\n"
    issue(cast)
    assert outbox_round.deliver() == {"delivered": 0, "failed": 1}
    assert outbox_round.deliver() == {"delivered": 0, "failed": 0}  # not before its pause is over
    minutes = 0
    for pause in (1, 5, 30, 120, 360):
        minutes += pause
        assert later(minutes + 1)["failed"] == 1
    assert later(10_000) == {"delivered": 0, "failed": 0}
    notice = waiting(Channel.WEBHOOK)
    assert notice.state == NoticeState.FAILED and notice.attempts == 6 == len(robot.requests)
    assert NoticeAttempt.objects.filter(notice=notice, succeeded=False, detail__contains="500").count() == 6


def test_a_robot_that_recovers_gets_the_message(cast, robot):
    robot_on(cast, robot)
    good, robot.answer = robot.answer, b"HTTP/1.1 503 No\r\nContent-Length: 0\r\n\r\n"
    issue(cast)
    outbox_round.deliver()
    robot.answer = good
    assert later(2) == {"delivered": 1, "failed": 0}


def test_a_host_taken_off_the_list_is_not_called_any_more(cast, robot):
    robot_on(cast, robot)
    issue(cast)
    AllowedHost.objects.update(active=False)
    assert outbox_round.deliver()["failed"] == 1
    assert not robot.requests and waiting(Channel.WEBHOOK).state == NoticeState.FAILED


def test_a_robot_switched_off_meanwhile_gets_nothing(cast, robot):
    robot_on(cast, robot)
    issue(cast)
    configure(cast, webhook_on=False)
    outbox_round.deliver()
    assert not robot.requests and waiting(Channel.WEBHOOK).state == NoticeState.FAILED


def test_the_day_s_reminders_are_summed_up_once_for_the_robot(cast, robot):
    robot_on(cast, robot)
    builders.assign(cast, cast.problem, deadline=clock.today())
    reminders.remind()
    reminders.remind()
    outbox_round.deliver()
    assert [body["text"] for body in robot.bodies] == [
        "整改台账：今天有 2 位同志的整改事项需要办理，请登录系统查看“待办”。"
    ]


def test_one_letter_a_day_names_what_is_due_and_what_was_not_read(cast, settings):
    User.objects.filter(username__in=("clerk", "leader")).update(email="one@example.com")
    configure(cast, email_on=True)
    issue(cast)
    # For the leader nothing is due: a message that was not read is all.
    told = {"kind": NoticeKind.ASSIGNED, "text": "交办 1 项", "url": "/", "directory": Directory()}
    written = compose(cast.report, to=[Told(cast["leader"].pk)], **told)
    post(written, AuditEntry.objects.last())
    assert not Notice.objects.filter(channel=Channel.EMAIL).exists(), "not at once"
    with clock.pretend(clock.now() + dt.timedelta(days=1)):
        reminders.remind()
        reminders.remind()
        assert outbox_round.deliver() == {"delivered": 2, "failed": 0}
    clerk, leader = sorted((letter.body for letter in mail.outbox), key=len, reverse=True)
    assert "督办单 1 张待签收或待回复" in clerk and "还没有读的消息" in clerk and settings.SITE_URL in clerk
    assert "有 1 条消息还没有读" in leader and "交办 1 项" in leader


def test_without_a_mail_server_mail_fails_at_once_and_says_why(cast, settings):
    settings.EMAIL_BACKEND = "django.core.mail.backends.console.EmailBackend"
    mail_on(cast)
    outbox_round.deliver()
    assert waiting(Channel.EMAIL).state == NoticeState.FAILED
    assert "EMAIL_URL" in NoticeAttempt.objects.get().detail


def test_a_mail_server_that_is_down_is_tried_again(cast, settings):
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", 1
    mail_on(cast)
    outbox_round.deliver()
    assert waiting(Channel.EMAIL).state == NoticeState.PENDING


def test_a_message_that_was_claimed_and_lost_is_free_again_later(cast, robot):
    robot_on(cast, robot)
    issue(cast)
    assert len(notices.claim(10)) == 1
    assert outbox_round.deliver() == {"delivered": 0, "failed": 0}
    assert later(11) == {"delivered": 1, "failed": 0}


def test_a_fault_of_ours_holds_nothing_else_up_and_logs_no_secret(cast, robot, monkeypatch, caplog):
    robot_on(cast, robot)
    issue(cast)

    def break_down(*args):
        raise RuntimeError(robot.url)

    monkeypatch.setattr("rectify.delivery.webhook.send", break_down)
    with caplog.at_level(logging.DEBUG):
        assert outbox_round.deliver()["failed"] == 1
    assert "RuntimeError" in caplog.text and "geheim" not in caplog.text
    assert "geheim" not in NoticeAttempt.objects.get().detail


def test_the_office_can_try_its_settings(cast, robot):
    with pytest.raises(WrongState, match="都没有打开"):
        delivery_settings.send_test(cast.report, by=cast["office"])
    robot_on(cast, robot)
    assert delivery_settings.send_test(cast.report, by=cast["office"]) == 1
    outbox_round.deliver()
    assert "测试消息" in robot.bodies[0]["text"]
    with pytest.raises(NotAllowed):
        delivery_settings.send_test(cast.report, by=cast["clerk"])
    call_command("verify_audit")


# -- settings ------------------------------------------------------------------------------------------


def test_the_record_shows_host_and_last_characters_only(cast, robot):
    robot_on(cast, robot)
    payload = AuditEntry.objects.get(act=Action.EDIT_DELIVERY).payload
    assert "127.0.0.1 …7f3a" in payload and "geheim" not in payload


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"webhook_on": True}, "请填写机器人地址"),
        ({"webhook_url": "http://evil.example/"}, "不在允许发往的名单"),
        ({"webhook_url": "javascript:alert(1)"}, "http"),
        ({"webhook_url": "http://[::1"}, "http"),
        ({"template": "{text}"}, "有效的 JSON"),
        ({"template": '{"a": "b"}'}, "含有"),
        ({"template": '["{text}"]'}, "JSON 对象"),
    ],
)
def test_wrong_settings_are_refused(cast, changes, words):
    with pytest.raises(Incomplete, match=words):
        configure(cast, **changes)
    assert not DeliverySettings.objects.exists()


def test_an_empty_address_keeps_the_one_there_is(cast, robot):
    robot_on(cast, robot)
    assert configure(cast, webhook_on=True, email_on=True).webhook_url == robot.url


def test_settings_seen_in_an_older_state_are_refused(cast, robot):
    robot_on(cast, robot)
    with pytest.raises(Stale):
        configure(cast, email_on=True, seen=1)


@pytest.mark.parametrize("role", ["leader", "unit_head", "clerk", "inspector", "sysadmin", "auditor"])
def test_only_the_office_changes_them(cast, role):
    with pytest.raises(NotAllowed):
        configure(cast, by=cast[role])


def test_reading_is_one_s_own_affair(cast):
    issue(cast)
    mine = Notice.objects.inbox_of(cast["clerk"]).get()
    assert notices.mark_read(cast["unit_head"], [mine.pk]) == 0
    assert notices.mark_read(cast["clerk"], [mine.pk]) == 1
    assert notices.mark_read(cast["clerk"]) == 0
    assert notices.mark_read(cast["unit_head"]) == 1


def given_up(cast: builders.Cast, robot) -> Notice:
    """A message that the robot redirected: it was given up at once."""
    robot_on(cast, robot)
    robot.answer = b"HTTP/1.1 302 Found\r\nLocation: /x\r\nContent-Length: 0\r\n\r\n"
    issue(cast)
    outbox_round.deliver()
    return waiting(Channel.WEBHOOK)


def again(cast: builders.Cast, by: str = "office", **given) -> int:
    return delivery_settings.send_again(cast.report, by=cast[by], **given)


def test_the_office_sends_again_what_was_given_up(cast, robot):
    good = robot.answer
    failed = given_up(cast, robot)
    assert failed.state == NoticeState.FAILED
    robot.answer = good
    assert again(cast, ids=[failed.pk]) == 1
    assert AuditEntry.objects.get(act="send_again").target_id == cast.report.pk
    assert outbox_round.deliver() == {"delivered": 1, "failed": 0}
    assert waiting(Channel.WEBHOOK).state == NoticeState.SENT
    assert NoticeAttempt.objects.filter(notice=failed).count() == 2  # the failed attempt stays on record
    with pytest.raises(WrongState):
        again(cast)
    call_command("verify_audit")


def test_what_fails_again_is_tried_as_often_as_at_first(cast, robot):
    given_up(cast, robot)
    robot.answer = b"HTTP/1.1 500 Oops\r\nContent-Length: 0\r\n\r\n"
    again(cast)
    outbox_round.deliver()
    notice = waiting(Channel.WEBHOOK)
    assert notice.state == NoticeState.PENDING and notice.attempts == 1


@pytest.mark.parametrize("who", ["clerk", "leader", "inspector", "sysadmin"])
def test_nobody_else_sends_again(cast, robot, who):
    failed = given_up(cast, robot)
    with pytest.raises(NotAllowed):
        again(cast, by=who)
    failed.refresh_from_db()
    assert failed.state == NoticeState.FAILED and not AuditEntry.objects.filter(act="send_again").exists()


def test_the_page_lists_what_failed_and_sends_it_again(cast, robot, client):
    failed = given_up(cast, robot)
    client.force_login(cast["office"])
    page = client.get(f"/reports/{cast.report.pk}/delivery/").content.decode()
    assert "全部再发一次（1 条）" in page and "没有跟随" in page
    for given in ({"notice": "999"}, {"notice": "x"}, {"notice": "9" * 40}):
        client.post(f"/reports/{cast.report.pk}/delivery/again/", given)
        failed.refresh_from_db()
        assert failed.state == NoticeState.FAILED
    answer = client.post(f"/reports/{cast.report.pk}/delivery/again/", {"notice": failed.pk}, follow=True)
    assert "已把 1 条消息放回发件箱" in answer.content.decode()
    failed.refresh_from_db()
    assert failed.state == NoticeState.PENDING


def test_the_page_shows_what_is_being_tried_again_and_why(cast, robot, client):
    robot_on(cast, robot)
    robot.answer = b"HTTP/1.1 500 Oops\r\nContent-Length: 0\r\n\r\n"
    issue(cast)
    client.force_login(cast["office"])
    assert "正在重试" not in client.get(f"/reports/{cast.report.pk}/delivery/").content.decode()
    outbox_round.deliver()
    page = client.get(f"/reports/{cast.report.pk}/delivery/").content.decode()
    assert "正在重试的消息" in page and "对方回答 500" in page and "geheim" not in page
