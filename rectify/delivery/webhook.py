"""One message to a chat robot: allowed hosts only, a time limit over everything, redirects not followed."""

from __future__ import annotations

import contextlib
import http.client
import ipaddress
import json
import socket
import ssl
import threading
from collections.abc import Mapping
from urllib.parse import SplitResult, urlsplit

from rectify.delivery.outcome import Outcome

CONNECT_SECONDS = 5.0
TOTAL_SECONDS = 10.0
ANSWER_MAX = 64 * 1024


def send(address: str, body: bytes, allowed: Mapping[str, bool], seconds: float = TOTAL_SECONDS) -> Outcome:
    """Post the body once. `allowed` maps each host that may be called to whether it may be internal.

    The name is resolved once and that very address is called, so that it cannot change in between.
    """
    try:
        parts = urlsplit(address)
        host, port = (parts.hostname or "").lower(), parts.port
    except ValueError:
        return Outcome(False, "机器人地址无法识别", again=False)
    if parts.scheme not in ("http", "https") or host not in allowed:
        return Outcome(False, "这台主机不在允许发往的名单里，没有发送", again=False)
    port = port or (443 if parts.scheme == "https" else 80)
    try:
        numeric = _resolve(host, port, min(CONNECT_SECONDS, seconds))
    except TimeoutError:
        return Outcome(False, f"{min(CONNECT_SECONDS, seconds):g} 秒内没有解析出主机名")
    except OSError:
        return Outcome(False, "主机名无法解析")
    if not allowed[host] and not _is_public(numeric):
        return Outcome(False, "这台主机指向内网地址，名单里没有允许，没有发送", again=False)
    return _within(parts, host, numeric, port, body, seconds)


def _resolve(host: str, port: int, seconds: float) -> str:
    """The look-up takes no time-out: it goes on in a thread of its own when nobody waits for it any more."""
    found: list[str] = []

    def look_up() -> None:
        # A name that cannot be one (too long a label) is an error of its own kind.
        with contextlib.suppress(OSError, UnicodeError):
            found.append(str(socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0][4][0]))

    thread = threading.Thread(target=look_up, daemon=True)
    thread.start()
    thread.join(seconds)
    if found:
        return found[0]
    raise TimeoutError if thread.is_alive() else OSError("no address")


def _is_public(numeric: str) -> bool:
    """Global and for one receiver; an IPv4 address dressed as IPv6 counts as what it is."""
    address: ipaddress.IPv4Address | ipaddress.IPv6Address = ipaddress.ip_address(numeric.split("%")[0])
    if isinstance(address, ipaddress.IPv6Address) and address.ipv4_mapped:
        address = address.ipv4_mapped
    return address.is_global and not address.is_multicast


def _within(parts: SplitResult, host: str, numeric: str, port: int, body: bytes, seconds: float) -> Outcome:
    """A server that sends a byte now and then outlives every socket time-out: the alarm ends it."""
    line: socket.socket | None = None
    alarm: threading.Timer | None = None
    rang = threading.Event()
    try:
        line = socket.create_connection((numeric, port), timeout=min(CONNECT_SECONDS, seconds))
        alarm = threading.Timer(seconds, _cut, (line, rang))
        alarm.daemon = True
        alarm.start()
        line.settimeout(seconds)
        if parts.scheme == "https":
            line = ssl.create_default_context().wrap_socket(line, server_hostname=host)
        return _post(line, parts, host, port, body)
    except ssl.SSLCertVerificationError:
        return Outcome(False, "对方的证书不可信，没有发送")
    except TimeoutError:
        return Outcome(False, f"{seconds:g} 秒内没有回应")
    except (OSError, http.client.HTTPException) as error:
        kind = "对方拒绝连接" if isinstance(error, ConnectionRefusedError) else "连接中断"
        words = f"{kind}（{type(error).__name__}）"
        return Outcome(False, f"{seconds:g} 秒内没有回应" if rang.is_set() else words)
    finally:
        if alarm is not None:
            alarm.cancel()
        if line is not None:
            line.close()


def _cut(line: socket.socket, rang: threading.Event) -> None:
    rang.set()
    with contextlib.suppress(OSError):
        line.shutdown(socket.SHUT_RDWR)


def _refused(said: bytes) -> int:
    """Chat robots refuse with 200 and a number in their JSON: errcode, code or StatusCode, 0 for accepted."""
    try:
        answer = json.loads(said)
    except (ValueError, RecursionError):
        return 0
    if not isinstance(answer, dict):
        return 0
    codes = [answer.get(name) for name in ("errcode", "code", "StatusCode")]
    refused = [code for code in codes if type(code) is int and code not in (0, http.client.OK)]
    return refused[0] if refused else 0


def _post(line: socket.socket, parts: SplitResult, host: str, port: int, body: bytes) -> Outcome:
    connection = http.client.HTTPConnection(host, port)
    connection.sock = line
    target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    name = f"[{host}]" if ":" in host else host
    named = name if port in (80, 443) else f"{name}:{port}"
    headers = {"Host": named, "Content-Type": "application/json; charset=utf-8", "Connection": "close"}
    connection.request("POST", target, body=body, headers=headers)
    answer = connection.getresponse()
    said = answer.read(ANSWER_MAX)
    if 200 <= answer.status < 300:
        code = _refused(said)
        if code:
            return Outcome(False, f"对方回答 {answer.status}，但没有接收（错误码 {code}）")
        return Outcome(True, f"对方已接收（{answer.status}）")
    if 300 <= answer.status < 400:
        return Outcome(False, f"对方要求转到别处（{answer.status}），没有跟随", again=False)
    return Outcome(False, f"对方回答 {answer.status}")
