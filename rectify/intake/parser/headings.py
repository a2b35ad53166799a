"""What a heading says: problems, causes, directions, or a part left out. By words, never by number."""

from __future__ import annotations

import re
from dataclasses import dataclass

PROBLEMS, CAUSES, DIRECTIONS = "problems", "causes", "directions"
LEFT_OUT, OTHER, PREAMBLE = "left_out", "other", "preamble"

_LEFT = re.compile(
    r"整改(?:落实|完成|进展|任务|措施|工作|事项|问题|销号|推进)*(?:的|工作)?(?:情况|成效|成果|进展|结果|回顾)|整改.{0,6}(?:完成|落实)情况"
    r"|(?:上一?年度?|去年|上一?次|上一?轮|前次|以往|往年|20\d\d年度?).{0,24}(?:整改|回头看|落实情况)"
    r"|案例|案件|典型问题的?(?:剖析|分析)|以案|现状|基本(?:情况|概况|信息)|概况|成绩|成效|成果|亮点|主要做法|典型做法|经验做法|特色做法|工作做法"
    r"|工作(?:开展|进展|完成|总体)?(?:情况|回顾|总结)|开展情况|总体情况|准备(?:工作)?情况|会前|学习(?:教育|研讨)?情况|征求意见|谈心谈话"
    r"|个人有关事项|重大事项|需要?说明的|需要?(?:上级)?(?:帮助|支持|协调|解决)+的|有关说明|结束语|结语|前言|引言|序言|导语|附件|履职情况|履行职责情况|指导思想|目标要求|组织领导$|(?<!下一步)(?<!下步)(?<!今后)(?<!后续)工作要求$|^(?:填表|填报|编制|清单)?(?:说明|备注|注)$|^(?:自查|检查|核查|排查|总体)*结论$|(?:工作|组织)?保障(?:措施)?$"
)
_LEFT_END = re.compile(
    r"(?:情况|成效|成果|亮点|进展|结果|回顾|总结|措施|问题|落实|完成|整改|回头看|效果|剖析|分析|说明|事项|案例|案件|案|促改|为鉴|现状|概况|信息|成绩|做法|意见|谈话|语|言|困难|附件|思想|要求|备注|注|结论|领导|准备|报告|工作|保障)$"
)
_LEFT_WHOLE = re.compile(
    r"(?:党委|班子|支部|单位|学校|工作)*(?:现状|成绩|成效|成果|亮点|概况|前言|引言|序言|导语|基本情况|主要做法|结束语|结语|附件)(?:和成效|与成效)?|(?:填表|填报|编制|清单)?(?:说明|备注|注)|(?:自查|检查|核查|排查|总体)*结论"
)
_CATEGORY = re.compile(
    r"(?P<causes>原因|根源|成因|(?<!存在的)(?<!存在的主要)(?<!存在的突出)症结|剖析)"
    r"|(?P<directions>努力方向|整改方向|改进方向|今后方向|工作方向|方向|(?:整改|改进|解决|应对|具体|纠正|化解)?(?:措施|举措|对策|办法)|整改(?:思路|目标|打算|计划|任务|承诺|安排|清单|要求|建议|意见|内容)|(?:工作|对策|几点)建议|^(?:有关|相关|几点)要求$|^意见(?:[和与及、]|以及)?建议$|^(?:督[导查察]|巡[视察]|审计|检查)(?:组)?(?:意见|建议)$"
    r"|改进(?:思路|意见|打算|目标|建议)|工作(?:打算|思路|安排|计划|目标)|(?:今后|后续|下步|下一步|下一阶段)(?:的)?(?:整改|工作|努力)*(?:打算|安排|思路|计划|重点)|(?:下步|下一步|下一阶段|今后|后续)(?:的)?工作(?:要求)?$|下一步$|打算|努力目标|整改$|改进$)"
    r"|(?P<problems>(?:问题|不足)的?(?:主要|突出|具体)*表现(?:形式)?$|问题|不足|差距|短板|弱项|薄弱环节|缺点|缺陷|隐患|症结|的(?:主要|突出|具体)*表现(?:形式)?$|查摆|检视|对照检查|对照查摆|自我检查)"
)
# 自查发现的主要问题及整改情况 lists the problems with what became of them.
_MENDED = re.compile(r"问题(?:及其?|和|与|、)整改(?:落实|进展|完成)?(?:情况|措施)$")
EARLIER = re.compile(r"上一?年|去年|往年|上一?[次轮]|前次|以往")
ADVICE = re.compile(
    r"工作目标|(?:有关|相关|几点)要求|意见(?:[和与及、]|以及)?建议|(?:督[导查察]|巡[视察]|审计|检查)(?:组)?(?:意见|建议)"
)
_FILLERS = re.compile(
    r"存在|主要有|主要|突出|当前|目前|现阶段|20\d\d年(?:度)?|领导班子|领导干部|班子成员|班子|党委|党组|支部|党支部|县委|常委|常委会|个人|自身|本人|我们|工作中|工作|思想上|思想|方面|情况"
    r"|我的|[两三四五六七八九十]个|几个|几点|几方面|出来|出|到|以下|如下|关于|针对|产生|形成|出现|造成|引起|导致|背后|深刻|深入|认真|全面|进行|开展|查找|对照|检查|分析|反思|梳理|排查|发现|自查|自我"
    r"|党性|作风|政治|主观|客观|深层次|深层|层次|根本|今后|下一步|下步|下一阶段|将来|未来|整改|改进|落实|努力|具体|意见|建议|初步|基本|有关|相关|重点|共性|个性|需要"
    r"|解决|新增|新|巡视巡察|巡视|巡察|反馈|所在|亟待|仍然|仍|还有|还|上述|这些|以上|其中|其|及其|以及|并|暨|清单|汇总|一览|表|年度|本年度|今年|一年来|民主生活会|组织生活会|专题|部分|内容|事项|明确|提出|制定|方案|和|与|及|的|在|中|对|等|、|，|：|“|”|\s"
)
# What lead sentences connect with: 虽然取得了一些成绩，还有不足； 以上是我的对照检查; 究其原因
_CONNECTING = re.compile(
    r"以上|虽然?|取得|一定|一些|还|所|有|是|我|究其|主客观|审计|治理|整治|采取|经过|完成|安全|反映|查|後|附|了"
    r"|第?[一二三四五六七八九十]+(?:个|章|部分)?"
)
_CONJUNCTION = re.compile(r"^(?:及其?|以及|和|与|、|，|,|并|暨|/|-|—|\+|\s)")
# 存在的问题及具体表现 is a section of problems: the manifestations stand in them.
_SHOWN = re.compile(r"(?:及其?|以及|和|与|、|，)(?:主要|具体|突出)?(?:的)?表现(?:形式)?$")
_SAYS = re.compile(r"(?<=[因源施举向算])主要(?:是|有|包括|如下)$")
_TAIL = re.compile(r"[（(【\[][^（）()]{0,24}[）)】\]]$")
_VERB = re.compile(
    r"(?:破解|化解|聚焦|处理|应对|回应|狠抓|抓好|抓实|补齐|补足|补强|克服|直面|正视|敢于|善于|坚持|强化|加强|推动|推进|做好|加大|持续|不断|坚决|切实|着力|全力|抓|促|改|补)$"
)
# 关于“X”问题 is a problem; “不严不实”问题的根源 is a heading with a quoted word.
_ROOTS = re.compile(r"的(?:思想|深层次?|主观)*(?:根源|症结|成因)$")
_TRADITIONAL = str.maketrans(
    "問題檢視查擺與個產導標準進務議議黨員據體現實際對關於",
    "问题检视查摆与个产导标准进务议议党员据体现实际对关于",
)
# How people say it who write no papers: 差在哪里？ 为啥会这样？ 明年咋办？ 我们承诺
_SELF = "(?:我们|我|本人|自己|大家)?(?:还)?"
_TIME = "(?:今后|往后|后续|接下来|接着|下一?步|下阶段|近期|马上|立即|明年|下半年|当前)*(?:我们|我)?"
_PLAIN_WORDS = {
    CAUSES: re.compile(
        rf"{_SELF}(?:为(?:什么|何|啥)[^，。]{{0,20}}|怎么会[^，。]{{1,8}}|(?:问题|毛病|根子|原因|病根)(?:都)?(?:出)?在哪里?儿?"
        r"|原因何在|想来想去|毛病出在[^，。]{1,6})"
    ),
    DIRECTIONS: re.compile(
        rf"{_TIME}(?:打算|准备|应该)?(?:改什么、)?(?:怎么|怎样|如何|咋)(?:样)?(?:改|办|做|干|补|抓)|{_TIME}(?:要|该|打算)(?:做|改|办)(?:什么|的事|的)"
        rf"|打算(?:这样|怎么)改|(?:我们|共同|公开|整改)*承诺|{_TIME}改|往[^，。]{{1,12}}里改|(?:今后|后续|下步|下一步)(?:措施|行动|安排)|改进(?:行动|办法)"
    ),
    PROBLEMS: re.compile(
        rf"{_SELF}(?:差|问题|毛病|短板|不足)(?:都)?(?:出)?在(?:哪里?儿?|哪些地方)|{_SELF}(?:没有?|没能|未)做(?:好|到)的(?:地方|事)?"
        rf"|{_SELF}(?:哪里|哪些地方)(?:没有?)?做得?(?:不好|不够|不到位)"
    ),
}
_ANNEX = re.compile(
    r"附(?:件|表|录)?[一二三四五六七八九十\d]{0,3}(?:[：:\s].{0,40})?|附(?:件|表|录)[^，。；]{0,24}"
)
_NAMED = r"[“\"「](?:[^“”\"」]|“[^“”]{1,40}”){2,}[”\"」]的?问题"
NAMING = ("关于", "反映", "针对", "反馈", "指出")  # what stands before a problem's name
_ABOUT = re.compile(rf"关于{_NAMED}|(?:{'|'.join(NAMING)}){_NAMED}$")
_QUOTED = re.compile(
    r"(?<=.)“[^”]{1,16}”|^“[^”]{1,16}”(?=.*(?:问题|表现).*(?:原因|根源|成因|症结|剖析|方向|措施)|.*表现)"
)
_COINED = re.compile(r"[^”]”问题$")  # 窗口“冷硬横推”问题
_STRONG_TAIL = re.compile(
    r"(?:存在|查摆|检视|查(?=出)|主要|突出|查找|梳理|反映|反馈|指出|发现|通报|交办|面临|剖析|自查|检查|产生|整改|改进|努力|今后|下一步|下步)(?:出来?|到)?(?:的)?(?:主要|突出|具体|共性|一些|集中|较多|最多|强烈|普遍)?(?:的)?$"
)
_PREDICATE = re.compile(r"[^，的存在主要突出查摆检视和与、及]{2,}(?:不足|有差距|差距|短板|弱项)$")
_HAVING = re.compile(r"(?:存在|有)(?:明显|一定|较大|不小)?的?(?:差距|不足|短板|弱项|薄弱环节)$")
_LINKED = re.compile(r"^(?:分析|剖析|情况|查摆|检视|清单|反思)*")
_SENTENCE = re.compile(r"[。！？]")
ASPECT_WORD = "方面"
# 检视整改方面 is a field of work; 原因剖析方面 and 存在问题方面 are sections.
_FIELD = re.compile(
    r"(?!.*(?:问题|不足|差距|短板|弱项|原因|根源|成因|剖析|方向|措施|举措|打算|思路|计划)).*方面$"
)


