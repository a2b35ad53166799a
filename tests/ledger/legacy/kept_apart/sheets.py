"""Old sheets kept apart from the reader's author, built on demand in the layouts that offices use."""

from __future__ import annotations

import csv
import datetime as dt
import io
from collections.abc import Callable
from typing import Any

import openpyxl

Rows = list[list[Any]]


def workbook(*sheets: tuple[str, Rows, str]) -> bytes:
    """Named sheets of rows; the third part names the merged areas."""
    book = openpyxl.Workbook()
    book.remove(book.active)
    for name, rows, merges in sheets:
        sheet = book.create_sheet(name)
        for row in rows:
            sheet.append(row)
        for area in merges.split():
            sheet.merge_cells(area)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def inspection() -> bytes:
    """Headings in two rows, aspects and problems merged downwards, a sum and signatures below."""
    return workbook(
        (
            "整改台账",
            [
                ["附件1"],
                ["大河县文化和旅游局巡察反馈问题整改台账（2023年）"],
                ["填报单位（盖章）：大河县文化和旅游局", *[None] * 7, "填报时间：2023年11月30日"],
                ["序号", "反馈问题", None, "整改措施", "责任分工", None, "整改时限", "整改情况", None],
                [None, "问题类别", "具体问题", None, "责任领导", "责任科室", None, "整改进展", "是否完成"],
                [
                    1, "政治建设", "理论学习中心组学习质量不高", "1.制定学习计划\n2.每季度交流一次",
                    "局长", "办公室", "2023年9月底前", "已印发计划", "是",
                ],
                [
                    2, None, "意识形态研判不经常", "每季度研判", "局长", "办公室", "长期坚持",
                    "已研判3次", "否",
                ],
                [
                    3, "业务工作", "文物安全巡查流于形式", "聘请文保员42名", "副局长", "文物股",
                    "2023年12月31日", "已聘36名", "否",
                ],
                [None, None, None, "安装监控18处", None, None, "2024年3月底", None, None],
                ["合计", None, "3个", "5条"],
                ["填表人：　　　　　审核人：　　　　　单位负责人："],
            ],
            "A2:I2 A3:D3 A4:A5 B4:C4 D4:D5 E4:F4 G4:G5 H4:I4 B6:B7 A8:A9 B8:B9 C8:C9 E8:E9 F8:F9 A11:I11",
        )
    )  # fmt: skip


def hazards() -> bytes:
    """Places, ranks and inspectors beside the hazards; real dates, numbers and words for the day."""
    return workbook(
        (
            "隐患台账",
            [
                ["恒通化肥厂2024年4月安全隐患排查治理台账"],
                [
                    "编号", "排查日期", "隐患位置", "隐患描述", "隐患等级", "整改措施",
                    "整改责任人", "整改期限", "整改情况", "督办单位",
                ],
                [
                    1, dt.date(2024, 4, 2), "3号仓库", "电缆桥架盖板缺失", "一般", "补装盖板",
                    "江某", dt.date(2024, 4, 10), "已补装", "县应急局",
                ],
                [
                    2, dt.date(2024, 4, 2), "氨罐区", "2号氨罐液位计失灵", "较大",
                    "更换液位计；\n增设报警", "范某", "立即整改", "", "县应急局",
                ],
                [
                    3, dt.date(2024, 4, 3), "锅炉房", "1.6MPa安全阀超期未校验", "较大", "送检",
                    "范某", "2024.5", "送检中", "县市场监管局",
                ],
                [
                    4, dt.date(2024, 4, 3), "食堂", "燃气报警器断电", "一般", "恢复供电", "江某",
                    "停产检修前", "", "",
                ],
            ],
            "A1:J1",
        )
    )  # fmt: skip


