"""The headings of an office's own sheets: what each of them means, or that it is none we know."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, partial

from rectify.ledger.legacy.asked import ASKED, NOT_OURS, of_content
from rectify.ledger.legacy.asked import any_of as _any
from rectify.models.field_registry import ASSIGNED, REMARK, TEXTS, Field
from rectify.models.field_registry import BY_NAME as FIELDS_BY_NAME
from rectify.xlsx.values import half_width, normal

SKIP = "skip"  # a person decided to leave the column out
EXACT, KIN = 100, 80
LONGEST = 24
# Of these a sheet may have several columns; each but the first is kept under its own heading.
SEVERAL = ("measure", "progress", "completion", "manifestations", "causes", "evidence", "remark")
_IN_BRACKETS = re.compile(r"[（(【\[].*?[）)】\]]")
_SIGNS = re.compile(r"[\s:：、，,。.·*＊/／\-—_★☆?？!！]+")
_ENDS = re.compile(r"(?<=.)[了呢啊呀嘛]+$")
_AS_OF = re.compile(r"截[至止到]?(?:目前|(?:\d{2,4}年)?\d{1,2}月(?:\d{1,2}日|底)?)|^\d{2,4}年度?")


@dataclass(frozen=True)
class Meaning:
    """One thing a column may hold: what offices call it, ours first, and how their other words are built."""

    key: str
    names: tuple[str, ...]
    kin: str = ""

    @property
    def label(self) -> str:
        return self.names[0]

    @cached_property
    def pattern(self) -> re.Pattern[str]:
        """Both as a form says it and as one asks."""
        return re.compile("|".join(filter(None, (self.kin, ASKED.get(self.key)))))


def _of_field(field: Field, kin: str = "") -> Meaning:
    return Meaning(field.name, field.synonyms, kin)


_PROBLEM = _any("问题 隐患 不足 短板 弱项 差距 薄弱环节 风险点? 线索 缺陷 毛病")
_UNIT = _any("(?:主体)?单位 (?:主体)?部门 科室 股室 处室 站所 支部 党组织 乡镇 镇街 主体")
_PERSON = _any("人 人员 人姓名 同志") + "(?:及?" + _any("电话 职务 联系方式 签字 签名") + ")?"
_LEADS = _any(
    "责任 牵头 分管 主管 主抓 包抓 包保 包案 包联 挂点 挂包 挂联 挂牌 挂钩 领衔 联系"
    " 整改 第一 县级 市级 区级 镇级 州级 局 委 班子",
    "{1,3}",
)
_ANSWERS = _any(
    "第一 主体 责任 牵头 主责 主办 主抓 承办 承接 承担 整改 整治 治理 化解 办理 落实 实施 负责 主要", "{1,3}"
)
_HELPS = _any("配合 协助 协办 协同 协作 联动 参与 参加 会办 共同")
_ACTS = _any(
    "整改 完成 办结 办理 落实 解决 销号 治理 整治 化解 截止 到期 目标 完工 竣工 兑现 限改 整改到位 到位", "?"
)
_NUMBERED = f"(?:{_PROBLEM}|{_any('案件 事项 项目 任务 条目 台账 工单 建议 提案 信访件 交办件')})"
_WHERE_FOUND = _any(
    "存在 主要 突出 具体 查摆 检视 反馈 发现 剖析 自查 巡察 巡视 审计 督查 督察 检查 排查 核查 暗访 调研 评议"
    " 暴露 指出 需整改 整改"
    " 安全 重大 一般 目前 当前 涉及 查找 查出 出来 出 的 对应 所属 反映",
    "*",
)
_SAID_BY = _any("代表 委员 建议 提案 群众 工单 来电 媒体 信访", "{1,2}")
_WHEN = _any(
    "目前 当前 现阶段 形象 最新 阶段性? 截至目前 问题 措施"
    " 整改 整治 落实 办理 工作 推进 处理 处置 治理 化解 任务 完成 开展"
)
_DONE = _any(
    "完成 办结 销号 销项 化解 整改到位 整改完成 整治到位 整治完成 到位 闭环"
    " 完工 竣工 清零 息诉罢访 息访 解决 落实"
)
_PROOF = _any("佐证 印证 证明 支撑 备查 旁证 举证 证实")
_PERIOD = _any("月度? 季度? 第?[一二三四\\d]+(?:季度?|月份?)")
_OF_ASSIGNED = {
    "leader": f"{_LEADS}{_any('责任 县 市 区 镇', '?')}{_any('领导 领导同志 领导姓名 领导及职务 常委')}",
    "lead_unit": f"{_ANSWERS}的?(?:责任)?{_UNIT}(?:名称|[及和]?(?:责任人|(?:主要)?负责人))?",
    "supporting_units": f"(?:整改)?{_HELPS}{_any('责任 整改 落实', '?')}{_UNIT}",
    "responsible": _any(
        "具体 整改 整治 治理 化解 稳控 直接 第一 主要 责任单位 责任部门 单位 部门"
        " 科室 落实 办理 经办 承办 工作",
        "*",
    )
    + f"{_any('责任 负责 经办 承办 联系 联络 落实 牵头')}{_PERSON}",
    "kind": f"{_any('整改 问题整改')}{_any('类型 类别 方式 性质 时序')}",
    "deadline": _any(
        "拟 计划 预计 预期 要求 规定 限期 限定 最迟 最晚 承诺 约定 力争 确保 保证 整改 整治 治理 办理 工作",
        "*",
    )
    + f"{_ACTS}(?:完成)?的?"
    + _any(
        "时限 期限 限期 日期 时间 时间节点 节点 时序 时间要求 时间安排 截止日 时限要求 (?<=[成结限到工改])日"
    ),
}
_OF_TEXTS = {
    "goal": _any("拟 要 预期 预计 计划 整改 整治 治理 工作 任务 改进 努力 总体 具体 达成 达到 实现", "*")
    + "的?目标(?:要求|任务)?|"
    + _any("拟 要 预期 预计 计划", "{1,2}")
    + _any("达成 达到 实现 取得", "?")
    + "的?"
    + _any("目标 成效 效果 成果"),
}
MEANINGS = (
    Meaning(
        *("number", ("序号", "编号", "项次", "问题编号", "问题序号")),
        rf"序|号|No\d*|{_NUMBERED}?(?:序号|编号|项号)|项目号",
    ),
    Meaning(
        *("aspect", ("查摆方面", "方面", "问题方面", "查摆问题方面", "问题类别", "类别", "领域")),
        f"(?:{_PROBLEM}|{_any('查摆 检视 对照 整改 检查 所属 归属 涉及 主要')})*的?"
        + _any("方面 类别 类型 分类 领域 维度 归类"),
    ),
    _of_field(
        FIELDS_BY_NAME["title"],
        f"{_WHERE_FOUND}{_PROBLEM}[和及与、]?{_PROBLEM}?的?"
        + "(?:具体)?"
        + _any("描述 说明 表述 内容 清单 事项 摘要 概述 概况 情况 情形 名称 简述 详情 事实", "?")
        + f"|{_any('诉求 工单 信访 投诉 反映 建议 提案 来电 查摆')}{_any('内容 事项 标题 名称 问题')}"
        + f"|{_any('主要 信访 具体', '?')}诉求|案由"
        + f"|{_SAID_BY}{_any('反映 提出 反馈 投诉')}的?{_PROBLEM}"
        + f"|{_any('反馈 指出 督办 交办 整改')}{_any('意见 事项 内容')}",
    ),
    Meaning(
        *("manifestations", ("具体表现", "问题表现", "表现形式", "主要表现")),
        f"(?:{_PROBLEM}|{_any('存在 具体 主要 突出 典型')})*的?(?:表现|现象)(?:形式|情况|在)?",
    ),
    Meaning(
        *("source", ("问题来源", "来源")),
        f"(?:{_PROBLEM}|检查|反馈|任务)?来源(?:渠道|途径)?|发现(?:渠道|途径)",
    ),
    Meaning(
        *("causes", ("原因剖析", "原因分析", "产生原因", "问题原因", "问题根源", "原因", "根源")),
        f"(?:{_PROBLEM}|{_any('产生 主要 存在 形成 根本 深层次? 思想 内在 主观 客观')})*的?"
        f"{_any('原因 根源 成因 症结 病根 病因 根由')}{_any('剖析 分析 查摆', '?')}",
    ),
    *(_of_field(field, _OF_TEXTS.get(field.name, "")) for field in TEXTS),
    Meaning(
        "measure",
        (
            *("整改措施", "措施", "具体措施", "整改举措", "工作措施", "整改落实措施"),
            *("整改任务", "整改内容", "任务"),
            *("改进措施", "解决措施"),
        ),
        _any(
            "拟 已 将 采取 所采取 具体 主要 下一?步 整改 改进 解决 工作 落实 防范 防控 治理 处置"
            " 管控 处理 办理 整治 应对 化解 长效 当下改 长久立 任务 的",
            "*",
        )
        + _any("措施 举措 办法 对策 做法 打算 路径")
        + "(?:[及和与].*)?"
        + f"|{_any('整改 改进 落实')}{_any('要求 建议 方案')}",
    ),
    Meaning(
        *("standard", ("完成标志", "完成标准", "验收标准", "整改标准", "销号标准")),
        f"{_any('整改 完成 验收 销号 办结')}{_any('标准 标志 成果 目标标准')}",
    ),
    *(_of_field(field, _OF_ASSIGNED.get(field.name, "")) for field in ASSIGNED if field.synonyms),
    Meaning(
        "progress",
        (
            *("整改进展", "进展情况", "整改情况", "工作进展", "落实情况", "整改落实情况", "整改进展情况"),
            *("目前进展", "进展", "整改成效", "工作开展情况"),
        ),
        f"(?:{_WHEN}|{_PERIOD})*"
        + _any("进展 进度 成效 结果 落实 办理 处理 推进 整改 整治 处置 进展落实 整改完成 治理 工作开展")
        + _any("情况 结果 进展 进度 成效 效果", "?")
        + f"|{_any('目前 当前 现阶段 最新')}{_any('状况 现状 情况')}",
    ),
    Meaning(
        "completion",
        ("完成情况", "是否完成", "整改状态", "状态", "完成状态", "销号情况", "是否销号"),
        _any("是否 目前 当前 整改 办理 任务 问题", "*")
        + f"{_DONE}{_any('情况 状态 与否 程度 率', '?')}|{_any('整改 办理 当前 目前 问题')}状态",
    ),
    Meaning(
        *("evidence", ("佐证材料", "佐证", "印证材料", "证明材料", "支撑材料")),
        f"{_any('整改 完成 销号 相关 主要 工作', '*')}{_PROOF}性?"
        + _any("材料 资料 文件 目录 清单 图片 照片 附件 台账 依据 名称 编号 情况", "*")
        + f"|{_any('整改 完成 相关', '?')}{_any('凭据 凭证 证据')}{_any('材料 资料 名称 目录', '?')}",
    ),
    _of_field(
        REMARK,
        r"备注.{0,4}|附注|其[他它](?:说明|情况|事项)?|补充(?:说明|情况)|(?:其[他它])?需要?说明的?(?:情况|事项|问题)?"
        f"|(?:尚?未|没有?|逾期未)(?:按[期时])?(?:{_DONE})的?(?:主要|具体)?(?:原因|理由|说明)|逾期(?:原因|说明)",
    ),
)
BY_KEY = {meaning.key: meaning for meaning in MEANINGS}
_EXACT = {name: meaning.key for meaning in MEANINGS for name in meaning.names}
# Whoever presses, checks or reports is not whoever answers; a place, a parent, a day of checking is none.
_NONE = re.compile(
    _any(
        "督办 督导 督查 检查 监督 监管 验收 审核 审批 填报 报送 上报 交办 被检查 受检 发现 举报 反映",
        "+",
    )
    + f"(?:{_any('领导 责任人 人 人员 日期 时间 意见')}|{_UNIT}).*"
    + f"|.*{_any('所在 位置 地点 地址 电话 父任务 上级任务 金额 (?<![证明])(?:图片|照片|附件)')}"
    + f"|实际.*(?:时间|日期)|{_any('开始 启动 起始 销号 检查 登记')}(?:时间|日期)"
    + f"|(?:问题|隐患|任务){_any('等级 级别 数量? 个数 位置 状况')}"
)


def guess_heading(text: str) -> tuple[str, int]:
    """What a heading means and how sure that is: a known name, or one built like it; nothing for others."""
    plain = _plain(text)
    if plain in _EXACT:
        return _EXACT[plain], EXACT
    if not plain or len(plain) > LONGEST or _NONE.fullmatch(plain) or NOT_OURS.fullmatch(plain):
        return "", 0
    for meaning in MEANINGS:
        if meaning.pattern.pattern and meaning.pattern.fullmatch(plain):
            return meaning.key, KIN
    return "", 0


def _plain(text: str) -> str:
    bare = _IN_BRACKETS.sub("", half_width(normal(text)))
    return _ENDS.sub("", _AS_OF.sub("", _SIGNS.sub("", bare)))


def _guess_column(heading: str, texts: Callable[[], Sequence[str]]) -> tuple[str, int]:
    key, sure = guess_heading(heading)
    if sure == KIN:
        key = of_content(key, _plain(heading), texts)
    return key, sure


def guess_columns(
    headings: Mapping[int, str], texts: Callable[[int], Sequence[str]] = lambda column: ()
) -> dict[int, str]:
    """The meaning of each column; what two may mean goes to the surer, unless both may have it.

    `texts` are those below, which settle what a heading leaves open.
    """
    guesses = {column: _guess_column(text, partial(texts, column)) for column, text in headings.items()}
    best: dict[str, tuple[int, int]] = {}
    for column, (key, sure) in guesses.items():
        if key and sure > best.get(key, (0, 0))[0]:
            best[key] = (sure, column)
    chosen = {
        column: key
        for column, (key, _) in guesses.items()
        if key and (key in SEVERAL or best[key][1] == column)
    }
    if "title" not in best and "manifestations" in best:
        chosen[best["manifestations"][1]] = "title"
    return chosen
