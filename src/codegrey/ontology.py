"""The ontology as values: its triples without blank nodes, and what they say of each term.

    ontology/codegrey.ttl, taxonomy/*.ttl, alignments.ttl ── load_ontology ──► Ontology

Blank nodes (OWL restrictions, lists) become IRIs that depend on nothing but what they say, so that the ontology can be
stored, dumped and cited like the rest: the same restriction gets the same IRI on every machine.
"""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType

import pyoxigraph as ox

from codegrey.errors import OntologyError
from codegrey.resources import resource_root
from codegrey.terms import Iri, Literal, Term, Triple, ntriples
from codegrey.vocab import LABEL, OWL, PREFIXES, RDFS, SKOS, TYPE, local_name

ONTOLOGY = Iri(PREFIXES["cg"].rstrip("#"))
AXIOMS = f"{ONTOLOGY}/axiom/"
_CLASS_TYPES = (OWL["Class"],)
_PROPERTY_TYPES = (OWL["ObjectProperty"], OWL["DatatypeProperty"], OWL["AnnotationProperty"])

_Node = ox.NamedNode | ox.BlankNode | ox.Literal | ox.Triple
_Words = Mapping[Iri, Mapping[str, str]]
_Links = Mapping[Iri, frozenset[Iri]]


@dataclass(frozen=True, slots=True)
class Ontology:
    """All that the ontology files say. ``version`` is the ontology's ``owl:versionInfo``.

    ``classes``, ``properties`` and ``schemes`` are those of the ``cg:`` namespace, sorted.
    """

    triples: tuple[Triple, ...]
    version: str
    classes: tuple[Iri, ...]
    properties: tuple[Iri, ...]
    schemes: tuple[Iri, ...]
    _labels: _Words
    _definitions: _Words
    _above: _Links
    _below: _Links
    _members: Mapping[Iri, tuple[Iri, ...]]
    _domains: _Links
    _ranges: _Links

    def label(self, iri: Iri, language: str = "en") -> str:
        """The term's label in a language, else in English, else in any, else its local name."""
        return _worded(self._labels, iri, language) or local_name(iri)

    def definition(self, iri: Iri, language: str = "en") -> str:
        """The term's definition in a language, else in English, else in any, else ``""``."""
        return _worded(self._definitions, iri, language)

    def superclasses(self, iri: Iri) -> frozenset[Iri]:
        """Every named class above a class, however far; not itself."""
        return self._above.get(iri, frozenset())

    def subclasses(self, iri: Iri) -> frozenset[Iri]:
        """Every named class below a class, however far; not itself."""
        return self._below.get(iri, frozenset())

    def is_a(self, iri: Iri, ancestor: Iri) -> bool:
        """Whether a class is another one or below it."""
        return iri == ancestor or ancestor in self.superclasses(iri)

    def concepts(self, scheme: Iri) -> tuple[Iri, ...]:
        """The concepts of a SKOS scheme, sorted."""
        return self._members.get(scheme, ())

    def domain(self, iri: Iri) -> frozenset[Iri]:
        """The classes that a property is said of: ``rdfs:domain``, ``schema:domainIncludes``."""
        return self._domains.get(iri, frozenset())

    def range(self, iri: Iri) -> frozenset[Iri]:
        """The classes or datatypes of a property's values: ``rdfs:range``, ``schema:rangeIncludes``."""
        return self._ranges.get(iri, frozenset())


def load_ontology(root: Path | None = None) -> Ontology:
    """Read the ontology files below ``root`` (a folder with ``ontology/`` in it; by default codegrey's own).

    :raises OntologyError: if a file is missing or malformed; the message names it.
    """
    folder = (root or resource_root()) / "ontology"
    paths = [folder / "codegrey.ttl", *sorted((folder / "taxonomy").glob("*.ttl")), folder / "alignments.ttl"]
    return make_ontology(read_triples(paths, node_base=AXIOMS))


def make_ontology(triples: Iterable[Triple]) -> Ontology:
    """An ontology of triples that hold no blank nodes."""
    rows = tuple(sorted(set(triples), key=_key))
    direct = _links(rows, RDFS["subClassOf"])
    above = {iri: _reach(iri, direct) for iri in direct}
    typed = _links(rows, TYPE)
    return Ontology(
        triples=rows,
        version=next((o.lexical for _, p, o in rows if p == OWL["versionInfo"] and isinstance(o, Literal)), ""),
        classes=_of_types(typed, _CLASS_TYPES),
        properties=_of_types(typed, _PROPERTY_TYPES),
        schemes=_of_types(typed, (SKOS["ConceptScheme"],)),
        _labels=_words(rows, (LABEL, SKOS["prefLabel"])),
        _definitions=_words(rows, (SKOS["definition"],)),
        _above=MappingProxyType(above),
        _below=MappingProxyType(_inverted(above)),
        _members=MappingProxyType({k: tuple(sorted(v)) for k, v in _inverted(_links(rows, SKOS["inScheme"])).items()}),
        _domains=_links(rows, RDFS["domain"], Iri(PREFIXES["schema"] + "domainIncludes")),
        _ranges=_links(rows, RDFS["range"], Iri(PREFIXES["schema"] + "rangeIncludes")),
    )


