"""Rows of several registers → one entry for each organisation.

Two rows are one organisation if they share an identifier, or if they have the same words and are at the same place and
no identifier speaks against it (two Wikidata items are two organisations, whatever they are called).
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from codegrey.link.names import Key, NameParts, name_parts
from codegrey.registry import Entry
from codegrey.registry.places import Places, Point, fold, kilometres
from codegrey.registry.register import Row, read_register
from codegrey.terms import Iri, Literal
from codegrey.vocab import CG

UNIQUE = ("wikidata", "ror", "finess", "ods", "cms")  # schemes of which an organisation has one identifier
SAME_PLACE, SAME_TOWN = 6.0, 10.0  # kilometres between two buildings, between a building and a town's middle
_ARRONDISSEMENT = re.compile(r"\s+\d+\w*\s+arrondissement$", re.IGNORECASE)
_DANGLING = {"de", "du", "des", "la", "le", "les", "et", "-", "site", "sur", "d", "l", "saint", "st"}
_WEB = {"wikidata": "http://www.wikidata.org/entity/", "ror": "https://ror.org/"}


@dataclass(slots=True)
class _Group:
    """Rows that are one organisation, while they are being found."""

    rows: list[int]
    identifiers: dict[str, str]


def load_registers(
    folder: Path, *, base: str, places: Places | None = None, shipped: Iterable[Entry] = ()
) -> tuple[Entry, ...]:
    """The entries of every register in a folder; what ``shipped`` entries already stand for is left out."""
    rows = [row for path in sorted(folder.glob("*.tsv")) for row in read_register(path)]
    rows = [*rows, *legal_entities(rows)]
    return bodies(rows, base=base, places=places, shipped=shipped)


def legal_entities(rows: Iterable[Row]) -> list[Row]:
    """A row for each French legal entity of several sites, called by the words that the sites' names begin with."""
    sites: dict[str, list[Row]] = defaultdict(list)
    for row in rows:
        for identifier in row.identifiers:
            if identifier.startswith("finess-ej:"):
                sites[identifier].append(row)
    made = []
    for identifier, own in sorted(sites.items()):
        shared = Counter(
            " ".join(words[:size])
            for row in own
            for words in [name.split() for name in (row.name, *row.aliases)]
            for size in range(2, len(words) + 1)
        )
        often = [name for name, count in shared.items() if count > 1 and name.split()[-1].lower() not in _DANGLING]
        if often:
            name = max(often, key=lambda name: (shared[name], len(name), name))
            cities = Counter(row.city for row in own)
            made.append(
                Row((identifier,), name, country=own[0].country, city=min(cities, key=lambda c: (-cities[c], c)))
            )
    return made


def _shared_names(rows: Sequence[Row]) -> frozenset[str]:
    """Names that several French sites have: the legal entity's or the company's, not the site's."""
    sites: Counter[str] = Counter()
    for row in rows:
        if any(identifier.startswith("finess:") for identifier in row.identifiers):
            sites.update({fold(name) for name in (row.name, *row.aliases)})
    return frozenset(name for name, count in sites.items() if count > 1)


def _own_name(row: Row, shared: frozenset[str]) -> Row:
    """A row without the names that it shares, if it has one of its own."""
    names = [name for name in (row.name, *row.aliases) if fold(name) not in shared]
    return replace(row, name=names[0], aliases=tuple(names[1:])) if names else row


def bodies(
    rows: Sequence[Row],
    *,
    base: str,
    places: Places | None = None,
    shipped: Iterable[Entry] = (),
    parts: NameParts | None = None,
) -> tuple[Entry, ...]:
    """One entry for each organisation of ``rows``, sorted by IRI; what is called only "hospital" is left out."""
    table = parts or name_parts()
    where = places or Places()
    known = [_row_of(entry, where) for entry in sorted(shipped, key=lambda entry: entry.iri)]
    shared = _shared_names(rows)
    everything = [*known, *(_own_name(row, shared) for row in rows)]
    keys = [[table.key(name) for name in (row.name, *row.aliases)] for row in everything]
    said = [any(key.core for key in own) for own in keys]
    groups = _by_identifier(everything)
    _by_name(everything, keys, groups, [_points(row, where) for row in everything])
    found = {id(group): group for group in groups}
    entries = [
        _entry([everything[n] for n in sorted(group.rows)], keys[min(group.rows)][0], base, table)
        for group in found.values()
        if min(group.rows) >= len(known) and any(said[number] for number in group.rows)
    ]
    return tuple(sorted(entries, key=lambda entry: entry.iri))


