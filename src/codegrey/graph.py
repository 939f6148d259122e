"""Values → quads, as the data model draws them: articles, claims with their words, fused incidents, organisations.

    Article       ──► graph/article/<id>   its metadata; not its text, only the text's SHA-256
    CitedClaim    ──► graph/article/<id>   subject, predicate, object; the words by position and by quote
                 └──► graph/incidents      the plain triple, unless the claim is disputed
    Incident      ──► graph/incidents      what ties its nodes together
    FusedOrganisation ► graph/registry     names, kinds, place, identities

Identifiers come from content: the same values give the same quads on every machine. No blank nodes.
Vocabularies: https://www.w3.org/TR/annotation-vocab/ (oa), https://www.w3.org/TR/prov-o/, https://schema.org/.
"""

from __future__ import annotations

import hashlib
import re
import unicodedata
from collections.abc import Collection, Iterable, Iterator
from dataclasses import replace
from datetime import date
from urllib.parse import quote

import pyoxigraph as ox

from codegrey.model import Article, ArticleId, CitedClaim, FusedOrganisation, Fusion, Incident
from codegrey.terms import Iri, Literal, Quad, Triple, ntriples, text, typed
from codegrey.vocab import CG, DCTERMS, LABEL, OA, OWL, PROV, RDF, SCHEMA, SKOS, TYPE

_STRUCTURE = {"attack": CG["attack"], "ransom": CG["ransomDemand"]}  # nodes that an incident has once, by their name
_DATES = {4: ("gYear", "-01-01"), 7: ("gYearMonth", "-01"), 10: ("date", "")}
_DATE = re.compile(r"[0-9]{4}(-[0-9]{2}){0,2}")
_LANGUAGE = re.compile(r"[A-Za-z]{2,8}(-[A-Za-z0-9]{1,8})*")


def graph_iri(base: str, name: str) -> Iri:
    """A named graph of a dataset: ``incidents``, ``registry``, ``entailed``, ``article/<id>`` …"""
    return Iri(f"{base}graph/{name}")


def article_iri(base: str, article: ArticleId) -> Iri:
    """The node of an article."""
    return Iri(f"{base}article/{quote(article, safe='-._~')}")


def article_graph(base: str, article: ArticleId) -> Iri:
    """The named graph of all that one article states."""
    return graph_iri(base, f"article/{quote(article, safe='-._~')}")


def in_graph(triples: Iterable[Triple], graph: Iri) -> tuple[Quad, ...]:
    """Triples as quads of one graph."""
    return tuple((s, p, o, graph) for s, p, o in triples)


def fusion_quads(fusion: Fusion, articles: Iterable[Article], *, base: str) -> tuple[Quad, ...]:
    """Everything that fusion and the articles say, each quad once, in no order that means anything."""
    rows: dict[Quad, None] = {}
    for article in articles:
        rows.update(dict.fromkeys(article_quads(article, base=base)))
    for organisation in fusion.organisations:
        rows.update(dict.fromkeys(organisation_quads(organisation, base=base)))
    for incident in fusion.incidents:
        rows.update(dict.fromkeys(incident_quads(incident, base=base)))
    return tuple(rows)


def report_triples(fusion: Fusion, article: Article, *, base: str) -> tuple[Triple, ...]:
    """One article's own graph: its metadata, claims, incidents, and every organisation with its names.

    ``fusion`` is that of this article alone. What the registry knows of the bodies in it is the caller's to add.
    """
    quads = fusion_quads(fusion, (article,), base=base)
    named = [triple for organisation in fusion.organisations for triple in _names(organisation)]
    return tuple(dict.fromkeys([*((s, p, o) for s, p, o, _ in quads), *named]))


def without(fusion: Fusion, left_out: Collection[Iri]) -> Fusion:
    """The fusion less some incidents; no other incident points at them any more."""
    out = frozenset(left_out)
    kept = (incident for incident in fusion.incidents if incident.iri not in out)
    return replace(
        fusion,
        incidents=tuple(replace(i, related=tuple(r for r in i.related if r not in out)) for i in kept),
    )


