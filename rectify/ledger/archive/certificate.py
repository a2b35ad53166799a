"""The certificate of a filed ledger: with an anchor kept elsewhere it proves the file without the server."""

from __future__ import annotations

from rectify import wording
from rectify.digests import canonical
from rectify.models import AuditEntry, IssuedLedger

MARK = "以下一行供核验程序读取，请勿改动："


def certificate_text(issued: IssuedLedger, entry: AuditEntry) -> str:
    """What a person reads, then one line for programs: the entry's text, its payload, and the salt of both.

    The payload holds the code and digests, no business text; the salt opens this one entry only.
    """
    facts = {"entry": canonical(entry.digested), "payload": entry.payload, "salt": entry.salt}
    lines = [
        "整改台账 签发凭据",
        f"台账编码：{issued.code}",
        f"文件：{issued.name}（{issued.size} 字节）",
        f"文件 SHA-256：{issued.export.sha256}",
        f"存档：{wording.full_moment(entry.at)} {entry.actor_label}",
        f"记录：台账 {entry.report_id} 第 {entry.number} 条，摘要 {entry.digest}",
        "",
        "怎样使用：把台账文件、台账编码、这份凭据和存档以后第一行锚点交给“离线核验”网页或 verify_ledger.py。",
        "锚点里写有上面的“链:序号:摘要”，就证明这个文件在那一天以前已经存档，此后没有改过。",
        "只有这份凭据而没有另外保存的锚点，证明不了什么。",
        "",
        MARK,
        canonical(facts),
    ]
    return "\n".join(lines) + "\n"
