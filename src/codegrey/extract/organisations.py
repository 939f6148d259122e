"""Names of health-care organisations, known or not, by a grammar of how they are named.

The grammar is data (``ontology/grammar/names.ttl``): heads such as ``centre hospitalier`` stand before a name,
heads such as ``Medical Center`` behind it; connectors and adjectives join its parts. What is found is every
*mention*; which of them are one organisation, and which are victims, is decided in ``codegrey.extract.mentions``
and ``scope``.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from codegrey.lexicon import Lexicon, NameHead
from codegrey.terms import Iri
from codegrey.text import fold
from codegrey.vocab import CG

_LOWER = "a-zß-öø-ÿāăąćčďđēęěğģīķļłńňőœŕřśşšţťūůűųźżž"
_CAP = rf"(?:(?:St|Ste|Mt|Dr|[A-Z])\.(?=[ ][A-Z])|[^\W\d_{_LOWER}][\w’'&]*)"
_PLAIN_SPACE = r"[ ]"


@dataclass(frozen=True, slots=True)
class Mention:
    """A name in the text: where, its head's class, and what of it is the name proper (folded)."""

    start: int
    end: int
    name: str
    kind: Iri
    generic: bool = False  # a head and a place: "hospital in Smeeni"
    small: bool = False  # its head is written small: "an Indiana hospital"
    city: str = ""  # a place said right behind it: "André Mignot hospital in Versailles"


@dataclass(frozen=True, slots=True)
class NameGrammar:
    """The compiled grammar: one expression per side of the head."""

    first: re.Pattern[str]
    last: re.Pattern[str]
    listed_first: re.Pattern[str]
    listed_last: re.Pattern[str]
    listed_plural: re.Pattern[str]
    kinds: tuple[tuple[re.Pattern[str], Iri, str], ...]
    stop: frozenset[str]
    nationality: frozenset[str]
    lowercase: frozenset[str]

    def kind(self, head: str, side: str) -> Iri:
        """The class that a head stands for, on this side of a name or else on the other."""
        folded = fold(head)
        found = [(where != side, kind) for regex, kind, where in self.kinds if regex.fullmatch(folded)]
        return min(found, default=(True, CG["HealthcareOrganisation"]))[1]


def make_grammar(names: Lexicon) -> NameGrammar:
    """Compile the grammar out of the lexicon of names."""
    place = rf"(?:{_PLAIN_SPACE}(?:in|at|à){_PLAIN_SPACE}(?:the{_PLAIN_SPACE})?(?P<city>{_CAP}(?:[ -]{_CAP})*))?"
    connector = "|".join(_spelled(c) for c in sorted(names.sets["connector"], key=len, reverse=True))
    adjective = "|".join(_spelled(a) for a in sorted(names.sets["adjective"], key=len, reverse=True))
    joint = rf"(?:{_PLAIN_SPACE}*[-–]{_PLAIN_SPACE}*|{_PLAIN_SPACE}|(?<=['’]))"
    linked = rf"(?:{joint}(?:(?:{connector})(?:{_PLAIN_SPACE}|-|(?<=['’])))*{_CAP})"
    firsts = _heads(names.heads, "first")
    lasts = _heads(names.heads, "last")
    opening = rf"(?:{_PLAIN_SPACE}(?:{connector}|in|at))*(?:{_PLAIN_SPACE}|(?<=['’]))"
    proper = "|".join(_spelled(a) for a in sorted(names.sets["proper-adjective"], key=len, reverse=True))
    first = (
        rf"\b(?P<head>{firsts})(?P<adjectives>(?:{_PLAIN_SPACE}(?:{adjective}))*)"
        rf"(?P<name>{opening}{_CAP}{linked}*|{_PLAIN_SPACE}(?i:{proper})\b)(?P<tail>{place})"
    )
    inner = (
        rf"(?:{_CAP}(?:['’]s?)?(?:{_PLAIN_SPACE}(?:of|de|du|des|d’|d'|&|the|la|del|for)"
        rf"(?:{_PLAIN_SPACE}(?:the|la|les))?)?(?:{_PLAIN_SPACE}|-|–))"
    )
    tail = rf"(?P<tail>(?:{_PLAIN_SPACE}of(?:{_PLAIN_SPACE}the)?{_PLAIN_SPACE}{_CAP}(?:[ -]{_CAP})*)?){place}"
    other = "|".join(re.escape(word) for word in names.sets["other-tail"])
    last = rf"\b(?P<name>{inner}{{1,7}})(?P<head>{lasts})\b(?!{_PLAIN_SPACE}(?:{other})\b){tail}"
    item = rf"(?:(?:{connector})(?:{_PLAIN_SPACE}|(?<=['’])))*{_CAP}{linked}*"
    space = _PLAIN_SPACE
    listed_first = (
        rf"\b(?P<head>{firsts})(?P<adjectives>(?:{space}(?:{adjective}))*),?{space}"
        rf"(?P<items>{item}(?:,{space}{item})*,?{space}et{space}(?=d|à|l)(?:{item}))"
    )
    plural = "|".join(_spelled_head(fold(head)) for head in names.sets["plural-head"])
    listed_plural = (
        rf"\b(?P<head>{plural})(?:{space}(?:in|at))?{space}"
        rf"(?P<items>{item}(?:,{space}{item})*,?{space}(?:et|and){space}{item})"
    )
    names_listed = rf"{_CAP}(?:[ -]{_CAP})*"
    listed_last = (
        rf"(?P<items>{names_listed}(?:,{space}{names_listed})*,?{space}and{space}{names_listed}){space}"
        r"(?P<head>(?i:hospitals|clinics|medical centers))\b"
    )
    return NameGrammar(
        first=re.compile(first),
        last=re.compile(last),
        listed_first=re.compile(listed_first),
        listed_last=re.compile(listed_last),
        listed_plural=re.compile(listed_plural),
        kinds=tuple((re.compile(head.regex, re.IGNORECASE), head.kind, head.side) for head in names.heads),
        stop=names.words("stop"),
        nationality=names.words("nationality"),
        lowercase=names.words("lowercase-head"),
    )