def article_quads(article: Article, *, base: str) -> tuple[Quad, ...]:
    """An article's metadata, in its own graph. What is empty or not what it should be (a date) is left out."""
    iri = article_iri(base, article.id)
    rows: list[Triple] = [
        (iri, TYPE, CG["Article"]),
        (iri, DCTERMS["identifier"], Literal(article.id)),
        (iri, SCHEMA["sha256"], Literal(_sha256(article.text))),
    ]
    if article.title:
        rows += [(iri, p, _worded(article.title, article.language)) for p in (LABEL, SCHEMA["headline"])]
    if article.language:
        rows.append((iri, SCHEMA["inLanguage"], Literal(article.language)))
    published = date_literal(article.published)
    if published:
        rows.append((iri, SCHEMA["datePublished"], published))
    if article.url:
        rows.append((iri, SCHEMA["url"], _link(article.url)))
    if article.publisher:
        node = Iri(f"{base}publisher/{_slug(article.publisher)}")
        rows += [
            (iri, SCHEMA["publisher"], node),
            (node, TYPE, CG["Publisher"]),
            (node, LABEL, Literal(article.publisher)),
        ]
    return in_graph(rows, article_graph(base, article.id))


def organisation_quads(organisation: FusedOrganisation, *, base: str) -> tuple[Quad, ...]:
    """An organisation: its own facts (unless the registry holds them already), and the claims on its figures."""
    rows: list[Triple] = []
    iri = organisation.iri
    if not organisation.registered:
        rows += _names(organisation)
        if organisation.city:
            rows.append((iri, SCHEMA["addressLocality"], Literal(organisation.city)))
        if organisation.country:
            rows.append((iri, CG["countryCode"], Literal(organisation.country)))
        if organisation.location:
            rows.append((iri, CG["location"], organisation.location))
        rows += [(iri, OWL["sameAs"], other) for other in organisation.same_as]
        rows += [(iri, SKOS["closeMatch"], other) for other, _ in organisation.close]
    claimed = {(claim.subject, claim.predicate, claim.object) for claim in organisation.claims if _believed(claim)}
    wholes = [(iri, CG["partOf"], whole) for whole in organisation.part_of]
    rows += [triple for triple in wholes if triple not in claimed and not organisation.registered]
    quads = in_graph(rows, graph_iri(base, "registry"))
    return (
        *quads,
        *in_graph(sorted(claimed, key=_key), graph_iri(base, "incidents")),
        *_claims(organisation.claims, base),
    )


def incident_quads(incident: Incident, *, base: str) -> tuple[Quad, ...]:
    """An incident: what is believed in graph/incidents, every claim with its words in its article's graph."""
    iri = incident.iri
    rows: list[Triple] = [(iri, TYPE, CG["Incident"])]
    rows += [(iri, LABEL, label) for label in incident.labels]
    rows += [(iri, CG["reportedIn"], article_iri(base, article)) for article in incident.articles]
    rows += [(iri, CG["focusOf"], article_iri(base, article)) for article in incident.focus_of]
    rows += [(iri, CG["relatedIncident"], other) for other in incident.related]
    rows += [(iri, DCTERMS["replaces"], other) for other in incident.replaces]
    rows += [(other, DCTERMS["isReplacedBy"], iri) for other in incident.replaces]
    rows += [(claim.subject, claim.predicate, claim.object) for claim in incident.claims if _believed(claim)]
    rows += tuple(_nodes(incident, rows))
    return (*in_graph(dict.fromkeys(rows), graph_iri(base, "incidents")), *_claims(incident.claims, base))


def _believed(claim: CitedClaim) -> bool:
    """Whether the graph carries what a claim says: not if it lost, nor if it is a less precise form of what won."""
    return claim.asserted and not claim.disputed


def _nodes(incident: Incident, rows: Iterable[Triple]) -> Iterator[Triple]:
    """The kinds of the nodes that a triple leads to, and the links to those that no claim links."""
    linked = {o for _, _, o in rows}
    for node, kind in incident.kinds:
        link = _STRUCTURE.get(node.removeprefix(f"{incident.iri}/"))
        if link:
            yield (incident.iri, link, node)
        if link or node in linked:
            yield (node, TYPE, kind)


def claim_iri(claim: CitedClaim, base: str) -> Iri:
    """The node of a claim: 16 hex digits of the hash of what it says, where, and who read it by which rule."""
    words = claim.evidence
    parts = (
        *(ntriples(term) for term in (claim.subject, claim.predicate, claim.object)),
        *(claim.article, str(words.start), str(words.end), words.exact, claim.extractor, claim.rule),
    )
    return Iri(f"{base}claim/{_sha256(chr(0).join(parts))[:16]}")


