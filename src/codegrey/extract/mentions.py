"""Mentions of organisations, gathered into the organisations of one article.

Two mentions are one organisation if one is the other's abbreviation ("(CHSF)"), if the registry knows them as one
body, or if the words that are proper to one are among those of the other ("Kettering", "Kettering Health").
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from codegrey.extract.gazetteer import Found
from codegrey.extract.organisations import Mention
from codegrey.registry import Entry
from codegrey.terms import Iri
from codegrey.text import Document, fold

_ABBREVIATION = re.compile(r"[  ]?\((?:[^()]{0,20}\b)?(?P<abbreviation>[A-Z][A-Za-z&-]{1,9}[A-Za-z])\)")
_WORDS = re.compile(r"[^\W_]+")


@dataclass(slots=True)
class Group:
    """The mentions of one organisation. ``proper`` are the folded words of its name that are not heads."""

    key: str
    kind: Iri
    names: Counter[str] = field(default_factory=Counter)
    spans: list[tuple[int, int]] = field(default_factory=list)
    proper: frozenset[str] = frozenset()
    entry: Entry | None = None
    city: str = ""

    @property
    def name(self) -> str:
        """The fullest name that the article uses: most proper words, then longest, then first in the alphabet."""
        return max(self.names, key=lambda n: (len(_WORDS.findall(n)), len(n), n))


def gather(
    document: Document, mentions: Sequence[Mention], known: Iterable[tuple[int, int, Entry]], common: frozenset[str]
) -> list[Group]:
    """The organisations of an article, in the order in which they first appear.

    ``common`` are the folded words that hospitals' names share; ``known`` are registry entries with their offsets.
    """
    groups: list[Group] = []
    for start, end, entry in known:
        _join_known(groups, document.text[start:end], (start, end), entry)
    for mention in mentions:
        if not any(s <= mention.start < e or s < mention.end <= e for g in groups for s, e in g.spans):
            _join(groups, mention, common)
    for group in groups:
        _abbreviations(document.text, group)
        _initials(document.text, group)
    _short_forms(document.text, groups, common)
    merged = _merge(groups, common)
    return sorted(merged, key=lambda g: (min(g.spans), g.key))


def proper_words(name: str, common: frozenset[str]) -> frozenset[str]:
    """The folded words of a name that are proper to it."""
    return frozenset(word for word in _WORDS.findall(fold(name)) if word not in common)


def _join_known(groups: list[Group], name: str, span: tuple[int, int], entry: Entry) -> None:
    group = next((g for g in groups if g.entry is entry), None)
    if group is None:
        group = Group(entry.iri, entry.kinds[0] if entry.kinds else Iri(""), entry=entry, city=entry.city)
        groups.append(group)
    group.names[name] += 1
    group.spans.append(span)


def _join(groups: list[Group], mention: Mention, common: frozenset[str]) -> None:
    proper = proper_words(mention.name, common)
    group = next((g for g in groups if g.entry is None and g.proper and g.proper == proper), None)
    if group is None:
        group = Group(_key(mention.name), mention.kind, proper=proper)
        groups.append(group)
    group.names[mention.name] += 1
    group.spans.append((mention.start, mention.end))
    group.city = group.city or mention.city


def _abbreviations(text: str, group: Group) -> None:
    """Add the mentions of an abbreviation that stands in brackets behind a name."""
    for _, end in tuple(group.spans):
        match = _ABBREVIATION.match(text, end)
        if match is None or sum(c.isupper() for c in match["abbreviation"]) < 2:
            continue
        _scan(text, match["abbreviation"], group)


def _initials(text: str, group: Group) -> None:
    """Add the mentions of an acronym that the article never spells out: `AIIMS`, three letters or more."""
    for name in tuple(group.names):
        letters = "".join(word[0] for word in re.findall(r"[^\W_]+", name) if word[0].isupper())
        if len(letters) >= 3:
            _scan(text, letters, group)


def _scan(text: str, name: str, group: Group, taken: Sequence[tuple[int, int]] = ()) -> None:
    for found in re.finditer(rf"(?<![\w-]){re.escape(name)}(?![\w-])", text):
        span = found.span()
        if not any(s < span[1] and span[0] < e for s, e in (*group.spans, *taken)):
            group.names[name] += 1
            group.spans.append(span)


def _short_forms(text: str, groups: list[Group], common: frozenset[str]) -> None:
    """`Kettering` for `Kettering Health`: the proper words that open a name, used alone."""
    taken = [span for group in groups for span in group.spans]
    for group in groups:
        for name in tuple(group.names):
            words = name.split()
            if words and fold(words[0]) in common:
                continue
            lead: list[str] = []
            for word in words:
                if fold(word) in common and len(lead) >= 1:
                    break
                lead.append(word)
            short = " ".join(lead)
            if 0 < len(lead) < len(words) and len(short) > 3 and lead[0][0].isupper():
                _scan(text, short, group, taken)


def _merge(groups: list[Group], common: frozenset[str]) -> list[Group]:
    """Join groups of which one is named by some of the other's proper words."""
    merged: list[Group] = []
    for group in sorted(groups, key=lambda g: (g.entry is None, -len(g.proper), min(g.spans))):
        words = group.proper or frozenset(proper_words(group.name, common))
        home = next((g for g in merged if _same(g, group, words, common)), None)
        if home is None:
            group.proper = words
            merged.append(group)
            continue
        home.names.update(group.names)
        home.spans.extend(span for span in group.spans if span not in home.spans)
        home.city = home.city or group.city
    return merged


def _same(home: Group, group: Group, words: frozenset[str], common: frozenset[str]) -> bool:
    if home.entry is not None and group.entry is not None:
        return home.entry is group.entry
    if home.entry is not None:
        names = [proper_words(name, common) for name in home.entry.names]
        return bool(words) and any(words == known for known in names if known)
    if not words or not home.proper:
        return False
    contained = words <= home.proper
    # "Waikato Hospital" beside "Waikato District Health Board": a site is not its group
    return contained and (home.kind == group.kind or (words == home.proper and len(words) > 1) or len(words) > 1)


def _key(name: str) -> str:
    return "-".join(_WORDS.findall(fold(name)))


def known_spans(document: Document, found: Iterable[tuple[int, Found]]) -> list[tuple[int, int, Entry]]:
    """Offsets of registry entries found in sentences."""
    spans = []
    for index, hit in found:
        tokens = document.sentences[index].tokens
        spans.append((tokens[hit.first].start, tokens[hit.last - 1].end, hit.entry))
    return spans


def specific(groups: Sequence[Group]) -> list[Group]:
    """Bodies, a general one (`ARS`) taken for the only special one of its name (`ARS Île-de-France`)."""
    kept: list[Group] = []
    for group in groups:
        names = {fold(name) for name in group.names}
        heirs = [
            g
            for g in groups
            if g is not group and any(fold(n).startswith(tuple(f"{x} " for x in names)) for n in g.names)
        ]
        if len(heirs) == 1:
            heirs[0].names.update(group.names)
            heirs[0].spans.extend(group.spans)
        else:
            kept.append(group)
    return kept
