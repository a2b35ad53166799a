"""Marks of secrecy and numbers of persons: what is found, what is not, and that no number is shown whole."""

from __future__ import annotations

import time

import pytest

from rectify.arrivals.sensitive import MARK, findings, is_bank_card, is_identity

ID_CARD, CARD = "11010519491231002X", "6222021234567890128"


@pytest.mark.parametrize(
    "text",
    [
        "机密★10年", "秘密★", "绝密★启用前", "机密☆", "秘 密★ 5年", "密级：秘密", "密级:机密",
        "【机密】", "机 密", "秘密",
        "秘密 长期", "机密级文件", "秘密级", "附件为绝密", "机密文件", "秘密 6个月",
    ],
)  # fmt: skip
def test_a_mark_is_found(text: str) -> None:
    (finding,) = findings(f"关于整改的报告\n{text}\n正文")
    assert (finding.sort, finding.line) == (MARK, 2)


@pytest.mark.parametrize(
    "text",
    [
        "严格保守秘密", "保守国家秘密", "保护资料的机密性", "商业机密", "商业秘密", "严守机密",
        "泄露国家秘密 10年", "涉密人员管理", "秘密会见",
        "保密工作", "密级", "机密级别", "工作秘密", "精密仪器", "密切联系群众",
    ],
)  # fmt: skip
def test_words_about_secrecy_are_no_mark(text: str) -> None:
    assert findings(f"要求{text}教育") == []


@pytest.mark.parametrize(
    "text",
    [
        ID_CARD,
        ID_CARD.lower(),
        "１１０１０５１９４９１２３１００２Ｘ",
        "110105 19491231 002X",
        f"号{ID_CARD}，",
    ],
)
def test_an_id_card_is_found_and_masked(text: str) -> None:
    (finding,) = findings(text)
    assert (finding.sort, finding.shown) == ("identity", "110*************2X")


@pytest.mark.parametrize(
    "text",
    [
        "110105194912310021", "110105199913310023", "990105194912310020", "1101051949123100", f"1{ID_CARD}",
        "13812345678", "20220630123456789", "0591-87654321", "2022-000123-000045", "2C4E-6H8K",
    ],
)  # fmt: skip
def test_other_numbers_are_none(text: str) -> None:
    assert findings(f"编号 {text}。") == []


@pytest.mark.parametrize("text", [CARD, "6222 0212 3456 7890 128", "4111111111111111", "5500-0000-0000-0004"])
def test_a_bank_card_is_found_and_masked(text: str) -> None:
    (finding,) = findings(text)
    assert finding.sort == "bank_card" and "*" * 9 in finding.shown


def test_the_check_digits_decide() -> None:
    assert [digit for digit in "0123456789X" if is_identity(f"11010519491231002{digit}")] == ["X"]
    assert [digit for digit in "0123456789" if is_bank_card(f"622202123456789012{digit}")] == ["8"]


def test_looking_through_takes_time_in_proportion() -> None:
    """Digits, blanks and marks that almost match: twice the text, about twice the time."""

    def seconds(times: int) -> float:
        text = "110105 1949123100 机 密 秘密 6222 0212 3456 密级 " * times
        started = time.process_time()
        findings(text)
        return time.process_time() - started

    small = min(seconds(2_000) for _ in range(3))
    assert min(seconds(8_000) for _ in range(3)) < 10 * small + 0.05
