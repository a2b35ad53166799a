#!/usr/bin/env python3
"""不连服务器核验一份存档台账：文件、台账编码、签发凭据、另外保存的锚点是否属于一处。

    python3 verify_ledger.py 台账.xlsx 编码 凭据.txt 锚点

锚点可以是一行文字，也可以是存有它的文件。只用 Python 标准库。相符时退出码是 0，不相符时是 1。
The page check.html beside this file says the same sentences.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import io
import json
import re
import sys
import unicodedata
import zipfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

ALPHABET = "23456789ACDEFGHJKLMNPQRTUVWXY"
MEANT = str.maketrans({"B": "8", "I": "L", "1": "L", "S": "5", "Z": "2"})
PRINTED = re.compile(r"台账编码[:：]\s*([0-9A-Za-z]{4}-?[0-9A-Za-z]{4})(?![0-9A-Za-z])")
DAY = re.compile(r"\d{4}-\d{2}-\d{2}")
POINT = re.compile(r"(?<![\d-])(\d+)\s*[:,]\s*(\d+)\s*[:,]\s*\"?([0-9a-f]{16,64})", re.IGNORECASE)
PART = re.compile(r"xl/(?:sharedStrings|worksheets/[^/]+)\.xml")
BEIJING = dt.timezone(dt.timedelta(hours=8))
PART_MAX = 64 * 1024 * 1024
MEANING = (
    "这证明：文件的每一个字节在这一行锚点写下以前已经存档，此后没有改过。"
    "这不证明台账里的事实属实；锚点也必须取自打印件、邮件等服务器以外的地方，取自同一台服务器的锚点证明不了什么。"
)


class Refused(Exception):
    """Something does not belong to the rest; the sentence says what."""


@dataclass(frozen=True)
class Certificate:
    """What the certificate says: the entry's own text, its digest, and the facts it covers."""

    digest: str
    entry: dict[str, Any]
    issued: dict[str, str]
    day: str  # in Beijing, as printed on the ledger

    @property
    def place(self) -> str:
        return f"台账 {self.entry['chain']} 第 {self.entry['number']} 条"


def check(file: bytes, typed: str, certificate_text: str, anchor: str) -> str:
    """The verdict in one sentence. Raises Refused with the sentence that says what does not belong."""
    certificate = read_certificate(certificate_text)
    code = read_code(typed)
    if code is None:
        raise Refused(f"编码有误：“{typed.strip()}”不是台账编码，请对照表尾再输一次。")
    if code != certificate.issued["code"]:
        raise Refused(f"编码不符：您输入的是 {code}，凭据是台账 {certificate.issued['code']} 的。")
    if hashlib.sha256(file).hexdigest() != certificate.issued["sha256"]:
        raise Refused(other_file(file, code))
    day = anchored(certificate, anchor)
    who = certificate.entry["actor_label"]
    return (
        f"相符：这个文件是编码 {code} 的签发原件，由{who}于 {certificate.day} 存档；"
        f"存档的记录（{certificate.place}）写在 {day} 的锚点里。"
    )


def read_certificate(text: str) -> Certificate:
    """Its last line is for programs: texts and salt, which must give the entry's digests."""
    try:
        data = json.loads(next(line for line in reversed(text.splitlines()) if line.startswith("{")))
        entry, payload = json.loads(data["entry"]), json.loads(data["payload"])
        issued = {name: str(payload["issued"][name]) for name in ("code", "sha256")}
        is_whole = (
            sha256(data["salt"] + data["payload"]) == entry["payload"] and entry["act"] == "file_ledger"
        )
        day = dt.datetime.fromisoformat(entry["at"]).astimezone(BEIJING).date().isoformat()
        certificate = Certificate(sha256(data["entry"]), entry, issued, day)
        place, who = certificate.place, entry["actor_label"] + day
    except (StopIteration, ValueError, KeyError, TypeError, AttributeError, OverflowError):
        raise Refused("凭据读不出来：请选系统下载的签发凭据，不要改动其中的文字。") from None
    if not is_whole or not place or not who:
        raise Refused("凭据被改动：其中的内容与摘要不符。")
    return certificate


def other_file(file: bytes, code: str) -> str:
    """Why the bytes are not those that were filed."""
    printed = printed_code(file)
    if printed and printed != code:
        return f"文件不符：文件里印的编码是 {printed}，不是 {code}，这是另一份台账。"
    return (
        "文件被改动：与存档的原件不同（SHA-256 不符）。只是重新保存过也会这样；"
        "要知道改了哪里，请到系统的“核验台账”页逐格核对。"
    )


def anchored(certificate: Certificate, anchor: str) -> str:
    """The day of the anchor that holds the certificate's entry."""
    day, points = DAY.search(anchor), POINT.findall(anchor)
    if day is None or not points:
        raise Refused("锚点读不出来：应是一行，先是日期，然后是“链:序号:摘要”。")
    key = (int(certificate.entry["chain"]), int(certificate.entry["number"]))
    digests = [digest.lower() for chain, number, digest in points if (int(chain), int(number)) == key]
    if not digests:
        raise Refused(
            f"锚点不对：{day[0]} 的锚点没有写到这份台账的记录（{certificate.place}）。"
            "请换用存档以后的第一行锚点。"
        )
    if not all(certificate.digest.startswith(digest) for digest in digests):
        raise Refused(
            f"锚点与凭据不符：{day[0]} 的锚点里，{certificate.place}是另一条记录，凭据或记录被替换过。"
        )
    return day[0]


def printed_code(file: bytes) -> str | None:
    """The code in the sheet's foot; None where there is none, or the file is no workbook."""
    try:
        with zipfile.ZipFile(io.BytesIO(file)) as book:
            for part in book.infolist():
                if PART.fullmatch(part.filename) and part.file_size <= PART_MAX:
                    text = re.sub(r"<[^>]*>", "", book.read(part).decode("utf-8", "replace"))
                    if found := PRINTED.search(text):
                        return read_code(found[1])
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError, RuntimeError):
        return None
    return None


def read_code(typed: str) -> str | None:
    """ABCD-EFGH from what a person typed; None where no code can be that."""
    text = unicodedata.normalize("NFKC", typed).upper().translate(MEANT)
    text = re.sub(r"[\s\-‐-―−_.·]", "", text)
    if len(text) != 8 or set(text) - set(ALPHABET):
        return None
    total = sum(weight * ALPHABET.index(character) for weight, character in enumerate(text[:-1], 2))
    return f"{text[:4]}-{text[4:]}" if ALPHABET[-total % len(ALPHABET)] == text[-1] else None


def sha256(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


def main() -> int:
    if len(sys.argv) != 5:
        print(__doc__)
        return 2
    ledger, code, certificate, anchor = sys.argv[1:]
    try:
        kept = (
            Path(anchor).read_text(encoding="utf-8")
            if len(anchor) < 200 and Path(anchor).is_file()
            else anchor
        )
        texts = Path(ledger).read_bytes(), code, Path(certificate).read_text(encoding="utf-8-sig"), kept
        print(f"✓ {check(*texts)}\n{MEANING}")
    except (OSError, UnicodeDecodeError) as error:
        print(f"◆ 没有核验：文件读不出来（{error}）。")
        return 1
    except Refused as refusal:
        print(f"◆ {refusal}")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
