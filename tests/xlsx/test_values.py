"""What people type into cells, as it is compared."""

from __future__ import annotations

from rectify.xlsx import values
from rectify.xlsx.cells import clean_text


def test_a_text_of_one_line_is_compared_as_any_other():
    """What is printable is only stripped: alone and between others, no character says something else."""
    for code in range(0x30000):
        for text in (chr(code), f" 甲{chr(code)}乙 "):
            plain = clean_text(text.replace("\u2028", "\n").replace("\u2029", "\n"))
            assert values.normal(text) == values._UNSEEN.sub("", plain).strip(), hex(code)
