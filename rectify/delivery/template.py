"""The body a chat robot gets: the office's JSON with the message put into its strings."""

from __future__ import annotations

import json
from typing import Any

EXAMPLES = (("自建程序", '{"kind": "{kind}", "ledger": "{ledger}", "message": "{text}", "link": "{url}"}'),)


def fill(template: str, values: dict[str, str]) -> bytes:
    """The template is read as JSON first, so that no message can break out of its string."""
    return json.dumps(_filled(json.loads(template), values), ensure_ascii=False).encode()


def _filled(part: Any, values: dict[str, str]) -> Any:
    if isinstance(part, dict):
        return {key: _filled(value, values) for key, value in part.items()}
    if isinstance(part, list):
        return [_filled(value, values) for value in part]
    if isinstance(part, str):
        for name, value in values.items():
            part = part.replace("{" + name + "}", value)
    return part