def find_mentions(text: str, grammar: NameGrammar) -> list[Mention]:
    """Every mention of a named health-care organisation, by place; of two that overlap the longer one."""
    found: list[Mention] = []
    for line in re.finditer(r"[^\n]+", text):
        found += _in_line(line.group(), line.start(), grammar)
    kept: list[Mention] = []
    for mention in sorted(found, key=lambda m: (m.generic, m.start - m.end, m.start)):
        if not any(m.start < mention.end and mention.start < m.end for m in kept):
            kept.append(mention)
    return sorted(kept, key=lambda m: m.start)


def _in_line(line: str, offset: int, grammar: NameGrammar) -> Iterator[Mention]:
    yield from _listed(line, offset, grammar)
    for match in grammar.first.finditer(line):
        name = match["name"]
        if name.strip() and (name.islower() or not _stopped(name, grammar)):
            end = match.start("tail")
            kind = grammar.kind(match["head"], "first")
            generic = re.match(r" (?:in|at) ", match["name"]) is not None
            mention = line[match.start() : end]
            yield Mention(offset + match.start(), offset + end, mention, kind, generic, city=match["city"] or "")
    for match in grammar.last.finditer(line):
        start = match.start("name") + _lead(match["name"], grammar)
        proper = line[start : match.end("name")].strip(" -–")
        if not proper or all(fold(word) in grammar.nationality for word in proper.split()):
            continue
        if not match["head"][0].isupper() and fold(match["head"]) not in grammar.lowercase:
            continue
        end = match.end("tail")
        small = not match["head"][0].isupper()
        if small and match["head"].endswith("s"):  # "the hospitals of Columbus" are no organisation
            continue
        kind = grammar.kind(match["head"], "last")
        yield Mention(offset + start, offset + end, line[start:end], kind, small=small, city=match["city"] or "")


def _listed(line: str, offset: int, grammar: NameGrammar) -> Iterator[Mention]:
    """`les hôpitaux de Dax et de Villefranche`, `Thames, Tokoroa and Taumarunui hospitals`: one mention an item."""
    for pattern, side, joint in (
        (grammar.listed_first, "first", r", | et (?=d|à|l)"),
        (grammar.listed_last, "last", r", and |, | and "),
        (grammar.listed_plural, "first", r", and |, | and |, et | et "),
    ):
        for match in pattern.finditer(line):
            at = match.start("items")
            for part in re.split(f"({joint})", match["items"]):
                start, at = at, at + len(part)
                if re.fullmatch(joint, part) or not any(c.isupper() for c in part) or _stopped(part, grammar):
                    continue
                head = _singular(match["head"])
                name = f"{head} {part}" if side == "first" else f"{part} {head.capitalize()}"
                yield Mention(offset + start, offset + at, name, grammar.kind(head, side))


def _singular(head: str) -> str:
    head = re.sub(r"aux\b", "al", head)
    return " ".join(re.sub(r"(?<=[a-zé])s$", "", word) if len(word) > 3 else word for word in head.split())


def _lead(name: str, grammar: NameGrammar) -> int:
    """How many characters at the beginning of a captured name are words that no name begins with."""
    at = 0
    for word in re.finditer(r"[^ ]+ ?", name):
        bare = fold(word.group().strip())
        if bare in grammar.stop or bare.removesuffix("'s") in grammar.stop:
            at = word.end()
        else:
            break
    return at


def _stopped(name: str, grammar: NameGrammar) -> bool:
    words = [w for w in re.findall(r"[\w’']+", name) if w[:1].isupper() or w[:1].isdigit()]
    return not words or fold(words[0]) in grammar.stop


def _heads(heads: Sequence[NameHead], side: str) -> str:
    regexes = sorted((head.regex for head in heads if head.side == side), key=len, reverse=True)
    return "|".join(_spelled_head(regex) for regex in regexes)


_FOLDED = {"e": "[eéèêë]", "a": "[aàâä]", "o": "[oôöó]", "i": "[iîïí]", "u": "[uûüù]", "c": "[cç]"}


def _spelled_head(regex: str) -> str:
    """A head that is written folded, to be found in text with accents; acronyms only in capitals."""
    if regex.isupper() or regex.startswith("NHS"):
        return regex
    out, depth = [], 0
    for char in regex:
        depth += (char == "[") - (char == "]")
        out.append(char if depth or char not in _FOLDED else _FOLDED[char])
    return f"(?i:{''.join(out)})"


def _spelled(phrase: str) -> str:
    """A phrase with either apostrophe."""
    return re.escape(phrase).replace("'", "['’]").replace(r"\ ", " ")
