"""The incidents and facts of a report, and those of an annotation, in the terms of the annotation."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, TypeAlias

from codegrey.errors import DataError
from codegrey.model import Claim, Node, Organisation, OrganisationKey, OrganisationRef, Report, Role
from codegrey.terms import Literal
from codegrey.vocab import CG, TYPE, local_name

SLOTS = tuple(
    "victim start attack actor ransom amount deadline data records impact count system action responder".split()
)
_SYSTEM_NAMES = {"LaboratorySystems": "Laboratory", "PharmacySystems": "Pharmacy"}
_UNSCORED = frozenset("Attack Impact DataCompromise CareImpact CriticalCareImpact".split())  # too broad to annotate
_ORGANISATIONS = {"attributedTo": "actor", "performedBy": "responder", "responder": "responder"}
_LISTS = {"attack": "attack", "actor": "actors", "data": "data", "system": "systems", "action": "actions",
          "responder": "responders"}  # fmt: skip

_Organisations: TypeAlias = Mapping[OrganisationKey, Organisation]
Fact: TypeAlias = tuple[str, Any]
"""A slot and a value. The value of an organisation is the tuple of its names, on the side of the annotation one."""


@dataclass(frozen=True, slots=True)
class Side:
    """One incident on either side: its name, the names of each victim, its facts.

    ``claims`` holds the most confident claim of each fact (of a victim under the slot ``victim``); an annotation has
    none.
    """

    name: str
    victims: tuple[tuple[str, ...], ...] = ()
    facts: frozenset[Fact] = frozenset()
    claims: Mapping[Fact, Claim] = field(default_factory=dict)


def claimed(report: Report) -> list[Side]:
    """The incidents and facts of a report, as far as annotations speak of such."""
    organisations = {organisation.key: organisation for organisation in report.organisations}
    sides = []
    for incident in report.incidents:
        claims = [c for c in report.claims if c.subject.owner == incident.key and c.subject.role != Role.ORGANISATION]
        victims = _victims(claims, organisations)
        best: dict[Fact, Claim] = {}
        for fact, claim in _facts(claims, organisations):
            if fact[0] != "responder" or fact[1] not in victims:
                best[fact] = _better(claim, best.get(fact))
        facts = frozenset(best)
        best |= {("victim", names): claim for names, claim in victims.items()}
        sides.append(Side(incident.key, tuple(victims), facts, best))
    return sides


def _better(claim: Claim, other: Claim | None) -> Claim:
    return claim if other is None or claim.confidence > other.confidence else other


def _victims(claims: Iterable[Claim], organisations: _Organisations) -> dict[tuple[str, ...], Claim]:
    """The names of each victim, in the order of the claims, with the most confident of them."""
    victims: dict[tuple[str, ...], Claim] = {}
    for claim in claims:
        if claim.predicate == CG["victim"] and isinstance(claim.value, OrganisationRef):
            names = _names(organisations[claim.value.key])
            victims[names] = _better(claim, victims.get(names))
    return victims


def _facts(claims: Iterable[Claim], organisations: _Organisations) -> Iterator[tuple[Fact, Claim]]:
    money: dict[str, list[Claim]] = {"amount": [], "currency": []}
    for claim in claims:
        predicate = local_name(claim.predicate)
        if claim.subject.role is Role.RANSOM and predicate in money:
            money[predicate].append(claim)
        for fact in _facts_of(claim, predicate, organisations):
            yield fact, claim
    for amount, currency in zip(money["amount"], money["currency"], strict=False):
        if isinstance(amount.value, Literal) and isinstance(currency.value, Literal):
            yield ("amount", (float(amount.value.lexical), currency.value.lexical)), amount


def _facts_of(claim: Claim, predicate: str, organisations: _Organisations) -> Iterator[Fact]:
    value = claim.value
    if isinstance(value, OrganisationRef):
        if slot := _ORGANISATIONS.get(predicate):
            yield slot, _names(organisations[value.key])
    elif isinstance(value, Node):
        yield from _node_facts(predicate, value)
    elif isinstance(value, Literal):
        yield from _literal_facts(claim, predicate, value)
    elif claim.predicate == TYPE and local_name(value) not in _UNSCORED:
        yield "attack", local_name(value)
    elif predicate in ("ransomStatus", "dataStatus"):
        yield predicate.removesuffix("Status"), local_name(value).removeprefix("Ransom").removeprefix("Data")
    elif predicate == "careStatus" and value == CG["CareUnaffected"]:
        yield "impact", local_name(value)
    elif predicate == "affectedSystem":
        yield "system", _SYSTEM_NAMES.get(local_name(value), local_name(value))


def _node_facts(predicate: str, value: Node) -> Iterator[Fact]:
    name = local_name(value.kind)
    if predicate == "impact" and name not in _UNSCORED:
        yield "impact", name
    elif predicate == "response":
        yield "action", name
    elif predicate == "ransomDemand":  # the ontology has it that who states a demand says that there was one
        yield "ransom", "Demanded"


def _literal_facts(claim: Claim, predicate: str, value: Literal) -> Iterator[Fact]:
    if predicate == "startDate":
        yield "start", value.lexical
    elif predicate == "deadline":
        yield "deadline", value.lexical
    elif predicate == "recordCount":
        yield "records", float(value.lexical)
    elif claim.subject.role is Role.IMPACT and predicate in ("count", "amount"):
        yield "count", (local_name(claim.subject.kind), float(value.lexical))


def _names(organisation: Organisation) -> tuple[str, ...]:
    return (organisation.name, *organisation.aliases)


def expected(annotation: Mapping[str, Any]) -> list[Side]:
    """The incidents and facts of an annotation.

    :raises DataError: if it lacks what an annotation must have, or a number is none.
    """
    try:
        return [_annotated(incident) for incident in annotation["incidents"]]
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise DataError(f"the annotation of {annotation.get('id', '?')} is malformed: {error!r}") from error


def _annotated(incident: Mapping[str, Any]) -> Side:
    facts: set[Fact] = {(slot, value) for slot, key in _LISTS.items() for value in incident.get(key) or ()}
    ransom = incident.get("ransom") or {}
    facts |= {("ransom", status) for status in ransom.get("status") or ()}
    if ransom.get("amount") is not None:
        facts.add(("amount", (float(ransom["amount"]), ransom.get("currency"))))
    if ransom.get("deadline"):
        facts.add(("deadline", ransom["deadline"]))
    if incident.get("start"):
        facts.add(("start", incident["start"]))
    if incident.get("records") is not None:
        facts.add(("records", float(incident["records"])))
    for impact in incident.get("impacts") or ():
        facts.add(("impact", impact["type"]))
        if impact.get("count") is not None:
            facts.add(("count", (impact["type"], float(impact["count"]))))
    victims = tuple((v["name"], *(v.get("aliases") or ())) for v in incident.get("victims") or ())
    return Side(incident["key"], victims, frozenset(facts))
