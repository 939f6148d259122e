"""What may be said, as a JSON schema: built from the ontology, so that a new class there is a new word here.

Every slot of an incident is a list of items, and every item carries its quote. The subset used is the one that strict
structured output and grammar-based samplers share: objects whose keys are all required, arrays, enumerations, null.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from codegrey.extract.concepts import Concepts
from codegrey.ontology import AXIOMS, Ontology
from codegrey.terms import Iri
from codegrey.vocab import CG, OWL, RDFS, local_name


class Form(StrEnum):
    """What an item of a slot holds beside its quote."""

    TERM = "term"
    NAME = "name"
    DATE = "date"
    COUNT = "count"
    MONEY = "money"


@dataclass(frozen=True, slots=True)
class Slot:
    """One property of an incident. ``terms`` are the local names that it may take: classes, kinds of organisation."""

    name: str
    form: Form
    terms: Mapping[str, Iri]
    role: str = ""


_ROLES = {"system": "affectedSystem", "service": "affectedService"}  # the others are named like their property
_KINDS = {"victim": "HealthcareOrganisation", "attributedTo": "", "responder": "Responder"}
VICTIM, START, ACTOR, RESPONDER, DEMAND, RECORDS = (
    "victim",
    "startDate",
    "attributedTo",
    "responder",
    "ransomDemand",
    "recordCount",
)
FOCUS = "focus"
COUNTED = "impact"  # the role whose items may be counted


def make_slots(ontology: Ontology, concepts: Concepts) -> tuple[Slot, ...]:
    """The slots of an incident, in the order in which a model fills them."""
    roles: dict[str, dict[str, Iri]] = {}
    for concept, role in sorted(concepts.roles.items()):
        if role and not ontology.subclasses(concept) and concept not in _defined(ontology):
            roles.setdefault(role, {})[local_name(concept)] = concept
    terms = [Slot(_ROLES.get(role, role), Form.TERM, roles[role], role) for role in sorted(roles)]
    return (
        _names(VICTIM, ontology),
        Slot(START, Form.DATE, {}),
        *(slot for slot in terms if slot.name == slot.role),
        *(slot for slot in terms if slot.name != slot.role),
        _names(ACTOR, ontology),
        _names(RESPONDER, ontology),
        Slot(DEMAND, Form.MONEY, {}),
        Slot(RECORDS, Form.COUNT, {}),
    )


def _names(name: str, ontology: Ontology) -> Slot:
    root = CG[_KINDS[name]] if _KINDS[name] else None
    kinds = sorted(kind for kind in ontology.subclasses(root) if not ontology.subclasses(kind)) if root else []
    return Slot(name, Form.NAME, {local_name(kind): kind for kind in kinds})


def _defined(ontology: Ontology) -> frozenset[Iri]:
    """Classes whose members follow from a definition: nobody claims them."""
    meets = {s for s, p, _ in ontology.triples if p == OWL["intersectionOf"]}
    return frozenset(
        Iri(o) for s, p, o in ontology.triples if p == RDFS["subClassOf"] and s in meets and s.startswith(AXIOMS)
        if isinstance(o, str)
    )  # fmt: skip


def make_schema(slots: tuple[Slot, ...], ontology: Ontology, language: str) -> dict[str, object]:
    """The JSON schema of a reply; descriptions are the ontology's definitions, in the article's language."""
    properties: dict[str, object] = {FOCUS: {"type": "boolean"}}
    for slot in slots:
        properties[slot.name] = {
            "type": "array",
            "description": ontology.definition(CG[slot.name], language),
            "items": _object(_item(slot)),
        }
    return _object({"incidents": {"type": "array", "items": _object(properties)}})


def _item(slot: Slot) -> dict[str, object]:
    text: dict[str, object] = {"type": "string"}
    item: dict[str, object] = {"quote": text}
    if slot.form is Form.TERM:
        item["term"] = {"type": "string", "enum": list(slot.terms)}
        if slot.role == COUNTED:
            item["count"] = {"type": ["integer", "null"]}
    elif slot.form is Form.NAME:
        item["name"] = text
        if slot.terms:
            item["kind"] = {"type": "string", "enum": list(slot.terms)}
        if slot.name == VICTIM:
            item["city"] = {"type": ["string", "null"]}
    elif slot.form is Form.DATE:
        item["date"] = text
    elif slot.form is Form.COUNT:
        item["count"] = {"type": "integer"}
    else:
        item["amount"] = {"type": ["number", "null"]}
        item["deadline"] = {"type": ["string", "null"]}
    return item


def _object(properties: Mapping[str, object]) -> dict[str, object]:
    return {
        "type": "object",
        "properties": dict(properties),
        "required": list(properties),
        "additionalProperties": False,
    }