def _claims(claims: Iterable[CitedClaim], base: str) -> Iterator[Quad]:
    """Each claim once; of two that differ in nothing but trust, the one that is undisputed or surer."""
    best: dict[Iri, CitedClaim] = {}
    for claim in sorted(claims, key=lambda c: (c.disputed, -c.confidence, c.reason)):
        best.setdefault(claim_iri(claim, base), claim)
    for iri, claim in best.items():
        yield from _claim(iri, claim, base)


def _claim(iri: Iri, claim: CitedClaim, base: str) -> tuple[Quad, ...]:
    article = article_iri(base, claim.article)
    evidence = Iri(f"{iri}/evidence")
    rows: list[Triple] = [
        (iri, TYPE, CG["Claim"]),
        (iri, RDF["subject"], claim.subject),
        (iri, RDF["predicate"], claim.predicate),
        (iri, RDF["object"], claim.object),
        (iri, CG["confidence"], _decimal(claim.confidence)),
        (iri, CG["extractor"], Literal(claim.extractor)),
        (iri, PROV["wasDerivedFrom"], article),
        (iri, CG["evidence"], evidence),
        *_evidence(iri, evidence, claim, article),
    ]
    if claim.rule:
        rows.append((iri, CG["rule"], Literal(claim.rule)))
    if claim.disputed:
        rows.append((iri, CG["disputed"], typed("true", "boolean")))
    if claim.reason:
        rows.append((iri, DCTERMS["description"], text(claim.reason, "en")))
    return in_graph(rows, article_graph(base, claim.article))


def _evidence(iri: Iri, evidence: Iri, claim: CitedClaim, article: Iri) -> Iterator[Triple]:
    """Web Annotation: the words of the article, by position and by quote."""
    position, words = Iri(f"{iri}/position"), Iri(f"{iri}/quote")
    yield (evidence, TYPE, OA["SpecificResource"])
    yield (evidence, OA["hasSource"], article)
    yield (evidence, OA["hasSelector"], position)
    yield (evidence, OA["hasSelector"], words)
    yield (position, TYPE, OA["TextPositionSelector"])
    yield (position, OA["start"], typed(claim.evidence.start, "nonNegativeInteger"))
    yield (position, OA["end"], typed(claim.evidence.end, "nonNegativeInteger"))
    yield (words, TYPE, OA["TextQuoteSelector"])
    yield (words, OA["exact"], Literal(claim.evidence.exact))


def _names(organisation: FusedOrganisation) -> Iterator[Triple]:
    iri = organisation.iri
    yield from ((iri, TYPE, kind) for kind in organisation.kinds)
    yield from ((iri, LABEL, label) for label in organisation.labels)
    yield from ((iri, SKOS["altLabel"], label) for label in organisation.alt_labels)


def date_literal(value: str) -> Literal | None:
    """``2022``, ``2022-12`` or ``2022-12-05`` with the datatype of its precision; ``None`` for anything else."""
    if not _DATE.fullmatch(value):
        return None
    datatype, rest = _DATES[len(value)]
    try:
        date.fromisoformat(value + rest)
    except ValueError:
        return None
    return typed(value, datatype)


def _worded(words: str, language: str) -> Literal:
    return text(words, language) if _LANGUAGE.fullmatch(language) else Literal(words)


def _link(url: str) -> Iri | Literal:
    """A URL as an IRI if it can be one, else as the string that it is."""
    iri = Iri(ntriples(Iri(url))[1:-1])
    try:
        ox.NamedNode(iri)
    except ValueError:
        return Literal(url)
    return iri


def _slug(name: str) -> str:
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().lower()
    return "-".join(re.findall(r"[a-z0-9]+", plain)) or _sha256(name)[:16]


def _decimal(value: float) -> Literal:
    """At most four decimals, at least one: ``0.9``, ``1.0``."""
    whole, _, part = f"{value:.4f}".partition(".")
    return typed(f"{whole}.{part.rstrip('0') or '0'}", "decimal")


def _sha256(words: str) -> str:
    return hashlib.sha256(words.encode("utf-8", errors="surrogatepass")).hexdigest()


def _key(triple: Triple) -> tuple[str, str, str]:
    return triple[0], triple[1], ntriples(triple[2])
