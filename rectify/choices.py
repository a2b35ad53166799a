"""Every choice the domain knows: the stored value and its Chinese label."""

from django.db import models


class Role(models.TextChoices):
    OFFICE = "office", "整改办"
    LEADER = "leader", "责任领导"
    UNIT_HEAD = "unit_head", "单位负责人"
    CLERK = "clerk", "经办人"
    INSPECTOR = "inspector", "督查检查"
    SYSADMIN = "sysadmin", "系统管理员"
    AUDITOR = "auditor", "安全审计员"


class Status(models.TextChoices):
    """A human decision, stored. Overdue, due soon and stale are computed, never stored."""

    NOT_STARTED = "not_started", "未启动"
    IN_PROGRESS = "in_progress", "整改中"
    MOSTLY_DONE = "mostly_done", "基本完成"
    IN_REVIEW = "in_review", "待审核"
    CLOSED = "closed", "已销号"
    STANDING = "standing", "长期坚持"
    # What an old sheet had as done: nobody here reviewed it, so it is never counted as closed.
    FINISHED_BEFORE = "finished_before", "原已办结"


ENDED = (Status.CLOSED, Status.FINISHED_BEFORE)  # nothing is left to be done


class Kind(models.TextChoices):
    """整改类型."""

    AT_ONCE = "at_once", "立行立改"
    BY_DATE = "by_date", "限期整改"
    STANDING = "standing", "长期坚持"


class Source(models.TextChoices):
    """问题来源."""

    SELF_CHECK = "self_check", "对照检查"
    CARRIED = "carried", "上年结转"
    INSPECTION = "inspection", "巡视巡察"
    PUBLIC = "public", "群众反映"
    OTHER = "other", "其他"


class Basis(models.TextChoices):
    """Why a cause or a direction is tied to a problem."""

    EXPLICIT = "explicit", "原文点明"
    CONTENT = "content", "原文内容对应"
    INFERRED = "inferred", "推断"


class LinkStatus(models.TextChoices):
    PENDING = "pending", "待确认"
    CONFIRMED = "confirmed", "已确认"
    REJECTED = "rejected", "不成立"


class MeasureKind(models.TextChoices):
    NOW = "now", "当下改"
    LASTING = "lasting", "长久立"


class MeasureStatus(models.TextChoices):
    OPEN = "open", "进行中"
    DONE = "done", "已完成"
    DROPPED = "dropped", "不再实施"


class Period(models.TextChoices):
    """填报周期."""

    WEEKLY = "weekly", "每周"
    MONTHLY = "monthly", "每月"
    QUARTERLY = "quarterly", "每季度"


class DayCount(models.TextChoices):
    """How the office counts the days that are left."""

    CALENDAR = "calendar", "自然日"
    WORKING = "working", "工作日"


class SupervisionLevel(models.TextChoices):
    """督办级别."""

    NORMAL = "normal", "一般督办"
    KEY = "key", "重点督办"


class SupervisionState(models.TextChoices):
    """Computed from receipts, replies and the day; never stored."""

    OVERDUE = "overdue", "逾期未回复"
    TO_ACKNOWLEDGE = "to_acknowledge", "待签收"
    TO_REPLY = "to_reply", "待回复"
    REPLIED = "replied", "已回复"


class NoticeKind(models.TextChoices):
    """What a message is about."""

    DAILY = "daily", "每日提醒"
    ASSIGNED = "assigned", "新交办"
    CHANGED = "changed", "责任变更"
    TO_DECIDE = "to_decide", "待审批"
    RETURNED = "returned", "退回"
    DECIDED = "decided", "办理结果"
    REOPENED = "reopened", "重新整改"
    POST = "post", "任职变更"
    SUPERVISION = "supervision", "督办单"
    REPLY = "reply", "督办回复"
    INSTRUCTION = "instruction", "批示"
    ANSWER = "answer", "批示办理"
    CHASE = "chase", "催报"
    URGE = "urge", "催办"
    HAND_OVER = "hand_over", "工作交接"
    DUTY = "duty", "第二人确认"
    TEST = "test", "测试消息"


class Channel(models.TextChoices):
    INBOX = "inbox", "站内消息"
    EMAIL = "email", "邮件"
    WEBHOOK = "webhook", "群机器人"


