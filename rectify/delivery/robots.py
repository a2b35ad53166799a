"""What a chat robot of each maker is sent: its address, signed where it has a key, and its JSON.

After their published descriptions; none of their servers was at hand to try it against.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from typing import Any
from urllib.parse import urlencode

from rectify import clock
from rectify.choices import Robot
from rectify.delivery import template
from rectify.models import DeliverySettings

KEYWORD = "整改台账"  # robots can be told to take nothing without a word of the office's choice


def request(settings: DeliverySettings, values: dict[str, str]) -> tuple[str, bytes]:
    """Address and body of one message."""
    address, secret = settings.webhook_url, settings.webhook_secret
    words = f"【{KEYWORD}】{values['text']}\n{values['url']}"
    match settings.robot:
        case Robot.WECOM:
            return address, _json({"msgtype": "text", "text": {"content": words}})
        case Robot.DINGTALK:
            return _signed(address, secret), _json({"msgtype": "text", "text": {"content": words}})
        case Robot.FEISHU:
            return address, _json({"msg_type": "text", "content": {"text": words}} | _proof(secret))
        case _:
            return address, template.fill(settings.template, values)


def _signed(address: str, secret: str) -> str:
    """钉钉 加签: of the milliseconds and the key, in the address."""
    if not secret:
        return address
    moment = str(int(clock.now().timestamp() * 1000))
    proof = {"timestamp": moment, "sign": _sign(secret, f"{moment}\n{secret}")}
    return f"{address}{'&' if '?' in address else '?'}{urlencode(proof)}"


def _proof(secret: str) -> dict[str, str]:
    """飞书 签名校验: the seconds and the key are the key, of nothing; in the body."""
    if not secret:
        return {}
    moment = str(int(clock.now().timestamp()))
    return {"timestamp": moment, "sign": _sign(f"{moment}\n{secret}", "")}


def _sign(key: str, text: str) -> str:
    return base64.b64encode(hmac.new(key.encode(), text.encode(), hashlib.sha256).digest()).decode()


def _json(body: dict[str, Any]) -> bytes:
    return json.dumps(body, ensure_ascii=False).encode()