def _row_of(entry: Entry, places: Places) -> Row:
    names = entry.names or (entry.name,)
    latitude = "" if entry.latitude is None else str(entry.latitude)
    longitude = "" if entry.longitude is None else str(entry.longitude)
    place = places.by_slug.get(entry.location.rsplit("/", 1)[-1]) if entry.location else None
    if place and not latitude:
        latitude, longitude = place.latitude, place.longitude
    return Row(entry.identifiers, names[0], names[1:], (), "", entry.country, entry.city, latitude, longitude)


def _unique(row: Row) -> dict[str, str]:
    pairs = (identifier.split(":", 1) for identifier in row.identifiers if ":" in identifier)
    return {scheme: value for scheme, value in pairs if scheme in UNIQUE}


def _by_identifier(rows: Sequence[Row]) -> list[_Group]:
    """The group of each row; rows that share an identifier share a group."""
    groups: list[_Group] = []
    by_identifier: dict[tuple[str, str], _Group] = {}
    for number, row in enumerate(rows):
        own = _unique(row)
        group = next((by_identifier[pair] for pair in own.items() if pair in by_identifier), None)
        if group is None or _conflict(group.identifiers, own):
            group = _Group([], {})
        group.rows.append(number)
        group.identifiers.update(own)
        groups.append(group)
        by_identifier.update(dict.fromkeys(own.items(), group))
    return groups


def _conflict(left: dict[str, str], right: dict[str, str]) -> bool:
    return any(right.get(scheme, value) != value for scheme, value in left.items())


def _by_name(
    rows: Sequence[Row],
    keys: Sequence[Sequence[Key]],
    groups: list[_Group],
    points: Sequence[tuple[Point, ...]],
) -> None:
    """Join the groups of rows of one name at one place."""
    buckets: dict[tuple[str, tuple[str, ...]], list[int]] = defaultdict(list)
    for number, row in enumerate(rows):
        for bag in {key.bag for key in keys[number] if key.core}:
            buckets[row.country, bag].append(number)
    for bucket in buckets.values():
        for place, number in enumerate(bucket):
            for other in bucket[:place][:30]:
                left, right = groups[other], groups[number]
                if left is right or _conflict(left.identifiers, right.identifiers):
                    continue
                if _same_place(rows[other], rows[number], points[other], points[number]):
                    left.rows.extend(right.rows)
                    left.identifiers.update(right.identifiers)
                    for moved in right.rows:
                        groups[moved] = left


def _same_place(left: Row, right: Row, here: Sequence[Point], there: Sequence[Point]) -> bool:
    if left.city and fold(left.city) == fold(right.city):
        return True
    limit = SAME_PLACE if left.latitude and right.latitude else SAME_TOWN
    return any(kilometres(one, other) <= limit for one in here for other in there)


def _points(row: Row, places: Places) -> tuple[Point, ...]:
    """Where a row is: its own coordinates, else its city's, if only one city of the country has that name."""
    if row.latitude:
        return ((float(row.latitude), float(row.longitude)),)
    cities = places.points(_ARRONDISSEMENT.sub("", row.city), row.country) if row.city else ()
    return cities if len(cities) == 1 else ()


def _entry(rows: Sequence[Row], key: Key, base: str, parts: NameParts) -> Entry:
    """One entry of the rows of one organisation; the first row names it."""
    identifiers = tuple(sorted({identifier for row in rows for identifier in row.identifiers}))
    names = dict.fromkeys(name for row in rows for name in (row.name, *row.aliases))
    placed = next((row for row in rows if row.latitude), rows[0])
    first = rows[0]
    own = next((i for scheme in UNIQUE for i in identifiers if i.startswith(f"{scheme}:")), identifiers[0])
    stated = next((parts.categories[row.kind] for row in rows if row.kind in parts.categories), None)
    kind = stated or parts.suggest(key) or CG["HealthcareOrganisation"]
    return Entry(
        iri=Iri(f"{base}organisation/{_slug(first.name)}-{_slug(own.split(':', 1)[1])}"),
        kinds=(kind,),
        labels=(Literal(first.name),),
        aliases=tuple(Literal(name) for name in names if name != first.name),
        former=tuple(Literal(name) for row in rows for name in row.former),
        country=next((row.country for row in rows if row.country), ""),
        city=next((row.city for row in rows if row.city), ""),
        same_as=tuple(Iri(_WEB[s] + v) for s, v in (i.split(":", 1) for i in identifiers) if s in _WEB),
        identifiers=identifiers,
        latitude=float(placed.latitude) if placed.latitude else None,
        longitude=float(placed.longitude) if placed.longitude else None,
        website=next((row.website for row in rows if row.website), ""),
    )


def _slug(name: str) -> str:
    return re.sub(r"[^a-z0-9]+", "-", fold(name)).strip("-") or "x"