class Robot(models.TextChoices):
    """The makers of chat robots whose messages we know how to write."""

    WECOM = "wecom", "企业微信"
    DINGTALK = "dingtalk", "钉钉"
    FEISHU = "feishu", "飞书"
    OTHER = "other", "其他（自己写消息格式）"


class NoticeState(models.TextChoices):
    PENDING = "pending", "待发送"
    SENT = "sent", "已发送"
    FAILED = "failed", "发送失败"


class Step(models.TextChoices):
    """The steps of a reviewed application, in their order."""

    APPLY = "apply", "申请"
    CONFIRM = "confirm", "确认"
    REVIEW = "review", "审核"
    SIGN = "sign", "签字"


class StepOutcome(models.TextChoices):
    PASS = "pass", "同意"
    RETURN = "return", "退回"
    WITHDRAW = "withdraw", "撤回"


class ReviewPath(models.TextChoices):
    """Who decides on an application of the unit; always somebody other than the applicant."""

    FULL = "confirm,review,sign", "单位负责人确认 → 整改办审核 → 责任领导签字"
    NO_HEAD = "review,sign", "整改办审核 → 责任领导签字"
    NO_LEADER = "confirm,review", "单位负责人确认 → 整改办审核"
    OFFICE = "review", "整改办审核"


class Outcome(models.TextChoices):
    """What became of an application; empty while it is open."""

    PASSED = "passed", "已通过"
    RETURNED = "returned", "已退回"
    WITHDRAWN = "withdrawn", "已撤回"


class CloseKind(models.TextChoices):
    """What an application asks for."""

    CLOSE = "close", "销号"
    STANDING = "standing", "转入长期坚持"


class Finding(models.TextChoices):
    """What a follow-up found."""

    HOLDS = "holds", "成效保持"
    RELAPSED = "relapsed", "问题反弹"


class Todo(models.TextChoices):
    """What waits for a person in the reviewed procedures."""

    ASSIGNED = "assigned", "新交办，请拟措施"
    REOPENED = "reopened", "重新整改"
    RETURNED = "returned", "退回，请补充"
    MEASURE_DUE = "measure_due", "措施七天内到期或已逾期"
    FINISHED = "finished", "措施已完成，可申请销号"
    CONFIRM = "confirm", "待我确认"
    REVIEW = "review", "待我审核"
    SIGN = "sign", "待我签字"
    FOLLOW_UP = "follow_up", "到期回头看"


class Timing(models.TextChoices):
    """How a problem stands against its dates; lateness survives closing and extending."""

    CLOSED_ON_TIME = "closed_on_time", "按期销号"
    CLOSED_LATE = "closed_late", "逾期销号"
    ORIGINAL_ON_TIME = "original_on_time", "按原定时限按期销号"
    ORIGINAL_LATE = "original_late", "按原定时限逾期销号"
    ORIGINAL_OVERDUE = "original_overdue", "按原定时限已逾期"
    EXTENDED = "extended", "延过期"


class RagStatus(models.TextChoices):
    """Computed, in this order of precedence; shown as shape, word and colour."""

    WITHDRAWN = "withdrawn", "已撤回"
    CARRIED = "carried", "已结转"
    CLOSED = "closed", "已销号"
    FINISHED_BEFORE = "finished_before", "原已办结"
    STANDING = "standing", "长期坚持"
    OVERDUE = "overdue", "逾期"
    DUE_SOON = "due_soon", "临期"
    UNREPORTED = "unreported", "未报"
    UNDATED = "undated", "未定"
    NORMAL = "normal", "正常"


class Level(models.TextChoices):
    """How grave a finding of the health check is."""

    ERROR = "error", "必须补齐"
    WARNING = "warning", "应当核对"
    HINT = "hint", "建议斟酌"


class ImportKind(models.TextChoices):
    RETURNED = "returned", "填报表"
    OLD = "old", "旧台账"


class UploadKind(models.TextChoices):
    """What waits between its upload and the confirmation."""

    RETURNED = ImportKind.RETURNED.value, ImportKind.RETURNED.label
    OLD = ImportKind.OLD.value, ImportKind.OLD.label
    EVIDENCE = "evidence", "佐证材料"
    ROSTER = "roster", "建账表"


class MarkAnswer(models.TextChoices):
    """Why something that looks like a mark of secrecy may be kept."""

    NOT_SECRET = "not_secret", "不是密级标志，或者只是引用、举例，内容不涉密"
    DECLASSIFIED = "declassified", "原来涉密，已经依法解密"


