"""The pattern notation of the lexicon, compiled to regular expressions over units.

A sentence is a string of units, one record each: ``fold|stem|tags`` and a blank. A pattern is a sequence of

======================  ====================================================================================
``postponed``           a word with the same stem (Snowball, accents folded)
``=attacks``            a word of exactly this form (accents folded, case ignored)
``IT``                  a word in capitals, in capitals
``encrypt*``            a word that begins so
``<surgery>``           a word set of the lexicon
``#``                   a number
``@org`` ``@date``      a recognised entity of that tag
``(a|b c)``             alternatives
``x?``                  optional
``..`` ``..5``          a gap of up to 3 or 5 units; it crosses no entity of a kind that the pattern names (``@org``)
``...`` ``...9``        a gap of up to 7 or 9 units; no gap crosses a semicolon, colon or question mark
``A & B`` ``A &5 B``    both, in either order, with a gap of up to 7 (or 5) units between them
``{n: #}``              a captured part
``^``                   the beginning of the sentence
======================  ====================================================================================

Words that the lexicon lists as skipped (articles, auxiliaries) are no units, so a pattern may hold them or not.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from codegrey.errors import OntologyError
from codegrey.text import plain

START = r"(?<![^ ])"
_BREAK = ";:?"
_GAP_UNIT = rf"(?:[^ {_BREAK}]\S* )"
_LEXEME = re.compile(
    r"(?P<gap>\.\.+\d*)|(?P<both>&\d*)|(?P<set><[\w-]+>)|(?P<open>\()|(?P<close>\))|(?P<bar>\|)|(?P<optional>\?)"
    r"|\{(?P<capture>\w+):|(?P<end>\})|(?P<number>\#)|(?P<tag>@\w+)|(?P<start>\^)|=(?P<form>[^\s()|{}<>?]+)"
    r"|(?P<prefix>[^\s()|{}<>?=&#@^*]+)\*|(?P<word>[^\s()|{}<>?=&#@^*]+)|(?P<space>\s+)|(?P<wrong>.)"
)


@dataclass(frozen=True, slots=True, order=True)
class Anchor:
    """A word that a match must hold: a stem, a form, a prefix or a tag."""

    kind: str
    value: str


Anchors = frozenset[Anchor]


@dataclass(frozen=True, slots=True)
class Pattern:
    """A compiled pattern. Of each set in ``required`` one must stand in a matching sentence; rarest first."""

    source: str
    regex: re.Pattern[str]
    required: tuple[Anchors, ...]


@dataclass(frozen=True, slots=True)
class _Part:
    """A piece of regular expression, and the anchor sets of which each must be met."""

    regex: str
    required: tuple[Anchors, ...] = ()


Word = Callable[[str], tuple[str, str]]


@dataclass(slots=True)
class Compiler:
    """Compiles the patterns of one language.

    ``word`` gives fold and stem of a word, ``skipped`` the words in lower case that are no units, ``sets`` the sets.
    """

    word: Word
    skipped: frozenset[str]
    sets: Mapping[str, tuple[str, ...]]

    def compile(self, source: str) -> Pattern:
        """Compile one pattern.

        :raises OntologyError: where the notation is broken, with the pattern and the place.
        """
        part = _Parser(self, source).parse()
        return Pattern(source, re.compile(START + part.regex), tuple(sorted(part.required, key=_cost)))


def _cost(anchors: Anchors) -> tuple[int, int]:
    return (any(a.kind == "tag" for a in anchors), len(anchors))


class _Parser:
    """Recursive descent over one pattern."""

    def __init__(self, compiler: Compiler, source: str, depth: int = 0) -> None:
        self._compiler = compiler
        self._source = source
        self._depth = depth
        self._tokens = [
            (m.lastgroup or "", m.group(m.lastgroup or 0), m.start())
            for m in _LEXEME.finditer(source)
            if m.lastgroup != "space"
        ]
        self._at = 0

    def parse(self) -> _Part:
        part = self._alternatives()
        if self._at < len(self._tokens):
            raise self._error("unexpected")
        if not part.regex:
            raise self._error("nothing but skipped words")
        return part

    def _error(self, what: str) -> OntologyError:
        place = self._tokens[self._at][2] if self._at < len(self._tokens) else len(self._source)
        return OntologyError(f"pattern {self._source!r}: {what} at character {place + 1}")

    def _peek(self) -> str:
        return self._tokens[self._at][0] if self._at < len(self._tokens) else ""

    def _alternatives(self) -> _Part:
        options = [self._both()]
        while self._peek() == "bar":
            self._at += 1
            options.append(self._both())
        if len(options) == 1:
            return options[0]
        return _either(options)

    def _both(self) -> _Part:
        left = self._sequence()
        while self._peek() == "both":
            distance = self._tokens[self._at][1][1:]
            self._at += 1
            right = self._sequence()
            gap = f"{_GAP_UNIT}{{0,{distance or 7}}}?"
            left = _Part(
                f"(?:{left.regex}{gap}{right.regex}|{_anonymous(right.regex)}{gap}{_anonymous(left.regex)})",
                left.required + right.required,
            )
        return left

    def _sequence(self) -> _Part:
        regex, required = "", ()  # type: tuple[str, tuple[Anchors, ...]]
        while self._peek() not in ("", "bar", "both", "close", "end"):
            item = self._item()
            if self._peek() == "optional":
                self._at += 1
                item = _Part(f"(?:{item.regex})?" if item.regex else "")
            regex += item.regex
            required += item.required
        return _Part(regex, required)

    def _item(self) -> _Part:
        kind, value, _ = self._tokens[self._at]
        if kind == "wrong":
            raise self._error("unexpected character")
        self._at += 1
        if kind == "open":
            inner = self._alternatives()
            self._expect("close", "a missing )")
            return _Part(f"(?:{inner.regex})", inner.required) if inner.regex else inner
        if kind == "capture":
            inner = self._alternatives()
            self._expect("end", "a missing }")
            return _Part(f"(?P<{value}>{inner.regex})", inner.required)
        if kind == "gap":
            unit = _GAP_UNIT if value.startswith("...") else _gap_unit(self._source)
            return _Part(f"{unit}{{0,{_distance(value)}}}?")
        return self._leaf(kind, value)

    def _leaf(self, kind: str, value: str) -> _Part:
        if kind == "set":
            return self._set(value[1:-1])
        if kind == "start":
            return _Part(r"(?<!.)")
        if kind == "number":
            return _Part(r"[^| ]*\|[^| ]*\|[^ ]*#[^ ]* ", _needs("tag", "#"))
        if kind == "tag":
            return _Part(rf"[^| ]*\|[^| ]*\|[^ ]*@{value[1:]}\b[^ ]* ", _needs("tag", value))
        if kind in ("form", "prefix", "word"):
            return self._word(kind, value)
        self._at -= 1
        raise self._error("unexpected")

    def _word(self, kind: str, value: str) -> _Part:
        folded, stem = self._compiler.word(value)
        skipped = plain(value) in self._compiler.skipped
        if kind == "form" and skipped:
            raise self._error(f"={value} is a skipped word, before")
        if kind == "prefix":
            return _Part(rf"{re.escape(folded)}[^| ]*\|[^ ]* ", _needs("prefix", folded))
        if skipped:
            return _Part("")
        if kind == "form":
            return _Part(rf"{re.escape(folded)}\|[^ ]* ", _needs("form", folded))
        if len(value) > 1 and value.isupper():
            return _Part(rf"{re.escape(folded)}\|[^|]*\|[^ ]*@caps\b[^ ]* ", _needs("form", folded))
        return _Part(rf"[^| ]*\|{re.escape(stem)}\|[^ ]* ", _needs("stem", stem))

    def _set(self, name: str) -> _Part:
        members = self._compiler.sets.get(name)
        if members is None:
            raise self._error(f"unknown word set <{name}>")
        if self._depth > 8:
            raise self._error(f"word set <{name}> holds itself")
        stems, others = [], []
        anchors: set[Anchor] = set()
        for member in members:
            if re.fullmatch(r"[^\s()|{}<>?=&#@^*.]+", member) and not member.isupper():
                stem = self._compiler.word(member)[1]
                stems.append(re.escape(stem))
                anchors.add(Anchor("stem", stem))
            else:
                part = _Parser(self._compiler, member, self._depth + 1).parse()
                others.append(part.regex)
                anchors.update(_rarest(part.required))
        if stems:
            others.append(rf"[^| ]*\|(?:{'|'.join(sorted(set(stems)))})\|[^ ]* ")
        return _Part(f"(?:{'|'.join(others)})", (frozenset(anchors),))

    def _expect(self, kind: str, problem: str) -> None:
        if self._peek() != kind:
            raise self._error(problem)
        self._at += 1


def _rarest(required: tuple[Anchors, ...]) -> Anchors:
    return min(required, key=_cost) if required else frozenset()


def _needs(kind: str, value: str) -> tuple[Anchors, ...]:
    return (frozenset({Anchor(kind, value)}),)


def _either(options: list[_Part]) -> _Part:
    """One of several; where an option holds nothing but skipped words, none of them need be there."""
    said = [option.regex for option in options if option.regex]
    if len(said) < len(options):
        return _Part(f"(?:{'|'.join(said)})?" if said else "")
    regex = f"(?:{'|'.join(said)})"
    if any(not option.required for option in options):
        return _Part(regex)
    anchors = frozenset[Anchor]().union(*(_rarest(option.required) for option in options))
    return _Part(regex, (anchors,))


def _anonymous(regex: str) -> str:
    """The same expression with its captures renamed, for the second order of ``A & B``."""
    return re.sub(r"\(\?P<(\w+?)_*>", lambda m: f"(?P<{m.group(1)}__>", regex)


def _gap_unit(source: str) -> str:
    """A unit that a short gap of this pattern may cross: none like those that it looks for."""
    sought = [tag for tag in ("org", "body") if f"@{tag}" in source]
    if not sought:
        return _GAP_UNIT
    return rf"(?:[^ {_BREAK}](?!\S*@(?:{'|'.join(sought)}) )\S* )"


def _distance(gap: str) -> int:
    dots = gap.rstrip("0123456789")
    return int(gap[len(dots) :] or (3 if len(dots) == 2 else 7))
