"""Which problem a cause or a direction speaks of, and by which words a person can see it."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass

from rectify.choices import Basis
from rectify.intake.parser.links import wordlist
from rectify.intake.parser.parsed import ParsedLink, ParsedProblem, ParsedSource

# A name may leave out a few signs of the title, never its substance.
NAMED, NAMED_IN_LIST = 0.84, 0.78
CONTENT, INFERRED = 3.0, 1.5
PARTICULAR = 5  # signs of a word that says enough alone
KEPT = 0.6  # of a source's best score, below which a weaker tie says nothing
MAX_SHOWN = 8
COMPARISONS = 8_000  # of a source with a problem, in one report
WINDOWS = 200  # places of one clause at which a title is looked for
COMMON = 40  # problems that may share a pair of signs before it says nothing about any of them
_SOFT = re.compile(
    r"[还仍较很太更最的地得了着过在上中和与及并也都已而且是有被把将、，。；：“”‘’（）()《》,.;:\s]|有待|进一步|需要|有所|有时|存在|比较|不太|一些|显得"
)
_NAMING = re.compile(
    r"(?:之所以|所以|存在|出现|产生|造成|导致|表现出|针对|解决|对于|关于|对)(?P<list>[^。；;！？\n]{4,160}?)(?:等)?(?:的)?(?:问题|现象|情况|不足|差距|短板)"
)
_LIST = re.compile(r"[、，,；;]|以及|及其|和(?=[^谐平气])")
_QUOTED = re.compile(r"[“‘《]([^“”‘’《》]{4,60})[”’》]")
_HAN = re.compile(r"[\u4e00-\u9fff]+")


@dataclass(frozen=True)
class _Known:
    """A problem prepared for comparison: the bare title, its pairs of signs, and its particular words."""

    number: int
    bare: str
    pairs: frozenset[str]
    title_pairs: frozenset[str]
    text_pairs: frozenset[str]


class Compared:
    """The problems of a report, prepared once: sources meet only the few that share rare pairs of signs."""

    def __init__(self, problems: Sequence[ParsedProblem]) -> None:
        self.known = {problem.number: _prepare(problem) for problem in problems}
        self.titles = _index((one.number, one.pairs) for one in self.known.values())
        self.texts = _index((one.number, one.text_pairs) for one in self.known.values())

    def links(
        self, sources: Sequence[ParsedSource], skip: Collection[int], *, cause: bool
    ) -> list[ParsedLink]:
        """Ties of these sources; `skip` are sources whose place in the text already ties them."""
        texts = {one.number: f"{one.title}\n{one.text}" for one in sources if one.number not in skip}
        words = {number: _pairs_of_words(text) for number, text in texts.items()}
        spread: Counter[str] = Counter()
        for pairs in words.values():
            spread.update(pairs)
        # Many sources are compared with fewer problems each, so that the time stays in proportion.
        most = max(2, min(12, COMPARISONS // max(1, len(texts))))
        out: list[ParsedLink] = []
        for source, text in texts.items():
            named = _named(text, self.titles, self.known)
            scored = _scored(text, words[source], self, spread, len(texts), most)
            best = max([score for number, score, _ in scored if number not in named], default=0.0)
            for number, shared in named.items():
                out.append(_link(number, source, cause, Basis.EXPLICIT.value, shared))
            for number, score, shared in scored:
                if number in named or score < INFERRED or score < best * KEPT:
                    continue
                particular = len(shared) > 1 or any(len(word) >= PARTICULAR for word in shared)
                basis = Basis.CONTENT if score >= CONTENT and particular else Basis.INFERRED
                out.append(_link(number, source, cause, basis.value, shared))
        return sorted(out, key=lambda link: (link.problem, link.cause or link.direction or 0))


def _link(problem: int, source: int, cause: bool, basis: str, shared: tuple[str, ...]) -> ParsedLink:
    return ParsedLink(problem, source if cause else None, None if cause else source, basis, shared)


def bare(text: str) -> str:
    """Without signs and words that come and go when a title is quoted: 还, 的, 不够 for 不."""
    return _SOFT.sub("", text.replace("不够", "不").replace("不太", "不"))


def _prepare(problem: ParsedProblem) -> _Known:
    plain = bare(problem.title)
    title = _pairs_of_words(problem.title)
    return _Known(
        problem.number, plain, frozenset(_pairs(plain)), title, title | _pairs_of_words(problem.text)
    )


def _pairs(text: str) -> list[str]:
    return [text[index : index + 2] for index in range(len(text) - 1)]


def _index(pairs: Iterable[tuple[int, Iterable[str]]]) -> dict[str, list[int]]:
    index: dict[str, list[int]] = defaultdict(list)
    for number, found in pairs:
        for pair in found:
            index[pair].append(number)
    return index


# Named: the title itself stands in the source's text -------------------------------------------------


def _named(text: str, index: dict[str, list[int]], known: dict[int, _Known]) -> dict[int, tuple[str, ...]]:
    out: dict[int, tuple[str, ...]] = {}
    for fragment in _fragments(text):
        plain = bare(fragment)
        if len(plain) < 4:
            continue
        matches = [
            (likeness, number)
            for number in _candidates(plain, index)
            if (likeness := _likeness(plain, known[number].bare)) >= NAMED_IN_LIST
        ]
        if matches:
            top = max(matches)[0]
            for likeness, number in matches:
                if likeness == top:
                    out.setdefault(number, (fragment.strip("“”‘’"),))
    for clause in re.split(r"[。；;！？\n]", text):
        plain = bare(clause)
        for number in _candidates(plain, index):
            title = known[number].bare
            if number not in out and len(title) >= 6 and _stands_in(title, plain):
                out[number] = (_excerpt(clause),)
    return out


def _fragments(text: str) -> list[str]:
    """What is named as a problem: 之所以存在甲、乙等问题, or a title in quotes."""
    found = [match.group("list") for match in _NAMING.finditer(text)]
    pieces = [piece for words in found for piece in (words, *_LIST.split(words))]
    pieces += _QUOTED.findall(text)
    return [
        re.sub(r"^(?:会|要|我们|班子|县委常委班子|出现|存在|产生|解决|造成|导致)+", "", piece.strip("“”‘’ "))
        for piece in dict.fromkeys(pieces)
    ]


def _candidates(plain: str, index: dict[str, list[int]]) -> list[int]:
    """Problems that share at least half of their title's rarer pairs, few enough to be compared."""
    counts: Counter[int] = Counter()
    for pair in set(_pairs(plain)):
        numbers = index.get(pair, ())
        if len(numbers) <= COMMON:
            counts.update(numbers)
    return [number for number, count in counts.most_common(12) if count >= 2]


