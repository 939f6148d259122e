"""Hash tables over every name of a registry: candidates are looked up, never scanned for.

exact   folded name      → entries
bag     words and codes  → entries   ("hôpital de Cahors" meets "Centre Hospitalier de Cahors")
words   one core word    → entries, rarest words first
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TypeVar

from codegrey.link.names import Key, NameParts, name_parts
from codegrey.registry import Entry, Registry
from codegrey.registry.places import Places, Point, fold
from codegrey.terms import Iri
from codegrey.vocab import CG

HOSPITAL, UNIT = "~hospital", "~unit"  # codes of ontology/linking.ttl
K = TypeVar("K")
FEW = 1000
COMMON = 400  # a word of more entries than this proposes no candidate by itself


@dataclass(frozen=True, slots=True)
class Known:
    """An entry with the keys of its names, ready to be compared; ``cities`` are its own and those of its wholes."""

    entry: Entry
    keys: tuple[Key, ...]
    cities: frozenset[str]
    points: tuple[Point, ...] = ()
    initials: frozenset[str] = frozenset()
    local: frozenset[str] = frozenset()  # folded names that mean it only in its own country
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
    abroad: Mapping[str, str] = field(default_factory=dict)
    acronyms: Mapping[str, tuple[Iri, ...]] = field(default_factory=dict)
    shipped: frozenset[Iri] = frozenset()  # entries that are codegrey's own: each was chosen, so homonyms are rare

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

    def candidates(self, keys: Sequence[Key], country: str = "", city: str = "", limit: int = 40) -> tuple[Iri, ...]:
        """Entries that could be meant: those of the same name or bag, then those that share the rarest words.

        The words of the town count among them, for entries that are called after it.
        """
        found: dict[Iri, float] = {}
        for key in keys:
            for iri in (*self.exact.get(key.words, ()), *self.bags.get(key.bag, ())):
                found[iri] = math.inf
        shared: dict[Iri, float] = defaultdict(float)
        words = {word for key in keys for word in key.core} | set(city.split())
        for key in keys:
            for iri in self.acronyms.get(key.words, ()) + self.exact.get(initials(key), ()):
                shared[iri] += 1.0
            words.add(initials(key))
        for word in words:
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
    abroad = foreign_names(registry.places)
    known = {entry.iri: _known(entry, table, registry, abroad) for entry in registry.entries}
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
        abroad,
        _frozen(_acronyms(known)),
        frozenset(triple[0] for triple in registry.triples),
    )


def foreign_names(places: Places) -> dict[str, str]:
    """One name for each city that has several: "barcelone", "geneva" → "barcelona", "geneve"."""
    return {
        fold(name): fold(place.name)
        for place in places.by_slug.values()
        if place.kind == "city"
        for name in place.names
        if " " not in fold(name) and " " not in fold(place.name)
    }


def localised(keys: Iterable[Key], abroad: Mapping[str, str]) -> tuple[Key, ...]:
    """The keys, and each again with its cities by the one name, none twice."""
    both = [form for key in keys for form in (key, replace(key, core=tuple(abroad.get(w, w) for w in key.core)))]
    return tuple(dict.fromkeys(both))


def _known(entry: Entry, parts: NameParts, registry: Registry, abroad: Mapping[str, str]) -> Known:
    keys = localised((parts.key(name) for name in entry.names), abroad)
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
    local = frozenset(map(fold, entry.local_names))
    acronyms = frozenset(filter(None, map(initials, keys)))
    return Known(entry, tuple(key for key in keys if key.words), frozenset(cities), points, acronyms, local, unit)


def initials(key: Key) -> str:
    """The first letters of a name of three to six words, small ones left out: "chsf"; ``""`` for any other."""
    letters = "".join(word[0] for word in key.words.split() if len(word) > 2)
    return letters if 3 <= len(letters) <= 6 else ""


def _acronyms(known: Mapping[Iri, Known]) -> dict[str, list[Iri]]:
    found: dict[str, list[Iri]] = defaultdict(list)
    for iri, about in known.items():
        for letters in about.initials:
            found[letters].append(iri)
    return found


def _hospitals(known: Mapping[Iri, Known], parts: NameParts) -> dict[tuple[str, str], tuple[Iri, ...]]:
    """General hospitals by country and by the words of their town, as a name called after it has them."""
    towns: dict[tuple[str, str], list[Iri]] = defaultdict(list)
    for iri, about in known.items():
        town = parts.key(about.entry.city).core
        general = any(key.kind == {HOSPITAL} and (key.town or set(key.core) <= set(town)) for key in about.keys)
        if town and general and not about.unit and CG["HealthService"] not in about.entry.kinds:
            towns[about.entry.country, " ".join(town)].append(iri)
    return {town: tuple(iris) for town, iris in towns.items()}


def _frozen(table: Mapping[K, Iterable[Iri]]) -> dict[K, tuple[Iri, ...]]:
    return {key: tuple(dict.fromkeys(iris)) for key, iris in table.items()}


def _weights(words: Mapping[str, Sequence[Iri]], total: int) -> dict[str, float]:
    """1 for a word of one entry, 0.1 for one of all; few entries say little about how rare a word is."""
    top = math.log(max(total, FEW) + 1)
    return {word: max(0.1, 1 - math.log(len(iris)) / top) for word, iris in words.items()}
