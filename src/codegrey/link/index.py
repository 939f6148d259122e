"""Hash tables over every name of a registry: candidates are looked up, never scanned for.

exact   folded name      → entries
bag     words and codes  → entries   ("hôpital de Cahors" meets "Centre Hospitalier de Cahors")
words   one core word    → entries, rarest words first
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TypeVar

from codegrey.link.names import Key, NameParts, name_parts
from codegrey.registry import Entry, Registry
from codegrey.registry.places import Point, fold
from codegrey.terms import Iri

HOSPITAL, UNIT = "~hospital", "~unit"  # codes of ontology/linking.ttl
K = TypeVar("K")
COMMON = 400  # a word of more entries than this proposes no candidate by itself


@dataclass(frozen=True, slots=True)
class Known:
    """An entry with the keys of its names, ready to be compared; ``cities`` are its own and those of its wholes."""

    entry: Entry
    keys: tuple[Key, ...]
    cities: frozenset[str]
    points: tuple[Point, ...] = ()
    unit: bool = False  # a part of a hospital that nobody means by the hospital's name


@dataclass(frozen=True, slots=True)
class Index:
    """The look-up tables of one registry. ``weights`` are the inverse document frequencies of core words (0…1)."""

    registry: Registry
    parts: NameParts
    known: Mapping[Iri, Known] = field(default_factory=dict)
    exact: Mapping[str, tuple[Iri, ...]] = field(default_factory=dict)
    bags: Mapping[tuple[str, ...], tuple[Iri, ...]] = field(default_factory=dict)
    words: Mapping[str, tuple[Iri, ...]] = field(default_factory=dict)
    weights: Mapping[str, float] = field(default_factory=dict)
    hospitals: Mapping[tuple[str, str], tuple[Iri, ...]] = field(default_factory=dict)

    def sole(self, keys: Sequence[Key], country: str) -> frozenset[Iri]:
        """The only hospital of the town that one of these names is called after, as "hôpital de Cahors" is.

        Several sites of one legal entity count as one hospital.
        """
        for key in keys:
            if HOSPITAL in key.kind and key.core:
                found = self.hospitals.get((country, " ".join(key.core)), ())
                if found and len({self._family(iri) for iri in found}) == 1:
                    return frozenset(found)
        return frozenset()

    def _family(self, iri: Iri) -> str:
        entry = self.known[iri].entry
        return next((i for i in entry.identifiers if i.startswith("finess-ej:")), next(iter(entry.part_of), iri))

    def weight(self, word: str) -> float:
        """How much a word tells entries apart; a word that no entry has tells the most."""
        return self.weights.get(word, 1.0)

    def candidates(self, keys: Sequence[Key], country: str = "", limit: int = 40) -> tuple[Iri, ...]:
        """Entries that could be meant: those of the same name or bag, then those that share the rarest words."""
        found: dict[Iri, float] = {}
        for key in keys:
            for iri in (*self.exact.get(key.words, ()), *self.bags.get(key.bag, ())):
                found[iri] = math.inf
        shared: dict[Iri, float] = defaultdict(float)
        for word in {word for key in keys for word in key.core}:
            entries = self.words.get(word, ())
            if len(entries) <= COMMON:
                for iri in entries:
                    shared[iri] += self.weight(word)
        best = sorted(shared, key=lambda iri: (-shared[iri], iri))[:limit]
        for key in keys:
            if HOSPITAL in key.kind and key.core:
                for iri in self.hospitals.get((country, " ".join(key.core)), ())[:limit]:
                    found[iri] = math.inf
        return (*sorted(found), *(iri for iri in best if iri not in found))


def make_index(registry: Registry, parts: NameParts | None = None) -> Index:
    """Index every name of a registry."""
    table = parts or name_parts()
    known = {entry.iri: _known(entry, table, registry) for entry in registry.entries}
    exact, bags, words = defaultdict(list), defaultdict(list), defaultdict(list)
    for iri, about in known.items():
        for key in about.keys:
            exact[key.words].append(iri)
            if key.core:
                bags[key.bag].append(iri)
        for word in {word for key in about.keys for word in key.core}:
            words[word].append(iri)
    return Index(
        registry,
        table,
        known,
        _frozen(exact),
        _frozen(bags),
        _frozen(words),
        _weights(words, len(known)),
        _hospitals(known, table),
    )


def _known(entry: Entry, parts: NameParts, registry: Registry) -> Known:
    keys = dict.fromkeys(parts.key(name) for name in entry.names)
    wholes = (registry.by_iri.get(iri) for iri in registry.wholes(entry.iri)) if entry.part_of else ()
    cities = {fold(one.city) for one in (entry, *wholes) if one and one.city}
    points: tuple[Point, ...] = ()
    if entry.latitude is not None and entry.longitude is not None:
        points = ((entry.latitude, entry.longitude),)
    elif entry.location:
        place = registry.places.by_slug.get(entry.location.rsplit("/", 1)[-1])
        points = ((float(place.latitude), float(place.longitude)),) if place and place.latitude else ()
    elif entry.city:
        points = registry.places.points(entry.city, entry.country)
    unit = any(UNIT in key.kind for key in keys)
    return Known(entry, tuple(key for key in keys if key.words), frozenset(cities), points, unit)


def _hospitals(known: Mapping[Iri, Known], parts: NameParts) -> dict[tuple[str, str], tuple[Iri, ...]]:
    """General hospitals by country and by the words of their town, as a name called after it has them."""
    towns: dict[tuple[str, str], list[Iri]] = defaultdict(list)
    for iri, about in known.items():
        general = any(key.kind == {HOSPITAL} and not key.quality for key in about.keys)
        if general and not about.unit and about.entry.city:
            towns[about.entry.country, " ".join(parts.key(about.entry.city).core)].append(iri)
    return {town: tuple(iris) for town, iris in towns.items()}


def _frozen(table: Mapping[K, Iterable[Iri]]) -> dict[K, tuple[Iri, ...]]:
    return {key: tuple(dict.fromkeys(iris)) for key, iris in table.items()}


def _weights(words: Mapping[str, Sequence[Iri]], total: int) -> dict[str, float]:
    top = math.log(total + 1) or 1.0
    return {word: max(0.1, math.log((total + 1) / len(iris)) / top) for word, iris in words.items()}
