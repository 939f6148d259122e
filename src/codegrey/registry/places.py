"""Countries, regions and cities: from a name to the place, and from a city to its country.

Cities come from ``ontology/registry/cities.tsv`` (GeoNames, CC BY 4.0), one row a city, most populous first among
those of one name; countries and regions from ``places.ttl``.
"""

from __future__ import annotations

import math
import re
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from codegrey.terms import Iri, Literal, Triple, typed
from codegrey.vocab import CG, DCTERMS, LABEL, SCHEMA, TYPE

_LETTERS = str.maketrans({"œ": "oe", "æ": "ae", "ß": "ss", "ø": "o", "ł": "l", "đ": "d", "ı": "i"})


def fold(name: str) -> str:
    """Lower case without accents or punctuation, words parted by one blank."""
    plain = unicodedata.normalize("NFKD", name.lower().translate(_LETTERS))
    return " ".join(re.findall(r"[^\W_]+", "".join(c for c in plain if not unicodedata.combining(c))))


Point = tuple[float, float]


def kilometres(left: Point, right: Point) -> float:
    """The great-circle distance of two points in degrees (haversine, sphere of 6371 km)."""
    north, south = math.radians(left[0]), math.radians(right[0])
    east = math.radians(right[1] - left[1])
    half = math.sin((south - north) / 2) ** 2 + math.cos(north) * math.cos(south) * math.sin(east / 2) ** 2
    return 2 * 6371.0 * math.asin(math.sqrt(min(1.0, half)))


@dataclass(frozen=True, slots=True)
class Place:
    """A country, region or city. ``slug`` ends its IRI; ``within`` is the slug of the region or country around it."""

    slug: str
    name: str
    kind: str  # "country", "region" or "city"
    country: str
    within: str = ""
    latitude: str = ""
    longitude: str = ""
    geonames: str = ""
    population: int = 0
    names: tuple[str, ...] = ()

    @property
    def weight(self) -> int:
        """How well known it is: its people; Vermont is the state, not the suburb of Melbourne."""
        return {"country": 1 << 40, "region": 300_000}.get(self.kind, self.population)


@dataclass(frozen=True, slots=True)
class Places:
    """Places by slug and by folded name."""

    by_slug: Mapping[str, Place] = field(default_factory=dict)
    by_name: Mapping[str, tuple[Place, ...]] = field(default_factory=dict)

    def named(self, name: str) -> tuple[Place, ...]:
        """Every place of this name: countries first, then by population (a region counts as a large city)."""
        return self.by_name.get(fold(name), ())

    def find(self, name: str, country: str = "") -> Place | None:
        """The place that is meant by a name: of that country if it is given, else the best known one."""
        found = [place for place in self.named(name) if not country or place.country == country]
        cities = [place for place in found if place.kind == "city"]
        return next(iter(cities or found), None)

    def points(self, name: str, country: str = "") -> tuple[Point, ...]:
        """Where the cities of a name are, those of one country if it is given."""
        found = (p for p in self.named(name) if p.kind == "city" and p.latitude and p.country == (country or p.country))
        return tuple((float(place.latitude), float(place.longitude)) for place in found)

    def country_of(self, name: str) -> str:
        """The country that a place's name leads to, or ``""`` where several are as likely.

        The best known place of a name decides when it has five times the people of any namesake abroad.
        """
        found = self.named(name)
        if not found:
            return ""
        first = found[0]
        rivals = [place.weight for place in found[1:] if place.country != first.country]
        clear = all(first.weight >= 5 * rival for rival in rivals)
        return first.country if clear else ""

    def triples(self, iri: Iri, base: str) -> tuple[Triple, ...]:
        """What is known of the city whose IRI this is; nothing for any other node."""
        place = self.by_slug.get(iri.removeprefix(base + "place/"))
        if place is None or place.kind != "city":
            return ()
        within = [(iri, CG["partOf"], Iri(f"{base}place/{place.within}"))] if place.within else []
        point: list[tuple[Iri, Iri, Literal]] = [
            (iri, SCHEMA["latitude"], typed(place.latitude, "decimal")),
            (iri, SCHEMA["longitude"], typed(place.longitude, "decimal")),
            (iri, CG["countryCode"], Literal(place.country)),
            (iri, DCTERMS["identifier"], Literal(f"geonames:{place.geonames}")),
        ]
        label = (iri, LABEL, Literal(place.name))
        return ((iri, TYPE, CG["City"]), label, *within, *(triple for triple in point if triple[2].lexical))


def make_places(places: Iterable[Place]) -> Places:
    """Index places by slug and by every folded name."""
    ordered = sorted(places, key=lambda place: (-place.weight, place.slug))
    by_name: dict[str, list[Place]] = {}
    for place in ordered:
        for name in dict.fromkeys(fold(name) for name in (place.name, *place.names)):
            by_name.setdefault(name, []).append(place)
    return Places({place.slug: place for place in ordered}, {name: tuple(them) for name, them in by_name.items()})
