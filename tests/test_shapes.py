from __future__ import annotations

from collections.abc import Callable
from functools import cache
from pathlib import Path

import pyshacl
import pytest
from rdflib import Graph, Literal, Namespace, URIRef
from rdflib.namespace import OWL, RDF, RDFS, SH, SKOS, XSD
from rdflib.term import Node

import mini
from codegrey.ontology import load_ontology
from codegrey.resources import resource
from codegrey.terms import ntriples
from codegrey.vocab import PREFIXES

CG = Namespace(PREFIXES["cg"])
CGS = "https://w3id.org/codegrey/shapes#"
OA, PROV, SCHEMA = Namespace(PREFIXES["oa"]), Namespace(PREFIXES["prov"]), Namespace(PREFIXES["schema"])
DCTERMS = Namespace(PREFIXES["dcterms"])
VERSAILLES, CORBEIL, CAHORS = URIRef(mini.VERSAILLES), URIRef(mini.CORBEIL), URIRef(mini.CAHORS)
MOVED, RANSOM = VERSAILLES + "/impact/patient-transfer", CORBEIL + "/ransom"
LOOK, ATTACK = VERSAILLES + "/response/technical-investigation", VERSAILLES + "/attack"
MIGNOT, CHSF = URIRef(mini.MIGNOT), URIRef(mini.CHSF)
ARTICLE = URIRef(mini.node("article/v-en"))
T1566 = URIRef("https://attack.mitre.org/techniques/T1566")
Edit = Callable[[Graph], object]


@cache
def shapes() -> Graph:
    graph = Graph()
    for path in sorted(resource("shapes").glob("*.ttl")):
        graph.parse(path)
    return graph


@cache
def dataset() -> tuple[tuple[Node, Node, Node], ...]:
    """The mini dataset, and what the ontology says of its classes and concepts."""
    needed = {str(RDF.type), str(RDFS.subClassOf), str(SKOS.prefLabel), str(SKOS.definition), str(SKOS.inScheme)}
    triples = [triple for triple in load_ontology().triples if triple[1] in needed]
    triples += [quad[:3] for quad in mini.quads()]
    return tuple(Graph().parse(data="\n".join(" ".join(map(ntriples, t)) + " ." for t in triples), format="nt"))


def valid() -> Graph:
    graph = Graph()
    for triple in dataset():
        graph.add(triple)
    return graph


def violated(graph: Graph) -> set[str]:
    """The local names of the shapes that a graph violates."""
    _, report, _ = pyshacl.validate(graph, shacl_graph=shapes(), inplace=True)
    assert isinstance(report, Graph)
    results = [
        result
        for whole in report.subjects(RDF.type, SH.ValidationReport)
        for result in report.objects(whole, SH.result)
    ]
    return {str(name).removeprefix(CGS) for result in results for name in report.objects(result, SH.sourceShape)}


def claim(graph: Graph, subject: URIRef, predicate: URIRef) -> URIRef:
    """The first claim on a subject with a predicate."""
    found = set(graph.subjects(RDF.subject, subject)) & set(graph.subjects(RDF.predicate, predicate))
    return URIRef(min(map(str, found)))


def swap(graph: Graph, subject: URIRef, predicate: URIRef, value: URIRef | Literal) -> None:
    """Give a node another value, and its claims too."""
    for one in set(graph.subjects(RDF.subject, subject)) & set(graph.subjects(RDF.predicate, predicate)):
        graph.set((one, RDF.object, value))
    graph.set((subject, predicate, value))


def dispute(graph: Graph, subject: URIRef, predicate: URIRef) -> None:
    for one in set(graph.subjects(RDF.subject, subject)) & set(graph.subjects(RDF.predicate, predicate)):
        graph.add((one, CG.disputed, Literal(True)))
        graph.add((one, DCTERMS.description, Literal("lost")))


def retype(graph: Graph, node: URIRef, kind: URIRef) -> None:
    graph.set((node, RDF.type, kind))


def selector(graph: Graph, kind: URIRef) -> URIRef:
    return URIRef(min(map(str, graph.subjects(RDF.type, kind))))


