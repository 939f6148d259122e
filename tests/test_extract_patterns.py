"""The extractor as a whole: exact offsets, no surprises, the same reading every time."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from codegrey.extract import load_extractor
from codegrey.model import Node, OrganisationRef, Report, Role, Span
from codegrey.ontology import load_ontology
from codegrey.terms import Literal
from codegrey.vocab import TYPE, local_name
from reading import article, extractor, read, whole_extractor

ENGLISH = """Ransomware cripples St. Mary's Hospital
St. Mary’s Hospital in Leeds was hit by a ransomware attack in the night of Friday to Saturday 🏥. Six patients were
transferred, forty operations were cancelled, and staff went back to pen and paper. LockBit claimed the attack and
demanded $10\u00a0million by 23 March. The NCSC is helping. Data of 16,000 patients may have been stolen.
A similar attack hit King's College Hospital in May 2021."""
FRENCH = """Cyberattaque au centre hospitalier de Dax
Le centre hospitalier de Dax (CH Dax) a été victime d’un rançongiciel dans la nuit de samedi à dimanche. L’établissement
a déclenché le «\u00a0plan blanc\u00a0»\u202f; une trentaine d’opérations ont été reportées, six patients transférés.
👩🏽\u200d⚕️ Les pirates réclament 10\u202f000\u202f000\u00a0€. L’Anssi accompagne l’hôpital.
Aucune donnée n’aurait été volée."""
PIECES = st.sampled_from(
    "St. Mary's Hospital|le CHU de Rouen|was hit by|ransomware|a été victime d’une cyberattaque|six patients"
    "|transferred|ont été reportées|on 3 March|dans la nuit de samedi à dimanche|$10 million|10\u00a0M€|LockBit"
    "|l’Anssi|may have been|no|aucune|data|stolen|. |\n|“|”|(|)|(CHSF)|مستشفى|בית חולים|\u202e|\u200f|e\u0301"
    "|🏥|👩🏽\u200d⚕️|\u00a0|\u2028|ﬁ|İ|٣|½|;|:|?|-|’|'|1|2023|St.|de|d'".split("|")
)
TEXTS = st.lists(PIECES | st.text(max_size=4), max_size=30).map(" ".join)
LANGUAGES = st.sampled_from(["en", "fr"])
PUBLISHED = st.sampled_from(["", "2023", "2023-03", "2023-03-15", "2024-02-29", "soon", "9999-12-31", "0001-01-01"])


def spans(report: Report) -> list[Span]:
    found = [claim.evidence for claim in report.claims] + [rejection.evidence for rejection in report.rejections]
    return found + [span for organisation in report.organisations for span in organisation.spans]


def exact(report: Report) -> bool:
    text = report.article.text
    return all(text[s.start : s.end] == s.exact and s.start < s.end for s in spans(report))


@pytest.mark.parametrize(("language", "words"), [("en", ENGLISH), ("fr", FRENCH)])
def test_the_words_of_a_claim_stand_where_it_says(language: str, words: str) -> None:
    report = read(words, language=language)
    assert len(report.claims) > 10
    assert exact(report)


@settings(max_examples=120, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(TEXTS, LANGUAGES, PUBLISHED)
def test_offsets_are_exact_whatever_the_article(words: str, language: str, published: str) -> None:
    assert exact(read(words, language=language, published=published))


@pytest.mark.parametrize(("language", "words"), [("en", ENGLISH), ("fr", FRENCH)])
def test_the_recogniser_adds_claims_that_stand_in_the_text_too(language: str, words: str) -> None:
    one = article(words, language=language, published="2023-03-15")
    report = whole_extractor()(one)
    assert exact(report)
    assert whole_extractor()(one) == report


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(TEXTS, LANGUAGES)
def test_offsets_are_exact_with_the_recogniser(words: str, language: str) -> None:
    assert exact(whole_extractor()(article(words, language=language, published="2023-03-15")))


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.text(), LANGUAGES, PUBLISHED)
def test_any_text_at_all_can_be_read(words: str, language: str, published: str) -> None:
    assert exact(read(words, language=language, published=published, title=words[:5]))


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.text(max_size=30), LANGUAGES)
def test_offsets_are_exact_behind_anything(words: str, language: str) -> None:
    text = ENGLISH if language == "en" else FRENCH
    assert exact(read(f"{words}\n{text}", language=language))


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(TEXTS, LANGUAGES)
def test_a_report_speaks_of_its_own_incidents_and_organisations_only(words: str, language: str) -> None:
    report = read(words, language=language)
    incidents = {incident.key for incident in report.incidents}
    organisations = {organisation.key for organisation in report.organisations}
    assert len(incidents) == len(report.incidents)
    assert len(organisations) == len(report.organisations)
    for claim in report.claims:
        owners = organisations if claim.subject.role is Role.ORGANISATION else incidents
        assert claim.subject.owner in owners
        if isinstance(claim.value, OrganisationRef):
            assert claim.value.key in organisations
        elif isinstance(claim.value, Node):
            assert claim.value.owner == claim.subject.owner
    assert {key for incident in report.incidents for key in incident.related} <= incidents


@pytest.mark.parametrize(("language", "words"), [("en", ENGLISH), ("fr", FRENCH)])
def test_claims_use_terms_that_the_ontology_defines(language: str, words: str) -> None:
    known = {subject for subject, _, _ in load_ontology().triples}
    for claim in read(words, language=language).claims:
        assert claim.predicate == TYPE or claim.predicate in known
        if isinstance(claim.value, str):
            assert claim.value in known
        if isinstance(claim.value, Node) and claim.value.kind:
            assert claim.value.kind in known


@pytest.mark.parametrize(("language", "words"), [("en", ENGLISH), ("fr", FRENCH)])
def test_confidence_is_a_share_and_every_claim_names_its_rule(language: str, words: str) -> None:
    claims = read(words, language=language).claims
    assert all(0 < claim.confidence <= 1 for claim in claims)
    assert all(claim.extractor and claim.rule for claim in claims)


def test_reading_again_or_with_another_extractor_gives_the_same_report() -> None:
    one = article(ENGLISH, published="2023-03-15")
    first = extractor()(one)
    extractor()(article(FRENCH, language="fr"))
    assert extractor()(one) == first == load_extractor(recogniser=False)(one)


def test_a_language_without_lexicon_gives_an_empty_report() -> None:
    report = read("Das Klinikum wurde angegriffen.", language="tlh")
    assert (report.incidents, report.claims, report.organisations) == ((), (), ())


def test_no_fact_is_claimed_twice_on_the_same_words() -> None:
    for language, words in (("en", ENGLISH), ("fr", FRENCH)):
        claims = read(words, language=language).claims
        keys = [(c.subject, c.predicate, c.value, c.evidence) for c in claims]
        assert len(keys) == len(set(keys))


def test_numbers_and_dates_are_literals_of_their_types() -> None:
    kinds = {"count": "integer", "startDate": "date", "currency": "string", "recordCount": "integer"}
    claims = read(ENGLISH.rpartition("\n")[0]).claims
    found = {local_name(c.predicate): local_name(c.value.datatype) for c in claims if isinstance(c.value, Literal)}
    assert kinds == {name: kind for name, kind in found.items() if name in kinds}
