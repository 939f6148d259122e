"""Which incidents an article reports, who was hit, and which incident a sentence speaks of."""

from __future__ import annotations

import pytest

from codegrey.model import Report
from codegrey.vocab import local_name
from reading import read, value

LAKES = (
    "Sky Lakes Medical Center was hit by ransomware on 27 October 2020. Staff went back to pen and paper.\n"
    "A similar attack hit St. Lawrence Health in New York the same week. There, ambulances were diverted.\n"
    "Sky Lakes said its network was cut off."
)
DAX = (
    "Le centre hospitalier de Dax a été visé par un rançongiciel le 9 février 2021. Les opérations ont été reportées.\n"
    "Une attaque similaire avait touché l'hôpital de Villefranche-sur-Saône. Six patients y avaient été transférés."
)


def incidents(report: Report) -> dict[str, tuple[bool, set[str]]]:
    """Victims → whether the incident is what the article is about, and its facts."""
    found = {}
    for incident in report.incidents:
        own = [c for c in report.claims if c.subject.owner == incident.key]
        victims = sorted({value(c, report) for c in own if local_name(c.predicate) == "victim"})
        facts = {f"{local_name(c.predicate)} {value(c, report)}" for c in own if local_name(c.predicate) != "victim"}
        found[" + ".join(victims)] = (incident.focus, facts)
    return found


def test_a_similar_attack_is_an_incident_of_its_own_in_passing() -> None:
    found = incidents(read(LAKES))
    assert {name: focus for name, (focus, _) in found.items()} == {
        "Sky Lakes Medical Center": True,
        "St. Lawrence Health": False,
    }


def test_sentences_belong_to_the_incident_that_they_speak_of() -> None:
    found = incidents(read(LAKES))
    assert {"impact DegradedMode", "response SystemIsolation"} <= found["Sky Lakes Medical Center"][1]
    assert found["St. Lawrence Health"][1] == {"impact PatientDiversion"}


def test_french_articles_pass_on_to_a_similar_attack_too() -> None:
    found = incidents(read(DAX, language="fr"))
    assert {"impact ProcedureCancellation", "startDate 2021-02-09"} <= found["centre hospitalier de Dax"][1]
    assert {"impact PatientTransfer", "count 6"} <= found["hôpital de Villefranche-sur-Saône"][1]
    assert found["hôpital de Villefranche-sur-Saône"][0] is False


def test_a_focus_knows_the_incidents_that_it_is_compared_with() -> None:
    report = read(LAKES)
    focus = next(incident for incident in report.incidents if incident.focus)
    assert focus.related == tuple(i.key for i in report.incidents if not i.focus)


@pytest.mark.parametrize(
    ("language", "words"),
    [
        ("en", "Hospitals are often hit by ransomware. Attackers could encrypt systems and demand a ransom."),
        ("en", "A new report says that 60 hospitals were hit in 2022. The agency warns hospitals to patch."),
        ("en", "During an exercise on Monday, a fictitious ransomware attack hit St. Mary's Hospital."),
        ("fr", "Les hôpitaux sont souvent la cible de cyberattaques. Les pirates pourraient chiffrer les données."),
        ("fr", "Lors d'un exercice, une fausse cyberattaque a visé le centre hospitalier de Dax."),
    ],
)
def test_statistics_warnings_and_exercises_are_no_incident(language: str, words: str) -> None:
    assert incidents(read(words, language=language)) == {}


def test_who_takes_in_the_patients_is_no_victim() -> None:
    words = "Mercy Hospital took in patients after St. Mary's Hospital was hit by ransomware on Monday."
    assert list(incidents(read(words))) == ["St. Mary's Hospital"]


def test_an_abbreviation_in_brackets_is_the_same_organisation() -> None:
    words = "The Centre Hospitalier Sud Francilien (CHSF) was hit by ransomware. The CHSF refused to pay."
    ((_, facts),) = incidents(read(words)).values()
    assert {"type RansomwareAttack", "ransomStatus RansomRefused"} <= facts


@pytest.mark.parametrize(
    ("language", "words", "fact"),
    [
        ("en", "Kettering Health was hit by a cyberattack. The hospital has activated its emergency plan.",
         "response EmergencyPlanActivation"),
        ("fr", "L'hôpital de Cannes a été victime d'une cyberattaque. L'établissement a déclenché le plan blanc.",
         "response EmergencyPlanActivation"),
    ],
)  # fmt: skip
def test_the_hospital_is_the_one_that_was_hit(language: str, words: str, fact: str) -> None:
    ((_, facts),) = incidents(read(words, language=language)).values()
    assert fact in facts


def test_the_cost_of_another_attack_is_not_that_of_this_one() -> None:
    words = (
        "Kettering Health was hit by a cyberattack on Tuesday. The attack on Ascension in May 2022 cost $1.3 billion."
    )
    found = incidents(read(words))
    assert "amount 1300000000" not in found["Kettering Health"][1]
    assert "amount 1300000000" in found["Ascension"][1]


def test_an_empty_article_reports_nothing() -> None:
    assert incidents(read("")) == {}
