"""The printed code: typed from paper in many ways it is still found, and a slip of the pen is noticed."""

from __future__ import annotations

import pytest

from rectify.ledger.archive.code import ALPHABET, code_in, new_code, read_code


def test_a_code_is_short_and_has_no_letters_that_look_alike():
    for _ in range(200):
        code = new_code()
        assert len(code) == 9 and code[4] == "-"
        assert not set("BIOSZ01") & set(code)
        assert read_code(code) == code


def test_the_ways_people_type_it():
    code = "2C4E-" + next(text[5:] for a in ALPHABET if (text := read_code("2C4E6H8" + a) or ""))
    bare = code.replace("-", "")
    wide = "".join(chr(ord(character) + 0xFEE0) for character in bare)
    for typed in (bare, bare.lower(), f" {code} ", f"{bare[:4]} {bare[4:]}", f"{bare[:4]}—{bare[4:]}", wide):
        assert read_code(typed) == code


def test_every_single_slip_and_every_swap_is_noticed():
    for _ in range(20):
        text = new_code().replace("-", "")
        for place in range(8):
            for wrong in ALPHABET.replace(text[place], ""):
                assert read_code(text[:place] + wrong + text[place + 1 :]) is None
        for place in range(7):
            one, two = text[place], text[place + 1]
            if one != two:
                assert read_code(text[:place] + two + one + text[place + 2 :]) is None


@pytest.mark.parametrize(
    "typed", ["", "-", "ABCD", "ABCD-EFGHJ", "台账编码", "\x00" * 8, "９" * 40, "ABCD EFG!"]
)
def test_what_no_code_can_be(typed):
    assert read_code(typed) is None


def test_it_is_found_in_the_foot():
    code = new_code()
    assert code_in(f"台账编码：{code}（在系统中输入）　审计链头：{'0' * 64}") == code
    assert code_in(f"台账编码: {code.lower()}") == code
    assert code_in("台账编码：2222-2223") is None
    assert code_in("审计链头：" + "A" * 64) is None
