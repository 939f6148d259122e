"""A sentence as the units that patterns match: words that matter, and entities as one unit each."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
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
    covering: dict[int, Entity] = {}
    for entity in sorted(entities, key=lambda e: (e.first - e.last, e.first)):
        if not any(i in covering for i in range(entity.first, entity.last)):
            for i in range(entity.first, entity.last):
                covering[i] = entity
    units: list[Unit] = []
    records: list[str] = []
    offsets: list[int] = []
    position = 0
    at = 0
    tokens = sentence.tokens
    while at < len(tokens):
        entity_here = covering.get(at)
        if entity_here is not None:
            words = "_".join(token.fold for token in tokens[at : entity_here.last])
            tag = "#" if entity_here.tag == "number" else "@" + entity_here.tag
            record = f"{_clean(words)}|{_clean(words)}|{tag} "
            unit = Unit(at, entity_here.last, entity_here)
            at = entity_here.last
        else:
            token = tokens[at]
            at += 1
            if plain(token.text) in skipped or not (token.word or token.fold in _MARKS):
                continue
            record = f"{_clean(token.fold)}|{_clean(token.stem)}|{_tag(token)} "
            unit = Unit(at - 1, at, None)
        units.append(unit)
        records.append(record)
        offsets.append(position)
        position += len(record)
    return Units(sentence, tuple(units), "".join(records), tuple(offsets))


def _clean(text: str) -> str:
    return text.replace("|", "_").replace(" ", "_")


def _tag(token: Token) -> str:
    if token.text[0].isdigit():
        return "@year" if _YEAR.fullmatch(token.text) else "@digits"
    if len(token.text) > 1 and token.text.isupper():
        return "@name@caps"
    return "@name" if token.capitalised else ""
