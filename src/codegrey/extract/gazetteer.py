"""Names that the registry knows, found in running text by a trie over folded tokens."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field

from codegrey.registry import Entry
from codegrey.text import Sentence, Token, fold
from codegrey.vocab import CG

_PARTS = re.compile(r"[^-–'.]+")
_SEPARATORS = frozenset("-–'’.,&/")


@dataclass(frozen=True, slots=True)
class Known:
    """A name of an entry: ``exact`` holds its spelling where only that will do (acronyms)."""

    entry: Entry
    exact: str = ""


@dataclass(slots=True)
class _Node:
    children: dict[str, _Node] = field(default_factory=dict)
    names: list[Known] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Found:
    """An entry named from token ``first`` to before token ``last`` of a sentence; ``rivals`` bear the same name."""

    first: int
    last: int
    entry: Entry
    rivals: tuple[Entry, ...] = ()


@dataclass(frozen=True, slots=True)
class Gazetteer:
    """All names of a set of entries. Build it once."""

    root: _Node

    def find(self, sentence: Sentence) -> list[Found]:
        """The entries that a sentence names, the longest name at each place."""
        tokens = sentence.tokens
        found: list[Found] = []
        at = 0
        while at < len(tokens):
            hit = self._longest(tokens, at)
            if hit is None:
                at += 1
            else:
                found.append(hit)
                at = hit.last
        return found

    def _longest(self, tokens: tuple[Token, ...], first: int) -> Found | None:
        node, best = self.root, None
        for last in range(first, len(tokens)):
            word = tokens[last].fold
            if word in _SEPARATORS and last > first:
                continue
            following = _follow(node, word)
            if following is None:
                break
            node = following
            fitting = [known.entry for known in node.names if _fits(known, tokens[first : last + 1])]
            if fitting:
                best = Found(first, last + 1, fitting[0], tuple(fitting[1:]))
        return best


def _follow(node: _Node, word: str) -> _Node | None:
    """The node behind a token; one with hyphens or an elision (`Hauts-de-France`, `d'information`) is several words."""
    direct = node.children.get(word.strip("'"))
    if direct is not None or not any(c in word for c in "-–'."):
        return direct
    following: _Node | None = node
    for part in _PARTS.findall(word):
        following = following.children.get(part) if following is not None else None
    return following


def _fits(known: Known, tokens: tuple[Token, ...]) -> bool:
    written = "".join(token.text for token in tokens)
    if not known.exact:
        return any(token.capitalised for token in tokens) or len(tokens) > 2
    plain = "".join(c for c in known.exact if c.isalnum())
    bare = "".join(c for c in written if c.isalnum())
    if known.exact in known.entry.needs_context or len(plain) <= 3:
        return bare == plain
    return bare[:1].isupper() and bare.casefold() == plain.casefold()


def needs_context(entry: Entry, tokens: tuple[Token, ...]) -> bool:
    """Whether these tokens are a name of an entry that is another word too (Royal, Play)."""
    written = _letters("".join(token.text for token in tokens))
    return any(_letters(name) == written for name in entry.needs_context)


def _letters(name: str) -> str:
    return "".join(c for c in fold(name) if c.isalnum())


def make_gazetteer(entries: Iterable[Entry]) -> Gazetteer:
    """Index the names of entries; of two entries with one name the first stays first."""
    root = _Node()
    for entry in entries:
        for name in entry.names:
            words = [w for w in fold(name).replace("-", " ").replace("–", " ").replace("'", "' ").split() if w != "'"]
            words = [w.strip("'.,&/()") for w in words]
            words = [w for w in words if w]
            if not words or (len(words) == 1 and len(words[0]) < 3):
                continue
            node = root
            for word in words:
                node = node.children.setdefault(word, _Node())
            short = len(words) == 1
            node.names.append(Known(entry, name if short else ""))
    return Gazetteer(root)


ACTOR_KINDS = frozenset({CG["ThreatActor"], CG["Malware"], CG["RansomwareFamily"]})
