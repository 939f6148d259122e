"""A small graph with the look-ups that shapes ask for, and SHACL's property paths on it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable
from typing import TypeAlias

from codegrey.terms import Iri, Literal, Term, Triple
from codegrey.vocab import RDFS, TYPE

Path: TypeAlias = "Callable[[View, Term], Collection[Term]]"


class View:
    """Triples by subject and predicate, and by predicate and object."""

    def __init__(self, triples: Iterable[Triple]) -> None:
        self._objects: defaultdict[tuple[Term, Iri], dict[Term, None]] = defaultdict(dict)
        self._subjects: defaultdict[tuple[Iri, Term], dict[Term, None]] = defaultdict(dict)
        self._pairs: defaultdict[Iri, list[tuple[Iri, Term]]] = defaultdict(list)
        for s, p, o in triples:
            self._objects[s, p][o] = None
            self._subjects[p, o][s] = None
            self._pairs[p].append((s, o))
        self._below: dict[Iri, frozenset[Term]] = {}

    def objects(self, s: Term, p: Iri) -> Collection[Term]:
        """The values of a predicate at a node."""
        return self._objects.get((s, p), {})

    def subjects(self, p: Iri, o: Term) -> Collection[Term]:
        """The nodes that have a value of a predicate."""
        return self._subjects.get((p, o), {})

    def subjects_of(self, p: Iri) -> Collection[Term]:
        """All nodes that have a predicate."""
        return dict.fromkeys(s for s, _ in self._pairs.get(p, ()))

    def objects_of(self, p: Iri) -> Collection[Term]:
        """All values of a predicate."""
        return dict.fromkeys(o for _, o in self._pairs.get(p, ()))

    def instances(self, kind: Iri) -> Collection[Term]:
        """The SHACL instances of a class: of the class or of one below it."""
        return dict.fromkeys(s for below in self._at_or_below(kind) for s in self.subjects(TYPE, below))

    def is_a(self, node: Term, kind: Iri) -> bool:
        """Whether a node is a SHACL instance of a class."""
        below = self._at_or_below(kind)
        return any(o in below for o in self.objects(node, TYPE))

    def _at_or_below(self, kind: Iri) -> frozenset[Term]:
        found = self._below.get(kind)
        if found is None:
            seen: set[Term] = {kind}
            todo: list[Term] = [kind]
            while todo:
                for below in self.subjects(RDFS["subClassOf"], todo.pop()):
                    if below not in seen:
                        seen.add(below)
                        todo.append(below)
            found = self._below[kind] = frozenset(seen)
        return found


def predicate_path(p: Iri) -> Path:
    """The values of a predicate."""
    return lambda view, node: view.objects(node, p)


def inverse_path(p: Iri) -> Path:
    """The nodes that have this one as value of a predicate."""
    return lambda view, node: view.subjects(p, node)


def sequence_path(steps: tuple[Path, ...]) -> Path:
    """One path after the other."""

    def walk(view: View, node: Term) -> Collection[Term]:
        nodes: Collection[Term] = (node,)
        for step in steps:
            nodes = dict.fromkeys(found for each in nodes for found in step(view, each))
        return nodes

    return walk


def alternative_path(ways: tuple[Path, ...]) -> Path:
    """What any of the paths leads to."""
    return lambda view, node: dict.fromkeys(found for way in ways for found in way(view, node))


def is_iri(term: Term) -> bool:
    """Whether a term is an IRI (there are no blank nodes in data)."""
    return not isinstance(term, Literal)
