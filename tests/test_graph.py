from __future__ import annotations

from dataclasses import replace

import pytest

from codegrey.dump import nquads
from codegrey.graph import (
    article_graph,
    article_iri,
    article_quads,
    claim_iri,
    date_literal,
    fusion_quads,
    graph_iri,
    incident_quads,
    organisation_quads,
    report_triples,
    without,
)
from codegrey.model import Article, ArticleId, CitedClaim, FusedOrganisation, Fusion, Incident, Span
from codegrey.terms import Iri, Literal, Quad, Term, text, typed
from codegrey.vocab import CG, DCTERMS, LABEL, OA, OWL, PROV, RDF, SCHEMA, SKOS, TYPE

BASE = "https://example.org/id/"
WORDS = "Cyberattaque à Cahors\nLe 5 septembre, six patients ont été transférés."
ARTICLE = Article(
    ArticleId("a1"), WORDS, title="Cyberattaque à Cahors", language="fr", published="2022-09-12", url="https://e.org/a"
)
INCIDENT = Iri(BASE + "incident/cahors-2022-09")
ATTACK = Iri(INCIDENT + "/attack")
TRANSFER = Iri(INCIDENT + "/impact/patient-transfer")
CAHORS = Iri(BASE + "organisation/ch-cahors")
INCIDENTS = graph_iri(BASE, "incidents")
REGISTRY = graph_iri(BASE, "registry")
OF_ARTICLE = article_graph(BASE, ARTICLE.id)


def cited(subject: Iri, predicate: Iri, value: Term, exact: str, **more: object) -> CitedClaim:
    start = WORDS.index(exact)
    claim = CitedClaim(subject, predicate, value, ARTICLE.id, Span(start, start + len(exact), exact), 0.9, "patterns")
    return replace(claim, **more)  # type: ignore[arg-type]


VICTIM = cited(INCIDENT, CG["victim"], CAHORS, "Cahors")
DATE = cited(INCIDENT, CG["startDate"], typed("2022-09-05", "date"), "5 septembre")
LOSER = cited(
    INCIDENT,
    CG["startDate"],
    typed("2022-09", "gYearMonth"),
    "septembre",
    disputed=True,
    reason="2022-09-05 is more precise",
)
IMPACT = cited(INCIDENT, CG["impact"], TRANSFER, "six patients ont été transférés")
COUNT = cited(TRANSFER, CG["count"], typed(6, "integer"), "six", rule="count")
FUSED = Incident(
    INCIDENT,
    labels=(text("Cyberattack on Cahors", "en"),),
    victims=(CAHORS,),
    articles=(ARTICLE.id,),
    focus_of=(ARTICLE.id,),
    kinds=((ATTACK, CG["Attack"]), (TRANSFER, CG["PatientTransfer"])),
    claims=(VICTIM, DATE, LOSER, IMPACT, COUNT),
)
HOSPITAL = FusedOrganisation(
    CAHORS,
    kinds=(CG["Hospital"],),
    labels=(text("Centre hospitalier de Cahors", "fr"),),
    alt_labels=(text("Cahors hospital", "en"),),
    city="Cahors",
    country="FR",
)


def values(quads: tuple[Quad, ...], subject: Iri, predicate: Iri) -> set[Term]:
    return {o for s, p, o, _ in quads if (s, p) == (subject, predicate)}


def test_an_undisputed_claim_is_a_plain_triple_of_the_incidents() -> None:
    quads = incident_quads(FUSED, base=BASE)
    assert (INCIDENT, CG["victim"], CAHORS, INCIDENTS) in quads
    assert (TRANSFER, CG["count"], typed(6, "integer"), INCIDENTS) in quads


def test_a_disputed_claim_is_no_plain_triple() -> None:
    assert values(incident_quads(FUSED, base=BASE), INCIDENT, CG["startDate"]) == {typed("2022-09-05", "date")}


def test_a_disputed_claim_is_kept_with_its_reason() -> None:
    quads = incident_quads(FUSED, base=BASE)
    claim = claim_iri(LOSER, BASE)
    assert (claim, CG["disputed"], typed("true", "boolean"), OF_ARTICLE) in quads
    assert values(quads, claim, DCTERMS["description"]) == {text("2022-09-05 is more precise", "en")}


