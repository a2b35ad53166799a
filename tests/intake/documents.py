"""The Word documents of the corpus, built on demand."""

from __future__ import annotations

from collections.abc import Callable

from .build_docx import box, cell, deleted, docx, inserted, p, run, table


def automatic_numbers() -> bytes:
    """Sections, aspects and problems numbered by numbering.xml alone."""
    return docx(
        p("县林业局党组对照检查材料", style="T"),
        p("按照通知要求，党组认真对照检查。"),
        p("存在的主要问题", num=(1, 0)),
        p("在带头学习方面", num=(1, 1)),
        p("林长制知识学习不够深入。学习内容零散。", num=(1, 2)),
        p("学习成果转化不够明显。", num=(1, 2)),
        p("在带头履职方面", num=(1, 1)),
        p("松材线虫病防治不够彻底。疫木除治不及时。", num=(1, 2)),
        p("产生问题的原因", num=(1, 0)),
        p("学习劲头有所减弱。", num=(1, 1)),
        p("履职标准有所降低。", num=(1, 1)),
        p("努力方向", num=(1, 0)),
        p("在常学常新上下功夫。", num=(1, 1)),
        p("在除治疫木上下功夫。", num=(1, 1)),
    )


def heading_styles() -> bytes:
    """No number anywhere: only styles tell sections, aspects and problems."""
    return docx(
        p("区住建局领导班子检视剖析材料", style="T"),
        p("存在的突出问题", style="1"),
        p("政治建设方面", style="2"),
        p("学习新思想不够系统", style="3"),
        p("满足于完成规定动作。"),
        p("请示报告不够及时", style="3"),
        p("城市建设方面", style="2"),
        p("老旧小区改造质量不高", style="3"),
        p("例如，外墙渗漏；管网返修；绿化缺株。"),
        p("原因剖析", style="1"),
        p("学风不够扎实", style="2"),
        p("质量意识不强", style="2"),
        p("整改措施", style="1"),
        p("开展学风提升行动", style="2"),
        p("建立质量回访制度", style="2"),
    )


def soft_breaks() -> bytes:
    """Everything in one paragraph with soft line breaks."""
    return docx(
        p(
            "一、存在的问题\n（一）在服务大局方面\n一是重点工程征迁不力。\n两条道路未按期交地。\n二是项目手续办理偏慢。"
            "\n二、原因分析\n一是大局观念不强。\n三、改进措施\n一是实行征迁包保。"
        )
    )


def problem_table() -> bytes:
    """The list is a table with merged cells and a head that repeats."""
    head = ("序号", "查摆方面", "存在问题", "具体表现", "原因剖析", "整改措施", "责任领导", "整改时限")
    return docx(
        p("对照检查问题清单", style="T"),
        p("一、存在的主要问题"),
        table(
            (cell("××局问题整改清单", span=8),),
            head,
            (
                "1", cell("政治建设", merge="first"), "政治理论学习不深", "学原文少；笔记少",
                "学习自觉性不高", "制定学习计划\n每月交流", "张某", "6月",
            ),
            (
                "2", cell("", merge="more"), "民主集中制执行不严", "会前酝酿不充分",
                "规矩意识淡薄", "修订议事规则", "李某", "7月",
            ),
            head,
            (
                "3", "作风建设", "服务企业不主动", "走访少",
                "服务意识不强", "1.建立走访制度；2.设立专员", "王某", "8月",
            ),
            (cell("填报人：　　审核人：", span=8),),
        ),
    )  # fmt: skip


def merged_cause() -> bytes:
    """One cause merged over two problems; the problem spans two measures."""
    return docx(
        p("问题、原因和措施清单"),
        table(
            ("序号", "问题", "原因", "整改举措"),
            ("1", "防汛物资储备不足", cell("底线思维不牢", merge="first"), "补充物资"),
            ("2", "应急预案演练走过场", cell("", merge="more"), "开展实战演练"),
            (
                cell("3", merge="first"), cell("山洪预警不及时", merge="first"),
                cell("设施维护缺位", merge="first"), "检修设备",
            ),
            (cell("", merge="more"), cell("", merge="more"), cell("", merge="more"), "培训预警员"),
        ),
    )  # fmt: skip


