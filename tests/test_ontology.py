from __future__ import annotations

import re
from functools import cache
from pathlib import Path

import pytest

import mini
from codegrey.errors import OntologyError
from codegrey.ontology import AXIOMS, Ontology, load_ontology, read_triples
from codegrey.reason import compile_rules, contradictions, entail, entail_with_owlrl
from codegrey.resources import resource_root
from codegrey.terms import Iri, Literal, Term, Triple
from codegrey.vocab import CG, OWL, PREFIXES, RDF, RDFS, SKOS, TYPE

V, C, K = mini.VERSAILLES, mini.CORBEIL, mini.CAHORS


@cache
def ontology() -> Ontology:
    return load_ontology()


@cache
def facts() -> tuple[Triple, ...]:
    return tuple(quad[:3] for quad in mini.quads())


@cache
def entailed() -> frozenset[Triple]:
    return frozenset(entail(facts(), compile_rules(ontology().triples)))


def declared() -> set[str]:
    """The local names of every term of the ontology: classes, properties, concepts, schemes."""
    return {s.removeprefix(PREFIXES["cg"]) for s, _, _ in ontology().triples if s.startswith(PREFIXES["cg"])}


def test_the_ontology_has_no_blank_nodes() -> None:
    terms = {term for triple in ontology().triples for term in triple}
    assert not [term for term in terms if not isinstance(term, Literal) and not term.startswith("http")]


def test_reading_the_ontology_twice_gives_the_same_triples() -> None:
    assert load_ontology().triples == ontology().triples


def test_the_same_restriction_gets_the_same_iri_in_any_file(tmp_path: Path) -> None:
    head = "@prefix : <https://example.org/> . @prefix owl: <http://www.w3.org/2002/07/owl#> .\n"
    for name, rest in (
        ("a.ttl", ":C :is [ owl:onProperty :p ; owl:hasValue :v ] ."),
        ("b.ttl", ":C :is [ owl:hasValue :v ; owl:onProperty :p ] ."),
    ):
        (tmp_path / name).write_text(head + rest, encoding="utf-8")
    one = read_triples([tmp_path / "a.ttl"], node_base=AXIOMS)
    assert one == read_triples([tmp_path / "b.ttl"], node_base=AXIOMS)
    assert one == read_triples([tmp_path / "a.ttl", tmp_path / "b.ttl"], node_base=AXIOMS)


def test_a_ring_of_blank_nodes_is_refused(tmp_path: Path) -> None:
    (tmp_path / "ring.ttl").write_text("_:a <https://e.org/p> _:b . _:b <https://e.org/p> _:a .", encoding="utf-8")
    with pytest.raises(OntologyError, match="ring"):
        read_triples([tmp_path / "ring.ttl"], node_base=AXIOMS)


def test_a_file_with_a_mistake_is_named_with_its_line(tmp_path: Path) -> None:
    (tmp_path / "bad.ttl").write_text("<https://e.org/a> <https://e.org/b>\n oops .", encoding="utf-8")
    with pytest.raises(OntologyError, match=r"bad\.ttl.*line 2"):
        read_triples([tmp_path / "bad.ttl"], node_base=AXIOMS)


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(OntologyError, match=r"codegrey\.ttl"):
        load_ontology(tmp_path)


def test_classes_know_what_is_above_and_below_them() -> None:
    assert CG["Organisation"] in ontology().superclasses(CG["Hospital"])
    assert CG["PatientTransfer"] in ontology().subclasses(CG["Impact"])
    assert ontology().is_a(CG["Hospital"], CG["HealthcareOrganisation"])
    assert not ontology().is_a(CG["ANSSI"], CG["Hospital"])


def test_labels_come_in_the_language_asked_for_and_fall_back_to_english() -> None:
    assert ontology().label(CG["Hospital"], "fr") == "hôpital"
    assert ontology().label(CG["Hospital"], "de") == "hospital"
    assert ontology().label(CG["NoSuchTerm"]) == "NoSuchTerm"


def test_schemes_list_their_concepts() -> None:
    assert CG["Neonatology"] in ontology().concepts(CG["Services"])
    assert len(ontology().concepts(CG["Systems"])) == 13


def test_properties_know_their_domain_and_range() -> None:
    assert ontology().domain(CG["amount"]) == {CG["RansomDemand"], CG["FinancialLoss"]}
    assert ontology().range(CG["victim"]) == {CG["HealthcareOrganisation"]}


@pytest.mark.parametrize("language", ["en", "fr"])
def test_every_declared_term_has_a_label_and_a_definition(language: str) -> None:
    named, defined = set(), set()
    for s, p, o in ontology().triples:
        if isinstance(o, Literal) and o.language == language:
            named |= {s} if p in (RDFS["label"], SKOS["prefLabel"]) else set()
            defined |= {s} if p == SKOS["definition"] else set()
    terms = {Iri(PREFIXES["cg"] + name) for name in declared()}
    assert terms - named == set()
    assert terms - defined == set()


def test_no_two_classes_and_no_two_properties_share_a_label() -> None:
    for terms in (ontology().classes, ontology().properties):
        labels = [ontology().label(term) for term in terms]
        assert len(labels) == len(set(labels))


def described() -> set[str]:
    """The local names of all terms that any file below ontology/ describes, the lexicon and the registry among them."""
    files = sorted((resource_root() / "ontology").rglob("*.ttl"))
    triples = read_triples(files, node_base=AXIOMS)
    return {s.removeprefix(PREFIXES["cg"]) for s, _, _ in triples if s.startswith(PREFIXES["cg"])}


