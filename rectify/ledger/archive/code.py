"""The code of a filed ledger: short enough to type from paper, with a check character."""

from __future__ import annotations

import re
import secrets
import unicodedata

# Without B, I, O, S, Z, 0 and 1, which a printed page confuses. Twenty-nine is prime: a weighted sum
# finds every single wrong character and every swap of two.
ALPHABET = "23456789ACDEFGHJKLMNPQRTUVWXY"
LENGTH = 8
_MEANT = str.maketrans({"B": "8", "I": "L", "1": "L", "S": "5", "Z": "2"})
_PRINTED = re.compile(r"台账编码[:：]\s*([0-9A-Za-z]{4}-?[0-9A-Za-z]{4})(?![0-9A-Za-z])")


def new_code() -> str:
    """A code that tells nothing: 17 thousand million of them."""
    body = "".join(secrets.choice(ALPHABET) for _ in range(LENGTH - 1))
    return shown(body + _check(body))


def shown(text: str) -> str:
    """ABCD-EFGH."""
    return f"{text[:4]}-{text[4:]}"


def read_code(typed: str) -> str | None:
    """The code as it is stored, from what a person typed; None when no code can be that."""
    text = unicodedata.normalize("NFKC", typed).upper().translate(_MEANT)
    text = re.sub(r"[\s\-‐-―−_.·]", "", text)
    if len(text) != LENGTH or set(text) - set(ALPHABET) or _check(text[:-1]) != text[-1]:
        return None
    return shown(text)


def code_in(text: str) -> str | None:
    """The code printed in a sheet's foot."""
    match = _PRINTED.search(text)
    return read_code(match[1]) if match else None


def _check(body: str) -> str:
    total = sum(weight * ALPHABET.index(character) for weight, character in enumerate(body, 2))
    return ALPHABET[-total % len(ALPHABET)]