INVALID: list[tuple[str, Edit]] = [
    ("Incident-label", lambda g: g.remove((CAHORS, RDFS.label, None))),
    ("Incident-victim", lambda g: g.remove((CAHORS, CG.victim, None))),
    ("Incident-victim", lambda g: retype(g, URIRef(mini.CH_CAHORS), CG.Ministry)),
    ("Incident-startDate", lambda g: swap(g, VERSAILLES, CG.startDate, Literal("Saturday"))),
    ("Incident-detectedDate", lambda g: add_claimed(g, VERSAILLES, CG.detectedDate, Literal("2022-12-03"))),
    ("Incident-endDate", lambda g: swap(g, VERSAILLES, CG.endDate, Literal("January"))),
    ("Incident-order", lambda g: swap(g, VERSAILLES, CG.endDate, Literal("2022-12-01", datatype=XSD.date))),
    ("Incident-impact", lambda g: add_claimed(g, VERSAILLES, CG.impact, CG.CareImpact)),
    ("Incident-ransomStatus", lambda g: add_claimed(g, VERSAILLES, CG.ransomStatus, CG.DataStolen)),
    ("Incident-dataStatus", lambda g: add_claimed(g, VERSAILLES, CG.dataStatus, CG.RansomPaid)),
    ("Incident-careStatus", lambda g: add_claimed(g, VERSAILLES, CG.careStatus, CG.RansomPaid)),
    ("Incident-responder", lambda g: add_claimed(g, VERSAILLES, CG.responder, CG.Network)),
    ("Incident-relatedIncident", lambda g: g.add((VERSAILLES, CG.relatedIncident, Literal("Dax")))),
    ("Incident-reportedIn", lambda g: g.remove((CAHORS, CG.reportedIn, None))),
    ("Incident-focusOf", lambda g: g.add((CAHORS, CG.focusOf, MIGNOT))),
    # facts without proof
    ("Incident-startDate-claimed", lambda g: g.set((VERSAILLES, CG.startDate, Literal("2022", datatype=XSD.gYear)))),
    ("Incident-startDate-claimed", lambda g: dispute(g, VERSAILLES, CG.startDate)),
    ("Incident-endDate-claimed", lambda g: dispute(g, VERSAILLES, CG.endDate)),
    ("Incident-detectedDate-claimed", lambda g: g.add((CAHORS, CG.detectedDate, Literal("2022", datatype=XSD.gYear)))),
    ("Incident-impact-claimed", lambda g: dispute(g, CORBEIL, CG.impact)),
    ("Incident-response-claimed", lambda g: dispute(g, CORBEIL, CG.response)),
    ("Incident-responder-claimed", lambda g: g.add((CAHORS, CG.responder, URIRef(mini.ANSSI)))),
    ("Incident-ransomStatus-RansomPaid-claimed", lambda g: g.add((CORBEIL, CG.ransomStatus, CG.RansomPaid))),
    ("Incident-dataStatus-DataPublished-claimed", lambda g: g.add((CORBEIL, CG.dataStatus, CG.DataPublished))),
    ("Incident-careStatus-CareDisrupted-claimed", lambda g: g.add((CORBEIL, CG.careStatus, CG.CareDisrupted))),
    ("DataTheft-claimed", lambda g: g.add((ATTACK, RDF.type, CG.DataTheft))),
    ("Attack-malware-claimed", lambda g: dispute(g, CORBEIL + "/attack", CG.malware)),
    ("Attack-attributedTo-claimed", lambda g: dispute(g, ATTACK, CG.attributedTo)),
    ("Attack-motive-claimed", lambda g: g.add((ATTACK, CG.motive, CG.FinancialGain))),
    ("Attack-technique-claimed", lambda g: g.add((ATTACK, CG.technique, T1566))),
    ("Impact-count-claimed", lambda g: g.set((MOVED, CG["count"], Literal(7)))),
    ("Impact-affectedService-claimed", lambda g: g.add((MOVED, CG.affectedService, CG.Neonatology))),
    ("Impact-affectedSystem-claimed", lambda g: g.add((MOVED, CG.affectedSystem, CG.Backups))),
    ("ResponseAction-performedBy-claimed", lambda g: g.add((LOOK, CG.performedBy, CHSF))),
    ("ResponseAction-date-claimed", lambda g: g.add((LOOK, CG.date, Literal("2022", datatype=XSD.gYear)))),
    ("RansomDemand-amount-claimed", lambda g: g.set((RANSOM, CG.amount, Literal(1)))),
    ("RansomDemand-deadline-claimed", lambda g: dispute(g, RANSOM, CG.deadline)),
    ("Organisation-beds-claimed", lambda g: g.add((MIGNOT, CG.beds, Literal(700)))),
    # attacks, impacts, responses, ransom demands
    ("Attack-incident", lambda g: stray(g, CORBEIL + "/other")),
    ("Attack-cited", lambda g: uncited(g, CAHORS + "/attack")),
    ("Attack-technique", lambda g: add_claimed(g, ATTACK, CG.technique, CG.T1486)),
    ("Attack-motive", lambda g: add_claimed(g, ATTACK, CG.motive, CG.Network)),
    ("Attack-attributedTo", lambda g: add_claimed(g, ATTACK, CG.attributedTo, CG.Network)),
    ("Attack-malware", lambda g: add_claimed(g, ATTACK, CG.malware, URIRef(mini.LOCKBIT))),
    ("Impact-type", lambda g: g.add((MOVED, RDF.type, CG.CareDelay))),
    ("Impact-count", lambda g: swap(g, MOVED, CG["count"], Literal("six"))),
    ("Impact-proportion", lambda g: add_claimed(g, MOVED, CG.proportion, Literal("33", datatype=XSD.decimal))),
    ("Impact-affectedService", lambda g: add_claimed(g, MOVED, CG.affectedService, CG.Network)),
    ("Impact-affectedSystem", lambda g: add_claimed(g, MOVED, CG.affectedSystem, CG.Surgery)),
    ("Impact-since", lambda g: add_claimed(g, MOVED, CG.since, Literal("Monday"))),
    ("Impact-recordCount", lambda g: add_claimed(g, MOVED, CG.recordCount, Literal(-1))),
    ("ResponseAction-type", lambda g: g.add((LOOK, RDF.type, CG.CrisisUnitActivation))),
    ("ResponseAction-performedBy", lambda g: add_claimed(g, LOOK, CG.performedBy, URIRef(mini.REGION))),
    ("ResponseAction-date", lambda g: add_claimed(g, LOOK, CG.date, Literal("Monday"))),
    ("RansomDemand-amount", lambda g: swap(g, RANSOM, CG.amount, Literal(-1))),
    ("RansomDemand-currency", lambda g: swap(g, RANSOM, CG.currency, Literal("dollars"))),
    ("RansomDemand-amount-currency", lambda g: g.remove((RANSOM, CG.currency, None))),
    ("RansomDemand-deadline", lambda g: swap(g, RANSOM, CG.deadline, Literal("2022-09", datatype=XSD.gYearMonth))),
    # organisations, places, malware, publishers
    ("Organisation-label", lambda g: g.remove((MIGNOT, RDFS.label, None))),
    ("Organisation-altLabel", lambda g: g.add((MIGNOT, SKOS.altLabel, Literal("")))),
    ("Organisation-countryCode", lambda g: g.set((MIGNOT, CG.countryCode, Literal("France")))),
    ("Organisation-location", lambda g: g.set((MIGNOT, CG.location, CHSF))),
    ("Organisation-partOf", lambda g: g.set((MIGNOT, CG.partOf, URIRef(mini.REGION)))),
    ("Organisation-memberOf", lambda g: g.set((MIGNOT, CG.memberOf, URIRef(mini.REGION)))),
    ("Organisation-sameAs", lambda g: g.add((MIGNOT, OWL.sameAs, URIRef("urn:Q30279724")))),
    ("Organisation-website", lambda g: g.add((MIGNOT, CG.website, Literal("ch-versailles.fr")))),
    ("Organisation-beds", lambda g: swap(g, CHSF, CG.beds, Literal("1000"))),
    ("HealthcareOrganisation", lambda g: g.add((MIGNOT, RDF.type, CG.ThreatActor))),
    ("Malware-label", lambda g: g.remove((URIRef(mini.LOCKER), RDFS.label, None))),
    ("Place-label", lambda g: g.remove((URIRef(mini.REGION), RDFS.label, None))),
    ("Place-countryCode", lambda g: g.set((URIRef(mini.REGION), CG.countryCode, Literal("fr")))),
    ("Place-partOf", lambda g: g.set((URIRef(mini.REGION), CG.partOf, MIGNOT))),
    ("Publisher-label", lambda g: g.add((URIRef(mini.node("publisher/gazette")), RDFS.label, Literal("The Gazette")))),
    # articles, claims, evidence
    ("Article-identifier", lambda g: g.remove((ARTICLE, DCTERMS.identifier, None))),
    ("Article-sha256", lambda g: g.set((ARTICLE, SCHEMA.sha256, Literal("abc")))),
    ("Article-headline", lambda g: g.add((ARTICLE, SCHEMA.headline, Literal("Another")))),
    ("Article-published", lambda g: g.set((ARTICLE, SCHEMA.datePublished, Literal("yesterday")))),
    ("Article-language", lambda g: g.set((ARTICLE, SCHEMA.inLanguage, Literal("English")))),
    ("Article-publisher", lambda g: g.set((ARTICLE, SCHEMA.publisher, MIGNOT))),
    ("Claim-object", lambda g: g.add((claim(g, VERSAILLES, CG.endDate), RDF.object, Literal("x")))),
    (
        "Claim-confidence",
        lambda g: g.set((claim(g, VERSAILLES, CG.endDate), CG.confidence, Literal("1.5", datatype=XSD.decimal))),
    ),
    ("Claim-extractor", lambda g: g.remove((claim(g, VERSAILLES, CG.endDate), CG.extractor, None))),
    ("Claim-evidence", lambda g: g.remove((claim(g, VERSAILLES, CG.endDate) + "/evidence", RDF.type, None))),
    ("Claim-evidence-source", lambda g: g.set((claim(g, VERSAILLES, CG.endDate), PROV.wasDerivedFrom, ARTICLE))),
    (
        "Claim-disputed-reason",
        lambda g: g.remove((None, DCTERMS.description, Literal("the other date is earlier", "en"))),
    ),
    ("Position-start", lambda g: g.set((selector(g, OA.TextPositionSelector), OA.start, Literal(10_000)))),
    ("Position-end", lambda g: g.add((selector(g, OA.TextPositionSelector), OA.end, Literal(10_000)))),
    ("Quote-exact", lambda g: g.set((selector(g, OA.TextQuoteSelector), OA.exact, Literal(" ")))),
    ("Concept-prefLabel-fr", lambda g: g.remove((CG.Backups, SKOS.prefLabel, Literal("sauvegardes", "fr")))),
]


