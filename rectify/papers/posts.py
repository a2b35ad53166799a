"""Posts as they are said: 宣传部长 is 宣传部部长, 县委办主任 is 县委办公室主任, 某镇书记 is 某镇党委书记."""

from __future__ import annotations

import re

_RANK = "(?:常务|第一)?副?"
# The unit's last sign, which the rank says again: 发改局局长, 宣传部副部长, 乙县县长.
_TWICE = re.compile(
    rf"(?<=.)(?P<sign>[部局厅处科股室所站队院校馆台社会镇乡县市区村厂])(?P<rank>{_RANK})(?P=sign)长"
)
_NAMES = (
    (re.compile(rf"办公室(?={_RANK}主任)"), "办"),
    (re.compile(rf"委员会(?={_RANK}(?:主任|书记))"), "委"),
    (re.compile(rf"人大常委会(?={_RANK}主任)"), "人大"),
    (re.compile(rf"(?<=[镇乡])党委(?={_RANK}书记)|(?<=街道)党工委(?={_RANK}书记)"), ""),
)


def as_said(post: str) -> str:
    """The shortest way to say it: two posts that are the same said so."""
    for pattern, short in _NAMES:
        post = pattern.sub(short, post)
    return _TWICE.sub(r"\g<rank>\g<sign>长", post)
