"""Claims in the ontology's labels: `patient transfer, count: 6`."""

from __future__ import annotations

from dataclasses import dataclass

from codegrey.model import Claim, Node, OrganisationRef, Report, Role
from codegrey.ontology import Ontology
from codegrey.terms import Iri, Literal
from codegrey.vocab import CG, TYPE

_CLASSES = {Role.INCIDENT: "Incident", Role.ATTACK: "Attack", Role.RANSOM: "RansomDemand"}


@dataclass(frozen=True, slots=True)
class Words:
    """Names what one report speaks of, in one language."""

    report: Report
    ontology: Ontology
    language: str

    def incident(self, key: str) -> str:
        """The names of an incident's victims and the day that it began."""
        about = [c for c in self.report.claims if c.subject == Node(Role.INCIDENT, key)]
        victims = dict.fromkeys(self.value(c) for c in about if c.predicate == CG["victim"])
        start = next((self.value(c) for c in about if c.predicate == CG["startDate"]), "")
        return ", ".join([*victims, *([start] if start else [])]) or key

    def claim(self, claim: Claim) -> str:
        """What a claim states, in one line."""
        value = self.value(claim)
        if claim.predicate == TYPE:
            return f"{self.node(claim.subject)}: {value}"
        name = self.ontology.label(claim.predicate, self.language)
        if claim.subject.role is Role.INCIDENT:
            return f"{name}: {value}"
        return f"{self.node(claim.subject)}, {name}: {value}"

    def value(self, claim: Claim) -> str:
        """The value of a claim."""
        value = claim.value
        if isinstance(value, Literal):
            return value.lexical
        if isinstance(value, OrganisationRef):
            return self.organisation(value.key)
        return self.node(value) if isinstance(value, Node) else self.ontology.label(value, self.language)

    def node(self, node: Node) -> str:
        """A node: the label of its class, or the name of the organisation that it is."""
        if node.role is Role.ORGANISATION:
            return self.organisation(node.owner)
        return self.ontology.label(Iri(node.kind) if node.kind else CG[_CLASSES[node.role]], self.language)

    def organisation(self, key: str) -> str:
        """An organisation's name; its key if the report does not describe it."""
        return next((o.name for o in self.report.organisations if o.key == key), key)