def test_a_claim_says_what_and_where_and_in_which_words() -> None:
    quads = incident_quads(FUSED, base=BASE)
    claim = claim_iri(COUNT, BASE)
    said = {p: o for s, p, o, g in quads if s == claim and g == OF_ARTICLE}
    assert said == {
        TYPE: CG["Claim"],
        RDF["subject"]: TRANSFER,
        RDF["predicate"]: CG["count"],
        RDF["object"]: typed(6, "integer"),
        CG["confidence"]: typed("0.9", "decimal"),
        CG["extractor"]: Literal("patterns"),
        CG["rule"]: Literal("count"),
        PROV["wasDerivedFrom"]: article_iri(BASE, ARTICLE.id),
        CG["evidence"]: Iri(claim + "/evidence"),
    }


def test_the_evidence_selects_by_position_and_by_quote() -> None:
    quads = incident_quads(FUSED, base=BASE)
    claim = claim_iri(COUNT, BASE)
    assert values(quads, Iri(claim + "/evidence"), OA["hasSelector"]) == {
        Iri(claim + "/position"),
        Iri(claim + "/quote"),
    }
    assert values(quads, Iri(claim + "/quote"), OA["exact"]) == {Literal("six")}
    (start,) = values(quads, Iri(claim + "/position"), OA["start"])
    (end,) = values(quads, Iri(claim + "/position"), OA["end"])
    assert isinstance(start, Literal)
    assert isinstance(end, Literal)
    assert WORDS[int(start.lexical) : int(end.lexical)] == "six"


def test_the_attack_is_linked_though_no_claim_links_it() -> None:
    quads = incident_quads(FUSED, base=BASE)
    assert (INCIDENT, CG["attack"], ATTACK, INCIDENTS) in quads
    assert (ATTACK, TYPE, CG["Attack"], INCIDENTS) in quads


def test_a_node_that_only_a_disputed_claim_names_has_no_kind() -> None:
    doubtful = replace(FUSED, claims=(VICTIM, replace(IMPACT, disputed=True)))
    assert not values(incident_quads(doubtful, base=BASE), TRANSFER, TYPE)


def test_an_incident_names_the_articles_that_report_it_and_those_about_it() -> None:
    quads = incident_quads(replace(FUSED, articles=(ARTICLE.id, ArticleId("a2"))), base=BASE)
    assert len(values(quads, INCIDENT, CG["reportedIn"])) == 2
    assert values(quads, INCIDENT, CG["focusOf"]) == {article_iri(BASE, ARTICLE.id)}


def test_two_claims_that_differ_only_in_trust_are_one_claim() -> None:
    twice = replace(FUSED, claims=(COUNT, replace(COUNT, confidence=0.4), replace(COUNT, disputed=True)))
    quads = incident_quads(twice, base=BASE)
    claim = claim_iri(COUNT, BASE)
    assert values(quads, claim, CG["confidence"]) == {typed("0.9", "decimal")}
    assert not values(quads, claim, CG["disputed"])


@pytest.mark.parametrize(
    "other",
    [
        replace(COUNT, article=ArticleId("a2")),
        replace(COUNT, object=typed(7, "integer")),
        replace(COUNT, evidence=Span(1, 2, "y")),
        replace(COUNT, extractor="llm"),
        replace(COUNT, rule="other"),
        replace(COUNT, subject=INCIDENT),
    ],
)
def test_claims_that_differ_have_iris_that_differ(other: CitedClaim) -> None:
    assert claim_iri(other, BASE) != claim_iri(COUNT, BASE)


def test_the_metadata_of_an_article_stand_in_its_graph_without_its_text() -> None:
    quads = article_quads(ARTICLE, base=BASE)
    iri = article_iri(BASE, ARTICLE.id)
    assert {g for *_, g in quads} == {OF_ARTICLE}
    assert values(quads, iri, SCHEMA["headline"]) == {text("Cyberattaque à Cahors", "fr")}
    assert values(quads, iri, SCHEMA["datePublished"]) == {typed("2022-09-12", "date")}
    assert values(quads, iri, SCHEMA["url"]) == {Iri("https://e.org/a")}
    assert "transférés" not in "".join(nquads(quads))


def test_an_article_of_which_nothing_is_known_still_has_its_hash() -> None:
    quads = article_quads(Article(ArticleId("x"), "words"), base=BASE)
    assert {p for _, p, _, _ in quads} == {TYPE, DCTERMS["identifier"], SCHEMA["sha256"]}


def test_a_publisher_is_a_node() -> None:
    quads = article_quads(replace(ARTICLE, publisher="Le Monde"), base=BASE)
    assert (Iri(BASE + "publisher/le-monde"), TYPE, CG["Publisher"], OF_ARTICLE) in quads


@pytest.mark.parametrize("url", ["http://[bad", "no scheme", "http://a b/ü{}"])
def test_an_odd_url_never_breaks_a_dump(url: str) -> None:
    (found,) = values(article_quads(replace(ARTICLE, url=url), base=BASE), article_iri(BASE, ARTICLE.id), SCHEMA["url"])
    assert isinstance(found, Literal) == (not url.startswith("http://a"))


