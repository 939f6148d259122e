"""Reports → the items that clustering looks at."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

from codegrey.fusion.cluster import Item
from codegrey.fusion.dates import When, parse_when
from codegrey.model import ArticleId, Claim, FusedOrganisation, Node, OrganisationRef, Report, ReportedIncident, Role
from codegrey.terms import Iri, Literal
from codegrey.vocab import CG, local_name

STARTS = (CG["startDate"], CG["detectedDate"])  # the first that is stated says when an incident began
ACTOR, VICTIM, SUPPLIER = CG["attributedTo"], CG["victim"], CG["HealthSupplier"]


def items_of(
    reports: Iterable[Report],
    organisations: Mapping[tuple[ArticleId, str], Iri],
    described: Mapping[Iri, FusedOrganisation] | None = None,
) -> list[Item]:
    """One item for every incident of every report; ``described`` tells the victims' countries and kinds."""
    items = [_item(report, incident, organisations) for report in reports for incident in report.incidents]
    return [_placed(item, described or {}) for item in items]


def _placed(item: Item, described: Mapping[Iri, FusedOrganisation]) -> Item:
    victims = [described[victim] for victim in item.victims if victim in described]
    return replace(
        item,
        countries=frozenset(victim.country for victim in victims if victim.country),
        supplier=any(SUPPLIER in victim.kinds for victim in victims),
    )


def _item(report: Report, incident: ReportedIncident, organisations: Mapping[tuple[ArticleId, str], Iri]) -> Item:
    article = report.article
    own = [c for c in report.claims if c.subject.owner == incident.key and c.subject.role is not Role.ORGANISATION]

    def nodes(predicate: Iri) -> frozenset[Iri]:
        found = (_iri(claim, article.id, organisations) for claim in own if claim.predicate == predicate)
        return frozenset(iri for iri in found if iri)

    return Item(
        key=(article.id, incident.key),
        victims=nodes(VICTIM),
        focus=incident.focus,
        when=start_of(own),
        published=parse_when(article.published),
        actors=nodes(ACTOR),
        facts=frozenset(filter(None, (_fact(claim, article.id, organisations) for claim in own))),
    )


def start_of(claims: Sequence[Claim]) -> When | None:
    """When one report says that it began: the surest statement, then the most precise, then the earliest."""
    for predicate in STARTS:
        stated = [
            (claim.confidence, len(claim.value.lexical), when)
            for claim in claims
            if claim.predicate == predicate and isinstance(claim.value, Literal)
            if (when := parse_when(claim.value.lexical))
        ]
        if stated:
            return max(stated, key=lambda s: (s[0], s[1], -s[2].first))[2]
    return None


def _iri(claim: Claim, article: ArticleId, organisations: Mapping[tuple[ArticleId, str], Iri]) -> Iri | None:
    if isinstance(claim.value, OrganisationRef):
        return organisations.get((article, claim.value.key))
    return claim.value if isinstance(claim.value, str) else None


def _fact(claim: Claim, article: ArticleId, organisations: Mapping[tuple[ArticleId, str], Iri]) -> str:
    """A statement that can be found in another report, or ``""`` for what cannot tell two attacks apart."""
    if claim.predicate in (*STARTS, VICTIM):
        return ""
    if isinstance(claim.value, Node):
        return f"{claim.value.role}:{local_name(claim.value.kind)}" if claim.value.kind else ""
    value = claim.value.lexical if isinstance(claim.value, Literal) else _iri(claim, article, organisations) or ""
    return f"{local_name(claim.subject.kind)}:{local_name(claim.predicate)}={value}"
