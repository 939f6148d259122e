"""A sentence as the units that patterns match: words that matter, and entities as one unit each."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import NamedTuple

from codegrey.text import Sentence, Token, plain


class Entity(NamedTuple):
    """A recognised stretch of tokens of one sentence: ``first`` to before ``last``, its tag, and what it stands for."""

    first: int
    last: int
    tag: str
    value: object = None


class Unit(NamedTuple):
    """One unit: the tokens it covers, and the entity that it is, if it is one."""

    first: int
    last: int
    entity: Entity | None


@dataclass(frozen=True, slots=True)
class Units:
    """The units of a sentence and their records as one string, for regular expressions."""

    sentence: Sentence
    units: tuple[Unit, ...]
    records: str
    offsets: tuple[int, ...]  # where each unit's record begins

    def at(self, offset: int) -> int:
        """The unit whose record holds an offset."""
        return bisect_right(self.offsets, offset) - 1

    def tokens(self, first: int, last: int) -> Sequence[Token]:
        """The tokens from unit ``first`` to before unit ``last``."""
        if first >= last:
            return ()
        return self.sentence.tokens[self.units[first].first : self.units[last - 1].last]


_MARKS = frozenset(";:?")
_YEAR = re.compile(r"(?:19[89]|20[0-4])\d")


def make_units(sentence: Sentence, entities: Sequence[Entity], skipped: frozenset[str]) -> Units:
    """Lay entities (longest first where they overlap) over a sentence and drop what is no unit."""
    covering = _covering(entities)
    units: list[Unit] = []
    records: list[str] = []
    offsets: list[int] = []
    position = at = 0
    tokens = sentence.tokens
    while at < len(tokens):
        entity = covering.get(at)
        if entity is not None:
            unit, record = Unit(at, entity.last, entity), _entity_record(tokens[at : entity.last], entity)
            at = entity.last
        else:
            unit, record = Unit(at, at + 1, None), token_record(tokens[at], skipped)
            at += 1
        if record:
            units.append(unit)
            records.append(record)
            offsets.append(position)
            position += len(record)
    return Units(sentence, tuple(units), "".join(records), tuple(offsets))


def _covering(entities: Sequence[Entity]) -> dict[int, Entity]:
    covering: dict[int, Entity] = {}
    for entity in sorted(entities, key=lambda e: (e.first - e.last, e.first)):
        if not any(i in covering for i in range(entity.first, entity.last)):
            covering.update(dict.fromkeys(range(entity.first, entity.last), entity))
    return covering


def _entity_record(tokens: Sequence[Token], entity: Entity) -> str:
    words = _clean("_".join(token.fold for token in tokens))
    return f"{words}|{words}|{'#' if entity.tag == 'number' else '@' + entity.tag} "


@lru_cache(maxsize=200_000)
def _word_record(text: str, folded: str, stem: str) -> str:
    return f"{_clean(folded)}|{_clean(stem)}|{_tag(text)} "


def token_record(token: Token, skipped: frozenset[str]) -> str:
    """The record of a word; ``""`` for one that is no unit."""
    if not token.text[0].isalnum() and not token.word and token.fold not in _MARKS:
        return ""
    if plain(token.text) in skipped:
        return ""
    return _word_record(token.text, token.fold, token.stem)


def _clean(text: str) -> str:
    return text.replace("|", "_").replace(" ", "_")


def _tag(text: str) -> str:
    if text[0].isdigit():
        return "@year" if _YEAR.fullmatch(text) else "@digits"
    if len(text) > 1 and text.isupper():
        return "@name@caps"
    return "@name" if text[0].isupper() else ""
