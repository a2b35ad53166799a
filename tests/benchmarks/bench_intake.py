"""Reading and outlining a report: 10, 100 and 1,000 pages as text and as Word; 60 pages under two seconds."""

from __future__ import annotations

import random
import time

import pytest

from rectify.intake.parser import outline
from rectify.intake.parser.lines import text
from tests.intake import build_docx

from .table import Row, show

PAGE = 620  # signs on a page set as GB/T 9704 asks
WORDS = (
    "推动农村道路建设群众住房教育医疗项目资金审批监督学习调研作风纪律矛盾纠纷信访安全生产环境治理"
    "水利灌溉林业防火招商引资园区企业服务窗口档案财务预算采购工程质量消防社区养老托育文化旅游宣传"
    "阵地网络数据平台干部队伍培训考核激励"
)


def report(pages: int) -> list[str]:
    """Lines of a report of so many pages: 5 aspects, a problem a page, a cause and a direction for 20."""
    chance = random.Random(pages)

    def words(length: int) -> str:
        return "".join(chance.choice(WORDS) for _ in range(length))

    lines = ["一、存在的主要问题"]
    for aspect in "一二三四五":
        lines.append(f"（{aspect}）在{words(6)}方面")
        for number in range(1, max(1, pages // 5) + 1):
            lines.append(
                f"{number}.{words(10)}不够到位。{words(60)}，{words(50)}。"
                f"比如，{words(40)}；{words(40)}；{words(40)}。{words(150)}。"
            )
            lines.append(f"{words(100)}。{words(90)}。")
    for heading, end in (("二、原因分析", "不足"), ("三、努力方向", "有力")):
        lines.append(heading)
        lines += [f"{n}.{words(8)}{end}。{words(200)}。" for n in range(1, max(2, pages // 20) + 1)]
    return lines


def seconds(name: str, data: bytes, problems: int) -> float:
    """The best of a few runs: what the work takes, not what the machine does beside it."""
    best = 1e9
    for _ in range(3 if len(data) < 500_000 else 2):
        begun = time.process_time()
        (source,) = text.read(name, data)
        found = outline.parse(source)
        best = min(best, time.process_time() - begun)
        assert len(found.problems) == problems
    return best


@pytest.mark.parametrize("kind", ["txt", "docx"])
def test_time_grows_with_the_pages(kind):
    taken = {}
    for pages in (60, 100, 1000):
        lines = report(pages)
        assert sum(map(len, lines)) > PAGE * pages * 0.9
        data = (
            "\n".join(lines).encode()
            if kind == "txt"
            else build_docx.docx(*[build_docx.p(line) for line in lines])
        )
        taken[pages] = seconds(f"报告.{kind}", data, max(1, pages // 5) * 5)
    show(
        [
            Row(f"report of 60 pages, {kind}", "limit", 2, taken[60], 1),
            Row(f"a page of 1,000, {kind}", "a page of 100", taken[100] / 100, taken[1000] / 1000, 1.5),
        ]
    )
