"""One body or place of the registry as plain data, and all of them together."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from codegrey.registry.places import Places
from codegrey.terms import Iri, Literal, Triple, typed
from codegrey.vocab import CG, DCTERMS, LABEL, OWL, SCHEMA, SKOS, TYPE

_WEB = re.compile(r"https?://[^\s<>\"{}|\\^`]+")


@dataclass(frozen=True, slots=True)
class Entry:
    """A body that has a node of its own whoever writes about it.

    ``kinds`` are class IRIs; ``country`` is ISO 3166-1 alpha-2; ``abbreviations`` are names too, but only in the case
    that they are written in; ``former`` names are out of use. ``identifiers`` read ``scheme:value``
    (``ror:053evvt91``). ``needs_context`` are those names that are other words too (Royal, Play) and
    stand for the entry only where the text speaks of such a body; ``local_names`` mean it only in its own country
    (Ministry of Health).
    """

    iri: Iri
    kinds: tuple[Iri, ...] = ()
    labels: tuple[Literal, ...] = ()
    aliases: tuple[Literal, ...] = ()
    abbreviations: tuple[str, ...] = ()
    former: tuple[Literal, ...] = ()
    country: str = ""
    city: str = ""
    part_of: tuple[Iri, ...] = ()
    location: Iri | None = None
    same_as: tuple[Iri, ...] = ()
    identifiers: tuple[str, ...] = ()
    latitude: float | None = None
    longitude: float | None = None
    website: str = ""
    needs_context: tuple[str, ...] = ()
    local_names: tuple[str, ...] = ()

    @property
    def names(self) -> tuple[str, ...]:
        """Every name, labels first, none twice."""
        literals = (*self.labels, *self.aliases, *self.former)
        return tuple(dict.fromkeys([*(name.lexical for name in literals), *self.abbreviations]))

    @property
    def name(self) -> str:
        """The first label, or what ends the IRI."""
        return self.labels[0].lexical if self.labels else self.iri.rsplit("/", 1)[-1]

    @property
    def triples(self) -> tuple[Triple, ...]:
        """What the graph says of an entry of a full register, as the registry that ships writes it."""
        point = zip(("latitude", "longitude"), (self.latitude, self.longitude), strict=True)
        return (
            *((self.iri, TYPE, kind) for kind in self.kinds),
            *((self.iri, LABEL, label) for label in self.labels),
            *((self.iri, SKOS["altLabel"], alias) for alias in self.aliases),
            *((self.iri, SKOS["hiddenLabel"], name) for name in self.former),
            *((self.iri, CG["countryCode"], Literal(code)) for code in (self.country,) if code),
            *((self.iri, SCHEMA["addressLocality"], Literal(city)) for city in (self.city,) if city),
            *((self.iri, SCHEMA[name], typed(f"{at:.5f}", "decimal")) for name, at in point if at is not None),
            *((self.iri, DCTERMS["identifier"], Literal(identifier)) for identifier in self.identifiers),
            *((self.iri, OWL["sameAs"], other) for other in self.same_as),
            *((self.iri, CG["website"], Iri(site)) for site in (self.website,) if _WEB.fullmatch(site)),
        )


@dataclass(frozen=True, slots=True)
class Registry:
    """All entries, by IRI; the places; and the triples of the entries that ship with codegrey."""

    by_iri: Mapping[Iri, Entry] = field(default_factory=dict)
    triples: tuple[Triple, ...] = ()
    places: Places = field(default_factory=Places)
    base: str = ""

    @property
    def entries(self) -> tuple[Entry, ...]:
        """The entries in the order of their IRIs."""
        return tuple(self.by_iri.values())

    def get(self, iri: Iri) -> Entry | None:
        """One entry, if it is known."""
        return self.by_iri.get(iri)

    def wholes(self, iri: Iri) -> Iterator[Iri]:
        """What an entry is part of, nearest first, the whole chain up."""
        seen, queue = {iri}, [iri]
        while queue:
            entry = self.by_iri.get(queue.pop(0))
            for whole in entry.part_of if entry else ():
                if whole not in seen:
                    seen.add(whole)
                    queue.append(whole)
                    yield whole

    def describe(self, iris: Iterable[Iri]) -> tuple[Triple, ...]:
        """The registry's triples about these nodes and about every whole and place that they lead to.

        An entry of a full register has none until it is described here.
        """
        about: dict[Iri, list[Triple]] = {}
        for triple in self.triples:
            about.setdefault(triple[0], []).append(triple)
        found: dict[Iri, tuple[Triple, ...]] = {}
        queue = list(iris)
        while queue:
            iri = queue.pop()
            if iri in found:
                continue
            entry = self.by_iri.get(iri)
            found[iri] = tuple(about.get(iri) or (entry.triples if entry else self.places.triples(iri, self.base)))
            leads = (o for _, p, o in found[iri] if isinstance(o, str) and o.startswith(self.base))
            queue.extend(Iri(o) for o in leads)
        return tuple(triple for iri in sorted(found) for triple in found[iri])


def make_registry(
    entries: Iterable[Entry], *, triples: Iterable[Triple] = (), places: Places | None = None, base: str = ""
) -> Registry:
    """A registry of these entries; of two with one IRI the later wins."""
    by_iri = {entry.iri: entry for entry in sorted(entries, key=lambda entry: entry.iri)}
    return Registry(by_iri, tuple(triples), places or Places(), base)
