"""What a sentence states, denies, hedges or only imagines, said after a sentence that reports an attack."""

from __future__ import annotations

import pytest

from reading import read, stated

HEADS = {
    "en": "St. Mary's Hospital in Leeds was hit by a cyberattack on Monday. ",
    "fr": "Le centre hospitalier de Dax a été victime d'une cyberattaque lundi. ",
}

STATED = (
    ("en", "Patient data were stolen.", "dataStatus DataStolen"),
    ("en", "Patient data may have been stolen.", "dataStatus DataSuspected"),
    ("en", "Files could have been copied.", "dataStatus DataSuspected"),
    ("en", "No patient data were stolen.", "dataStatus DataUnaffected"),
    ("en", "There is no evidence that patient data were stolen.", "dataStatus DataUnaffected"),
    ("en", "Patient data were published on the dark web.", "dataStatus DataPublished"),
    ("en", "The personal data of 16,000 patients were stolen.", "recordCount 16000"),
    ("en", "A ransom was demanded.", "ransomStatus RansomDemanded"),
    ("en", "No ransom was demanded.", "ransomStatus RansomNotDemanded"),
    ("en", "The hospital has not received a ransom demand.", "ransomStatus RansomNotDemanded"),
    ("en", "The hospital refused to pay the ransom.", "ransomStatus RansomRefused"),
    ("en", "The hospital did not pay the ransom.", "ransomStatus RansomRefused"),
    ("en", "The hospital paid a ransom of $17,000.", "ransomStatus RansomPaid"),
    ("en", "The attackers demanded a ransom of $10 million by 23 March.", "amount 10000000"),
    ("en", "The attackers demanded a ransom of $10 million by 23 March.", "currency USD"),
    ("en", "Six patients were transferred to other hospitals.", "impact PatientTransfer"),
    ("en", "Six patients were transferred to other hospitals.", "count 6"),
    ("en", "Forty operations were cancelled.", "impact ProcedureCancellation"),
    ("en", "Forty operations were cancelled.", "count 40"),
    ("en", "Operations had to be postponed.", "impact ProcedureCancellation"),
    ("en", "Ambulances were diverted to other hospitals.", "impact PatientDiversion"),
    ("en", "Staff went back to pen and paper.", "impact DegradedMode"),
    ("en", "Patient care was not affected.", "careStatus CareUnaffected"),
    ("en", "Email and telephones are down.", "impact SystemOutage"),
    ("en", "Email and telephones are down.", "affectedSystem Email"),
    ("en", "Email and telephones are down.", "affectedSystem Telephony"),
    ("en", "The network was cut off from the internet as a precaution.", "response SystemIsolation"),
    ("en", "The hospital filed a complaint.", "response CriminalComplaint"),
    ("en", "The police opened an investigation.", "response CriminalInvestigation"),
    ("en", "Systems were restored on 20 March.", "response SystemRestoration"),
    ("en", "It was a ransomware attack.", "type RansomwareAttack"),
    ("en", "The attack was claimed by LockBit.", "attributedTo LockBit"),
    ("en", "The hospital has 1,200 beds.", "beds 1200"),
    ("fr", "Des données de patients ont été volées.", "dataStatus DataStolen"),
    ("fr", "Des données de patients auraient été volées.", "dataStatus DataSuspected"),
    ("fr", "Des données ont pu être copiées.", "dataStatus DataSuspected"),
    ("fr", "Aucune donnée de patient n'a été volée.", "dataStatus DataUnaffected"),
    ("fr", "Les données ont été publiées sur le dark web.", "dataStatus DataPublished"),
    ("fr", "Une rançon a été demandée.", "ransomStatus RansomDemanded"),
    ("fr", "Aucune rançon n'a été demandée.", "ransomStatus RansomNotDemanded"),
    ("fr", "L'hôpital a refusé de payer la rançon.", "ransomStatus RansomRefused"),
    ("fr", "L'hôpital n'a pas payé la rançon.", "ransomStatus RansomRefused"),
    ("fr", "L'hôpital ne paiera pas la rançon.", "ransomStatus RansomRefused"),
    ("fr", "Les attaquants réclament une rançon de 10 millions de dollars.", "amount 10000000"),
    ("fr", "Les attaquants réclament une rançon de 10 millions de dollars.", "ransomStatus RansomDemanded"),
    ("fr", "Six patients ont été transférés.", "impact PatientTransfer"),
    ("fr", "Six patients ont été transférés.", "count 6"),
    ("fr", "Une trentaine d'opérations ont été reportées.", "impact ProcedureCancellation"),
    ("fr", "Une trentaine d'opérations ont été reportées.", "count 30"),
    ("fr", "Les consultations ont été annulées.", "impact AppointmentCancellation"),
    ("fr", "Les soignants travaillent avec papier et crayon.", "impact DegradedMode"),
    ("fr", "La prise en charge des patients n'est pas affectée.", "careStatus CareUnaffected"),
    ("fr", "La messagerie et la téléphonie sont hors service.", "affectedSystem Email"),
    ("fr", "La messagerie et la téléphonie sont hors service.", "affectedSystem Telephony"),
    ("fr", "Le plan blanc a été déclenché.", "response EmergencyPlanActivation"),
    ("fr", "Une cellule de crise a été activée.", "response CrisisUnitActivation"),
    ("fr", "L'hôpital a porté plainte.", "response CriminalComplaint"),
    ("fr", "Une enquête a été ouverte par le parquet de Paris.", "response CriminalInvestigation"),
    ("fr", "Le réseau a été coupé d'internet.", "response SystemIsolation"),
    ("fr", "L'ANSSI accompagne l'établissement.", "response ExternalAssistance"),
    ("fr", "La Cnil a été informée.", "response RegulatorNotification"),
    ("fr", "C'est une attaque par rançongiciel.", "type RansomwareAttack"),
    ("fr", "L'attaque a été revendiquée par LockBit.", "attributedTo LockBit"),
    ("fr", "L'hôpital compte 1 200 lits.", "beds 1200"),
)
NOT_STATED = (
    ("en", "Patient data may have been stolen.", "dataStatus DataStolen"),
    ("en", "Files could have been copied.", "dataStatus DataStolen"),
    ("en", "No patient data were stolen.", "dataStatus DataStolen"),
    ("en", "There is no evidence that patient data were stolen.", "dataStatus DataStolen"),
    ("en", "It is not clear whether patient data were stolen.", "dataStatus DataStolen"),
    ("en", "If patient data were stolen, patients would be told.", "dataStatus DataStolen"),
    ("en", "No ransom was demanded.", "ransomStatus RansomDemanded"),
    ("en", "The hospital has not received a ransom demand.", "ransomStatus RansomDemanded"),
    ("en", "The hospital refused to pay the ransom.", "ransomStatus RansomPaid"),
    ("en", "The hospital did not pay the ransom.", "ransomStatus RansomPaid"),
    ("en", "No patients were transferred.", "impact PatientTransfer"),
    ("en", "No operations were cancelled.", "impact ProcedureCancellation"),
    ("en", "Operations could be cancelled in the coming days.", "impact ProcedureCancellation"),
    ("en", "Hospitals are often forced to cancel operations after such attacks.", "impact ProcedureCancellation"),
    ("en", "The hospital will file a complaint.", "response CriminalComplaint"),
    ("en", "It was not a ransomware attack.", "type RansomwareAttack"),
    ("fr", "Des données de patients auraient été volées.", "dataStatus DataStolen"),
    ("fr", "Des données ont pu être copiées.", "dataStatus DataStolen"),
    ("fr", "Aucune donnée de patient n'a été volée.", "dataStatus DataStolen"),
    ("fr", "Aucune rançon n'a été demandée.", "ransomStatus RansomDemanded"),
    ("fr", "L'hôpital a refusé de payer la rançon.", "ransomStatus RansomPaid"),
    ("fr", "L'hôpital n'a pas payé la rançon.", "ransomStatus RansomPaid"),
    ("fr", "L'hôpital ne paiera pas la rançon.", "ransomStatus RansomPaid"),
    ("fr", "Aucun patient n'a été transféré.", "impact PatientTransfer"),
    ("fr", "Des opérations pourraient être reportées.", "impact ProcedureCancellation"),
    ("fr", "L'hôpital va porter plainte.", "response CriminalComplaint"),
)


def facts(language: str, words: str) -> set[str]:
    return {f"{predicate} {value}" for predicate, value in stated(read(HEADS[language] + words, language=language))}


@pytest.mark.parametrize(("language", "words", "fact"), STATED)
def test_a_sentence_states(language: str, words: str, fact: str) -> None:
    assert fact in facts(language, words)


@pytest.mark.parametrize(("language", "words", "fact"), NOT_STATED)
def test_a_sentence_does_not_state(language: str, words: str, fact: str) -> None:
    assert fact not in facts(language, words)


def test_the_hedge_stands_in_the_report_as_what_it_is() -> None:
    report = read(HEADS["en"] + "Patient data may have been stolen.")
    (claim,) = [c for c in report.claims if c.predicate.endswith("dataStatus")]
    assert "stolen" in claim.evidence.exact


def test_what_is_denied_is_kept_among_the_rejections_with_the_reason() -> None:
    report = read(HEADS["en"] + "No operations were cancelled.")
    assert ("Negation", "operations were cancelled") in {(r.reason, r.evidence.exact) for r in report.rejections}
