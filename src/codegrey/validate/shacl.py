"""Shapes, and one small graph held against them by pyshacl (SHACL Core, https://www.w3.org/TR/shacl/)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import pyshacl
import rdflib
from pyshacl.errors import ReportableRuntimeError, ValidationFailure
from rdflib.namespace import SH

from codegrey.errors import OntologyError
from codegrey.resources import resource_root
from codegrey.terms import LANG_STRING, STRING, Iri, Literal, Term, Triple
from codegrey.validate.screen import Screen, make_screen
from codegrey.vocab import RDFS, SKOS

_BEYOND_CORE = (SH.sparql, SH.js, SH.target, SH.rule)


@dataclass(frozen=True, slots=True, eq=False)
class Shapes:
    """The shapes as pyshacl reads them. ``paths`` are the files they come from, so that a process can read its own.

    ``screen`` sorts out in no time the graphs that conform.
    """

    graph: rdflib.Graph
    paths: tuple[Path, ...]
    screen: Screen


@dataclass(frozen=True, slots=True, order=True)
class Violation:
    """One validation result: where, which constraint, what value, and the shape's words in one language."""

    focus: Iri
    component: str  # MinCount, Datatype …
    path: str
    value: str
    shape: str
    message: str


def load_shapes(root: Path | None = None) -> Shapes:
    """All shapes below ``root`` (a folder with ``shapes/`` in it; by default codegrey's own).

    :raises OntologyError: if there is none, a file is malformed, or it uses more than SHACL Core.
    """
    paths = tuple(sorted(((root or resource_root()) / "shapes").glob("*.ttl")))
    if not paths:
        raise OntologyError(f"no shapes below {root or resource_root()}")
    return read_shapes(paths)


def read_shapes(paths: tuple[Path, ...]) -> Shapes:
    """The shapes of these files.

    :raises OntologyError: if a file is malformed or uses more than SHACL Core.
    """
    graph = _graph()
    for path in paths:
        try:
            graph.parse(path, format="turtle")
        except (OSError, SyntaxError) as error:
            raise OntologyError(f"{path}: {error}") from error
    for predicate in _BEYOND_CORE:
        if (None, predicate, None) in graph:
            raise OntologyError(f"a shape uses {predicate}: codegrey's shapes are SHACL Core only")
    return Shapes(graph, paths, make_screen(graph))


def without_concepts(shapes: Shapes, hierarchy: Iterable[Triple]) -> Shapes:
    """The shapes less those that target concepts: concepts are the ontology's, and no incident's fault."""
    concepts = _below(SKOS["Concept"], hierarchy)
    graph = _graph()
    for s, p, o in shapes.graph:
        if not (p == SH.targetClass and Iri(str(o)) in concepts):
            graph.add((s, p, o))
    return Shapes(graph, shapes.paths, make_screen(graph))


def violations(triples: Iterable[Triple], shapes: Shapes, *, language: str = "en") -> tuple[Violation, ...]:
    """What the triples violate, sorted.

    :raises OntologyError: if a shape cannot be evaluated.
    """
    data = rdflib.Graph(bind_namespaces="none")
    for s, p, o in triples:
        data.add((rdflib.URIRef(s), rdflib.URIRef(p), _to_rdflib(o)))
    try:
        conforms, report, _ = pyshacl.validate(data, shacl_graph=shapes.graph, inplace=True)
    except (ReportableRuntimeError, ValidationFailure) as error:
        raise OntologyError(f"shapes cannot be evaluated: {error}") from error
    if conforms or not isinstance(report, rdflib.Graph):
        return ()
    results = report.objects(None, SH.result)
    return tuple(sorted({_violation(report, result, shapes.graph, language) for result in results}))


def _graph() -> rdflib.Graph:
    """An empty graph without contexts and prefixes, which pyshacl would pay for at every look-up."""
    return rdflib.Graph(store="SimpleMemory", bind_namespaces="none")


def _violation(report: rdflib.Graph, result: rdflib.term.Node, shapes: rdflib.Graph, language: str) -> Violation:
    def one(predicate: rdflib.URIRef) -> str:
        found = report.value(result, predicate)
        return "" if found is None or isinstance(found, rdflib.BNode) else str(found)

    component = one(SH.sourceConstraintComponent).removeprefix(str(SH)).removesuffix("ConstraintComponent")
    shape = report.value(result, SH.sourceShape)
    said = list(report.objects(result, SH.resultMessage)) + list(shapes.objects(shape, SH.message))
    named = one(SH.sourceShape).rpartition("#")[2]
    return Violation(
        Iri(one(SH.focusNode)), component, one(SH.resultPath), one(SH.value), named, _message(said, language)
    )


def _message(said: list[rdflib.term.Node], language: str) -> str:
    """The words in the language that is asked for, else in any, the same ones every time."""
    words = sorted({(getattr(word, "language", None) != language, str(word)) for word in said})
    return words[0][1] if words else ""


def _below(top: Iri, hierarchy: Iterable[Triple]) -> frozenset[Iri]:
    """All classes below a class, itself too."""
    pairs = [(s, o) for s, p, o in hierarchy if p == RDFS["subClassOf"]]
    found = {top}
    while True:
        more = {s for s, o in pairs if o in found} - found
        if not more:
            return frozenset(found)
        found |= more


def _to_rdflib(term: Term) -> rdflib.term.Node:
    if not isinstance(term, Literal):
        return rdflib.URIRef(term)
    if term.datatype == LANG_STRING:
        return rdflib.Literal(term.lexical, lang=term.language)
    datatype = None if term.datatype == STRING else rdflib.URIRef(term.datatype)
    return rdflib.Literal(term.lexical, datatype=datatype)
