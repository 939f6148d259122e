"""The screen against pyshacl: it may leave a question open, but never calls conformant what is not."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache
from pathlib import Path

import pyshacl
import pytest
import rdflib
from hypothesis import given, settings
from hypothesis import strategies as st
from rdflib.namespace import RDF, SH

import mini
import test_shapes
from codegrey.ontology import load_ontology
from codegrey.terms import STRING, Iri, Literal, Term, Triple, text, typed
from codegrey.validate.screen import Screen, make_screen
from codegrey.validate.shacl import load_shapes, violations
from codegrey.vocab import CG, RDFS, TYPE

SUITE = Path(__file__).resolve().parents[2] / "shared" / "conformance" / "shacl" / "core"
MANIFEST = rdflib.Namespace("http://www.w3.org/2001/sw/DataAccess/tests/test-manifest#")
SHT = rdflib.Namespace("http://www.w3.org/ns/shacl-test#")
SUITE_CASES = sorted(str(p.relative_to(SUITE)) for p in SUITE.rglob("*.ttl") if "sht:shapesGraph <> ;" in p.read_text())


@cache
def screen() -> Screen:
    return load_shapes().screen


def as_triples(graph: Iterable[tuple[rdflib.term.Node, ...]]) -> tuple[Triple, ...]:
    return tuple((Iri(str(s)), Iri(str(p)), as_term(o)) for s, p, o in graph)


def as_term(node: rdflib.term.Node) -> Term:
    if not isinstance(node, rdflib.Literal):
        return Iri(str(node))
    if node.language:
        return text(str(node), node.language)
    return Literal(str(node), Iri(str(node.datatype)) if node.datatype else STRING)


def test_a_valid_graph_is_known_to_conform() -> None:
    assert screen()(as_triples(test_shapes.valid()), None)


@pytest.mark.parametrize("number", range(len(test_shapes.INVALID)))
def test_no_graph_with_a_fault_conforms(number: int) -> None:
    graph = test_shapes.valid()
    test_shapes.INVALID[number][1](graph)
    assert not screen()(as_triples(graph), None)


def test_a_fault_elsewhere_does_not_matter_to_the_nodes_that_are_asked_for() -> None:
    graph = test_shapes.valid()
    graph.remove((rdflib.URIRef(mini.CAHORS), rdflib.RDFS.label, None))
    assert screen()(as_triples(graph), {mini.VERSAILLES})
    assert not screen()(as_triples(graph), {mini.CAHORS})


@cache
def sound() -> tuple[Triple, ...]:
    hierarchy = [t for t in load_ontology().triples if t[1] in (RDFS["subClassOf"], TYPE)]
    return (*(q[:3] for q in mini.quads()), *hierarchy)


@cache
def facts() -> list[Triple]:
    return [triple for triple in sound() if triple[0].startswith(mini.BASE)]


odd_values: st.SearchStrategy[Term] = st.sampled_from(
    [
        typed("06", "integer"),
        typed("-1", "integer"),
        typed("1.50", "decimal"),
        typed("1", "boolean"),
        typed("2022-02-30", "date"),
        typed("2022", "gYear"),
        typed("x", "integer"),
        text("x", "en"),
        text("x", "EN"),
        Literal(""),
        CG["Network"],
        CG["IntensiveCare"],
        mini.ANSSI,
        mini.VERSAILLES,
    ]
)


@given(st.data())
@settings(max_examples=60, deadline=None)
def test_what_the_screen_calls_conformant_pyshacl_does_too(data: st.DataObject) -> None:
    rows = list(sound())
    for _ in range(data.draw(st.integers(1, 2))):
        s, p, o = data.draw(st.sampled_from(facts()))
        if (s, p, o) in rows:
            rows.remove((s, p, o))
        if data.draw(st.booleans()):
            rows.append((s, p, data.draw(st.one_of(odd_values, st.just(o)))))
    nodes = {s for s, _, _ in facts()}
    if screen()(tuple(rows), nodes):
        assert not [v for v in violations(rows, load_shapes()) if v.focus in nodes]


@pytest.mark.skipif(not SUITE_CASES, reason=f"the SHACL test suite is not at {SUITE}")
@pytest.mark.parametrize("case", SUITE_CASES)
def test_the_screen_agrees_with_the_suite(case: str) -> None:
    graph = rdflib.Graph().parse(SUITE / case)
    (entry,) = graph.subjects(RDF.type, SHT.Validate)
    expected = str(graph.value(graph.value(entry, MANIFEST.result), SH.conforms))
    if make_screen(graph)(as_triples(graph), None):
        assert expected == "true"


def test_the_screen_settles_much_of_the_suite_itself() -> None:
    if not SUITE_CASES:
        pytest.skip(f"the SHACL test suite is not at {SUITE}")
    conformant = [rdflib.Graph().parse(SUITE / case) for case in SUITE_CASES]
    conformant = [graph for graph in conformant if pyshacl.validate(graph, inplace=True)[0]]
    settled = [graph for graph in conformant if make_screen(graph)(as_triples(graph), None)]
    assert len(settled) >= len(conformant) // 2


@pytest.mark.parametrize(
    "shape",
    [
        "ex:s a sh:NodeShape ; sh:targetNode ex:n ; sh:closed true .",
        "ex:s a sh:NodeShape ; sh:targetNode ex:n ; sh:node ex:s .",
        "ex:s a sh:NodeShape ; sh:targetNode ex:n ; sh:property [ sh:path [ sh:zeroOrMorePath ex:p ] ] .",
        "ex:s a sh:NodeShape, <http://www.w3.org/2000/01/rdf-schema#Class> .",
        "ex:s a sh:NodeShape ; sh:targetNode ex:n ; sh:deactivated true .",
    ],
)
def test_shapes_that_the_screen_does_not_know_leave_all_open(shape: str) -> None:
    head = "@prefix sh: <http://www.w3.org/ns/shacl#> . @prefix ex: <urn:> .\n"
    assert not make_screen(rdflib.Graph().parse(data=head + shape, format="turtle"))((), None)
