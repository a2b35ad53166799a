"""The report of a verification in Chinese sentences, as plain text: printed, filed, mailed."""

from __future__ import annotations

from collections.abc import Iterator

from django.utils.timezone import localtime

from rectify import wording
from rectify.audit.result import Chain, VerifyResult


def report_text(result: VerifyResult, scope: str = "") -> str:
    """`scope` says whose part of a verification it is, where it is not the whole."""
    return "\n".join(
        [*_head(result, scope), "", *_checked(result), "", *_wrong(result), "", *_verdict(result)]
    )


def verdict(result: VerifyResult) -> str:
    """One sentence."""
    if faults := result.breaks:
        return f"核对不通过。第一处：{faults[0]}"
    left_out = "" if result.files else "文件没有核对。"
    if result.since is not None:
        return f"部分核验通过：只核对了 {result.since} 锚点以后的记录和其中提到的数据。{left_out}"
    if not result.files:
        return f"核对通过：审计链完整，触发器齐全，每一行数据都与记录一致。{left_out}"
    return "核对通过：审计链完整，触发器齐全，每一行数据和每一个文件都与记录一致。"


def _head(result: VerifyResult, scope: str) -> Iterator[str]:
    at = localtime(result.at)
    yield "整改台账 审计记录核验报告"
    yield f"核验时间：{wording.date(at.date())} {at:%H:%M:%S}（每条链以读到它那一刻的数据为准）"
    yield f"核验命令：{result.command}（整改台账 {result.version}）"
    if result.since is None:
        yield "核验范围：全部记录和它们写入的每一行数据"
    else:
        yield f"核验范围：部分核验，只从 {result.since} 的锚点核起，更早的记录和只由它们写入的数据没有核对"
    if scope:
        yield f"本份报告：{scope}"
    yield "文件：逐个重新读出并计算摘要" if result.files else "文件：没有核对（--no-files）"
    if result.anchors:
        first, last = min(result.anchors), max(result.anchors)
        yield f"锚点：与服务器上保存的 {len(result.anchors)} 行锚点比对（{first} 至 {last}）"
    else:
        yield "锚点：服务器上还没有锚点可以比对"


def _checked(result: VerifyResult) -> Iterator[str]:
    yield "一、核对了什么"
    for chain in result.chains:
        yield from _chain(chain, result.files)
    files = f"、{result.file_count} 个文件" if result.files else ""
    yield f"合计：{len(result.chains)} 条链、{result.entries} 条记录、{result.rows} 行数据{files}。"


def _chain(chain: Chain, files: bool) -> Iterator[str]:
    behind = f"（从第 {chain.start + 1} 条核起）" if chain.start else ""
    yield f"{chain.name}：{chain.count} 条，链头 {chain.head}{behind}"
    if chain.breaks and not chain.rows:
        yield "　　数据没有核对：链本身不相符，说不出每一行应当是什么"
        return
    tables = "、".join(f"{name} {count}" for name, count in chain.rows.items())
    told = f"；文件 {chain.files} 个" if files else ""
    yield f"　　数据 {chain.row_count} 行{f'（{tables}）' if tables else ''}{told}"


def _wrong(result: VerifyResult) -> Iterator[str]:
    yield "二、不相符的地方"
    if not result.breaks:
        yield "没有。"
    for number, fault in enumerate(result.breaks, 1):
        yield f"{number}. {fault}"
    for chain in result.chains:
        if chain.more:
            yield f"{chain.name}不止这些，每一类只列出前面若干处。"
    if result.breaks:
        yield "请保留现场，不要修改数据库；用最近一次核验通过的备份和另外保存的锚点查明从何时起不相符。"


def _verdict(result: VerifyResult) -> Iterator[str]:
    yield "三、结论"
    yield verdict(result)
    yield (
        "这份报告由本机的程序根据本机的数据得出。掌握服务器磁盘的人可以把数据库、锚点和全部摘要一起改写；"
        "要排除这种情况，请用打印、寄出或另外保存的锚点或台账所印链头再核对（verify_audit --head）。"
    )
