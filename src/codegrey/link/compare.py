"""How alike a mention and an entry are, feature by feature.

Names are compared by their words weighted by rarity (soft: a misspelt word still counts), so that "Hôpital de Dax" and
"Centre hospitalier de Dax" are equal while "Memorial Hospital" and "Mercy Memorial Hospital" are not.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from rapidfuzz import fuzz
from rapidfuzz.distance import JaroWinkler

from codegrey.link.index import Index, Known
from codegrey.link.names import Key
from codegrey.registry.places import Point, kilometres

SAME_TOWN, NEARBY = 12.0, 45.0  # kilometres
ALIKE = 0.92  # Jaro-Winkler from which two words are one word misspelt ("corbeil essonne" for "essonnes")


@dataclass(frozen=True, slots=True)
class Mention:
    """An organisation as written, with what the text around it says."""

    keys: tuple[Key, ...]
    city: str = ""  # folded
    country: str = ""
    points: tuple[Point, ...] = ()  # where the cities of that name are


@dataclass(frozen=True, slots=True)
class Features:
    """What speaks for and against a candidate.

    ``name`` 0…1; ``exact`` the same words as written; ``city`` and ``country`` are 1 (the same), 0 (not known), -1
    (another); ``kind`` the same with 0 where one of the two says nothing; ``rarity`` of the best shared word, 0…1.
    """

    name: float
    exact: bool
    city: int
    country: int
    kind: int
    rarity: float


def compare(mention: Mention, known: Known, index: Index) -> Features:
    """The features of one candidate."""
    name, exact, rarity = 0.0, False, 0.0
    for left in mention.keys:
        for right in known.keys:
            same = left.words == right.words
            likeness, shared = (1.0, _rarity(left, index)) if same else _names(left, right, known, index)
            if (likeness, same) > (name, exact):
                name, exact, rarity = likeness, same, shared
    return Features(
        name=round(name, 4),
        exact=exact,
        city=_near(mention, known),
        country=_agreement(mention.country, known.entry.country),
        kind=_kinds(mention.keys, known.keys),
        rarity=round(rarity, 4),
    )


def _agreement(left: str, right: str) -> int:
    if not left or not right:
        return 0
    return 1 if left == right else -1


def _near(mention: Mention, known: Known) -> int:
    """1 in the same town, 0 nearby or not known, -1 elsewhere: by name first, then by distance."""
    if not mention.city:
        return 0
    if any(mention.city == city or fuzz.ratio(mention.city, city) > 90 for city in known.cities):
        return 1
    if mention.points and known.points:
        away = min(kilometres(here, there) for here in mention.points for there in known.points)
        return 1 if away <= SAME_TOWN else 0 if away <= NEARBY else -1
    return -1 if known.cities else 0


def _kinds(left: Sequence[Key], right: Sequence[Key]) -> int:
    ours = frozenset().union(*(key.kind for key in left))
    theirs = frozenset().union(*(key.kind for key in right))
    if not ours or not theirs:
        return 0
    return 1 if ours & theirs else -1


def _rarity(key: Key, index: Index) -> float:
    return max((index.weight(word) for word in key.core), default=0.0)


def _names(left: Key, right: Key, known: Known, index: Index) -> tuple[float, float]:
    """Likeness of two names and the weight of the rarest word that they share.

    Words of the entry's city count for the entry even where its name lacks them.
    """
    if not left.core or not right.core:
        return 0.0, 0.0
    ours, theirs = list(left.core), list(right.core)
    shared_ours = shared_theirs = best = 0.0
    rest = list(theirs)
    city = {word for name in known.cities for word in name.split()}
    for word in ours:
        match = _match(word, rest)
        if match:
            rest.remove(match)
            shared_ours += index.weight(word)
            shared_theirs += index.weight(match)
            best = max(best, index.weight(match))
        elif word in city:
            shared_ours += index.weight(word) * 0.7
    total_ours = sum(index.weight(word) for word in ours)
    total_theirs = sum(index.weight(word) * (0.3 if word in city else 1.0) for word in rest) + shared_theirs
    if not best:
        return 0.0, 0.0
    core = 2 * min(shared_ours, total_ours) / (total_ours + total_theirs + max(0.0, shared_ours - shared_theirs))
    return min(1.0, core) * _manner(left, right), best


def _match(word: str, others: Sequence[str]) -> str:
    if word in others:
        return word
    if len(word) < 5:
        return ""
    best = max(others, key=lambda other: JaroWinkler.similarity(word, other), default="")
    return best if len(best) >= 5 and JaroWinkler.similarity(word, best) >= ALIKE else ""


def _manner(left: Key, right: Key) -> float:
    """A factor for what the two say that they are: 1 for the same, less for another kind or quality."""
    factor = 1.0
    if left.kind and right.kind and not left.kind & right.kind:
        factor *= 0.9
    elif left.kind != right.kind:
        factor *= 0.97
    if left.quality != right.quality:
        factor *= 0.96
    return factor
