"""The W3C's OWL 2 test cases of the RL profile, as far as they use axioms that codegrey reasons with."""

from __future__ import annotations

from pathlib import Path

import pytest
import rdflib

from codegrey.errors import OntologyError
from codegrey.reason import compile_rules, contradictions, entail, entail_with_owlrl
from codegrey.reason.tbox import AXIOMS, Rules, worth_stating
from codegrey.terms import STRING, Iri, Literal, Term, Triple
from codegrey.vocab import OWL, RDF, RDFS, TYPE

CASES = Path(__file__).resolve().parents[2] / "shared" / "conformance" / "owl2-rl"
NAMES = sorted(path.name.removesuffix(".premise.rdf") for path in CASES.glob("*.premise.rdf"))
BEYOND = {  # conclusions that no rule on data draws
    "DisjointClasses-001": "concludes membership in a complement",
    "DisjointClasses-003": "concludes membership in a complement",
    "WebOnt-equivalentClass-008-Direct": "concludes an annotation through identity",
    "WebOnt-imports-011": "imports another document",
    "WebOnt-sameAs-001": "expands identity",
}

pytestmark = pytest.mark.skipif(not NAMES, reason=f"the OWL 2 test cases are not at {CASES}")


def read(name: str, part: str) -> frozenset[Triple]:
    graph = rdflib.Graph().parse(CASES / f"{name}.{part}.rdf", format="xml")
    return frozenset((as_iri(s), as_iri(p), as_term(o)) for s, p, o in graph)


def as_iri(node: rdflib.term.Node) -> Iri:
    return Iri(AXIOMS + str(node)) if isinstance(node, rdflib.BNode) else Iri(str(node))


def as_term(node: rdflib.term.Node) -> Term:
    if isinstance(node, rdflib.Literal):
        return Literal(str(node), Iri(str(node.datatype)) if node.datatype else STRING)
    return as_iri(node)


def is_axiom(triple: Triple) -> bool:
    languages = (str(OWL), str(RDFS), str(RDF))
    return str(triple[2] if triple[1] == TYPE else triple[1]).startswith(languages)


def compiled(name: str) -> tuple[Rules, frozenset[Triple], frozenset[Triple]]:
    premise = read(name, "premise")
    ontology = frozenset(triple for triple in premise if is_axiom(triple))
    try:
        return compile_rules(ontology), ontology, premise - ontology
    except OntologyError as error:
        pytest.skip(str(error))


@pytest.mark.parametrize("name", NAMES)
def test_a_premise_entails_what_owlrl_entails(name: str) -> None:
    rules, ontology, data = compiled(name)
    assert entail(data, rules) == entail_with_owlrl(data, ontology, rules)


@pytest.mark.parametrize("name", [name for name in NAMES if (CASES / f"{name}.conclusion.rdf").exists()])
def test_a_conclusion_about_data_is_drawn(name: str) -> None:
    if name in BEYOND:
        pytest.skip(BEYOND[name])
    rules, _, data = compiled(name)
    wanted = {t for t in read(name, "conclusion") if not is_axiom(t) and worth_stating(t, rules)}
    assert wanted <= entail(data, rules) | data


@pytest.mark.parametrize("name", [name for name in NAMES if (CASES / f"{name}.nonconclusion.rdf").exists()])
def test_what_does_not_follow_is_not_drawn(name: str) -> None:
    rules, _, data = compiled(name)
    unwanted = {t for t in read(name, "nonconclusion") if not is_axiom(t)}
    assert not unwanted & entail(data, rules)


def test_a_boy_who_is_a_girl_is_a_contradiction() -> None:
    rules, _, data = compiled("DisjointClasses-002")
    assert [finding.source for finding in contradictions(data, rules)] == ["http://example.org/Stewie"]