@dataclass(frozen=True)
class Verdict:
    """`kinds` in the order of the heading; `residue` counts the signs that no known word explains."""

    kinds: tuple[str, ...]
    residue: int


def reduce(title: str) -> str:
    """A heading without brackets around or behind it and without closing punctuation."""
    text = title.strip().strip("：:。．.；;，,？? ★☆◆●■#*")
    for left, right in ("【】", "[]", "（）", "()", "〔〕", "《》", "“”", "「」"):
        if text.startswith(left) and text.endswith(right):
            text = text[1:-1].strip()
    text = _SAYS.sub("", _SHOWN.sub("", _TAIL.sub("", text))).strip("：:。．.；;，, ")
    return text.replace(" ", "")


# 存在的主要问提, 原因分折, 整该措施: one sign of the words that decide is another.
_CORES = (
    "主要问题", "突出问题", "存在问题", "原因分析", "原因剖析", "整改措施",
    "改进措施", "努力方向", "整改方向",
)  # fmt: skip
_LONGEST_MISSPELT = 10


def misspelt(title: str) -> str:
    """The heading that a short line is but for one sign, or nothing."""
    text = reduce(title)
    is_short = 4 <= len(text) <= _LONGEST_MISSPELT and not text.endswith(ASPECT_WORD)
    if not is_short or judge(text) is not None:
        return ""
    end = text[-4:]
    near = (core for core in _CORES if sum(map(str.__ne__, core, end)) == 1)
    meant = next((text[:-4] + core for core in near), "")
    verdict = judge(meant) if meant else None
    return meant if verdict and not verdict.residue else ""


