"""Triples as numbers, with the indexes that joins need.

IRIs are numbered 0, 1, 2 …, literals -1, -2, -3 …: a literal is known by its sign. A fact is
``(subject, predicate, object)``; those of ``rdf:type`` are kept as sets of classes a subject.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from typing import TypeAlias

from codegrey.terms import Iri, Literal, Term

Id: TypeAlias = int
Fact: TypeAlias = tuple[Id, Id, Id]

_NONE: tuple[Id, ...] = ()


class Names:
    """Terms ↔ numbers. ``known`` are the numbers that the rules were compiled with; they stay as they are."""

    def __init__(self, known: Mapping[Term, Id] | None = None) -> None:
        self._ids: dict[Term, Id] = dict(known or {})
        self._iris: list[Iri] = [term for term in self._ids if not isinstance(term, Literal)]
        self._literals: list[Literal] = [term for term in self._ids if isinstance(term, Literal)]

    def id(self, term: Term) -> Id:
        """The number of a term, a new one if it has none."""
        found = self._ids.get(term)
        if found is None:
            found = self._ids[term] = self._add(term)
        return found

    def term(self, number: Id) -> Term:
        """The term of a number."""
        return self._iris[number] if number >= 0 else self._literals[-number - 1]

    def all(self) -> dict[Term, Id]:
        """Every term that has a number, in the order in which they came."""
        return dict(self._ids)

    def _add(self, term: Term) -> Id:
        if isinstance(term, Literal):
            self._literals.append(term)
            return -len(self._literals)
        self._iris.append(term)
        return len(self._iris) - 1


class Facts:
    """What is known so far, what was derived, and what still has to be looked at (``queue``).

    A rule sees a fact in the indexes from the moment that it is given or is looked at, so that of two facts that
    join, the later one finds the earlier.
    """

    def __init__(self, *, type_id: Id, joined: frozenset[Id]) -> None:
        self.type_id = type_id
        self.derived: list[Fact] = []
        self.queue: list[Fact] = []
        self.types: defaultdict[Id, set[Id]] = defaultdict(set)
        self._joined = joined
        self._seen: set[Fact] = set()
        self._objects: defaultdict[tuple[Id, Id], list[Id]] = defaultdict(list)
        self._subjects: defaultdict[tuple[Id, Id], list[Id]] = defaultdict(list)

    def give(self, facts: Iterable[Fact], *, queue: bool) -> None:
        """Take asserted facts; ``queue`` is false for those that are closed among themselves already."""
        for fact in facts:
            if fact not in self._seen:
                self._seen.add(fact)
                self.index(fact)
                if queue:
                    self.queue.append(fact)

    def derive(self, s: Id, p: Id, o: Id) -> None:
        """Take what a rule concludes, if it is new."""
        fact = (s, p, o)
        if fact not in self._seen:
            self._seen.add(fact)
            self.derived.append(fact)

    def drain(self) -> Iterator[Fact]:
        """Each fact that was given for the queue, then each derived one as it comes, indexed just before."""
        yield from self.queue
        self.queue.clear()
        for fact in self.derived:  # grows while it is read
            self.index(fact)
            yield fact

    def index(self, fact: Fact) -> None:
        """Make a fact visible to joins."""
        s, p, o = fact
        if p == self.type_id:
            self.types[s].add(o)
        elif p in self._joined:
            self._objects[p, s].append(o)
            self._subjects[p, o].append(s)

    def objects(self, p: Id, s: Id) -> Iterable[Id]:
        """What ``s`` has as values of ``p``."""
        return tuple(self._objects.get((p, s), _NONE))

    def subjects(self, p: Id, o: Id) -> Iterable[Id]:
        """What has ``o`` as value of ``p``."""
        return tuple(self._subjects.get((p, o), _NONE))

    def is_a(self, s: Id, kind: Id) -> bool:
        """Whether ``s`` is known to be of a class."""
        return kind in self.types.get(s, _NONE)
