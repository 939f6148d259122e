"""How alike a mention and an entry are, feature by feature.

Names are compared by their words weighted by rarity (soft: a misspelt word still counts), so that "Hôpital de Dax" and
"Centre hospitalier de Dax" are equal while "Memorial Hospital" and "Mercy Memorial Hospital" are not.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from rapidfuzz import fuzz
from rapidfuzz.distance import JaroWinkler

from codegrey.link.index import Index, Known, initials
from codegrey.link.names import Key
from codegrey.registry.places import Point, kilometres

SAME_TOWN, NEARBY = 12.0, 45.0  # kilometres
ALIKE = 0.92  # Jaro-Winkler from which two words are one word misspelt ("corbeil essonne" for "essonnes")
SOLE = 0.94  # likeness of "the hospital of a town" and the only hospital there
ACRONYM = 0.84  # likeness of a name and its initials in the same town
RARE = 0.55  # weight from which a shared word tells more than what it is beside


@dataclass(frozen=True, slots=True)
class Mention:
    """An organisation as written, with what the text around it says."""

    keys: tuple[Key, ...]
    city: str = ""  # folded
    country: str = ""
    points: tuple[Point, ...] = ()  # where the cities of that name are
    kinded: bool = True  # it is called a hospital, clinic …, or by its name alone
    ambiguous: bool = False  # its distinctive words are a place's name that several towns have, and no town is given


@dataclass(frozen=True, slots=True)
class Features:
    """What speaks for and against a candidate.

    ``name`` 0…1; ``exact`` the same words as written; ``same`` the same words in any order, kind included; ``city`` and
    ``country`` are 1 (the same), 0 (not known), -1 (another); ``sole`` it is the only hospital of the town that the
    mention is called after; ``rarity`` of the best shared word, 0…1.
    """

    name: float
    exact: bool
    same: bool
    city: int
    country: int
    sole: bool
    rarity: float


def compare(mention: Mention, known: Known, index: Index) -> Features:
    """The features of one candidate."""
    name, exact, same, rarity = 0.0, False, False, 0.0
    for left in mention.keys:
        for right in known.keys:
            as_written = left.words == right.words
            alike = left.bag == right.bag and bool(left.core)
            likeness, shared = (
                (1.0, _rarity(left, index)) if as_written or alike else _names(left, right, mention, known, index)
            )
            if (likeness, as_written, alike) > (name, exact, same):
                name, exact, same, rarity = likeness, as_written, alike or as_written, shared
    city = _near(mention, known)
    if name < ACRONYM and city == 1 and _acronym(mention, known):
        name, rarity = ACRONYM, RARE
    sole = city >= 0 and known.entry.iri in index.sole(mention.keys, mention.country)
    if sole and known.unit is False:
        name, rarity = max(name, SOLE), max(rarity, RARE)
    elif known.unit and not same:
        name *= 0.8
    return Features(
        name=round(name, 4),
        exact=exact,
        same=same,
        city=1 if sole and city == 0 else city,
        country=_agreement(mention.country, known.entry.country),
        sole=sole,
        rarity=round(rarity, 4),
    )


def _acronym(mention: Mention, known: Known) -> bool:
    """Whether one of the two is called by the other's initials: "CHSF", "CHBA Site de Vannes"."""
    ours, theirs = {initials(key) for key in mention.keys} - {""}, {word for key in known.keys for word in key.core}
    return bool(ours & theirs) or any(key.words in known.initials for key in mention.keys)


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
    return 0


def _rarity(key: Key, index: Index) -> float:
    return max((index.weight(word) for word in key.core), default=0.0)


def _names(left: Key, right: Key, mention: Mention, known: Known, index: Index) -> tuple[float, float]:
    """Likeness of two names and the weight of the rarest word that they share.

    The town that the text gives counts as said: "Lister Hospital" in Stevenage is "Lister Hospital, Stevenage". Where
    the entry's name holds all of the mention's and a rare word is among it, the mention may be its short form.
    """
    if not left.core or not right.core:
        return 0.0, 0.0
    town = mention.city.split()
    here = {word for city in known.cities for word in city.split()}
    rest = list(right.core)
    shared = missing = best = 0.0
    for word in left.core:
        match = _match(word, rest)
        if match:
            rest.remove(match)
            shared += index.weight(match)
            best = max(best, index.weight(match))
        elif word not in here:
            missing += index.weight(word)
    extra = sum(index.weight(word) for word in rest if word not in town)
    if not best:
        return 0.0, 0.0
    alike = 2 * shared / (2 * shared + missing + extra)
    if not missing and best >= RARE:
        alike = 0.5 + alike / 2
    return alike * _manner(left, right), best


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
    if left.kind != right.kind and left.kind and right.kind:
        common = len(left.kind & right.kind)
        factor *= 0.86 if not common else 0.97 if left.kind <= right.kind or right.kind <= left.kind else 0.93
    elif left.kind != right.kind:
        factor *= 0.97
    if left.quality != right.quality:
        factor *= 0.95
    return factor
