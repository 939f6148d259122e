"""A quick look at a graph: does it conform to the shapes, for certain?

Shapes become functions once; a graph of some hundred triples then takes about a millisecond, where pyshacl takes a
hundred. pyshacl stays the judge: what the screen does not find conformant, or meets a question that it leaves open
(:class:`~codegrey.validate.values.Undecided`), is validated by pyshacl, and the findings are pyshacl's. Tests hold the
screen against pyshacl on the W3C test suite and on graphs with every kind of fault.

SHACL Core, https://www.w3.org/TR/shacl/; shapes that use more of it than stands here are not screened.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator
from typing import TypeAlias

import rdflib
from rdflib.namespace import OWL, RDF, RDFS, SH

from codegrey.terms import STRING, Iri, Literal, Term, Triple
from codegrey.validate import constraints
from codegrey.validate.constraints import Check, ValuesCheck
from codegrey.validate.values import Undecided
from codegrey.validate.view import Path, View, alternative_path, inverse_path, predicate_path, sequence_path

Screen: TypeAlias = "Callable[[tuple[Triple, ...], Collection[Term] | None], bool]"
Target: TypeAlias = Callable[[View], Collection[Term]]

_SILENT = {SH.message, SH.name, SH.description, SH.order, SH.group, SH.defaultValue, SH.severity, SH.path, SH.flags}
_TARGETS = {SH.targetClass, SH.targetNode, SH.targetSubjectsOf, SH.targetObjectsOf}
_QUALIFIED = {SH.qualifiedMinCount, SH.qualifiedMaxCount}


class Unscreened(Exception):  # noqa: N818
    """The shapes use what the screen does not know."""


def make_screen(shapes: rdflib.Graph) -> Screen:
    """A function that says whether triples conform at some nodes (``None``: at all); no where it is not sure.

    It says no to everything if the shapes use what is not known here.
    """
    try:
        rules = tuple(_Compiler(shapes).rules())
    except Unscreened:
        return lambda triples, nodes: False  # noqa: ARG005

    def conforms(triples: tuple[Triple, ...], nodes: Collection[Term] | None) -> bool:
        view = View(triples)
        pairs = ((check, node) for target, check in rules for node in target(view))
        try:
            return all(check(view, node) for check, node in pairs if nodes is None or node in nodes)
        except Undecided:
            return False

    return conforms


class _Compiler:
    """Shapes → functions. :raises Unscreened: for shapes that call each other in a ring, and unknown terms."""

    def __init__(self, graph: rdflib.Graph) -> None:
        self._graph = graph
        self._done: dict[rdflib.term.Node, Check] = {}
        self._open: set[rdflib.term.Node] = set()

    def rules(self) -> Iterator[tuple[Target, Check]]:
        """Each target with the check of its shape."""
        for predicate in _TARGETS:
            for shape, value in self._graph.subject_objects(predicate):
                yield self._target(predicate, value), self.shape(shape)
        for kind in (RDFS.Class, OWL.Class):  # implicit class targets
            if (None, RDF.type, kind) in self._graph:
                raise Unscreened

    def shape(self, node: rdflib.term.Node) -> Check:
        """The check of a node or property shape on a focus node."""
        if node in self._open:
            raise Unscreened
        if node not in self._done:
            self._open.add(node)
            self._done[node] = self._compiled(node)
            self._open.discard(node)
        return self._done[node]

    def _compiled(self, node: rdflib.term.Node) -> Check:
        path = self._graph.value(node, SH.path)
        step = self._path(path) if path is not None else None
        checks = tuple(self._constraints(node, is_property=step is not None))
        return constraints.on_values(step, checks)

    def _constraints(self, node: rdflib.term.Node, *, is_property: bool) -> Iterator[ValuesCheck]:
        for predicate, value in self._graph.predicate_objects(node):
            if not str(predicate).startswith(str(SH)) or predicate in _SILENT or predicate in _TARGETS:
                continue
            if predicate in _QUALIFIED:
                if (node, SH.qualifiedValueShape, None) not in self._graph:
                    raise Unscreened
                continue
            yield self._constraint(node, rdflib.URIRef(str(predicate)), value, is_property=is_property)

    def _constraint(
        self, node: rdflib.term.Node, predicate: rdflib.URIRef, value: rdflib.term.Node, *, is_property: bool
    ) -> ValuesCheck:
        if predicate in (SH.node, SH.property):
            return constraints.every(self.shape(value))
        if predicate == SH["not"]:
            return constraints.every(constraints.negation(self.shape(value)))
        if predicate in (SH["or"], SH["and"], SH.xone):
            members = tuple(self.shape(member) for member in self._list(value))
            return constraints.every(constraints.COMBINED[str(predicate.fragment)](members))
        if predicate == SH.qualifiedValueShape:
            return constraints.qualified(self.shape(value), *self._bounds(node))
        if predicate == SH.pattern:
            return constraints.pattern(str(value), str(self._graph.value(node, SH.flags) or ""))
        if predicate in (SH["in"], SH.languageIn):
            return constraints.LISTED[str(predicate.fragment)](tuple(_term(v) for v in self._list(value)))
        made = constraints.SIMPLE.get(str(predicate.fragment))
        if made is None or (str(predicate.fragment) in constraints.OF_PROPERTIES and not is_property):
            raise Unscreened
        return made(_term(value))

    def _bounds(self, node: rdflib.term.Node) -> tuple[int, int | None]:
        least, most = (self._graph.value(node, SH[f"qualified{end}Count"]) for end in ("Min", "Max"))
        return int(str(least)) if least is not None else 0, int(str(most)) if most is not None else None

    def _target(self, predicate: rdflib.URIRef, value: rdflib.term.Node) -> Target:
        term = _term(value)
        if isinstance(term, Literal):
            if predicate != SH.targetNode:
                raise Unscreened
            return lambda view: (term,)  # noqa: ARG005
        if predicate == SH.targetClass:
            return lambda view: view.instances(term)
        if predicate == SH.targetSubjectsOf:
            return lambda view: view.subjects_of(term)
        if predicate == SH.targetObjectsOf:
            return lambda view: view.objects_of(term)
        return lambda view: (term,)  # noqa: ARG005

    def _path(self, node: rdflib.term.Node) -> Path:
        if isinstance(node, rdflib.URIRef):
            return predicate_path(Iri(str(node)))
        if (node, RDF.first, None) in self._graph:
            return sequence_path(tuple(self._path(step) for step in self._list(node)))
        inverse, ways = (self._graph.value(node, p) for p in (SH.inversePath, SH.alternativePath))
        if isinstance(inverse, rdflib.URIRef):
            return inverse_path(Iri(str(inverse)))
        if ways is not None:
            return alternative_path(tuple(self._path(way) for way in self._list(ways)))
        raise Unscreened

    def _list(self, node: rdflib.term.Node) -> list[rdflib.term.Node]:
        try:
            return list(self._graph.items(node))
        except ValueError as error:
            raise Unscreened from error


def _term(node: rdflib.term.Node) -> Term:
    """:raises Unscreened: for a blank node."""
    if isinstance(node, rdflib.URIRef):
        return Iri(str(node))
    if not isinstance(node, rdflib.Literal):
        raise Unscreened
    if node.language:
        return Literal(str(node), Iri(str(RDF.langString)), node.language)
    return Literal(str(node), Iri(str(node.datatype)) if node.datatype else STRING)
