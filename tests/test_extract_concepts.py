"""Which claim a concept of the ontology makes."""

from __future__ import annotations

import pytest

from codegrey.model import Node, Role
from codegrey.ontology import load_ontology
from codegrey.vocab import CG, TYPE, local_name
from reading import extractor

CONCEPTS = extractor().concepts


@pytest.mark.parametrize(
    ("concept", "role", "predicate"),
    [
        ("RansomwareAttack", Role.ATTACK, TYPE),
        ("PatientTransfer", Role.INCIDENT, CG["impact"]),
        ("SystemIsolation", Role.INCIDENT, CG["response"]),
        ("RansomDemanded", Role.INCIDENT, CG["ransomStatus"]),
        ("DataStolen", Role.INCIDENT, CG["dataStatus"]),
        ("CareUnaffected", Role.INCIDENT, CG["careStatus"]),
    ],
)
def test_a_concept_becomes_a_claim_by_its_place_in_the_ontology(concept: str, role: Role, predicate: str) -> None:
    made = CONCEPTS.claim(CG[concept], "i")
    assert made is not None
    assert (made[0].role, made[0].owner, made[1]) == (role, "i", predicate)


def test_impacts_and_responses_become_nodes_of_their_class() -> None:
    made = CONCEPTS.claim(CG["PatientTransfer"], "i")
    assert made is not None
    assert made[2] == Node(Role.IMPACT, "i", CG["PatientTransfer"])


@pytest.mark.parametrize("concept", ["Network", "IntensiveCare", "Hospital", "NoSuchThing"])
def test_systems_services_and_strangers_make_no_claim_alone(concept: str) -> None:
    assert CONCEPTS.claim(CG[concept], "i") is None


def test_every_attack_impact_and_response_has_a_role() -> None:
    ontology = load_ontology()
    for top, role in (("Attack", "attack"), ("Impact", "impact"), ("ResponseAction", "response")):
        below = ontology.subclasses(CG[top])
        assert {local_name(c): CONCEPTS.role(c) for c in below} == {local_name(c): role for c in below}
