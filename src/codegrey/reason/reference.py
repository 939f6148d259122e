"""owlrl, the reference for what follows: it closes the terminology, and small graphs in tests.

It works on rdflib graphs, in minutes where the bulk engine takes a second, and adds triples that are of no use
(literal subjects, everything is a Thing), which are dropped here.
"""

from __future__ import annotations

from collections.abc import Iterable

import owlrl  # type: ignore[import-untyped]
import rdflib

from codegrey.terms import STRING, Iri, Literal, Term, Triple


def closed_by_owlrl(triples: Iterable[Triple]) -> frozenset[Triple]:
    """All that follows from the triples, and the triples themselves, without blank nodes or literal subjects."""
    graph = rdflib.Graph(bind_namespaces="none")
    for s, p, o in triples:
        graph.add((rdflib.URIRef(s), rdflib.URIRef(p), _to_rdflib(o)))
    owlrl.DeductiveClosure(owlrl.OWLRL_Semantics, axiomatic_triples=False, datatype_axioms=False).expand(graph)
    return frozenset(
        (Iri(str(s)), Iri(str(p)), _from_rdflib(o))
        for s, p, o in graph
        if isinstance(s, rdflib.URIRef) and isinstance(p, rdflib.URIRef) and not isinstance(o, rdflib.BNode)
    )


def _to_rdflib(term: Term) -> rdflib.term.Node:
    if not isinstance(term, Literal):
        return rdflib.URIRef(term)
    if term.language:
        return rdflib.Literal(term.lexical, lang=term.language)
    datatype = None if term.datatype == STRING else rdflib.URIRef(term.datatype)
    return rdflib.Literal(term.lexical, datatype=datatype, normalize=False)


def _from_rdflib(term: rdflib.term.Node) -> Term:
    if not isinstance(term, rdflib.Literal):
        return Iri(str(term))
    if term.language:
        return Literal(str(term), Iri(str(rdflib.RDF.langString)), term.language)
    return Literal(str(term), Iri(str(term.datatype)) if term.datatype else STRING)
