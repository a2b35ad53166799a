"""The persons that a cell or a label names: the name apart from the post it is written with."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

_SURNAMES = (
    "王李张刘陈杨黄赵吴周徐孙马朱胡郭何高林罗郑梁谢宋唐许韩冯邓曹彭曾肖田董袁潘于蒋蔡余杜叶程苏魏吕丁任沈姚卢姜崔"
    "钟谭陆汪范金石廖贾夏韦付方白邹孟熊秦邱江尹薛闫阎段雷侯龙史陶黎贺顾毛郝龚邵万钱严覃武戴莫孔向汤温康施文牛樊葛邢安"
    "齐易乔伍庞颜倪庄聂章鲁岳翟殷詹申欧耿关兰焦俞左柳甘祝包宁尚符舒阮柯纪梅童凌毕单季裴霍涂成苗谷盛曲翁冉骆蓝路游辛靳"
    "管柴蒙鲍华喻祁蒲房滕屈饶解牟艾尤阳时穆农司卓古吉缪简车项连芦麦褚娄窦戚岑景党宫费卜冷晏席卫米柏宗瞿桂全佟应臧闵苟"
    "邬边卞姬师和仇栾隋商刁沙荣巫寇桑郎甄丛仲虞敖巩明佘池查麻苑迟邝官封谈匡鞠惠荆乐冀郁胥南班储原栗燕楚鄢劳谌奚皮粟冼"
    "蔺楼盘满闻位厉伊仝区郜海阚花权强帅屠豆朴盖练廉禹井祖漆巴丰支卿国狄平计索宣晋相初门云容敬来扈晁芮都普阙浦戈伏鹿薄"
    "邸雍辜羊阿乌母裘亓修邰赫杭况那宿鲜印逯隆茹诺战慕危玉银亢嵇公哈湛宾戎勾茅利於呼居揭干但尉冶斯元束檀衣信展阴昝智幸奉"
    "植衡富尧闭由钮糜暨家"
)
_DOUBLE = (
    "欧阳|上官|司马|诸葛|皇甫|令狐|慕容|尉迟|司徒|夏侯|东方|濮阳|仲孙|公孙|长孙|端木|轩辕|西门|南宫|独孤"
)
_SURNAME = rf"(?:{_DOUBLE}|[{_SURNAMES}])"
_RANK = (
    r"(?:书记|主任|[局县市区镇乡村部科处股所院校站队厅州省司行会组班河林田路湖厂园社]长|经理|主席|委员|常委|总监|总裁|董事长|董事"
    r"|秘书长|秘书|巡视员|调研员|专员|专干|网格员|辅导员|指导员|教导员|政委|检察长|助理|干事|科员|会计|出纳|工程师|主管|负责人"
    r"|领导|教师|园长|校长|主编|台长|馆长|党代表|村支书|支书|联络员|监事长)"
)
_NAME = re.compile(rf"(?:{_SURNAME}[一-鿿]{{1,2}}|[一-鿿]某{{1,2}})")
_POST = re.compile(rf".*{_RANK}")
_UNIT_END = re.compile(r".*[部科室股处所站队委办局院校厂社心司组会镇乡村县市区园道]")
_BEHIND_POST = re.compile(rf"(?P<post>.*{_RANK})(?P<name>{_SURNAME}[一-鿿]{{1,2}}|[一-鿿]某{{1,2}})")
_BEHIND_UNIT = re.compile(r"(?P<post>.+[部科室股处所站队委办局院校厂社心司组会])(?P<name>[一-鿿]某{1,2})")
_IN_BRACKETS = re.compile(r"(?P<before>[^（）()]+)[（(](?P<within>[^（）()]+)[）)]")
_BETWEEN = re.compile(r"[、，,；;/\n]+(?![^（(]*[）)])")
_SINGLES = re.compile(r"(?<![^\s])([一-鿿])\s+([一-鿿])(?:\s+([一-鿿]))?(?![^\s（(])")


@dataclass(frozen=True)
class Person:
    """`name` is what goes by itself: a name, or a post without one; `post` is what stands beside a name, and
    `leads` where it stands before it."""

    name: str
    post: str = ""
    leads: bool = False

    @property
    def said(self) -> str:
        """As the paper calls them, without what stands behind."""
        return f"{self.post}{self.name}" if self.leads else self.name


def persons(text: str) -> list[Person]:
    """Each that is named: 副局长 王某、孟某（副县长）；李 伟同志 are three."""
    return list(dict.fromkeys(person for part in _BETWEEN.split(text) for person in _of_part(part.strip())))


def _of_part(part: str) -> Iterator[Person]:
    part = re.sub(r"同志(?=$|[\s（(])", "", part).strip()
    match = _IN_BRACKETS.fullmatch(part)
    if match:
        before, within = _joined(match["before"].strip()), match["within"].strip()
        if _is_name(_glued(before)) and _is_beside(within):
            yield Person(_glued(before), within)
        elif _is_name(_glued(within)) and _is_beside(before):
            yield Person(_glued(within), before, leads=True)
        else:
            yield Person(part)
        return
    words = _joined(part).split()
    if len(words) > 1:
        yield from _of_words(words, part)
    elif words:
        yield _of_word(words[0])


def _of_words(words: list[str], part: str) -> Iterator[Person]:
    """Words apart by spaces: a post and a name, a name and a post, or several names."""
    names = [word for word in words if _is_name(word)]
    if len(names) == len(words):
        yield from map(Person, words)
    elif len(names) == 1 and words[-1] == names[0]:
        yield Person(names[0], "".join(words[:-1]), leads=True)
    elif len(names) == 1 and words[0] == names[0] and all(map(_is_beside, words[1:])):
        yield Person(names[0], "".join(words[1:]))
    elif all(_is_name(word) or _POST.fullmatch(word) for word in words):
        yield from _in_turn(words)
    else:
        yield Person(" ".join(part.split()))


def _in_turn(words: list[str]) -> Iterator[Person]:
    """局长 王某 副局长 李某: each name with the posts before it; a post before a post is one by itself."""
    post = ""
    for word in words:
        if _is_name(word):
            yield Person(word, post, leads=bool(post))
            post = ""
        else:
            if post:
                yield Person(post)
            post = word
    if post:
        yield Person(post)


def _of_word(word: str) -> Person:
    """副局长王某 without a space: only behind a post, or a unit where the name is an alias with 某."""
    match = _BEHIND_POST.fullmatch(word) or _BEHIND_UNIT.fullmatch(word)
    if match and not _is_name(word) and _is_name(match["name"]):
        return Person(match["name"], match["post"], leads=True)
    return Person(word)


def _joined(text: str) -> str:
    """王　伟 and 王 小 伟, spaced to the width of others, as one word."""
    return _SINGLES.sub(lambda match: "".join(filter(None, match.groups())), text)


def _glued(text: str) -> str:
    return re.sub(r"\s+", "", text)


def _is_name(word: str) -> bool:
    return bool(_NAME.fullmatch(word)) and not _is_beside(word)


def _is_beside(words: str) -> bool:
    """A post or a unit."""
    return bool(_POST.fullmatch(words) or _UNIT_END.fullmatch(words))