class NumberAnswer(models.TextChoices):
    """Why something that looks like the number of a person may be kept."""

    NEEDED = "needed", "办理工作必需，我已核对，可以保存"
    NOT_PERSONAL = "not_personal", "不是身份证号或银行卡号，我已核对，可以保存"


class DutyKind(models.TextChoices):
    """What works only after a second person has agreed."""

    POST = "post", "授予任职"
    ACCOUNT = "account", "启用账号"
    PASSWORD = "password", "重设密码"
    FACTOR = "factor", "重设动态口令"
    RELAX = "relax", "关闭三员分立"
    MOVE = "move", "调整单位隶属"
    MERGE = "merge", "合并单位"


class DutyStatus(models.TextChoices):
    """Where such a request stands."""

    WAITING = "waiting", "待确认"
    DONE = "done", "已确认"
    REFUSED = "refused", "未同意"
    EXPIRED = "expired", "已过期"


class SignInOutcome(models.TextChoices):
    """What became of an attempt to sign in."""

    SUCCESS = "success", "登录成功"
    PASSWORD = "password", "密码不对"
    CODE = "code", "动态口令不对"
    LIMITED = "limited", "暂停登录"
    WAITING = "waiting", "账号待第二人确认"


class PurgeStatus(models.TextChoices):
    REQUESTED = "requested", "待第二人确认"
    DONE = "done", "已清除"
    REFUSED = "refused", "不予清除"


class IntakeStatus(models.TextChoices):
    OPEN = "open", "核对中"
    LOADED = "loaded", "已载入"
    DROPPED = "dropped", "已放弃"


