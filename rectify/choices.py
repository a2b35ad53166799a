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


class Light(models.TextChoices):
    """Computed, in this order of precedence; shown as shape, word and colour."""

    WITHDRAWN = "withdrawn", "已撤回"
    CLOSED = "closed", "已销号"
    STANDING = "standing", "长期坚持"
    OVERDUE = "overdue", "逾期"
    DUE_SOON = "due_soon", "临期"
    UNREPORTED = "unreported", "未报"
    UNDATED = "undated", "未定"
    NORMAL = "normal", "正常"


class PurgeStatus(models.TextChoices):
    REQUESTED = "requested", "待第二人确认"
    DONE = "done", "已清除"
    REFUSED = "refused", "不予清除"


class IntakeStatus(models.TextChoices):
    OPEN = "open", "核对中"
    LOADED = "loaded", "已载入"
    DROPPED = "dropped", "已放弃"


class Act(models.TextChoices):
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
    REGISTER_PAPER = "register_paper", "代录纸质结论"
    CONFIRM_LINK = "confirm_link", "确认对应关系"
    REJECT_LINK = "reject_link", "否定对应关系"
    ADD_MEASURE = "add_measure", "新增措施"
    EDIT_MEASURE = "edit_measure", "修改措施"
    FINISH_MEASURE = "finish_measure", "完成措施"
    DROP_MEASURE = "drop_measure", "不再实施措施"
    ADD_PROGRESS = "add_progress", "填报进展"
    CORRECT_NOTE = "correct_note", "更正进展"
    HAND_OVER = "hand_over", "工作交接"
    REQUEST_PURGE = "request_purge", "申请清除内容"
    CONFIRM_PURGE = "confirm_purge", "确认清除内容"
    REFUSE_PURGE = "refuse_purge", "不予清除"
    EXPORT = "export", "导出台账"
    ADD_ACCOUNT = "add_account", "新增账号"
    EDIT_ACCOUNT = "edit_account", "修改账号"
    SET_PASSWORD = "set_password", "设置密码"
    SET_UP = "set_up", "初始化"
