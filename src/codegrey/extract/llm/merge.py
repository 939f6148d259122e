"""Two reports on one article made one: the same organisations and incidents joined, all claims kept."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from itertools import count

from codegrey.extract.llm.reading import without_strays
from codegrey.model import (
    Claim,
    IncidentKey,
    Node,
    Organisation,
    OrganisationKey,
    OrganisationRef,
    Report,
    ReportedIncident,
    Role,
)
from codegrey.terms import Literal
from codegrey.text import fold
from codegrey.vocab import CG

VICTIM, START = CG["victim"], CG["startDate"]


def merge_reports(first: Report, second: Report) -> Report:
    """The union of two reports on the same article; where they name one thing twice, the first one's keys stay.

    Organisations are one if they share a name or stand at the same place in the text; incidents if they share a victim
    and their start dates are not more than a month apart.
    """
    bodies = _same_organisations(first, second)
    claims = tuple(_renamed(claim, bodies, {}) for claim in second.claims)
    cases = _same_incidents(first, replace(second, claims=claims))
    claims = tuple(_renamed(claim, {}, cases) for claim in claims)
    organisations = {o.key: o for o in first.organisations}
    for other in second.organisations:
        key = bodies[other.key]
        organisations[key] = _united(organisations[key], other) if key in organisations else replace(other, key=key)
    incidents = {i.key: i for i in first.incidents}
    for incident in second.incidents:
        key_ = cases[incident.key]
        focus = incident.focus or (key_ in incidents and incidents[key_].focus)
        incidents[key_] = replace(incidents.get(key_, incident), key=key_, focus=focus)
    return without_strays(
        Report(
            article=first.article,
            organisations=tuple(organisations.values()),
            incidents=_related(incidents.values()),
            claims=tuple(dict.fromkeys((*first.claims, *claims))),
            rejections=(*first.rejections, *second.rejections),
        )
    )


def _same_organisations(first: Report, second: Report) -> dict[OrganisationKey, OrganisationKey]:
    taken = {o.key for o in first.organisations}
    keys: dict[OrganisationKey, OrganisationKey] = {}
    for other in second.organisations:
        named = [o for o in first.organisations if not _names(o).isdisjoint(_names(other))]
        placed = [o for o in first.organisations if _overlap(o, other)]
        home = named[0] if named else placed[0] if len(placed) == 1 else None
        keys[other.key] = home.key if home else OrganisationKey(_free(other.key, taken))
        taken.add(keys[other.key])
    return keys


def _names(organisation: Organisation) -> frozenset[str]:
    return frozenset(fold(name) for name in (organisation.name, *organisation.aliases))


def _overlap(one: Organisation, other: Organisation) -> bool:
    return any(a.start < b.end and b.start < a.end for a in one.spans for b in other.spans)


def _free(key: str, taken: Iterable[str]) -> str:
    """A key that nothing else of the report has."""
    keys = set(taken)
    free = (name for number in count(1) if (name := key if number == 1 else f"{key}-{number}") not in keys)
    return next(free)


def _united(one: Organisation, other: Organisation) -> Organisation:
    said = {name for name in (other.name, *other.aliases) if fold(name) not in fold(one.name)}  # a piece is no alias
    aliases = {*one.aliases, *said}
    return replace(
        one,
        aliases=tuple(sorted(aliases)),
        city=one.city or other.city,
        country=one.country or other.country,
        iri=one.iri or other.iri,
        spans=tuple(sorted({*one.spans, *other.spans})),
    )


def _same_incidents(first: Report, second: Report) -> dict[IncidentKey, IncidentKey]:
    taken = {incident.key for incident in first.incidents}
    keys: dict[IncidentKey, IncidentKey] = {}
    for other in second.incidents:
        if other.key in taken and not _victims(second, other.key):
            keys[other.key] = other.key  # it goes on from the part of the article before
            continue
        shared = [
            (
                -len(_victims(first, one.key) & _victims(second, other.key)),
                _starts(first, one.key).isdisjoint(_starts(second, other.key)),
                one.focus != other.focus,
                place,
                one.key,
            )
            for place, one in enumerate(first.incidents)
            if _compatible(_starts(first, one.key), _starts(second, other.key))
        ]
        best = min(shared, default=None)
        if best is None or best[0] == 0:
            keys[other.key] = IncidentKey(_free(other.key, taken))
            taken.add(keys[other.key])
        else:
            keys[other.key] = best[-1]
    return keys


def _victims(report: Report, key: IncidentKey) -> frozenset[OrganisationKey]:
    return frozenset(
        claim.value.key
        for claim in report.claims
        if claim.predicate == VICTIM and claim.subject.owner == key and isinstance(claim.value, OrganisationRef)
    )


def _starts(report: Report, key: IncidentKey) -> frozenset[str]:
    return frozenset(
        claim.value.lexical
        for claim in report.claims
        if claim.predicate == START and claim.subject.owner == key and isinstance(claim.value, Literal)
    )


def _compatible(left: frozenset[str], right: frozenset[str]) -> bool:
    """Whether two sets of start dates may be of one incident: a month apart is a slip, more is another attack."""
    return not left or not right or any(_near(a, b) for a in left for b in right)


def _near(left: str, right: str) -> bool:
    (year, *month), (other, *last) = ([int(part) for part in date.split("-")[:2]] for date in (left, right))
    if not month or not last:
        return year == other
    return abs(12 * (year - other) + month[0] - last[0]) <= 1


def _renamed(
    claim: Claim, bodies: Mapping[OrganisationKey, OrganisationKey], cases: Mapping[IncidentKey, IncidentKey]
) -> Claim:
    value = claim.value
    if isinstance(value, OrganisationRef):
        value = OrganisationRef(bodies.get(value.key, value.key))
    elif isinstance(value, Node):
        value = _node(value, bodies, cases)
    return replace(claim, subject=_node(claim.subject, bodies, cases), value=value)


def _node(
    node: Node, bodies: Mapping[OrganisationKey, OrganisationKey], cases: Mapping[IncidentKey, IncidentKey]
) -> Node:
    if node.role is Role.ORGANISATION:
        return replace(node, owner=bodies.get(OrganisationKey(node.owner), OrganisationKey(node.owner)))
    return replace(node, owner=cases.get(IncidentKey(node.owner), IncidentKey(node.owner)))


def _related(incidents: Iterable[ReportedIncident]) -> tuple[ReportedIncident, ...]:
    """The incidents; the one in focus leads to those in passing."""
    those = tuple(incidents)
    passing = tuple(incident.key for incident in those if not incident.focus)
    return tuple(
        replace(one, related=tuple(dict.fromkeys((*one.related, *(passing if one.focus else ()))))) for one in those
    )
