"""How a concept of the ontology becomes a claim: which node it speaks of and by which property."""

from __future__ import annotations

from dataclasses import dataclass

from codegrey.lexicon import Readings
from codegrey.model import Node, Role, Value
from codegrey.ontology import Ontology
from codegrey.terms import Iri
from codegrey.vocab import CG, TYPE

_STATUSES = {"RansomStatus": "ransomStatus", "DataStatus": "dataStatus", "CareStatus": "careStatus"}
_NODES = {"Impact": Role.IMPACT, "ResponseAction": Role.RESPONSE}


@dataclass(frozen=True, slots=True)
class Concepts:
    """What kind of thing each concept is, read from the ontology once."""

    readings: Readings
    roles: dict[Iri, str]  # "attack", "impact", "response", "system", "service", "ransomStatus" …

    def role(self, concept: Iri) -> str:
        """The role of a concept; ``""`` for signals that are no part of the ontology."""
        return self.roles.get(concept, "")

    def claim(self, concept: Iri, incident: str) -> tuple[Node, Iri, Value] | None:
        """Subject, predicate and value of the claim that a concept makes of an incident."""
        role = self.role(concept)
        about = Node(Role.INCIDENT, incident)
        if role == "attack":
            return Node(Role.ATTACK, incident), TYPE, concept
        if role in ("impact", "response"):
            return about, CG[role], Node(Role(role), incident, concept)
        if role.endswith("Status"):
            return about, CG[role], concept
        return None


def make_concepts(ontology: Ontology, readings: Readings) -> Concepts:
    """Read the roles of classes and individuals from the ontology."""
    roles: dict[Iri, str] = {}
    for concept in ontology.subclasses(CG["Attack"]):
        roles[concept] = "attack"
    for name, role in _NODES.items():
        for concept in (CG[name], *ontology.subclasses(CG[name])):
            roles[concept] = role.value
    for subject, predicate, value in ontology.triples:
        if predicate != TYPE or not isinstance(value, str):
            continue
        if value == CG["System"]:
            roles[subject] = "system"
        elif ontology.is_a(Iri(value), CG["Service"]):
            roles[subject] = "service"
        for kind, name in _STATUSES.items():
            if value == CG[kind]:
                roles[subject] = name
    return Concepts(readings, roles)
