"""The rules of OWL 2 RL that codegrey applies to data, one small class each, by the names of the specification.

https://www.w3.org/TR/owl2-profiles/#Reasoning_in_OWL_2_RL_and_RDF_Graphs_using_Rules, tables 5, 6 and 7.

A rule hangs on a property (it fires on each fact ``s p o``) or on a class (on each ``s rdf:type c``). Rules that
join two facts hang on both. Not here, because the terminology is closed beforehand and they turn into those that are:
``cax-eqc``, ``prp-eqp`` (two subsumptions), ``cls-int2``, ``cls-uni`` (subsumptions), all of ``scm-*``. Not here at
all: ``eq-*``, ``prp-fp``, ``prp-ifp``, ``prp-key``, ``cls-max*``, because identity is kept but never expanded.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from codegrey.reason.facts import Facts, Id


class PropertyRule(Protocol):
    """Fires on a fact ``s p o`` of the property that it hangs on."""

    def fire(self, facts: Facts, s: Id, o: Id) -> None:
        """Derive what follows."""


class ClassRule(Protocol):
    """Fires on a fact ``s rdf:type c`` of the class that it hangs on."""

    def fire(self, facts: Facts, s: Id) -> None:
        """Derive what follows."""


@dataclass(frozen=True, slots=True)
class SubProperty:
    """prp-spo1: ``s p o``, p ⊑ q ⇒ ``s q o``."""

    above: Id

    def fire(self, facts: Facts, s: Id, o: Id) -> None:
        facts.derive(s, self.above, o)


@dataclass(frozen=True, slots=True)
class Domain:
    """prp-dom: ``s p o`` ⇒ ``s a c``."""

    kind: Id

    def fire(self, facts: Facts, s: Id, o: Id) -> None:  # noqa: ARG002
        facts.derive(s, facts.type_id, self.kind)


@dataclass(frozen=True, slots=True)
class Range:
    """prp-rng: ``s p o`` ⇒ ``o a c``, if o is no literal."""

    kind: Id

    def fire(self, facts: Facts, s: Id, o: Id) -> None:  # noqa: ARG002
        if o >= 0:
            facts.derive(o, facts.type_id, self.kind)


@dataclass(frozen=True, slots=True)
class Inverse:
    """prp-inv1, prp-inv2 and (with itself) prp-symp: ``s p o`` ⇒ ``o q s``, if o is no literal."""

    other: Id

    def fire(self, facts: Facts, s: Id, o: Id) -> None:
        if o >= 0:
            facts.derive(o, self.other, s)


@dataclass(frozen=True, slots=True)
class Chain:
    """prp-spo2 and (with itself) prp-trp: a path of properties ⇒ one property from end to end.

    Hangs on each property of the path; ``before`` and ``after`` are the rest of it.
    """

    head: Id
    before: tuple[Id, ...]
    after: tuple[Id, ...]

    def fire(self, facts: Facts, s: Id, o: Id) -> None:
        starts, ends = {s}, {o}
        for p in reversed(self.before):
            starts = {x for y in starts for x in facts.subjects(p, y)}
        for p in self.after if starts else ():
            ends = {y for x in ends for y in facts.objects(p, x)}
        for start in starts:
            for end in ends:
                facts.derive(start, self.head, end)


@dataclass(frozen=True, slots=True)
class HasValueGiven:
    """cls-hv2: ``s p v`` ⇒ s is in the class of all with that value."""

    value: Id
    kind: Id

    def fire(self, facts: Facts, s: Id, o: Id) -> None:
        if o == self.value:
            facts.derive(s, facts.type_id, self.kind)


@dataclass(frozen=True, slots=True)
class SomeValueGiven:
    """cls-svf1 on its property, cls-svf2 if ``filler`` is ``None``: ``s p o``, ``o a filler`` ⇒ ``s a kind``."""

    filler: Id | None
    kind: Id

    def fire(self, facts: Facts, s: Id, o: Id) -> None:
        if self.filler is None or facts.is_a(o, self.filler):
            facts.derive(s, facts.type_id, self.kind)


@dataclass(frozen=True, slots=True)
class AllValuesGiven:
    """cls-avf on its property: ``s a restriction``, ``s p o`` ⇒ ``o a filler``, if o is no literal."""

    restriction: Id
    filler: Id

    def fire(self, facts: Facts, s: Id, o: Id) -> None:
        if o >= 0 and facts.is_a(s, self.restriction):
            facts.derive(o, facts.type_id, self.filler)


@dataclass(frozen=True, slots=True)
class SubClass:
    """cax-sco: ``s a c``, c ⊑ d ⇒ ``s a d``."""

    above: Id

    def fire(self, facts: Facts, s: Id) -> None:
        facts.derive(s, facts.type_id, self.above)


@dataclass(frozen=True, slots=True)
class HasValue:
    """cls-hv1: s is in the class of all with a value ⇒ ``s p v``."""

    property: Id
    value: Id

    def fire(self, facts: Facts, s: Id) -> None:
        facts.derive(s, self.property, self.value)


@dataclass(frozen=True, slots=True)
class SomeValue:
    """cls-svf1 on its class: ``x p s``, ``s a filler`` ⇒ ``x a kind``."""

    property: Id
    kind: Id

    def fire(self, facts: Facts, s: Id) -> None:
        for x in facts.subjects(self.property, s):
            facts.derive(x, facts.type_id, self.kind)


@dataclass(frozen=True, slots=True)
class AllValues:
    """cls-avf on its class: ``s a restriction``, ``s p y`` ⇒ ``y a filler``, if y is no literal."""

    property: Id
    filler: Id

    def fire(self, facts: Facts, s: Id) -> None:
        for y in facts.objects(self.property, s):
            if y >= 0:
                facts.derive(y, facts.type_id, self.filler)


@dataclass(frozen=True, slots=True)
class Intersection:
    """cls-int1: s is in every member ⇒ s is in the intersection. Hangs on each member."""

    members: frozenset[Id]
    kind: Id

    def fire(self, facts: Facts, s: Id) -> None:
        if self.members <= facts.types[s]:
            facts.derive(s, facts.type_id, self.kind)
