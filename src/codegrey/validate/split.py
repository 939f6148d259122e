"""A dataset cut into one small graph an incident, with all that its shapes look at.

own      the incident, its nodes, the claims on them with their evidence, the articles
bodies   organisations, actors, malware: their names and figures, with the claims on those
beyond   what bodies point at (places, groups, publishers): only what kind of thing it is
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass

from codegrey.model import ArticleId
from codegrey.terms import Iri, Literal, Quad, Term, Triple
from codegrey.vocab import CG, OA, PROV, RDF, TYPE

Index = Mapping[Iri, tuple[Triple, ...]]


@dataclass(frozen=True, slots=True)
class Words:
    """A claim as far as a finding quotes it."""

    iri: Iri
    subject: Iri
    predicate: Iri
    object: Term
    article: ArticleId
    exact: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Piece:
    """One incident's graph. A violation at a node of ``own`` is the incident's, one at ``bodies`` is not only its."""

    incident: Iri
    own: frozenset[Iri]
    bodies: frozenset[Iri]
    triples: tuple[Triple, ...]
    words: tuple[Words, ...]


def split(
    quads: Iterable[Quad], ontology: Iterable[Triple], *, base: str, only: Collection[Iri] | None = None
) -> Iterator[Piece]:
    """The graph of each incident, in the order of their IRIs; of those in ``only``, if it is given.

    ``quads`` are graph/incidents, graph/registry and the articles' graphs; other graphs are passed over.
    """
    about = _by_subject((s, p, o) for s, p, o, g in quads if _asserted(g, base))
    terms = _by_subject(triple for triple in ontology if triple[1] == TYPE)
    claims = _claims_by_subject(about)
    nodes = _nodes_by_incident(about)
    for incident in sorted(nodes):
        if only is None or incident in only:
            yield _piece(incident, nodes[incident], about, terms, claims)


def _asserted(graph: Iri, base: str) -> bool:
    name = graph.removeprefix(f"{base}graph/")
    return name in ("incidents", "registry") or name.startswith("article/")


def _by_subject(triples: Iterable[Triple]) -> Index:
    found: defaultdict[Iri, dict[Triple, None]] = defaultdict(dict)
    for triple in triples:
        found[triple[0]][triple] = None
    return {s: tuple(rows) for s, rows in found.items()}


def _claims_by_subject(about: Index) -> Mapping[Iri, tuple[Iri, ...]]:
    found: defaultdict[Iri, list[Iri]] = defaultdict(list)
    for node in sorted(about):
        for _, p, o in about[node]:
            if p == RDF["subject"] and not isinstance(o, Literal):
                found[o].append(node)
    return {s: tuple(claims) for s, claims in found.items()}


def _nodes_by_incident(about: Index) -> Mapping[Iri, list[Iri]]:
    """Each incident with itself and the nodes below it."""
    incidents = {s for s, rows in about.items() if (s, TYPE, CG["Incident"]) in rows}
    found: dict[Iri, list[Iri]] = {incident: [incident] for incident in incidents}
    for node in sorted(about):
        owner = node
        while "/" in owner:
            owner = Iri(owner.rpartition("/")[0])
            if owner in incidents:
                found[owner].append(node)
                break
    return found


def _piece(incident: Iri, nodes: list[Iri], about: Index, terms: Index, claims: Mapping[Iri, tuple[Iri, ...]]) -> Piece:
    cited = [claim for node in nodes for claim in claims.get(node, ())]
    proof = [node for claim in cited for node in _proof(claim, about)]
    leads = _objects((*nodes, *cited), about)
    near = {o for o in leads if o in about and not _is_incident(o, about) and o not in (*nodes, *proof)}
    articles = {o for o in near if (o, TYPE, CG["Article"]) in about[o]}
    bodies = near - articles
    extra = [
        node for body in sorted(bodies) for claim in claims.get(body, ()) for node in (claim, *_proof(claim, about))
    ]
    inner = [*nodes, *cited, *proof, *sorted(near), *extra]
    beyond = _objects(inner, about) - set(inner)
    rows = [triple for node in inner for triple in about.get(node, ())]
    rows += [t for node in sorted(beyond) if not _is_incident(node, about) for t in _kinds(node, about, terms)]
    return Piece(
        incident=incident,
        own=frozenset((*nodes, *cited, *proof, *articles)),
        bodies=frozenset(bodies),
        triples=tuple(dict.fromkeys(rows)),
        words=tuple(_words(claim, about) for claim in (*cited, *extra) if _is_claim(claim, about)),
    )


def _proof(claim: Iri, about: Index) -> list[Iri]:
    """The evidence of a claim and its selectors."""
    evidence = [o for _, p, o in about[claim] if p == CG["evidence"] and not isinstance(o, Literal)]
    selectors = [o for node in evidence for _, p, o in about.get(node, ()) if p == OA["hasSelector"]]
    return [*evidence, *(o for o in selectors if not isinstance(o, Literal))]


def _objects(nodes: Iterable[Iri], about: Index) -> set[Iri]:
    return {o for node in nodes for _, _, o in about.get(node, ()) if not isinstance(o, Literal)}


def _kinds(node: Iri, about: Index, terms: Index) -> Iterator[Triple]:
    yield from (triple for triple in about.get(node, ()) if triple[1] == TYPE)
    yield from terms.get(node, ())


def _is_incident(node: Iri, about: Index) -> bool:
    return (node, TYPE, CG["Incident"]) in about.get(node, ())


def _is_claim(node: Iri, about: Index) -> bool:
    return any(p == RDF["subject"] for _, p, _ in about.get(node, ()))


def _words(claim: Iri, about: Index) -> Words:
    said: dict[Iri, Term] = {p: o for node in (claim, *_proof(claim, about)) for _, p, o in about.get(node, ())}
    article = str(said.get(PROV["wasDerivedFrom"], ""))
    return Words(
        iri=claim,
        subject=Iri(str(said[RDF["subject"]])),
        predicate=Iri(str(said.get(RDF["predicate"], ""))),
        object=said.get(RDF["object"], Literal("")),
        article=ArticleId(article.rpartition("/")[2]),
        exact=_lexical(said.get(OA["exact"])),
        start=_number(said.get(OA["start"])),
        end=_number(said.get(OA["end"])),
    )


def _lexical(term: Term | None) -> str:
    return term.lexical if isinstance(term, Literal) else ""


def _number(term: Term | None) -> int:
    """A position, or -1 where there is none."""
    lexical = _lexical(term)
    return int(lexical) if lexical.isdecimal() else -1
