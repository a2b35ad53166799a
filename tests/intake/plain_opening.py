"""The child of a report's reading with the plain parser of the tests in it."""

from __future__ import annotations

from rectify.intake import opening
from tests.intake import parsing


def main() -> None:
    opening.read, opening.parse = parsing.read, parsing.parse
    opening.main()
