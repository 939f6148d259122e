from __future__ import annotations

from collections.abc import Iterator

import pytest
import rdflib
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import mini
from codegrey.errors import OntologyError
from codegrey.ontology import load_ontology
from codegrey.reason import compile_rules, contradictions, entail, entail_with_owlrl
from codegrey.reason.tbox import AXIOMS
from codegrey.terms import STRING, Iri, Literal, Term, Triple, typed
from codegrey.vocab import CG, OWL, PREFIXES, RDF, RDFS, TYPE

EX = "https://example.org/id/"
HEADER = "".join(f"@prefix {name}: <{space}> .\n" for name, space in PREFIXES.items()) + f"@prefix : <{EX}> .\n"


def read(turtle: str) -> frozenset[Triple]:
    """Triples of a Turtle text, its blank nodes as axiom IRIs."""
    graph = rdflib.Graph().parse(data=HEADER + turtle, format="turtle")
    return frozenset((as_iri(s), as_iri(p), as_term(o)) for s, p, o in graph)


def as_iri(node: rdflib.term.Node) -> Iri:
    return Iri(AXIOMS + str(node)) if isinstance(node, rdflib.BNode) else Iri(str(node))


def as_term(node: rdflib.term.Node) -> Term:
    if isinstance(node, rdflib.Literal):
        return Literal(str(node), Iri(str(node.datatype)) if node.datatype else STRING)
    return as_iri(node)


CASES = {
    "prp-dom": ("cg:p rdfs:domain cg:C .", ":a cg:p :b .", ":a a cg:C ."),
    "prp-rng": ("cg:p rdfs:range cg:C .", ":a cg:p :b . :a cg:p 'x' .", ":b a cg:C ."),
    "prp-rng of a datatype": ("cg:p rdfs:range xsd:integer .", ":a cg:p 1 .", ""),
    "prp-symp": ("cg:p a owl:SymmetricProperty .", ":a cg:p :b .", ":b cg:p :a ."),
    "prp-trp": (
        "cg:p a owl:TransitiveProperty .",
        ":a cg:p :b . :b cg:p :c . :c cg:p :d .",
        ":a cg:p :c, :d . :b cg:p :d .",
    ),
    "prp-spo1": ("cg:p rdfs:subPropertyOf cg:q .", ":a cg:p 1 .", ":a cg:q 1 ."),
    "prp-spo2": (
        "cg:r owl:propertyChainAxiom ( cg:p cg:q ) .",
        ":a cg:p :b . :b cg:q :c . :x cg:q :y .",
        ":a cg:r :c .",
    ),
    "prp-spo2 of three": (
        "cg:r owl:propertyChainAxiom ( cg:p cg:q cg:p ) .",
        ":a cg:p :b . :b cg:q :c . :c cg:p :d .",
        ":a cg:r :d .",
    ),
    "prp-inv1": ("cg:p owl:inverseOf cg:q .", ":a cg:p :b .", ":b cg:q :a ."),
    "prp-inv2": ("cg:p owl:inverseOf cg:q .", ":a cg:q :b .", ":b cg:p :a ."),
    "prp-inv1 of a literal": ("cg:p owl:inverseOf cg:q .", ":a cg:p 'x' .", ""),
    "prp-eqp": ("cg:p owl:equivalentProperty cg:q .", ":a cg:q :b .", ":a cg:p :b ."),
    "cls-int1": (
        "cg:C owl:intersectionOf ( cg:A cg:B ) .",
        ":a a cg:A, cg:B . :b a cg:A .",
        ":a a cg:C .",
    ),
    "cls-int2": ("cg:C owl:intersectionOf ( cg:A cg:B ) .", ":a a cg:C .", ":a a cg:A, cg:B ."),
    "cls-uni": ("cg:C owl:unionOf ( cg:A cg:B ) .", ":a a cg:B .", ":a a cg:C ."),
    "cls-svf1": (
        "[ owl:onProperty cg:p ; owl:someValuesFrom cg:A ] rdfs:subClassOf cg:C .",
        ":a cg:p :b . :b a cg:A . :c cg:p :d .",
        ":a a cg:C .",
    ),
    "cls-svf1 with a concept": (
        "[ owl:onProperty cg:p ; owl:someValuesFrom cg:A ] rdfs:subClassOf cg:C . cg:x a cg:A .",
        ":a cg:p cg:x .",
        ":a a cg:C .",
    ),
    "cls-svf2": (
        "[ owl:onProperty cg:p ; owl:someValuesFrom owl:Thing ] rdfs:subClassOf cg:C .",
        ":a cg:p :b .",
        ":a a cg:C .",
    ),
    "cls-avf": (
        "cg:C rdfs:subClassOf [ owl:onProperty cg:p ; owl:allValuesFrom cg:A ] .",
        ":a a cg:C ; cg:p :b .",
        ":b a cg:A .",
    ),
    "cls-hv1": (
        "cg:C rdfs:subClassOf [ owl:onProperty cg:p ; owl:hasValue cg:v ] .",
        ":a a cg:C .",
        ":a cg:p cg:v .",
    ),
    "cls-hv2": (
        "[ owl:onProperty cg:p ; owl:hasValue cg:v ] rdfs:subClassOf cg:C .",
        ":a cg:p cg:v . :b cg:p cg:w .",
        ":a a cg:C .",
    ),
    "cax-sco": ("cg:A rdfs:subClassOf cg:B . cg:B rdfs:subClassOf cg:C .", ":a a cg:A .", ":a a cg:B, cg:C ."),
    "cax-eqc": ("cg:A owl:equivalentClass cg:B .", ":a a cg:B .", ":a a cg:A ."),
    "a value that is asserted already": ("cg:p rdfs:subPropertyOf cg:q .", ":a cg:p :b ; cg:q :b .", ""),
    "identity with another data set": ("cg:p rdfs:domain cg:C .", ":a owl:sameAs :b ; cg:p :c .", ":a a cg:C ."),
    "a chain into a chain": (
        "cg:r owl:propertyChainAxiom ( cg:p cg:q ) . cg:t owl:propertyChainAxiom ( cg:r cg:r ) .",
        ":a cg:p :b . :b cg:q :c . :c cg:p :d . :d cg:q :e .",
        ":a cg:r :c ; cg:t :e . :c cg:r :e .",
    ),
    "nothing about the terms of the ontology": ("cg:p rdfs:range cg:C . cg:x a cg:D .", ":a cg:p cg:x .", ""),
}


