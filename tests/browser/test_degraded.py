"""The daily pages in forced colours, on paper and with scripts off: they still tell, and still work."""

from __future__ import annotations

import re
from collections import Counter
from typing import Any

import pypdfium2 as pdfium
import pytest
from playwright.sync_api import expect
from pypdfium2.raw import FPDF_PAGEOBJ_IMAGE

from rectify.models import CloseOut, Problem
from rectify.operations import measures
from tests import builders
from tests.browser.pages import sending

pytestmark = [
    pytest.mark.browser,
    pytest.mark.ci,
    pytest.mark.django_db(transaction=True, databases=["default", "snapshot"]),
    pytest.mark.xdist_group("browser"),
]
STYLE = "(one, name) => getComputedStyle(one)[name]"
A4 = {"width": 794, "height": 1123}


@pytest.fixture
def cast(live_server: Any) -> builders.Cast:
    """A measure is done and proven, another is done without proof."""
    made = builders.cast()
    problem = builders.ready(made)
    unproven = measures.add(problem, by=made["clerk"], text="开展回访")
    measures.finish(unproven, by=made["clerk"], seen=unproven.version, result="已回访")
    return made


def addresses(cast: builders.Cast) -> list[tuple[str, str]]:
    item = f"problems/{cast.problem.pk}/"
    homes = [
        (role, "") for role in ("office", "leader", "unit_head", "clerk", "inspector", "sysadmin", "auditor")
    ]
    return [
        *homes,
        ("clerk", item),
        ("clerk", f"{item}close-out/"),
        ("office", "problems/"),
        ("office", "dashboard/"),
    ]


def test_forced_colours_tell_what_is_reached_and_the_words_of_a_chart(
    cast: builders.Cast, visit: Any
) -> None:
    page = visit("clerk")
    base = page.url
    page.emulate_media(forced_colors="active")
    page.goto(f"{base}problems/{cast.problem.pk}/close-out/")
    now, later = (page.locator(f".way .is-{state} .step-dot").first for state in ("now", "later"))
    assert now.evaluate(STYLE, "backgroundColor") != later.evaluate(STYLE, "backgroundColor")
    for button in page.locator("main .btn:visible").all():
        assert button.evaluate(STYLE, "borderTopStyle") == "solid", button.inner_text()
    page.goto(f"{base}dashboard/")
    words = page.locator(".chart-picture svg text").first
    assert words.evaluate(STYLE, "fill") == page.locator("h1").evaluate(STYLE, "color")


def test_paper_has_the_content_and_no_controls(cast: builders.Cast, visit: Any) -> None:
    for role, path in addresses(cast):
        page = visit(role)
        page.goto(page.url + path)
        page.set_viewport_size(A4)
        page.emulate_media(media="print")
        assert page.evaluate("document.documentElement.scrollWidth") <= A4["width"], (role, path)
        shown = page.locator(
            "main button:visible, main input:not([type=hidden]):visible, main textarea:visible"
        )
        assert shown.evaluate_all("all => all.map(one => one.outerHTML.slice(0, 80))") == [], (role, path)
        expect(page.locator(".nav-main, .bottom-bar").first, path).not_to_be_visible()
        expect(page.locator(".print-foot")).to_contain_text("打印时间")
        if path.endswith("close-out/"):
            expect(page.locator("#checklist")).to_contain_text("完成标志")
            expect(page.locator("#checklist li").first).to_be_visible()


def test_the_guide_of_a_clerk_is_one_sheet_with_all_it_says(cast: builders.Cast, visit: Any) -> None:
    page = visit("clerk")
    page.goto(f"{page.url}help/clerk/")
    words = page.locator("main").inner_text().replace("打印", "")
    with pdfium.PdfDocument(page.pdf(format="A4")) as printed:
        assert len(printed) == 1
        sheet = printed[0]
        told = sheet.get_textpage().get_text_bounded()
        pictures = [thing for thing in sheet.get_objects() if thing.type == FPDF_PAGEOBJ_IMAGE]
    missing = Counter(re.findall(r"\w", words)) - Counter(re.findall(r"\w", told))
    assert not missing and len(pictures) >= 3
    assert float(page.locator(".guide p").last.evaluate(STYLE, "fontSize").removesuffix("px")) >= 12


def test_a_gap_is_mended_and_close_out_applied_for_without_scripts(cast: builders.Cast, visit: Any) -> None:
    page = visit("clerk", scripts=False)
    page.goto(f"{page.url}problems/{cast.problem.pk}/close-out/")
    expect(page.locator("#checklist")).to_contain_text("还差 1 处")
    unproven = cast.problem.measures.get(text="开展回访")
    file = {"name": "回访表.pdf", "mimeType": "application/pdf", "buffer": builders.PDF}
    page.set_input_files(f"[name=proof_{unproven.pk}]", [file])
    page.fill("[name=statement]", " ")
    with sending(page):
        page.get_by_role("button", name="提交申请").click()
    expect(
        page.get_by_role("checkbox", name="回访表.pdf"), "nothing typed: refused, the file kept"
    ).to_be_checked()
    page.fill("[name=statement]", "措施已完成。")
    with sending(page):
        page.get_by_role("button", name="提交申请").click()
    assert CloseOut.objects.get().problem == cast.problem
    assert (
        Problem.objects.get(pk=cast.problem.pk).evidence.filter(measure=unproven).get().name == "回访表.pdf"
    )