def tracked_changes() -> bytes:
    """Deleted text goes, inserted text stays, a deleted paragraph mark joins two paragraphs."""
    return docx(
        p("一、存在的问题"),
        p("一是", inner=deleted("学习抓得很好") + inserted("学习抓得不够紧") + run("。时间没有保证。")),
        p("二是调研", mark='<w:del w:id="9" w:author="a"/>'),
        p("不够深入。走马观花。"),
        p("", inner=deleted("三是这一条已经删除。")),
        p("", inner=inserted("三是落实不够有力。")),
        p("二、原因分析"),
        p("一是思想松懈。"),
        p("三、努力方向"),
        p("一是抓紧学习。"),
    )


def text_boxes() -> bytes:
    """The title and a section stand in text boxes."""
    return docx(
        p("", inner=box(p("某镇党委对照检查材料"))),
        p("一、存在的主要问题"),
        p("（一）党建工作方面"),
        p("1.党建责任压得不实。", inner=box(p("2.党员教育方法不多。"), p("送学上门少。"))),
        p("二、原因分析"),
        p("1.主业意识不强。"),
        p("三、整改措施"),
        p("1.压实党建责任。"),
    )


def contents_field() -> bytes:
    """A contents list made by Word, with headings that repeat it."""
    return docx(
        p("民政局党组对照检查报告", style="T"),
        p("一、查摆问题\t1", style="TOC1"),
        p("（一）养老服务方面\t1", style="TOC1"),
        p("二、原因分析\t3", style="TOC1"),
        p("三、整改措施\t4", style="TOC1"),
        p("一、查摆问题", style="1"),
        p("（一）养老服务方面", style="2"),
        p("一是居家养老覆盖面不广。", style=""),
        p("二是养老护理员短缺。"),
        p("二、原因分析", style="1"),
        p("一是为老服务理念滞后。"),
        p("三、整改措施", style="1"),
        p("一是实施护理员培训。"),
    )


def numbered_shi() -> bytes:
    """Problems numbered 一是 by the document, beginning again under the second aspect."""
    return docx(
        p("一、检视的问题"),
        p("（一）理论武装方面"),
        p("学习跟进不够及时。", num=(2, 0)),
        p("研讨质量不够高。", num=(2, 0)),
        p("（二）担当作为方面"),
        p("敢于碰硬不够。", num=(12, 0)),
        p("二、原因分析"),
        p("学习抓得不紧。", num=(13, 0)),
        p("三、整改措施"),
        p("建立跟进学习机制。", num=(4, 0)),
    )


def form_layout() -> bytes:
    """A form: the left column names the section, the right one holds it."""
    return docx(
        p("党员干部对照检查表", style="T"),
        table(
            ("姓名", "某某", "职务", "科长"),
            ("存在的主要问题", "1.业务学习不主动。\n2.工作标准不够高。比如，材料出错；数据迟报。"),
            ("原因分析", "1.进取心不足。"),
            ("整改措施", "1.制定学习计划。\n2.严格审核把关。"),
        ),
    )


def bullets() -> bytes:
    """Problems by bullets only; comments are no part of the text."""
    return docx(
        p("存在的问题"),
        p("服务窗口授权不充分。", num=(5, 0)),
        p("线上办理率不高。", num=(5, 0)),
        p("原因分析"),
        p("改革意识不强。", num=(5, 0)),
        p("业务协同不够。", num=(5, 0)),
    )


def text_and_table() -> bytes:
    """Problems in the text, and the same ones in a table at the end that adds causes and measures."""
    return docx(
        p("一、存在的主要问题"),
        p("1.耕地保护责任落实不严。卫片图斑整改慢。"),
        p("2.不动产登记效率不高。"),
        p("二、努力方向"),
        p("1.严守耕地红线。"),
        p("三、问题清单"),
        table(
            ("序号", "存在问题", "产生原因", "整改措施"),
            ("1", "耕地保护责任落实不严", "红线意识不强", "开展图斑清零行动"),
            ("2", "不动产登记效率不高", "数据共享不畅", "推行一窗受理"),
        ),
    )


DOCUMENTS: dict[str, Callable[[], bytes]] = {
    "61-automatic-numbers": automatic_numbers,
    "62-heading-styles": heading_styles,
    "63-soft-breaks": soft_breaks,
    "64-problem-table": problem_table,
    "65-merged-cause": merged_cause,
    "66-tracked-changes": tracked_changes,
    "67-text-boxes": text_boxes,
    "68-contents-field": contents_field,
    "69-numbered-shi": numbered_shi,
    "70-form-layout": form_layout,
    "71-bullets": bullets,
    "72-text-and-table": text_and_table,
}