@pytest.mark.parametrize("case", CASES)
def test_a_rule_entails_what_it_says_and_nothing_else(case: str) -> None:
    ontology, data, expected = CASES[case]
    assert entail(read(data), compile_rules(read(ontology))) == read(expected)


@pytest.mark.parametrize("case", CASES)
def test_a_rule_entails_what_owlrl_entails(case: str) -> None:
    ontology, data, _ = (read(part) for part in CASES[case])
    rules = compile_rules(ontology)
    assert entail(data, rules) == entail_with_owlrl(data, ontology, rules)


classes = st.sampled_from([CG[name] for name in "ABCDE"])
properties = st.sampled_from([CG[name] for name in "pqrst"])
concepts = st.sampled_from([CG["x"], CG["y"]])
individuals = st.sampled_from([Iri(EX + name) for name in "abcdef"])


def listed(name: str, members: list[Iri]) -> Iterator[Triple]:
    for place, member in enumerate(members):
        last = place == len(members) - 1
        yield (Iri(f"{name}/{place}"), RDF["first"], member)
        yield (Iri(f"{name}/{place}"), RDF["rest"], RDF["nil"] if last else Iri(f"{name}/{place + 1}"))


@st.composite
def ontologies(draw: st.DrawFn) -> frozenset[Triple]:
    triples: set[Triple] = set()
    for _ in range(draw(st.integers(0, 4))):
        triples.add((draw(classes), RDFS["subClassOf"], draw(classes)))
    for _ in range(draw(st.integers(0, 3))):
        relation = draw(st.sampled_from([RDFS["subPropertyOf"], OWL["inverseOf"], OWL["equivalentProperty"]]))
        triples.add((draw(properties), relation, draw(properties)))
    for _ in range(draw(st.integers(0, 3))):
        triples.add((draw(properties), draw(st.sampled_from([RDFS["domain"], RDFS["range"]])), draw(classes)))
    for _ in range(draw(st.integers(0, 2))):
        kind = draw(st.sampled_from([OWL["SymmetricProperty"], OWL["TransitiveProperty"]]))
        triples.add((draw(properties), TYPE, kind))
    for _ in range(draw(st.integers(0, 3))):
        triples.add((draw(concepts), TYPE, draw(classes)))
    if draw(st.booleans()):
        triples |= {(CG["u"], RDFS["subPropertyOf"], CG["v"]), (CG["v"], RDFS["domain"], draw(classes))}
    for number in range(draw(st.integers(0, 3))):
        triples |= set(draw(restrictions(f"{AXIOMS}r{number}")))
    for number in range(draw(st.integers(0, 2))):
        name = f"{AXIOMS}l{number}"
        head, axiom, members = draw(
            st.one_of(
                st.tuples(properties, st.just("propertyChainAxiom"), st.lists(properties, min_size=2, max_size=3)),
                st.tuples(
                    classes,
                    st.sampled_from(["intersectionOf", "unionOf"]),
                    st.lists(classes, min_size=2, max_size=3),
                ),
            )
        )
        triples |= {(head, OWL[axiom], Iri(f"{name}/0")), *listed(name, members)}
    return frozenset(triples)


