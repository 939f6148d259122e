"""What must hold of a whole dataset, as SPARQL straight on its store: exact, and fast where shapes would not be."""

from __future__ import annotations

import pyoxigraph as ox

from codegrey.model import Finding, Severity
from codegrey.vocab import PREFIXES

_LIMIT = 1000
_HEAD = "".join(f"PREFIX {name}: <{space}>\n" for name, space in sorted(PREFIXES.items()))

UNCLAIMED = """SELECT ?node ?detail ?other WHERE {
  GRAPH $incidents { ?node ?detail ?other }
  FILTER(?detail NOT IN (rdf:type, rdfs:label, cg:reportedIn, cg:focusOf, cg:relatedIncident, cg:attack,
    cg:ransomDemand, dcterms:replaces, dcterms:isReplacedBy))
  FILTER NOT EXISTS {
    ?claim rdf:subject ?node ; rdf:predicate ?detail ; rdf:object ?other .
    FILTER NOT EXISTS { ?claim cg:disputed true }
  }
}"""

BLANK = """SELECT ?node ?detail ?other WHERE {
  GRAPH ?graph { ?node ?detail ?other } FILTER(isBlank(?node) || isBlank(?other))
}"""

LOOSE = """SELECT DISTINCT ?node ?detail ?other WHERE {
  GRAPH ?graph { ?node ?detail ?other }
  FILTER(isIRI(?other) && STRSTARTS(STR(?other), $base) && ?detail NOT IN (dcterms:replaces))
  FILTER NOT EXISTS { ?other ?any ?thing }
  FILTER NOT EXISTS { ?node cg:disputed true }
}"""

MISQUOTED = """SELECT ?node (oa:exact AS ?detail) (?exact AS ?other) WHERE {
  ?node oa:hasSelector ?position, ?quote .
  ?position oa:start ?start ; oa:end ?end . ?quote oa:exact ?exact .
  FILTER(?start + STRLEN(?exact) != ?end)
}"""

_CHECKS = (
    ("graph/unclaimed", UNCLAIMED, "an asserted fact that no undisputed claim states"),
    ("graph/blank-node", BLANK, "a blank node"),
    ("graph/loose-end", LOOSE, "points at a node of which nothing is said"),
    ("graph/misquoted", MISQUOTED, "the quote is not as long as its position says"),
)


def check_store(store: ox.Store, base: str) -> tuple[Finding, ...]:
    """A finding for each fact without a claim, blank node, reference into the void, and quote that cannot fit.

    At most 1,000 of a kind, in the order of their nodes.
    """
    return tuple(finding for code, query, message in _CHECKS for finding in _check(store, base, code, query, message))


def _check(store: ox.Store, base: str, code: str, query: str, message: str) -> list[Finding]:
    incidents, prefix = ox.NamedNode(f"{base}graph/incidents"), ox.Literal(base)
    filled = _HEAD + query.replace("$incidents", str(incidents)).replace("$base", str(prefix))
    rows = store.query(f"{filled} ORDER BY ?node ?detail ?other LIMIT {_LIMIT}", use_default_graph_as_union=True)
    if not isinstance(rows, ox.QuerySolutions):
        return []
    found = [(row["node"], row["detail"], row["other"]) for row in rows]
    return [
        Finding(Severity.ERROR, code, message, source=_plain(node), where=f"{_plain(detail)} {other}")
        for node, detail, other in found
    ]


def _plain(term: object) -> str:
    return term.value if isinstance(term, ox.NamedNode | ox.BlankNode) else str(term)