def test_a_language_that_is_no_tag_leaves_the_headline_plain() -> None:
    quads = article_quads(replace(ARTICLE, language="en français"), base=BASE)
    assert values(quads, article_iri(BASE, ARTICLE.id), SCHEMA["headline"]) == {Literal(ARTICLE.title)}


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("2022-12-05", typed("2022-12-05", "date")),
        ("2022-12", typed("2022-12", "gYearMonth")),
        ("2022", typed("2022", "gYear")),
        ("", None),
        ("2022-13", None),
        ("2022-02-30", None),
        ("yesterday", None),
        ("20221205", None),
        ("2022-W01-1", None),
    ],
)
def test_a_date_has_the_datatype_of_its_precision(value: str, expected: Literal | None) -> None:
    assert date_literal(value) == expected


def test_an_organisation_stands_in_the_registry() -> None:
    quads = organisation_quads(HOSPITAL, base=BASE)
    assert {g for *_, g in quads} == {REGISTRY}
    assert values(quads, CAHORS, SKOS["altLabel"]) == {text("Cahors hospital", "en")}
    assert values(quads, CAHORS, CG["countryCode"]) == {Literal("FR")}


def test_a_registered_organisation_adds_nothing_of_its_own() -> None:
    assert organisation_quads(replace(HOSPITAL, registered=True), base=BASE) == ()


def test_identities_and_likely_ones_are_told_apart() -> None:
    sure, likely = Iri("http://www.wikidata.org/entity/Q1"), Iri("http://www.wikidata.org/entity/Q2")
    quads = organisation_quads(replace(HOSPITAL, same_as=(sure,), close=((likely, 0.8),)), base=BASE)
    assert values(quads, CAHORS, OWL["sameAs"]) == {sure}
    assert values(quads, CAHORS, SKOS["closeMatch"]) == {likely}


def test_the_figures_of_an_organisation_have_their_proof() -> None:
    beds = cited(CAHORS, CG["beds"], typed(6, "integer"), "six")
    quads = organisation_quads(replace(HOSPITAL, registered=True, claims=(beds,)), base=BASE)
    assert (CAHORS, CG["beds"], typed(6, "integer"), INCIDENTS) in quads
    assert (claim_iri(beds, BASE), TYPE, CG["Claim"], OF_ARTICLE) in quads


def test_a_whole_that_a_claim_states_is_not_stated_twice() -> None:
    whole = Iri(BASE + "organisation/group")
    claim = cited(CAHORS, CG["partOf"], whole, "Cahors")
    quads = organisation_quads(replace(HOSPITAL, part_of=(whole,), claims=(claim,)), base=BASE)
    assert [g for s, p, _, g in quads if (s, p) == (CAHORS, CG["partOf"])] == [INCIDENTS]


def test_the_graph_of_a_report_holds_the_names_of_registered_bodies_too() -> None:
    fusion = Fusion((FUSED,), (replace(HOSPITAL, registered=True),))
    triples = report_triples(fusion, ARTICLE, base=BASE)
    assert (CAHORS, LABEL, text("Centre hospitalier de Cahors", "fr")) in triples
    assert (INCIDENT, CG["victim"], CAHORS) in triples
    assert (article_iri(BASE, ARTICLE.id), TYPE, CG["Article"]) in triples


def test_the_order_of_the_values_never_shows() -> None:
    other = replace(FUSED, iri=Iri(BASE + "incident/b"), claims=FUSED.claims[::-1])
    one = Fusion((FUSED, other), (HOSPITAL,))
    two = Fusion((other, replace(FUSED, claims=FUSED.claims[::-1])), (HOSPITAL,))
    assert list(nquads(fusion_quads(one, (ARTICLE,), base=BASE))) == list(
        nquads(fusion_quads(two, (ARTICLE,), base=BASE))
    )


def test_no_quad_is_given_twice() -> None:
    quads = fusion_quads(Fusion((FUSED,), (HOSPITAL, HOSPITAL)), (ARTICLE, ARTICLE), base=BASE)
    assert len(quads) == len(set(quads))


def test_an_incident_left_out_is_related_to_nothing() -> None:
    other = replace(FUSED, iri=Iri(BASE + "incident/b"), related=(INCIDENT,))
    kept = without(Fusion((FUSED, other)), {INCIDENT})
    assert [i.iri for i in kept.incidents] == [other.iri]
    assert kept.incidents[0].related == ()
