"""A draft for publication names no persons: known names become 张某, as public papers write them."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field, replace

from rectify.docx.blocks import Block, Cell, Heading, Table, Text

# The surnames of nine people in ten; a post such as 常务副县长 begins with none of them by chance only.
SURNAMES = frozenset(
    "王李张刘陈杨黄赵吴周徐孙马朱胡郭何林高罗郑梁谢宋唐许韩邓冯曹彭曾肖田董潘袁蔡蒋余于杜叶程魏苏吕丁任卢姚"
    "沈钟姜崔谭陆范汪廖石金韦贾夏付方邹熊白孟秦邱侯江尹薛闫段雷龙黎史陶贺毛郝顾龚邵万覃武钱戴严莫孔向常汤康易"
    "乔赖文樊兰殷施洪翟安颜倪牛温芦俞章鲁葛伍申尤毕聂柴焦向柳邢骆岳齐梅庄辛管祝左涂谷祁时舒耿牟卜路詹关苗凌"
)
COMPOUND = ("欧阳", "上官", "司马", "司徒", "诸葛", "夏侯", "皇甫", "尉迟", "公孙", "慕容", "令狐", "东方")
NAME = re.compile("[\u4e00-\u9fff]{2,4}")
POSTS = "办局委员记部院处科股组"  # what ends so is a post or an office


def personal_names(names: Iterable[str]) -> list[str]:
    """Those that are names of persons and no posts, the longest first."""
    found = {name for name in names if NAME.fullmatch(name) and name[-1] not in POSTS}
    found = {name for name in found if 1 <= len(name) - len(surname(name)) <= 2}
    return sorted(found, key=len, reverse=True)


def surname(name: str) -> str:
    """欧阳 or 王; the whole word where it begins with none."""
    if name[:2] in COMPOUND:
        return name[:2]
    return name[0] if name[0] in SURNAMES else name


@dataclass
class Masked:
    """Blocks without the names of persons; `names` are those that were there."""

    persons: list[str]
    names: set[str] = field(default_factory=set)

    def text(self, text: str) -> str:
        for name in self.persons:
            if name in text:
                self.names.add(name)
                text = text.replace(name, f"{surname(name)}某")
        return text

    def block(self, block: Block) -> Block:
        if isinstance(block, Text | Heading):
            return replace(block, text=self.text(block.text))
        if isinstance(block, Table):
            return replace(block, rows=[[self._cell(cell) for cell in row] for row in block.rows])
        return block

    def _cell(self, cell: Cell) -> Cell:
        return replace(cell, text=self.text(cell.text))