@pytest.mark.parametrize(
    ("folder", "suffix", "term"),
    [
        ("src/codegrey", ".py", r'\bCG\["(\w+)"\]'),
        ("queries", ".rq", r"\bcg:(\w+)"),
        ("shapes", ".ttl", r"\bcg:(\w+)"),
        ("ontology", ".ttl", r"\bcg:(\w+)"),
    ],
)
def test_every_term_that_is_used_is_described(folder: str, suffix: str, term: str) -> None:
    root = resource_root() / folder
    if not root.is_dir():
        pytest.skip(f"{folder} is not in this installation")
    used = {
        name: path.name
        for path in sorted(root.rglob(f"*{suffix}"))
        for name in re.findall(term, re.sub(r"(?m)^#.*", "", path.read_text(encoding="utf-8")))
    }
    known = described()
    assert {name: where for name, where in used.items() if name not in known} == {}


def test_the_ontology_is_consistent_with_the_mini_dataset() -> None:
    assert contradictions(facts(), compile_rules(ontology().triples)) == ()


def test_the_reference_reasoner_entails_the_same() -> None:
    rules = compile_rules(ontology().triples)
    assert entailed() == entail_with_owlrl(facts(), ontology().triples, rules)


ENTAILED: list[tuple[Iri, Iri, Term]] = [
    (mini.MIGNOT, CG["victimOf"], V),
    (mini.node("article/v-en"), CG["reports"], V),
    (V, CG["responder"], mini.ANSSI),
    (V, CG["location"], mini.REGION),
    (V, CG["location"], mini.COUNTRY),
    (V, CG["affectedGroup"], mini.GROUP),
    (V, CG["compromises"], CG["Availability"]),
    (C, CG["compromises"], CG["Confidentiality"]),
    (C, CG["careStatus"], CG["CareDisrupted"]),
    (V, CG["relatedIncident"], C),
    (Iri(f"{V}/attack"), CG["technique"], Iri("https://attack.mitre.org/techniques/T1486")),
    (Iri(f"{C}/attack"), TYPE, CG["RansomwareAttack"]),
    (Iri(f"{mini.EARLIER}/attack"), CG["technique"], Iri("https://attack.mitre.org/techniques/T1566")),
    (V, TYPE, CG["CriticalCareIncident"]),
    (C, TYPE, CG["DoubleExtortionIncident"]),
    (V, TYPE, PREFIXES["schema"] + "Event"),  # type: ignore[list-item]
]


@pytest.mark.parametrize("triple", ENTAILED, ids=lambda t: f"{t[0][-20:]} {t[1][-12:]} {t[2][-20:]}")
def test_what_should_follow_follows(triple: Triple) -> None:
    assert triple in entailed()


SILLY: list[tuple[Iri, Iri, Term]] = [
    (K, TYPE, CG["CareDisruptingIncident"]),
    (K, CG["compromises"], CG["Availability"]),
    (V, TYPE, CG["DataBreachIncident"]),
    (V, TYPE, CG["Organisation"]),
    (mini.REGION, TYPE, CG["Organisation"]),
    (mini.GROUP, CG["victimOf"], V),
    (mini.GROUP, CG["location"], mini.REGION),
    (mini.ANSSI, TYPE, CG["HealthcareOrganisation"]),
    (mini.ANSSI, CG["responder"], V),
    (K, CG["ransomStatus"], CG["RansomDemanded"]),
    (Iri(f"{K}/attack"), TYPE, CG["RansomwareAttack"]),
]


@pytest.mark.parametrize("triple", SILLY, ids=lambda t: f"{t[0][-20:]} {t[1][-12:]} {t[2][-20:]}")
def test_what_should_not_follow_does_not(triple: Triple) -> None:
    assert triple not in entailed()


def test_nothing_gets_two_kinds_that_exclude_each_other() -> None:
    kinds = [
        CG[k] for k in ("Incident", "Attack", "Impact", "ResponseAction", "Organisation", "Place", "Article", "Claim")
    ]
    types: dict[Iri, set[Term]] = {}
    for s, p, o in (*facts(), *entailed()):
        if p == TYPE and o in kinds:
            types.setdefault(s, set()).add(o)
    assert {s: found for s, found in types.items() if len(found) > 1} == {}


# https://www.w3.org/TR/owl2-profiles/#OWL_2_RL : what may stand in an axiom.
RL_RESTRICTIONS = {OWL["someValuesFrom"], OWL["hasValue"], OWL["allValuesFrom"]}
NOT_RL = {
    OWL[name]
    for name in (
        *("minCardinality", "cardinality", "qualifiedCardinality", "minQualifiedCardinality", "disjointUnionOf"),
        *("hasSelf", "ReflexiveProperty", "disjointUnionOf"),
    )
}


def test_the_axioms_stay_inside_owl_2_rl() -> None:
    rows = ontology().triples
    assert not [t for t in rows if t[1] in NOT_RL or t[2] in NOT_RL]
    above = {o for _, p, o in rows if p in (RDFS["subClassOf"], OWL["equivalentClass"])}
    some = {s for s, p, _ in rows if p == OWL["someValuesFrom"]}
    assert not above & some, "someValuesFrom may stand only on the left of rdfs:subClassOf"
    used = {p for s, p, _ in rows if s.startswith(AXIOMS)}
    allowed = {OWL["onProperty"], OWL["intersectionOf"], OWL["members"], RDF["first"], RDF["rest"], TYPE}
    assert used <= RL_RESTRICTIONS | allowed | {RDFS["subClassOf"]}
