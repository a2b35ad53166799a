"""One person with a browser, as a server in another process sees them: a connection, cookies, forms."""

from __future__ import annotations

import http.client
import re
import secrets
import socket
from dataclasses import dataclass
from email.message import Message
from urllib.parse import urlencode

from rectify.demo.samples import make_pdf

CSRF = re.compile(r'name="csrfmiddlewaretoken" value="(\w+)"')
TOKEN = re.compile(r'<input type="hidden" name="idempotency_key" value="([^"]+)"')
PAGE = make_pdf("佐证材料")
FORM = "application/x-www-form-urlencoded"


@dataclass(frozen=True)
class Answer:
    status: int
    headers: Message
    content: bytes

    @property
    def text(self) -> str:
        return self.content.decode("utf-8", "replace")

    @property
    def location(self) -> str:
        return str(self.headers["Location"] or "")


class Visitor:
    """`address` is the one on this machine from which they come; 127.0.0.0/8 has many."""

    def __init__(self, port: int, address: str = "127.0.0.1", timeout: float = 90) -> None:
        self.port = port
        self.connection = http.client.HTTPConnection(
            "127.0.0.1", port, timeout=timeout, source_address=(address, 0)
        )
        self.cookies: dict[str, str] = {}
        self.headers: dict[str, str] = {}

    def ask(self, method: str, path: str, body: bytes | None = None, kind: str = FORM) -> Answer:
        """One request and its answer. Raises OSError or HTTPException where there is none."""
        headers = self.headers | {
            "Cookie": "; ".join(f"{key}={value}" for key, value in self.cookies.items())
        }
        if body is not None:
            headers |= {"Content-Type": kind, "Origin": f"http://127.0.0.1:{self.port}"}
        try:
            self.connection.request(method, path, body, headers)
            answer = self.connection.getresponse()
            content = answer.read()
        except http.client.RemoteDisconnected:
            self.connection.close()
            if method != "GET":
                raise
            return self.ask(method, path)  # one that lay idle may be closed: a browser opens another
        except (OSError, http.client.HTTPException):
            self.connection.close()
            raise
        for header in answer.headers.get_all("Set-Cookie") or []:
            name, _, value = header.partition(";")[0].partition("=")
            self.cookies[name] = value
        return Answer(answer.status, answer.headers, content)

    def get(self, path: str) -> Answer:
        return self.ask("GET", path)

    def post(self, path: str, **fields: str) -> Answer:
        return self.ask("POST", path, urlencode(fields).encode())

    def try_password(self, username: str, password: str) -> Answer:
        page = self.get("/accounts/login/")
        csrf = field(CSRF, page.text)
        return self.post("/accounts/login/", username=username, password=password, csrfmiddlewaretoken=csrf)

    def sign_in(self, username: str, password: str) -> Visitor:
        answer = self.try_password(username, password)
        assert answer.status == 302 and "sessionid" in self.cookies, f"{username}: {answer.status}"
        return self

    def write(self, problem: str, text: str, proof: bytes | None = None) -> Answer:
        """Open the item at this address, write what was done, attach a PDF."""
        page = self.get(problem).text
        fields = {
            "csrfmiddlewaretoken": field(CSRF, page),
            "idempotency_key": field(TOKEN, page),
            "text": text,
        }
        return self.ask("POST", f"{problem}progress/", *multipart(fields, proof))


def field(pattern: re.Pattern[str], page: str) -> str:
    match = pattern.search(page)
    assert match, f"no {pattern.pattern} on the page: {page[:300]}"
    return match[1]


def held(port: int, request: bytes, count: int) -> list[socket.socket]:
    """Connections that send this, then neither send nor read anything more."""
    sockets = []
    for _ in range(count):
        connection = socket.socket()
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 2048)
        connection.connect(("127.0.0.1", port))
        connection.sendall(request)
        sockets.append(connection)
    return sockets


def pdf(size: int = 1000) -> bytes:
    """A page like no other, made larger by a comment before its table of objects."""
    objects, _, rest = PAGE.partition(b"xref\n")
    padding = b"%" + secrets.token_hex(size // 2).encode() + b"\n"
    table = rest.partition(b"startxref\n")[0]
    return b"%sxref\n%sstartxref\n%d\n%%%%EOF\n" % (objects + padding, table, len(objects + padding))


def multipart(fields: dict[str, str], proof: bytes | None) -> tuple[bytes, str]:
    mark = secrets.token_hex(16)
    body = "".join(
        f'--{mark}\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'
        for name, value in fields.items()
    ).encode()
    if proof is not None:
        body += (
            (
                f'--{mark}\r\nContent-Disposition: form-data; name="files"; filename="zuozheng.pdf"\r\n'
                "Content-Type: application/pdf\r\n\r\n"
            ).encode()
            + proof
            + b"\r\n"
        )
    return body + f"--{mark}--\r\n".encode(), f"multipart/form-data; boundary={mark}"