def environment() -> bytes:
    """Aspects as merged rows with sums after each; days of their own for each measure."""
    return workbook(
        (
            "Sheet1",
            [
                ["省级生态环境保护督察反馈问题整改清单"],
                ["序号", "存在问题", "整改目标", "整改措施", "牵头领导", "责任单位", "完成时限"],
                ["一、大气环境方面"],
                [
                    1,
                    "散煤复燃",
                    "散煤清零",
                    "1.逐户摸排；\n2.发放补贴；\n3.常态巡查。",
                    "副县长",
                    "发改局",
                    "1.2022年3月底；\n2.2022年10月底前；\n3.长期坚持",
                ],
                [
                    2,
                    "工地“六个百分百”不落实",
                    "全面达标",
                    "开展执法检查",
                    "副县长",
                    "住建局",
                    "2022年第二季度",
                ],
                ["小计", "2项"],
                ["二、水环境方面"],
                [
                    3,
                    "黑臭水体返黑返臭",
                    "消除黑臭",
                    "清淤4.2公里",
                    "副县长",
                    "水利局、城管局",
                    "2022年4月—2023年5月",
                ],
                ["小计", "1项"],
                ["合计", "3项"],
                ["注：带★的为重点任务。"],
            ],
            "A1:G1 A3:G3 A7:G7 A11:G11",
        )
    )


def several_offices() -> bytes:
    """One worksheet an office, each with a title and headings of its own, and one of explanations."""
    head = ["序号", "查摆问题", "整改举措", "责任人", "完成时间"]
    return workbook(
        ("填表说明", [["一、本表由各科室填写。"], ["二、完成时间请写到日。"]], ""),
        (
            "组宣科",
            [
                ["2024年度组织生活会整改台账（组宣科）"], head,
                [1, "支部活动形式单一", "开展户外主题党日", "曹某", "2024年6月30日"],
                [2, "党费收缴不及时", "每月5日前提醒", "曹某", "每月"],
            ],
            "A1:E1",
        ),
        (
            "财务科",
            [
                ["2024年度组织生活会整改台账（财务科）"],
                ["序号", "存在的不足", "改进措施", "负责人", "截止时间"],
                [1, "报销周期长", "一周两次集中审核", "毛某", "2024/7/15"],
            ],
            "A1:E1",
        ),
    )  # fmt: skip


def history() -> bytes:
    """A year long past: what was finished, nearly so, never."""
    head = ["序号", "问题", "整改措施", "责任单位", "整改时限", "完成情况"]
    rows: Rows = [
        [1, "公车私用", "封存钥匙", "办公室", "2019年3月", "已完成"],
        [2, "办公用房超标", "腾退2间", "办公室", "2019年3月", "已整改到位"],
        [3, "会议纪要不规范", "统一模板", "秘书科", "2019年4月", "基本完成"],
        [4, "下基层少", "每月一次", "各科室", "长期坚持", "长期坚持"],
        [5, "档案未归档", "补归档", "档案室", "2019年6月底", "√"],
        [6, "值班脱岗", "每日抽查", "秘书科", "2019年6月底", "未完成"],
        [7, "文件积压", "当日转办", "秘书科", "2019年6月底", "完成80%"],
        [8, "印章管理混乱", "登记用印", "办公室", "立行立改", "已销号"],
    ]
    return workbook(("台账", [["县委办2019年作风整改台账"], head, *rows], "A1:F1"))


def petitions() -> bytes:
    """Words for days that can be counted, and those that cannot."""
    head = ["序号", "信访事项（问题）", "化解措施", "包案领导", "责任单位", "化解时限"]
    days: list[Any] = [
        "2024年第三季度", "2024年春节前", "2024年6月至9月", "明年上半年", "会后一周内", "每月25日前",
        "2024.9", dt.date(2024, 8, 15), "2024年6月31日前", "2024年底前，长期坚持",
    ]  # fmt: skip
    rows: Rows = [
        [number, f"事项{words}", "逐项调处", "政法委书记", "信访局", day]
        for number, (words, day) in enumerate(zip("甲乙丙丁戊己庚辛壬癸", days, strict=True), 1)
    ]
    return workbook(("积案", [["2024年信访积案化解台账"], head, *rows], "A1:F1"))