@st.composite
def restrictions(draw: st.DrawFn, name: str) -> list[Triple]:
    node = Iri(name)
    form = draw(st.sampled_from(["someValuesFrom", "allValuesFrom", "hasValue", "any"]))
    filler: Iri = draw(concepts if form == "hasValue" else classes)
    axiom = OWL["someValuesFrom"] if form == "any" else OWL[form]
    sides: tuple[Iri, Iri] = draw(st.sampled_from([(node, CG["A"]), (CG["B"], node), (node, CG["C"]), (CG["D"], node)]))
    return [
        (node, TYPE, OWL["Restriction"]),
        (node, OWL["onProperty"], draw(properties)),
        (node, axiom, OWL["Thing"] if form == "any" else filler),
        (sides[0], RDFS["subClassOf"], sides[1]),
    ]


# Literals only on u and v, which are never inverted or chained: owlrl goes on from triples with literal subjects.
values = st.one_of(individuals, individuals, concepts)
facts = st.one_of(
    st.tuples(individuals, st.just(TYPE), classes),
    st.tuples(individuals, properties, values),
    st.tuples(individuals, st.just(CG["u"]), st.sampled_from([typed(1, "integer"), typed(2, "integer")])),
)


@given(ontologies(), st.frozensets(facts, max_size=12))
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_any_small_graph_entails_what_owlrl_entails(ontology: frozenset[Triple], data: frozenset[Triple]) -> None:
    rules = compile_rules(ontology)
    assert entail(data, rules) == entail_with_owlrl(data, ontology, rules)


@given(ontologies(), st.lists(facts, max_size=12), st.randoms(use_true_random=False))
@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_the_order_of_the_facts_never_shows(ontology: frozenset[Triple], data: list[Triple], random: object) -> None:
    rules = compile_rules(ontology)
    expected = entail(data, rules)
    random.shuffle(data)  # type: ignore[attr-defined]
    assert entail(data, rules) == expected


def test_the_ontology_entails_on_a_dataset_what_owlrl_entails() -> None:
    ontology = load_ontology().triples
    rules = compile_rules(ontology)
    data = frozenset((s, p, o) for s, p, o, _ in mini.quads() if "/claim/" not in s)
    found = entail(data, rules)
    assert found == entail_with_owlrl(data, ontology, rules)
    assert (mini.VERSAILLES, CG["responder"], mini.ANSSI) in found
    assert (mini.CORBEIL, TYPE, CG["DoubleExtortionIncident"]) in found


def test_what_is_entailed_is_closed() -> None:
    ontology, data, _ = (read(part) for part in CASES["a chain into a chain"])
    rules = compile_rules(ontology)
    assert entail(data | entail(data, rules), rules) == frozenset()


@pytest.mark.parametrize(
    "axiom", ["cg:p a owl:FunctionalProperty .", "cg:C owl:hasKey ( cg:p ) .", "cg:C owl:maxCardinality 1 ."]
)
def test_an_axiom_that_no_rule_covers_is_refused(axiom: str) -> None:
    with pytest.raises(OntologyError, match="does not reason with"):
        compile_rules(read(axiom))


def test_a_broken_list_is_refused() -> None:
    with pytest.raises(OntologyError, match="not a well-formed list"):
        compile_rules(read("cg:p owl:propertyChainAxiom cg:l . cg:l rdf:first cg:q ."))


def test_a_list_that_runs_in_a_circle_is_refused() -> None:
    with pytest.raises(OntologyError, match="not a well-formed list"):
        compile_rules(read("cg:p owl:propertyChainAxiom cg:l . cg:l rdf:first cg:q ; rdf:rest cg:l ."))


@pytest.mark.parametrize(
    "axiom",
    [
        "cg:A owl:disjointWith cg:B .",
        "[] a owl:AllDisjointClasses ; owl:members ( cg:C cg:B cg:A ) .",
        "cg:A rdfs:subClassOf cg:X . cg:B rdfs:subClassOf cg:Y . cg:X owl:disjointWith cg:Y .",
    ],
)
def test_a_thing_of_two_disjoint_classes_is_a_finding(axiom: str) -> None:
    rules = compile_rules(read(axiom))
    data = read(":a a cg:A, cg:B . :b a cg:A .")
    (found,) = contradictions(data | entail(data, rules), rules)
    assert (found.code, found.source) == ("owl/cax-dw", EX + "a")


def test_things_that_may_be_are_no_finding() -> None:
    rules = compile_rules(read("cg:A owl:disjointWith cg:B ."))
    assert contradictions(read(":a a cg:A, cg:C . :b a cg:B ."), rules) == ()