class Action(models.TextChoices):
    """Every act that leaves an audit entry."""

    CREATE_REPORT = "create_report", "建立报告"
    EDIT_REPORT = "edit_report", "修改报告"
    LOAD_SOURCE = "load_source", "载入报告原文"
    EDIT_SETTINGS = "edit_settings", "修改台账设置"
    EDIT_REFERENCE = "edit_reference", "修改基础资料"
    ADD_PROBLEM = "add_problem", "新增问题"
    EDIT_PROBLEM = "edit_problem", "修改问题"
    ASSIGN = "assign", "明确责任"
    SET_STATUS = "set_status", "变更状态"
    WITHDRAW = "withdraw", "撤回问题"
    RESTORE = "restore", "恢复问题"
    CORRECT_DEADLINE = "correct_deadline", "更正时限"
    APPLY_CLOSE_OUT = "apply_close_out", "申请销号"
    CONFIRM_CLOSE_OUT = "confirm_close_out", "确认销号申请"
    REVIEW_CLOSE_OUT = "review_close_out", "审核销号申请"
    SIGN_CLOSE_OUT = "sign_close_out", "签字销号"
    RETURN_CLOSE_OUT = "return_close_out", "退回销号申请"
    WITHDRAW_CLOSE_OUT = "withdraw_close_out", "撤回销号申请"
    REOPEN = "reopen", "重新整改"
    RECORD_FOLLOW_UP = "record_follow_up", "回头看"
    APPLY_EXTENSION = "apply_extension", "申请延期"
    CONFIRM_EXTENSION = "confirm_extension", "确认延期申请"
    REVIEW_EXTENSION = "review_extension", "审核延期申请"
    SIGN_EXTENSION = "sign_extension", "签字同意延期"
    RETURN_EXTENSION = "return_extension", "退回延期申请"
    WITHDRAW_EXTENSION = "withdraw_extension", "撤回延期申请"
    CARRY_OVER = "carry_over", "结转"
    NAME_STAND_IN = "name_stand_in", "指定代办人"
    END_STAND_IN = "end_stand_in", "结束代办"
    CONFIRM_LINK = "confirm_link", "确认对应关系"
    REJECT_LINK = "reject_link", "否定对应关系"
    ADD_MEASURE = "add_measure", "新增措施"
    EDIT_MEASURE = "edit_measure", "修改措施"
    FINISH_MEASURE = "finish_measure", "完成措施"
    DROP_MEASURE = "drop_measure", "不再实施措施"
    ADD_RULE = "add_rule", "补录制度成果"
    ADD_EVIDENCE = "add_evidence", "补充佐证"
    REPLACE_EVIDENCE = "replace_evidence", "更换佐证版本"
    ADD_PROGRESS = "add_progress", "填报进展"
    CORRECT_NOTE = "correct_note", "更正进展"
    ISSUE_SUPERVISION = "issue_supervision", "签发督办单"
    ACKNOWLEDGE_SUPERVISION = "ack_supervision", "签收督办单"
    REPLY_SUPERVISION = "reply_supervision", "回复督办单"
    INSTRUCT = "instruct", "批示"
    ACKNOWLEDGE_INSTRUCTION = "ack_instruction", "办理批示"
    CHASE_UNREPORTED = "chase_unreported", "催报"
    URGE = "urge", "催办"
    TELL = "tell", "通知承办同志"
    REMIND = "remind", "每日提醒"
    EDIT_DELIVERY = "edit_delivery", "修改消息发送设置"
    TEST_DELIVERY = "test_delivery", "发送测试消息"
    SEND_AGAIN = "send_again", "再次发送消息"
    HAND_OVER = "hand_over", "工作交接"
    REQUEST_PURGE = "request_purge", "申请清除内容"
    CONFIRM_PURGE = "confirm_purge", "确认清除内容"
    REFUSE_PURGE = "refuse_purge", "不予清除"
    EXPORT = "export", "导出台账"
    FILE_LEDGER = "file_ledger", "存档台账"
    VERIFY_LEDGER = "verify_ledger", "核验台账"
    MAKE_FORM = "make_form", "制作自用表式"
    SHARE_VIEW = "share_view", "设置共享视图"
    IMPORT = "import", "导入台账"
    ADD_FROM_SHEET = "add_from_sheet", "按旧台账或报告新增单位或领导"
    ADD_ACCOUNT = "add_account", "新增账号"
    EDIT_ACCOUNT = "edit_account", "修改账号"
    SET_PASSWORD = "set_password", "设置密码"
    SET_FACTOR = "set_factor", "启用动态口令"
    DROP_FACTOR = "drop_factor", "停用动态口令"
    RESET_FACTOR = "reset_factor", "重设动态口令"
    OPEN_CALENDAR = "open_calendar", "订阅时限日历"
    CLOSE_CALENDAR = "close_calendar", "停用时限日历"
    USE_RECOVERY_CODE = "use_recovery_code", "使用恢复码"
    REQUEST_DUTY = "request_duty", "提请第二人确认"
    CONFIRM_DUTY = "confirm_duty", "确认任职或账号"
    REFUSE_DUTY = "refuse_duty", "不同意任职或账号"
    EXPIRE_DUTY = "expire_duty", "提请逾期作废"
    MOVE_UNIT = "move_unit", "调整单位隶属"
    MERGE_UNITS = "merge_units", "合并单位"
    RELAX_DUTIES = "relax_duties", "关闭三员分立"
    RESTORE_DUTIES = "restore_duties", "恢复三员分立"
    BREAK_GLASS = "break_glass", "应急恢复系统管理员"
    SET_UP = "set_up", "初始化"
    LOAD_ROSTER = "load_roster", "批量建账"
    NAME_ROWS = "name_rows", "登记写入的数据"
    RESTORE_BACKUP = "restore_backup", "从备份恢复"


# What may still be done where the data are an archive to be read.
IN_ARCHIVE = (
    Action.EXPORT,
    Action.VERIFY_LEDGER,
    Action.SET_PASSWORD,
    Action.USE_RECOVERY_CODE,
    Action.NAME_ROWS,
    Action.RESTORE_BACKUP,
)


class DocumentKind(models.TextChoices):
    """The Word documents of a ledger; the values are those of the command line."""

    REPORT = "report", "整改情况报告"
    SUPERVISION = "supervision", "督办单"
    CLOSE_OUT = "closeout", "销号单"
    BULLETIN = "bulletin", "整改情况通报"


class Happened(models.TextChoices):
    """What became of a problem between two days."""

    ADDED = "added", "新增"
    REMOVED = "removed", "撤回"
    CHANGED = "changed", "变更"
    CLOSED = "closed", "销号"
    SLIPPED = "slipped", "转为逾期"
    EXTENDED = "extended", "延期"
    RETURNED = "returned", "申请被退回"
    REPORTED = "reported", "有新进展"


class Band(models.TextChoices):
    """For how long a problem has been overdue."""

    WEEK = "1-7", "逾期 1–7 天"
    MONTH = "8-30", "逾期 8–30 天"
    LONGER = "31-", "逾期 30 天以上"