def add_claimed(graph: Graph, subject: URIRef, predicate: URIRef, value: URIRef | Literal) -> None:
    """A new fact with a claim that looks like another one's."""
    graph.add((subject, predicate, value))
    like = claim(graph, VERSAILLES, CG.endDate)
    new = URIRef(mini.node("claim/new"))
    for p, o in list(graph.predicate_objects(like)):
        graph.add((new, p, o))
    graph.set((new, RDF.subject, subject))
    graph.set((new, RDF.predicate, predicate))
    graph.set((new, RDF.object, value))


def stray(graph: Graph, node: URIRef) -> None:
    """An attack of no incident, of which a claim speaks."""
    graph.add((node, RDF.type, CG.Attack))
    graph.set((claim(graph, CORBEIL, CG.victim), RDF.subject, node))


def uncited(graph: Graph, node: URIRef) -> None:
    for one in list(graph.subjects(RDF.object, node)):
        graph.set((one, RDF.object, Literal("x")))


def test_a_valid_dataset_violates_no_shape() -> None:
    assert violated(valid()) == set()


@pytest.mark.parametrize(
    ("shape", "edit"), [pytest.param(*row, id=f"{i:02}-{row[0]}") for i, row in enumerate(INVALID)]
)
def test_an_invalid_graph_violates_the_shape_that_is_meant_and_no_other(shape: str, edit: Edit) -> None:
    graph = valid()
    edit(graph)
    assert violated(graph) == {shape}


