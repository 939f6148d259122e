"""The terminology, closed once and compiled into rules.

ontology triples ──► the logical ones ──► owlrl ──► closed ──► rules by property and by class, as numbers
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from codegrey.errors import OntologyError
from codegrey.reason import rules as rule
from codegrey.reason.facts import Fact, Id, Names
from codegrey.reason.reference import closed_by_owlrl
from codegrey.terms import XSD, Iri, Literal, Term, Triple
from codegrey.vocab import LABEL, OWL, RDF, RDFS, TYPE

AXIOMS = "https://w3id.org/codegrey/ontology/axiom/"
"""Below this namespace are the nodes that would be blank: restrictions, lists. Nothing is said to be one of them."""

_TRIVIAL = frozenset(
    {
        *(OWL[n] for n in ("Thing", "NamedIndividual", "Class", "ObjectProperty", "DatatypeProperty", "Nothing")),
        *(RDFS[n] for n in ("Resource", "Class", "Literal", "Datatype")),
        RDF["Property"],
    }
)
_UNSUPPORTED = frozenset(
    {
        *(OWL[n] for n in ("FunctionalProperty", "InverseFunctionalProperty", "NegativePropertyAssertion", "hasKey")),
        *(OWL[n] for n in ("maxCardinality", "maxQualifiedCardinality", "hasSelf", "propertyDisjointWith")),
        *(
            OWL[n]
            for n in (
                "AllDisjointProperties",
                "AsymmetricProperty",
                "IrreflexiveProperty",
                "complementOf",
                "ReflexiveProperty",
            )
        ),
    }
)
_BUILT_IN = (AXIOMS, str(OWL), str(RDFS), str(RDF), XSD)
_ANNOTATIONS = frozenset({LABEL, RDFS["comment"], RDFS["seeAlso"], RDFS["isDefinedBy"], OWL["versionInfo"]})


@dataclass(frozen=True, slots=True)
class Rules:
    """A compiled ontology. Make it once with :func:`compile_rules` and use it for any number of graphs.

    ``relevant`` are the predicates that some rule reads or writes; ``joined`` those that rules look up;
    ``background`` the facts of the ontology's own individuals (its concepts), closed; ``terms`` all it speaks of.
    """

    names: Mapping[Term, Id]
    by_property: Mapping[Id, tuple[rule.PropertyRule, ...]]
    by_class: Mapping[Id, tuple[rule.ClassRule, ...]]
    relevant: frozenset[Iri]
    joined: frozenset[Id]
    background: tuple[Fact, ...]
    terms: frozenset[Iri]
    disjoint: frozenset[tuple[Iri, Iri]]


def compile_rules(ontology: Iterable[Triple]) -> Rules:
    """Close the ontology's triples (no blank nodes in them) and compile them.

    :raises OntologyError: if the ontology uses an axiom that these rules do not cover.
    """
    given = frozenset(ontology)
    _refuse_unsupported(given)
    logical = frozenset(_logical(given))
    _Compiler(logical).check_lists()
    return _Compiler(closed_by_owlrl(logical) | logical).rules(given)


def worth_stating(triple: Triple, rules: Rules) -> bool:
    """Whether an entailed triple says something: not of the ontology's own terms, not that all is a Thing."""
    s, p, o = triple
    if s in rules.terms or p == OWL["sameAs"] or s.startswith(_BUILT_IN):
        return False
    if p != TYPE:
        return True
    return not (isinstance(o, Literal) or o in _TRIVIAL or o.startswith((AXIOMS, XSD)))


def _refuse_unsupported(triples: frozenset[Triple]) -> None:
    used = {p for _, p, _ in triples} | {o for _, p, o in triples if p == TYPE}
    odd = sorted(str(term) for term in used & _UNSUPPORTED)
    if odd:
        raise OntologyError(f"axioms that codegrey does not reason with: {', '.join(odd)}")


