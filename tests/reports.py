"""Hand-made reports: what an article states, in a line or two."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from codegrey.model import (
    Article,
    ArticleId,
    Claim,
    IncidentKey,
    Node,
    Organisation,
    OrganisationKey,
    OrganisationRef,
    Report,
    ReportedIncident,
    Role,
    Span,
    Value,
)
from codegrey.terms import Iri, Literal, typed
from codegrey.vocab import CG, TYPE

DATATYPES = {4: "gYear", 7: "gYearMonth", 10: "date"}


def when(date: str) -> Literal:
    """A date with the datatype of its precision."""
    return typed(date, DATATYPES[len(date)])


def claim(subject: Node, predicate: str | Iri, value: Value, *, words: str = "words", confidence: float = 0.9) -> Claim:
    """A claim on made-up words."""
    iri = predicate if isinstance(predicate, str) and ":" in predicate else CG[predicate]
    return Claim(subject, Iri(iri), value, Span(0, len(words), words), confidence, "hand")


def hospital(
    name: str, city: str = "", country: str = "", *, kind: str = "Hospital", aliases: Sequence[str] = ()
) -> Organisation:
    """An organisation whose key is its name."""
    return Organisation(OrganisationKey(name), name, CG[kind], tuple(aliases), city, country, "en")


def incident(
    key: str,
    victims: Iterable[Organisation],
    *,
    start: str = "",
    attacks: Iterable[str] = (),
    actors: Iterable[Iri] = (),
    impacts: Mapping[str, int | None] | None = None,
    actions: Iterable[str] = (),
    performed: Mapping[str, str] | None = None,
) -> list[Claim]:
    """The claims of one reported incident; ``performed`` maps an action to the organisation that performs it."""
    here = Node(Role.INCIDENT, key)
    claims = [claim(here, "victim", OrganisationRef(victim.key)) for victim in victims]
    if start:
        claims.append(claim(here, "startDate", when(start)))
    attack = Node(Role.ATTACK, key)
    claims += [claim(attack, TYPE, CG[kind]) for kind in attacks]
    claims += [claim(attack, "attributedTo", actor) for actor in actors]
    for kind, count in (impacts or {}).items():
        node = Node(Role.IMPACT, key, CG[kind])
        claims.append(claim(here, "impact", node))
        if count is not None:
            claims.append(claim(node, "count", typed(count, "integer")))
    for kind in actions:
        claims.append(claim(here, "response", Node(Role.RESPONSE, key, CG[kind])))
    for kind, who in (performed or {}).items():
        claims.append(claim(Node(Role.RESPONSE, key, CG[kind]), "performedBy", OrganisationRef(OrganisationKey(who))))
    return claims


def report(
    article: str,
    *claims: Sequence[Claim],
    organisations: Iterable[Organisation] = (),
    passing: Iterable[str] = (),
    published: str = "",
    related: Mapping[str, Sequence[str]] | None = None,
) -> Report:
    """A report of one article; its incidents are those that the claims speak of."""
    everything = tuple(one for group in claims for one in group)
    mentioned = set(passing)
    keys = dict.fromkeys(one.subject.owner for one in everything if one.subject.role is not Role.ORGANISATION)
    incidents = tuple(
        ReportedIncident(
            IncidentKey(key), key not in mentioned, tuple(IncidentKey(k) for k in (related or {}).get(key, ()))
        )
        for key in keys
    )
    return Report(
        Article(ArticleId(article), "words", published=published), tuple(organisations), incidents, everything
    )