def test_every_class_is_judged_by_a_shape() -> None:
    targets = {str(target) for target in shapes().objects(None, SH.targetClass)}
    targets |= {str(CG[name]) for name in ("CriticalCareImpact",)}
    known = load_ontology()
    bare = [iri for iri in known.classes if iri not in targets and targets.isdisjoint(known.superclasses(iri))]
    assert bare == []


def test_every_shape_that_can_be_violated_says_how_to_mend_it_in_two_languages() -> None:
    graph = shapes()
    named = set(graph.subjects(RDF.type, SH.PropertyShape))
    named |= {s for s in graph.subjects(RDF.type, SH.NodeShape) if list(graph.objects(s, SH["or"] | SH["not"]))}
    wanting = [s for s in named if {m.language for m in graph.objects(s, SH.message)} != {"en", "fr"}]  # type: ignore[attr-defined]
    assert wanting == []


def test_every_named_shape_has_an_iri_and_is_used() -> None:
    graph = shapes()
    for shape in graph.subjects(RDF.type, SH.PropertyShape):
        assert isinstance(shape, URIRef)
        assert list(graph.subjects(SH.property, shape)) or list(
            graph.objects(shape, SH.targetClass | SH.targetSubjectsOf)
        )


def test_shapes_use_shacl_core_only() -> None:
    words = "\n".join(path.read_text(encoding="utf-8") for path in Path(resource("shapes")).glob("*.ttl"))
    assert "sh:sparql" not in words
    assert "sh:js" not in words
