"""Gaps that stand for names and numbers: xx, x次, ××, **, 〔…〕, censored letters."""

from __future__ import annotations

import re

from rectify.intake.parser.parsed import Placeholder
from rectify.intake.parser.rows import Text

_UNITS = "次个名人项年月日条件场万亿户家度篇期轮批余多届岁届起处座所张份天周期元吨亩米%％"
_PLACES = "省|市|县|区|镇|乡|村|街道|社区|局|厅|委|办|院|校|公司|集团|同志|书记|主任|部|某|州|旗"
_GAP = re.compile(
    rf"""
    (?<![A-Za-zＡ-Ｚａ-ｚ0-9])(?:[xX]{{2,}}|[ｘＸ]{{1,}})(?![A-Za-zＡ-Ｚａ-ｚ])
  | [×✕✖╳]{{2,}}
  | (?<!\*)[*＊]{{2,}}(?!\*)
  | (?<![A-Za-z0-9０-９])[xXnN](?:[{_UNITS}])
  | (?<![0-9０-９×])[×✕*＊](?:[{_UNITS}])
  | (?<![A-Za-z0-9])[A-Za-z](?:{_PLACES}) | (?<![A-Za-z0-9])([A-Z])\1+(?={_PLACES})
  | (?<=[\u4e00-\u9fff，。、；：“（第])[xX×✕*＊](?!光|射线|轴|型|形)(?=[\u4e00-\u9fff，。、；：”）])
  | 〔(?!\d{{4}}〕)[^〔〕\n]{{0,30}}〕
  | (?:_|＿){{2,}} | [□○]{{2,}}
    """,
    re.VERBOSE,
)


def find(text: Text) -> tuple[Placeholder, ...]:
    """All gaps of a report, in order, each with its place."""
    return tuple(
        Placeholder(match.group(), text.place(match.start(), match.end()))
        for match in _GAP.finditer(text.text)
    )
