"""Sentences and tokens with offsets into an article's text.

spaCy's blank pipelines do the tokenising and sentence splitting (rules per language, no downloaded model);
PyStemmer's Snowball stemmers give each word its stem. Offsets count Unicode code points of ``Article.text``.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import lru_cache
from typing import NamedTuple

import spacy
import Stemmer
from spacy.language import Language

SNOWBALL = {
    "de": "german",
    "en": "english",
    "es": "spanish",
    "fr": "french",
    "it": "italian",
    "nl": "dutch",
    "pt": "portuguese",
}
_LINE = re.compile(r"[^\n]+")
_LIGATURES = str.maketrans({"œ": "oe", "æ": "ae", "ß": "ss", "ø": "o", "ł": "l", "’": "'", "‘": "'", "ʼ": "'"})


class Token(NamedTuple):
    """One token. ``fold`` is its lower-case form without accents, ``stem`` that of its Snowball stem."""

    text: str
    fold: str
    stem: str
    start: int
    end: int

    @property
    def capitalised(self) -> bool:
        """Whether it begins like a name."""
        return self.text[:1].isupper()

    @property
    def word(self) -> bool:
        """Whether it holds a letter or a digit."""
        return any(c.isalnum() for c in self.text)


@dataclass(frozen=True, slots=True)
class Sentence:
    """A sentence: its tokens, its place in the article and in its paragraph (both from 0)."""

    tokens: tuple[Token, ...]
    index: int
    paragraph: int
    first: bool  # the first of its paragraph
    last: bool  # the last of its paragraph

    @property
    def start(self) -> int:
        """Offset of the first character."""
        return self.tokens[0].start

    @property
    def end(self) -> int:
        """Offset behind the last character."""
        return self.tokens[-1].end


@dataclass(frozen=True, slots=True)
class Document:
    """A text, analysed."""

    text: str
    language: str
    sentences: tuple[Sentence, ...]


@lru_cache(maxsize=200_000)
def plain(text: str) -> str:
    """Lower case with straight apostrophes, accents kept: `dès` is not `des`."""
    return text.lower().replace("’", "'")


@lru_cache(maxsize=200_000)
def fold(text: str) -> str:
    """Lower case, without accents and typographic variants: what two spellings of a word share.

    >>> fold("Hôpital d’Œuvre")
    "hopital d'oeuvre"
    """
    lowered = text.translate(_LIGATURES).lower().translate(_LIGATURES)
    if lowered.isascii():
        return lowered
    return "".join(c for c in unicodedata.normalize("NFKD", lowered) if not unicodedata.combining(c))


@dataclass(slots=True)
class Analyser:
    """Turns text of one language into a :class:`Document`. Make one per process and language, and keep it."""

    language: str
    _pipeline: Language = field(init=False, repr=False)
    _stemmer: Stemmer.Stemmer | None = field(init=False, repr=False)
    _words: dict[str, tuple[str, str]] = field(init=False, repr=False, default_factory=dict)

    def __post_init__(self) -> None:
        """Load the rules of the language; one that spaCy does not know gets its multi-language rules."""
        try:
            self._pipeline = spacy.blank(self.language)
        except ImportError:
            self._pipeline = spacy.blank("xx")
        self._pipeline.add_pipe("sentencizer")
        name = SNOWBALL.get(self.language)
        self._stemmer = Stemmer.Stemmer(name) if name else None

    def word(self, text: str) -> tuple[str, str]:
        """The folded form and the folded stem of one word."""
        known = self._words.get(text)
        if known is None:
            lowered = text.translate(_LIGATURES).lower()
            stem = self._stemmer.stemWord(lowered) if self._stemmer else lowered
            known = (fold(text), fold(stem))
            if len(self._words) < 500_000:
                self._words[text] = known
        return known

    def analyse(self, text: str) -> Document:
        """Split a text into sentences; a line break always ends one."""
        sentences: list[Sentence] = []
        for number, line in enumerate(_LINE.finditer(text)):
            found = list(self._split(line.group(), line.start()))
            for position, tokens in enumerate(found):
                sentences.append(Sentence(tokens, len(sentences), number, position == 0, position == len(found) - 1))
        return Document(text, self.language, tuple(sentences))

    def _split(self, line: str, offset: int) -> Iterator[tuple[Token, ...]]:
        doc = self._pipeline(line)
        tokens: list[Token] = []
        for token in doc:
            if token.is_sent_start and tokens and not _continues(tokens, token.text):
                yield tuple(tokens)
                tokens = []
            text = token.text
            if text.isspace():
                continue
            start = offset + token.idx
            folded, stem = self.word(text)
            tokens.append(Token(text, folded, stem, start, start + len(text)))
        if tokens:
            yield tuple(tokens)


def _continues(before: list[Token], following: str) -> bool:
    """Whether a sentence that the splitter closed goes on: after an initial (`J. Rougier`) or in lower case."""
    if following[:1].islower():
        return True
    previous = before[-1].text
    return bool(len(before) > 1 and previous == "." and len(before[-2].text) == 1 and before[-2].text.isupper())
