"""Headings as one asks aloud (谁来改, 啥时候改完, 改得咋样了), and what the content of a column settles."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence


def any_of(words: str, times: str = "") -> str:
    """One of the words, as a pattern."""
    return f"(?:{'|'.join(words.split())}){times}"


_WHO = "由?" + any_of("谁 哪个人? 哪位 哪些人 何人 啥人") + any_of("来 去 在 具体 直接 主要", "*")
_WHICH = any_of("哪个 哪家 哪些 什么 啥子?")
_UNIT = any_of("单位 部门 科室 股室 站所 支部 乡镇")
_WHICH_UNIT = f"由?{_WHICH}{_UNIT}{any_of('来 去 在 具体 主要', '*')}"
_WHAT = any_of("什么 啥子? 哪些 哪几条 哪样")
_WHERE = any_of("哪里? 哪儿 哪些?(?:方面|地方|里) 什么(?:地方|方面)? 啥子?(?:地方|方面)?")
_WHEN = any_of("什么时[候间] 啥子?时[候间] 何时 几时 哪天 哪一天 哪个月 几月份? 好久 多久 多长时间")
_WHY = any_of("为什么 为何 为啥子? 因何 咋个?会 怎么会 (?:什么|啥子?)原因")
_HOW = any_of("怎么样? 怎样 如何 咋个?样? 咋")
_HOW_FAR = "得" + any_of("怎么?样 咋个?样子? 如何 好不好 行不行")
_HOW_FAR += "|到了?" + any_of("哪一?步 哪里? 哪儿 哪个?阶段 什么(?:程度|地步|阶段) 啥子?(?:程度|地步)")
_DO = any_of("整改 整治 治理 化解 改进 解决 处理 处置 落实 推进 进展 办理 办 改 干 做 搞 弄 整 抓 完成")
_END = any_of("完成 完 好 到位 结 妥")
_DONE = f"(?:{any_of('销号 销项 完成 办结 解决 化解 闭环 到位')}|{_DO}{_END})"
_OR_NOT = any_of("了?没有? 没得 了?吗 了?否 与否 了?未 了?不")
_MEAN = any_of(
    "拟 打算 准备 计划 预计 承诺 保证 要求 最迟 最晚 争取 接下来 下一?步 将 要 想 得 该 应该? 能 到 在",
    "*",
)
_LEAD = any_of("牵头 挂帅 包抓 包保 包案 分管 挂联 主抓 领办 领衔")
_ASKED_UNIT = f"{_WHICH_UNIT}(?:{any_of('负责 牵头 主办 承办 主抓 管')}|{_DO})*"
_ASKED_LEADER = f"由?{_WHICH}领导.{{0,4}}|哪位领导.{{0,4}}|{_WHO}{_LEAD}"
_ASKED_PERSON = f"{_WHO}(?:负责)?(?:{any_of('负责 经办 承办 盯 管')}|{_DO})?{_END}?"
_PROBLEM = any_of("问题 隐患 短板 毛病 不足 差距")
ASKED = {
    "title": f"(?:主要)?{_PROBLEM}(?:主要)?(?:都|出|存|表现)?在?(?:于)?{any_of('是', '?')}{_WHERE}"
    f"|(?:存在|还?有|查出|发现)了?(?:的|些)?{_WHAT}的?{_PROBLEM}"
    f"|(?:{_WHERE}|{_WHAT})(?:工作|事情?)?还?(?:没有?|不|{_DO}得不)"
    + any_of("做好 做到位 做到 办好 改好 落实 到位 够 好 足 行"),
    "aspect": rf"{_PROBLEM}?(?:属于?|归在?|算){_WHICH.replace('哪个', '哪一?个?')}(?:方面|类别?|类型|领域)",
    "source": f"(?:从|由|是)?{any_of('谁 哪里? 哪儿 (?:什么|啥|哪个)渠道')}"
    f"{any_of('发现 查出来? 反映 提出来? 来')}的?",
    "causes": f"{_WHY}(?!还?(?:没|未)(?:有|能)?(?:{any_of('按[期时] 整改 销号 办结 完成')}|{_DO}完)).{{0,8}}"
    f"|(?:原因|根子|病根|问题)出?在{_WHERE}",
    "remark": f"{_WHY}还?(?:没|未)(?:有|能)?(?:按[期时])?(?:{_DONE}|整改)|还?有{_WHAT}(?:要|需要)说明",
    "goal": f"{_MEAN}{_DO}成{any_of('什么样子? 啥子?样子? 怎样')}"
    f"|{_MEAN}(?:达到|实现){_WHAT}的?(?:目标|效果|成效)",
    "standard": f"{_MEAN}(?:达到|符合){_WHAT}的?(?:标准|要求)"
    f"|(?:{_HOW}|{any_of('什么样 啥样')})(?:才|就)?算(?:是)?(?:{_DONE}|合格)",
    "measure": f"{_MEAN}{_HOW}(?:来|去|个)*{any_of('抓', '?')}{_DO}{_END}?|怎么办"
    f"|{_MEAN}(?:采取|用|有)了?(?:哪些|什么|啥子?)的?{any_of('措施 办法 举措 对策 法子')}"
    "|(?:所?采取|打算|准备)的(?:措施|办法|举措|对策)",
    "leader": _ASKED_LEADER,
    "lead_unit": _ASKED_UNIT,
    "supporting_units": f"(?:{_WHO}|{_WHICH_UNIT}){any_of('配合 协助 协办 参与 帮忙')}",
    "responsible": _ASKED_PERSON,
    "deadline": f"{_MEAN}{_WHEN}"
    f"{any_of('之?前 以前 能够? 要求? 可以? 才 必须 得 应该? 把', '*')}(?:{_DONE}|{_DO})",
    "progress": f"{any_of('现在 目前 当前 已经? 工作 任务', '*')}{_DO}"
    f"(?:的?情况)?(?:{_HOW_FAR}|的(?:怎么?样|咋样))"
    f"|{any_of('现在 目前 当前', '+')}(?:{_HOW_FAR}|{any_of('怎么样 咋个?样')})|{_DO}了{_WHAT}",
    "completion": f"(?:是否|有没有|是不是|有无|能否)(?:已经?|全部|按期)*{_DONE}"
    f"|(?:全部|按期)?{_DONE}{_OR_NOT}|(?:是否|有没有)(?:已|已经)?(?:整改|落实)",
    "evidence": f"(?:有|拿|用|凭|靠|提供)了?{_WHAT}的?(?:来|能|可以)*"
    + f"{any_of('证明 佐证 印证 证实')}.{{0,6}}|(?:有|凭)?{_WHAT}的?{any_of('凭据 凭证 证据 材料')}",
}
# Who checks, presses or tells, and when that was, is none of this.
NOT_OURS = re.compile(
    f"(?:{_MEAN}{_WHEN}|{_WHO}|{_WHICH_UNIT}|{_ASKED_LEADER}){any_of('来 去 在 要 能', '*')}"
    + any_of(
        "验收 审核 审批 督办 督导 督查 检查 复查 核查 监督 发现 反映 举报 填报? 上报"
        " 报送 开始 启动 交办 销号 签字",
        "的?",
    )
)


_ASKS_WHO = re.compile(f"{_ASKED_PERSON}|{_WHO}{_LEAD}")
_IS_UNIT = re.compile(
    r".+(?:[局委办院校部厅社站所队科股室镇乡]|单位|中心|公司|集团|街道|[县市区镇乡村](?:政府|党委))"
)
_IS_MARK = re.compile(r"[^，,。；;：:\n]{1,8}")


def of_content(key: str, heading: str, texts: Callable[[], Sequence[str]]) -> str:
    """What a column is that its heading leaves open, by what stands in it.

    谁来改 asks for a unit or for a person; 化解情况 is told, or answered in a word.
    """
    if key in ("leader", "responsible") and _ASKS_WHO.fullmatch(heading) and _most(texts(), _IS_UNIT):
        return "lead_unit"
    if key == "completion" and heading.endswith("情况") and not _most(texts(), _IS_MARK):
        return "progress"
    return key


def _most(texts: Sequence[str], shape: re.Pattern[str]) -> bool:
    """More than half are of that shape."""
    return sum(bool(shape.fullmatch(text.strip())) for text in texts) * 2 > len(texts)
