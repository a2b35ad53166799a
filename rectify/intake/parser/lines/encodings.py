"""Bytes of a text file become characters: UTF-8, UTF-16 or GB18030, never guessed into rubbish."""

from __future__ import annotations

import codecs
import re

from rectify.intake.parser import refusals

MARKS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
# Characters that fill any Chinese official text, and hardly ever come out of a wrong decoding.
FREQUENT = frozenset(
    "的一是不了在有和人中大为上个国我以要他时来用们生到作地于出就分对成会可主发年动同工也能下过子说产种面而方后多定行学法所民得经十三之进着等部度家电力里如水化高自二理起小物现实加量都两体制机当使点从业本去把性好应开它合还因由其些然前外天政四日那社义事平形相全表间样与关各重新线内数正心反你明看原又利比或但质气第向道命此变条只没结解问意建月公无系军很情者最立代想已通并提直题党程展五果料象员革位入常文总次品式活设及管特件长求老头基资边流路级少图山统接知较将组见计别她手角期根论运农指几九区强放决西被干做必战先回则任取据处队南给色光门即保治北造百规热领七海口东导器压志世金增争济阶油思术极交受联什认六共权收证改清己美再采转更单风切打白教速花带安场身车例真务具万每目至达走积示议声报斗完类八离华名确才科张信马节话米整空元况今集温传土许步群广石记需段研界拉林律叫且究观越织装影算低持音众书布复容儿须际商非验连断深难近矿千周委素技备半办青省列习响约支般史感劳便团往酸历市克何除消构府称太准精值号率族维划选标写存候毛亲快效斯院查江型眼王按格养易置派层片始却专状育厂京识适属圆包火住调满县局照参红细引听该铁价严龙飞督整改摆剖析够足缺短板"
)
CHINESE = re.compile(r"[\u4e00-\u9fff]")
EXPECTED = re.compile(r"[\u4e00-\u9fff\u3000-\u303f\uff00-\uffef\u2000-\u206f\u2460-\u249b\x20-\x7e\s·×]")
SAMPLE = 20_000


def decode(data: bytes) -> str:
    """The text, or a refusal that says how to save the file again."""
    for mark, name in MARKS:
        if data.startswith(mark):
            return _strict(data[len(mark) :], name)
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError:
        return _most_plausible(data)
    if "\x00" not in text:
        return text
    # UTF-16 without a mark: Latin letters and line ends leave zero bytes, which UTF-8 accepts.
    return _most_plausible(data)


def _strict(data: bytes, name: str) -> str:
    try:
        return data.decode(name)
    except UnicodeDecodeError as error:
        raise refusals.unknown_encoding() from error


def _most_plausible(data: bytes) -> str:
    best, best_score = "", 0.0
    for name in ("gb18030", "utf-16-le", "utf-16-be"):
        try:
            text = data.decode(name)
        except UnicodeDecodeError:
            continue
        score = _plausibility(text)
        if score > best_score:
            best, best_score = text, score
    if best_score < 0.5:
        raise refusals.unknown_encoding()
    return best


def _plausibility(text: str) -> float:
    """0 to 1: how far the text looks like Chinese prose."""
    sample = text[:SAMPLE]
    if not sample or "\x00" in sample:
        return 0.0
    expected = len(EXPECTED.findall(sample)) / len(sample)
    chinese = CHINESE.findall(sample)
    if not chinese:
        return expected * 0.5
    frequent = sum(char in FREQUENT for char in chinese) / len(chinese)
    return expected * frequent