def judge(title: str) -> Verdict | None:
    """What a heading's words announce, or nothing."""
    text = reduce(title)
    if not 2 <= len(text) <= 60 or _SENTENCE.search(text) or _ABOUT.match(text):
        return None
    if plain := _as_people_say(text):
        return Verdict((plain,), 0)
    is_coined = bool(_COINED.search(text))
    text = _QUOTED.sub("", text).translate(_TRADITIONAL)
    if _MENDED.search(text) and not EARLIER.search(text):
        return Verdict((PROBLEMS,), 1)
    groups = _groups(text)
    return _left_out(text, groups) or (_of_groups(text, *groups, is_coined=is_coined) if groups else None)


def _as_people_say(text: str) -> str:
    return next((kind for kind, pattern in _PLAIN_WORDS.items() if pattern.fullmatch(text)), "")


def _left_out(text: str, groups: tuple[tuple[str, ...], int, int] | None) -> Verdict | None:
    if not groups and is_annex(text):
        return Verdict((LEFT_OUT,), 0)
    left = _LEFT.search(text) if _LEFT_END.search(text) else None
    if left is None or (groups and _outweighs(text, left, groups)):
        return None
    return Verdict((LEFT_OUT,), 0 if _LEFT_WHOLE.fullmatch(text) or _is_last_year(text) else 1)