def read_triples(paths: Iterable[Path], *, node_base: str) -> tuple[Triple, ...]:
    """The triples of Turtle files, sorted, blank nodes named below ``node_base`` by the hash of what they say.

    :raises OntologyError: if a file is missing or malformed, or blank nodes point at each other in a ring.
    """
    rows = [row for path in paths for row in _parse(path)]
    names = _names(rows, node_base)
    triples = {(_subject(s, names), Iri(p.value), _term(o, names)) for s, p, o in rows}
    return tuple(sorted(triples, key=_key))


def _parse(path: Path) -> list[tuple[ox.NamedNode | ox.BlankNode, ox.NamedNode, _Node]]:
    try:
        quads = list(ox.parse(path=path, format=ox.RdfFormat.TURTLE, rename_blank_nodes=True))
    except OSError as error:
        raise OntologyError(f"{path}: cannot be read ({error.strerror})") from error
    except SyntaxError as error:
        raise OntologyError(f"{path}: {error.msg} (line {error.lineno})") from error
    return [(q.subject, q.predicate, q.object) for q in quads if not isinstance(q.subject, ox.Triple)]


def _names(rows: Iterable[tuple[_Node, ox.NamedNode, _Node]], base: str) -> dict[ox.BlankNode, Iri]:
    """An IRI for each blank node, from what it says, blank nodes within it first."""
    said: dict[ox.BlankNode, list[tuple[ox.NamedNode, _Node]]] = defaultdict(list)
    for s, p, o in rows:
        if isinstance(s, ox.BlankNode):
            said[s].append((p, o))
        if isinstance(o, ox.BlankNode):
            said.setdefault(o, [])
    names: dict[ox.BlankNode, Iri] = {}
    waiting = dict(said)
    while waiting:
        ready = [n for n, row in waiting.items() if all(not isinstance(o, ox.BlankNode) or o in names for _, o in row)]
        if not ready:
            raise OntologyError("blank nodes point at each other in a ring: name one of them")
        for node in ready:
            lines = sorted(f"{p} {ntriples(_term(o, names))}" for p, o in waiting.pop(node))
            names[node] = Iri(base + hashlib.sha256("\n".join(lines).encode()).hexdigest()[:16])
    return names


def _subject(node: _Node, names: Mapping[ox.BlankNode, Iri]) -> Iri:
    return names[node] if isinstance(node, ox.BlankNode) else Iri(node.value)  # type: ignore[union-attr]


def _term(node: _Node, names: Mapping[ox.BlankNode, Iri]) -> Term:
    if isinstance(node, ox.Literal):
        return Literal(node.value, Iri(node.datatype.value), node.language or "")
    return _subject(node, names)


def _key(triple: Triple) -> tuple[str, str, str]:
    return triple[0], triple[1], ntriples(triple[2])


def _links(rows: Iterable[Triple], *predicates: Iri) -> _Links:
    found: dict[Iri, set[Iri]] = defaultdict(set)
    for s, p, o in rows:
        if p in predicates and not isinstance(o, Literal) and not s.startswith(AXIOMS) and not o.startswith(AXIOMS):
            found[s].add(o)
    return MappingProxyType({s: frozenset(objects) for s, objects in found.items()})


def _reach(start: Iri, direct: _Links) -> frozenset[Iri]:
    seen: set[Iri] = set()
    todo = [start]
    while todo:
        for above in direct.get(todo.pop(), frozenset()) - seen:
            seen.add(above)
            todo.append(above)
    return frozenset(seen - {start})


def _inverted(links: _Links | Mapping[Iri, frozenset[Iri]]) -> dict[Iri, frozenset[Iri]]:
    found: dict[Iri, set[Iri]] = defaultdict(set)
    for s, objects in links.items():
        for o in objects:
            found[o].add(s)
    return {o: frozenset(subjects) for o, subjects in found.items()}


def _of_types(typed: _Links, types: tuple[Iri, ...]) -> tuple[Iri, ...]:
    return tuple(sorted(s for s, o in typed.items() if s.startswith(PREFIXES["cg"]) and not o.isdisjoint(types)))


def _words(rows: Iterable[Triple], predicates: tuple[Iri, ...]) -> _Words:
    found: dict[Iri, dict[str, str]] = defaultdict(dict)
    for s, p, o in rows:
        if p in predicates and isinstance(o, Literal):
            found[s].setdefault(o.language, o.lexical)
    return MappingProxyType({s: MappingProxyType(dict(words)) for s, words in found.items()})


def _worded(words: _Words, iri: Iri, language: str) -> str:
    by_language = words.get(iri, {})
    return by_language.get(language) or by_language.get("en") or next(iter(by_language.values()), "")
