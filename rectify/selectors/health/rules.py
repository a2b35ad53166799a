"""The rules of the health check, as data; a new rule is one entry here and one query beside it."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import islice

from rectify.choices import Level, RagStatus
from rectify.selectors.health import files, finders
from rectify.selectors.health.findings import COUNTED, CheckedLedgers, HealthFinding, HealthRule

SHOWN = 20

RULES = (
    HealthRule(
        "no_leader", Level.ERROR, "没有责任领导", "没有人负责的问题不会自己解决。", "明确一位责任领导。",
        finders.without_leader, "leader=none",
    ),
    HealthRule(
        "no_unit", Level.ERROR, "没有责任单位", "没有单位承办，就没有人填报进展。", "明确一个责任单位。",
        finders.without_unit, "unit=none",
    ),
    HealthRule(
        "no_deadline", Level.ERROR, "没有整改时限", "没有时限就谈不上逾期，也无法提醒。",
        "定下时限；需要长期坚持的，把类型改为长期坚持。", finders.without_deadline,
        f"light={RagStatus.UNDATED}",
    ),
    HealthRule(
        "no_measure", Level.ERROR, "没有整改措施", "只摆问题、不写措施，等于没有整改。",
        "由责任单位拟定措施和完成标志。", finders.without_measure,
    ),
    HealthRule(
        "no_evidence", Level.ERROR, "说已完成，却没有佐证", "检查看的是材料，不是说法。",
        "补充佐证材料，或把状态改回整改中。", finders.finished_without_evidence,
    ),
    HealthRule(
        "damaged_file", Level.ERROR, "佐证文件缺失或被改动", "材料打不开或对不上，等于没有佐证。",
        "请系统管理员从备份恢复；恢复不了的，由单位重新上传并说明。", files.damaged_files,
    ),
    HealthRule(
        "left_alone", Level.ERROR, "逾期，没有督办也没有延期",
        "过了时限没有人过问，检查时首先会被问到。",
        "签发督办单，或由责任单位申请延期。", finders.overdue_and_left_alone,
    ),
    HealthRule(
        "no_review", Level.WARNING, "长期坚持，却没有回头看的日期", "没有人再看，就说不上长期坚持。",
        "登记一次回头看，以后按间隔自动安排下一次。", finders.standing_without_review,
    ),
    HealthRule(
        "measure_unproven", Level.WARNING, "措施已完成，没有佐证", "完成标志要有东西证明。",
        "在进展里对应这条措施补充材料。", finders.measure_done_without_evidence,
    ),
    HealthRule(
        "uncovered", Level.WARNING, "问题没有对应的根源或努力方向",
        "找不到根源、没有方向，容易改了又犯。",
        "对照报告补上对应关系；报告确实没有写的，如实保留。", finders.uncovered_problems,
    ),
    HealthRule(
        "idle_source", Level.WARNING, "根源或努力方向没有对应的问题",
        "写了方向却不落到问题上，检查时说不清。",
        "核对报告，确认它对应哪些问题。", finders.sources_without_problem,
    ),
    HealthRule(
        "unconfirmed", Level.WARNING, "对应关系待确认", "推断出来的对应没有人看过，不会印进台账。",
        "逐条确认或否定。", finders.unconfirmed_links,
    ),
    HealthRule(
        "counts_differ", Level.WARNING, "报告和台账的项数不一致", "检查组会先数项数。",
        "核对撤回的理由；不该撤回的请恢复。", finders.counts_differ,
    ),
    HealthRule(
        "no_clerk", Level.WARNING, "责任单位没有经办人", "没有人能替这个单位填报。",
        "请系统管理员为这个单位设经办人。", finders.units_without_clerk,
    ),
    HealthRule(
        "lost_clerk", Level.WARNING, "经办人打不开这一项", "调动或改换责任单位之后，提醒到不了能办的人。",
        "重新明确经办人。", finders.with_lost_clerk,
    ),
    HealthRule(
        "leader_gone", Level.WARNING, "责任领导已不在任", "不在任的领导看不到也签不了，办理会停在那里。",
        "重新明确责任领导。", finders.with_leader_gone,
    ),
    HealthRule(
        "paper_astray", Level.WARNING, "督办单发给了已不承担的对象", "对方看不到这些事项，也不能再回复。",
        "向现在的责任单位另行签发；原来那一份由整改办签收、注明去向。", finders.papers_astray,
    ),
    HealthRule(
        "no_post", Level.WARNING, "账号没有任职", "能登录却什么也看不到，多半是调动后没有处理。",
        "补录任职，或停用账号。", finders.accounts_without_post,
    ),
    HealthRule(
        "leader_on_paper", Level.HINT, "责任领导没有账号", "每次签字都要代录纸质件，办理会慢。",
        "请系统管理员为这位领导开通账号；不便开通的，照旧代录。", finders.leaders_without_account,
    ),
    HealthRule(
        "vague", Level.HINT, "文字空泛", "只有“进一步加强”之类的话，看不出做了什么。",
        "写明做了什么、数量多少、到什么程度。", finders.vague_texts,
    ),
    HealthRule(
        "copied", Level.HINT, "措施照抄", "两项问题的措施一字不差，或与往年相同，检查时会被追问。",
        "按各自的情况改写。", finders.copied_measures,
    ),
    HealthRule(
        "last_day", Level.HINT, "措施都排在最后一天", "每条措施的时限都是整改时限当天，中途看不出快慢。",
        "按先后给措施分别定时限。", finders.all_on_the_last_day,
    ),
)  # fmt: skip


@dataclass(frozen=True)
class Result:
    """What breaks one rule: the first findings, and how many there are."""

    rule: HealthRule
    findings: list[HealthFinding]
    count: int
    more: bool  # there are more than were counted


def check(scope: CheckedLedgers) -> list[Result]:
    """The rules that are broken, the gravest level first, each with what breaks it."""
    results = []
    for rule in RULES:
        found = list(islice(rule.find(scope), COUNTED + 1))
        if scope.reads_only:
            found = [finding.for_reader() for finding in found]
        if found:
            results.append(Result(rule, found[:SHOWN], min(len(found), COUNTED), len(found) > COUNTED))
    return results
