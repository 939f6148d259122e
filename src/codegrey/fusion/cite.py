"""Claims in a report's own terms → claims in RDF.

Nodes become IRIs below their incident: ``…/attack``, ``…/impact/<kind>``, ``…/response/<kind>``, ``…/ransom``.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import TypeAlias

from codegrey.model import ArticleId, CitedClaim, Claim, IncidentKey, Node, OrganisationRef, Report, Role
from codegrey.terms import Iri, Term
from codegrey.vocab import CG, TYPE, local_name

ItemKey = tuple[ArticleId, IncidentKey]
_HUMP = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")
LINKS = {
    Role.ATTACK: CG["attack"],
    Role.IMPACT: CG["impact"],
    Role.RESPONSE: CG["response"],
    Role.RANSOM: CG["ransomDemand"],
}
KINDS = {Role.ATTACK: CG["Attack"], Role.RANSOM: CG["RansomDemand"]}


@dataclass(frozen=True, slots=True)
class Names:
    """The IRIs of what reports name: organisations by (article, key), incidents by (article, key)."""

    organisations: Mapping[tuple[ArticleId, str], Iri]
    incidents: Mapping[ItemKey, Iri]


def node_iri(node: Node, article: ArticleId, names: Names) -> Iri | None:
    """A node's IRI, or ``None`` if the report does not list its owner."""
    if node.role is Role.ORGANISATION:
        return names.organisations.get((article, node.owner))
    incident = names.incidents.get((article, IncidentKey(node.owner)))
    if incident is None or node.role is Role.INCIDENT:
        return incident
    tail = f"/{kebab(local_name(node.kind))}" if node.kind else ""
    return Iri(f"{incident}/{node.role.value}{tail}")


def kebab(name: str) -> str:
    """``PatientTransfer`` → ``patient-transfer``."""
    return _HUMP.sub("-", name).lower()


Spoken: TypeAlias = tuple[tuple[Iri, Node], ...]
"""The nodes of a report that a claim speaks of, its subject first, with the IRIs that they got."""


def cite(report: Report, names: Names) -> list[tuple[Iri, CitedClaim, Spoken]]:
    """The claims of a report in RDF, each with the incident or organisation that owns it and the nodes it speaks of.

    A claim about something that the report does not list is left out.
    """
    cited = []
    article = report.article.id
    for claim in (*report.claims, *_links(report.claims)):
        subject, value = node_iri(claim.subject, article, names), _value(claim, article, names)
        owner = _owner(claim.subject, article, names)
        if subject and value and owner:
            spoken: Spoken = ((subject, claim.subject),)
            if isinstance(claim.value, Node) and isinstance(value, str):
                spoken += ((value, claim.value),)
            cited.append((owner, _cited(claim, article, subject, value), spoken))
    return cited


def _owner(node: Node, article: ArticleId, names: Names) -> Iri | None:
    whole = replace(node, role=Role.INCIDENT) if node.role is not Role.ORGANISATION else node
    return node_iri(whole, article, names)


def _value(claim: Claim, article: ArticleId, names: Names) -> Term | None:
    if isinstance(claim.value, Node):
        return node_iri(claim.value, article, names)
    if isinstance(claim.value, OrganisationRef):
        return names.organisations.get((article, claim.value.key))
    return claim.value


def _cited(claim: Claim, article: ArticleId, subject: Iri, value: Term) -> CitedClaim:
    return CitedClaim(
        subject, claim.predicate, value, article, claim.evidence, claim.confidence, claim.extractor, claim.rule
    )


def _links(claims: Iterable[Claim]) -> list[Claim]:
    """A claim that ties each node to its incident, by the words of the first claim about the node, where none does."""
    linked = {claim.value for claim in claims if isinstance(claim.value, Node)}
    made: dict[Node, Claim] = {}
    for claim in sorted(claims, key=lambda c: (c.evidence, c.predicate)):
        node = claim.subject
        if node.role in LINKS and node not in linked:
            owner = Node(Role.INCIDENT, node.owner)
            made.setdefault(node, replace(claim, subject=owner, predicate=LINKS[node.role], value=node))
    return list(made.values())


def node_kinds(claims: Iterable[tuple[CitedClaim, Spoken]]) -> tuple[tuple[Iri, Iri], ...]:
    """(node, class) for every node that an incident's claims speak of; an attack of no stated kind is a plain one."""
    kinds: set[tuple[Iri, Iri]] = set()
    untyped: set[tuple[Iri, Iri]] = set()
    for claim, spoken in claims:
        for iri, node in spoken:
            if node.role in KINDS:
                untyped.add((iri, KINDS[node.role]))
            elif node.kind:
                kinds.add((iri, Iri(node.kind)))
        if claim.predicate == TYPE and not claim.disputed and isinstance(claim.object, str):
            kinds.add((claim.subject, claim.object))
    typed = {node for node, _ in kinds}
    return tuple(sorted(kinds | {pair for pair in untyped if pair[0] not in typed}))
