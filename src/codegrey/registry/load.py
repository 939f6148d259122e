"""``ontology/registry``: Turtle and one table of cities → :class:`Registry`.

Bulk Turtle is read with pyoxigraph's parser, which takes a hundredth of rdflib's time.
"""

from __future__ import annotations

import csv
from collections import defaultdict
from collections.abc import Iterable, Iterator
from pathlib import Path

import pyoxigraph as ox

from codegrey.errors import OntologyError
from codegrey.registry.entry import Entry, Registry, make_registry
from codegrey.registry.places import Place, Places, make_places
from codegrey.resources import resource
from codegrey.settings import DEFAULT_BASE
from codegrey.terms import LANG_STRING, Iri, Literal, Term, Triple
from codegrey.vocab import CG, DCTERMS, LABEL, OWL, SCHEMA, SKOS, TYPE

About = dict[Iri, list[Term]]
PLACES = frozenset({CG["Place"], CG["Country"], CG["Region"], CG["City"]})


def load_registry(root: Path | None = None, *, base: str = DEFAULT_BASE, extra: Iterable[Entry] = ()) -> Registry:
    """The registry that ships with codegrey (or that of another folder), its IRIs below ``base``.

    ``extra`` entries (a full register of hospitals) are linked to but add no triples.

    :raises OntologyError: if a file is malformed; the message names it.
    """
    folder = root or resource("ontology", "registry")
    triples = tuple(triple for path in sorted(folder.glob("*.ttl")) for triple in read_turtle(path, base))
    about = _by_subject(triples)
    places = _places(folder / "cities.tsv", about, base)
    entries = [_entry(iri, facts, base, places) for iri, facts in about.items() if not _is_place(facts)]
    return make_registry([*extra, *entries], triples=triples, places=places, base=base)


def read_turtle(path: Path, base: str = DEFAULT_BASE) -> Iterator[Triple]:
    """The triples of a Turtle file, with codegrey's default base replaced by ``base``; no blank nodes."""
    source = path.read_text(encoding="utf-8").replace(f"@base <{DEFAULT_BASE}>", f"@base <{base}>")
    try:
        for quad in ox.parse(source, format=ox.RdfFormat.TURTLE, base_iri=base):
            yield _iri(quad.subject, path), Iri(quad.predicate.value), _term(quad.object, path)
    except SyntaxError as error:
        raise OntologyError(f"{path.name}: {error}") from error


def _iri(node: object, path: Path) -> Iri:
    if not isinstance(node, ox.NamedNode):
        raise OntologyError(f"{path.name}: a blank node or quoted triple; give it an IRI")
    return Iri(node.value)


def _term(node: object, path: Path) -> Term:
    if isinstance(node, ox.Literal):
        if node.language:
            return Literal(node.value, LANG_STRING, node.language)
        return Literal(node.value, Iri(node.datatype.value))
    return _iri(node, path)


def _by_subject(triples: Iterable[Triple]) -> dict[Iri, About]:
    about: dict[Iri, About] = defaultdict(lambda: defaultdict(list))
    for subject, predicate, value in triples:
        about[subject][predicate].append(value)
    return about


def _is_place(facts: About) -> bool:
    return not PLACES.isdisjoint(facts.get(TYPE, ()))


def _iris(values: Iterable[Term]) -> tuple[Iri, ...]:
    return tuple(sorted(value for value in values if isinstance(value, str)))


def _literals(values: Iterable[Term]) -> tuple[Literal, ...]:
    return tuple(sorted(value for value in values if isinstance(value, Literal)))


def _first(facts: About, predicate: Iri) -> str:
    values = _literals(facts.get(predicate, ()))
    return values[0].lexical if values else ""


def _entry(iri: Iri, facts: About, base: str, places: Places) -> Entry:
    location = next(iter(_iris(facts.get(CG["location"], ()))), None)
    place = places.by_slug.get(location.removeprefix(base + "place/")) if location else None
    latitude, longitude = _first(facts, SCHEMA["latitude"]), _first(facts, SCHEMA["longitude"])
    return Entry(
        iri=iri,
        kinds=_iris(facts.get(TYPE, ())),
        labels=_literals(facts.get(LABEL, ())),
        aliases=_literals(facts.get(SKOS["altLabel"], ())),
        abbreviations=tuple(name.lexical for name in _literals(facts.get(SCHEMA["alternateName"], ()))),
        former=_literals(facts.get(SKOS["hiddenLabel"], ())),
        country=_first(facts, CG["countryCode"]) or (place.country if place else ""),
        city=place.name if place and place.kind == "city" else "",
        part_of=_iris(facts.get(CG["partOf"], ())),
        location=location,
        same_as=_iris(facts.get(OWL["sameAs"], ())),
        identifiers=tuple(name.lexical for name in _literals(facts.get(DCTERMS["identifier"], ()))),
        latitude=float(latitude) if latitude else None,
        longitude=float(longitude) if longitude else None,
        website=next(iter(_iris(facts.get(CG["website"], ()))), ""),
        local_names=tuple(name.lexical for name in _literals(facts.get(CG["localName"], ()))),
        needs_context=tuple(name.lexical for name in _literals(facts.get(CG["needsContext"], ()))),
    )


def _places(table: Path, about: dict[Iri, About], base: str) -> Places:
    regions = [_region(iri, facts, base) for iri, facts in about.items() if _is_place(facts)]
    return make_places([*regions, *(read_cities(table) if table.exists() else ())])


def _region(iri: Iri, facts: About, base: str) -> Place:
    names = [name.lexical for predicate in (LABEL, SKOS["altLabel"]) for name in _literals(facts.get(predicate, ()))]
    around = _iris(facts.get(CG["partOf"], ()))
    return Place(
        slug=iri.removeprefix(base + "place/"),
        name=names[0] if names else "",
        kind="region" if around else "country",
        country=_first(facts, CG["countryCode"]),
        within=around[0].removeprefix(base + "place/") if around else "",
        names=tuple(names[1:]),
    )


def read_cities(table: Path) -> Iterator[Place]:
    """The rows of ``cities.tsv``.

    :raises OntologyError: naming the line that has not as many columns as the heading.
    """
    with table.open(encoding="utf-8", newline="") as stream:
        rows = csv.reader(stream, delimiter="\t", quoting=csv.QUOTE_NONE)
        width = len(next(rows))
        for number, row in enumerate(rows, start=2):
            if len(row) != width:
                raise OntologyError(f"{table.name}:{number}: {len(row)} columns, not {width}")
            slug, name, other, country, within, latitude, longitude, geonames, population = row
            names = tuple(other.split("|")) if other else ()
            yield Place(slug, name, "city", country, within, latitude, longitude, geonames, int(population or 0), names)