def _logical(triples: frozenset[Triple]) -> Iterator[Triple]:
    """What reasoning needs: axioms, types, and facts of properties about which there are axioms. No owl:sameAs."""
    spoken_of = {s for s, _, _ in triples} | {o for _, p, o in triples if p in (RDF["first"], RDFS["subPropertyOf"])}
    for s, p, o in triples:
        about_terms = p.startswith((str(OWL), str(RDFS), str(RDF))) and p not in _ANNOTATIONS
        if p != OWL["sameAs"] and (about_terms or p in spoken_of):
            yield s, p, o


class _Compiler:
    """Reads the axioms of a closed terminology."""

    def __init__(self, closed: frozenset[Triple]) -> None:
        self._names = Names()
        self._closed = sorted(closed, key=repr)
        self._pairs: defaultdict[Iri, list[tuple[Iri, Term]]] = defaultdict(list)
        self._values: defaultdict[tuple[Iri, Iri], list[Term]] = defaultdict(list)
        for s, p, o in self._closed:
            self._pairs[p].append((s, o))
            self._values[s, p].append(o)
        self._by_property: defaultdict[Id, dict[rule.PropertyRule, None]] = defaultdict(dict)
        self._by_class: defaultdict[Id, dict[rule.ClassRule, None]] = defaultdict(dict)
        self._joined: set[Id] = set()

    def check_lists(self) -> None:
        """:raises OntologyError: if a list is broken: owlrl would read on regardless, or never stop."""
        for axiom in (OWL["propertyChainAxiom"], OWL["intersectionOf"], OWL["unionOf"], OWL["oneOf"], OWL["members"]):
            for _, path in self._named(axiom):
                self._list(path)

    def rules(self, given: frozenset[Triple]) -> Rules:
        """All tables. ``given`` is the ontology as it stood."""
        self._subsumptions()
        self._properties()
        self._chains()
        self._restrictions()
        self._intersections()
        background = self._background()
        return Rules(
            names=self._names.all(),
            by_property={p: tuple(rules) for p, rules in self._by_property.items()},
            by_class={c: tuple(rules) for c, rules in self._by_class.items()},
            relevant=frozenset({TYPE} | {self._iri(p) for p in (*self._by_property, *self._heads(), *self._joined)}),
            joined=frozenset(self._joined),
            background=background,
            terms=frozenset(term for triple in given for term in triple if not isinstance(term, Literal)),
            disjoint=frozenset(self._disjoint()),
        )

    def _subsumptions(self) -> None:
        for below, above in self._named(RDFS["subClassOf"]):
            if below != above and above not in _TRIVIAL and below != OWL["Nothing"]:
                self._on_class(below, rule.SubClass(self._id(above)))
        for below, above in self._named(RDFS["subPropertyOf"]):
            if below != above:
                self._on_property(below, rule.SubProperty(self._id(above)))

    def _properties(self) -> None:
        for p, kind in self._named(RDFS["domain"]):
            if kind not in _TRIVIAL:
                self._on_property(p, rule.Domain(self._id(kind)))
        for p, kind in self._named(RDFS["range"]):
            if kind not in _TRIVIAL and not kind.startswith(XSD):
                self._on_property(p, rule.Range(self._id(kind)))
        for p, q in self._named(OWL["inverseOf"]):
            self._on_property(p, rule.Inverse(self._id(q)))
            self._on_property(q, rule.Inverse(self._id(p)))
        for p, kind in self._named(TYPE):
            if kind == OWL["SymmetricProperty"]:
                self._on_property(p, rule.Inverse(self._id(p)))
            elif kind == OWL["TransitiveProperty"]:
                self._chain(p, (p, p))

    def _chains(self) -> None:
        for head, path in self._named(OWL["propertyChainAxiom"]):
            self._chain(head, self._list(path))

    def _chain(self, head: Iri, path: tuple[Iri, ...]) -> None:
        ids = tuple(self._id(p) for p in path)
        self._joined.update(ids)
        for place, p in enumerate(path):
            self._on_property(p, rule.Chain(self._id(head), ids[:place], ids[place + 1 :]))

    def _restrictions(self) -> None:
        for restriction, p in self._named(OWL["onProperty"]):
            kind, prop = self._id(restriction), self._id(p)
            for value in self._values[restriction, OWL["hasValue"]]:
                self._on_class(restriction, rule.HasValue(prop, self._id(value)))
                self._on_property(p, rule.HasValueGiven(self._id(value), kind))
            for filler in self._iris(restriction, OWL["someValuesFrom"]):
                self._some_values(p, filler, kind)
            for filler in self._iris(restriction, OWL["allValuesFrom"]):
                if filler not in _TRIVIAL and not filler.startswith(XSD):
                    self._joined.add(prop)
                    self._on_class(restriction, rule.AllValues(prop, self._id(filler)))
                    self._on_property(p, rule.AllValuesGiven(kind, self._id(filler)))

    def _some_values(self, p: Iri, filler: Iri, kind: Id) -> None:
        if filler.startswith(XSD) or filler == RDFS["Literal"]:
            raise OntologyError(f"owl:someValuesFrom {filler} on {p}: codegrey does not reason on datatypes")
        if filler in _TRIVIAL:
            self._on_property(p, rule.SomeValueGiven(None, kind))
            return
        self._joined.add(self._id(p))
        self._on_property(p, rule.SomeValueGiven(self._id(filler), kind))
        self._on_class(filler, rule.SomeValue(self._id(p), kind))

    def _intersections(self) -> None:
        for kind, path in self._named(OWL["intersectionOf"]):
            members = [member for member in self._list(path) if member not in _TRIVIAL]
            ids = frozenset(self._id(member) for member in members)
            for member in members:
                self._on_class(member, rule.Intersection(ids, self._id(kind)))

    def _disjoint(self) -> Iterator[tuple[Iri, Iri]]:
        pairs = list(self._named(OWL["disjointWith"]))
        for axiom, path in self._named(OWL["members"]):
            if OWL["AllDisjointClasses"] in self._values[axiom, TYPE]:
                members = self._list(path)
                pairs += [(a, b) for i, a in enumerate(members) for b in members[i + 1 :]]
        yield from ((min(pair), max(pair)) for pair in pairs)

    def _background(self) -> tuple[Fact, ...]:
        """Facts of the ontology's individuals that a join or a class rule may look up."""
        read = {self._iri(p) for p in self._joined} | {TYPE}
        facts = (triple for triple in self._closed if triple[1] in read and triple[2] not in _TRIVIAL)
        return tuple((self._id(s), self._id(p), self._id(o)) for s, p, o in facts)

    def _heads(self) -> Iterator[Id]:
        """The properties that rules conclude."""
        for rules in self._by_property.values():
            for r in rules:
                if isinstance(r, rule.SubProperty):
                    yield r.above
                elif isinstance(r, rule.Inverse):
                    yield r.other
                elif isinstance(r, rule.Chain):
                    yield r.head
        for class_rules in self._by_class.values():
            yield from (r.property for r in class_rules if isinstance(r, rule.HasValue))

    def _list(self, node: Iri) -> tuple[Iri, ...]:
        """The members of an RDF list of IRIs. :raises OntologyError: if it is broken or runs in a circle."""
        members: list[Iri] = []
        seen: set[Iri] = set()
        while node != RDF["nil"]:
            first, rest = self._iris(node, RDF["first"]), self._iris(node, RDF["rest"])
            if len(first) != 1 or len(rest) != 1 or node in seen:
                raise OntologyError(f"{node} is not a well-formed list")
            seen.add(node)
            members.append(first[0])
            node = rest[0]
        return tuple(members)

    def _on_property(self, p: Iri, r: rule.PropertyRule) -> None:
        self._by_property[self._id(p)][r] = None

    def _on_class(self, kind: Iri, r: rule.ClassRule) -> None:
        self._by_class[self._id(kind)][r] = None

    def _named(self, predicate: Iri) -> Iterator[tuple[Iri, Iri]]:
        """Subject and object of each triple of a predicate, if the object is an IRI."""
        yield from ((s, o) for s, o in self._pairs[predicate] if not isinstance(o, Literal))

    def _iris(self, s: Iri, p: Iri) -> list[Iri]:
        return [o for o in self._values[s, p] if not isinstance(o, Literal)]

    def _id(self, term: Term) -> Id:
        return self._names.id(term)

    def _iri(self, number: Id) -> Iri:
        term = self._names.term(number)
        return Iri(str(term))
