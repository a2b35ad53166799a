"""The Word documents among the reports kept apart, built on demand."""

from __future__ import annotations

from collections.abc import Callable

from tests.intake.build_docx import box, cell, deleted, docx, inserted, p, table


def branch_table() -> bytes:
    """A branch's list of 2016: aspects and causes merged downwards, a signature row."""
    return docx(
        p("附件2"),
        p("“两学一做”学习教育专题组织生活会问题整改清单", style="T"),
        p("填报单位：县行政审批局机关党委　　　　填报日期：2016年10月20日"),
        table(
            ("序号", "查摆方面", "主要问题", "产生原因", "整改措施", "整改时限", "责任人", "责任单位"),
            (
                "1", cell("理想信念方面", merge="first"),
                "党员学习教育抓得不紧，笔记补记、代记现象时有发生",
                cell("纪律观念松弛", merge="first"), "1.每月抽查学习笔记；\n2.组织党章知识测试。",
                "2016年11月底前", "尹某", "机关支部",
            ),
            (
                "2", cell("", merge="more"), "个别党员佩戴党徽不经常", cell("", merge="more"),
                "每日晨检", "立行立改", "尹某", "机关支部",
            ),
            (
                "3", "工作作风方面", "窗口服务态度生硬", "宗旨意识不强",
                "设置评价器", "2016年12月", "陆某", "政务大厅支部",
            ),
            (cell("党委书记（签字）：　　　　　　　　经办人：", span=8),),
        ),
    )  # fmt: skip


def discipline_numbers() -> bytes:
    """Sections, aspects and problems numbered by Word; texts stand in paragraphs of their own."""
    return docx(
        p("县医疗保障局党组党纪学习教育警示教育会对照检查材料", style="T"),
        p("2024年6月，局党组召开警示教育会，对照《中国共产党纪律处分条例》逐条检视。"),
        p("存在的问题", num=(1, 0)),
        p("政治纪律方面", num=(1, 1)),
        p("贯彻上级部署照搬照抄，印发的方案一字未改。", num=(1, 2)),
        p("警示教育走形式。", num=(1, 2)),
        p("2024年1—5月组织观看警示片2场，没有安排讨论。"),
        p("群众纪律方面", num=(1, 1)),
        p("惠民补贴发放不及时。", num=(1, 2)),
        p("涉及326人次、18.9万元，平均晚发27天。"),
        p("信访答复“踢皮球”。", num=(1, 2)),
        p("问题根源", num=(1, 0)),
        p("纪律教育不够经常。", num=(1, 1)),
        p("监督执纪失之于宽。", num=(1, 1)),
        p("整改措施", num=(1, 0)),
        p("开展以案促改。全年组织旁听庭审2次。", num=(1, 1)),
        p("建立补贴发放公示制度。", num=(1, 1)),
        p("中共县医疗保障局党组"),
        p("2024年6月21日"),
    )


def environment_table() -> bytes:
    """Aspects as rows over the whole table, a sum at its foot."""
    return docx(
        p("附件1"),
        p("青峰县2022年突出环境问题整改清单", style="T"),
        table(
            ("序号", "存在问题", "整改措施", "牵头领导", "责任单位", "完成时限", "备注"),
            (cell("一、大气污染防治方面", span=7),),
            (
                "1", "建筑工地扬尘管控“六个百分百”落实不到位",
                "1.安装在线监测设备42套；2.每日错时巡查。",
                "副县长", "县住建局", "2022年6月30日", "",
            ),
            (
                "2", "餐饮油烟扰民", "对沿街186家餐饮单位逐户安装净化器",
                "副县长", "县城管局", "2022年5月底", "省督察反馈",
            ),
            (cell("二、水污染防治方面", span=7),),
            (
                "3", "畜禽养殖粪污直排", "（1）建设沉淀池；\n（2）推广种养结合。",
                "县委常委", "县农业农村局", "长期坚持", "",
            ),
            (cell("合计：3项", span=7),),
        ),
        p("注：本清单每月25日更新一次。"),
    )  # fmt: skip


def school_hazards() -> bytes:
    """A school's table of hazards, classes merged downwards, dates written with points."""
    return docx(
        p("阳光小学春季开学安全隐患排查整改表", style="T"),
        p("检查时间：2024年3月1日　　　检查组：后勤科、基建科、安保科"),
        table(
            (
                "序号", "隐患类别", "隐患描述", "整改措施", "整改责任人", "责任部门", "整改期限",
                "复查结果",
            ),
            (
                "1", cell("消防安全", merge="first"), "2楼安全出口堆放杂物", "立即清理", "邵某",
                "后勤科", "当场整改", "合格",
            ),
            (
                "2", cell("", merge="more"), "5具灭火器压力不足", "1.更换\n2.建立月检卡", "邵某",
                "后勤科", "2024.3.15", "",
            ),
            (
                "3", "用电安全", "380V配电箱无门", "加装箱门并上锁", "祁某", "基建科",
                "2024年3月底", "",
            ),
        ),
        p("校长（签字）：　　　　　　　　　　　　2024年3月1日"),
    )  # fmt: skip


def inspection_notice() -> bytes:
    """Labels behind soft breaks, a word corrected with changes tracked, the title in a text box."""
    return docx(
        p("", inner=box(p("县统计局关于县委巡察反馈问题整改情况的公示"))),
        p("根据县委第一巡察组反馈意见，现将2024年整改情况公示如下。"),
        p("一、反馈问题整改情况"),
        p("（一）落实意识形态工作责任制方面"),
        p("反馈问题1：官方微信公众号审核把关不严。"),
        p("整改措施：\n（1）落实三审三校；\n（2）每月检查一次。"),
        p("责任领导：分管副局长\n完成时限：2024年7月31日"),
        p("反馈问题2：“学习强国”推广应用不平衡。"),
        p("整改措施：按季通报。"),
        p("责任领导：机关党委书记\n完成时限：长期坚持"),
        p("（二）执行财经纪律方面"),
        p("反馈问题3：差旅费报销", inner=deleted("凭证") + inserted("附件不全。")),
        p("整改措施：\n（1）补齐附件36份；\n（2）退回多报0.27万元。"),
        p("责任领导：分管副局长\n完成时限：2024年6月底"),
        p("二、下一步工作安排"),
        p("（一）持续抓好成果巩固。"),
        p("公示期：2024年8月1日至8月7日。监督电话：××××。"),
    )


DOCUMENTS: dict[str, Callable[[], bytes]] = {
    "05-two-studies-one-action-table": branch_table,
    "14-discipline-education-docx": discipline_numbers,
    "22-environment-docx": environment_table,
    "24-safety-hazards-docx": school_hazards,
    "37-inspection-notice-docx": inspection_notice,
}
