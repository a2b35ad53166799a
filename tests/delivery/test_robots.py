"""What the chat robots of three makers are sent, as their published descriptions say."""

from __future__ import annotations

import datetime as dt
import json
from urllib.parse import parse_qs, urlsplit

import pytest

from rectify import clock
from rectify.choices import Robot
from rectify.delivery import robots
from rectify.models import DeliverySettings

VALUES = {"text": '有 3 项"逾期"', "url": "http://x/1", "kind": "催报", "ledger": "台账"}
WORDS = '【整改台账】有 3 项"逾期"\nhttp://x/1'
ADDRESS = "https://robot.example/send?access_token=1"
# Worked out by hand with openssl: of the moment 1600000000 and the key "geheim".
DINGTALK = "LPoHWBxhcr8XggCJPdWsnGje2l+xcUor4SR+DSh/SMk="
FEISHU = "hglm7UG+A8kNQqx1WV/W92lzkwaGnjn7tjTNgH0Hmkk="


@pytest.mark.parametrize(
    ("robot", "body"),
    [
        (Robot.WECOM, {"msgtype": "text", "text": {"content": WORDS}}),
        (Robot.DINGTALK, {"msgtype": "text", "text": {"content": WORDS}}),
        (Robot.FEISHU, {"msg_type": "text", "content": {"text": WORDS}}),
    ],
)
def test_without_a_key_each_gets_its_shape(robot, body):
    address, sent = robots.request(DeliverySettings(robot=robot, webhook_url=ADDRESS), VALUES)
    assert (address, json.loads(sent)) == (ADDRESS, body)


def test_with_a_key_it_is_signed():
    with clock.pretend(dt.datetime.fromtimestamp(1600000000, dt.UTC)):
        given = {"webhook_url": ADDRESS, "webhook_secret": "geheim"}
        address, _ = robots.request(DeliverySettings(robot=Robot.DINGTALK, **given), VALUES)
        _, body = robots.request(DeliverySettings(robot=Robot.FEISHU, **given), VALUES)
    asked = parse_qs(urlsplit(address).query)
    assert asked == {"access_token": ["1"], "timestamp": ["1600000000000"], "sign": [DINGTALK]}
    assert json.loads(body) | {"timestamp": "1600000000", "sign": FEISHU} == json.loads(body)