def _of_groups(text: str, kinds: tuple[str, ...], begin: int, end: int, *, is_coined: bool) -> Verdict | None:
    if _FIELD.fullmatch(text) or _FILLERS.sub("", text[end:]):
        return None
    # Whatever stands before the words that decide, less what such headings always say.
    before = _CATEGORY.sub("", text[:begin])
    residue = len(_FILLERS.sub("", before)) + len(_FILLERS.sub("", _CATEGORY.sub("", text[begin:end])))
    if residue and (is_coined or _VERB.search(before) or _PREDICATE.search(text) or _has_failings(text)):
        return None
    if residue > 2 and not _carries(text, begin):
        return None
    return Verdict(kinds, residue)


def _has_failings(text: str) -> bool:
    """服务群众有差距 states a failing; 作风方面存在差距 heads some."""
    return bool(_HAVING.search(text)) and ASPECT_WORD not in text and "中存在" not in text


def _carries(text: str, begin: int) -> bool:
    """A heading whatever words of its own it has."""
    return bool(_ROOTS.search(text) or _STRONG_TAIL.search(text[:begin]) or _stands_alone(text, begin))


def _stands_alone(text: str, begin: int) -> bool:
    """原因分析, 整改措施, 问题查摆: words that carry a heading whatever stands before them."""
    return bool(
        re.match(
            r"(?:后续|下一?步|今后)的?(?:整改|工作)*(?:安排|打算|计划)|的.{0,4}表现|原因(?:分析|剖析)|根源(?:分析|剖析)|努力方向|(?:整改|改进)(?:措施|举措|方向)|问题(?:查摆|检视)|查摆|检视",
            text[begin:],
        )
    )


def _is_last_year(text: str) -> bool:
    return bool(
        EARLIER.search(text) or re.search(r"整改.{0,8}情况|案例.{0,4}(?:剖析|分析|情况)|典型案例$", text)
    )


def _outweighs(text: str, left: re.Match[str], groups: tuple[tuple[str, ...], int, int]) -> bool:
    """对照典型案例查摆出的主要问题 speaks of problems; 上年度问题整改情况 does not."""
    kinds, begin, _ = groups
    if begin < left.end():
        return False
    return "案例" in left.group() and kinds == (PROBLEMS,) and bool(_STRONG_TAIL.search(text[:begin]))


def _groups(text: str) -> tuple[tuple[str, ...], int, int] | None:
    """The kinds the heading ends on: 问题及原因 names two, 问题的原因 one, 针对问题及原因的整改措施 one."""
    words = [(str(match.lastgroup), match.start(), match.end()) for match in _CATEGORY.finditer(text)]
    if not words:
        return None
    kinds = [words[-1][0]]
    begin = words[-1][1]
    for (kind, start, end), (_, after, _) in zip(reversed(words[:-1]), reversed(words[1:]), strict=True):
        between = text[end:after]
        if kind == kinds[0] and not re.search(r"的", between):
            begin = start
            continue
        # A conjunction keeps both kinds; 的 or nothing makes the former describe the latter.
        linked = _LINKED.sub("", between)
        match = _CONJUNCTION.match(linked)
        if not match:
            break
        rest = linked[match.end() :]
        if rest and _FILLERS.sub("", rest) and not rest.startswith("产生"):
            break
        kinds.insert(0, kind)
        begin = start
    return tuple(dict.fromkeys(kinds)), begin, words[-1][2]


def is_annex(line: str) -> bool:
    """附件, 附件2：名单, 附：…"""
    return bool(_ANNEX.fullmatch(line))


def announces(title: str) -> bool:
    """Whether the words are a heading's and hold no figure, which would say something of its own."""
    return not re.search(r"\d", title) and judge(title) is not None


def own_words(title: str) -> str:
    """What of a heading no list of such words explains: 四风 in “四风”方面存在的突出问题."""
    text = reduce(title)
    if is_annex(text) or _as_people_say(text):
        return ""
    text = text.translate(_TRADITIONAL)
    for pattern in (_LEFT, _CATEGORY, _FILLERS, _CONNECTING):
        text = pattern.sub("", text)
    return re.sub(r"\W+", "", text)


def opens_section(title: str) -> bool:
    """Whether a line announces problems, causes or directions."""
    verdict = judge(title)
    return verdict is not None and verdict.kinds != (LEFT_OUT,)


def section_kinds(title: str, *, top: bool) -> tuple[str, ...]:
    """The kinds of section a heading opens: a top heading may say more than an inner one."""
    verdict = judge(title)
    if verdict is None:
        return ()
    limit = 24 if top else 0
    return verdict.kinds if verdict.residue <= limit else ()