def _likeness(one: str, other: str) -> float:
    """2 × common subsequence / both lengths."""
    if not one or not other or len(one) > 3 * len(other) or len(other) > 3 * len(one):
        return 0.0
    return 2 * _subsequence(one[:120], other[:120]) / (len(one) + len(other))


def _subsequence(one: str, other: str) -> int:
    row = [0] * (len(other) + 1)
    for char in one:
        diagonal = 0
        for index, against in enumerate(other, start=1):
            above = row[index]
            row[index] = diagonal + 1 if char == against else max(above, row[index - 1])
            diagonal = above
    return row[-1]


def _stands_in(title: str, clause: str) -> bool:
    """The title with small omissions, in order and in one place of the clause."""
    if title in clause:
        return True
    if len(title) < 8:
        return False
    need = round(len(title) * NAMED + 0.499)
    window = len(title) + 2
    begin = clause.find(title[0])
    for _ in range(WINDOWS):
        if begin < 0 or begin > len(clause) - need:
            break
        if clause[begin + 1 : begin + 3].startswith(tuple(title[1:3])) and (
            _subsequence(title, clause[begin : begin + window]) >= need
        ):
            return True
        begin = clause.find(title[0], begin + 1)
    return False


def _excerpt(clause: str) -> str:
    return clause.strip()[:60]


# Content: particular words that both have ------------------------------------------------------------


def _pairs_of_words(text: str) -> frozenset[str]:
    return frozenset(pair for run in _runs(text) for pair in _pairs(run))


def _runs(text: str) -> list[str]:
    """Stretches of signs that can hold a word: cut at punctuation, particles and stock phrases."""
    return [run for stretch in _HAN.findall(text) for run in wordlist.CUT.split(stretch) if len(run) > 1]


def _scored(
    text: str, pairs: frozenset[str], compared: Compared, spread: Counter[str], sources: int, most: int
) -> list[tuple[int, float, tuple[str, ...]]]:
    rare = min(max(2, len(compared.known) // 3), COMMON)
    counts: Counter[int] = Counter()
    for pair in pairs:
        numbers = compared.texts.get(pair, ())
        if len(numbers) <= rare:
            counts.update(numbers)
    runs = _runs(text)
    out = []
    for number, _ in counts.most_common(most):
        problem = compared.known[number]
        words = _shared(runs, problem.text_pairs)
        score, shown = _weigh(words, problem, compared, spread, sources)
        if score >= INFERRED:
            out.append((number, score, shown))
    return out


def _shared(runs: list[str], pairs: frozenset[str]) -> dict[str, int]:
    """The longest stretches of the source whose every pair the problem has too."""
    found: dict[str, int] = {}
    for run in runs:
        begin = 0
        while begin < len(run) - 1:
            end = begin
            while end < len(run) - 1 and run[end : end + 2] in pairs:
                end += 1
            if end > begin:
                word = run[begin : end + 1]
                found[word] = found.get(word, 0) + 1
            begin = max(end, begin + 1)
    return found


def _weigh(
    words: dict[str, int], problem: _Known, compared: Compared, spread: Counter[str], sources: int
) -> tuple[float, tuple[str, ...]]:
    """The rarer a word among problems and among sources, the more it says."""
    weighed: list[tuple[float, str]] = []
    for word in words:
        if word in wordlist.STOCK or len(word) > 30:
            continue
        own = _pairs(word)
        rarity = min(len(compared.texts.get(pair, ())) for pair in own)
        others = min(spread[pair] for pair in own)
        weight = 1.0 if rarity <= 1 else 0.6 if rarity <= max(2, len(compared.known) // 5) else 0.15
        weight *= 1.0 if others <= 1 else 0.6 if others <= max(2, sources // 3) else 0.2
        weight *= 1.0 + 0.25 * min(len(word) - 2, 4)
        if any(pair in problem.title_pairs for pair in own):
            weight *= 1.8
        weighed.append((weight, word))
    weighed.sort(key=lambda pair: (-pair[0], pair[1]))
    shown = tuple(word for weight, word in weighed if weight >= 0.3)[:MAX_SHOWN]
    return sum(weight for weight, _ in weighed[:MAX_SHOWN] if weight >= 0.3), shown