def measures_below() -> bytes:
    """Headings in the fifth row; a problem over several rows, each measure with its own person and day."""
    return workbook(
        (
            "明细",
            [
                ["密级：公开"],
                [],
                ["2024年审计发现问题整改明细表"],
                ["单位：万元"],
                ["序号", "审计发现问题", "涉及金额", "具体措施", "责任人", "完成期限", "备注"],
                [1, "往来款长期挂账", 27.9, "逐笔核对", "安某", "2024年5月31日", ""],
                [None, None, None, "上会核销", "安某", "2024年8月31日", ""],
                [None, None, None, "建立清理制度", "纪某", "2024年12月底", "已起草"],
                [2, "固定资产账实不符", 106.35, "全面盘点", "纪某", "2024年7月", ""],
                ["合计", None, 134.25],
                ["审计组组长（签字）：", None, None, "被审计单位负责人（签字）："],
            ],
            "A3:G3 A6:A8 B6:B8 C6:C8",
        )
    )


def proposals() -> bytes:
    """Words of the councils for the columns, none of them ours."""
    return workbook(
        (
            "2024",
            [
                ["2024年人大代表建议、政协提案反映问题办理整改台账"],
                [
                    "序号", "建议提案编号", "问题表现", "拟采取的整改办法", "分管领导", "主办单位",
                    "协助部门", "办理期限", "办理结果",
                ],
                [
                    1, "人大12号", "农村客运班线停运", "开通预约公交", "副县长", "交通局", "财政局",
                    "2024年上半年", "已开通4条",
                ],
                [
                    2, "政协7号", "校门口拥堵", "1、错时放学；\n2、增设接送区", "副县长", "教育局",
                    "公安局、住建局", "2024年9月1日前", "",
                ],
            ],
            "A1:I1",
        )
    )  # fmt: skip


def theme_education() -> bytes:
    """Aspect, problem and number in one merged block; headings with blanks and line ends; a repeated head."""
    head = ["序\n号", "查 摆\n方 面", "存 在\n问 题", "整 改 措 施", "牵 头\n领 导", "整 改\n时 限"]
    return workbook(
        (
            "主题教育",
            [
                ["主题教育检视问题整改台账（截至2023年10月31日）"],
                head,
                [1, "理论学习", "学习不系统", "读书班7天", "书记", "2023年8月底"],
                [None, None, "研讨不充分", "每月研讨一次", "副书记", "2023年底前"],
                head,
                [2, "担当作为", "招商引资办法少", "外出招商12次", "镇长", "2023年12月"],
                ["（此件公开发布）"],
            ],
            "A1:F1 A3:A4 B3:B4 A7:F7",
        )
    )


def hotline() -> bytes:
    """Text as an old programme writes it: GB18030, marks inside cells, lines inside cells."""
    rows: Rows = [
        ["12345热线重点工单整改台账（2024年）"],
        ["序号", "反映问题", "整改措施", "承办单位", "办结时限", "办理情况", "是否办结", "诉求人"],
        [
            "1", "锦绣路夜间施工，“扰民”严重", "1.限时施工\n2.加装隔音棚", "城管局", "2024-05-20",
            "已约谈", "是", "匿名",
        ],
        [
            "2", "自来水发黄,水压低", "更换管网1.8公里", "水务公司", "2024年10月底前",
            "已更换0.6公里", "否", "匿名",
        ],
        ["3", "〇〇小区垚鑫路口路灯不亮", "更换灯具", "路灯所", "立行立改", "", "", "匿名"],
    ]  # fmt: skip
    out = io.StringIO()
    csv.writer(out, lineterminator="\r\n").writerows(rows)
    return out.getvalue().encode("gb18030")


SHEETS: dict[str, Callable[[], bytes]] = {
    "01-inspection.xlsx": inspection,
    "02-hazards.xlsx": hazards,
    "03-environment.xlsx": environment,
    "04-several-offices.xlsx": several_offices,
    "05-history.xlsx": history,
    "06-petitions.xlsx": petitions,
    "07-measures-below.xlsx": measures_below,
    "08-proposals.xlsx": proposals,
    "09-theme-education.xlsx": theme_education,
    "10-hotline.csv": hotline,
}
